"""Recomputing the due dates of many dossiers: how many a second, and what acts at the same time wait for it.

`python -m bench.recompute` with 20,000 dossiers, FULL=1 in the environment with a million.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import orjson
import psycopg
import structlog

from bench.acts import NOW, WARM, Share, shares
from bench.stage import Stage, staged
from engine.audit import verify_chain
from engine.casework.act import act
from engine.casework.clocks import next_alarm
from engine.casework.orders import Order, Particulars
from engine.clocks.calendar import Calendar, national
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock
from engine.clocks.zone import ZONE
from engine.office import Office
from engine.recomputing import preview, recompute
from storage import recomputing as stored
from storage.local.machine import Service
from storage.session import Database
from tests.machine import machine
from tests.recomputing.calendars import closed, publish

SMALL, FULL, GOAL = 20_000, 1_000_000, 300.0
ACTING = 100
# Recomputing and not, in turns, so that whatever else the machine does weighs on both alike.
WORK, REST = 2.0, 1.0
CLOSED_DAY = date(2026, 11, 27)
# Dossiers begin at so many different minutes of three weeks; each minute has its due dates, its alarms and its entry.
MINUTES = 6000
FIRST_DAY = date(2026, 11, 3)

SLOT = """create temp table slot (n int primary key, at timestamptz, due timestamptz, provisional boolean, marks jsonb,
  alarm text, rings timestamptz, step_due timestamptz, step_marks jsonb, step_alarm text, step_rings timestamptz,
  details text)"""
COPY = """
set session_replication_role = replica;
create temp table numbered as select 10000000 + g as id, s.* from generate_series(1, {count}) g
  join slot s on s.n = (g::bigint * 7919) % {minutes};
create temp table made as select *, sha256(convert_to('1:1' || {id} || '1:1' || {at} || '-1:' || {who} || '-1:' || {who}
  || '7:receive0;0;' || {details}, 'UTF8') || decode(repeat('00', 32), 'hex')) as hash from numbered;
insert into dossier select r.* from made m join dossier d on d.id = {pattern}
  cross join lateral jsonb_populate_record(d, jsonb_build_object('id', m.id, 'code', 'Z-' || m.id, 'submitted_at', m.at,
    'received_at', m.at, 'first_due_at', m.due, 'due_at', m.due, 'due_provisional', false, 'version', 1, 'item_no', 2,
    'clock_no', 3, 'audit_seq', 1, 'audit_head', m.hash)) r;
insert into active_state select id, 'examining', at from made;
insert into work_item (dossier_id, no, state, duty, unit_id, role, opened_version, opened_at, available_at, due_at)
  select m.id, k, 'examining', 'step', {unit}, 'officer', 1, m.at, m.at, case k when 1 then m.step_due else m.due end
  from made m, generate_series(1, 2) k;
insert into clock (dossier_id, no, kind, item_no, time_limit, count_mode, marks, first_due_at, due_at, ended_at)
  select id, 1, 'dossier', null::int, '["20 working days"]'::jsonb, 'DAY', marks, due, due, null::timestamptz from made
  union all select id, 2, 'step', 1, '["15 working days"]', 'HOUR', step_marks, step_due, step_due, null from made
  union all select id, 3, 'handoff', 1, '["4 working hours"]', 'HOUR', step_marks, step_due, step_due, at from made;
insert into timer (dossier_id, clock_no, kind, fires_at, attempts)
  select id, 1, alarm, rings, 0 from made union all select id, 2, step_alarm, step_rings, 0 from made;
insert into audit (dossier_id, seq, at, actor_name, unit_name, action, from_states, to_states, details, prev, hash)
  select id, 1, at, 'Hệ thống', 'Hệ thống', 'receive', '{{}}', '{{}}', details, decode(repeat('00', 32), 'hex'), hash
  from made;
"""
FRAMED = "octet_length({0}) || ':' || {0}"


Acts = list[tuple[float, float]]


def fill(stage: Stage, count: int) -> None:
    """Copies with two running clocks each, as if received at MINUTES different minutes; their chains verify."""
    with psycopg.connect(stage.machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong") as connection:
        pattern, unit = connection.execute("select dossier_id, min(unit_id) from work_item where closed_at is null "
                                           "and dossier_id < 1000 group by 1").fetchone() or (0, 0)
        connection.execute(SLOT)
        with connection.cursor().copy("copy slot from stdin") as copy:
            for row in _slots(national()):
                copy.write_row(row)
        name = FRAMED.format("'Hệ thống'")
        stamp = FRAMED.format("""to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")
        made = COPY.format(count=count, minutes=MINUTES, pattern=pattern, unit=unit, who=name, at=stamp,
                           id=FRAMED.format("id::text"), details=FRAMED.format("details"))
        for statement in made.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
    with psycopg.connect(stage.machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong",
                         autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _slots(calendar: Calendar) -> Iterator[tuple[object, ...]]:
    """Every slot's clocks as an act would have written them."""
    for n in range(MINUTES):
        day, minute = divmod(n, MINUTES // 14)
        at = datetime.combine(FIRST_DAY + timedelta(days=day), clock_time(7), ZONE) + timedelta(minutes=minute)
        rows: list[object] = [n, at]
        marks = []
        for no, kind, limit, mode in ((1, "dossier", "20 working days", CountMode.DAY),
                                      (2, "step", "15 working days", CountMode.HOUR)):
            clock = Clock.started(Limit.parse(limit), mode, at, "accept")
            found, alarm = evaluate(clock, calendar), next_alarm(clock, calendar, NOW)
            assert found.due is not None
            assert alarm is not None
            rows += [found.due, *([False] if no == 1 else []), orjson.dumps(clock.to_json()).decode(), alarm.kind,
                     alarm.at]
            marks.append([no, kind, clock.to_json()[0], found.due.astimezone(UTC).isoformat(), 1])
        yield (*rows, orjson.dumps({"marks": marks, "version": 1}).decode())


def act_until(share: Share, stop: Connection) -> None:
    """To and fro between two steps until told to stop; sends when each act began and how long it took."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    office = Office(Database(share.url, 1).open(), None, None)  # type: ignore[arg-type]
    office.fresh_catalogue()
    seen, waits = dict.fromkeys(share.codes, share.version), Acts()
    pair = (("send_back", share.signer, "Sửa lại"), ("approve", share.approver, ""))
    while not stop.poll():
        for code in share.codes:
            for event, actor, reason in pair:
                order = Order(code=code, event=event, actor=actor, seen_version=seen[code], key=str(uuid.uuid4()),
                              particulars=Particulars(reason=reason))
                began = time.perf_counter()
                seen[code] = act(office, order, NOW).version
                waits.append((began, time.perf_counter() - began))
            if stop.poll():
                break
    office.db.close()
    stop.recv()
    stop.send(waits[WARM * 2:])


@contextmanager
def acting(share: Share) -> Iterator[Acts]:
    """Somebody acts until the block ends; then the list has what he did."""
    mine, its = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=act_until, args=(share, its))
    process.start()
    found = Acts()
    yield found
    mine.send(None)
    found += mine.recv()
    process.join()


def measure(stage: Stage, dossiers: int) -> None:
    began = time.perf_counter()
    fill(stage, dossiers)
    print(f"\n{dossiers:,} dossiers made in {time.perf_counter() - began:.0f} s")
    (share,) = shares(stage, stage.codes, 1, 1)
    office = stage.office()
    turns: list[tuple[float, float]] = []
    considered = changed = 0
    with acting(share) as acts:
        time.sleep(5 * REST)
        publish(office, closed(CLOSED_DAY))
        client = time.process_time()
        while stored.unfinished(office.db):
            began = time.perf_counter()
            done = recompute(office, NOW, enough=lambda began=began: time.perf_counter() > began + WORK)  # type: ignore[misc]
            turns.append((began, time.perf_counter()))
            considered, changed = considered + done.considered, changed + done.changed
            time.sleep(REST)
        client = time.process_time() - client
    took = sum(end - began for began, end in turns)
    print(f"recomputing {considered:,} dossiers, {changed:,} of which move: {took:.1f} s, {considered / took:,.0f}/s; "
          f"a million in {FULL * took / considered:.0f} s (goal {GOAL:.0f}); its process used {client:.1f} CPU s")
    _waits(acts, turns)
    _check(office)
    office.db.close()


def _waits(acts: Acts, turns: list[tuple[float, float]]) -> None:
    """What those who acted waited while somebody recomputed, and while nobody did."""
    busy = sorted(took for at, took in acts if any(began <= at <= end for began, end in turns))
    quiet = sorted(took for at, took in acts if not any(began <= at <= end for began, end in turns))
    for name, waits in (("nobody recomputing", quiet), ("recomputing", busy)):
        half, most, nearly = (1000 * waits[int(len(waits) * share)] for share in (0.5, 0.95, 0.99))
        print(f"  act, {name:<20} {len(waits):>6} acts, median {half:.2f} ms, p95 {most:.2f} ms, p99 {nearly:.2f} ms")
    print(f"  ratio of p95: {busy[int(len(busy) * 0.95)] / quiet[int(len(quiet) * 0.95)]:.2f} (goal 1.5)")


def _check(office: Office) -> None:
    """Nothing is left to move, and the chains of a thousand dossiers hold."""
    again = preview(office, "", closed(CLOSED_DAY))
    assert (again.moved, again.failed) == (0, 0), again
    with office.db.connection() as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        for head in cursor.execute("select id, code, audit_head, audit_seq from dossier where id > 10000000 "
                                   "order by id desc limit 1000").fetchall():
            rows = cursor.execute("select * from audit where dossier_id = %s order by seq", (head["id"],)).fetchall()
            assert len(rows) == 2
            assert verify_chain(head["code"], rows, head["audit_head"], head["audit_seq"]) is None


def main() -> None:
    with machine({Service.POSTGRES, Service.STORE}) as running, staged(running, ACTING) as stage:
        measure(stage, FULL if os.environ.get("FULL") else SMALL)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    main()

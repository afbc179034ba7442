"""The sweep: how fast what is due is found among many clocks, and how many alarms a second it rings.

`python -m bench.sweep` with 20,000 clocks and 500 effects, FULL=1 in the environment with a million and 10,000.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import psycopg
import structlog

from bench.measure import Done, Run, Stopwatch, run
from bench.stage import COPIED, FRESH, Stage, bare
from engine import alarms
from engine.office import Office
from storage import duties, timers
from storage.local.machine import Machine, Service
from tests.journey import Cast, Journey
from tests.machine import machine as running_machine

SMALL, FULL = (20_000, 500), (1_000_000, 10_000)
FOUND_WITHIN, RANG_WITHIN = 0.050, 60.0
LOOKS = 200
# Copies begin behind this id; those that only fill the tables behind the second.
RINGING, RESTING = 1_000, 10_000_000

# Rows that only have to be there: a dossier, its clock and a timer of some minute of the next two years.
FILL = """
insert into dossier select (jsonb_populate_record(d, jsonb_build_object('id', {base} + n, 'code', 'Z-' || n))).*
from dossier d, generate_series(1, {count}) n where d.id = {pattern};
insert into clock select (jsonb_populate_record(c, jsonb_build_object('dossier_id', {base} + n))).*
from clock c, generate_series(1, {count}) n where c.dossier_id = {pattern} and c.kind = 'dossier';
insert into timer (dossier_id, clock_no, kind, fires_at, attempts)
select {base} + n, t.clock_no, t.kind,
  t.fires_at + interval '1 year' + make_interval(mins => (n::bigint * 7919 % 1000000)::int), 0
from timer t join clock c on c.dossier_id = t.dossier_id and c.no = t.clock_no, generate_series(1, {count}) n
where t.dossier_id = {pattern} and c.kind = 'dossier';
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Seconds: `usual` is the median of LOOKS looks, `worst` the slowest."""

    clocks: int
    usual: float
    worst: float


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with running_machine({Service.POSTGRES, Service.STORE}) as running:
        measure(running, *(FULL if os.environ.get("FULL") else SMALL))


def measure(machine: Machine, clocks: int = SMALL[0], effects: int = SMALL[1]) -> tuple[Found, Run]:
    """Prints both against their goals; the goals are those of the full size."""
    stage, first = _staged(machine, clocks, effects)
    office = stage.office()
    print(f"\nSweep: {clocks:,} clocks, {effects:,} alarms due")
    found = _find(office, first, clocks)
    print(f"  what is due is found in {found.usual * 1000:.2f} ms, at worst {found.worst * 1000:.1f} ms "
          f"(goal {FOUND_WITHIN * 1000:.0f} ms)")
    rang = run("sweep", lambda: [_ring(office, first)], stage.server())
    print(f"  {rang.line()}")
    print(f"  {rang.count:,} rang in {rang.wall:.1f} s; 10,000 in {10_000 / rang.rate:.1f} s "
          f"(goal {RANG_WITHIN:.0f} s), {10_000 / rang.per_core:.1f} CPU s")
    office.db.close()
    return found, rang


def _find(office: Office, now: datetime, clocks: int) -> Found:
    """Both questions of a look: is anything due, and which is the first."""
    took = [_timed(lambda: (duties.look(office.db, now), timers.next_due(office.db, now))) for _ in range(LOOKS)]
    return Found(clocks=clocks, usual=median(took), worst=max(took))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ring(office: Office, now: datetime) -> Done:
    watch = Stopwatch()
    return watch.done(alarms.sweep(office, now).rang)


def _staged(machine: Machine, clocks: int, effects: int) -> tuple[Stage, datetime]:
    """One dossier at its first step, copied; the instant at which the first alarm of every copy is due."""
    stage = bare(machine)
    office = stage.office()
    journey = Journey(office, Cast(office))
    code = journey.receive().code
    journey.register_all(code)
    office.db.close()
    database = machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # rows that are copies break no reference
        pattern = connection.execute("select id from dossier where code = %s", (code,)).fetchone()
        assert pattern is not None
        _copy(connection, pattern[0], effects)
        resting = max(0, clocks - 2 * effects)
        connection.execute(FILL.format(base=RESTING, count=resting, pattern=pattern[0]).encode())
        connection.execute("vacuum analyze")
        first = connection.execute("select min(fires_at) from timer").fetchone()
        assert first is not None
    return stage, first[0]


def _copy(connection: psycopg.Connection[Any], pattern: int, copies: int) -> None:
    """Rows, not meaning: the chains of copies carry the original's id and are only ever appended to."""
    for table in ("dossier", *COPIED):
        key = "'id', {base} + n, 'code', 'Y-' || n" if table == "dossier" else "'dossier_id', {base} + n"
        change = key.format(base=RINGING) + ("" if table == "dossier" else FRESH.get(table, ""))
        own = "id" if table == "dossier" else "dossier_id"
        connection.execute(
            f"insert into {table} select (jsonb_populate_record(t, jsonb_build_object({change}))).* "
            f"from {table} t, generate_series(1, {copies}) n where t.{own} = {pattern}".encode())
    connection.execute(f"update work_item set handoff_id = null where dossier_id > {RINGING}".encode())


if __name__ == "__main__":
    main()

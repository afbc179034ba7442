"""Hand-offs: from the commit to the other desk at 50 a second, and acts while 250,000 messages wait for a dead line."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from statistics import quantiles

import psycopg

from bench.acts import Share, pair, shares
from bench.stage import Stage, copy, staged
from engine.casework.act import act
from engine.casework.orders import Actor, Order
from engine.office import Office
from storage.local.cluster import Role
from storage.local.machine import Service
from tests.journey import MONDAY, Cast, Journey
from tests.machine import machine

NOW = MONDAY + timedelta(hours=3)
# One consultation is three hand-offs.
RATE, SECONDS, EACH = 50.0, 40.0, 3
QUEUED = 250_000
DOSSIERS, WARM = 2_000, 200


def main() -> None:
    acts = int(RATE * SECONDS / EACH)
    with _stage() as stage, _opened(stage) as office:
        _to_desks(stage, office, acts)
    with _stage() as plain, _stage() as waiting:
        _long_queue(plain, waiting)


@contextmanager
def _stage() -> Iterator[Stage]:
    with machine({Service.POSTGRES, Service.STORE}) as running, staged(running, DOSSIERS) as stage:
        yield stage


@contextmanager
def _opened(stage: Stage) -> Iterator[Office]:
    office = stage.office()
    yield office
    office.db.close()


def _to_desks(stage: Stage, office: Office, acts: int) -> None:
    """Consults at a steady rate while a dispatcher delivers; the database's own clock measures."""
    cast = Cast(office)
    journey = Journey(office, cast)
    pattern = journey.receive().code
    journey.register_all(pattern)
    lead, seen = cast["H51.01/ngoai-vu:officer"], journey.version(pattern)
    codes = copy(stage.machine, pattern, acts, first=100_000)
    with _dispatcher(stage):
        began = time.perf_counter()
        for number, code in enumerate(codes):
            time.sleep(max(0.0, began + number * EACH / RATE - time.perf_counter()))
            _consult(office, code, lead, seen)
        spent = time.perf_counter() - began
        _await_empty(office)
    waits = office.db.value("select array_agg(extract(epoch from sent_at - next_attempt_at)::float) from outbox "
                            "where sent_at is not null and dossier_id > 100000")
    print(f"\nhand-offs in one installation: {len(waits)} at {len(waits) / spent:.0f}/s, "
          f"commit to desk p50 {_at(waits, 50):.2f} s, p95 {_at(waits, 95):.2f} s, worst {max(waits):.2f} s")


def _consult(office: Office, code: str, lead: Actor, seen: int) -> None:
    act(office, Order(code=code, event="consult", actor=lead, seen_version=seen, key=str(uuid.uuid4())), NOW)


def _at(values: Sequence[float], per_cent: int) -> float:
    return quantiles(values, n=100)[per_cent - 1]


@contextmanager
def _dispatcher(stage: Stage) -> Iterator[None]:
    log = (stage.machine.home / "log" / "bench-dispatcher.log").open("wb")
    environment = {**stage.machine.environment(), "PREFECT_API_URL": "", "PATH": "/usr/bin:/bin",
                   "LIENTHONG_HOME": str(stage.machine.home)}
    process = subprocess.Popen([sys.executable, "-m", "engine.flows.dispatcher"], env=environment,
                               stdout=log, stderr=log)
    try:
        time.sleep(4.0)  # it loads half of Prefect first
        yield
    finally:
        process.terminate()
        process.wait(15)
        log.close()


def _await_empty(office: Office) -> None:
    until = time.monotonic() + 60
    while office.db.value("select exists (select from outbox where sent_at is null and peer_id is null)"):
        if time.monotonic() > until:
            raise TimeoutError("hand-offs were not delivered")
        time.sleep(0.1)


def _long_queue(plain: Stage, waiting: Stage) -> None:
    """The same acts in turn where nothing waits and where a partner's queue has grown for three days."""
    with psycopg.connect(waiting.machine.database_url(Role.OWNER), autocommit=True) as connection:
        # the statement that fills an empty table is planned for an empty table
        connection.execute("set enable_seqscan = off")
        connection.execute(QUEUE.encode(), (QUEUED,))
        connection.execute("vacuum analyze outbox")
    for stage in (plain, waiting):
        with psycopg.connect(stage.machine.postgres.superuser_url, autocommit=True) as connection:
            connection.execute("checkpoint")  # what grows in three days was written long before
    with _opened(plain) as one, _opened(waiting) as other, _dispatcher(plain), _dispatcher(waiting):
        without, beside = _in_turn(((plain, one), (waiting, other)))
    ratios = [b / a for a, b in zip(_thirds(without), _thirds(beside), strict=True)]
    print(f"act with {QUEUED:,} messages queued for a line that is away, in turn with one where none waits, "
          f"{len(beside):,} each: p95 {_at(without, 95) * 1000:.1f} ms without, {_at(beside, 95) * 1000:.1f} ms with, "
          f"ratio {_at(beside, 95) / _at(without, 95):.2f} (its thirds: {', '.join(f'{one:.2f}' for one in ratios)})")


# Spread evenly over the dossiers that are there.
QUEUE = """
with away as (
  insert into peer (name, title, url, state, proposed_by, proposed_at, approved_at, failures, trouble_since, retry_at)
  values ('away', 'away', 'https://away.invalid', 'active', 'bench', now(), now(), 9, now(),
          now() + interval '1 day')
  returning id)
insert into outbox (message_id, dossier_id, seq, kind, sender, receiver, payload, created_at, attempts, peer_id)
select gen_random_uuid(), d.id, 1000 + n, 'progress', 'H51.01', 'away', '{}', now(), 0, a.id
from away a, dossier d, generate_series(1, 1 + %s / (select count(*) from dossier)) n
"""


def _in_turn(places: Sequence[tuple[Stage, Office]]) -> list[list[float]]:
    """What each act took, in seconds, by place; whatever this machine does meanwhile it does to all of them."""
    workers = [(office, shares(stage, stage.codes, 1, 1)[0]) for stage, office in places]
    seen = [dict.fromkeys(share.codes, share.version) for _, share in workers]
    took: list[list[float]] = [[] for _ in workers]
    for number in range(DOSSIERS):
        for place, (office, share) in enumerate(workers):
            took[place] += _pair(office, share, seen[place], share.codes[number])
    return [one[WARM:] for one in took]


def _pair(office: Office, share: Share, seen: dict[str, int], code: str) -> list[float]:
    """Sent back and approved again."""
    took = []
    for order in pair(share, seen, code):
        began = time.perf_counter()
        seen[code] = act(office, order, NOW).version
        took.append(time.perf_counter() - began)
    return took


def _thirds(values: Sequence[float]) -> list[float]:
    """The p95 of each."""
    third = len(values) // 3
    return [_at(values[n * third:(n + 1) * third], 95) for n in range(3)]


if __name__ == "__main__":
    main()

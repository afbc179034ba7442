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

from bench.acts import shares, to_and_fro
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
ACTS = 200


def main() -> None:
    acts = int(RATE * SECONDS / EACH)
    with machine({Service.POSTGRES, Service.STORE}) as running, staged(running, ACTS) as stage:
        office = stage.office()
        _to_desks(stage, office, acts)
        _long_queue(stage, office)
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


def _long_queue(stage: Stage, office: Office) -> None:
    """The same acts before and after a partner's queue has grown for three days."""
    with _dispatcher(stage):
        before = _acts(stage, office, stage.codes[:ACTS // 2])
    with psycopg.connect(stage.machine.database_url(Role.OWNER), autocommit=True) as connection:
        connection.execute(QUEUE.encode(), (QUEUED,))
        connection.execute("vacuum analyze outbox")
    with psycopg.connect(stage.machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute("checkpoint")  # what grows in three days was written long before
    with _dispatcher(stage):
        after = _acts(stage, office, stage.codes[ACTS // 2:])
    print(f"act with {QUEUED:,} messages queued for a line that is away, a dispatcher running in both: "
          f"p95 {before * 1000:.1f} ms without, {after * 1000:.1f} ms with, ratio {after / before:.2f}")


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


def _acts(stage: Stage, office: Office, codes: Sequence[str]) -> float:
    """The p95 of one act in seconds."""
    share = shares(stage, list(codes), 1, 1)[0]
    seen = dict.fromkeys(codes, share.version)
    took: list[float] = []
    for _ in range(5):
        for code in codes:
            began = time.perf_counter()
            to_and_fro(office, share, seen, [code])
            took.append((time.perf_counter() - began) / 2)
    return _at(took[len(codes):], 95)


if __name__ == "__main__":
    main()

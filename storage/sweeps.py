"""What the sweeps did and when somebody last looked: for whoever wants to see that alarms ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from storage.session import Database

JOB = "watch_deadlines"

# Whether the process lives is asked of the machine's clock, whatever the business clock shows.
BEAT = """insert into heartbeat (job, at, who, note) values (%s, clock_timestamp(), %s, %s)
on conflict (job) do update set at = excluded.at, who = excluded.who, note = excluded.note"""
LOOKED = "select who, extract(epoch from clock_timestamp() - at)::int as age from heartbeat where job = %s"

WRITE = """insert into sweep (began_at, ended_at, rang, passed, failed, lag, kinds)
values (%s, %s, %s, %s, %s, %s, %s)"""
NEWEST = """select began_at, ended_at, rang, passed, failed, lag, kinds from sweep
order by ended_at desc, id desc limit %s"""
RANG_SINCE = """select k.key as kind, sum(k.value::int)::int as number
from sweep s, jsonb_each_text(s.kinds) k where s.ended_at >= %s group by k.key"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Instants of the business clock; `lag` in seconds, of the oldest alarm it found; `kinds`: what rang how often."""

    began_at: datetime
    ended_at: datetime
    rang: int
    passed: int
    failed: int
    lag: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """`age` in seconds of the machine's clock."""

    who: str
    age: int


@dataclass(frozen=True, slots=True)
class Rang:
    kind: str
    number: int


def write(db: Database, sweep: Sweep) -> None:
    with db.connection() as connection:
        connection.execute(WRITE.encode(), (sweep.began_at, sweep.ended_at, sweep.rang, sweep.passed, sweep.failed,
                                            sweep.lag, Jsonb(dict(sweep.kinds))))


def newest(db: Database, most: int) -> list[Sweep]:
    return db.rows(Sweep, NEWEST, (most,))


def rang_since(db: Database, since: datetime) -> dict[str, int]:
    """How many alarms of each kind, by the sweeps that ended since then."""
    return {row.kind: row.number for row in db.rows(Rang, RANG_SINCE, (since,))}


def beat(db: Database, who: str, note: str = "") -> None:
    with db.connection() as connection:
        connection.execute(BEAT.encode(), (JOB, who, note))


def last_look(db: Database) -> Look | None:
    return db.one(Look, LOOKED, (JOB,))

"""The alarms that are due, one after the other in due order; which wait, and which cannot be rung."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.session import Database

READY = "t.fires_at <= %s and (t.retry_at is null or t.retry_at <= clock_timestamp())"

# The limit comes before the join, so that the index gives the first row at once, however many are due.
NEXT = f"""
select t.dossier_id, t.clock_no, t.kind, t.fires_at, d.code
from (select * from timer t where {READY} order by t.fires_at limit 1) t join dossier d on d.id = t.dossier_id"""

# Counting stops at a number nobody needs to know better.
MOST_COUNTED = 10_000
WAITING = """
select min(w.fires_at) as oldest, count(*)::int as due
from (select t.fires_at from timer t where t.fires_at <= %s and t.attempts = 0 order by t.fires_at limit %s) w"""

FAILING = """
select d.code, t.kind, t.fires_at, t.attempts, t.why,
  greatest(0, extract(epoch from t.retry_at - clock_timestamp()))::int as again_in
from timer t join dossier d on d.id = t.dossier_id
where t.attempts > 0 order by t.retry_at limit %s"""


@dataclass(frozen=True, slots=True)
class DueTimer:
    dossier_id: int
    clock_no: int
    kind: str
    fires_at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due and was not tried yet; `due` counts to MOST_COUNTED."""

    oldest: datetime | None
    due: int


@dataclass(frozen=True, slots=True)
class Failing:
    """`again_in` seconds it is tried again; `why` is the code of an error."""

    code: str
    kind: str
    fires_at: datetime
    attempts: int
    why: str | None
    again_in: int


def next_due(db: Database, now: datetime) -> DueTimer | None:
    """The earliest of all dossiers: an alarm that was just rung may have set one that is earlier still."""
    return db.one(DueTimer, NEXT, (now,))


def anything_due(db: Database, now: datetime) -> bool:
    return bool(db.value(f"select exists (select from timer t where {READY})", (now,)))


def waiting(db: Database, now: datetime) -> Waiting:
    return db.one(Waiting, WAITING, (now, MOST_COUNTED)) or Waiting(None, 0)


def failing(db: Database, most: int) -> list[Failing]:
    """Those that come up again first, first."""
    return db.rows(Failing, FAILING, (most,))


def postpone(db: Database, timer: DueTimer, why: str) -> None:
    """Again after 2, 4, 8 … at most 3,600 s of the database's clock."""
    with db.connection() as connection:
        connection.execute(
            b"update timer set attempts = attempts + 1, why = %s, "
            b"retry_at = clock_timestamp() + make_interval(secs => least(3600, power(2, least(attempts, 12) + 1))) "
            b"where dossier_id = %s and clock_no = %s and fires_at = %s",
            (why, timer.dossier_id, timer.clock_no, timer.fires_at))

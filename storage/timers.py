"""The alarms that are due, one after the other in due order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.session import Database

READY = "t.fires_at <= %s and (t.retry_at is null or t.retry_at <= clock_timestamp())"

# The limit comes before the join, so that the index gives the first row at once, however many are due.
NEXT = f"""
select t.dossier_id, t.clock_no, t.kind, t.fires_at, d.code
from (select * from timer t where {READY} order by t.fires_at limit 1) t join dossier d on d.id = t.dossier_id"""


@dataclass(frozen=True, slots=True)
class DueTimer:
    dossier_id: int
    clock_no: int
    kind: str
    fires_at: datetime
    code: str


def next_due(db: Database, now: datetime) -> DueTimer | None:
    """The earliest of all dossiers: an alarm that was just rung may have set one that is earlier still."""
    return db.one(DueTimer, NEXT, (now,))


def anything_due(db: Database, now: datetime) -> bool:
    return bool(db.value(f"select exists (select from timer t where {READY})", (now,)))


def postpone(db: Database, timer: DueTimer) -> None:
    """Again after 2, 4, 8 … at most 3,600 s of the database's clock."""
    with db.connection() as connection:
        connection.execute(
            b"update timer set attempts = attempts + 1, "
            b"retry_at = clock_timestamp() + make_interval(secs => least(3600, power(2, least(attempts, 12) + 1))) "
            b"where dossier_id = %s and clock_no = %s and fires_at = %s",
            (timer.dossier_id, timer.clock_no, timer.fires_at))

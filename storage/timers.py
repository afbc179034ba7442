"""The alarms that are due, in due order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.session import Database

DUE = """
select t.dossier_id, t.clock_no, t.kind, t.fires_at, d.code from timer t join dossier d on d.id = t.dossier_id
where t.fires_at <= %s and (t.retry_at is null or t.retry_at <= clock_timestamp())
order by t.fires_at limit %s"""


@dataclass(slots=True)
class DueTimer:
    dossier_id: int
    clock_no: int
    kind: str
    fires_at: datetime
    code: str


def due(db: Database, now: datetime, batch: int) -> list[DueTimer]:
    return db.rows(DueTimer, DUE, (now, batch))


def anything_due(db: Database, now: datetime) -> bool:
    return bool(db.value("select exists (select from timer where fires_at <= %s "
                         "and (retry_at is null or retry_at <= clock_timestamp()))", (now,)))


def postpone(db: Database, timer: DueTimer) -> None:
    """Again after 2, 4, 8 … at most 3,600 s of the database's clock."""
    with db.connection() as connection:
        connection.execute(
            b"update timer set attempts = attempts + 1, "
            b"retry_at = clock_timestamp() + make_interval(secs => least(3600, power(2, attempts + 1))) "
            b"where dossier_id = %s and clock_no = %s and fires_at = %s",
            (timer.dossier_id, timer.clock_no, timer.fires_at))

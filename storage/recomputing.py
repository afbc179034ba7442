"""A change of calendars in the database: open clocks by windows of dossiers, the dates that moved, the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.session import Database

# The last dossier of a window, whether or not anything of it can move; nothing when there are no more.
WINDOW = b"""select max(id) from (
  select id from dossier where closed_at is null and id > %s order by id limit %s) d"""

# Every clock that may move. What stands still has no date; only whether its dossier's date is provisional may change.
_CLOCKS = """
select d.id, d.code, d.version_id, d.intake_agency, d.intake_unit_id, d.due_at as dossier_due, d.due_provisional,
  d.audit_seq, d.audit_head, (select a.at from audit a where a.dossier_id = d.id and a.seq = d.audit_seq) as last_at,
  c.no, c.kind, c.item_no, c.time_limit, c.count_mode, c.marks, c.agency, c.due_at, t.kind as alarm, t.fires_at,
  case when c.kind = 'obligation' then (select o.name_vi from obligation o
    where o.dossier_id = c.dossier_id and o.clock_no = c.no) end as owed
from dossier d join clock c on c.dossier_id = d.id
left join timer t on t.dossier_id = c.dossier_id and t.clock_no = c.no
where d.closed_at is null and c.ended_at is null and coalesce(c.agency, d.intake_agency) = any(%(agencies)s)
  and (c.due_at >= %(since)s or (c.due_at is null and c.kind = 'dossier')) and {which}
order by d.id, c.no"""
_OF_WINDOW = _CLOCKS.format(which="""d.id > %(after)s and d.id <= %(upto)s
  and c.dossier_id > %(after)s and c.dossier_id <= %(upto)s""").encode()

SUBJECTS = b"select id, subject from dossier where id = any(%s)"


@dataclass(slots=True)
class OpenClock:
    """A clock that has not ended, with its dossier. `owed`: the obligation it is of."""

    id: int
    code: str
    version_id: int
    intake_agency: str
    intake_unit_id: int
    dossier_due: datetime | None
    provisional: bool
    audit_seq: int
    audit_head: bytes
    last_at: datetime
    no: int
    kind: str
    item_no: int | None
    time_limit: list[str]
    count_mode: str
    marks: list[dict[str, Any]]
    agency: str | None
    due_at: datetime | None
    alarm: str | None
    fires_at: datetime | None
    owed: str | None


def window(db: Database, after: int, most: int) -> int | None:
    """The id of the last of the next `most` open dossiers; None after the last one."""
    with db.connection() as connection:
        found = connection.execute(WINDOW, (after, most)).fetchone()
    return found[0] if found else None


def open_clocks(db: Database, after: int, upto: int, agencies: Sequence[str], since: datetime) -> list[OpenClock]:
    """Of the open dossiers after one id up to another, in order, without those that no change from `since` on moves."""
    with db.connection() as connection:
        return [OpenClock(*row) for row in connection.execute(_OF_WINDOW, {
            "after": after, "upto": upto, "agencies": list(agencies), "since": since}).fetchall()]


def subjects(db: Database, dossiers: Sequence[int]) -> dict[int, str]:
    with db.connection() as connection:
        return dict(connection.execute(SUBJECTS, (list(dossiers),)).fetchall())

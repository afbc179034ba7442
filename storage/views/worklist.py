"""The open work of a person's units: one query, counts included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.session import Database

MINE = """with mine as materialized (
  select w.dossier_id, w.no, w.state, w.duty, w.unit_id, w.role, w.handoff_id, w.available_at, w.due_at
  from work_item w {searched}
  where (w.unit_id, w.role) in (select m.unit_id, m.role from membership m where m.person_id = %(person)s
      and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))
    and w.closed_at is null and w.available_at is not null {words}
), tally as (
  select count(*) as everything, count(*) filter (where due_at < %(now)s) as overdue,
    count(*) filter (where due_at >= %(now)s and due_at < %(soon)s) as soon from mine
), page as (
  select * from mine w where {late} order by w.due_at nulls last, w.dossier_id, w.no limit %(size)s offset %(skip)s
)
select t.everything, t.overdue, t.soon, r.* from tally t left join lateral (
  select d.code, d.version, d.version_id, w.state, w.duty, w.unit_id, w.role, w.handoff_id, h.state as handoff_state,
    h.from_unit_id, w.available_at, w.due_at, d.due_at as dossier_due_at, a.name as applicant, d.subject
  from page w join dossier d on d.id = w.dossier_id join applicant a on a.dossier_id = d.id
    left join handoff h on h.id = w.handoff_id
  where """ + VISIBLE + """
) r on true order by r.due_at nulls last, r.code"""

LATE: dict[bool | str | None, str] = {
    None: "true", True: "w.due_at < %(now)s", False: "(w.due_at >= %(now)s or w.due_at is null)",
    "overdue": "w.due_at < %(now)s", "soon": "w.due_at >= %(now)s and w.due_at < %(soon)s",
    "on_time": "(w.due_at >= %(soon)s or w.due_at is null)", "not_counted": "w.due_at is null",
}
SEARCHED = "join applicant s on s.dossier_id = w.dossier_id"
WORDS = "and s.search like all (%(words)s)"


@dataclass(slots=True)
class Item:
    """The counts are the same in every row; without work there is one row whose other columns are empty."""

    everything: int
    overdue: int
    soon: int
    code: str | None
    version: int
    version_id: int
    state: str
    duty: str
    unit_id: int
    role: str
    handoff_id: UUID | None
    handoff_state: str | None
    from_unit_id: int | None
    available_at: datetime
    due_at: datetime | None
    dossier_due_at: datetime | None
    applicant: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    person: int
    today: date
    now: datetime
    soon: datetime
    late: bool | str | None
    words: Sequence[str]
    size: int
    skip: int


def open_items(db: Database, asked: Asked) -> list[Item]:
    """Due first. `late` is a key of LATE."""
    query = MINE.format(late=LATE[asked.late], searched=SEARCHED if asked.words else "",
                        words=WORDS if asked.words else "")
    return db.rows(Item, query, {
        "person": asked.person, "today": asked.today, "now": asked.now, "soon": asked.soon, "size": asked.size,
        "skip": asked.skip, "words": list(asked.words), "blind": False,
    })

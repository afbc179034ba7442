"""Alarms shown to a person's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# Those of the units the person works in; what is for one role in the unit, only with that role there.
MINE = """exists (select from membership m where m.person_id = %(person)s and m.unit_id = n.unit_id
  and m.role not in ('courier', 'administrator', 'auditor') and m.role = coalesce(n.role, m.role)
  and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))"""
# What rings every day is shown, and read, as the last of its kind.
SAME = "(l.dossier_id, l.clock_no, l.kind, l.unit_id) = (n.dossier_id, n.clock_no, n.kind, n.unit_id)"
# A notice of being overdue is about the day it rang for: shown is when the work was due as it rang.
UNREAD = f"""select n.id, d.code, d.subject, n.kind, coalesce(n.due_at, n.about) as about, n.at, n.unit_id
from notice n join dossier d on d.id = n.dossier_id
where n.read_at is null and {MINE} and {VISIBLE} and not exists (
  select from notice l where {SAME} and l.read_at is null and l.id > n.id)
order by n.at desc, n.id desc limit 200"""
READ = f"""update notice n set read_at = %(now)s from notice l
where l.id = any(%(ids)s) and {SAME} and n.id <= l.id and n.read_at is null and {MINE}"""


@dataclass(slots=True)
class Alarm:
    id: int
    code: str
    subject: str
    kind: str
    about: datetime
    at: datetime
    unit_id: int


def unread(db: Database, person: int, today: date) -> list[Alarm]:
    return db.rows(Alarm, UNREAD, {"person": person, "today": today, "blind": False})


def mark_read(db: Database, ids: Sequence[int], person: int, today: date, now: datetime) -> int:
    """Read for the whole unit. Those of other units, and those read before, are passed over."""
    told = {"ids": list(ids), "person": person, "today": today, "now": now}
    with db.connection() as connection:
        return connection.execute(READ.encode(), told).rowcount

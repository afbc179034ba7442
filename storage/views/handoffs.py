"""Hand-offs that wait for somebody of a person's units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.session import Database

COLUMNS = """h.id, d.code, d.version, d.version_id, w.state as step, h.state, h.from_unit_id, h.to_unit_id,
  h.created_at, h.register_due_at, h.delivered_at, h.escalated_at, h.closed_at, d.due_at, d.subject,
  a.name as applicant"""
FROM = """from handoff h join dossier d on d.id = h.dossier_id join applicant a on a.dossier_id = d.id
  join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no"""

# Who stands in for certain procedures only.
OF_THIS = """(cardinality(m.procedures) = 0 or exists (
      select from procedure_version p where p.id = d.version_id and p.procedure = any(m.procedures)))"""
# Whoever does the step, and those who take in the unit's post.
INCOMING = f"""select {COLUMNS} {FROM} where h.state = 'delivered' and {VISIBLE} and h.to_unit_id in (
  select m.unit_id from membership m where m.person_id = %(person)s and m.role in (w.role, 'clerk', 'head')
    and {OF_THIS} and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))
order by h.register_due_at, h.created_at limit 200"""

# What came back stays in the list until the sender has dealt with it.
OUTGOING = f"""select {COLUMNS} {FROM} where {VISIBLE} and h.from_unit_id in (
  select m.unit_id from membership m where m.person_id = %(person)s
    and m.role not in ('courier', 'administrator', 'auditor') and {OF_THIS}
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))
  and (h.state in ('pending', 'delivered') or h.state in ('refused', 'recalled') and exists (
    select from work_item o where o.dossier_id = h.dossier_id and o.handoff_id = h.id and o.closed_at is null))
order by (h.state in ('refused', 'recalled')) desc, h.register_due_at limit 200"""


@dataclass(slots=True)
class Waiting:
    id: UUID
    code: str
    version: int
    version_id: int
    step: str
    state: str
    from_unit_id: int
    to_unit_id: int
    created_at: datetime
    register_due_at: datetime
    delivered_at: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    subject: str
    applicant: str


def incoming(db: Database, person: int, today: date) -> list[Waiting]:
    return db.rows(Waiting, INCOMING, {"person": person, "today": today, "blind": False})


def outgoing(db: Database, person: int, today: date) -> list[Waiting]:
    return db.rows(Waiting, OUTGOING, {"person": person, "today": today, "blind": False})

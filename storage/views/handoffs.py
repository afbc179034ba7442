"""Hand-offs that wait for somebody of a person's units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.session import Database
from storage.views.mirrored import ASKED

COLUMNS = f"""h.id, d.code, d.version, d.version_id, w.state as step, h.state, h.from_unit_id, h.to_unit_id,
  h.created_at, h.register_due_at, h.delivered_at, h.escalated_at, h.closed_at, h.their_code, h.recall_asked_at,
  l.way, m.sent_at as mailed_at, m.parked_at as mail_parked_at, d.due_at, d.subject, a.name as applicant,
  {ASKED}"""

# Who stands in for certain procedures only.
OF_THIS = """(cardinality(m.procedures) = 0 or exists (
      select from procedure_version p where p.id = d.version_id and p.procedure = any(m.procedures)))"""
# The longest waiting of the person's units, along the index, by what is due; then one by one until there are enough:
# only of those shown it is asked whether they may be.
_LISTED = f"""with posts as materialized (
  select m.unit_id, m.role, m.procedures from membership m where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
), near as materialized (
  select h.* from (select distinct unit_id from posts) u
    cross join lateral (select h.* from handoff h where h.{{unit}} = u.unit_id and {{open}}
      order by h.created_at limit 1000) h
) select {COLUMNS} from (select * from near order by {{order}}) h
  cross join lateral (select x.* from dossier x where x.id = h.dossier_id limit 1) d
  cross join lateral (select x.name from applicant x where x.dossier_id = h.dossier_id limit 1) a
  cross join lateral (select x.state, x.role from work_item x where x.dossier_id = h.dossier_id and x.no = h.item_no
    limit 1) w
  left join link l on l.handoff_id = h.id left join message m on m.id = l.message_id
where exists (select from posts m where m.unit_id = h.{{unit}} and {{role}} and {OF_THIS}) and {VISIBLE}
limit %(size)s offset %(skip)s"""

# Whoever does the step, and those who take in the unit's post.
INCOMING = _LISTED.format(
    unit="to_unit_id", open="h.state in ('pending', 'delivered') and h.state = 'delivered'",
    role="m.role in (w.role, 'clerk', 'head')", order="register_due_at, created_at, id")
# What came back stays in the list until the sender has dealt with it.
OUTGOING = _LISTED.format(
    unit="from_unit_id", order="(state in ('refused', 'recalled')) desc, register_due_at, id",
    role="m.role not in ('courier', 'administrator', 'auditor')",
    open="""h.state in ('pending', 'delivered', 'refused', 'recalled')
      and (h.state in ('pending', 'delivered') or exists (
        select from work_item o where o.dossier_id = h.dossier_id and o.handoff_id = h.id and o.closed_at is null))""")


@dataclass(slots=True)
class Waiting:
    """`way`: by mail or paper, once a link or slip was made; `mailed_at`, `mail_parked_at`: of its newest mail."""

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
    their_code: str | None
    recall_asked_at: datetime | None
    way: str | None
    mailed_at: datetime | None
    mail_parked_at: datetime | None
    due_at: datetime | None
    subject: str
    applicant: str
    asked: dict[str, Any] | None


def incoming(db: Database, person: int, today: date, *, size: int, skip: int) -> list[Waiting]:
    return db.rows(Waiting, INCOMING, _asked(person, today, size, skip))


def outgoing(db: Database, person: int, today: date, *, size: int, skip: int) -> list[Waiting]:
    return db.rows(Waiting, OUTGOING, _asked(person, today, size, skip))


def _asked(person: int, today: date, size: int, skip: int) -> dict[str, Any]:
    return {"person": person, "today": today, "blind": False, "size": size, "skip": skip}

"""What waits for a decision: feedback without an answer, drafted apologies nobody issued, orders to pay the dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.dossiers import MEMBERSHIPS, VISIBLE
from storage.payouts import DIED
from storage.session import Database
from storage.views.handoffs import OF_THIS

# Both sides begin with an index of what is open. A draft lapses with the due date it was made for.
WAITING = f"""
select w.kind, w.due_at, d.code, d.version_id, d.subject, d.intake_agency, d.intake_unit_id, d.received_at,
  {MEMBERSHIPS} as posts, (select coalesce(json_agg(json_build_array(i.unit_id, i.state)), '[]')
    from work_item i where i.dossier_id = d.id and i.closed_at is null) as open_items
from (
  select f.dossier_id, 'feedback' as kind, f.due_at from feedback f where f.answered_at is null
  union all
  select a.dossier_id, 'apology', a.original_due_at from apology a join dossier o on o.id = a.dossier_id
  where a.issued_at is null and a.original_due_at > %(now)s and o.due_at = a.original_due_at and o.finished_at is null
) w join dossier d on d.id = w.dossier_id
where {VISIBLE} order by w.due_at, d.code, w.kind limit 200
"""
# Of the agencies where the person may decide on them, oldest order first.
DEATHS = f"""select d.code, d.version_id, d.subject, p.no from payout p join dossier d on d.id = p.dossier_id
where p.paid_on is null and p.closed_on is null and {DIED}
  and exists (select from membership m join unit u on u.id = m.unit_id
    where m.person_id = %(person)s and m.role = any (%(roles)s) and u.agency = p.agency and {OF_THIS}
      and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)) and {VISIBLE}
order by p.ordered_at, d.code, p.no limit 200"""


@dataclass(slots=True)
class Waiting:
    """`due_at`: of a draft, the date it would put off. `posts`: unit and role; `open_items`: unit and state."""

    kind: str
    due_at: datetime | None
    code: str
    version_id: int
    subject: str
    intake_agency: str
    intake_unit_id: int
    received_at: datetime | None
    posts: list[list[Any]]
    open_items: list[list[Any]]


def waiting(db: Database, person: int, today: date, now: datetime) -> list[Waiting]:
    return db.rows(Waiting, WAITING, {"person": person, "today": today, "now": now, "blind": False})


@dataclass(slots=True)
class Death:
    """`no`: of the order whose recipient died."""

    code: str
    version_id: int
    subject: str
    no: int


def deaths(db: Database, person: int, today: date, roles: Sequence[str]) -> list[Death]:
    """`roles`: of those who order pay-outs."""
    return db.rows(Death, DEATHS, {"person": person, "today": today, "roles": list(roles), "blind": False})

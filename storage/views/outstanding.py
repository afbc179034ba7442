"""What a person's units gave to others and wait for: hand-offs, questions inside the agency, allowances to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.payouts import DIED
from storage.session import Database
from storage.views.handoffs import OF_THIS
from storage.views.mirrored import ASKED

# By their indexes what nobody registered yet and what is asked by mail or on paper, of whoever sees to that; of what
# was registered only the open dossiers are read, however many there were.
_SENT = """
  select u.unit_id as asking_id, h.* from units u cross join lateral (
    select h.* from handoff h where h.from_unit_id = u.unit_id
      and h.state in ('pending', 'delivered', 'refused', 'recalled') and h.state in ('pending', 'delivered') offset 0) h
  union all select u.unit_id, h.* from units u join link l on l.from_unit_id = u.unit_id and l.closed_at is null
    join handoff h on h.id = l.handoff_id and h.from_unit_id <> l.from_unit_id
  union all select h.from_unit_id, h.* from (select id from dossier where closed_at is null order by id) x
    cross join lateral (select h.* from handoff h where h.dossier_id = x.id and h.state = 'registered'
      and h.from_unit_id = any (array(select unit_id from units)) offset 0) h"""

# Each is looked at by itself: `offset 0` and `limit 1` keep whole tables from being read for a few of their rows.
# What goes back with an opinion asks for nothing.
_ANSWERS = """exists (select from opinion p where p.dossier_id = h.dossier_id and p.at = h.created_at offset 0)"""
# It was answered, it came back to who sent it on, or he sent it there anew: what is asked of him meanwhile is neither.
_OVER = """exists (select from opinion p where p.dossier_id = h.dossier_id and p.item_no = h.item_no offset 0)
    or exists (select from handoff o join work_item k on k.dossier_id = o.dossier_id and k.no = o.item_no
      where o.dossier_id = h.dossier_id and o.seq > h.seq and o.state in ('pending', 'delivered', 'registered')
        and k.duty = 'step' and (o.to_agency = h.to_agency and o.from_agency = h.from_agency
          or o.to_agency = h.from_agency and not exists (select from opinion p
            where p.dossier_id = o.dossier_id and p.item_no = o.item_no)) offset 0)"""
# Who has a dossier that was passed on: that agency before others it asked or passed it on to.
_NOW = """select k.state, k.unit_id, k.due_at, a.agency = h.to_agency as there
      from work_item k join unit a on a.id = k.unit_id left join handoff o on o.id = k.handoff_id
      where k.dossier_id = h.dossier_id and k.no > w.no and k.closed_at is null
        and (a.agency = h.to_agency or o.from_agency = h.to_agency and o.to_agency <> h.from_agency)
      order by there desc, k.no desc limit 1"""
# What was given is waited for until it is done; a dossier that was passed on, until the result is there.
_HANDED = f"""
  select h.id as handoff_id, h.asking_id, h.dossier_id, h.from_unit_id,
    case when n.there then n.unit_id else h.to_unit_id end as to_unit_id, h.state, h.created_at as since,
    h.delivered_at, h.registered_at, h.escalated_at, h.their_code, h.recall_asked_at,
    case when n.there then n.state else w.state end as step, coalesce(not n.there, false) as others,
    case when h.state <> 'registered' then least(h.register_due_at, w.due_at)
      when w.closed_at is null then w.due_at when n.there then n.due_at else x.due_at end as due_at,
    h.state <> 'registered' and h.register_due_at <= coalesce(w.due_at, h.register_due_at) as to_register
  from sent h
    cross join lateral (select * from work_item where dossier_id = h.dossier_id and no = h.item_no limit 1) w
    cross join lateral (select finished_at, due_at from dossier where id = h.dossier_id limit 1) x
    left join lateral ({_NOW}) n on w.closed_at is not null
  where (w.closed_at is null or n.there is not null and h.state = 'registered' and x.finished_at is null
    and w.duty = 'step' and not ({_OVER})) and not {_ANSWERS}"""

# Inside an agency nothing is handed over: whoever is asked has the question at once.
_INSIDE = """
  select null, q.from_unit_id, q.dossier_id, q.from_unit_id, q.unit_id, 'inside', q.asked_at, null, null, null, null,
    null, w.state, false, w.due_at, false
  from unit a join work_item w on w.unit_id = a.id and w.closed_at is null and w.available_at is not null
    join consultation q on q.dossier_id = w.dossier_id and q.item_no = w.no
  where a.agency in (select e.agency from units u join unit e on e.id = u.unit_id)
    and w.duty = 'consult' and w.handoff_id is null and q.from_unit_id in (select unit_id from units)"""

# An order is paid by whoever its list was passed on to, with the report of the month; not once the recipient died.
_PAID = f"""
  select null, e.id, p.dossier_id, e.id, d.intake_unit_id, 'to_pay', p.ordered_at, null, l.passed_at, null, null, null,
    'returned', false,
    (p.month + %(report_before)s::int - 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' - interval '1 minute', false
  from payout p join payout_list l on l.agency = p.agency and l.month = p.month join dossier d on d.id = p.dossier_id
    cross join lateral (select min(f.id) as id from unit f join units u on u.unit_id = f.id
      where f.agency = p.agency and u.orders) e
  where p.paid_on is null and p.closed_on is null and e.id is not null and not {DIED}"""

OUTSTANDING = f"""with posts as materialized (
  select m.unit_id, m.role, m.procedures from membership m
  where m.person_id = %(person)s and m.role not in ('courier', 'administrator', 'auditor')
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
), units as materialized (
  select unit_id, bool_or(role = any (%(orderers)s)) as orders from posts group by unit_id
), sent as materialized ({_SENT}
), due as materialized (
  select * from ({_HANDED} union all {_INSIDE} union all {_PAID}) o
)
select d.code, d.version_id, d.subject, a.name as applicant, h.handoff_id, h.from_unit_id, h.to_unit_id, h.state,
  h.since, h.delivered_at, h.registered_at, h.escalated_at, h.their_code, h.recall_asked_at, h.step, h.others, h.due_at,
  h.to_register, l.way, m.sent_at as mailed_at, m.parked_at as mail_parked_at, d.due_at as dossier_due_at, {ASKED}
from (select * from due order by due_at, since, dossier_id, handoff_id) h
  cross join lateral (select x.* from dossier x where x.id = h.dossier_id limit 1) d
  cross join lateral (select x.name from applicant x where x.dossier_id = h.dossier_id limit 1) a
  left join link l on l.handoff_id = h.handoff_id left join message m on m.id = l.message_id
where exists (select from posts m where m.unit_id = h.asking_id and {OF_THIS}) and {VISIBLE}
limit %(size)s offset %(skip)s"""


@dataclass(slots=True)
class Outstanding:
    """`state`: of a hand-off, else `inside` or `to_pay`. `others`: they have it meanwhile, asked by whom it went to.

    `due_at`: to register by where `to_register`, else to answer by, or the dossier's own while `others` have it.
    `registered_at`, of an order to pay: its list was passed on. `way`, `mailed_at`, `mail_parked_at`: as in hand-offs.
    """

    code: str
    version_id: int
    subject: str
    applicant: str
    handoff_id: UUID | None
    from_unit_id: int
    to_unit_id: int
    state: str
    since: datetime
    delivered_at: datetime | None
    registered_at: datetime | None
    escalated_at: datetime | None
    their_code: str | None
    recall_asked_at: datetime | None
    step: str
    others: bool
    due_at: datetime | None
    to_register: bool
    way: str | None
    mailed_at: datetime | None
    mail_parked_at: datetime | None
    dossier_due_at: datetime | None
    asked: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`orderers`: the roles that order pay-outs; `report_before`: by which day of its month one is reported as paid."""

    person: int
    today: date
    orderers: Sequence[str]
    report_before: int
    size: int
    skip: int


def outstanding(db: Database, asked: Asked) -> list[Outstanding]:
    """Due first; what has no due date comes last."""
    return db.rows(Outstanding, OUTSTANDING, {
        "person": asked.person, "today": asked.today, "blind": False, "orderers": list(asked.orderers),
        "report_before": asked.report_before, "size": asked.size, "skip": asked.skip})

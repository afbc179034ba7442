"""What a dossier's page shows beyond what an act loads: who applied, what happened, which words were written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.chain import ENTRY, Chained
from storage.dossiers import VISIBLE
from storage.session import Database

# The record of dossier `d`, with what was written with each entry.
TIMELINE = """(select jsonb_agg(jsonb_build_object('seq', a.seq, 'at', a.at, 'who', a.actor_name, 'unit', a.unit_name,
      'unit_id', a.unit_id, 'action', a.action, 'from_states', a.from_states, 'to_states', a.to_states, 'details',
      a.details, 'words', r.body) order by a.seq)
    from audit a left join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq
    where a.dossier_id = d.id)"""

DETAILS = f"""
select d.id, d.subject, d.submitted_at, p.name as applicant, p.id_number, p.phone, p.email, p.address,
  (select jsonb_object_agg(s.state, s.entered_at) from active_state s where s.dossier_id = d.id) as entered,
  {TIMELINE} as timeline,
  (select coalesce(jsonb_agg(to_jsonb(f) order by f.added_at, f.id), '[]') from document f
    where f.dossier_id = d.id) as documents,
  (select coalesce(jsonb_agg(to_jsonb(c) order by c.no), '[]') from clock c where c.dossier_id = d.id) as clocks,
  (select coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object('way', l.way, 'mailed_at', m.sent_at,
      'mail_parked_at', m.parked_at, 'went_to', o.peer_id, 'place', w.state, 'opened_version', w.opened_version)
      order by h.seq), '[]')
    from handoff h join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no
    left join link l on l.handoff_id = h.id left join message m on m.id = l.message_id
    left join outbox o on o.message_id = h.id
    where h.dossier_id = d.id) as handoffs,
  (select coalesce(jsonb_agg(to_jsonb(g) order by g.no), '[]') from apology g where g.dossier_id = d.id) as apologies,
  (select coalesce(jsonb_agg(to_jsonb(o) || jsonb_build_object('unit_id', w.unit_id) order by o.at), '[]')
    from opinion o join work_item w on w.dossier_id = o.dossier_id and w.no = o.item_no
    where o.dossier_id = d.id) as opinions,
  (select coalesce(jsonb_object_agg(n.id, n.name), '{{}}') from person n where n.id in (
    select f.added_by from document f where f.dossier_id = d.id
    union select unnest(array[h.created_by, h.registered_by, h.closed_by]) from handoff h where h.dossier_id = d.id
    union select x.person_id from custody x where x.dossier_id = d.id
    union select o.person_id from opinion o where o.dossier_id = d.id
    union select unnest(array[k.received_by, k.answered_by]) from feedback k where k.dossier_id = d.id
    union select g.issued_by from apology g where g.dossier_id = d.id
    union select unnest(array[q.asked_by, q.answered_by]) from consultation q where q.dossier_id = d.id)) as people,
  (select coalesce(jsonb_object_agg(c.id, jsonb_build_object('day', c.day, 'no', c.no, 'state', c.state)), '{{}}')
    from courier_run c where c.id in (select x.run_id from paper x where x.dossier_id = d.id)) as runs,
  (select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('action', a.action) order by c.barcode, c.no desc), '[]')
    from custody c left join audit a on a.dossier_id = c.dossier_id and a.seq = c.seq
    where c.dossier_id = d.id) as custody
from dossier d join applicant p on p.dossier_id = d.id
where d.code = %(code)s and {VISIBLE}
"""

CHAIN = f"""
select {ENTRY}, d.audit_head, d.audit_seq
from audit a join dossier d on d.id = a.dossier_id where d.code = %(code)s and {VISIBLE} order by a.seq
"""


@dataclass(slots=True)
class Details:
    """Lists hold the rows of their tables as JSON objects; `people` and `runs` are by id."""

    id: int
    subject: str
    submitted_at: datetime
    applicant: str
    id_number: str
    phone: str
    email: str
    address: str
    entered: dict[str, str] | None
    timeline: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    handoffs: list[dict[str, Any]]
    apologies: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    people: dict[str, str]
    runs: dict[str, dict[str, Any]]
    custody: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link(Chained):
    """With the head that the chain must lead to."""

    audit_head: bytes
    audit_seq: int


def details(db: Database, code: str, person: int, today: date) -> Details | None:
    return db.one(Details, DETAILS, {"code": code, "person": person, "today": today, "blind": False})


def chain(db: Database, code: str, person: int, today: date) -> list[Link]:
    """Empty for strangers: a dossier has at least one entry."""
    return db.rows(Link, CHAIN, {"code": code, "person": person, "today": today, "blind": False})

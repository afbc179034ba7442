"""What the printed forms need beyond a dossier's page: keys, lines of the tracking book, who gave what to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.dossiers import VISIBLE
from storage.session import Database

PRINTED = f"""
select d.id, d.version_id, p.commit_key, b.agency as book_agency, b.year as book_year, b.no as book_no,
  (select jsonb_object_agg(a.code, u.name_vi) from agency a join agency u on u.code = a.parent) as above,
  (select coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'who', a.actor_name, 'unit_id', a.unit_id,
      'action', a.action, 'details', a.details, 'words', r.body) order by a.seq), '[]')
    from audit a left join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq
    where a.dossier_id = d.id and a.action = any(%(acts)s)) as acts,
  (select coalesce(jsonb_agg(jsonb_build_object('at', c.marks->0->>'at', 'due_at', c.first_due_at) order by c.no), '[]')
    from clock c where c.dossier_id = d.id and c.kind = 'request') as requests,
  (select coalesce(jsonb_agg(jsonb_build_object('at', q.asked_at, 'documents', q.documents) order by q.no), '[]')
    from addition q where q.dossier_id = d.id and q.asked_at is not null) as additions,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'number', l.number,
      'symbol', l.content->>'symbol') order by l.no), '[]')
    from letter l where l.dossier_id = d.id and l.issued_at is not null) as letters
from dossier d join applicant p on p.dossier_id = d.id left join book_entry b on b.dossier_id = d.id
where d.code = %(code)s and {VISIBLE}
"""

# Who opened a piece of work gave it: its moment is that of the entry. Another name stands beside who acted for him.
MOVES = """
select w.no, w.state, w.unit_id, w.opened_at, w.closed_at, h.from_unit_id, g.unit_name as giver_unit,
  coalesce(b.name, g.actor_name) as giver,
  h.registered_at, w.claimed_at, r.name as registered_by, k.name as claimed_by, c.name as closed_by,
  f.name as closed_for, t.due_at, t.count_mode
from work_item w
left join handoff h on h.id = w.handoff_id and w.duty <> 'resolve'
left join person b on b.id = h.created_by
left join person r on r.id = h.registered_by
left join person k on k.id = w.claimed_by
left join person c on c.id = w.closed_by
left join person f on f.id = w.closed_for
left join lateral (select a.unit_name, a.actor_name from audit a
  where a.dossier_id = w.dossier_id and a.at = w.opened_at and a.action <> 'deliver'
  order by a.seq desc limit 1) g on true
left join lateral (select q.due_at, q.count_mode from clock q where q.dossier_id = w.dossier_id and q.item_no = w.no
  and q.kind in ('step', 'consultation') order by q.no desc limit 1) t on true
where w.dossier_id = %s order by w.no
"""


@dataclass(slots=True)
class Printed:
    """Lists hold JSON objects; `above` names the agency above each, by code. No book before the dossier is received."""

    id: int
    version_id: int
    commit_key: bytes
    book_agency: str | None
    book_year: int | None
    book_no: int | None
    above: dict[str, str] | None
    acts: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    additions: list[dict[str, Any]]
    letters: list[dict[str, Any]]


@dataclass(slots=True)
class Move:
    """A piece of work: who gave it, who took it and when, by when it was due."""

    no: int
    state: str
    unit_id: int
    opened_at: datetime
    closed_at: datetime | None
    from_unit_id: int | None
    giver_unit: str | None
    giver: str | None
    registered_at: datetime | None
    claimed_at: datetime | None
    registered_by: str | None
    claimed_by: str | None
    closed_by: str | None
    closed_for: str | None
    due_at: datetime | None
    count_mode: str | None


def printed(db: Database, code: str, person: int, today: date, acts: list[str]) -> Printed | None:
    """None for strangers. `acts`: the entries that are wanted."""
    return db.one(Printed, PRINTED, {"code": code, "person": person, "today": today, "blind": False, "acts": acts})


def moves(db: Database, dossier_id: int) -> list[Move]:
    """Of a dossier its reader may see."""
    return db.rows(Move, MOVES, (dossier_id,))


# The lines of one book in order. Pages are cut before a line looks its few rows up by key. Work of the desk itself is
# no forwarding.
LINES = """
select b.no, d.code, d.version_id, b.at, d.first_due_at, d.due_at, d.finished_at, d.closed_at,
  d.outcome, d.status, d.return_way, p.name as applicant, p.address, p.phone, h.to_agency, h.created_at as forwarded_at,
  r.registered_at as result_at, a.action as returned_by, a.at as returned_at, a.body as returned_words,
  j.local as verdict
from (select * from book_entry e where e.agency = %(agency)s and e.year = %(year)s and e.at >= %(since)s
  and e.at < %(until)s order by e.no limit %(most)s offset %(past)s) b
join dossier d on d.id = b.dossier_id
join applicant p on p.dossier_id = d.id
left join lateral (select o.to_agency, o.created_at from handoff o
  where o.dossier_id = d.id and o.to_agency <> b.agency order by o.seq limit 1) h on true
left join lateral (select o.registered_at from handoff o where o.dossier_id = d.id and o.to_agency = b.agency
  and d.finished_at is not null and o.created_at >= d.finished_at order by o.seq limit 1) r on true
left join lateral (select e.action, e.at, w.body from audit e
  left join remark w on w.dossier_id = e.dossier_id and w.seq = e.seq
  where d.closed_at is not null and e.dossier_id = d.id and e.action = any(%(endings)s)
  order by e.seq desc limit 1) a on true
left join judgement j on j.dossier_id = d.id
order by b.no
"""

COUNT = """
select count(*) from book_entry b where b.agency = %(agency)s and b.year = %(year)s
  and b.at >= %(since)s and b.at < %(until)s
"""

# The books of the desks somebody works at; auditors read all of them, and who is there for certain procedures none.
BOOKS = """
select s.agency, g.name_vi, g.name_en, s.period::int as year, s.last as lines
from number_series s join agency g on g.code = s.agency
where s.series = 'tracking' and exists (
  select from membership m join unit u on u.id = m.unit_id join person o on o.id = m.person_id and o.disabled_at is null
  where m.person_id = %(person)s and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
    and cardinality(m.procedures) = 0 and (m.role = 'auditor' or (u.agency = s.agency and m.role = any(%(roles)s))))
order by s.agency, s.period desc
"""


@dataclass(slots=True)
class Line:
    """A dossier in the book, with where it went and how it ended. `returned_words`: what was written then, JSON."""

    no: int
    code: str
    version_id: int
    at: datetime
    first_due_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    status: int
    return_way: str
    applicant: str
    address: str
    phone: str
    to_agency: str | None
    forwarded_at: datetime | None
    result_at: datetime | None
    returned_by: str | None
    returned_at: datetime | None
    returned_words: str | None
    verdict: str | None


@dataclass(slots=True)
class Book:
    agency: str
    name_vi: str
    name_en: str
    year: int
    lines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Lines of one book written from `since` to before `until`."""

    agency: str
    year: int
    since: datetime
    until: datetime


def books(db: Database, person: int, roles: list[str], today: date) -> list[Book]:
    return db.rows(Book, BOOKS, {"person": person, "roles": roles, "today": today})


def counted(db: Database, span: Span) -> int:
    return int(db.value(COUNT, _of(span)))


def lines(db: Database, span: Span, endings: list[str], most: int, past: int = 0) -> list[Line]:
    return db.rows(Line, LINES, {**_of(span), "endings": endings, "most": most, "past": past})


def _of(span: Span) -> dict[str, Any]:
    return {"agency": span.agency, "year": span.year, "since": span.since, "until": span.until}

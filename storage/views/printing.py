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
  (select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'number', l.number, 'book', l.book,
      'year', l.year, 'issued_at', l.issued_at) order by l.no), '[]')
    from letter l where l.dossier_id = d.id and l.issued_at is not null) as letters
from dossier d join applicant p on p.dossier_id = d.id left join book_entry b on b.dossier_id = d.id
where d.code = %(code)s and {VISIBLE}
"""

# Who opened a piece of work gave it: its moment is that of the entry. Another name stands beside who acted for him.
MOVES = """
select w.no, w.state, w.unit_id, w.opened_at, w.closed_at, g.unit_name as giver_unit, g.actor_name as giver,
  h.registered_at, w.claimed_at, r.name as registered_by, k.name as claimed_by, c.name as closed_by,
  f.name as closed_for, t.due_at, t.count_mode
from work_item w
left join handoff h on h.id = w.handoff_id and w.duty <> 'resolve'
left join person r on r.id = h.registered_by
left join person k on k.id = w.claimed_by
left join person c on c.id = w.closed_by
left join person f on f.id = w.closed_for
left join lateral (select a.unit_name, a.actor_name from audit a
  where a.dossier_id = w.dossier_id and a.at = w.opened_at order by a.seq desc limit 1) g on true
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
    letters: list[dict[str, Any]]


@dataclass(slots=True)
class Move:
    """A piece of work: who gave it, who took it and when, by when it was due."""

    no: int
    state: str
    unit_id: int
    opened_at: datetime
    closed_at: datetime | None
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

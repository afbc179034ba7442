"""Who may see a dossier, for comments that name them; and the comments that name somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# The scoping query of one person, asked for somebody else.
SEES = VISIBLE.replace("%(person)s", "p.id").replace("%(blind)s", "false")
NAMED = f"""select p.id, p.login, p.name, p.disabled_at is null and {SEES} as sees
from person p, dossier d where d.code = %(code)s and (p.login = any(%(logins)s) or p.id = any(%(ids)s)) order by p.id"""
# Those of the desk and of every unit that has or had work on it; inspectors are no part of the conversation.
READERS = """select distinct on (p.name, p.id) p.id, p.login, p.name, m.unit_id from dossier d
join lateral (select d.intake_unit_id as unit_id union select v.unit_id from work_item v
  where v.dossier_id = d.id and v.available_at is not null) u on true
join membership m on m.unit_id = u.unit_id and m.role not in ('courier', 'administrator', 'auditor')
  and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
  and (cardinality(m.procedures) = 0 or exists (
    select from procedure_version v where v.id = d.version_id and v.procedure = any(m.procedures)))
join person p on p.id = m.person_id and p.disabled_at is null and p.id <> %(person)s
where d.code = %(code)s order by p.name, p.id, m.id limit 300"""
# What was said is shown to whom may see it still.
UNREAD = f"""select d.code, d.subject, m.seq, a.action, a.actor_name as who, m.at,
  case when {VISIBLE} then r.body end as body, {VISIBLE} as sees
from mention m join dossier d on d.id = m.dossier_id join audit a on a.dossier_id = m.dossier_id and a.seq = m.seq
left join remark r on r.dossier_id = m.dossier_id and r.seq = m.seq
where m.person_id = %(person)s and m.read_at is null order by m.at desc, m.dossier_id, m.seq limit 200"""
READ = """update mention m set read_at = %(now)s from dossier d
where d.id = m.dossier_id and m.person_id = %(person)s and m.read_at is null
  and (d.code, m.seq) in (select * from unnest(%(codes)s::text[], %(seqs)s::int[]))"""


@dataclass(slots=True)
class Named:
    id: int
    login: str
    name: str
    sees: bool


@dataclass(slots=True)
class Reader:
    id: int
    login: str
    name: str
    unit_id: int


@dataclass(slots=True)
class Mentioned:
    """`body` is the remark as JSON; empty for whom may not see the dossier any more."""

    code: str
    subject: str
    seq: int
    action: str
    who: str
    at: datetime
    body: str | None
    sees: bool


def named(db: Database, code: str, logins: Sequence[str], ids: Sequence[int], today: date) -> list[Named]:
    """The people of these logins and ids, and whether they may see the dossier today."""
    return db.rows(Named, NAMED, {"code": code, "logins": list(logins), "ids": list(ids), "today": today})


def readers(db: Database, code: str, person: int, today: date) -> list[Reader]:
    """Whom a comment may name: everybody else who works on the dossier, each with one of his units there."""
    return db.rows(Reader, READERS, {"code": code, "person": person, "today": today})


def unread(db: Database, person: int, today: date) -> list[Mentioned]:
    return db.rows(Mentioned, UNREAD, {"person": person, "today": today, "blind": False})


def mark_read(db: Database, person: int, entries: Sequence[tuple[str, int]], now: datetime) -> int:
    """By code and number of the entry; only the person's own."""
    told = {"person": person, "now": now, "codes": [code for code, _ in entries], "seqs": [seq for _, seq in entries]}
    with db.connection() as connection:
        return connection.execute(READ.encode(), told).rowcount

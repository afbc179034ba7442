"""Bundles as stored: declared versions, one submission with all its parts, what its pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import psycopg

from storage.dossiers import VISIBLE, record_payload
from storage.session import Database

CURRENT = """select id, bundle, number, content from bundle_version
where state = 'published' and valid_from <= %(on)s and (valid_to is null or %(on)s <= valid_to)
order by bundle, number desc"""

# Everything a step of the whole bundle is decided on, in one query: its parts with where they are, what was asked for,
# which papers they have and which are promised.
READ = """
select json_build_object('id', b.id, 'code', b.code, 'version_id', b.version_id, 'content', v.content,
  'intake_agency', b.intake_agency, 'intake_unit_id', b.intake_unit_id, 'received_by', b.received_by,
  'channel', b.channel, 'return_way', b.return_way, 'subject', b.subject, 'submitted_at', b.submitted_at,
  'first_due_at', b.first_due_at, 'due_at', b.due_at, 'due_provisional', b.due_provisional,
  'gather_until', b.gather_until, 'partial_at', b.partial_at, 'partial_by', b.partial_by, 'closed_at', b.closed_at,
  'version', b.version, 'letters', b.letters, 'revision', (select number from revision),
  'parts', (select json_agg(json_build_object('part', p.part, 'dossier_id', d.id, 'code', d.code,
      'version_id', d.version_id, 'facts', d.facts, 'status', d.status, 'outcome', d.outcome,
      'received_at', d.received_at, 'finished_at', d.finished_at, 'closed_at', d.closed_at, 'due_at', d.due_at,
      'supplements', d.supplements, 'expected_due_at', p.expected_due_at, 'released_at', p.released_at,
      'stopped_for', p.stopped_for,
      'states', coalesce((select json_agg(s.state) from active_state s where s.dossier_id = d.id), '[]'),
      'items', coalesce((select json_agg(json_build_object('state', w.state, 'unit_id', w.unit_id, 'role', w.role,
          'due_at', w.due_at)) from work_item w where w.dossier_id = d.id and w.closed_at is null), '[]'),
      'additions', coalesce((select json_agg(a order by a.no) from addition a where a.dossier_id = d.id), '[]'),
      'documents', coalesce((select json_agg(f order by f.added_at, f.id) from document f
          where f.dossier_id = d.id and f.replaced_by is null), '[]')) order by d.id)
    from bundle_part p join dossier d on d.id = p.dossier_id where p.bundle_id = b.id))::text
from bundle b join bundle_version v on v.id = b.version_id where b.code = %(code)s"""

# Whoever sees a part sees that the bundle exists and how its parts stand; which parts he may open, this tells.
SEEN = f"""
select d.code, {VISIBLE} as open from bundle b join bundle_part p on p.bundle_id = b.id
join dossier d on d.id = p.dossier_id where b.code = %(code)s order by d.id"""

WORDS = """
select a.dossier_id, a.no, a.at, n.name as who, a.unit_id, a.documents, a.asked_at, r.body as words
from addition a join person n on n.id = a.person_id
left join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq
where a.dossier_id = any(%s) order by a.at, a.no"""

APPLICANT = """
select a.name, a.id_number, a.phone, a.email, a.address, n.name as received_by from bundle b
join bundle_part p on p.bundle_id = b.id join applicant a on a.dossier_id = p.dossier_id
join person n on n.id = b.received_by where b.code = %s order by p.dossier_id limit 1"""


@dataclass(slots=True)
class VersionRow:
    id: int
    bundle: str
    number: int
    content: str


@dataclass(slots=True)
class Seen:
    code: str
    open: bool


@dataclass(slots=True)
class Asking:
    """A request for additions with the words it was made in (JSON of `Particulars.spoken`)."""

    dossier_id: int
    no: int
    at: datetime
    who: str
    unit_id: int
    documents: list[str]
    asked_at: datetime | None
    words: str | None


@dataclass(slots=True)
class ApplicantRow:
    name: str
    id_number: str
    phone: str
    email: str
    address: str
    received_by: str


def in_force(db: Database, on: date) -> list[VersionRow]:
    """The newest version in force of every bundle."""
    found: dict[str, VersionRow] = {}
    for row in db.rows(VersionRow, CURRENT, {"on": on}):
        found.setdefault(row.bundle, row)
    return list(found.values())


def read(db: Database, code: str) -> dict[str, Any] | None:
    """The submission with its parts; instants of the parts are text, as JSON has them."""
    told = db.value(READ, {"code": code})
    return None if told is None else dict(orjson.loads(told))


def seen(db: Database, code: str, person: int, today: date) -> list[Seen]:
    """Every part, and whether this person may open it; none of it for strangers."""
    found = db.rows(Seen, SEEN, {"code": code, "person": person, "today": today, "blind": False})
    return found if any(part.open for part in found) else []


def asking(db: Database, dossiers: Sequence[int]) -> list[Asking]:
    return db.rows(Asking, WORDS, (list(dossiers),))


def applicant(db: Database, code: str) -> ApplicantRow | None:
    return db.one(ApplicantRow, APPLICANT, (code,))


def gathered(db: Database, now: datetime) -> list[str]:
    """Bundles whose window for requests is over, the longest first."""
    with db.connection() as connection:
        found = connection.execute(b"select code from bundle where gather_until <= %s and closed_at is null "
                                   b"order by gather_until limit 200", (now,)).fetchall()
    return [row[0] for row in found]


def in_flight(db: Database, agencies: Sequence[str], since: datetime, after: int) -> tuple[int, str] | None:
    """(id, code) of the next bundle these agencies took in of which something may be expected at `since` or later."""
    with db.connection() as connection:
        found = connection.execute(
            b"select id, code from bundle b where closed_at is null and id > %s and intake_agency = any(%s) "
            b"and (due_at is null or due_at >= %s or exists (select from bundle_part p where p.bundle_id = b.id "
            b"and p.expected_due_at >= %s)) order by id limit 1", (after, list(agencies), since, since)).fetchone()
    return None if found is None else (found[0], found[1])


def of_part(db: Database, code: str) -> str | None:
    """The bundle that a dossier belongs to."""
    found = db.value("select b.code from bundle b join bundle_part p on p.bundle_id = b.id "
                     "join dossier d on d.id = p.dossier_id where d.code = %s", (code,))
    return None if found is None else str(found)


def record(db: Database, payload: dict[str, Any]) -> tuple[bytes, str] | None:
    """The whole reception at once; (fingerprint, reply) when this request was answered before."""
    return record_payload(db, b"select record_bundle(%s)", payload)


def settle(db: Database, bundle: dict[str, Any], parts: Sequence[dict[str, Any]]) -> bool:
    """False when the bundle moved meanwhile: look again."""
    payload = orjson.dumps({"bundle": [bundle], "bundle_part": list(parts)}).decode()
    with db.connection() as connection:
        try:
            connection.execute(b"select settle_bundle(%s)", (payload,))
        except psycopg.DatabaseError as error:
            if error.sqlstate == "LT409":
                return False
            raise
    return True



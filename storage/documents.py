"""Rows of documents. Who may read the bytes is decided on the row, never on the object's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.session import Database

COLUMNS = "f.id, d.code, f.component, f.name, f.state, f.media_type, f.size, f.sha256, f.pages, f.quality"


@dataclass(slots=True)
class Stored:
    id: UUID
    code: str
    component: str
    name: str
    state: str
    media_type: str | None
    size: int | None
    sha256: str | None
    pages: int | None
    quality: dict[str, Any] | None


def visible(db: Database, document_id: UUID, person: int, today: date) -> Stored | None:
    return db.one(Stored, f"select {COLUMNS} from document f join dossier d on d.id = f.dossier_id "
                          f"where f.id = %(id)s and {VISIBLE}",
                  {"id": document_id, "person": person, "today": today, "blind": False})


def of_id(db: Database, document_id: UUID) -> Stored | None:
    return db.one(Stored, f"select {COLUMNS} from document f join dossier d on d.id = f.dossier_id where f.id = %s",
                  (document_id,))


# Papers somebody handed in before: those of dossiers that the person may see, or that his own desk's agency took in.
_EARLIER = f"""
select f.id, d.code, d.version_id, f.component, f.name, f.state, f.media_type, f.size, f.sha256, f.pages, f.quality,
  f.added_at as at
from applicant p join dossier d on d.id = p.dossier_id join document f on f.dossier_id = d.id
where p.id_number = %(id_number)s and p.id_number <> '' and f.replaced_by is null and f.state in ('pending', 'stored')
  and (%(document)s::uuid is null or f.id = %(document)s)
  and ({VISIBLE} or exists (
    select from membership h join unit u on u.id = h.unit_id join person w on w.id = h.person_id
    where h.person_id = %(person)s and h.role = 'receptionist' and u.agency = d.intake_agency and w.disabled_at is null
      and cardinality(h.procedures) = 0
      and %(today)s >= h.valid_from and (h.valid_to is null or %(today)s <= h.valid_to)))
order by f.added_at desc limit 200"""


@dataclass(slots=True)
class Earlier:
    """A scan of an earlier dossier of the same applicant."""

    id: UUID
    code: str
    version_id: int
    component: str
    name: str
    state: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    quality: dict[str, Any] | None
    at: datetime


def earlier(db: Database, id_number: str, person: int, today: date, document_id: UUID | None = None) -> list[Earlier]:
    """The newest first; one of them when `document_id` is given."""
    return db.rows(Earlier, _EARLIER, {"id_number": id_number, "document": document_id, "person": person,
                                       "today": today, "blind": False})


def id_number_of(db: Database, code: str) -> str:
    return str(db.value("select p.id_number from applicant p join dossier d on d.id = p.dossier_id where d.code = %s",
                        (code,)) or "")


def pending(db: Database) -> list[Stored]:
    return db.rows(Stored, f"select {COLUMNS} from document f join dossier d on d.id = f.dossier_id "
                           "where f.state = 'pending' order by f.added_at limit 500")


def with_bytes(db: Database) -> list[Stored]:
    return db.rows(Stored, f"select {COLUMNS} from document f join dossier d on d.id = f.dossier_id "
                           "where f.sha256 is not null order by f.dossier_id")


def linked(db: Database, sha256: str, state: str | None = None) -> bool:
    return bool(db.value("select exists (select from document where sha256 = %s and (%s::text is null or state = %s))",
                         (sha256, state, state)))


def kept(db: Database, sha256: str, state: str) -> int:
    """Notes that the store has the bytes (`stored`) or no longer gives them back (`damaged`)."""
    return int(db.value("select document_kept(%s, %s)", (sha256, state)))

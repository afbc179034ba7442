"""Rows of documents. Who may read the bytes is decided on the row, never on the object's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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

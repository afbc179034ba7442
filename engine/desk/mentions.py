"""Comments and returned work that name a person: until he has read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.audit import read_told
from engine.casework.telling import ACTS
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.office import Office
from procedures.declaration import Text
from storage.views import comments as kept


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionRow:
    """`seq` is the entry of the record; `words` and the way to it only for whom may see the dossier."""

    code: str
    subject: str
    seq: int
    name: Text
    who: str
    at: datetime
    words: str
    open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Somebody a comment may name."""

    id: int
    login: str
    name: str
    unit: UnitRef


def mentions(office: Office, person_id: int, now: datetime) -> list[MentionRow]:
    """Unread, newest first, at most two hundred."""
    return [MentionRow(code=row.code, subject=row.subject if row.sees else "", seq=row.seq,
                       name=ACTS.get(row.action) or Text(vi=row.action, en=row.action), who=row.who, at=row.at,
                       words=str(read_told(row.body).get("words", "")) if row.body else "", open=row.sees)
            for row in kept.unread(office.db, person_id, day_of(now))]


def read_mentions(office: Office, person_id: int, entries: Sequence[tuple[str, int]], now: datetime) -> int:
    """By code and entry; those of other people are passed over."""
    return kept.mark_read(office.db, person_id, entries, now)


def readers(office: Office, code: str, person_id: int, now: datetime) -> list[Reader]:
    """Everybody else who works on the dossier, by name."""
    catalogue = office.catalogue()
    return [Reader(id=row.id, login=row.login, name=row.name, unit=unit_ref(catalogue, row.unit_id))
            for row in kept.readers(office.db, code, person_id, day_of(now))]

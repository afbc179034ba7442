"""Forms of reception that are not finished: kept for their writer, gone once they became a dossier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.errors import Invalid
from engine.office import Office
from storage import reception

Fields = Sequence[tuple[str, str]]

MOST_FIELDS = 400
LONGEST = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """`procedure`: the last part of the form's address; `fields`: what was typed, in the order of the form."""

    id: UUID
    procedure: str
    fields: tuple[tuple[str, str], ...]
    changed_at: datetime

    def text(self, name: str) -> str:
        return next((text for field, text in self.fields if field == name), "")


def keep(office: Office, person: int, draft: Draft) -> None:
    """Raises Invalid for more than any form holds."""
    if len(draft.fields) > MOST_FIELDS or sum(len(text) for _, text in draft.fields) > LONGEST:
        raise Invalid({"draft": ("bản nháp quá dài", "the draft is too long")})
    content = {"fields": [list(field) for field in draft.fields]}
    reception.save(office.db, reception.Draft(id=draft.id, procedure=draft.procedure, content=content,
                                              changed_at=draft.changed_at), person)


def listed(office: Office, person: int) -> list[Draft]:
    """The latest first."""
    return [_read(row) for row in reception.drafts(office.db, person)]


def found(office: Office, person: int, draft_id: UUID) -> Draft | None:
    row = reception.draft(office.db, draft_id, person)
    return None if row is None else _read(row)


def drop(office: Office, person: int, draft_id: UUID) -> None:
    reception.drop(office.db, draft_id, person)


def became(office: Office, person: int, key: str) -> str | None:
    """The dossier that this form has become."""
    return reception.received_as(office.db, person, key)


def _read(row: reception.Draft) -> Draft:
    return Draft(id=row.id, procedure=row.procedure, changed_at=row.changed_at,
                 fields=tuple((str(name), str(text)) for name, text in row.content["fields"]))

"""The letters of a dossier as its page lists them; what they say is on pages of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.casework.letters import STATES
from procedures.declaration import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterRow:
    """`number`: 07/QĐ, or nothing yet. `document_id`: the signed file."""

    no: int
    kind: str
    title: str
    state: str
    state_name: Text
    number: str
    document_id: UUID | None


def letters_of(rows: list[dict[str, Any]]) -> list[LetterRow]:
    found = []
    for row in rows:
        vi, en = STATES[row["state"]]
        found.append(LetterRow(
            no=row["no"], kind=row["kind"], title=row["title"], state=row["state"], state_name=Text(vi=vi, en=en),
            number=numbered(row), document_id=UUID(row["document_id"]) if row["document_id"] else None))
    return found


def numbered(row: dict[str, Any]) -> str:
    return f"{row['number']:02d}/{row['content'].get('symbol', '')}" if row["number"] else ""

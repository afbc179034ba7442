"""Hand-offs to agencies without a system: asked by a mailed link or a printed slip, and what was answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, octets, one_of, words


class Way(StrEnum):
    MAIL = "mail"
    PAPER = "paper"


class Link(SQLModel, table=True):
    """`message_id`: the mail that was sent last. `closed_at`: nobody waits for this answer any more, whoever gave one.

    `answer`: who answered and what, as it is shown to whoever opens the link or scans the slip again.
    """

    __table_args__ = (
        one_of("way", Way, "link"),
        CheckConstraint("way <> 'mail' or expires_at is not null", name="link_ends"),
        Index("link_open", "from_unit_id", "made_at", postgresql_where=text("closed_at is null")),
    )

    handoff_id: UUID = Field(primary_key=True, foreign_key="handoff.id")
    dossier_id: int = of_dossier(index=True)
    from_unit_id: int = Field(foreign_key="unit.id")
    way: str = words()
    made_at: datetime = instant()
    expires_at: datetime | None = instant(required=False)
    message_id: UUID | None = None
    closed_at: datetime | None = instant(required=False)
    answered_at: datetime | None = instant(required=False)
    answer: dict[str, Any] | None = document(required=False)


class LinkKey(SQLModel, table=True):
    """SHA-256 of the key in a mail; the key itself is in that mail only. Every attempt to send has a key of its own."""

    __tablename__ = "link_key"

    hash: bytes = octets(primary_key=True)
    handoff_id: UUID = Field(foreign_key="link.handoff_id", index=True)
    made_at: datetime = instant()

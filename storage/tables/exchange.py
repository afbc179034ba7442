"""Hand-offs between agencies and the messages that carry them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from procedures.declaration import Role
from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, moment_now, one_of, words


class HandoffState(StrEnum):
    """PENDING: stored here. DELIVERED: technical receipt. REGISTERED: formal receipt by a named person."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REGISTERED = "registered"
    REFUSED = "refused"
    RECALLED = "recalled"


class Handoff(SQLModel, table=True):
    """`from_role`: who in the sending unit decides on it when it comes back."""

    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        one_of("state", HandoffState, "handoff"),
        one_of("from_role", Role, "handoff"),
        Index("handoff_incoming", "to_unit_id", "created_at",
              postgresql_where=text("state in ('pending', 'delivered')")),
        Index("handoff_outgoing", "from_unit_id", "created_at",
              postgresql_where=text("state in ('pending', 'delivered', 'refused', 'recalled')")),
    )

    id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier()
    seq: int
    item_no: int
    state: str = words()
    from_agency: str = Field(foreign_key="agency.code")
    from_unit_id: int = Field(foreign_key="unit.id")
    from_role: str = words()
    to_agency: str = Field(foreign_key="agency.code")
    to_unit_id: int = Field(foreign_key="unit.id")
    created_by: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = instant()
    register_due_at: datetime = instant()
    delivered_at: datetime | None = instant(required=False)
    registered_at: datetime | None = instant(required=False)
    registered_by: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    close_seq: int | None = None
    escalated_at: datetime | None = instant(required=False)


class Outbox(SQLModel, table=True):
    """Sent in `seq` order per dossier; a lease with its attempt number fences a sender that came back from the dead."""

    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        Index("outbox_due", "next_attempt_at", postgresql_where=text("sent_at is null and parked_at is null")),
    )

    message_id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier()
    seq: int
    kind: str = words()
    sender: str = words()
    receiver: str = words()
    payload: dict[str, Any] = document()
    created_at: datetime = instant()
    next_attempt_at: datetime = moment_now()
    attempts: int = 0
    lease_until: datetime | None = instant(required=False)
    sent_at: datetime | None = instant(required=False)
    parked_at: datetime | None = instant(required=False)
    last_error: str | None = words(required=False)


class Inbox(SQLModel, table=True):
    """A message has its effect when its row is first inserted, and never again."""

    sender: str = Field(primary_key=True)
    message_id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    seq: int
    received_at: datetime = instant()

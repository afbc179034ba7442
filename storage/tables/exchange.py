"""Hand-offs between agencies and the messages that carry them; other installations, their keys and messages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from procedures.declaration import Role
from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, moment_now, octets, one_of, words


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
    # of one that went to another installation: the code it has there, and when it was asked back (they decide)
    their_code: str | None = words(required=False)
    recall_asked_at: datetime | None = instant(required=False)


class Outbox(SQLModel, table=True):
    """Sent in `seq` order per dossier; a lease with its attempt number fences a sender that came back from the dead."""

    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        UniqueConstraint("peer_id", "thread", "no"),
        Index("outbox_due", "next_attempt_at",
              postgresql_where=text("sent_at is null and parked_at is null and peer_id is null")),
        Index("outbox_due_peer", "peer_id", "next_attempt_at",
              postgresql_where=text("sent_at is null and parked_at is null and peer_id is not null")),
        Index("outbox_parked", "parked_at", postgresql_where=text("parked_at is not null and sent_at is null")),
        Index("outbox_owned", "owned_at", postgresql_where=text("owned_at is not null and sent_at is null")),
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
    # to another installation: the thread (the dossier's code where it is mastered) and its number in the lane
    # (1, 2, 3 …), the signed bytes as first sent, and the signed receipt
    peer_id: int | None = Field(default=None, foreign_key="peer.id")
    thread: str | None = words(required=False)
    no: int | None = None
    # how often the other side said no; that the line was away does not count
    refusals: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    envelope: bytes | None = octets(required=False)
    receipt: bytes | None = octets(required=False)
    # in a row, without an answer that counts; `owned_at`: since when a person knows, while it is tried on
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    unanswered_since: datetime | None = instant(required=False)
    owned_at: datetime | None = instant(required=False)


class Inbox(SQLModel, table=True):
    """A message has its effect when its row is first inserted, and never again."""

    sender: str = Field(primary_key=True)
    message_id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    seq: int
    received_at: datetime = instant()


class PeerState(StrEnum):
    """PROPOSED: entered by one person. ACTIVE: approved by a second. SUSPENDED: nothing goes out, nothing is taken."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Peer(SQLModel, table=True):
    """Another installation. `trouble_since`: the line has been away; one attempt at `retry_at` asks for all."""

    __table_args__ = (
        one_of("state", PeerState, "peer"),
        CheckConstraint("state in ('proposed', 'ended') or approved_at is not null", name="peer_approved"),
        CheckConstraint("approved_by <> proposed_by", name="peer_approved_by_another"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = words(unique=True)
    title: str = words()
    url: str = words()
    state: str = words()
    proposed_by: str = words()
    proposed_at: datetime = instant()
    approved_by: str | None = words(required=False)
    approved_at: datetime | None = instant(required=False)
    reached_at: datetime | None = instant(required=False)
    heard_at: datetime | None = instant(required=False)
    trouble_since: datetime | None = instant(required=False)
    trouble: str | None = words(required=False)
    failures: int = 0
    retry_at: datetime | None = instant(required=False)


class PeerKey(SQLModel, table=True):
    """An Ed25519 public key (32 bytes), handed over outside the line. A revoked one still verifies old evidence."""

    __tablename__ = "peer_key"
    __table_args__ = (CheckConstraint("approved_by <> proposed_by", name="peer_key_approved_by_another"),)

    key_id: str = Field(primary_key=True)
    peer_id: int = Field(foreign_key="peer.id", index=True)
    public: bytes = octets()
    proposed_by: str = words()
    proposed_at: datetime = instant()
    approved_by: str | None = words(required=False)
    approved_at: datetime | None = instant(required=False)
    revoked_by: str | None = words(required=False)
    revoked_at: datetime | None = instant(required=False)


class OwnKey(SQLModel, table=True):
    """Our public keys; the private halves are files. The newest that is not retired signs."""

    __tablename__ = "own_key"

    key_id: str = Field(primary_key=True)
    public: bytes = octets()
    made_at: datetime = instant()
    retired_at: datetime | None = instant(required=False)


class ArrivalState(StrEnum):
    """HELD: an earlier one of its lane is missing. WAITING: to be applied. REFUSED: it could never be applied."""

    HELD = "held"
    WAITING = "waiting"
    APPLIED = "applied"
    PARKED = "parked"
    REFUSED = "refused"


class Arrival(SQLModel, table=True):
    """A message of another installation, stored with its receipt. It has its effect in one transaction
    with becoming `applied`, in the order of `no` within its thread (the dossier's code where it is mastered)."""

    __table_args__ = (
        one_of("state", ArrivalState, "arrival"),
        UniqueConstraint("peer_id", "thread", "no"),
        Index("arrival_due", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        Index("arrival_open", "peer_id", "received_at",
              postgresql_where=text("state in ('held', 'waiting', 'parked')")),
        Index("arrival_parked", "received_at", postgresql_where=text("state = 'parked'")),
    )

    peer_id: int = Field(foreign_key="peer.id", primary_key=True)
    message_id: UUID = Field(primary_key=True)
    thread: str = words()
    no: int
    kind: str = words()
    envelope: bytes = octets()
    sha256: str = words()
    receipt: bytes | None = octets(required=False)
    received_at: datetime = instant()
    state: str = words()
    attempts: int = 0
    next_attempt_at: datetime = moment_now()
    lease_until: datetime | None = instant(required=False)
    applied_at: datetime | None = instant(required=False)
    dossier_id: int | None = Field(default=None, sa_column=Column(
        BigInteger, ForeignKey("dossier.id"), nullable=True, index=True))
    last_error: str | None = words(required=False)


class Lane(SQLModel, table=True):
    """Of what one installation tells us about one dossier: the number that must come next."""

    peer_id: int = Field(foreign_key="peer.id", primary_key=True)
    thread: str = Field(primary_key=True)
    expected: int = 1


class Counterpart(SQLModel, table=True):
    """Of a dossier that another installation masters: what it is there, and what we were asked to do.

    `thread`: its code there; `handoff_id`: the hand-off, the same on both sides, none of a shadow. `task`: what was
    asked, as it came (docs/exchange.md). `status`: the national status (1 to 10) it has there.
    """

    __table_args__ = (
        UniqueConstraint("peer_id", "thread", "handoff_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("status between 1 and 10", name="counterpart_status_known"),
        Index("counterpart_thread", "thread"),
        Index("counterpart_shadow", "peer_id", "dossier_id", postgresql_where=text("handoff_id is null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    peer_id: int = Field(foreign_key="peer.id")
    thread: str = words()
    handoff_id: UUID | None = Field(default=None, index=True)
    task: dict[str, Any] = document()
    status: int
    status_name: dict[str, Any] = document()
    due_at: datetime | None = instant(required=False)
    ended_at: datetime | None = instant(required=False)
    changed_at: datetime = instant()


class Pull(SQLModel, table=True):
    """A document of another installation that is still to be pulled, by its hash; `received`: the bytes so far."""

    __table_args__ = (
        CheckConstraint("received between 0 and size", name="pull_received_of_size"),
        Index("pull_due", "next_attempt_at", postgresql_where=text("done_at is null and parked_at is null")),
        Index("pull_open", "peer_id", "message_id", postgresql_where=text("done_at is null")),
        Index("pull_stuck", "parked_at",
              postgresql_where=text("(parked_at is not null or owned_at is not null) and done_at is null")),
    )

    document_id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    peer_id: int = Field(foreign_key="peer.id")
    message_id: UUID
    sha256: str = words()
    size: int
    name: str = words()
    media_type: str = words()
    received: int = 0
    refusals: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    attempts: int = 0
    next_attempt_at: datetime = moment_now()
    lease_until: datetime | None = instant(required=False)
    done_at: datetime | None = instant(required=False)
    parked_at: datetime | None = instant(required=False)
    last_error: str | None = words(required=False)
    # as of a message that is sent
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    unanswered_since: datetime | None = instant(required=False)
    owned_at: datetime | None = instant(required=False)

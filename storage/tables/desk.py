"""What the desk works with: absences, letters and who signed them, drafts, reserved codes, uploads, messages."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, many_words, moment_now, octets, one_of, words


class LetterKind(StrEnum):
    """A result, one of the printed forms 02 to 05, or a free letter."""

    RESULT = "result"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    STOP = "stop"
    OTHER = "other"


class LetterState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ISSUED = "issued"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


class SignatureKind(StrEnum):
    PERSONAL = "personal"
    AGENCY = "agency"
    WET = "wet"


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"
    WEBHOOK = "webhook"


class Absence(SQLModel, table=True):
    """From the first day to the last, both included. Empty `units` and `procedures`: everything the person has."""

    __table_args__ = (
        CheckConstraint("person_id <> substitute_id", name="absence_of_somebody_else"),
        CheckConstraint("first_day <= last_day", name="absence_in_order"),
        Index("absence_of_person", "person_id", "first_day"),
        Index("absence_of_substitute", "substitute_id", "first_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    substitute_id: int = Field(foreign_key="person.id")
    first_day: date
    last_day: date
    units: list[int] = document()
    procedures: list[str] = many_words()
    reason: str = words()
    entered_by: int = Field(foreign_key="person.id")
    entered_at: datetime = instant()
    ended_at: datetime | None = instant(required=False)
    ended_by: int | None = Field(default=None, foreign_key="person.id")


class Snooze(SQLModel, table=True):
    """Work that a person does not want to see before a day; nobody else's list and no clock knows of it."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    dossier_id: int = of_dossier(primary_key=True, index=True)
    item_no: int = Field(primary_key=True)
    until: datetime = instant()


class Mention(SQLModel, table=True):
    """Somebody named in a comment, who may see the dossier; `seq` is the entry of the comment."""

    __table_args__ = (Index("mention_unread", "person_id", "at", postgresql_where=text("read_at is null")),)

    dossier_id: int = of_dossier(primary_key=True)
    seq: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    at: datetime = instant()
    read_at: datetime | None = instant(required=False)


class Letter(SQLModel, table=True):
    """A result or letter from draft to issue; `content` is what its template asks for: JSON, never markup.

    `number` in `book` of `year` is given once and stays, also when the letter is cancelled: the book has no gap.
    """

    __table_args__ = (
        one_of("kind", LetterKind, "letter"),
        one_of("state", LetterState, "letter"),
        UniqueConstraint("agency", "book", "year", "number"),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    kind: str = words()
    template: str = words()
    state: str = words()
    title: str = words()
    content: dict[str, Any] = document()
    version: int = 1
    agency: str = Field(foreign_key="agency.code")
    drafted_by: int = Field(foreign_key="person.id")
    drafted_at: datetime = instant()
    changed_by: int = Field(foreign_key="person.id")
    changed_at: datetime = instant()
    initialled_by: int | None = Field(default=None, foreign_key="person.id")
    initialled_at: datetime | None = instant(required=False)
    signed_by: int | None = Field(default=None, foreign_key="person.id")
    signed_at: datetime | None = instant(required=False)
    book: str | None = words(required=False)
    year: int | None = None
    number: int | None = None
    issued_by: int | None = Field(default=None, foreign_key="person.id")
    issued_at: datetime | None = instant(required=False)
    document_id: UUID | None = None
    replaces: int | None = None
    replaced_by: int | None = None


class LetterComment(SQLModel, table=True):
    """A remark of review; it stays when it is settled."""

    __tablename__ = "letter_comment"

    id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    letter_no: int
    person_id: int = Field(foreign_key="person.id")
    body: str = words()
    at: datetime = instant()
    settled_at: datetime | None = instant(required=False)
    settled_by: int | None = Field(default=None, foreign_key="person.id")


class Signature(SQLModel, table=True):
    """Who signed which bytes (`sha256` of the file as it was then), with which certificate, in whose place.

    `position`: as it stands under it; whose agency works elsewhere stands there by name and has no `person_id`.
    """

    __table_args__ = (
        one_of("kind", SignatureKind, "signature"),
        CheckConstraint("person_id is not null or position <> ''", name="signature_of_somebody"),
        Index("signature_of_document", "document_id"),
    )

    id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    letter_no: int | None = None
    document_id: UUID
    kind: str = words()
    person_id: int | None = Field(default=None, foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")
    unit_id: int = Field(foreign_key="unit.id")
    position: str = words()
    adapter: str = words()
    subject: str | None = words(required=False)
    issuer: str | None = words(required=False)
    serial: str | None = words(required=False)
    sha256: str = words()
    at: datetime = instant()


class SigningRequest(SQLModel, table=True):
    """A digest that waits for a token or a remote service; `prepared`: SHA-256 of the file in the spool or store."""

    __tablename__ = "signing_request"
    __table_args__ = (one_of("kind", SignatureKind, "signing_request"),)

    id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    letter_no: int
    kind: str = words()
    person_id: int = Field(foreign_key="person.id")
    certificate: bytes = octets()
    prepared: str = words()
    digest: bytes = octets()
    state: dict[str, Any] = document()
    created_at: datetime = instant()
    expires_at: datetime = instant()
    done_at: datetime | None = instant(required=False)


class BookEntry(SQLModel, table=True):
    """The line of a validly received dossier in the year's tracking book of its desk (Form 07): 1, 2, 3, no gap."""

    __tablename__ = "book_entry"
    __table_args__ = (UniqueConstraint("dossier_id"),)

    agency: str = Field(foreign_key="agency.code", primary_key=True)
    year: int = Field(primary_key=True)
    no: int = Field(primary_key=True)
    dossier_id: int = of_dossier()
    at: datetime = instant()


class ReceptionDraft(SQLModel, table=True):
    """A form of reception as it was typed, its writer's own; `id` becomes the idempotency key of the reception."""

    __tablename__ = "reception_draft"
    __table_args__ = (Index("reception_draft_of_person", "person_id", text("changed_at desc")),)

    id: UUID = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    procedure: str = words()
    content: dict[str, Any] = document()
    changed_at: datetime = moment_now()


class CodeBlock(SQLModel, table=True):
    """Dossier codes set aside for one counter, so that it goes on receiving while the network is down."""

    __tablename__ = "code_block"
    __table_args__ = (
        CheckConstraint("first_no <= last_no", name="code_block_in_order"),
        Index("code_block_of_person", "person_id", "period"),
    )

    id: UUID = Field(primary_key=True)
    agency: str = Field(foreign_key="agency.code")
    period: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int = Field(foreign_key="person.id")
    first_no: int
    last_no: int
    taken_at: datetime = instant()


class Upload(SQLModel, table=True):
    """A file on its way, in pieces; its bytes lie in the spool. `received` of `size` octets are on the disk.

    `sha256`: all of it is there and named by it. `replaces`: the document it is a better scan of.
    """

    __table_args__ = (UniqueConstraint("person_id", "key"), Index("upload_abandoned", "changed_at"))

    id: UUID = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    dossier_id: int = of_dossier(index=True)
    component: str = words()
    name: str = words()
    media_type: str | None = words(required=False)
    size: int
    received: int = 0
    key: str = words()
    replaces: UUID | None = None
    sha256: str | None = words(required=False)
    changed_at: datetime = moment_now()


class Rating(SQLModel, table=True):
    """A vote about a transaction, without who gave it (R30): only that one was given is known of a dossier."""

    __table_args__ = (CheckConstraint("score between 1 and 5", name="rating_score_known"),
                      Index("rating_of_unit", "unit_id", "day"))

    id: UUID = Field(primary_key=True)
    day: date
    unit_id: int = Field(foreign_key="unit.id")
    procedure: str = words()
    score: int
    words: str = words()


class RatingGiven(SQLModel, table=True):
    __tablename__ = "rating_given"

    dossier_id: int = of_dossier(primary_key=True)
    at: datetime = instant()


class Message(SQLModel, table=True):
    """A notice to a citizen or a member of staff, queued with the act that caused it; never lost, never silent.

    `kind` names the template, `data` what it fills in. `person_id` is empty for a citizen. A message that failed for
    good has `parked_at` and belongs to `owner_unit_id`.
    """

    __table_args__ = (
        one_of("channel", Channel, "message"),
        Index("message_due", "next_attempt_at", postgresql_where=text("sent_at is null and parked_at is null")),
        Index("message_parked", "owner_unit_id", "parked_at",
              postgresql_where=text("parked_at is not null and sent_at is null and closed_at is null")),
        Index("message_of_dossier", "dossier_id"),
        Index("message_of_none", "kind", "created_at", postgresql_where=text("dossier_id is null")),
    )

    id: UUID = Field(primary_key=True)
    dossier_id: int | None = Field(default=None, sa_column=Column(BigInteger, ForeignKey("dossier.id")))
    person_id: int | None = Field(default=None, foreign_key="person.id")
    owner_unit_id: int = Field(foreign_key="unit.id")
    kind: str = words()
    channel: str = words()
    address: str = words()
    language: str = words()
    data: dict[str, Any] = document()
    created_at: datetime = instant()
    next_attempt_at: datetime = instant()
    attempts: int = 0
    lease_until: datetime | None = instant(required=False)
    sent_at: datetime | None = instant(required=False)
    parked_at: datetime | None = instant(required=False)
    last_error: str | None = words(required=False)
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    closed_why: str | None = words(required=False)


class Preference(SQLModel, table=True):
    """How a member of staff wants to be told; minutes of the day between which nothing is sent; kinds not wanted."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    mail: str = words()
    phone: str = words()
    channels: list[str] = many_words()
    unwanted: list[str] = many_words()
    quiet_from: int | None = None
    quiet_until: int | None = None

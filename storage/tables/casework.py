"""The dossier and everything that `record_act` writes with it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Sequence, text
from sqlmodel import Field, SQLModel

from procedures.declaration import Channel, Expiry, Role
from storage.tables.columns import document, instant, many_words, octets, one_of, words

dossier_ids = Sequence("dossier_id_seq", metadata=SQLModel.metadata, data_type=BigInteger)


class Outcome(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


class ReturnWay(StrEnum):
    COUNTER = "counter"
    POST = "post"
    ELECTRONIC = "electronic"


class Mirror(StrEnum):
    """SUCCESSOR: we do one piece of work for a dossier of another installation. SHADOW: we only see how it stands."""

    SUCCESSOR = "successor"
    SHADOW = "shadow"


class ClockKind(StrEnum):
    DOSSIER = "dossier"
    STEP = "step"
    HANDOFF = "handoff"
    CONSULTATION = "consultation"
    OBLIGATION = "obligation"
    AGENCY = "agency"
    ANSWER = "answer"
    REQUEST = "request"
    FEEDBACK = "feedback"


class Duty(StrEnum):
    """What a work item asks of its unit: do the step, decide on a hand-off that came back, give an opinion asked for
    beside the procedure."""

    STEP = "step"
    RESOLVE = "resolve"
    CONSULT = "consult"


class DocumentState(StrEnum):
    """PROMISED: the paper is in, its scan is not. PENDING: the bytes are safe here, the store has not taken them."""

    PROMISED = "promised"
    PENDING = "pending"
    STORED = "stored"
    DAMAGED = "damaged"


def of_dossier(*, primary_key: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(
        BigInteger, ForeignKey("dossier.id"), primary_key=primary_key, nullable=False, index=index))


class Dossier(SQLModel, table=True):
    """`version` rises with every act that changes what a person decides on; `audit_seq` with every entry."""

    __table_args__ = (
        one_of("channel", Channel, "dossier"),
        one_of("return_way", ReturnWay, "dossier"),
        CheckConstraint("outcome is null or outcome in ('approved', 'rejected')", name="dossier_outcome_known"),
        CheckConstraint("mirror is null or mirror in ('successor', 'shadow')", name="dossier_mirror_known"),
        CheckConstraint("status between 1 and 10", name="dossier_status_known"),
        Index("dossier_of_desk", "intake_unit_id", text("submitted_at desc")),
        Index("dossier_open", "due_at", postgresql_where=text("closed_at is null")),
        Index("dossier_in_flight", "id", postgresql_where=text("closed_at is null")),
    )

    id: int = Field(
        sa_column=Column(BigInteger, dossier_ids, primary_key=True, server_default=dossier_ids.next_value()))
    code: str = words(unique=True)
    version_id: int = Field(foreign_key="procedure_version.id")
    intake_agency: str = Field(foreign_key="agency.code")
    intake_unit_id: int = Field(foreign_key="unit.id")
    channel: str = words()
    return_way: str = words()
    subject: str = words()
    facts: dict[str, Any] = document()
    submitted_at: datetime = instant()
    received_at: datetime | None = instant(required=False)
    first_due_at: datetime | None = instant(required=False)
    due_at: datetime | None = instant(required=False)
    due_provisional: bool = False
    finished_at: datetime | None = instant(required=False)
    closed_at: datetime | None = instant(required=False)
    outcome: str | None = words(required=False)
    status: int
    history: dict[str, Any] = document()
    supplements: int = 0
    version: int
    item_no: int
    clock_no: int
    handoff_seq: int
    audit_seq: int
    audit_head: bytes = octets()
    # there are letters or signatures: few acts have to read them
    letters: bool | None = None
    # another system masters it; empty: it is ours
    mirror: str | None = words(required=False)


class Applicant(SQLModel, table=True):
    """Personal values live here only; `commit_key` keys their commitments in the audit, erasing it unlinks them."""

    __table_args__ = (
        Index("applicant_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
        Index("applicant_id_number", "id_number"),
    )

    dossier_id: int = of_dossier(primary_key=True)
    name: str = words()
    id_number: str = words()
    phone: str = words()
    email: str = words()
    address: str = words()
    search: str = words()
    commit_key: bytes = octets()


class ActiveState(SQLModel, table=True):
    """The leaves of the configuration; their ancestors follow from the procedure."""

    __tablename__ = "active_state"
    __table_args__ = (Index("active_state_by_state", "state"),)

    dossier_id: int = of_dossier(primary_key=True)
    state: str = Field(primary_key=True)
    entered_at: datetime = instant()


class WorkItem(SQLModel, table=True):
    """`available_at` is empty while the hand-off that brings it has not been delivered."""

    __tablename__ = "work_item"
    __table_args__ = (
        one_of("role", Role, "work_item"),
        one_of("duty", Duty, "work_item"),
        Index("work_item_open", "unit_id", "due_at", "dossier_id",
              postgresql_where=text("closed_at is null and available_at is not null")),
        Index("work_item_done", "unit_id", text("closed_at desc"), postgresql_where=text("closed_at is not null")),
        # what pages ask every few seconds: did anything change in these units?
        Index("work_item_newest", "unit_id", text("available_at desc"),
              postgresql_where=text("available_at is not null")),
        Index("work_item_claimed", "unit_id", "claimed_at",
              postgresql_where=text("claimed_at is not null and closed_at is null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    state: str = words()
    duty: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    role: str = words()
    handoff_id: UUID | None = None
    opened_version: int
    opened_at: datetime = instant()
    available_at: datetime | None = instant(required=False)
    due_at: datetime | None = instant(required=False)
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    close_event: str | None = words(required=False)
    # who said that he is at it, or was told to be; empty: anybody of the unit who has the role
    claimed_by: int | None = Field(default=None, foreign_key="person.id")
    claimed_at: datetime | None = instant(required=False)
    # of its dossier, so that a list is narrowed without looking at any: the procedure, who took it in
    procedure: str | None = words(required=False)
    desk: str | None = words(required=False)
    # in whose place it was closed
    closed_for: int | None = Field(default=None, foreign_key="person.id")


class Clock(SQLModel, table=True):
    """`marks` are the record (start, stop, resume, restart, extend, end); `due_at` is computed from them.

    `agency`: whose calendar counts, if not that of the agency that took the dossier in; `calendar_no`: the calendar
    the due date was computed with.
    """

    __table_args__ = (
        one_of("kind", ClockKind, "clock"),
        one_of("expiry", Expiry, "clock"),
        Index("clock_outliving", "dossier_id",
              postgresql_where=text("ended_at is null and kind in ('obligation', 'feedback')")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    kind: str = words()
    item_no: int | None = None
    time_limit: list[str] = document()
    count_mode: str = words()
    marks: list[dict[str, Any]] = document()
    first_due_at: datetime | None = instant(required=False)
    due_at: datetime | None = instant(required=False)
    ended_at: datetime | None = instant(required=False)
    agency: str | None = Field(default=None, foreign_key="agency.code")
    calendar_no: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    expiry: str | None = words(required=False)


class Timer(SQLModel, table=True):
    """The next alarm of a running clock; its predecessors are in the audit.

    `attempts` and `why`: how often it could not be rung, and what came in between the last time.
    """

    __table_args__ = (
        ForeignKeyConstraint(["dossier_id", "clock_no"], ["clock.dossier_id", "clock.no"]),
        Index("timer_due", "fires_at"),
        Index("timer_failing", "retry_at", postgresql_where=text("attempts > 0")),
    )

    dossier_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    clock_no: int = Field(primary_key=True)
    kind: str = words()
    fires_at: datetime = instant()
    attempts: int = 0
    retry_at: datetime | None = instant(required=False)
    why: str | None = words(required=False)


class Document(SQLModel, table=True):
    __table_args__ = (
        one_of("state", DocumentState, "document"),
        CheckConstraint("(state = 'promised') = (sha256 is null)", name="document_bytes_known"),
        Index("document_unfinished", "state", postgresql_where=text("state = 'pending'")),
        Index("document_content", "sha256"),
    )

    id: UUID = Field(primary_key=True)
    dossier_id: int = of_dossier(index=True)
    component: str = words()
    form: str = words()
    name: str = words()
    state: str = words()
    reason: str | None = words(required=False)
    copies: int | None = None
    media_type: str | None = words(required=False)
    size: int | None = None
    pages: int | None = None
    sha256: str | None = words(required=False)
    replaced_by: UUID | None = None
    # the paper of an earlier dossier of the same person whose bytes these are
    reused_from: UUID | None = None
    # what the machine saw on a scan: dpi, blank, dark, skewed pages
    quality: dict[str, Any] | None = document(required=False)
    # empty: it came from another installation, or by a link (the record names who sent it)
    added_by: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime = instant()


class Opinion(SQLModel, table=True):
    """The answer of a consulted agency; its words are the remark of the same audit entry.

    Without a person it is tacit: none came in time, and the law says what that means.
    """

    dossier_id: int = of_dossier(primary_key=True)
    item_no: int = Field(primary_key=True)
    state: str = words()
    verdict: str = words()
    person_id: int | None = Field(default=None, foreign_key="person.id")
    seq: int
    at: datetime = instant()


class Consultation(SQLModel, table=True):
    """An opinion the procedure does not know of, asked by an officer who may: a deviation.

    `round` joins those asked at once; `join_rule` says what the dossier waits for. The purpose is the remark of entry
    `seq`, the answer that of entry `answer_seq`. Answered by nobody it is tacit, as an opinion is.
    """

    __table_args__ = (Index("consultation_by_unit", "unit_id", "asked_at"),)

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    round: int
    state: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    from_unit_id: int = Field(foreign_key="unit.id")
    item_no: int
    join_rule: str = words()
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = instant()
    seq: int
    due_at: datetime | None = instant(required=False)
    verdict: str | None = words(required=False)
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(required=False)
    answer_seq: int | None = None
    withdrawn_at: datetime | None = instant(required=False)


class Addition(SQLModel, table=True):
    """What one unit finds missing: gathered until the citizen is asked once for all of it (`asked_at`)."""

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int = Field(foreign_key="person.id")
    state: str = words()
    documents: list[str] = many_words()
    seq: int
    at: datetime = instant()
    asked_at: datetime | None = instant(required=False)


class Obligation(SQLModel, table=True):
    """What the applicant owes after the result; its clock reminds the unit that leads."""

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    name_vi: str = words()
    name_en: str = words()
    clock_no: int
    due_at: datetime | None = instant(required=False)
    fulfilled_at: datetime | None = instant(required=False)
    fulfilled_by: int | None = Field(default=None, foreign_key="person.id")


class AssetClaim(SQLModel, table=True):
    """A dossier that works on one object (a certificate). One holder at a time: the partial unique index."""

    __tablename__ = "asset_claim"
    __table_args__ = (
        Index("asset_held_once", "kind", "identity", unique=True, postgresql_where=text("held_at is not null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    kind: str = Field(primary_key=True)
    identity: str = Field(primary_key=True)
    held_at: datetime | None = instant(required=False)


class Payment(SQLModel, table=True):
    """A financial obligation in đồng: asked for, then proven."""

    __table_args__ = (CheckConstraint("amount > 0", name="payment_amount_positive"),)

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    requested_at: datetime = instant()
    paid_at: datetime | None = instant(required=False)
    proof: str | None = words(required=False)


class Remark(SQLModel, table=True):
    """Words written with an act. The audit holds their keyed commitment; erasing the row leaves the chain valid."""

    dossier_id: int = of_dossier(primary_key=True)
    seq: int = Field(primary_key=True)
    body: str = words()
    key: bytes = octets()


class Notice(SQLModel, table=True):
    """An alarm shown to a unit, or to who holds `role` in it; the unique key is what makes it ring once."""

    __table_args__ = (
        one_of("role", Role, "notice"),
        Index("notice_once", "dossier_id", "clock_no", "kind", "about", "unit_id", unique=True),
        Index("notice_unread", "unit_id", text("at desc"), postgresql_where=text("read_at is null")),
        Index("notice_moved_later", "at", postgresql_where=text("kind = 'due_moved_later'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    dossier_id: int = of_dossier()
    clock_no: int
    kind: str = words()
    about: datetime = instant()
    unit_id: int = Field(foreign_key="unit.id")
    at: datetime = instant()
    read_at: datetime | None = instant(required=False)
    role: str | None = words(required=False)
    due_at: datetime | None = instant(required=False)

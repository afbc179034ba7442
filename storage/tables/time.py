"""Working calendars as versions, what a change of them does to due dates, and what legal time brings with it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, many_words, one_of, words


class EndKind(StrEnum):
    """What ended the time a dossier is judged by."""

    RESULT = "result"
    REJECTED = "rejected"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


class FeedbackKind(StrEnum):
    COMPLAINT = "complaint"
    PETITION = "petition"
    SUGGESTION = "suggestion"


class CalendarVersion(SQLModel, table=True):
    """What one scope declares: '' is the calendar all share, else an agency's own rows. Never changes.

    `id` is the calendar number: as of a number, each scope has its newest version with no greater id.
    """

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("scope", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    scope: str = words()
    number: int
    content: str = words()
    sha256: str = words()
    reason: str = words()
    entered_by: int | None = Field(default=None, foreign_key="person.id")
    entered_at: datetime = instant()


class CalendarDraft(SQLModel, table=True):
    """What is being changed of one scope; `base_id` is the version it was begun from."""

    __tablename__ = "calendar_draft"

    scope: str = Field(primary_key=True)
    content: str = words()
    base_id: int
    version: int
    changed_by: int = Field(foreign_key="person.id")
    changed_at: datetime = instant()


class CalendarRecompute(SQLModel, table=True):
    """The due dates after a new version: `cursor` is the last dossier seen to, whoever goes on goes on from there;
    when there are no more, `bundle_cursor` the last bundle.

    Nothing due before `from_at` can move.
    """

    __tablename__ = "calendar_recompute"
    __table_args__ = (
        Index("calendar_recompute_open", "calendar_no", postgresql_where=text("finished_at is null")),
    )

    calendar_no: int = Field(foreign_key="calendar_version.id", primary_key=True)
    from_at: datetime = instant()
    cursor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    bundle_cursor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    considered: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    moved: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    failed: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    started_at: datetime | None = instant(required=False)
    finished_at: datetime | None = instant(required=False)
    last_error: str | None = words(required=False)


class CalendarLeft(SQLModel, table=True):
    """A dossier a recomputation has passed and not seen to: somebody was at it, or (`why`) it could not be computed."""

    __tablename__ = "calendar_left"

    dossier_id: int = of_dossier(primary_key=True)
    calendar_no: int = Field(foreign_key="calendar_recompute.calendar_no", primary_key=True)
    why: str | None = words(required=False)


class Apology(SQLModel, table=True):
    """Form 04: drafted by the system a working day before due, issued by a person with reason and new date."""

    __table_args__ = (Index("apology_open", "original_due_at", postgresql_where=text("issued_at is null")),)

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    clock_no: int
    drafted_at: datetime = instant()
    original_due_at: datetime = instant()
    proposed_due_at: datetime = instant()
    new_due_at: datetime | None = instant(required=False)
    issued_at: datetime | None = instant(required=False)
    issued_by: int | None = Field(default=None, foreign_key="person.id")
    seq: int | None = None


class Judgement(SQLModel, table=True):
    """Early, on time or late, when the time of a dossier ended. Minutes are working minutes, 0 when not late.

    `due_original` is the dossier's first date, `due_judged` that date moved by stops and calendars but not by an
    extension: it decides. `worked` is what counted, `allowed` what was promised: empty where nothing was. `grounds`:
    why it counts late.
    """

    __table_args__ = (
        one_of("end_kind", EndKind, "judgement"),
        CheckConstraint("national in ('on_time', 'late', 'not_judged')", name="judgement_national_known"),
        CheckConstraint("local in ('early', 'on_time', 'late', 'not_judged')", name="judgement_local_known"),
        Index("judgement_by_end", "ended_at"),
    )

    dossier_id: int = of_dossier(primary_key=True)
    ended_at: datetime = instant()
    end_kind: str = words()
    due_original: datetime | None = instant(required=False)
    due_judged: datetime | None = instant(required=False)
    due_new: datetime | None = instant(required=False)
    national: str = words()
    local: str = words()
    late_original: int
    late_new: int
    worked: int
    allowed: int | None = None
    grounds: list[str] = many_words()
    supplements: int
    extended: bool
    calendar_no: int
    at: datetime = instant()


class Feedback(SQLModel, table=True):
    """A citizen's complaint, petition or suggestion about a dossier; its words are the remark of entry `seq`."""

    __table_args__ = (
        one_of("kind", FeedbackKind, "feedback"),
        CheckConstraint("outcome in ('accepted', 'refused')", name="feedback_outcome_known"),
        Index("feedback_open", "due_at", postgresql_where=text("answered_at is null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    kind: str = words()
    seq: int
    clock_no: int
    received_by: int = Field(foreign_key="person.id")
    received_at: datetime = instant()
    due_at: datetime | None = instant(required=False)
    outcome: str | None = words(required=False)
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(required=False)
    answer_seq: int | None = None


class SupplementLeave(SQLModel, table=True):
    """A superior lets the citizen be asked once more (R4); `used_seq` is the entry of the request that used it."""

    __tablename__ = "supplement_leave"

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    seq: int
    given_by: int = Field(foreign_key="person.id")
    given_at: datetime = instant()
    used_seq: int | None = None


class Sweep(SQLModel, table=True):
    """One pass over the alarms that had something to do; `lag` is how late, in seconds, its oldest alarm rang.

    `kinds`: how many rang of each kind.
    """

    __table_args__ = (Index("sweep_newest", text("ended_at desc")),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    began_at: datetime = instant()
    ended_at: datetime = instant()
    rang: int
    passed: int
    failed: int
    lag: int
    kinds: dict[str, int] = document()


class Heartbeat(SQLModel, table=True):
    """When a job last looked, whether or not there was something to do."""

    job: str = Field(primary_key=True)
    at: datetime = instant()
    who: str = words()
    note: str = words()

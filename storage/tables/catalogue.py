"""Procedures and their published versions, and the revision that tells caches to look again."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from storage.tables.columns import document, instant, octets, one_of, words


class DraftState(StrEnum):
    """CHECKED: found sound as it stands, waiting for a second person; any change opens it again."""

    OPEN = "open"
    CHECKED = "checked"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Procedure(SQLModel, table=True):
    key: str = Field(primary_key=True)


class ProcedureVersion(SQLModel, table=True):
    """`content` is the canonical declaration; once published it never changes, `sha256` proves it."""

    __tablename__ = "procedure_version"
    __table_args__ = (UniqueConstraint("procedure", "number"), one_of("state", VersionState, "procedure_version"))

    id: int | None = Field(default=None, primary_key=True)
    procedure: str = Field(foreign_key="procedure.key")
    number: int
    content: str = words()
    sha256: str = words()
    state: str = words()
    valid_from: date
    valid_to: date | None = None
    decision_no: str | None = words(required=False)
    published_at: datetime | None = instant(required=False)
    checked_by: int | None = Field(default=None, foreign_key="person.id")
    approved_by: int | None = Field(default=None, foreign_key="person.id")


class ProcedureDraft(SQLModel, table=True):
    """A procedure being written: plain data (JSON text, its order means something) that may still be incomplete.

    `version` rises with every change; a trigger keeps in `writers` everybody who ever changed it.
    """

    __tablename__ = "procedure_draft"
    __table_args__ = (one_of("state", DraftState, "procedure_draft"),
                      Index("procedure_draft_open", text("changed_at desc"),
                            postgresql_where=text("state in ('open', 'checked')")))

    id: int | None = Field(default=None, primary_key=True)
    procedure: str = words()
    base_version_id: int | None = Field(default=None, foreign_key="procedure_version.id")
    content: str = words()
    version: int
    state: str = words()
    created_by: int = Field(foreign_key="person.id")
    created_at: datetime = instant()
    changed_by: int = Field(foreign_key="person.id")
    changed_at: datetime = instant()
    checked_by: int | None = Field(default=None, foreign_key="person.id")
    checked_at: datetime | None = instant(required=False)
    checked_sha256: str | None = words(required=False)
    report: dict[str, Any] | None = document(required=False)
    published_id: int | None = Field(default=None, foreign_key="procedure_version.id")
    writers: list[int] = Field(default=None, sa_column=Column(ARRAY(Integer), nullable=False,
                                                              server_default=text("'{}'")))


class PendingImport(SQLModel, table=True):
    """The file somebody uploaded and has looked at, until it is taken over; one a person."""

    __tablename__ = "pending_import"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    name: str = words()
    content: bytes = octets()
    uploaded_at: datetime = instant()


class Scenario(SQLModel, table=True):
    """A rehearsal of a procedure: who does what, and what is expected; belongs to the procedure, not to a version."""

    id: int | None = Field(default=None, primary_key=True)
    procedure: str = Field(sa_column=Column(Text, nullable=False, index=True))
    name: str = words()
    content: dict[str, Any] = document()
    recorded_from: str | None = words(required=False)
    created_by: int = Field(foreign_key="person.id")
    created_at: datetime = instant()
    removed_at: datetime | None = instant(required=False)


class BundleVersion(SQLModel, table=True):
    """A declared bundle; `content` is canonical and never changes, like that of a procedure."""

    __tablename__ = "bundle_version"
    __table_args__ = (UniqueConstraint("bundle", "number"), one_of("state", VersionState, "bundle_version"))

    id: int | None = Field(default=None, primary_key=True)
    bundle: str = words()
    number: int
    content: str = words()
    sha256: str = words()
    state: str = words()
    valid_from: date
    valid_to: date | None = None
    decision_no: str | None = words(required=False)
    published_at: datetime | None = instant(required=False)
    checked_by: int | None = Field(default=None, foreign_key="person.id")
    approved_by: int | None = Field(default=None, foreign_key="person.id")


class Revision(SQLModel, table=True):
    """One row; raised whenever procedures, units, bindings or calendars change."""

    __table_args__ = (CheckConstraint("id = 1", name="revision_one_row"),)

    id: int = Field(primary_key=True)
    number: int

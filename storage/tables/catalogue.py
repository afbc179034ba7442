"""Procedures and their published versions, and the revision that tells caches to look again."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import instant, one_of, words


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


class Revision(SQLModel, table=True):
    """One row; raised whenever procedures, units, bindings or calendars change."""

    __table_args__ = (CheckConstraint("id = 1", name="revision_one_row"),)

    id: int = Field(primary_key=True)
    number: int

"""Moving dossiers in flight from one version of a procedure to another."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, one_of, words


class ItemState(StrEnum):
    MOVED = "moved"
    FAILED = "failed"
    UNDONE = "undone"


class Migration(SQLModel, table=True):
    """A plan: which state becomes which, what happens to clocks, by whose decision."""

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    from_version_id: int = Field(foreign_key="procedure_version.id")
    to_version_id: int = Field(foreign_key="procedure_version.id")
    plan: dict[str, Any] = document()
    decision_no: str = words()
    reason: str = words()
    created_by: int = Field(foreign_key="person.id")
    created_at: datetime = instant()


class MigrationItem(SQLModel, table=True):
    """One dossier of a plan. `before` is what an undo puts back; `moved_seq` the audit entry of the move."""

    __tablename__ = "migration_item"
    __table_args__ = (one_of("state", ItemState, "migration_item"),)

    migration_id: int = Field(sa_column=Column(BigInteger, ForeignKey("migration.id"), primary_key=True))
    dossier_id: int = of_dossier(primary_key=True, index=True)
    state: str = words()
    why: str | None = words(required=False)
    before: dict[str, Any] | None = document(required=False)
    moved_seq: int | None = None
    at: datetime = instant()
    undone_at: datetime | None = instant(required=False)
    undone_by: int | None = Field(default=None, foreign_key="person.id")

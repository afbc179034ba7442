"""Bundles: one submission of a citizen, several dossiers of several agencies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from procedures.declaration import Channel
from storage.tables.casework import ReturnWay
from storage.tables.columns import document, instant, one_of, words


def of_bundle(*, primary_key: bool = False) -> Any:
    return Field(default=None, sa_column=Column(
        BigInteger, ForeignKey("bundle.id"), primary_key=primary_key, nullable=False))


class Bundle(SQLModel, table=True):
    """The submission: one code, one receipt, one appointment. `first_due_at` never changes.

    `gather_until`: until then requests for additions of its parts are gathered, then the citizen is asked once.
    `partial_at`: the citizen agreed to fetch finished parts before the others.
    """

    __table_args__ = (
        one_of("channel", Channel, "bundle"),
        one_of("return_way", ReturnWay, "bundle"),
        Index("bundle_of_desk", "intake_unit_id", text("submitted_at desc")),
        Index("bundle_gathering", "gather_until", postgresql_where=text("gather_until is not null")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    code: str = words(unique=True)
    version_id: int = Field(foreign_key="bundle_version.id")
    intake_agency: str = Field(foreign_key="agency.code")
    intake_unit_id: int = Field(foreign_key="unit.id")
    received_by: int = Field(foreign_key="person.id")
    channel: str = words()
    return_way: str = words()
    subject: str = words()
    submitted_at: datetime = instant()
    first_due_at: datetime | None = instant(required=False)
    due_at: datetime | None = instant(required=False)
    due_provisional: bool = False
    gather_until: datetime | None = instant(required=False)
    partial_at: datetime | None = instant(required=False)
    partial_by: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(required=False)
    version: int
    letters: list[dict[str, Any]] = document()


class BundlePart(SQLModel, table=True):
    """A dossier as part of a bundle; `expected_due_at` is its date on the critical path."""

    __tablename__ = "bundle_part"

    bundle_id: int = of_bundle(primary_key=True)
    part: str = Field(primary_key=True)
    dossier_id: int = Field(sa_column=Column(BigInteger, ForeignKey("dossier.id"), nullable=False, unique=True))
    expected_due_at: datetime | None = instant(required=False)
    released_at: datetime | None = instant(required=False)
    stopped_for: str | None = words(required=False)

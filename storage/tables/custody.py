"""Paper: one custodian at a time, courier runs, what did not arrive."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import instant, one_of, words


class PaperKind(StrEnum):
    SUBMITTED = "submitted"
    RESULT = "result"


class PaperState(StrEnum):
    HELD = "held"
    CARRIED = "carried"
    MISSING = "missing"
    POSTED = "posted"
    HANDED_OVER = "handed_over"


class RunState(StrEnum):
    PLANNED = "planned"
    LISTED = "listed"
    DEPARTED = "departed"
    ARRIVED = "arrived"


class Paper(SQLModel, table=True):
    """`bound_for_unit_id`: where it must go; `run_id`: the courier run whose manifest lists it."""

    __table_args__ = (
        one_of("kind", PaperKind, "paper"),
        one_of("state", PaperState, "paper"),
        UniqueConstraint("dossier_id", "kind"),
        Index("paper_waiting", "unit_id", postgresql_where=text("bound_for_unit_id is not null")),
    )

    barcode: str = Field(primary_key=True)
    dossier_id: int = of_dossier()
    kind: str = words()
    state: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    bound_for_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    bound_at: datetime | None = instant(required=False)
    run_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    since: datetime = instant()


class CourierRun(SQLModel, table=True):
    __tablename__ = "courier_run"
    __table_args__ = (
        UniqueConstraint("day", "no"),
        one_of("state", RunState, "courier_run"),
        CheckConstraint("no between 1 and 9", name="courier_run_no_small"),
        Index("courier_run_due", "depart_at", postgresql_where=text("state = 'planned'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    day: date
    no: int
    depart_at: datetime = instant()
    state: str = words()
    courier_id: int | None = Field(default=None, foreign_key="person.id")
    listed_at: datetime | None = instant(required=False)
    departed_at: datetime | None = instant(required=False)
    arrived_at: datetime | None = instant(required=False)


class CourierLoad(SQLModel, table=True):
    """One line of a manifest: taken when the courier has it, confirmed when the receiver has it."""

    __tablename__ = "courier_load"
    __table_args__ = (Index("courier_load_waiting", "to_unit_id", postgresql_where=text("confirmed_at is null")),)

    run_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    barcode: str = Field(primary_key=True, foreign_key="paper.barcode")
    dossier_id: int = of_dossier(index=True)
    from_unit_id: int = Field(foreign_key="unit.id")
    to_unit_id: int = Field(foreign_key="unit.id")
    taken_at: datetime | None = instant(required=False)
    taken_by: int | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = instant(required=False)
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    missing_at: datetime | None = instant(required=False)


class Incident(SQLModel, table=True):
    """Something that went wrong with a paper, and the unit that must see to it (Decree 61/2018 art. 21)."""

    __table_args__ = (Index("incident_open", "unit_id", postgresql_where=text("closed_at is null")),)

    id: UUID = Field(primary_key=True)
    kind: str = words()
    dossier_id: int = of_dossier(index=True)
    run_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    unit_id: int = Field(foreign_key="unit.id")
    opened_at: datetime = instant()
    detail: str = words()
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")

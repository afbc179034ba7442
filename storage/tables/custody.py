"""Paper: one custodian at a time, courier runs, what did not arrive."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, many_words, one_of, words


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


class TransferOutcome(StrEnum):
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"


class Paper(SQLModel, table=True):
    """`bound_for_unit_id`: where it must go; `run_id`: the courier run whose manifest lists it.

    `carrier`: who has it outside our units, while it is posted.
    """

    __table_args__ = (
        one_of("kind", PaperKind, "paper"),
        one_of("state", PaperState, "paper"),
        UniqueConstraint("dossier_id", "kind"),
        Index("paper_waiting", "unit_id", postgresql_where=text("bound_for_unit_id is not null")),
        CheckConstraint("state <> 'carried' or person_id is not null", name="paper_carried_by_somebody"),
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
    carrier: str | None = words(required=False)


class Custody(SQLModel, table=True):
    """Every change of who has a paper, written by the database at the commit of the act (`seq` of the audit).

    The holder since `since` is the row with the highest `no`; `from_*` is the row before it. Never changed.
    """

    __table_args__ = (one_of("state", PaperState, "custody"),)

    barcode: str = Field(primary_key=True, foreign_key="paper.barcode")
    no: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    dossier_id: int = of_dossier(index=True)
    seq: int
    state: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    carrier: str | None = words(required=False)
    from_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    from_person_id: int | None = Field(default=None, foreign_key="person.id")
    since: datetime = instant()


class Transfer(SQLModel, table=True):
    """A paper offered from hand to hand; the giver keeps custody until the receiver confirms.

    `due_at`: unconfirmed after it, both units are told (`rung_at`).
    """

    __table_args__ = (
        one_of("outcome", TransferOutcome, "transfer"),
        CheckConstraint("(settled_at is null) = (outcome is null)", name="transfer_settled_somehow"),
        Index("transfer_open", "barcode", unique=True, postgresql_where=text("settled_at is null")),
        Index("transfer_given", "from_unit_id", postgresql_where=text("settled_at is null")),
        Index("transfer_awaited", "to_unit_id", postgresql_where=text("settled_at is null")),
        Index("transfer_due", "due_at", postgresql_where=text("settled_at is null and rung_at is null")),
    )

    id: UUID = Field(primary_key=True)
    barcode: str = Field(foreign_key="paper.barcode")
    dossier_id: int = of_dossier(index=True)
    from_unit_id: int = Field(foreign_key="unit.id")
    from_person_id: int = Field(foreign_key="person.id")
    to_unit_id: int = Field(foreign_key="unit.id")
    to_person_id: int | None = Field(default=None, foreign_key="person.id")
    offered_at: datetime = instant()
    due_at: datetime = instant()
    rung_at: datetime | None = instant(required=False)
    settled_at: datetime | None = instant(required=False)
    settled_by: int | None = Field(default=None, foreign_key="person.id")
    outcome: str | None = words(required=False)


class CourierRoute(SQLModel, table=True):
    """An ordered round of units. Route 1 has no stops: it goes wherever no other route goes."""

    __tablename__ = "courier_route"
    __table_args__ = (CheckConstraint("cardinality(departures) between 1 and 9", name="courier_route_departs"),)

    id: int | None = Field(default=None, primary_key=True)
    name_vi: str = words()
    name_en: str = words()
    stops: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    departures: list[time] = Field(sa_column=Column(ARRAY(Time), nullable=False))
    retired_at: datetime | None = instant(required=False)


class CourierRun(SQLModel, table=True):
    __tablename__ = "courier_run"
    __table_args__ = (
        UniqueConstraint("route_id", "day", "no"),
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
    confirm_by: datetime | None = instant(required=False)
    # by the calendar of the agency of each unit it goes to, by the unit's id
    confirm_by_unit: dict[str, Any] | None = document(required=False)
    route_id: int = Field(sa_column=Column(Integer, ForeignKey("courier_route.id"), nullable=False,
                                           server_default=text("1")))


class Bag(SQLModel, table=True):
    """Papers of one run from one unit to another under a numbered seal; a number seals once.

    `unpacked`: what its sender took out of it again before it left.
    """

    __table_args__ = (UniqueConstraint("seal"), Index("bag_of_run", "run_id"))

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    run_id: int = Field(sa_column=Column(BigInteger, ForeignKey("courier_run.id"), nullable=False))
    from_unit_id: int = Field(foreign_key="unit.id")
    to_unit_id: int = Field(foreign_key="unit.id")
    seal: str = words()
    sealed_at: datetime = instant()
    sealed_by: int = Field(foreign_key="person.id")
    opened_at: datetime | None = instant(required=False)
    opened_by: int | None = Field(default=None, foreign_key="person.id")
    seal_found: str | None = words(required=False)
    intact: bool | None = None
    unpacked: list[str] = many_words()


class CourierLoad(SQLModel, table=True):
    """One line of a manifest: taken when the courier has it, confirmed when the receiver has it."""

    __tablename__ = "courier_load"
    __table_args__ = (
        Index("courier_load_waiting", "to_unit_id", postgresql_where=text("confirmed_at is null")),
        Index("courier_load_sent", "from_unit_id",
              postgresql_where=text("confirmed_at is null and taken_at is not null")),
    )

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
    bag_id: int | None = Field(default=None, sa_column=Column(BigInteger, ForeignKey("bag.id"), nullable=True,
                                                              index=True))


class Incident(SQLModel, table=True):
    """Something that went wrong, and the unit that must see to it (Decree 61/2018 art. 21).

    About a paper of a dossier (`detail` is its barcode), or about a bag (`detail` is its seal, `bag_id` set).
    """

    __table_args__ = (
        Index("incident_open", "unit_id", postgresql_where=text("closed_at is null")),
        Index("incident_about", "detail", postgresql_where=text("closed_at is null")),
    )

    id: UUID = Field(primary_key=True)
    kind: str = words()
    dossier_id: int | None = Field(default=None, sa_column=Column(BigInteger, ForeignKey("dossier.id"), nullable=True,
                                                                  index=True))
    run_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    unit_id: int = Field(foreign_key="unit.id")
    opened_at: datetime = instant()
    detail: str = words()
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    bag_id: int | None = Field(default=None, sa_column=Column(BigInteger, ForeignKey("bag.id"), nullable=True))
    closed_why: str | None = words(required=False)

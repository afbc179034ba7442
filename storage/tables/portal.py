"""The national portal: what it is told of each dossier, how the line to it is, how both sides compare day by day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, many_words, one_of, words


class ItemKind(StrEnum):
    """DOSSIER: how it stands (DongBoHoSoMC). PROGRESS: what somebody did (CapNhatTienDoHoSoMC)."""

    DOSSIER = "dossier"
    PROGRESS = "progress"


class Difference(StrEnum):
    """DIFFERENT: fields do not say the same. MISSING_THERE: we sent it. MISSING_HERE: they name it as ours."""

    DIFFERENT = "different"
    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"


class Remedy(StrEnum):
    """What reconciliation did about a difference. NOTED: a person has to look on the page."""

    AGAIN = "again"
    EXCEPTION = "exception"
    NOTED = "noted"


class PortalItem(SQLModel, table=True):
    """Told in the order of `no` (1, 2, 3 … in a dossier), written with the act it tells of (entry `seq`).

    `told`: what stood when the act was done; empty: how the dossier stands when it is sent. `payload` is written before
    the first attempt and sent as it is from then on. `held_at`: an exception with its `faults` ({field, vi, en}), which
    the unit settles by `corrections` or by closing the item; what follows in the dossier waits behind it.
    """

    __tablename__ = "portal_item"
    __table_args__ = (
        one_of("kind", ItemKind, "portal_item"),
        CheckConstraint("status between 1 and 10", name="portal_item_status_known"),
        Index("portal_item_due", "next_attempt_at",
              postgresql_where=text("sent_at is null and closed_at is null and held_at is null")),
        Index("portal_item_open", "dossier_id", "no", postgresql_where=text("sent_at is null and closed_at is null")),
        Index("portal_item_held", "held_at",
              postgresql_where=text("held_at is not null and sent_at is null and closed_at is null")),
        Index("portal_item_sent", "sent_at", postgresql_where=text("sent_at is not null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    kind: str = words()
    status: int
    seq: int
    at: datetime = instant()
    told: dict[str, Any] | None = document(required=False)
    owner_unit_id: int = Field(foreign_key="unit.id")
    reconciled: bool = False
    next_attempt_at: datetime = instant()
    attempts: int = 0
    lease_until: datetime | None = instant(required=False)
    tried_at: datetime | None = instant(required=False)
    # how often the portal did not answer to it although others got through in between
    alone: int = 0
    payload: str | None = words(required=False)
    sha256: str | None = words(required=False)
    sent_at: datetime | None = instant(required=False)
    held_at: datetime | None = instant(required=False)
    faults: list[dict[str, str]] | None = document(required=False)
    corrections: dict[str, str] | None = document(required=False)
    closed_at: datetime | None = instant(required=False)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    closed_why: str | None = words(required=False)


class PortalLine(SQLModel, table=True):
    """One row. Trouble of the line is nobody's dossier's: one attempt at `retry_at` asks for all."""

    __tablename__ = "portal_line"
    __table_args__ = (CheckConstraint("id = 1", name="portal_line_one_row"),)

    id: int = Field(primary_key=True)
    reached_at: datetime | None = instant(required=False)
    trouble_since: datetime | None = instant(required=False)
    trouble: str | None = words(required=False)
    failures: int = 0
    retry_at: datetime | None = instant(required=False)


class PortalDay(SQLModel, table=True):
    """The comparison of one day: `compared` = equal + different + missing_there; `waiting` had more to send."""

    __tablename__ = "portal_day"

    day: date = Field(sa_column=Column(Date, primary_key=True))
    at: datetime = instant()
    sent: int
    compared: int
    equal: int
    different: int
    missing_there: int
    missing_here: int
    waiting: int


class PortalDifference(SQLModel, table=True):
    """A dossier that was not the same on both sides; the names of the fields, never what stands in them."""

    __tablename__ = "portal_difference"
    __table_args__ = (one_of("what", Difference, "portal_difference"), one_of("remedy", Remedy, "portal_difference"))

    day: date = Field(sa_column=Column(Date, primary_key=True))
    code: str = Field(primary_key=True)
    what: str = words()
    fields: list[str] = many_words()
    remedy: str = words()

"""Post: what the postal worker brought and both signed for, results on their way by post, money paid out at home."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import instant, many_words, one_of, words


class PostingState(StrEnum):
    """`returning`: tried as often as it is, and on its way back to the desk."""

    SENT = "sent"
    RETURNING = "returning"
    LOST = "lost"
    DELIVERED = "delivered"
    CAME_BACK = "came_back"


class PayoutWay(StrEnum):
    HOME = "home"
    TRANSFER = "transfer"
    COUNTER = "counter"


class PayoutTurnKind(StrEnum):
    CLOSED = "closed"
    HEIR = "heir"


class PostIntake(SQLModel, table=True):
    """A hand-over record (Biên bản giao nhận hồ sơ). Its signing is when its dossiers were submitted; it is fixed then.

    `worker`: the postal worker who hands over; `receiver`: who signs for the desk.
    """

    __tablename__ = "post_intake"
    __table_args__ = (Index("post_intake_of_unit", "unit_id", text("opened_at desc")),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    carrier: str = words()
    worker: str = words()
    receiver: str = words()
    opened_by: int = Field(foreign_key="person.id")
    opened_at: datetime = instant()
    signed_at: datetime | None = instant(required=False)
    signed_by: int | None = Field(default=None, foreign_key="person.id")
    entered_at: datetime | None = instant(required=False)


class PostIntakeLine(SQLModel, table=True):
    """A dossier as its slip (Phiếu gửi hồ sơ) lists it. `papers`: those of the procedure; `also`: others.

    `completes`: the code of the dossier it is a supplement for. `dossier_id`: what it became, or was added to.
    """

    __tablename__ = "post_intake_line"
    __table_args__ = (
        UniqueConstraint("slip"),
        CheckConstraint("complete or lacking <> ''", name="post_intake_line_lacks_something"),
        CheckConstraint("fee >= 0", name="post_intake_line_fee_not_negative"),
        Index("post_intake_line_of_dossier", "dossier_id"),
    )

    intake_id: int = Field(foreign_key="post_intake.id", primary_key=True)
    no: int = Field(primary_key=True)
    slip: str = words()
    sender: str = words()
    procedure: str = words()
    completes: str | None = words(required=False)
    papers: list[str] = many_words()
    also: str = words()
    complete: bool
    lacking: str = words()
    fee: int = Field(sa_column=Column(BigInteger, nullable=False))
    dossier_id: int | None = Field(default=None, sa_column=Column(BigInteger, ForeignKey("dossier.id")))


class PostBatch(SQLModel, table=True):
    """Results handed to the carrier together; both sign the list."""

    __tablename__ = "post_batch"
    __table_args__ = (Index("post_batch_of_unit", "unit_id", text("opened_at desc")),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    carrier: str = words()
    worker: str = words()
    opened_by: int = Field(foreign_key="person.id")
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(required=False)


class Posting(SQLModel, table=True):
    """A result on its way to its applicant. `recipient`: who else is authorised to take it; `fee` in đồng, to be
    collected on delivery; `originals`: names of the originals that go with it. `address`: where it was sent, None
    where it was sent before that was kept.
    """

    __table_args__ = (
        one_of("state", PostingState, "posting"),
        CheckConstraint("(state in ('delivered', 'came_back')) = (ended_at is not null)", name="posting_ended"),
        CheckConstraint("fee >= 0", name="posting_fee_not_negative"),
        UniqueConstraint("slip"),
        Index("posting_of_batch", "batch_id"),
        Index("posting_open", "unit_id", "sent_at", postgresql_where=text("ended_at is null")),
        Index("posting_came_back", "unit_id", "ended_at", postgresql_where=text("state = 'came_back'")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    slip: str = words()
    carrier: str = words()
    unit_id: int = Field(foreign_key="unit.id")
    batch_id: int | None = Field(default=None, foreign_key="post_batch.id")
    recipient: str = words()
    originals: list[str] = many_words()
    fee: int = Field(sa_column=Column(BigInteger, nullable=False))
    sent_at: datetime = instant()
    sent_by: int = Field(foreign_key="person.id")
    state: str = words()
    attempts: int
    why: str = words()
    delivered_on: date | None = None
    received_by: str = words()
    proof: str = words()
    ended_at: datetime | None = instant(required=False)
    address: str | None = words(required=False)


class PostingAttempt(SQLModel, table=True):
    __tablename__ = "posting_attempt"

    dossier_id: int = of_dossier(primary_key=True)
    posting_no: int = Field(primary_key=True)
    no: int = Field(primary_key=True)
    day: date
    why: str = words()
    note: str = words()
    recorded_by: int = Field(foreign_key="person.id")
    at: datetime = instant()


class Payout(SQLModel, table=True):
    """An order to pay: the dossier is returned, its money has a life of its own. One for a purpose, ever.

    `month`: the first day of the month on whose list it is; `first_month`: of the list it was on first. `failed`:
    visits in vain since it is on this list, `visits`: all. `amount` in đồng. `since_month`: of the first list with the
    recipient it has now, where he is not the first. `paid_on`, or `closed_on` where nobody is left to be paid: closed
    for ever.
    """

    __table_args__ = (
        one_of("way", PayoutWay, "payout"),
        CheckConstraint("amount > 0", name="payout_amount_positive"),
        CheckConstraint("paid_on is null or closed_on is null", name="payout_ends_once"),
        UniqueConstraint("dossier_id", "purpose"),
        Index("payout_of_month", "month"),
        Index("payout_open", "agency", postgresql_where=text("paid_on is null and closed_on is null")),
    )

    dossier_id: int = of_dossier(primary_key=True)
    no: int = Field(primary_key=True)
    purpose: str = words()
    agency: str = Field(foreign_key="agency.code")
    beneficiary: str = words()
    address: str = words()
    account: str = words()
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    way: str = words()
    first_month: date
    month: date
    failed: int
    visits: int
    ordered_by: int = Field(foreign_key="person.id")
    ordered_at: datetime = instant()
    paid_on: date | None = None
    since_month: date | None = None
    closed_on: date | None = None


class PayoutVisit(SQLModel, table=True):
    """`month`: of the list it was done for. `officers`: both names of a visit at home. `receipt`: how the money was
    acknowledged, empty when none was paid; `why` then says so.
    """

    __tablename__ = "payout_visit"
    __table_args__ = (Index("payout_paid_once", "dossier_id", "payout_no", unique=True,
                            postgresql_where=text("receipt <> ''")),
                      CheckConstraint("(receipt <> '') <> (why <> '')", name="payout_visit_paid_or_why_not"),
                      Index("payout_visit_of_month", "month"))

    dossier_id: int = of_dossier(primary_key=True)
    payout_no: int = Field(primary_key=True)
    no: int = Field(primary_key=True)
    agency: str = Field(foreign_key="agency.code")
    month: date
    day: date
    officers: list[str] = many_words()
    address: str = words()
    receipt: str = words()
    proof: str = words()
    why: str = words()
    note: str = words()
    recorded_by: int = Field(foreign_key="person.id")
    at: datetime = instant()


class PayoutTurn(SQLModel, table=True):
    """What became of an order whose recipient (`beneficiary`) died: closed, or passed to an heir. Never changed.

    `proof`: the number of the document that proves it; `month`: of the list it was on.
    """

    __tablename__ = "payout_turn"
    __table_args__ = (one_of("kind", PayoutTurnKind, "payout_turn"),
                      CheckConstraint("(kind = 'heir') = (heir <> '')", name="payout_turn_to_somebody"),
                      CheckConstraint("proof <> ''", name="payout_turn_proven"),
                      Index("payout_turn_of_month", "month"))

    dossier_id: int = of_dossier(primary_key=True)
    payout_no: int = Field(primary_key=True)
    no: int = Field(primary_key=True)
    kind: str = words()
    month: date
    beneficiary: str = words()
    proof: str = words()
    heir: str = words()
    heir_id: str = words()
    recorded_by: int = Field(foreign_key="person.id")
    at: datetime = instant()


class PayoutList(SQLModel, table=True):
    """The list of a month as it was passed to whoever pays out; what is ordered later is not on it."""

    __tablename__ = "payout_list"

    agency: str = Field(foreign_key="agency.code", primary_key=True)
    month: date = Field(primary_key=True)
    passed_at: datetime = instant()
    passed_by: int = Field(foreign_key="person.id")

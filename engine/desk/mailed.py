"""What went by post and what is paid out, as a dossier's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.casework.payouts import place
from engine.casework.telling import PAYOUT_PURPOSES, POST_FAILURES, masked
from procedures.declaration import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class PostingRow:
    """`state`: sent, returning, lost, delivered or came_back; `why`: of the last attempt in vain; `fee` in đồng."""

    no: int
    slip: str
    carrier: str
    sent_at: datetime
    state: str
    attempts: int
    why: Text | None
    fee: int
    delivered_on: date | None
    received_by: str
    proof: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnRow:
    """`beneficiary` died; `heir`: to whom the order was passed, empty where it was closed. His number is masked."""

    beneficiary: str
    heir: str
    heir_id: str
    proof: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PayoutLine:
    """`month`: the first day of that on whose list it is; `amount` in đồng; `visits`: in all. `closed_on`: nobody
    is left to be paid.
    """

    no: int
    purpose: Text
    beneficiary: str
    amount: int
    way: str
    month: date
    visits: int
    paid_on: date | None
    closed_on: date | None
    turns: list[TurnRow]

    @property
    def place(self) -> str:
        """How an act names it."""
        return place(self.no)


def postings(told: dict[str, Any]) -> list[PostingRow]:
    return [PostingRow(
        no=row["no"], slip=row["slip"], carrier=row["carrier"], sent_at=datetime.fromisoformat(row["sent_at"]),
        state=row["state"], attempts=row["attempts"], why=POST_FAILURES.get(row["why"]), fee=row["fee"],
        delivered_on=_day(row["delivered_on"]), received_by=row["received_by"], proof=row["proof"])
        for row in told.get("postings") or []]


def payouts(told: dict[str, Any]) -> list[PayoutLine]:
    return [PayoutLine(
        no=row["no"], purpose=PAYOUT_PURPOSES[row["purpose"]], beneficiary=row["beneficiary"], amount=row["amount"],
        way=row["way"], month=date.fromisoformat(row["month"]), visits=row["visits"], paid_on=_day(row["paid_on"]),
        closed_on=_day(row["closed_on"]), turns=[_turn(turn) for turn in row["turns"]])
        for row in told.get("payouts") or []]


def _turn(row: dict[str, Any]) -> TurnRow:
    return TurnRow(beneficiary=row["beneficiary"], heir=row["heir"], heir_id=masked(row["heir_id"]), proof=row["proof"],
                   by=row["by"], at=datetime.fromisoformat(row["at"]))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

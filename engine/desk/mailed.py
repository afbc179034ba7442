"""What went by post and what is paid out, as a dossier's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.casework.telling import PAYOUT_PURPOSES, POST_FAILURES
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
class PayoutLine:
    """`month`: the first day of that on whose list it is; `amount` in đồng; `visits`: in all."""

    no: int
    purpose: Text
    beneficiary: str
    amount: int
    way: str
    month: date
    visits: int
    paid_on: date | None


def postings(told: dict[str, Any]) -> list[PostingRow]:
    return [PostingRow(
        no=row["no"], slip=row["slip"], carrier=row["carrier"], sent_at=datetime.fromisoformat(row["sent_at"]),
        state=row["state"], attempts=row["attempts"], why=POST_FAILURES.get(row["why"]), fee=row["fee"],
        delivered_on=_day(row["delivered_on"]), received_by=row["received_by"], proof=row["proof"])
        for row in told.get("postings") or []]


def payouts(told: dict[str, Any]) -> list[PayoutLine]:
    return [PayoutLine(
        no=row["no"], purpose=PAYOUT_PURPOSES[row["purpose"]], beneficiary=row["beneficiary"], amount=row["amount"],
        way=row["way"], month=date.fromisoformat(row["month"]), visits=row["visits"], paid_on=_day(row["paid_on"]))
        for row in told.get("payouts") or []]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

"""An order to pay whose recipient died before he was paid: passed to an heir, or closed where there is none.

Either is decided by the agency that ordered it, on a document that proves it. Who dies decides nothing by himself: the
dossier stays what it is, and what was ordered is never ordered again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from engine.casework import payouts
from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults, Order, Particulars, text_faults
from engine.casework.staleness import refuse_stale
from engine.casework.submission import ID_LENGTHS
from engine.casework.telling import PAYOUT_WAYS
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Invalid
from engine.office import Office
from storage.dossiers import Loaded
from storage.tables.post import PayoutTurnKind, PayoutWay


def close(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """`state` names the order, `proof` the document of the death. Nobody is paid on it any more."""
    decision, unit, row = _begin(loaded, order, catalogue, now)
    if faults := {**text_faults(order.particulars.spoken()), **_proof_faults(order.particulars)}:
        raise Invalid(faults)
    decision.add("payout", {**row, "closed_on": payouts.today(decision).isoformat()})
    _turn(decision, row, PayoutTurnKind.CLOSED)
    payouts.tell(decision, unit, {"payout": row["no"], "why": "died"})
    return decision


def passing(office: Office, order: Order, now: datetime) -> Callable[..., Decision]:
    """`pass_payout`."""
    return payouts.with_lists(pass_on, office)


def pass_on(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *,
            passed: Callable[[str], Collection[date]] = payouts.no_lists) -> Decision:
    """`recipient`: the heir, `identity`: his number, `proof`: the document; `way`: at home needs `address`, a transfer
    his account in `words`. A list that was passed on names the dead: the heir is on the next.
    """
    decision, unit, row = _begin(loaded, order, catalogue, now)
    told = order.particulars
    if faults := {**text_faults(told.spoken()), **_proof_faults(told), **_heir_faults(told)}:
        raise Invalid(faults)
    month, done = date.fromisoformat(row["month"]), passed(row["agency"])
    listed = (month if month not in done else max(month, payouts.next_list(decision, done))).isoformat()
    decision.add("payout", {
        **row, "beneficiary": told.recipient.strip(), "address": told.address.strip(), "account": told.words.strip(),
        "way": told.way, "month": listed, "since_month": listed, "failed": 0})
    _turn(decision, row, PayoutTurnKind.HEIR)
    payouts.tell(decision, unit, {"payout": row["no"], "why": "died", "month": listed})
    return decision


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, UnitInfo, Row]:
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = payouts.acting(decision, payouts.ORDERS, payouts.deciding(decision))
    row = payouts.open_order(decision)
    refuse_stale(decision, None)
    return decision, unit, row


def _turn(decision: Decision, row: Row, kind: PayoutTurnKind) -> None:
    told, heir = decision.order.particulars, kind is PayoutTurnKind.HEIR
    decision.add("payout_turn", {
        "dossier_id": decision.loaded.id, "payout_no": row["no"], "no": len(row["turns"]) + 1, "kind": kind.value,
        "month": row["month"], "beneficiary": row["beneficiary"], "proof": told.proof.strip(),
        "heir": told.recipient.strip() if heir else "", "heir_id": told.identity.strip() if heir else "",
        "recorded_by": decision.actor.id, "at": decision.stamp})


def _proof_faults(told: Particulars) -> Faults:
    if told.proof.strip():
        return {}
    return {"proof": ("ghi số giấy tờ chứng minh", "give the number of the document that proves it")}


def _heir_faults(told: Particulars) -> Faults:
    faults, number = Faults(), told.identity.strip()
    if not told.recipient.strip():
        faults["recipient"] = ("ghi họ tên người thừa kế", "name the heir")
    if not (number.isascii() and number.isdigit() and len(number) in ID_LENGTHS):
        faults["identity"] = ("số định danh gồm 12 chữ số (CMND cũ: 9)", "an ID number has 12 digits (older: 9)")
    if told.way not in PAYOUT_WAYS:
        faults["way"] = ("chọn hình thức chi trả", "choose how it is paid")
    if told.way == PayoutWay.HOME and not told.address.strip():
        faults["address"] = ("ghi địa chỉ chi trả", "give the address to pay at")
    if told.way == PayoutWay.TRANSFER and not told.words.strip():
        faults["words"] = ("ghi số tài khoản, ngân hàng", "give account and bank")
    return faults

"""Allowances that are paid out after the decision (Circular 44/2022/TT-BTC article 8): orders, visits, months.

The money has a life of its own: the dossier stays what it is. An order is on the list of a month; visited in vain as
often as the rules allow, it goes to the next. What was paid is closed for ever, here and in the database. Where the
recipient died it is passed to an heir (`heirs`), or closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from functools import partial

from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults, Order, Particulars, text_faults, unfit
from engine.casework.postal import MOST_DONG, day_faults
from engine.casework.staleness import refuse_stale
from engine.casework.telling import (
    ACTS,
    PAYOUT_FAILURES,
    PAYOUT_PURPOSES,
    PAYOUT_RECEIPTS,
    PAYOUT_WAYS,
)
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from engine.office import Office
from procedures import policies
from procedures.declaration import Role, Step, Text
from storage import payouts as lists
from storage.dossiers import Loaded
from storage.tables.post import PayoutWay

PREFIX = "payout__"
ORDERS = (Role.OFFICER, Role.HEAD, Role.CLERK)
PAYS = (*ORDERS, Role.RETURNER, Role.RECEPTIONIST, Role.MANAGER)
OFFICERS = 2
# Why nothing was paid, where it is not tried again with the same recipient.
DIED = "died"


def place(no: int) -> str:
    """Names an order in an act, as a state names a step."""
    return f"{PREFIX}{no}"


def list_month(on: date) -> date:
    """The month on whose list an order of that day is: the next one, unless its list was passed already."""
    rules = policies.at(on)
    first = next_month(on)
    return _with_list(first if on.day < rules.payout_list_before else next_month(first), rules.payout_merged)


def following(month: date) -> date:
    """The next month that has a list."""
    return _with_list(next_month(month), policies.at(month).payout_merged)


def _with_list(month: date, merged: tuple[str, ...]) -> date:
    """A month that is paid together with the one before (Tết, disaster) has no list of its own."""
    while f"{month:%Y-%m}" in merged:
        month = next_month(month)
    return month


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def may_be_ordered(decision: Decision) -> bool:
    """The decision is there, and the procedure is one whose money is paid out."""
    loaded = decision.loaded
    paid_out = decision.procedure.key in policies.at(today(decision)).payout_procedures
    return paid_out and loaded.finished_at is not None and loaded.outcome == "approved" and loaded.mirror is None


def purposes(loaded: Loaded) -> list[str]:
    """What no order is for yet."""
    taken = {row["purpose"] for row in loaded.post.get("payouts") or []}
    return [purpose for purpose in PAYOUT_PURPOSES if purpose not in taken]


def with_lists(decide: Callable[..., Decision], office: Office) -> Callable[..., Decision]:
    """Decides on the first list that was not passed on yet."""
    return partial(decide, passed=lambda agency: lists.months_passed(office.db, agency))


def no_lists(agency: str) -> Collection[date]:
    """Where it is only asked whether it may be done, as far as the dossier knows."""
    return frozenset()


def ordering(office: Office, _: Order, now: datetime) -> Callable[..., Decision]:
    """`order_payout`."""
    return with_lists(order, office)


def order(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *,
           passed: Callable[[str], Collection[date]] = no_lists) -> Decision:
    """`kind`: what for; `recipient`: to whom; `amount` in đồng; `way`: at home needs `address`, a transfer `proof`.

    `passed`: the months whose list an agency has passed on.
    """
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = acting(decision, ORDERS, deciding(decision))
    if not may_be_ordered(decision):
        raise _not_here(order, "hồ sơ chưa có quyết định trợ cấp", "there is no decision on an allowance")
    refuse_stale(decision, None)
    told, rows = order.particulars, loaded.post.get("payouts") or []
    if told.kind in PAYOUT_PURPOSES and told.kind not in purposes(loaded):
        raise _not_here(order, "khoản này đã có lệnh chi", "this allowance was ordered before")
    if faults := _order_faults(told):
        raise Invalid(faults)
    month = next_list(decision, passed(unit.agency)).isoformat()
    row: Row = {
        "dossier_id": loaded.id, "no": len(rows) + 1, "purpose": told.kind, "agency": unit.agency,
        "beneficiary": told.recipient.strip(), "address": told.address.strip(), "account": told.proof.strip(),
        "amount": told.amount, "way": told.way, "first_month": month, "month": month, "failed": 0, "visits": 0,
        "ordered_by": order.actor.id, "ordered_at": decision.stamp, "paid_on": None,
    }
    decision.add("payout", row)
    tell(decision, unit, {"payout": row["no"], "kind": told.kind, "amount": told.amount, "way": told.way,
                            "month": month})
    return decision


def next_list(decision: Decision, passed: Collection[date]) -> date:
    """The first list that was not passed on yet."""
    first = list_month(today(decision))
    while first in passed:
        first = following(first)
    return first


def _order_faults(told: Particulars) -> Faults:
    faults = text_faults(told.spoken())
    if told.kind not in PAYOUT_PURPOSES:
        faults["kind"] = ("chọn khoản trợ cấp", "choose the allowance")
    if told.way not in PAYOUT_WAYS:
        faults["way"] = ("chọn hình thức chi trả", "choose how it is paid")
    if not told.recipient.strip():
        faults["recipient"] = ("ghi họ tên người nhận tiền", "name who receives the money")
    if not 0 < told.amount <= MOST_DONG:
        faults["amount"] = ("số tiền (đồng) phải lớn hơn 0", "the amount (đồng) must be more than 0")
    if told.way == PayoutWay.HOME and not told.address.strip():
        faults["address"] = ("ghi địa chỉ chi trả", "give the address to pay at")
    if told.way == PayoutWay.TRANSFER and not told.proof.strip():
        faults["proof"] = ("ghi số tài khoản, ngân hàng", "give account and bank")
    return faults


def record(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """`state` names the order, where several are open; `way` is how the receipt was given, or empty and `outcome` says
    why nothing was paid.

    At home two officers go, both are named (`names`). Whoever pays has the money for what is on a list that was passed.
    """
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    desk = catalogue.units[loaded.intake_unit_id].agency
    unit = acting(decision, PAYS, {*deciding(decision), desk})
    row = open_order(decision)
    if not row["listed"]:
        month = f"{date.fromisoformat(row['since_month'] or row['first_month']):%m/%Y}"
        raise _not_here(order, f"danh sách chi trả tháng {month} chưa chuyển", f"the list of {month} was not passed on")
    refuse_stale(decision, None)
    told = order.particulars
    day = told.day or today(decision)
    faults = {**_visit_faults(row, told), **day_faults(decision, day, row["ordered_at"])}
    if faults:
        raise Invalid(faults)
    visits = row["visits"] + 1
    after = {**row, "visits": visits, **({"paid_on": day.isoformat()} if told.way else _in_vain(row, day))}
    decision.add("payout", after)
    decision.add("payout_visit", {
        "dossier_id": loaded.id, "payout_no": row["no"], "no": visits, "agency": row["agency"], "month": row["month"],
        "day": day.isoformat(), "officers": _names(told), "address": told.address.strip() or row["address"],
        "receipt": told.way, "proof": told.proof, "why": "" if told.way else told.outcome, "note": told.words,
        "recorded_by": order.actor.id, "at": decision.stamp})
    details: Row = {"payout": row["no"], "visit": visits, "day": day.isoformat()}
    details |= {"receipt": told.way, "amount": row["amount"]} if told.way else {"why": told.outcome}
    if after["month"] != row["month"]:
        details["carried_to"] = after["month"]
    if told.outcome == DIED and not told.way:
        _tell_of_death(decision, unit, row)
    tell(decision, unit, details)
    return decision


def _tell_of_death(decision: Decision, unit: UnitInfo, row: Row) -> None:
    """Whoever ordered it must name an heir or close the order; the first of those who sign that can."""
    told = next((one for one in _signing(decision) if one.agency == row["agency"] and any(
        (one.id, role) in decision.catalogue.staffed for role in ORDERS)), None)
    if told is not None and told.id != unit.id:
        decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": 0, "kind": "recipient_died",
                                "about": decision.stamp, "unit_id": told.id, "at": decision.stamp})


def open_order(decision: Decision) -> Row:
    """The order that is meant, neither paid nor closed; the only open one need not be named. Raises NotPossibleHere,
    Invalid where several are open and none is named.
    """
    order, rows = decision.order, decision.loaded.post.get("payouts") or []
    if order.state is None:
        return _only_open(order, [row for row in rows if row["paid_on"] is None and row["closed_on"] is None])
    row: Row | None = next((row for row in rows if place(row["no"]) == order.state), None)
    if row is None:
        raise _not_here(order, "hồ sơ không có lệnh chi này", "the dossier has no such order")
    if row["paid_on"] is not None:
        raise _not_here(order, f"lệnh chi số {row['no']} đã chi trả", f"order no. {row['no']} was paid before")
    if row["closed_on"] is not None:
        raise _not_here(order, f"lệnh chi số {row['no']} đã khép, không mở lại",
                        f"order no. {row['no']} was closed and is not opened again")
    return row


def _only_open(order: Order, rows: list[Row]) -> Row:
    if not rows:
        raise _not_here(order, "hồ sơ không còn lệnh chi nào chưa chi", "the dossier has no open order")
    if len(rows) > 1:
        purposes = [(place(row["no"]), PAYOUT_PURPOSES[row["purpose"]]) for row in rows]
        raise Invalid({"state": (
            f"có {len(rows)} lệnh chi chưa chi, chọn một: " + "; ".join(f"{no} ({name.vi})" for no, name in purposes),
            f"{len(rows)} orders are open, name one: " + "; ".join(f"{no} ({name.en})" for no, name in purposes))})
    return rows[0]


def of_order(act: Text, no: int) -> Text:
    """The act, with the order it is about."""
    return Text(vi=f"{act.vi} (lệnh số {no})", en=f"{act.en} (order no. {no})")


def _in_vain(row: Row, day: date) -> Row:
    """After the last attempt of a month the order is on the list of the next."""
    failed = row["failed"] + 1
    if failed < policies.at(day).payout_attempts:
        return {"failed": failed}
    return {"failed": 0, "month": following(date.fromisoformat(row["month"])).isoformat()}


def _visit_faults(row: Row, told: Particulars) -> Faults:
    faults = text_faults(told.spoken())
    names, by_transfer = _names(told), row["way"] == PayoutWay.TRANSFER
    receipts = [key for key in PAYOUT_RECEIPTS if (key == "transferred") == by_transfer]
    if any(unfit(name) or len(name) > 200 for name in names):
        faults["names"] = ("họ tên không đọc được hoặc quá dài", "a name is too long or cannot be read")
    elif row["way"] == PayoutWay.HOME and len(set(names)) != OFFICERS:
        faults["names"] = ("ghi họ tên hai cán bộ đi chi trả", "name the two officers who went")
    if told.way and told.way not in receipts:
        faults["way"] = ("chọn cách người nhận xác nhận", "choose how it was acknowledged")
    if told.way == "transferred" and not told.proof.strip():
        faults["proof"] = ("ghi số chứng từ chuyển khoản", "give the number of the transfer")
    if not told.way and told.outcome not in PAYOUT_FAILURES:
        faults["outcome"] = ("chọn lý do chưa chi được", "choose why nothing was paid")
    if not told.way and told.outcome == "other" and not told.words.strip():
        faults["words"] = ("ghi rõ lý do", "say what the reason is")
    return faults


def _names(told: Particulars) -> list[str]:
    return [name.strip() for name in told.names if name.strip()]


def deciding(decision: Decision) -> set[str]:
    """The agencies whose units sign and issue the decision."""
    return {unit.agency for unit in _signing(decision)}


def _signing(decision: Decision) -> Iterator[UnitInfo]:
    for step in decision.procedure.declaration.machine.signing.values():
        if isinstance(step, Step):
            try:
                yield decision.catalogue.unit_for(step.party, decision.loaded.intake_agency, today(decision))
            except Refused:
                continue


def acting(decision: Decision, roles: tuple[Role, ...], agencies: set[str]) -> UnitInfo:
    units = decision.catalogue.units
    for held, role in decision.loaded.memberships:
        if role in roles and units[held].agency in agencies:
            decision.act_as(held, role)
            return units[held]
    act = ACTS[decision.order.event]
    raise WrongRole(event=act.vi, event_en=act.en, who_vi="cơ quan quyết định trợ cấp hoặc nơi chi trả",
                    who_en="the agency that decided, or the place that pays")


def _not_here(order: Order, vi: str, en: str) -> NotPossibleHere:
    act = ACTS[order.event]
    return NotPossibleHere(event=act.vi, event_en=act.en, where_vi=vi, where_en=en, possible="-")


def tell(decision: Decision, unit: UnitInfo, details: Row) -> None:
    loaded = decision.loaded
    decision.raise_version()
    decision.audit(decision.order.event, unit=unit, before=loaded.states, after=loaded.states,
                   details={"version": decision.version, **details}, spoken=decision.order.particulars.spoken())


def today(decision: Decision) -> date:
    return decision.at.astimezone(ZONE).date()

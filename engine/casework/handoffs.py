"""Hand-offs between agencies: delivered (technical receipt), registered by a named person (formal receipt),
refused with a reason, recalled before registration, sent again. The configuration does not move.
"""

from __future__ import annotations

from datetime import datetime

from engine.casework import clocks
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order
from engine.casework.steps import hand_over, refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.marks import MarkKind
from engine.errors import Conflict, Invalid, NotPossibleHere, WrongRole
from engine.states.procedure import StateInfo
from storage.dossiers import Loaded

_WAITING = ("pending", "delivered")


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Row, Row]:
    """The decision, the hand-off spoken of, and the work item it brought (or left behind)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    wanted = str(order.particulars.handoff)
    handoff = next((row for row in loaded.handoffs if row["id"] == wanted), None)
    if handoff is None:
        raise _closed(decision)
    item = next((row for row in loaded.items if row["handoff_id"] == wanted), None)
    if item is None:
        raise _settled(decision, handoff)
    return decision, handoff, item


def _closed(decision: Decision) -> NotPossibleHere:
    """Settled long ago, or never there: what was loaded is what is still open."""
    return NotPossibleHere(event=decision.order.event, where_vi="phiếu chuyển không còn mở",
                           where_en="the hand-off is no longer open", possible="-", handoff_state="closed")


def _settled(decision: Decision, handoff: Row) -> Conflict:
    said = {"registered": ("đã ký nhận", "registered"), "refused": ("đã từ chối", "refused"),
            "recalled": ("đã thu hồi", "recalled")}.get(handoff["state"], ("đã đóng", "closed"))
    return NotPossibleHere(event=decision.order.event, where_vi=f"phiếu chuyển {said[0]}",
                           where_en=f"hand-off {said[1]}", possible="-", handoff_state=handoff["state"])


def _of(decision: Decision, unit_id: int, roles: tuple[str, ...]) -> UnitInfo:
    """The actor must belong to the unit, in a role that takes in its post."""
    unit = decision.catalogue.units[unit_id]
    if any(held_unit == unit_id and role in roles for held_unit, role in decision.loaded.memberships):
        return unit
    raise WrongRole(event=decision.order.event, who_vi=unit.full_vi, who_en=f"{unit.name_en}, {unit.agency_en}")


def _reason(order: Order) -> None:
    if not order.particulars.reason.strip():
        raise Invalid({"reason": ("ghi rõ lý do", "give the reason")})


def deliver(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The technical receipt: the message is stored at the receiver and its desk can see it."""
    decision, handoff, item = _begin(loaded, order, catalogue, now)
    if handoff["state"] != "pending":
        raise _settled(decision, handoff)
    decision.add("inbox", {"sender": handoff["from_agency"], "message_id": handoff["id"], "dossier_id": loaded.id,
                           "seq": handoff["seq"], "received_at": decision.stamp})
    decision.add("handoff", {**handoff, "state": "delivered", "delivered_at": decision.stamp})
    decision.put("change", {**item, "available_at": decision.stamp})
    decision.audit("deliver", unit=catalogue.units[handoff["to_unit_id"]], details={"handoff": handoff["id"]})
    return decision


def register(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The formal receipt by a named person; the receiving step's own clock begins."""
    decision, handoff, item = _begin(loaded, order, catalogue, now)
    if handoff["state"] not in _WAITING:
        raise _settled(decision, handoff)
    unit = _of(decision, handoff["to_unit_id"], (item["role"], "clerk", "head"))
    refuse_stale(decision, item)
    decision.raise_version()
    decision.add("handoff", {**handoff, "state": "registered", "registered_at": decision.stamp,
                             "delivered_at": handoff["delivered_at"] or decision.stamp,
                             "registered_by": decision.actor.id, "close_seq": decision.seq + 1})
    ticking = clocks.of_item(decision, item["no"], "handoff")
    if ticking is not None:
        clocks.mark(decision, ticking, MarkKind.END, "register")
    opened = {**item, "available_at": item["available_at"] or decision.stamp}
    if clocks.of_item(decision, item["no"], "step") is None:
        clocks.start_step(decision, opened, _info(decision, item).limit, decision.at)
    decision.put("change", opened)
    decision.audit("register", unit=unit, details={"handoff": handoff["id"], "version": decision.version})
    return decision


def _info(decision: Decision, item: Row) -> StateInfo:
    return decision.procedure.states[item["state"]]


def refuse(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    decision, handoff, item = _begin(loaded, order, catalogue, now)
    _reason(order)
    if handoff["state"] not in _WAITING:
        raise _settled(decision, handoff)
    unit = _of(decision, handoff["to_unit_id"], (item["role"], "clerk", "head"))
    refuse_stale(decision, item)
    _give_back(decision, handoff, item, "refused", unit)
    return decision


def recall(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Before registration only: recall and registration lock the same row, so one of them wins."""
    decision, handoff, item = _begin(loaded, order, catalogue, now)
    _reason(order)
    if handoff["state"] not in _WAITING:
        raise _settled(decision, handoff)
    unit = _of(decision, handoff["from_unit_id"], _SENDERS)
    refuse_stale(decision, item)
    _give_back(decision, handoff, item, "recalled", unit)
    return decision


_SENDERS = ("receptionist", "officer", "head", "signer", "clerk", "returner", "manager")


def _give_back(decision: Decision, handoff: Row, item: Row, state: str, unit: UnitInfo) -> None:
    """The step stays where it is; the sender gets a work item to send it again or take the dossier back."""
    decision.raise_version()
    decision.closed.append(item["no"])
    clocks.end_items(decision, [item["no"]], state)
    decision.add("handoff", {**handoff, "state": state, "closed_at": decision.stamp,
                             "closed_by": decision.actor.id, "close_seq": decision.seq + 1})
    decision.settled.append(handoff["id"])
    sender = decision.catalogue.units[handoff["from_unit_id"]]
    resolving = decision.open_item(state=item["state"], unit=sender, role=_sender_role(decision, handoff),
                                   duty="resolve", handoff_id=handoff["id"])
    resolving["due_at"] = item["due_at"]
    decision.audit(decision.order.event, unit=unit, details={"handoff": handoff["id"], "version": decision.version},
                   spoken=decision.order.particulars.spoken())


def _sender_role(decision: Decision, handoff: Row) -> str:
    """The role of the last work item that the sending unit closed, else officer."""
    for state, _person in reversed(decision.loaded.done):
        info = decision.procedure.states.get(state)
        if info is not None and info.party is not None and info.role is not None:
            on = decision.at.date()
            if decision.catalogue.unit_for(info.party, decision.loaded.intake_agency, on).id == handoff["from_unit_id"]:
                return info.role
    return "officer"


def resend(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """A hand-off that came back goes out anew, to the same unit or to another that the sender names."""
    decision, handoff, item = _begin(loaded, order, catalogue, now)
    if item["duty"] != "resolve":
        raise _settled(decision, handoff)
    unit = _of(decision, item["unit_id"], (item["role"],))
    refuse_stale(decision, item)
    target = catalogue.units.get(order.particulars.unit or handoff["to_unit_id"])
    if target is None:
        raise Invalid({"unit": ("chọn đơn vị nhận có trong danh mục", "choose a unit of the catalogue")})
    decision.raise_version()
    decision.closed.append(item["no"])
    hand_over(decision, _info(decision, item), unit, target)
    decision.audit("resend", unit=unit, details={"handoff": handoff["id"], "to_unit": target.id,
                                                 "version": decision.version},
                   spoken=order.particulars.spoken())
    return decision

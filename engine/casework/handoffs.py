"""Hand-offs between agencies: delivered (technical receipt), registered by a named person (formal receipt),
refused with a reason, recalled before registration, sent again. The configuration does not move.
"""

from __future__ import annotations

from datetime import datetime

from engine.casework import budgets, clocks, consulting, elsewhere, mirrors
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order, check_words
from engine.casework.sending import WAITING, close_handoff, hand_over, settle
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS, act_name
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.marks import MarkKind
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from engine.states.procedure import StateInfo
from procedures.declaration import Role, Starts, Switch
from storage.dossiers import Loaded


def begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Row, Row]:
    """The decision, the hand-off spoken of, and the work item it brought (or left behind)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    wanted = str(order.particulars.handoff)
    handoff = next((row for row in loaded.handoffs if row["id"] == wanted), None)
    item = next((row for row in [*loaded.items, *loaded.consulted] if row["handoff_id"] == wanted), None)
    if handoff is None or item is None:
        raise settled(decision, handoff)
    return decision, handoff, item


_SETTLED = {"registered": ("đã ký nhận", "is registered"), "refused": ("đã bị từ chối", "was refused"),
            "recalled": ("đã thu hồi", "was recalled")}


def settled(decision: Decision, handoff: Row | None) -> NotPossibleHere:
    """What was settled before it was loaded may not be there at all. Who saw an older version is told who was first."""
    refuse_stale(decision, None)
    state = "closed" if handoff is None else handoff["state"]
    vi, en = _SETTLED.get(state, ("không còn mở", "is no longer open"))
    act = act_name(decision.procedure, decision.order.event, decision.loaded.states)
    return NotPossibleHere(event=act.vi, event_en=act.en, where_vi=f"phiếu chuyển {vi}", where_en=f"the hand-off {en}",
                           possible="-", handoff_state=state)


def of_unit(decision: Decision, unit_id: int, roles: tuple[str, ...]) -> UnitInfo:
    """The actor must belong to the unit, in one of the roles."""
    unit = decision.catalogue.units[unit_id]
    for held_unit, role in decision.loaded.memberships:
        if held_unit == unit_id and role in roles:
            decision.act_as(unit_id, role)
            return unit
    act = ACTS[decision.order.event]
    raise WrongRole(event=act.vi, event_en=act.en, who_vi=unit.full_vi, who_en=unit.full_en)


def _receivers(item: Row) -> tuple[str, ...]:
    """Whoever does the step, and those who take in the unit's post."""
    return item["role"], Role.CLERK, Role.HEAD


def deliver(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime,
            received_at: datetime | None = None) -> Decision:
    """The technical receipt: the message is stored at the receiver and its desk can see it.

    `received_at`: when another installation says it has received it.
    """
    decision, handoff, item = begin(loaded, order, catalogue, now)
    if handoff["state"] != "pending":
        raise settled(decision, handoff)
    arrive(decision, handoff, item, received_at)
    return decision


def arrive(decision: Decision, handoff: Row, item: Row, received_at: datetime | None = None) -> None:
    """What the technical receipt does, whoever has given it."""
    _take_in(decision, handoff)
    decision.add("handoff", {**handoff, "state": "delivered", "delivered_at": decision.stamp})
    opened = {**item, "available_at": decision.stamp}
    if received_at is not None:
        _begin_there(decision, handoff, opened, received_at)
    if item["duty"] == "step":
        budgets.begin_if_due(decision, opened, _info(decision, item), decision.at, Starts.DELIVERED)
    decision.put("change", opened)
    unit = decision.catalogue.units[handoff["to_unit_id"]]
    way = {"way": unit.reach} if unit.reach in ("mail", "paper") else {}
    decision.audit("deliver", unit=unit, details={"handoff": handoff["id"], **way})


def _begin_there(decision: Decision, handoff: Row, opened: Row, received_at: datetime) -> None:
    """Another installation has from its technical receipt on to register: what the line took is nobody's delay."""
    ticking = clocks.of_item(decision, opened["no"], "handoff")
    if ticking is None:
        return
    begins = min(max(received_at, datetime.fromisoformat(handoff["created_at"])), decision.at)
    due = iso(clocks.mark(decision, ticking, MarkKind.RESTART, "deliver", at=begins))
    decision.add("handoff_note", {"id": handoff["id"], "recall_asked_at": handoff["recall_asked_at"],
                                  "register_due_at": due})
    if opened["duty"] == "step" and clocks.of_item(decision, opened["no"], "step") is None:
        opened["due_at"] = due


def _take_in(decision: Decision, handoff: Row) -> None:
    decision.add("inbox", {"sender": handoff["from_agency"], "message_id": handoff["id"],
                           "dossier_id": decision.loaded.id, "seq": handoff["seq"], "received_at": decision.stamp})


def register(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The formal receipt by a named person. The step's clock begins, at the latest when the time to register ends."""
    decision, handoff, item = begin(loaded, order, catalogue, now)
    if handoff["state"] not in WAITING:
        raise settled(decision, handoff)
    unit = of_unit(decision, handoff["to_unit_id"], _receivers(item))
    refuse_stale(decision, item)
    take(decision, handoff, item, unit, {})
    return decision


def take(decision: Decision, handoff: Row, item: Row, unit: UnitInfo, told: Row) -> None:
    """What registration does, whoever has proved it; `told` goes into its entry."""
    decision.raise_version()
    if handoff["state"] == "pending":
        # the formal receipt includes the technical one
        _take_in(decision, handoff)
        settle(decision, handoff)
    decision.add("handoff", {**handoff, "state": "registered", "registered_at": decision.stamp,
                             "delivered_at": handoff["delivered_at"] or decision.stamp,
                             "registered_by": decision.actor.id or None, "close_seq": decision.seq + 1})
    ticking = clocks.of_item(decision, item["no"], "handoff")
    if ticking is not None:
        clocks.end(decision, ticking, "register")
    opened = {**item, "available_at": item["available_at"] or decision.stamp}
    if item["duty"] != "consult" and clocks.of_item(decision, item["no"], "step") is None:
        begins = min(decision.at, datetime.fromisoformat(handoff["register_due_at"]))
        budgets.begin(decision, opened, _info(decision, item), begins)
    decision.put("change", opened)
    mirrors.registered(decision, handoff)
    decision.audit("register", unit=unit, details={"handoff": handoff["id"], "version": decision.version, **told})


def _info(decision: Decision, item: Row) -> StateInfo:
    return decision.procedure.states[item["state"]]


def refuse(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    decision, handoff, item = begin(loaded, order, catalogue, now)
    if handoff["state"] not in WAITING:
        raise settled(decision, handoff)
    unit = of_unit(decision, handoff["to_unit_id"], _receivers(item))
    refuse_stale(decision, item)
    check_words(order.particulars, reason=True)
    hand_back(decision, handoff, item, "refused", unit)
    return decision


def recall(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Before registration only: recall and registration lock the same row, so one of them wins."""
    decision, handoff, item = begin(loaded, order, catalogue, now)
    if handoff["state"] not in WAITING:
        raise settled(decision, handoff)
    if Switch.RECALL in decision.procedure.declaration.switch_off:
        raise Refused(reason_vi="Thủ tục này không cho thu hồi hồ sơ đã chuyển.",
                      reason_en="In this procedure what was handed over is not recalled.")
    unit = of_unit(decision, handoff["from_unit_id"], (handoff["from_role"], Role.HEAD, Role.MANAGER))
    refuse_stale(decision, item)
    check_words(order.particulars, reason=True)
    if elsewhere.at_peer(handoff):
        _ask_back(decision, handoff, unit)
    else:
        hand_back(decision, handoff, item, "recalled", unit)
    return decision


def _ask_back(decision: Decision, handoff: Row, unit: UnitInfo) -> None:
    """Of another installation: whether somebody there was faster is decided there."""
    if handoff["recall_asked_at"] is not None:
        raise NotPossibleHere(event=ACTS["recall"].vi, event_en=ACTS["recall"].en, possible="-", possible_en="-",
                              where_vi="đã yêu cầu thu hồi, chờ bên nhận trả lời",
                              where_en="asked back, waiting for the receiver's answer")
    decision.raise_version()
    decision.add("handoff_note", {"id": handoff["id"], "recall_asked_at": decision.stamp})
    elsewhere.tell(decision, "recall", (handoff["from_unit_id"], handoff["to_unit_id"]), {
        "handoff": handoff["id"], "at": decision.stamp, "reason": decision.order.particulars.reason,
        "by": {"name": decision.signature(), "unit": {"vi": unit.full_vi, "en": unit.full_en}}})
    decision.audit("recall", unit=unit, spoken=decision.order.particulars.spoken(), details={
        "handoff": handoff["id"], "version": decision.version, "asked": True})


def hand_back(decision: Decision, handoff: Row, item: Row, state: str, unit: UnitInfo, told: Row | None = None) -> None:
    """Refused or recalled, with its entry, which `told` goes into."""
    decision.raise_version()
    give_back(decision, handoff, item, state)
    before, after = ((), ()) if decision.states == tuple(decision.loaded.states) else (
        decision.loaded.states, decision.states)
    decision.audit(decision.order.event, unit=unit, before=before, after=after,
                   spoken=decision.order.particulars.spoken(),
                   details={"handoff": handoff["id"], "version": decision.version, **(told or {})})


def give_back(decision: Decision, handoff: Row, item: Row, state: str) -> None:
    """The step stays where it is; the sender gets a work item to send it again or take the dossier back.

    A question beside the procedure that is not taken in is simply no longer waited for.
    """
    if mirrors.incoming(decision, handoff):
        mirrors.refused(decision, handoff)
        return
    decision.closed.append(item["no"])
    clocks.end_items(decision, [item["no"]], state)
    close_handoff(decision, handoff, state)
    if item["duty"] == "consult":
        consulting.declined(decision, item)
    else:
        _back_to_sender(decision, handoff, item)
        budgets.settle(decision, state)


def _back_to_sender(decision: Decision, handoff: Row, item: Row) -> None:
    sender = decision.catalogue.units[handoff["from_unit_id"]]
    resolving = decision.open_item(state=item["state"], unit=sender, role=handoff["from_role"], duty="resolve",
                                   handoff_id=handoff["id"])
    resolving["due_at"] = item["due_at"]


def resend(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """A hand-off that came back goes out anew, to the same unit or to another that the sender names."""
    decision, handoff, item = begin(loaded, order, catalogue, now)
    if item["duty"] != "resolve":
        raise settled(decision, handoff)
    unit = of_unit(decision, item["unit_id"], (item["role"],))
    refuse_stale(decision, item)
    check_words(order.particulars, reason=False)
    info = _info(decision, item)
    target = catalogue.units.get(order.particulars.unit or handoff["to_unit_id"])
    if target is None or (target.id, info.role) not in catalogue.staffed:
        raise Invalid({"unit": ("chọn một đơn vị có người làm được bước này",
                                "choose a unit where somebody can do this step")})
    decision.raise_version()
    decision.closed.append(item["no"])
    hand_over(decision, info, unit, target)
    decision.audit("resend", unit=unit, details={"handoff": handoff["id"], "to_unit": target.id,
                                                 "version": decision.version},
                   spoken=order.particulars.spoken())
    return decision

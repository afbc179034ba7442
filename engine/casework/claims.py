"""Who of a unit is at a piece of work: taken, given back, given to somebody, passed on to another unit of the agency.

A claim keeps others off the step while whoever made it holds the post; it never keeps off withdrawal or stop. To be
told to do something (`assign`) is the same row as to have taken it: the record says which it was.
"""

from __future__ import annotations

from datetime import datetime

from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order, check_words
from engine.casework.sending import WAITING
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, NotPossibleHere, NotRegistered, WrongRole
from procedures.declaration import Role
from storage.dossiers import Loaded

# Who gives work to others: in the unit itself or above it in its agency.
GIVERS = (Role.HEAD, Role.MANAGER)
# Where these acts stand on pages and lists, apart from the work itself.
EVENTS = ("claim", "let_go", "assign", "pass_on")


class Claimed(Conflict):
    code = "claimed"
    vi = "{who} đang xử lý việc này từ {when}; nhờ {who} nhả việc hoặc lãnh đạo giao lại."
    en = "{who} has been at this since {when}; ask {who} to give it back, or a head to assign it anew."


class AlreadyYours(Conflict):
    code = "already_yours"
    vi = "{who} đã nhận việc này từ {when}."
    en = "{who} took this on at {when} already."


class Unclaimed(Conflict):
    code = "unclaimed"
    vi = "Việc này chưa có ai nhận."
    en = "Nobody has taken this on."


def claim(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """To take work on. Raises WrongRole outside its post; Claimed, AlreadyYours."""
    decision, item = _begin(loaded, order, catalogue, now)
    unit = _of_the_post(decision, item)
    if holder(loaded, item) == order.actor.id:
        raise AlreadyYours(**_since(loaded, item))
    refuse_claimed(decision, item)
    _hold(decision, item, order.actor.id)
    taken = holder(loaded, item)
    decision.audit("claim", unit=unit, details={**_about(item), **({"from": taken} if taken else {})})
    return decision


def let_go(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Back to the whole unit: by whoever holds it or stands in for that person, by who gives work, by the machine."""
    decision, item = _begin(loaded, order, catalogue, now)
    if item["claimed_by"] is None or (order.actor.id and holder(loaded, item) is None):
        raise Unclaimed
    if not order.actor.id:
        unit = catalogue.units[item["unit_id"]]
    else:
        unit = _of_the_post(decision, item) if _own(decision, item) else _giver(decision, item)
    decision.add("claim", {"dossier_id": loaded.id, "no": item["no"], "claimed_by": None, "claimed_at": None})
    decision.audit("let_go", unit=unit, details={**_about(item), "from": item["claimed_by"]})
    return decision


def assign(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """To somebody who holds the post today: by a head or manager of the agency, or by whoever holds the work."""
    decision, item = _begin(loaded, order, catalogue, now)
    unit = _of_the_post(decision, item) if _own(decision, item) else _giver(decision, item)
    chosen = next((person for unit_id, role, person, _ in loaded.colleagues
                   if (unit_id, role) == (item["unit_id"], item["role"]) and person == order.particulars.person), None)
    if chosen is None:
        raise Invalid({"person": ("chọn một người đang giữ vai trò này ở đơn vị",
                                  "choose somebody who holds this role in the unit today")})
    if chosen == holder(loaded, item):
        raise AlreadyYours(**_since(loaded, item))
    check_words(order.particulars, reason=False)
    _hold(decision, item, chosen)
    decision.audit("assign", unit=unit, details={**_about(item), "to": chosen}, spoken=order.particulars.spoken())
    return decision


def pass_on(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """To another unit of the agency where somebody has the role; the clock goes on. Who did have it still sees it."""
    decision, item = _begin(loaded, order, catalogue, now)
    unit = _giver(decision, item) if _gives(decision, item) else _of_the_post(decision, item)
    refuse_stale(decision, item)
    if item["duty"] != "step":
        raise _not_here(decision, item)
    if not _gives(decision, item):
        refuse_claimed(decision, item)
    if any(row["id"] == item["handoff_id"] and row["state"] in WAITING for row in loaded.handoffs):
        raise NotRegistered(handoff=item["handoff_id"])
    check_words(order.particulars, reason=True)
    target = catalogue.units.get(order.particulars.unit or 0)
    if target is None or target.id not in {one.id for one in others(catalogue, item)}:
        raise Invalid({"unit": ("chọn một đơn vị khác của cơ quan có người làm được bước này",
                                "choose another unit of the agency where somebody can do this step")})
    decision.raise_version()
    decision.add("forward", {"dossier_id": loaded.id, "no": item["no"], "unit_id": target.id, "role": item["role"],
                             "claimed_by": None, "claimed_at": None})
    _leave_trace(decision, item)
    decision.audit("pass_on", unit=unit, details={**_about(item), "to_unit": target.id, "version": decision.version},
                   spoken=order.particulars.spoken())
    return decision


def _leave_trace(decision: Decision, item: Row) -> None:
    """The share of the unit that had it: it goes on seeing the dossier, and the report knows of it."""
    decision.item_no += 1
    decision.put("open", {**item, "no": decision.item_no, "closed_at": decision.stamp, "close_event": "pass_on",
                          "due_at": None, "claimed_by": None, "claimed_at": None})


def others(catalogue: Catalogue, item: Row) -> list[UnitInfo]:
    """The units of the same agency that could do the work."""
    here = catalogue.units[item["unit_id"]]
    return [unit for unit in catalogue.units.values()
            if unit.agency == here.agency and unit.id != here.id and (unit.id, item["role"]) in catalogue.staffed]


def holder(loaded: Loaded, item: Row) -> int | None:
    """Whose it is today; a claim of somebody who lost the post does not count."""
    return item["claimed_by"] if (loaded.claimants or {}).get(str(item["no"])) else None


def refuse_claimed(decision: Decision, item: Row | None) -> None:
    """Raises Claimed for everybody but whoever holds it, and who stands in for that person."""
    if item is not None and holder(decision.loaded, item) is not None and not _own(decision, item):
        raise Claimed(**_since(decision.loaded, item))


def _own(decision: Decision, item: Row) -> bool:
    post = (item["unit_id"], item["role"])
    mine = {decision.actor.id} | {person for unit, role, person, _ in decision.loaded.standing_in
                                  if (unit, role) == post}
    return holder(decision.loaded, item) in mine


def _since(loaded: Loaded, item: Row) -> Row:
    at = datetime.fromisoformat(item["claimed_at"])
    return {"who": (loaded.claimants or {}).get(str(item["no"])), "at": iso(at),
            "when": at.astimezone(ZONE).strftime("%H:%M %d/%m/%Y")}


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Row]:
    """The open work that is meant: at the step that is named, or the only one there is."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    open_items = [item for item in [*loaded.items, *loaded.consulted] if item["available_at"] is not None]
    found = [item for item in open_items if order.state in (None, item["state"])]
    if not found:
        refuse_stale(decision, None)
        raise _not_here(decision, None)
    if len(found) > 1:
        names = ", ".join(item["state"] for item in found)
        raise Invalid({"state": (f"Chọn một trong các bước: {names}.", f"Choose one of the states: {names}.")})
    return decision, found[0]


def _not_here(decision: Decision, item: Row | None) -> NotPossibleHere:
    act, state = ACTS[decision.order.event], (item or {}).get("state") or decision.order.state or ""
    info = decision.procedure.states.get(state)
    return NotPossibleHere(event=act.vi, event_en=act.en, where_vi=info.name.vi if info else state or "hiện tại",
                           where_en=info.name.en if info else state or "this place", possible="-", possible_en="-")


def _of_the_post(decision: Decision, item: Row) -> UnitInfo:
    unit = decision.catalogue.units[item["unit_id"]]
    if (item["unit_id"], item["role"]) in {(unit_id, role) for unit_id, role in decision.loaded.memberships}:
        decision.act_as(item["unit_id"], item["role"], item["claimed_by"])
        return unit
    raise _wrong(decision, unit)


def _gives(decision: Decision, item: Row) -> bool:
    units = decision.catalogue.units
    return any(role in GIVERS and units[unit].agency == units[item["unit_id"]].agency
               for unit, role in decision.loaded.memberships)


def _giver(decision: Decision, item: Row) -> UnitInfo:
    """The unit in whose name a head or manager of the agency speaks."""
    units, here = decision.catalogue.units, decision.catalogue.units[item["unit_id"]]
    for unit, role in decision.loaded.memberships:
        if role in GIVERS and units[unit].agency == here.agency:
            decision.act_as(unit, role)
            return units[unit]
    raise _wrong(decision, here)


def _wrong(decision: Decision, unit: UnitInfo) -> WrongRole:
    act = ACTS[decision.order.event]
    return WrongRole(event=act.vi, event_en=act.en, who_vi=unit.full_vi, who_en=unit.full_en)


def _hold(decision: Decision, item: Row, person: int) -> None:
    decision.add("claim", {"dossier_id": decision.loaded.id, "no": item["no"], "claimed_by": person,
                           "claimed_at": decision.stamp})


def _about(item: Row) -> Row:
    return {"item": item["no"], "state": item["state"]}

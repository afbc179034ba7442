"""A courier takes a paper, its receiver confirms it or finds it missing. One custodian at a time, each change an act.

The order's `slip` is the barcode. A transfer is complete only when the receiver confirms.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from engine.casework import papers
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Faults, Order, check_words, text_faults
from engine.casework.telling import ACTS, PAPER_STATES
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Invalid, NotFound, NotPossibleHere, WrongRole
from procedures.declaration import Role
from storage.dossiers import Loaded

LONGEST_NAME = 200
NOT_OF_THE_DESK = (Role.COURIER, Role.AUDITOR, Role.ADMINISTRATOR)
MOVING = ("carried", "missing")


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """The bag a paper is in: its run, the units that packed it and that it goes to."""

    run: int
    sender: int
    receiver: int


def begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime,
          packed: Packed | None = None) -> tuple[Decision, Row]:
    """The paper of that barcode; for people it does not concern there is none. Who has its bag in hand it concerns."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    slip = order.particulars.slip
    paper = next((row for row in loaded.papers if row["barcode"] == slip), None)
    if loaded.blind and not (paper and packed and _packed_there(decision, paper, packed)
                             ) and not _concerned(decision, paper):
        raise NotFound(what=f"hồ sơ {order.code}", what_en=f"dossier {order.code}")
    if paper is None:
        raise NotFound(what=f"giấy tờ {slip}", what_en=f"paper {slip}")
    return decision, paper


def not_now(decision: Decision, paper: Row) -> NotPossibleHere:
    holder, state = decision.catalogue.units[paper["unit_id"]], PAPER_STATES[paper["state"]]
    act = ACTS[decision.order.event]
    return NotPossibleHere(event=act.vi, event_en=act.en, where_vi=f"{holder.full_vi} ({state.vi.lower()})",
                           where_en=f"{holder.full_en} ({state.en.lower()})", possible="-", barcode=paper["barcode"])


def _on_run(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *wanted: str) -> tuple[Decision, Row]:
    decision, paper = begin(loaded, order, catalogue, now)
    if paper["run_id"] is None:
        slip = order.particulars.slip
        raise NotFound(what=f"giấy tờ {slip} trong chuyến", what_en=f"paper {slip} on a run")
    if paper["state"] not in wanted:
        raise not_now(decision, paper)
    return decision, paper


def at_desks(decision: Decision) -> set[int]:
    """Units where the actor works with dossiers."""
    return {unit for unit, role in decision.loaded.memberships if role not in NOT_OF_THE_DESK}


def _concerned(decision: Decision, paper: Row | None) -> bool:
    """Couriers; the agency a paper is on its way to; whom it is offered; whoever has one before him that is moving."""
    units, held = decision.catalogue.units, decision.loaded.memberships
    if any(role == Role.COURIER for _, role in held):
        return True
    agencies = {units[unit].agency for unit in at_desks(decision)}
    offered = {units[row["to_unit_id"]].agency for row in decision.loaded.transfers}
    bound = units.get(paper["bound_for_unit_id"]) if paper else None
    if decision.order.event == "report_extra":
        return bound is not None and bool(agencies)
    return bool(agencies & offered) or (bound is not None and bound.agency in agencies)


def _packed_there(decision: Decision, paper: Row, packed: Packed) -> bool:
    """Whoever packed the bag had it, bound for wherever, and nobody has taken it from him since."""
    units = decision.catalogue.units
    return paper["state"] == "held" and units[paper["unit_id"]].agency == units[packed.sender].agency


def _since(decision: Decision, paper: Row, at: datetime | None) -> str:
    """When it changed hands: when it was scanned, never before its last holder had it."""
    moment = decision.at if at is None else min(decision.at, max(at, datetime.fromisoformat(str(paper["since"]))))
    return iso(moment) or ""


def _load(decision: Decision, paper: Row, stamps: Row) -> None:
    decision.add("courier_load", {
        "run_id": paper["run_id"], "barcode": paper["barcode"], "dossier_id": decision.loaded.id,
        "from_unit_id": paper["unit_id"], "to_unit_id": paper["bound_for_unit_id"], **stamps,
    })


def scanned(decide: Callable[..., Decision], at: datetime) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    """The act as of the moment somebody scanned the barcode without a network."""
    return partial(decide, at=at)


def _in_bag(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, packed: Packed) -> tuple[Decision, Row]:
    """It goes where its bag goes, also when its own way has changed since the bag was sealed."""
    decision, paper = begin(loaded, order, catalogue, now)
    if paper["state"] != "held" or paper["unit_id"] != packed.sender:
        raise not_now(decision, paper)
    return decision, {**paper, "run_id": packed.run, "bound_for_unit_id": packed.receiver,
                      "bound_at": paper["bound_at"] or decision.stamp}


def take(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *, at: datetime | None = None,
         packed: Packed | None = None) -> Decision:
    """The courier has it in hand."""
    decision, paper = (_in_bag(loaded, order, catalogue, now, packed) if packed
                       else _on_run(loaded, order, catalogue, now, "held"))
    unit_id = next((unit for unit, role in loaded.memberships if role == "courier"), None)
    if unit_id is None:
        raise WrongRole(event="nhận chuyển", event_en="take the paper along",
                        who_vi="nhân viên giao nhận", who_en="a courier")
    unit, since = catalogue.units[unit_id], _since(decision, paper, at)
    _load(decision, paper, {"taken_at": since, "taken_by": order.actor.id})
    papers.queue(decision, {**paper, "state": "carried", "unit_id": unit.id, "person_id": order.actor.id,
                            "since": since})
    papers.outside_hands(decision, paper, None)
    told(decision, paper, unit, scanned=at and since)
    return decision


def _receiver(decision: Decision, paper: Row) -> tuple[UnitInfo, UnitInfo]:
    """Anybody of the agency the paper is bound for, but not who carries it; its unit becomes the custodian. Second:
    the unit he says so for.

    For an agency that does not work here whoever sent the work says so: he has their signature on the manifest.
    """
    bound, own = decision.catalogue.units[paper["bound_for_unit_id"]], at_desks(decision)
    senders = {decision.loaded.intake_unit_id, *(row["from_unit_id"] for row in decision.loaded.handoffs)}
    there = own & senders if bound.outside else {
        unit for unit in own if decision.catalogue.units[unit].agency == bound.agency}
    if not there or paper["person_id"] == decision.actor.id:
        told = decision.catalogue.units[decision.loaded.intake_unit_id] if bound.outside else bound
        raise WrongRole(event="nhận giấy tờ", event_en="take the paper in", who_vi=told.full_vi, who_en=told.full_en)
    return bound, bound if bound.id in there else decision.catalogue.units[min(there)]


def _signed_for(decision: Decision, unit: UnitInfo) -> str | None:
    """Who has it now at an agency that does not work here. Raises Invalid."""
    if not unit.outside:
        return None
    name = decision.order.particulars.recipient.strip()
    if faults := signer_faults(name):
        raise Invalid(faults)
    return name


def signer_faults(name: str) -> Faults:
    """Of the name of somebody who signed on a manifest."""
    faults = text_faults({"recipient": name}, LONGEST_NAME)
    if not name:
        faults["recipient"] = ("ghi họ tên người đã ký nhận bản giấy", "name the person who signed for the paper")
    return faults


def _out_of_its_bag(loaded: Loaded, paper: Row, unit: UnitInfo, packed: Packed | None) -> None:
    """`packed`: its bag is being opened. Where we have nobody, nobody opens one here. Raises Refused."""
    if packed is None and not unit.outside:
        papers.refuse_in_bag(loaded, paper)


def confirm(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *,
            at: datetime | None = None, packed: Packed | None = None) -> Decision:
    """The receiver has it: from the courier, from hand to hand, or when it had been missing and turned up."""
    if any(row["barcode"] == order.particulars.slip for row in loaded.transfers):
        return _confirm_offer(loaded, order, catalogue, now)
    decision, paper = _on_run(loaded, order, catalogue, now, *MOVING)
    (unit, own), since = _receiver(decision, paper), _since(decision, paper, at)
    _out_of_its_bag(loaded, paper, unit, packed)
    _load(decision, paper, {"taken_at": None, "confirmed_at": since, "confirmed_by": order.actor.id})
    _turned_up(decision, paper)
    there = papers.held(decision, paper, unit, since)
    signer = _signed_for(decision, unit)
    papers.outside_hands(decision, paper, signer)
    papers.send_after_the_work(decision, there)
    told(decision, paper, own, signer, scanned=at and since, receiver=_outside(unit))
    return decision


def _confirm_offer(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    decision, paper = begin(loaded, order, catalogue, now)
    offer = next(row for row in loaded.transfers if row["barcode"] == paper["barcode"])
    unit = catalogue.units[offer["to_unit_id"]]
    named = offer["to_person_id"] in (None, order.actor.id)
    if unit.id not in at_desks(decision) or not named or offer["from_person_id"] == order.actor.id:
        raise WrongRole(event="nhận giấy tờ", event_en="take the paper in", who_vi=unit.full_vi, who_en=unit.full_en)
    decision.add("transfer", {**offer, "settled_at": decision.stamp, "settled_by": order.actor.id,
                              "outcome": "confirmed"})
    there = papers.held(decision, paper, unit)
    papers.outside_hands(decision, paper, None)
    papers.send_after_the_work(decision, there)
    told(decision, paper, unit)
    return decision


def _turned_up(decision: Decision, paper: Row) -> None:
    """What was missing is here: nobody has to see to it any more."""
    if paper["state"] == "missing":
        decision.add("incident_closed", {
            "dossier_id": decision.loaded.id, "detail": paper["barcode"], "kind": "paper_missing",
            "closed_at": decision.stamp, "closed_by": decision.actor.id, "closed_why": ""})


def missing(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *,
            packed: Packed | None = None) -> Decision:
    """Listed but not in the bag: an incident with an owner. The clock runs on; nobody asks the citizen again."""
    decision, paper = _on_run(loaded, order, catalogue, now, "carried")
    unit, own = _receiver(decision, paper)
    _out_of_its_bag(loaded, paper, unit, packed)
    _load(decision, paper, {"missing_at": decision.stamp})
    papers.queue(decision, {**paper, "state": "missing", "since": decision.stamp})
    _incident(decision, "paper_missing", paper, loaded.intake_unit_id)
    told(decision, paper, own, receiver=_outside(unit))
    return decision


def extra(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *,
          packed: Packed | None = None) -> Decision:
    """Here, but not on this manifest: left unlisted, of another route, or (`packed`) one that was to stay.

    Whoever has it before him holds it; who gave it away has the incident; it goes on to where the work is.
    """
    decision, paper = begin(loaded, order, catalogue, now, packed)
    own = sorted(at_desks(decision))
    if not own:
        raise WrongRole(event="nhận giấy tờ", event_en="take the paper in",
                        who_vi="nơi mở túi", who_en="whoever opened the bag")
    bound, units = paper["bound_for_unit_id"], catalogue.units
    known = bound is not None or (packed is not None and _packed_there(decision, paper, packed))
    if paper["state"] not in (*MOVING, "held") or not known or paper["unit_id"] in own:
        raise not_now(decision, paper)
    stray = bound is None or units[bound].agency not in {units[one].agency for one in own}
    unit = units[(packed.receiver if packed else own[0]) if stray else bound]
    _turned_up(decision, paper)
    if paper["run_id"] is not None and paper["state"] in MOVING:
        _load(decision, paper, {"taken_at": None, "confirmed_at": decision.stamp, "confirmed_by": order.actor.id})
    found_on = {**paper, "run_id": packed.run if packed else paper["run_id"]}
    _incident(decision, "paper_misrouted" if stray else "paper_extra", found_on, paper["unit_id"])
    there = papers.held(decision, paper, unit)
    papers.outside_hands(decision, paper, None)
    papers.send_after_the_work(decision, there)
    told(decision, paper, unit)
    return decision


def _incident(decision: Decision, kind: str, paper: Row, owner: int) -> None:
    decision.add("incident", {
        "id": str(uuid.uuid4()), "kind": kind, "dossier_id": decision.loaded.id, "run_id": paper["run_id"],
        "unit_id": owner, "opened_at": decision.stamp, "detail": paper["barcode"],
    })


def closing(incident: Row) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    """`incident`: id, kind, detail, unit_id. Its owner closes it with a reason; that finds no paper by itself."""

    def close(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        owner = catalogue.units[incident["unit_id"]]
        if not any(unit == owner.id and role not in NOT_OF_THE_DESK[1:] for unit, role in loaded.memberships):
            raise WrongRole(event=ACTS[order.event].vi, event_en=ACTS[order.event].en,
                            who_vi=owner.full_vi, who_en=owner.full_en)
        check_words(order.particulars, reason=True)
        decision.add("incident_closed", {
            "id": incident["id"], "dossier_id": loaded.id, "detail": incident["detail"], "kind": incident["kind"],
            "closed_at": decision.stamp, "closed_by": order.actor.id, "closed_why": order.particulars.reason})
        decision.raise_version()
        decision.audit(order.event, unit=owner, spoken=order.particulars.spoken(), details={
            "incident": incident["id"], "kind": incident["kind"], "version": decision.version})
        return decision

    return close


def _outside(unit: UnitInfo) -> Row | None:
    """Where the paper came to, for an entry that is by another unit: as it is called now."""
    return {"unit": unit.id, "vi": unit.full_vi, "en": unit.full_en} if unit.outside else None


def told(decision: Decision, paper: Row, unit: UnitInfo, signer: str | None = None, **more: object) -> None:
    """`unit`: of whoever acts; `signer`: who signed for it outside, kept as words are."""
    decision.raise_version()
    details = {"paper": paper["barcode"], "run": paper["run_id"], "version": decision.version}
    decision.audit(decision.order.event, unit=unit, spoken={"recipient": signer} if signer else None,
                   details={**details, **{name: value for name, value in more.items() if value}})

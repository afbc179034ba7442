"""A courier takes a paper, its receiver confirms it or finds it missing. One custodian at a time, each change an act.

The order's `slip` is the barcode. A transfer is complete only when the receiver confirms.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from engine.casework import papers
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order
from engine.casework.telling import ACTS, PAPER_STATES
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import NotFound, NotPossibleHere, WrongRole
from procedures.declaration import Role
from storage.dossiers import Loaded


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, *wanted: str) -> tuple[Decision, Row]:
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    paper = next((row for row in loaded.papers if row["barcode"] == order.particulars.slip), None)
    if loaded.blind and not _concerned(decision, paper):
        raise NotFound(what=f"hồ sơ {order.code}", what_en=f"dossier {order.code}")
    if paper is None or paper["run_id"] is None:
        slip = order.particulars.slip
        raise NotFound(what=f"giấy tờ {slip} trong chuyến", what_en=f"paper {slip} on a run")
    if paper["state"] not in wanted:
        holder, state, act = catalogue.units[paper["unit_id"]], PAPER_STATES[paper["state"]], ACTS[order.event]
        raise NotPossibleHere(event=act.vi, event_en=act.en, where_vi=f"{holder.full_vi} ({state.vi.lower()})",
                              where_en=f"{holder.full_en} ({state.en.lower()})", possible="-", barcode=paper["barcode"])
    return decision, paper


def _concerned(decision: Decision, paper: Row | None) -> bool:
    """Couriers, and the agency a paper is on its way to; to everybody else the dossier does not exist."""
    units, held = decision.catalogue.units, decision.loaded.memberships
    if any(role == Role.COURIER for _, role in held):
        return True
    bound = None if paper is None else units.get(paper["bound_for_unit_id"])
    return bound is not None and any(units[unit].agency == bound.agency for unit, _ in held)


def _load(decision: Decision, paper: Row, stamps: Row) -> None:
    decision.add("courier_load", {
        "run_id": paper["run_id"], "barcode": paper["barcode"], "dossier_id": decision.loaded.id,
        "from_unit_id": paper["unit_id"], "to_unit_id": paper["bound_for_unit_id"], **stamps,
    })


def take(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The courier has it in hand."""
    decision, paper = _begin(loaded, order, catalogue, now, "held")
    unit_id = next((unit for unit, role in loaded.memberships if role == "courier"), None)
    if unit_id is None:
        raise WrongRole(event="nhận chuyển", who_vi="nhân viên giao nhận", who_en="a courier")
    unit = catalogue.units[unit_id]
    _load(decision, paper, {"taken_at": decision.stamp, "taken_by": order.actor.id})
    papers.queue(decision, {**paper, "state": "carried", "unit_id": unit.id, "person_id": order.actor.id,
                            "since": decision.stamp})
    _told(decision, paper, unit)
    return decision


_NOT_OF_THE_DESK = (Role.COURIER, Role.AUDITOR, Role.ADMINISTRATOR)


def _receiver(decision: Decision, paper: Row) -> UnitInfo:
    """Anybody of the agency the paper is bound for may confirm it; its unit becomes the custodian."""
    bound = decision.catalogue.units[paper["bound_for_unit_id"]]
    units, held = decision.catalogue.units, decision.loaded.memberships
    agencies = {units[unit].agency for unit, role in held if role not in _NOT_OF_THE_DESK}
    if bound.agency not in agencies:
        raise WrongRole(event="nhận giấy tờ", who_vi=bound.full_vi, who_en=f"{bound.name_en}, {bound.agency_en}")
    return bound


def confirm(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The receiver has it, also when it had been reported missing and turned up."""
    decision, paper = _begin(loaded, order, catalogue, now, "carried", "missing")
    unit = _receiver(decision, paper)
    _load(decision, paper, {"taken_at": None, "confirmed_at": decision.stamp, "confirmed_by": order.actor.id})
    held = {**paper, "state": "held", "unit_id": unit.id, "person_id": order.actor.id, "bound_for_unit_id": None,
            "bound_at": None, "run_id": None, "since": decision.stamp}
    papers.queue(decision, held)
    _send_after_the_work(decision, held)
    _told(decision, paper, unit)
    return decision


def _send_after_the_work(decision: Decision, held: Row) -> None:
    """The work may have moved on while the paper was on its way."""
    loaded, units = decision.loaded, decision.catalogue.units
    loaded.papers = [held if row["barcode"] == held["barcode"] else row for row in loaded.papers]
    for item in loaded.items:
        if decision.procedure.states[item["state"]].branch_of is None:
            papers.bind(decision, units[item["unit_id"]])
    if loaded.closed_at is not None and loaded.received_at is not None and loaded.outcome is None:
        papers.give_back(decision, units[loaded.intake_unit_id])


def missing(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Listed but not in the bag: an incident with an owner. The clock runs on; nobody asks the citizen again."""
    decision, paper = _begin(loaded, order, catalogue, now, "carried")
    unit = _receiver(decision, paper)
    _load(decision, paper, {"missing_at": decision.stamp})
    papers.queue(decision, {**paper, "state": "missing", "since": decision.stamp})
    decision.add("incident", {
        "id": str(uuid.uuid4()), "kind": "paper_missing", "dossier_id": loaded.id, "run_id": paper["run_id"],
        "unit_id": loaded.intake_unit_id, "opened_at": decision.stamp, "detail": paper["barcode"],
    })
    _told(decision, paper, unit)
    return decision


def _told(decision: Decision, paper: Row, unit: UnitInfo) -> None:
    decision.raise_version()
    decision.audit(decision.order.event, unit=unit, details={"paper": paper["barcode"], "run": paper["run_id"],
                                                             "version": decision.version})

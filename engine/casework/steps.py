"""Decides an act that moves a dossier through its procedure: who may, what the law asks, what follows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.casework import clocks, evidence, papers
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, NotRegistered, StaleVersion, WrongRole
from engine.states.procedure import Command, Need, Outcome, StateInfo
from procedures.declaration import Phase
from storage.dossiers import Loaded


def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises NotPossibleHere, StaleVersion, WrongRole, NotRegistered, FourEyes or a Refused; else the whole act."""
    procedure = catalogue.procedures[loaded.version_id]
    decision = Decision(loaded, order, catalogue, procedure, now)
    command = procedure.command(loaded.states, order.event, order.state)
    item = item_at(loaded, command.state)
    refuse_stale(decision, item if command.branch_of else None)
    unit = acting_unit(decision, command, item)
    refuse_unregistered(loaded, item, order.event)
    evidence.check(decision, command, unit)
    facts = {**loaded.facts, "channel": loaded.channel}
    outcome = procedure.step(loaded.states, loaded.history, command, facts)
    follow(decision, command, outcome, unit)
    return decision


def item_at(loaded: Loaded, state: str) -> Row | None:
    return next((row for row in loaded.items if row["state"] == state), None)


def refuse_stale(decision: Decision, branch_item: Row | None) -> None:
    """A branch of a consultation is not made stale by another agency's answer, only by what reopened it."""
    loaded, seen = decision.loaded, decision.order.seen_version
    if seen is None or seen == loaded.version:
        return
    if branch_item is not None and branch_item["opened_version"] <= seen <= loaded.version:
        return
    raise StaleVersion(who=loaded.last_actor, action=loaded.last_action, version=loaded.version,
                       when=loaded.last_at.astimezone(ZONE).strftime("%H:%M:%S %d/%m/%Y"), at=iso(loaded.last_at))


def acting_unit(decision: Decision, command: Command, item: Row | None) -> UnitInfo:
    """The unit in whose name the actor may do this; the step's own unit is the one that holds its work item."""
    catalogue, loaded = decision.catalogue, decision.loaded
    own = decision.procedure.states.get(command.state)
    held = {(unit, role) for unit, role in loaded.memberships}
    wanted: list[tuple[UnitInfo, str]] = []
    if item is not None and item["duty"] == "resolve":
        wanted.append((catalogue.units[item["unit_id"]], item["role"]))
    else:
        for party, role in command.actors:
            mine = item is not None and own is not None and own.party == party
            unit = (catalogue.units[item["unit_id"]] if mine and item is not None
                    else catalogue.unit_for(party, loaded.intake_agency, decision.at.astimezone(ZONE).date()))
            wanted.append((unit, role))
    for unit, role in wanted:
        if (unit.id, role) in held:
            return unit
    raise WrongRole(event=command.name.vi, event_en=command.name.en,
                    who_vi="; ".join(f"{role} – {unit.full_vi}" for unit, role in wanted),
                    who_en="; ".join(f"{role} – {unit.name_en}, {unit.agency_en}" for unit, role in wanted))


def refuse_unregistered(loaded: Loaded, item: Row | None, event: str) -> None:
    if item is None:
        return
    if item["duty"] == "resolve":
        if event != "send_back":
            raise NotPossibleHere(event=event, where_vi="chuyển giao bị trả về", where_en="hand-off came back",
                                  possible="resend, send_back")
        return
    if item["handoff_id"] is not None:
        handoff = next(row for row in loaded.handoffs if row["id"] == item["handoff_id"])
        if handoff["state"] != "registered":
            raise NotRegistered(handoff=item["handoff_id"])


def follow(decision: Decision, command: Command, outcome: Outcome, unit: UnitInfo) -> None:
    """Everything that a step of the machine brings with it."""
    loaded, states = decision.loaded, decision.procedure.states
    decision.raise_version()
    before = loaded.states
    details: Row = {"version": decision.version}
    _note_outcome(decision, command)
    closing = [row["no"] for row in loaded.items if row["state"] in outcome.exited]
    decision.closed.extend(closing)
    clocks.end_items(decision, closing, command.event)
    decision.states = outcome.configuration
    decision.exited.extend(state for state in before if state in outcome.exited)
    decision.enter([state for state in outcome.configuration if state in outcome.entered])
    decision.changes["history"] = outcome.history
    _move_clock(decision, command, outcome)
    _set_status(decision, command, outcome)
    for effect in effects(command):
        effect(decision, unit, details)
    if decision.loaded.finished_at is None and decision.current("finished_at") is not None and not outcome.ended:
        papers.print_result(decision, unit, details)
    for state in outcome.entered:
        if states[state].party is not None and state in outcome.configuration:
            open_step(decision, states[state], unit)
    decision.audit(command.event, unit=unit, before=before, after=outcome.configuration, details=details,
                   spoken=decision.order.particulars.spoken())


def _note_outcome(decision: Decision, command: Command) -> None:
    if command.event == "propose_rejection":
        decision.changes["outcome"] = "rejected"
    elif command.event == "send_back" and decision.loaded.finished_at is None:
        decision.changes["outcome"] = None
    elif command.event == "request_supplement":
        decision.changes["supplements"] = decision.loaded.supplements + 1


def clock_class(infos: Mapping[str, StateInfo], configuration: tuple[str, ...] | list[str]) -> str:
    """One word for the whole configuration: any waiting state stops the dossier's clock."""
    kinds = {infos[state].clock for state in configuration}
    for kind in ("stop", "run", "not_started", "ended"):
        if kind in kinds:
            return kind
    return "ended"


def _move_clock(decision: Decision, command: Command, outcome: Outcome) -> None:
    infos = decision.procedure.states
    restart = command.event == "supplement" and decision.procedure.declaration.supplement.after == "restart"
    clocks.follow_phase(decision, clock_class(infos, decision.loaded.states),
                        clock_class(infos, outcome.configuration), restart=restart, reason=command.event)


def _set_status(decision: Decision, command: Command, outcome: Outcome) -> None:
    """National status (DOMAIN 3.4) and the two ends: result ready, and closed."""
    infos = decision.procedure.states
    status = max(infos[state].national_status for state in outcome.configuration)
    decision.changes["status"] = 2 if command.event == "accept" else status
    in_return = all(infos[state].phase is Phase.RETURN or infos[state].final for state in outcome.configuration)
    if in_return and decision.loaded.finished_at is None:
        decision.changes["finished_at"] = decision.at
        if decision.current("outcome") is None and status in (9, 10):
            decision.changes["outcome"] = "approved"
    if outcome.ended:
        decision.changes["closed_at"] = decision.at


def open_step(decision: Decision, info: StateInfo, sender: UnitInfo) -> None:
    """A work item for the step's unit; through a hand-off when that unit belongs to another agency."""
    assert info.party is not None and info.role is not None
    on = decision.at.astimezone(ZONE).date()
    unit = decision.catalogue.unit_for(info.party, decision.loaded.intake_agency, on)
    hand_over(decision, info, sender, unit)


def hand_over(decision: Decision, info: StateInfo, sender: UnitInfo, unit: UnitInfo) -> None:
    """Opens the item at `unit`, by hand-off if it is another agency's, and books the paper's way."""
    assert info.role is not None
    if unit.agency == sender.agency:
        item = decision.open_item(state=info.id, unit=unit, role=info.role)
        clocks.start_step(decision, item, info.limit, decision.at)
    else:
        handoff_id = str(uuid.uuid4())
        item = decision.open_item(state=info.id, unit=unit, role=info.role, handoff_id=handoff_id, available=False)
        _send(decision, handoff_id, item, sender, unit, clocks.start_handoff(decision, item))
    if info.branch_of is None:
        papers.bind(decision, unit)


def _send(decision: Decision, handoff_id: str, item: Row, sender: UnitInfo, unit: UnitInfo,
          register_due: datetime) -> None:
    """Stored before it is sent: the hand-off and its message are rows of this very act."""
    decision.handoff_seq += 1
    decision.handoff_ids.append(handoff_id)
    decision.add("handoff", {
        "id": handoff_id, "dossier_id": decision.loaded.id, "seq": decision.handoff_seq, "item_no": item["no"],
        "state": "pending", "from_agency": sender.agency, "from_unit_id": sender.id, "to_agency": unit.agency,
        "to_unit_id": unit.id, "created_by": decision.actor.id or None, "created_at": decision.stamp,
        "register_due_at": iso(register_due),
    })
    decision.add("outbox", {
        "message_id": handoff_id, "dossier_id": decision.loaded.id, "seq": decision.handoff_seq, "kind": "handoff",
        "sender": sender.agency, "receiver": unit.agency, "created_at": decision.stamp,
        "payload": {"code": decision.loaded.code, "state": item["state"], "handoff": handoff_id},
    })


def _keep_opinion(decision: Decision, unit: UnitInfo, details: Row) -> None:
    told = decision.order.particulars
    item = next(row for row in decision.loaded.items if row["no"] in decision.closed)
    details["verdict"] = told.verdict
    decision.add("opinion", {"dossier_id": decision.loaded.id, "item_no": item["no"], "state": item["state"],
                             "verdict": told.verdict, "person_id": decision.actor.id, "seq": decision.seq + 1,
                             "at": decision.stamp})


def _ask_payment(decision: Decision, unit: UnitInfo, details: Row) -> None:
    amount = details["amount"] = decision.order.particulars.amount
    decision.add("payment", {"dossier_id": decision.loaded.id, "no": len(decision.loaded.payments) + 1,
                             "amount": amount, "requested_at": decision.stamp})


def _take_payment(decision: Decision, unit: UnitInfo, details: Row) -> None:
    for row in decision.loaded.payments:
        if row["paid_at"] is None:
            decision.add("payment", {**row, "paid_at": decision.stamp, "proof": decision.order.particulars.proof})


def _ask_supplement(decision: Decision, unit: UnitInfo, details: Row) -> None:
    details["documents"] = list(decision.order.particulars.documents)


Effect = Callable[[Decision, UnitInfo, dict[str, Any]], None]
# What an act needs as evidence, it also leaves behind; the ways of returning move the paper.
BY_NEED: dict[Need, Effect] = {
    Need.OPINION: _keep_opinion, Need.PAYMENT_REQUEST: _ask_payment, Need.PAYMENT_PROOF: _take_payment,
    Need.SUPPLEMENT_LIST: _ask_supplement,
}
BY_EVENT: dict[str, Effect] = {
    "accept": papers.take_in, "return_at_counter": papers.give_out, "send_by_post": papers.post,
    "confirm_delivery": papers.delivered, "record_failed_delivery": papers.came_back,
}


def effects(command: Command) -> list[Effect]:
    found = [effect for need, effect in BY_NEED.items() if need in command.needs]
    return found + ([BY_EVENT[command.event]] if command.event in BY_EVENT else [])

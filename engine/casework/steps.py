"""Decides an act that moves a dossier through its procedure: who may, what the law asks, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.casework import (
    assets,
    budgets,
    claims,
    clocks,
    consulting,
    evidence,
    judging,
    obligations,
    papers,
    parts,
    requests,
    sending,
)
from engine.casework.decision import Decision, Row
from engine.casework.effects import effects
from engine.casework.orders import Order
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, NotRegistered, WrongRole
from engine.states.names import ROLES
from engine.states.procedure import Command, Outcome, StateInfo
from procedures.declaration import Event, Phase
from storage.dossiers import Loaded

# The citizen may take his dossier back, and a head may stop it, wherever it is and whoever has registered it.
ENDINGS = frozenset({Event.STOP.value, Event.WITHDRAW.value})


def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises NotPossibleHere, StaleVersion, WrongRole, NotRegistered, FourEyes or a Refused; else the whole act."""
    decision, command, unit = permitted(loaded, order, catalogue, now)
    facts = {**loaded.facts, "channel": loaded.channel}
    outcome = decision.procedure.step(loaded.states, loaded.history, command, facts, verdict=order.particulars.verdict)
    follow(decision, command, outcome, unit)
    return decision


def permitted(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Command, UnitInfo]:
    """What is asked, and in the name of which unit, once nothing stands in the way any more."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    command = _command(decision)
    item = item_at(loaded, command.state)
    refuse_stale(decision, item if command.branch_of else None)
    unit = acting_unit(decision, command, item)
    refuse_unregistered(decision, item, command)
    refuse_claimed(decision, item, command)
    consulting.refuse_unanswered(decision, command)
    parts.refuse_alone(decision, command)
    evidence.check(decision, command, unit)
    return decision, command, unit


def _command(decision: Decision) -> Command:
    loaded, order = decision.loaded, decision.order
    try:
        return decision.procedure.command(loaded.states, order.event, order.state)
    except NotPossibleHere:
        # whoever decided on an older version is told who was first, not what has become impossible since
        refuse_stale(decision, None)
        raise


def item_at(loaded: Loaded, state: str) -> Row | None:
    return next((row for row in loaded.items if row["state"] == state), None)


def acting_unit(decision: Decision, command: Command, item: Row | None) -> UnitInfo:
    """The unit in whose name the actor may do this; the step's own unit is the one that holds its work item."""
    catalogue, loaded = decision.catalogue, decision.loaded
    own = decision.procedure.states.get(command.state)
    wanted: list[tuple[UnitInfo, str]] = []
    if item is not None and item["duty"] == "resolve" and _work_of_the_step(command):
        wanted.append((catalogue.units[item["unit_id"]], item["role"]))
    else:
        holder = item["unit_id"] if item is not None and item["duty"] == "step" else None
        for party, role in command.actors:
            mine = holder is not None and own is not None and own.party == party
            unit = (catalogue.units[holder] if mine and holder is not None
                    else catalogue.unit_for(party, loaded.intake_agency, decision.at.astimezone(ZONE).date()))
            wanted.append((unit, role))
    held = {(unit_id, role) for unit_id, role in loaded.memberships}
    lent = {(unit_id, role) for unit_id, role, _, _ in loaded.standing_in}
    able = [(unit, capacity) for unit, capacity in wanted if (unit.id, capacity) in held]
    for unit, capacity in sorted(able, key=lambda one: (one[0].id, one[1]) in lent):
        decision.act_as(unit.id, capacity, item["claimed_by"] if item is not None else None)
        return unit
    who_vi = "; ".join(f"{ROLES[capacity].vi} – {unit.full_vi}" for unit, capacity in wanted)
    who_en = "; ".join(f"{ROLES[capacity].en} – {unit.full_en}" for unit, capacity in wanted)
    raise WrongRole(event=command.name.vi, event_en=command.name.en,
                    who_vi=who_vi or "hệ thống", who_en=who_en or "the system")


def _work_of_the_step(command: Command) -> bool:
    return command.closes and command.event not in ENDINGS


def refuse_unregistered(decision: Decision, item: Row | None, command: Command) -> None:
    """The step's own work waits for a registered hand-off; interruptions and endings do not."""
    if not _work_of_the_step(command):
        return
    if item is None:
        if command.branch_of is not None:
            raise NotPossibleHere(event=command.name.vi, event_en=command.name.en, possible="-", possible_en="-",
                                  where_vi="đã quá hạn, không chờ ý kiến này nữa",
                                  where_en="overdue, this opinion is no longer awaited")
        return
    if item["duty"] == "resolve":
        if command.event != Event.SEND_BACK:
            raise _came_back(decision, item, command)
        return
    if item["handoff_id"] is not None:
        handoff = next(row for row in decision.loaded.handoffs if row["id"] == item["handoff_id"])
        if handoff["state"] != "registered":
            raise NotRegistered(handoff=item["handoff_id"])


def _came_back(decision: Decision, item: Row, command: Command) -> NotPossibleHere:
    """Names only what the step has: a branch of a consultation is not sent back."""
    back = [one.name for one in decision.procedure.declared(item["state"]) if one.event == Event.SEND_BACK]
    names = [ACTS["resend"], *back]
    return NotPossibleHere(event=command.name.vi, event_en=command.name.en, where_vi="chuyển giao bị trả về",
                           where_en="hand-off came back",
                           possible=", ".join(f"{name.vi[:1].lower()}{name.vi[1:]}" for name in names),
                           possible_en=", ".join(f"{name.en[:1].lower()}{name.en[1:]}" for name in names))


def refuse_claimed(decision: Decision, item: Row | None, command: Command) -> None:
    """Somebody else of the unit is at the step; interruptions and endings do not wait for him."""
    if _work_of_the_step(command):
        claims.refuse_claimed(decision, item)


def follow(decision: Decision, command: Command, outcome: Outcome, unit: UnitInfo,
           told: Row | None = None) -> None:
    """Everything that a step of the machine brings with it; `told` goes into its entry."""
    loaded, states = decision.loaded, decision.procedure.states
    decision.raise_version()
    before = loaded.states
    details: Row = {"version": decision.version, **(told or {})}
    closing = [row["no"] for row in loaded.items if row["state"] in outcome.exited]
    decision.closed.extend(closing)
    clocks.end_items(decision, closing, command.event)
    if recalled := sending.recall_waiting(decision, closing):
        details["recalled"] = recalled
    if left := consulting.close_left(decision, outcome.exited, outcome.ended, command.event):
        details["no_longer_asked"] = left
    decision.states = outcome.configuration
    decision.exited.extend(state for state in before if state in outcome.exited)
    decision.enter([state for state in outcome.configuration if state in outcome.entered])
    decision.changes["history"] = outcome.history
    assets.follow(decision, outcome)
    _move_clock(decision, command, outcome)
    _set_outcome(decision, command, outcome)
    _set_status(decision, command, outcome)
    for effect in effects(command):
        effect(decision, unit, details)
    if loaded.finished_at is None and decision.current("finished_at") is not None and not outcome.ended:
        papers.print_result(decision, unit, details)
        obligations.begin(decision)
    if judging.first_end(decision):
        details["judged"] = judging.write(decision)
    for state in outcome.entered:
        if states[state].party is not None and state in outcome.configuration:
            sending.open_step(decision, states[state], unit)
    if outcome.ended and command.event in ENDINGS:
        papers.give_back(decision, decision.catalogue.units[loaded.intake_unit_id])
    budgets.settle(decision, command.event)
    parts.follow(decision, outcome)
    decision.audit(command.event, unit=unit, before=before, after=outcome.configuration, details=details,
                   spoken=decision.order.particulars.spoken())


def clock_class(infos: Mapping[str, StateInfo], configuration: Sequence[str]) -> str:
    """One word for the whole configuration: any waiting state stops the dossier's clock."""
    kinds = {infos[state].clock for state in configuration}
    for kind in ("stop", "run", "not_started", "ended"):
        if kind in kinds:
            return kind
    return "ended"


def _move_clock(decision: Decision, command: Command, outcome: Outcome) -> None:
    infos = decision.procedure.states
    restart = command.event == Event.SUPPLEMENT and requests.restarts(decision)
    clocks.follow_phase(decision, clock_class(infos, decision.loaded.states),
                        clock_class(infos, outcome.configuration), restart=restart, reason=command.event)


def _set_outcome(decision: Decision, command: Command, outcome: Outcome) -> None:
    """A proposed rejection stands until the dossier goes back to be examined again (R16), or ends without a result."""
    infos = decision.procedure.states
    phases = {infos[state].phase for state in outcome.configuration}
    if command.event == Event.PROPOSE_REJECTION:
        decision.changes["outcome"] = "rejected"
    elif command.event in ENDINGS or (command.event == Event.SEND_BACK and Phase.PROCESSING in phases):
        decision.changes["outcome"] = None
    elif phases == {Phase.RETURN} and decision.loaded.outcome is None:
        decision.changes["outcome"] = "approved"


def _set_status(decision: Decision, command: Command, outcome: Outcome) -> None:
    """National status (TrangThaiHoSo) and the two ends: result ready, and closed."""
    infos = decision.procedure.states
    status = max(infos[state].national_status for state in outcome.configuration)
    decision.changes["status"] = 2 if command.event == Event.ACCEPT else status
    in_return = all(infos[state].phase is Phase.RETURN or infos[state].final for state in outcome.configuration)
    if in_return and decision.loaded.finished_at is None:
        decision.changes["finished_at"] = decision.at
    if outcome.ended:
        decision.changes["closed_at"] = decision.at

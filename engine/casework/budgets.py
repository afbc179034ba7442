"""What work may take: the limit of a step, and what an agency has for all its steps that follow one another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.casework import clocks, requests
from engine.casework.decision import Decision, Row
from engine.clocks.marks import ClockState, MarkKind
from engine.states.mechanism import Clock
from engine.states.procedure import StateInfo
from procedures.declaration import Event, Starts


def begin(decision: Decision, item: Row, info: StateInfo, at: datetime) -> None:
    """The work of a step can be done from now on: its limit begins, and that of an agency that had none running."""
    clocks.start_step(decision, item, info.limit, at)
    agency = decision.catalogue.units[item["unit_id"]].agency
    row = next((row for row in _open(decision) if _agency(decision, row) == agency), None)
    if row is not None:
        _go_on(decision, row, at)
    elif info.party is not None and info.clock is Clock.RUN and not _begun(decision, agency):
        _start(decision, agency, info.party, at)


def begin_if_due(decision: Decision, item: Row, info: StateInfo, at: datetime, event: Starts) -> None:
    """What another agency hands over: the limit begins with the event that the step names."""
    if info.starts is event and clocks.of_item(decision, item["no"], "step") is None:
        begin(decision, item, info, at)


def at_work(decision: Decision, row: Row) -> set[int]:
    """The units of its agency that have the dossier: they are told how its limit runs."""
    units, agency = decision.catalogue.units, _agency(decision, row)
    return {item["unit_id"] for item in decision.loaded.items if units[item["unit_id"]].agency == agency}


def settle(decision: Decision, reason: str) -> None:
    """The limit of an agency ends when it has no work any more; while the citizen is waited for it stands."""
    running = list(_open(decision))
    if not running:
        return
    held, states = set(_holding(decision)), decision.procedure.states
    waiting = any(state in states and states[state].clock is Clock.STOP for state in decision.states)
    for row in running:
        if _agency(decision, row) in held:
            continue
        if not waiting:
            clocks.end(decision, row, reason)
        elif clocks.rebuild(row).state is ClockState.RUNNING:
            clocks.mark(decision, row, MarkKind.STOP, reason)


def _start(decision: Decision, agency: str, party: str, at: datetime) -> None:
    limit = next((rule.limit for rule in decision.procedure.declaration.agency_limits if rule.party == party), None)
    if limit is not None:
        clocks.start_agency(decision, agency, limit, at, party)


def _go_on(decision: Decision, row: Row, at: datetime) -> None:
    clock = clocks.rebuild(row)
    if clock.state is ClockState.STOPPED:
        again = clock.marks[-1].reason == Event.REQUEST_SUPPLEMENT and requests.restarts(decision)
        clocks.mark(decision, row, MarkKind.RESTART if again else MarkKind.RESUME, decision.order.event, at=at)


def _open(decision: Decision) -> Iterator[Row]:
    return (row for row in decision.loaded.clocks if row["kind"] == "agency")


def _begun(decision: Decision, agency: str) -> bool:
    """In this very act, by a step at the same time."""
    return any(row["kind"] == "agency" and _agency(decision, row) == agency
               for row in decision.lists.get("clocks", ()))


def _agency(decision: Decision, row: Row) -> str:
    return str(row["agency"] or decision.loaded.intake_agency)


def _holding(decision: Decision) -> Iterator[str]:
    """The agencies that have a step of the way to the result, registered or still to be."""
    states = decision.procedure.states
    closed = set(decision.closed)
    for item in [*decision.loaded.items, *decision.lists.get("open", ())]:
        info = states.get(item["state"])
        counted = info is None or info.clock is Clock.RUN
        if item["no"] not in closed and item["duty"] == "step" and counted:
            yield decision.catalogue.units[item["unit_id"]].agency

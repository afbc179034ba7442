"""The acts that follow for one part from how the others stand: decided like any act, once in effect.

Every decider looks again at the dossier it was given: what another pass has done meanwhile raises Settled.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.casework import additions, parts, steps
from engine.casework.act import Decide
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order, Particulars
from engine.casework.parts import STOP_LETTER
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Conflict
from engine.states.procedure import Command
from procedures.declaration import At, Event, Role
from procedures.entry import Text
from storage.dossiers import Loaded


class Settled(Conflict):
    """Another pass was first, or it is no longer due."""

    code = "already_settled"


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, UnitInfo]:
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    decision.role = Role.RECEPTIONIST
    return decision, catalogue.units[loaded.intake_unit_id]


def _follow(decision: Decision, event: Event, unit: UnitInfo, told: Row) -> None:
    loaded = decision.loaded
    command = decision.procedure.command(loaded.states, event.value)
    outcome = decision.procedure.step(loaded.states, loaded.history, command,
                                      {**loaded.facts, "channel": loaded.channel})
    steps.follow(decision, command, outcome, unit, told)


def _part(decision: Decision, **changes: Any) -> None:
    """Changes the row of this part; the bundle's version keeps two writers of it apart."""
    assert decision.loaded.bundle is not None
    mine = parts.own(decision.loaded)
    decision.add("bundle_part", {
        "bundle_id": decision.loaded.bundle["id"], "part": mine["part"],
        **{name: mine[name] for name in ("expected_due_at", "released_at", "stopped_for")}, **changes})
    parts.write(decision)


def _bundle(loaded: Loaded) -> Row:
    assert loaded.bundle is not None, "a part knows its bundle"
    return loaded.bundle


def release(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """What this part waited for is there: its procedure begins, and its clock with it."""
    if At.AWAITING_PARTS not in loaded.states:
        raise Settled
    decision, desk = _begin(loaded, order, catalogue, now)
    _part(decision, released_at=decision.stamp)
    _follow(decision, Event.RELEASE, desk, {"bundle": _bundle(loaded)["code"]})
    return decision


def stop(because: str, why: Text, *, whole: bool) -> Decide:
    """Its result can no longer be used or come. The citizen gets one notice for all that are stopped together."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if loaded.closed_at is not None or loaded.finished_at is not None:
            raise Settled
        told = replace(order, particulars=Particulars(reason=why.vi))
        decision, desk = _begin(loaded, told, catalogue, now)
        _part(decision, stopped_for=because)
        if whole:
            _notice_once(decision, because)
        _follow(decision, Event.STOP, desk, {"bundle": _bundle(loaded)["code"], "because": because})
        return decision

    return decide


def _notice_once(decision: Decision, because: str) -> None:
    """The first part that is stopped writes the letter, and the desk is told of it; the others find it written."""
    bundle = _bundle(decision.loaded)
    if any(letter["kind"] == STOP_LETTER and letter["because"] == because for letter in bundle["letters"]):
        return
    stopped = [row["part"] for row in bundle["parts"]
               if row["part"] != because and row["finished_at"] is None and row["closed_at"] is None]
    letter = {"no": len(bundle["letters"]) + 1, "kind": STOP_LETTER, "at": decision.stamp, "because": because,
              "parts": stopped}
    parts.write(decision, letters=[*bundle["letters"], letter])
    decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": 0, "kind": "bundle_stopped",
                            "about": decision.stamp, "unit_id": decision.loaded.intake_unit_id, "at": decision.stamp})


def adopt(papers: Sequence[tuple[str, Row, str]]) -> Decide:
    """Links what another part has: the same object, the same hash; a promised scan is filled in."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        has = {(row["component"], row["sha256"]) for row in loaded.documents}
        fresh = [told for told in papers if (told[0], told[1]["sha256"]) not in has]
        if loaded.closed_at is not None or not fresh:
            raise Settled
        decision, desk = _begin(loaded, order, catalogue, now)
        decision.raise_version()
        promised = [row for row in loaded.documents if row["state"] == "promised"]
        for component, there, code in fresh:
            _link(decision, desk, component, there, code, promised)
        return decision

    return decide


def _link(decision: Decision, desk: UnitInfo, component: str, there: Row, code: str, promised: list[Row]) -> None:
    gap = next((row for row in promised if row["component"] == component), None)
    if gap is not None:
        promised.remove(gap)
    row: Row = {
        "id": str(uuid.uuid4()), "dossier_id": decision.loaded.id, "component": component, "form": "electronic",
        **(gap or {}), "reason": None, "added_at": decision.stamp, "replaced_by": None,
        **{name: there[name] for name in ("name", "state", "media_type", "size", "pages", "sha256", "added_by")},
    }
    decision.add("document", row)
    states = decision.loaded.states
    decision.audit("attach", unit=desk, before=states, after=states, details={
        "document": row["id"], "component": component, "sha256": row["sha256"], "size": row["size"],
        "version": decision.version, "from": code, "bundle": _bundle(decision.loaded)["code"]})


def ask(letter: Row, seen: int) -> Decide:
    """Stops this part's clock for the one letter. The first part to be asked writes it, at that instant for all."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        bundle = _bundle(loaded)
        row = next(row for row in letter["asking"] if row["dossier_id"] == loaded.id)
        if not {found["no"] for found in additions.waiting(loaded.additions)} & set(row["additions"]):
            raise Settled
        reason = f"Phiếu yêu cầu bổ sung chung số {letter['no']} của hồ sơ liên thông {bundle['code']}"
        told = replace(order, particulars=Particulars(documents=tuple(row["documents"]), reason=reason))
        decision, _ = _begin(loaded, told, catalogue, now)
        if not any(known["no"] == letter["no"] for known in bundle["letters"]):
            if bundle["version"] != seen:
                raise Settled
            parts.write(decision, letters=[*bundle["letters"], {**letter, "at": decision.stamp}], gather_until=None)
            parts.tell(decision)
        command = decision.procedure.command(loaded.states, Event.REQUEST_SUPPLEMENT.value)
        unit, decision.role = _asker(decision, command)
        _follow(decision, Event.REQUEST_SUPPLEMENT, unit, {"bundle": bundle["code"], "letter": letter["no"]})
        return decision

    return decide


def _asker(decision: Decision, command: Command) -> tuple[UnitInfo, str]:
    """In whose name: the unit at work on the step, or the one that leads the consultation."""
    loaded, catalogue = decision.loaded, decision.catalogue
    party, role = command.actors[0]
    item = steps.item_at(loaded, command.state)
    if item is not None:
        return catalogue.units[item["unit_id"]], role
    return catalogue.unit_for(party, loaded.intake_agency, decision.at.astimezone(ZONE).date()), role


def resume(no: int) -> Decide:
    """The citizen has answered the letter: this part goes on, too."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if At.AWAITING_SUPPLEMENT not in loaded.states:
            raise Settled
        decision, desk = _begin(loaded, order, catalogue, now)
        _follow(decision, Event.SUPPLEMENT, desk, {"bundle": _bundle(loaded)["code"], "letter": no})
        return decision

    return decide


def answer(no: int) -> Decide:
    """What the citizen brought is taken in, by a person of the desk; the first part it is taken in for records that."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if At.AWAITING_SUPPLEMENT not in loaded.states:
            raise Settled
        decision, _ = _begin(loaded, order, catalogue, now)
        command = decision.procedure.command(loaded.states, Event.SUPPLEMENT.value)
        unit = steps.acting_unit(decision, command, steps.item_at(loaded, command.state))
        bundle = _bundle(loaded)
        if any(letter["no"] == no and letter["answered_at"] is None for letter in bundle["letters"]):
            answered = {"answered_at": decision.stamp, "answered_by": decision.actor.id}
            parts.write(decision, letters=[{**letter, **answered} if letter["no"] == no else letter
                                           for letter in bundle["letters"]])
            parts.tell(decision)
        _follow(decision, Event.SUPPLEMENT, unit, {"bundle": bundle["code"], "letter": no})
        return decision

    return decide

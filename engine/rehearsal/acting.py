"""Who does an act of a scenario, and what its form says: found as the people at work would, never taken for granted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

from engine.casework import scans, steps, supplements
from engine.casework.act import BESIDE, Decide
from engine.casework.offers import FIELDS
from engine.casework.orders import MACHINE, Actor, Order, Particulars
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Forbidden, FourEyes, Invalid, LienThongError, NotFound, NotRegistered, Refused
from engine.rehearsal.people import People, Post
from engine.rehearsal.scenario import Step, Told, Who
from engine.rehearsal.stage import Stage
from engine.states.procedure import Command
from procedures.declaration import Event, Role
from storage.inspection import MediaType

ATTACH, WAIT = "attach", "wait"
ON_HANDOFF = ("register", "refuse_handoff", "recall", "resend")
ON_PAPER = ("take_paper", "confirm_paper", "report_missing")
# Neutral words where a form asks for some: what people wrote is never copied into a scenario.
NEUTRAL: dict[str, Any] = {
    "reason": "Theo kịch bản diễn tập", "verdict": "agree", "words": "Ý kiến theo kịch bản diễn tập",
    "recipient": "Người nhận", "slip": "EH000000000VN", "proof": "Chứng từ theo kịch bản diễn tập", "amount": 1000,
    "documents": ("other",), "limit": "3 working days", "join": "all", "expiry": "escalate",
    "kind": "suggestion", "outcome": "accepted",
}
SCAN = scans.Scan(sha256="0" * 64, size=1, media_type=MediaType.PDF, pages=1, quality=None)


def decider(step: Step) -> Decide:
    if step.does == ATTACH:
        component = step.told.component or "result"
        return scans.attach(component, f"{component}.pdf", SCAN)
    return BESIDE.get(step.does, steps.decide)


class Cast:
    """Finds the actor of a step among `people`, and makes its order."""

    def __init__(self, stage: Stage, people: People, desk: UnitInfo) -> None:
        self.stage, self.people, self.desk = stage, people, desk

    @property
    def catalogue(self) -> Catalogue:
        return self.stage.catalogue

    def order(self, step: Step, now: datetime) -> Order:
        """Raises Refused or Invalid where a party, a unit or a paper of the step does not exist."""
        memory = self.stage.memory
        order = Order(code=memory.dossier["code"], event=step.does, actor=MACHINE, state=step.state,
                      particulars=self.particulars(step))
        if step.who == "machine":
            return order
        order = replace(order, seen_version=memory.dossier["version"])
        if isinstance(step.who, Who):
            return replace(order, actor=self.people.at(self._post(step, step.who, now), step.who.person))
        return replace(order, actor=self._able(step, order, now))

    def command(self, step: Step) -> Command | None:
        """As the procedure has it here; None for what moves no state."""
        states = [row["state"] for row in self.stage.memory.rows["active_state"]]
        with suppress(LienThongError):
            return self.stage.procedure.command(states, step.does, step.state)
        return None

    def _post(self, step: Step, who: Who, now: datetime) -> Post:
        """The unit that holds the step, if it is the party's own; else the one that fills the party."""
        if who.role == Role.COURIER:
            return self.courier()
        item = next((item for item in self.stage.memory.items() if item["state"] == step.state), None)
        own = self.stage.procedure.states.get(step.state or "")
        if item is not None and own is not None and own.party == who.party:
            return item["unit_id"], who.role
        unit = self.catalogue.unit_for(who.party, self.desk.agency, now.astimezone(ZONE).date())
        return unit.id, who.role

    def _able(self, step: Step, order: Order, now: datetime) -> Actor:
        """The first whom the counters would let do it; what stands in the way of that one is the scenario's answer."""
        posts = list(dict.fromkeys(self._posts(step, now)))
        for post in posts:
            actor = self.people.at(post)
            trial = replace(order, actor=actor)
            try:
                decider(step)(self.stage.load(trial), trial, self.catalogue, now)
            except (FourEyes, NotRegistered):
                return actor
            except (Forbidden, NotFound):
                continue
            except LienThongError:
                return actor
            return actor
        return self.people.at(posts[0])

    def _posts(self, step: Step, now: datetime) -> Iterator[Post]:
        memory, units = self.stage.memory, self.catalogue.units
        command, on = self.command(step), now.astimezone(ZONE).date()
        at_state = [item for item in memory.items() if step.state in (None, item["state"])]
        if step.does == "take_paper":
            yield self.courier()
        if step.does != "recall":
            yield from ((item["unit_id"], item["role"]) for item in at_state)
        for row in memory.rows["handoff"]:
            yield row["from_unit_id"], row["from_role"]
        for party, role in command.actors if command else ():
            with suppress(Refused):
                yield self.catalogue.unit_for(party, self.desk.agency, on).id, role
        yield from ((item["unit_id"], item["role"]) for item in memory.items())
        for paper in memory.rows["paper"]:
            if paper["bound_for_unit_id"] in units:
                yield paper["bound_for_unit_id"], Role.CLERK
        with suppress(Refused):
            lead = self.catalogue.unit_for(self.stage.procedure.declaration.lead, self.desk.agency, on)
            yield from ((lead.id, role) for role in (Role.OFFICER, Role.HEAD))
        yield from ((self.desk.id, role) for role in (Role.RECEPTIONIST, Role.RETURNER, Role.MANAGER))

    def posts(self, now: datetime) -> list[Post]:
        """Everybody who might have something to do with the dossier now."""
        return list(dict.fromkeys(self._posts(Step(does=WAIT), now)))

    def courier(self) -> Post:
        carriers = sorted(unit for unit, role in self.catalogue.staffed if role == Role.COURIER)
        return (carriers[0] if carriers else self.desk.id), Role.COURIER

    # what the form says

    def particulars(self, step: Step) -> Particulars:
        told, command = step.told, self.command(step)
        asked = {name for need in command.needs for name in FIELDS.get(need, ())} if command else set(NEUTRAL)
        given = {name: getattr(told, name) for name in NEUTRAL if getattr(told, name) is not None}
        filled = {name: value for name, value in NEUTRAL.items() if name in asked} | given
        if step.does == Event.SUPPLEMENT and "documents" not in given:
            filled["documents"] = supplements.asked(self.stage.memory.rows["addition"])
        if step.does in ON_PAPER:
            filled["slip"] = self._barcode(told)
        return Particulars(**{
            **filled, "handoff": self._handoff(step) if step.does in ON_HANDOFF else None,
            "unit": self._unit(told.unit) if told.unit else None, "units": tuple(map(self._unit, told.units)),
            "new_due": datetime.combine(told.new_due, time(17), ZONE) if told.new_due else None,
        })

    def _unit(self, path: str) -> int:
        found = next((unit.id for unit in self.catalogue.units.values() if path_of(unit) == path), None)
        if found is None:
            raise Invalid({"unit": (f"không có đơn vị “{path}”", f"there is no unit “{path}”")})
        return found

    def _barcode(self, told: Told) -> str:
        rows = self.stage.memory.rows["paper"]
        found = [row for row in rows if told.paper in (None, row["kind"])]
        moving = [row for row in found if row["run_id"] is not None]
        return str((moving or found)[0]["barcode"]) if found else "-"

    def _handoff(self, step: Step) -> UUID | None:
        """The one that brought the work of the state, or the only one there is."""
        items = [item for item in self.stage.memory.items() if item["handoff_id"] is not None]
        named = [item for item in items if step.state in (None, item["state"])]
        return UUID(named[0]["handoff_id"]) if named else None


def path_of(unit: UnitInfo) -> str:
    return f"{unit.agency}/{unit.key}"

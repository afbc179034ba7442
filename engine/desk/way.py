"""The way of a dossier through its procedure: every step in order, what is done, where it is, what is still to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.catalogue import Catalogue
from engine.desk.holdings import OpinionRow
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.errors import Refused
from engine.states.procedure import Procedure, StateInfo
from procedures.answers import applies
from procedures.declaration import CHANNEL, Parallel, Phase, Text
from storage.dossiers import Loaded


class Standing(StrEnum):
    """PAUSED: the step it comes back to after a wait. LEFT_OUT: this dossier did not need it. ENDED: an early end."""

    DONE = "done"
    NOW = "now"
    PAUSED = "paused"
    TO_COME = "todo"
    LEFT_OUT = "left_out"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A step, or a consultation with its `branches`; a branch that was not needed is left out of them afterwards.

    `to_register`: `due_at` is when the receiver must sign for it, not when the step is due. `verdict`, `answered_at`:
    what a body that was asked has said.
    """

    state: str
    name: Text
    standing: Standing
    unit: UnitRef | None = None
    due_at: datetime | None = None
    to_register: bool = False
    branches: tuple[Stop, ...] = ()
    verdict: Text | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """One phase with its stops."""

    phase: Phase
    stops: list[Stop]


def way(loaded: Loaded, catalogue: Catalogue, procedure: Procedure, now: datetime,
        opinions: Mapping[str, OpinionRow]) -> list[Stretch]:
    """`opinions`: the newest of each state."""
    return _Way(loaded, catalogue, procedure, now, opinions).stretches()


class _Way:
    """One dossier's view on its procedure; `at` is how far it has come, as a place in order."""

    def __init__(self, loaded: Loaded, catalogue: Catalogue, procedure: Procedure, now: datetime,
                 opinions: Mapping[str, OpinionRow]) -> None:
        self.loaded, self.catalogue, self.procedure, self.now = loaded, catalogue, procedure, now
        self.opinions = opinions
        self.items: Mapping[str, dict[str, Any]] = {item["state"]: item for item in loaded.items}
        self.done = {row[0] for row in loaded.done} | set(opinions)
        self.active = set(loaded.states)
        self.remembered = {leaf for leaves in (loaded.history or {}).values() for leaf in leaves}
        self.order = [(phase, key, place) for phase, places in procedure.declaration.machine.phases()
                      for key, place in places.items()]
        facts = {**loaded.facts, CHANNEL: loaded.channel}
        self.needless = {key for _, key, step in procedure.declaration.machine.steps()
                         if not applies(procedure.declaration, step.when, facts)}
        self.waits = self.active - {leaf for _, key, place in self.order for leaf in self._leaves(key, place)}
        self.at = self._place()

    def _info(self, state: str) -> StateInfo:
        return self.procedure.states[state]

    @staticmethod
    def _leaves(key: str, place: object) -> list[str]:
        if isinstance(place, Parallel):
            return [leaf for branch in place.parallel for leaf in (branch, f"{branch}_done")]
        return [key]

    @property
    def ended(self) -> bool:
        return any(self._info(state).final and self._info(state).branch_of is None for state in self.active)

    def _place(self) -> int:
        """The first place somebody stands at, or comes back to; past the last when the result was returned."""
        phases = {self._info(state).phase for state in self.waits}
        if "returned" in self.active or Phase.RETURN in phases:
            return len(self.order)
        if Phase.RECEPTION in phases:
            return 0
        standing = self.remembered if self.waits and not self.ended else self.active
        return next((at for at, (_, key, place) in enumerate(self.order)
                     if standing.intersection(self._leaves(key, place))), 0)

    def stretches(self) -> list[Stretch]:
        found: dict[Phase, list[Stop]] = {phase: [] for phase in Phase}
        for at, (phase, key, place) in enumerate(self.order):
            found[phase] += self._stops(at, key, place)
        for state in self.waits:
            self._add_wait(found, state)
        return [Stretch(phase=phase, stops=stops) for phase, stops in found.items()]

    def _stops(self, at: int, key: str, place: object) -> Iterator[Stop]:
        if not isinstance(place, Parallel):
            yield self._stop(key, self._of_step(at, key))
            return
        branches = tuple(self._stop(branch, self._of_branch(at, branch)) for branch in place.parallel)
        needed = tuple(branch for branch in branches if branch.standing is not Standing.LEFT_OUT)
        standings = {branch.standing for branch in branches}
        for standing in (Standing.NOW, Standing.PAUSED, Standing.TO_COME, Standing.DONE, Standing.LEFT_OUT):
            if standing in standings:
                yield Stop(state=key, name=place.name, standing=standing, branches=needed)
                return

    def _of_step(self, at: int, key: str) -> Standing:
        if key in self.active:
            return Standing.NOW
        if at < self.at:
            # a dossier accepted as it came in had no work item at the desk
            done = key in self.done or (at == 0 and self.loaded.received_at is not None)
            return Standing.DONE if done else Standing.LEFT_OUT
        if self.ended:
            return Standing.DONE if key in self.done else Standing.LEFT_OUT
        if key in self.needless:
            return Standing.LEFT_OUT
        return Standing.PAUSED if at == self.at and self.waits else Standing.TO_COME

    def _of_branch(self, at: int, branch: str) -> Standing:
        if branch in self.active:
            return Standing.NOW
        paused = self.waits and not self.ended and branch in self.remembered
        if paused:
            return Standing.PAUSED
        if at > self.at:
            return Standing.LEFT_OUT if self.ended or branch in self.needless else Standing.TO_COME
        return Standing.DONE if branch in self.done else Standing.LEFT_OUT

    def _stop(self, state: str, standing: Standing) -> Stop:
        item = self.items.get(state)
        due = datetime.fromisoformat(item["due_at"]) if item and item["due_at"] and standing is Standing.NOW else None
        said = self.opinions.get(state) if standing is Standing.DONE else None
        return Stop(state=state, name=self._info(state).name, standing=standing, unit=self._unit(state), due_at=due,
                    to_register=due is not None and due == self._register_due(item),
                    verdict=said.verdict_name if said else None, answered_at=said.at if said else None)

    def _register_due(self, item: dict[str, Any] | None) -> datetime | None:
        return next((datetime.fromisoformat(row["register_due_at"]) for row in self.loaded.handoffs
                     if item and row["id"] == item["handoff_id"] and row["state"] in ("pending", "delivered")), None)

    def _unit(self, state: str) -> UnitRef | None:
        """Who holds the work, else who would: the binding in force today."""
        item, party = self.items.get(state), self._info(state).party
        if item is not None:
            return unit_ref(self.catalogue, item["unit_id"])
        if party is None:
            return None
        try:
            return unit_ref(self.catalogue,
                            self.catalogue.unit_for(party, self.loaded.intake_agency, day_of(self.now)).id)
        except Refused:
            return None

    def _add_wait(self, found: dict[Phase, list[Stop]], state: str) -> None:
        """A state of the mechanism stands behind the step it interrupts; the regular end is not shown at all."""
        info = self._info(state)
        if state == "returned" or (info.final and info.branch_of is not None):
            return
        standing = Standing.ENDED if info.final else Standing.NOW
        stops = found[info.phase or self._phase_reached()]
        at = max((place + 1 for place, stop in enumerate(stops) if stop.standing in (Standing.DONE, Standing.PAUSED)),
                 default=0)
        stops.insert(at, self._stop(state, standing))

    def _phase_reached(self) -> Phase:
        reached = [phase for phase, key, place in self.order if self.done.intersection(self._leaves(key, place))]
        return reached[-1] if reached else Phase.RECEPTION

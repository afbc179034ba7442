"""Who works where: which desk a step belongs to, who sits there, and how a step usually ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from api.demo.script import Case
from procedures import province
from procedures.declaration import Declaration, Phase, Role, load_library
from procedures.machine import Step
from procedures.province import Province

RETURNS = {"counter": "return_at_counter", "post": "send_by_post", "electronic": "return_electronically"}
# The states the mechanism adds: who holds them, and what ends them.
WAITING = {
    "awaiting_supplement_at_intake": (Role.RECEPTIONIST, "supplement"),
    "awaiting_supplement": (Role.RECEPTIONIST, "supplement"),
    "posting": (Role.RETURNER, "confirm_delivery"),
}
# Whoever is consulted beyond the procedure answers at a place of this name and a number from 1.
CONSULTATION = "consultation__"
# From the end of a dossier's way to its beginning: so that in one round of the offices it moves one step.
ORDER = (Role.RETURNER, Role.CLERK, Role.SIGNER, Role.HEAD, Role.OFFICER, Role.RECEPTIONIST)
CONTROL = "H51.01/kiem-soat-thu-tuc"


@dataclass(frozen=True, slots=True)
class Desk:
    """The people of a unit who share a role and so a work list."""

    unit: str
    role: Role

    @classmethod
    def parse(cls, text: str) -> Desk:
        unit, _, role = text.partition(":")
        return cls(unit, Role(role))


class Cast:
    """Read from the province's own files, as the seed is."""

    def __init__(self, name: str) -> None:
        self.province: Province = province.load(name)
        self.library: Mapping[str, Declaration] = load_library()
        self.away: frozenset[str] = frozenset()

    def on_duty(self, desk: Desk, turn: int) -> str:
        """Colleagues take turns; who is away has none."""
        members = [one for one in self.province.members(desk.unit, desk.role) if one not in self.away]
        if not members:
            raise LookupError(f"{desk.unit} has no {desk.role}")
        return members[turn % len(members)]

    def couriers(self) -> tuple[str, ...]:
        return tuple(login for login, person in self.province.people.items()
                     if any(post.role is Role.COURIER for post in person.memberships))

    @cached_property
    def auditor(self) -> str:
        return self.province.members(CONTROL, Role.AUDITOR)[0]

    @cached_property
    def administrator(self) -> str:
        return self.province.members(CONTROL, Role.ADMINISTRATOR)[0]

    def anybody(self, unit: str) -> str:
        """Somebody of the unit who may take in its paper."""
        barred = (Role.COURIER, Role.AUDITOR, Role.ADMINISTRATOR)
        return next(login for login, person in self.province.people.items()
                    if any(post.unit == unit and post.role not in barred for post in person.memberships))

    def unit_named(self, agency: str, name: str) -> str:
        return next(path for path, unit in self.province.units.items()
                    if path.startswith(f"{agency}/") and unit.name.vi == name)

    def agency_name(self, agency: str) -> str:
        return self.province.agencies[agency].name.vi

    def desk_of(self, case: Case, state: str) -> Desk | None:
        """Whose work list shows the state; None for what is nobody's work."""
        if state.startswith(CONSULTATION):
            return Desk(case.asked[int(state.removeprefix(CONSULTATION)) - 1], Role.OFFICER)
        if state in WAITING:
            return Desk(self._unit("centre", case), WAITING[state][0])
        step = self._steps(case).get(state)
        return Desk(self._unit(step[1].party, case), step[1].role) if step else None

    def desks_of(self, case: Case) -> list[Desk]:
        found = [self.desk_of(case, state) for state in self._steps(case)]
        return [*(desk for desk in found if desk is not None), *self.asked(case)]

    def asked(self, case: Case) -> list[Desk]:
        return [Desk(unit, Role.OFFICER) for unit in case.asked]

    def usual(self, case: Case, state: str) -> str:
        """The act that completes the state, in the way the citizen asked for where it is about returning."""
        if state.startswith(CONSULTATION):
            return "answer_consultation"
        if state in WAITING:
            return WAITING[state][1]
        phase, step = self._steps(case)[state]
        return RETURNS[case.returned_by] if phase is Phase.RETURN else step.completed_by(phase)

    def drafted_at(self, case: Case) -> str:
        """The last step of processing, where the draft of the answer is written."""
        return [key for key, (phase, _) in self._steps(case).items() if phase is Phase.PROCESSING][-1]

    def _steps(self, case: Case) -> dict[str, tuple[Phase, Step]]:
        return {key: (phase, step) for phase, key, step in self.library[case.procedure].machine.steps()}

    def _unit(self, party: str, case: Case) -> str:
        unit = self.province.unit_of(party, case.desk)
        assert unit is not None
        return unit

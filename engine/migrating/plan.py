"""What becomes of each state when dossiers move to another version of their procedure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.errors import Invalid
from engine.states.joins import done
from engine.states.procedure import Procedure, StateInfo


class ClockRule(StrEnum):
    """KEEP: every due date stays. STEPS: open steps get the new version's limits, counted from when they began.

    ALL: the statutory limit, too, with the same stops, as if the new version had applied from the start.
    """

    KEEP = "keep"
    STEPS = "steps"
    ALL = "all"


class NewBranch(StrEnum):
    """A body that only the new version consults, for dossiers that are in that consultation."""

    ASK = "ask"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`states`: old id to new id of steps and branches; one that is not there keeps its id."""

    states: Mapping[str, str] = field(default_factory=dict)
    clocks: ClockRule = ClockRule.KEEP
    new_branches: NewBranch = NewBranch.ASK

    def to_json(self) -> dict[str, Any]:
        return {"states": dict(self.states), "clocks": self.clocks.value, "new_branches": self.new_branches.value}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Plan:
        return cls(states=dict(told["states"]), clocks=ClockRule(told["clocks"]),
                   new_branches=NewBranch(told["new_branches"]))

    def of(self, state: str, old: Procedure) -> str:
        """What an active leaf becomes; that a branch has answered goes along with the branch."""
        info = old.states[state]
        if info.branch_of is not None and info.party is None:
            branch = state.removesuffix("_done")
            return done(self.states.get(branch, branch))
        return self.states.get(state, state)


def places(procedure: Procedure) -> Iterator[StateInfo]:
    """The steps and branches somebody can be mapped from or to, in order; what the mechanism adds maps to itself."""
    for _, key, _ in procedure.declaration.machine.steps():
        yield procedure.states[key]


def propose(old: Procedure, new: Procedure) -> dict[str, str]:
    """Every old step: its namesake in the new version, else the likeliest one, else "" for a person to decide."""
    known = {info.id: info for info in places(new)}
    taken = {info.id for info in places(old) if info.id in known and alike(info, known[info.id])}
    found = {}
    for info in places(old):
        if info.id in taken:
            found[info.id] = info.id
            continue
        likely = [other.id for other in known.values() if other.id not in taken and alike(info, other)
                  and (other.name.vi == info.name.vi or (other.party, other.role) == (info.party, info.role))]
        found[info.id] = likely[0] if len(likely) == 1 else ""
        taken.update(likely[:1] if len(likely) == 1 else ())
    return found


def alike(one: StateInfo, other: StateInfo) -> bool:
    """The same kind of place: same phase, same effect on the legal clock, both a branch or both a step."""
    return (one.phase, one.clock, one.branch_of is None) == (other.phase, other.clock, other.branch_of is None)


def check(plan: Plan, old: Procedure, new: Procedure) -> None:
    """Raises Invalid naming every entry of the map that cannot be followed."""
    before, after = {info.id: info for info in places(old)}, {info.id: info for info in places(new)}
    faults: dict[str, tuple[str, str]] = {}
    for source, target in plan.states.items():
        if source not in before:
            faults[f"states.{source}"] = ("phiên bản cũ không có bước này", "the old version has no such step")
        elif target not in after:
            faults[f"states.{source}"] = ("chọn một bước của phiên bản mới", "choose a step of the new version")
        elif not alike(before[source], after[target]):
            faults[f"states.{source}"] = (
                f"“{before[source].name.vi}” và “{after[target].name.vi}” không cùng loại: phải cùng giai đoạn, "
                "cùng là bước đơn hoặc cùng là nhánh lấy ý kiến",
                f"“{before[source].name.en}” and “{after[target].name.en}” differ in kind: both must be in one phase, "
                "both a single step or both a branch of a consultation")
    if faults:
        raise Invalid(faults)


def configuration(states: Sequence[str], history: Mapping[str, Sequence[str]], plan: Plan, old: Procedure,
                  new: Procedure) -> tuple[list[str], dict[str, list[str]], list[str]]:
    """The leaves and history after the move, and the branches nobody had asked before.

    Raises LookupError where they cannot be active together in the new version.
    """
    leaves, added = _completed([plan.of(state, old) for state in states], plan, new)
    kept = {}
    for name, members in history.items():
        kept[name], more = _completed([plan.of(state, old) for state in members], plan, new)
        added += more
    active = set(new.topology.full(leaves))
    for members in kept.values():
        new.topology.full(members)
    return [state for state in new.states if state in active and state in leaves], kept, added


def _completed(leaves: list[str], plan: Plan, new: Procedure) -> tuple[list[str], list[str]]:
    """A consultation has a leaf for each of its branches: those that are new in it are asked or left out."""
    groups = {info.branch_of for leaf in leaves if (info := new.states.get(leaf)) and info.branch_of is not None}
    if len(set(leaves)) != len(leaves):
        raise LookupError("two states become one")
    added = []
    for info in places(new):
        if info.branch_of in groups and info.id not in leaves and done(info.id) not in leaves:
            added.append(info.id)
    asked = plan.new_branches is NewBranch.ASK
    return [*leaves, *(branch if asked else done(branch) for branch in added)], added if asked else []

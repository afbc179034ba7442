"""What becomes of each state when dossiers move to another version of their procedure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.errors import Invalid
from engine.states.joins import done
from engine.states.procedure import Procedure, StateInfo
from procedures import answers


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
    """`states`: old id to new id of steps and branches; one that is not there keeps its id.

    "" means nowhere: dossiers at such a step stay under their version.
    """

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
        """What a leaf becomes, "" where it has no place; that a branch has answered goes along with the branch."""
        info = old.states[state]
        if info.branch_of is not None and info.party is None:
            branch = state.removesuffix("_done")
            fresh = self.states.get(branch, branch)
            return done(fresh) if fresh else ""
        return self.states.get(state, state)

    def changed(self) -> dict[str, str]:
        """The steps and branches that are called otherwise in the new version."""
        return {state: fresh for state, fresh in self.states.items() if fresh not in ("", state)}


def places(procedure: Procedure) -> Iterator[StateInfo]:
    """The steps and branches somebody can be mapped from or to, in order; what the mechanism adds maps to itself."""
    for _, key, _ in procedure.declaration.machine.steps():
        yield procedure.states[key]


def propose(old: Procedure, new: Procedure) -> dict[str, str]:
    """Every old step with what it becomes: the step with its id, else its name, else its doer; "" for a person to say.

    Only what fits exactly one step is proposed.
    """
    found = {info.id: "" for info in places(old)}
    for same in (_id, _name, _doer):
        for info in places(old):
            likely = [other.id for other in places(new)
                      if other.id not in found.values() and alike(info, other) and same(info) == same(other)]
            if not found[info.id] and len(likely) == 1:
                found[info.id] = likely[0]
    return found


def _id(info: StateInfo) -> object:
    return info.id


def _name(info: StateInfo) -> object:
    return info.name.vi


def _doer(info: StateInfo) -> object:
    return info.party, info.role


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
        elif target == "":
            continue
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Landing:
    """Where a dossier comes to be. `added`: leaves it did not have before; `left_out`: bodies that are not asked."""

    leaves: list[str]
    history: dict[str, list[str]]
    added: list[str]
    left_out: list[str]


def land(states: Sequence[str], history: Mapping[str, Sequence[str]], plan: Plan, old: Procedure, new: Procedure,
         facts: Mapping[str, object]) -> Landing:
    """Raises LookupError where the leaves cannot be active together in the new version.

    Where it comes back to counts only while it waits; at other times what does not fit any more is forgotten.
    """
    came = [plan.of(state, old) for state in states]
    leaves, left_out = _completed(came, plan, new, facts)
    active = new.topology.full(leaves)
    kept: dict[str, list[str]] = {}
    for name, members in history.items():
        try:
            back, more = _completed([plan.of(state, old) for state in members], plan, new, facts)
            places = new.topology.full(back)
        except (LookupError, KeyError):
            if waits(states, old):
                raise LookupError(name) from None
            continue
        kept[name] = [state for state in places if state in back]
        left_out += more
    found = [state for state in active if state in leaves]
    return Landing(leaves=found, history=kept, added=[state for state in found if state not in came],
                   left_out=left_out)


def waits(states: Sequence[str], procedure: Procedure) -> bool:
    """Whether it comes back to where it was: for a supplement, or a payment."""
    return any(procedure.states[state].clock == "stop" for state in states)


def _completed(leaves: list[str], plan: Plan, new: Procedure,
               facts: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """A consultation has a leaf for each of its branches: those that are new in it are asked or left out.

    Whoever has no say under the branch's own condition is passed over, as in any dossier.
    """
    if len(set(leaves)) != len(leaves):
        raise LookupError("two states become one")
    groups = {info.branch_of for leaf in leaves if (info := new.states.get(leaf)) and info.branch_of}
    declared = {key: step for _, key, step in new.declaration.machine.steps()}
    found, left_out = list(leaves), []
    for info in places(new):
        if info.branch_of not in groups or info.id in leaves or done(info.id) in leaves:
            continue
        concerned = answers.applies(new.declaration, declared[info.id].when, facts)
        if concerned and plan.new_branches is NewBranch.LEAVE_OUT:
            left_out.append(info.id)
        found.append(info.id if concerned and plan.new_branches is NewBranch.ASK else done(info.id))
    return found, left_out

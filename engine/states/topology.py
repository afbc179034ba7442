"""A shape of states and events as a python-statemachine class, asked once per distinct situation.

The library gets structure only: prefixed ids that were checked before, and numbers in place of conditions. A
step is pure: the same configuration, history, event and truth of the conditions give the same move. So
answers are remembered; the memory is bounded and never the only way (`step_fresh`). Traps avoided: a stored
configuration is checked before the library sees it, instances are never shared between threads, a chain of
automatic transitions is bounded, all classes have one name because the library's registry keeps every name.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from statemachine.exceptions import TransitionNotAllowed
from statemachine.io import create_machine_class_from_definition
from statemachine.orderedset import OrderedSet

from engine.states.shape import Edge, History, Kept, Move, Node, NotAllowed, Truth, shape_hash, walk

REMEMBERED = 4096  # answers a shape, about 3 MB
POOLED = 8  # idle instances a shape, about 0.1 MB each

_ID = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")


class _Context:
    """The model the library binds: no methods, so no name of an event or condition resolves to anything."""

    state: Any
    truth: Truth
    entered: set[str]
    exited: set[str]
    steps: int
    longest: int

    __slots__ = ("entered", "exited", "longest", "state", "steps", "truth")


class _Untold(Exception):
    """A condition that could not be evaluated was needed."""


def _guard(model: Any, transition: Any) -> bool:
    told: bool | None = model.truth[transition.slot]
    if told is None:
        raise _Untold
    return told


def _before_transition(self: Any, model: Any) -> None:
    model.steps += 1
    if model.steps > model.longest:
        raise RuntimeError("an event caused more transitions than any procedure can need")


def _on_enter_state(self: Any, model: Any, state: Any) -> None:
    model.entered.add(state.name)


def _on_exit_state(self: Any, model: Any, state: Any) -> None:
    model.exited.add(state.name)


FLAGS = {
    "allow_event_without_transition": False,
    "catch_errors_as_events": False,
    "atomic_configuration_update": True,
    "validate_disconnected_states": False,
    "validate_trap_states": False,
    "validate_final_reachability": False,
}
_HOOKS = {
    "before_transition": _before_transition,
    "on_enter_state": _on_enter_state,
    "on_exit_state": _on_exit_state,
}


class Topology:
    """One shape; shared by every procedure and version that has it."""

    def __init__(self, roots: Sequence[Node]) -> None:
        self._parent: dict[str, str | None] = {}
        self._node: dict[str, Node] = {}
        for node, parent in walk(roots, None):
            if not _ID.match(node.id) or node.id in self._node:
                raise ValueError(f"bad or repeated state id {node.id!r}")
            self._node[node.id], self._parent[node.id] = node, parent
        self._order = {name: at for at, name in enumerate(self._node)}
        self._resumed_from = {
            edge.target: {
                source
                for source, other in self._node.items()
                if any(e.resumes and e.target == edge.target for e in other.edges)
            }
            for node in self._node.values()
            for edge in node.edges
            if edge.resumes
        }
        states: Any = {f"s_{node.id}": self._definition(node) for node in roots}
        self._machine = create_machine_class_from_definition("Procedure", states, **FLAGS, **_HOOKS)
        for node in self._node.values():
            own = [made for made in self._machine.states_map[f"s_{node.id}"].transitions if not made.initial]
            if len(own) != len(node.edges):
                raise RuntimeError(f"the library made other transitions of {node.id!r} than declared")
            for made, edge in zip(own, node.edges, strict=True):
                made.slot = edge.guard
        # one event passes each state at most once; a group of twelve branches has 49 and needs 26 transitions
        self._longest = 2 * len(self._node)
        self._free: deque[Any] = deque(maxlen=POOLED)
        self._known: dict[tuple[object, ...], Move | None] = {}
        self._lock = Lock()

    @property
    def flags(self) -> dict[str, bool]:
        return {name: getattr(self._machine, name) for name in FLAGS}

    def _definition(self, node: Node) -> dict[str, Any]:
        made: dict[str, Any] = {
            # the library refuses to set an attribute of its machine that is called as a value is
            "value": f"s_{node.id}",
            "name": node.id,
            "initial": node.initial,
            "final": node.final,
            "parallel": node.parallel,
        }
        made["transitions"] = [self._transition(edge, node) for edge in node.edges]
        if node.children:
            made["states"] = {f"s_{child.id}": self._definition(child) for child in node.children}
        if node.remembers:
            made["history"] = {f"h_{node.id}": {"type": "deep"}}
        return made

    def _transition(self, edge: Edge, node: Node) -> dict[str, Any]:
        if edge.target not in self._node:
            raise ValueError(f"{node.id}: unknown target {edge.target!r}")
        made: dict[str, Any] = {"target": f"{'h' if edge.resumes else 's'}_{edge.target}"}
        if edge.joins:
            made["event"] = f"done.state.s_{node.id}"
        elif edge.event is not None:
            if not _ID.match(edge.event):
                raise ValueError(f"bad event id {edge.event!r}")
            made["event"] = f"e_{edge.event}"
        if edge.guard is not None:
            made["cond"] = _guard
        return made

    def ancestors(self, leaf: str) -> Iterator[str]:
        """The compounds around a state, innermost first."""
        above = self._parent[leaf]
        while above is not None:
            yield above
            above = self._parent[above]

    def full(self, leaves: Sequence[str]) -> list[str]:
        """The configuration with its compounds; LookupError if these leaves cannot be active together.

        The library would accept any junk in silence."""
        active = set(leaves)
        if not active or len(active) != len(leaves) or not active <= self._order.keys():
            raise LookupError(f"not a configuration: {leaves}")
        for leaf in leaves:
            active.update(self.ancestors(leaf))
        if sum(self._parent[name] is None for name in active) != 1:
            raise LookupError(f"not a configuration: {leaves}")
        for name in active:
            node = self._node[name]
            inside = sum(child.id in active for child in node.children)
            if node.passing or (node.children and inside != (len(node.children) if node.parallel else 1)):
                raise LookupError(f"not a configuration: {leaves} has {inside} active parts in {name!r}")
        return sorted(active, key=self._order.__getitem__)

    def start(self, truth: Truth) -> Move:
        return self.step((), (), None, truth)

    def step(self, leaves: tuple[str, ...], history: History, event: str | None, truth: Truth) -> Move:
        """What `event` does here; NotAllowed if nothing. Remembered."""
        situation = (leaves, history, event, truth)
        try:
            known = self._known[situation]
        except KeyError:
            known = self._learn(situation, leaves, history, event, truth)
        if known is None:
            raise NotAllowed(event)
        return known

    def _learn(self, situation: tuple[object, ...], *asked: Any) -> Move | None:
        try:
            answer: Move | None = self.step_fresh(*asked)
        except NotAllowed:
            answer = None
        with self._lock:
            while len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[situation] = answer
        return answer

    def step_fresh(self, leaves: tuple[str, ...], history: History, event: str | None, truth: Truth) -> Move:
        """The same from the library itself."""
        before = [f"s_{name}" for name in self.full(leaves)] if leaves else None
        try:
            machine = self._free.pop()
        except IndexError:
            machine = None
        context: _Context = _Context() if machine is None else machine.model
        context.state = None if before is None else before[0] if len(before) == 1 else OrderedSet(before)
        context.truth, context.entered, context.exited = truth, set(), set()
        context.steps, context.longest = 0, self._longest
        try:
            if machine is None:
                machine = self._machine(context)
            else:
                machine.history_values.clear()
                if before is None:
                    machine.activate_initial_state()
            for name, kept in history:
                machine.history_values[f"h_{name}"] = [self._machine.states_map[f"s_{leaf}"] for leaf in kept]
            if event is not None:
                machine.send(f"e_{event}")
        except (TransitionNotAllowed, _Untold):
            raise NotAllowed(event) from None  # and drop the instance
        move = self._move(leaves, machine, context)
        if not move.ended:  # a finished instance refuses every later event
            self._free.append(machine)
        return move

    def _move(self, before: tuple[str, ...], machine: Any, context: _Context) -> Move:
        active = sorted((value.removeprefix("s_") for value in machine.configuration_values),
                        key=self._order.__getitem__)
        leaves = tuple(name for name in active if not self._node[name].children)
        return Move(
            configuration=leaves,
            history=tuple(self._kept(machine.history_values, active)),
            exited=tuple(name for name in before if name in context.exited),
            entered=tuple(name for name in leaves if name in context.entered),
            ended=any(self._node[name].final and self._parent[name] is None for name in leaves),
        )

    def _kept(self, histories: Mapping[str, Sequence[Any]], active: Sequence[str]) -> Iterator[Kept]:
        """A history is kept only where a transition can use it, so that equal situations look equal."""
        for name, sources in self._resumed_from.items():
            states = histories.get(f"h_{name}")
            if states and not sources.isdisjoint(active):
                leaves = {state.name for state in states if not self._node[state.name].children}
                yield name, tuple(sorted(leaves, key=self._order.__getitem__))


_shapes: WeakValueDictionary[str, Topology] = WeakValueDictionary()
_building = Lock()


def topology_of(roots: Sequence[Node]) -> Topology:
    """The topology of this shape; lives as long as a procedure uses it."""
    shape = shape_hash(roots)
    with _building:
        known = _shapes.get(shape)
        if known is None:
            known = _shapes[shape] = Topology(roots)
        return known

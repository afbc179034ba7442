"""Every situation a dossier of a procedure can come into, whatever its facts and whoever acts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, product
from time import monotonic

from engine.states.cases import Case, cases, samples
from engine.states.commands import Command
from engine.states.compile import internal
from engine.states.joins import JoinGuard, done
from engine.states.procedure import Procedure
from engine.states.shape import History, NotAllowed, Truth
from procedures.guards import Guard

Situation = tuple[tuple[str, ...], History]

CASES = 256  # combinations of conditions tried for one act: eight that have nothing to do with one another


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Where a look ends that would take too long; a consultation of twelve has 4,096 sets of answers."""

    configurations: int = 20_000
    seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """`ways`: where one act can lead from each situation. `pending`: those seen but not looked into.

    `sampled`: acts of which not every combination of conditions was tried.
    """

    ways: Mapping[Situation, frozenset[Situation]]
    pending: frozenset[Situation]
    sampled: tuple[Command, ...]
    seconds: float

    @property
    def all(self) -> bool:
        return not self.pending and not self.sampled

    @property
    def situations(self) -> frozenset[Situation]:
        return self.pending.union(self.ways)


@dataclass(slots=True)
class _Explorer:
    procedure: Procedure
    until: float
    truths: dict[tuple[int, ...], tuple[tuple[Case, ...], bool]] = field(default_factory=dict)
    sampled: dict[tuple[str, str], Command] = field(default_factory=dict)
    ends: dict[tuple[str, str], Situation] = field(default_factory=dict)

    def ways(self, situation: Situation) -> tuple[frozenset[Situation], bool]:
        """Where one act leads from here, and whether there was time for all of them."""
        leaves, history = situation
        found: set[Situation] = set()
        for command in self.procedure.commands(leaves):
            act = command.state, command.event
            if act in self.ends:
                found.add(self.ends[act])
                continue
            for truth in self._truths(command, leaves):
                if monotonic() > self.until:
                    return frozenset(found), False
                try:
                    # past the memory: what is asked once for every combination would only push out what is used
                    move = self.procedure.topology.step_fresh(leaves, history, internal(*act), truth)
                except NotAllowed:
                    continue
                found.add((move.configuration, move.history))
                if move.ended and not self.procedure.asked(command):
                    self.ends[act] = move.configuration, move.history  # what ends a dossier ends it wherever it is
        return frozenset(found), True

    def _truths(self, command: Command, leaves: Sequence[str]) -> Iterator[Truth]:
        """Every way in which the conditions that the act may ask can hold together here."""
        guards = {slot: self.procedure.guards[slot] for slot in self.procedure.asked(command)}
        joins = {slot: _early(guard, leaves) for slot, guard in guards.items() if isinstance(guard, JoinGuard)}
        asked = {slot: guard for slot, guard in guards.items() if isinstance(guard, Guard)}
        facts = tuple(asked)
        if facts not in self.truths:
            self.truths[facts] = _affordable(*cases(self.procedure.declaration, tuple(asked.values())))
        possible, whole = self.truths[facts]
        if not whole:
            self.sampled[command.state, command.event] = command
        for case, left in product(possible, product(*joins.values())):
            told: list[bool | None] = [None] * len(self.procedure.guards)
            for slot, truth in (*zip(facts, case, strict=True), *zip(joins, left, strict=True)):
                told[slot] = truth
            yield tuple(told)


def explore(procedure: Procedure, budget: Budget) -> Explored:
    """Nearest situations first, so that what a cut leaves out lies deep inside consultations."""
    began = monotonic()
    explorer = _Explorer(procedure, began + budget.seconds)
    start = procedure.start({})
    first: Situation = (start.configuration, ())
    todo, seen = deque([first]), {first}
    ways: dict[Situation, frozenset[Situation]] = {}
    while todo and len(ways) < budget.configurations:
        found, whole = explorer.ways(todo[0])
        new = found - seen
        seen |= new
        todo.extend(sorted(new))
        if not whole:
            break
        ways[todo.popleft()] = found
    return Explored(
        ways=ways,
        pending=frozenset(todo),
        sampled=tuple(explorer.sampled.values()),
        seconds=monotonic() - began,
    )


def _affordable(found: frozenset[Case], whole: bool) -> tuple[tuple[Case, ...], bool]:
    """All cases, or those that differ most: what single answers leave out, other answers lead to."""
    if len(found) <= CASES:
        return tuple(sorted(found)), whole
    number = len(next(iter(found)))
    telling = (case for case in samples(number) if case in found)
    return tuple(islice(dict.fromkeys(chain(telling, sorted(found))), CASES)), False


def _early(guard: JoinGuard, leaves: Sequence[str]) -> set[bool]:
    """Whether the answer that comes now can suffice, be whoever is done already asked or left out."""
    if guard.join == "first_negative":
        return {True, False}
    finished = [branch for branch in guard.asked if done(branch) in leaves]
    certain = sum(guard.asked[branch] is None for branch in finished)
    working = len(guard.asked) - len(finished)
    return {
        before + 1 >= min(guard.wanted(before + working), before + working)
        for before in range(certain, len(finished) + 1)
    }

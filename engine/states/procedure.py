"""A procedure ready for use: where a dossier starts, what may be done where, and what that does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from engine.errors import Invalid, NotPossibleHere
from engine.states.commands import Command, StateInfo
from engine.states.compile import blueprint, internal
from engine.states.joins import JoinGuard
from engine.states.mechanism import EVENT_NAMES, Clock, Need
from engine.states.shape import Move, NotAllowed, Truth
from engine.states.topology import topology_of
from procedures import answers
from procedures.declaration import Check, Declaration, RequiredDocument, content_hash
from procedures.guards import Guard

__all__ = ["Clock", "Command", "Need", "Outcome", "Procedure", "StateInfo"]

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step did. Leaf states only, in the order of the declaration; `history` is stored with them."""

    configuration: tuple[str, ...]
    history: dict[str, list[str]]
    exited: tuple[str, ...]
    entered: tuple[str, ...]
    ended: bool


class Procedure:
    """Immutable and pure: threads share it."""

    def __init__(self, declaration: Declaration) -> None:
        made = blueprint(declaration)
        self.declaration = declaration
        self.key = declaration.procedure
        self.content_hash = content_hash(declaration)
        self.states: Mapping[str, StateInfo] = made.states
        self.topology = topology_of(made.roots)
        self._commands = made.commands
        self.guards: tuple[Guard | JoinGuard, ...] = tuple(made.guards)
        self._choices = made.choices
        self._asked = made.asked
        self._untold: Truth = (None,) * len(made.guards)
        self._names = {command.event: command.name for some in made.commands.values() for command in some}
        self._here: dict[tuple[str, ...], tuple[Command, ...]] = {}

    def start(self, facts: Facts) -> Outcome:
        """The configuration of a dossier that has just come in."""
        return _outcome(self.topology.start(self._untold))

    def commands(self, configuration: Sequence[str]) -> tuple[Command, ...]:
        """Everything declared from here, leaves first, then what surrounds them."""
        leaves = tuple(configuration)
        known = self._here.get(leaves)
        if known is None:
            places = self.topology.full(leaves)
            ordered = dict.fromkeys([*leaves, *reversed(places)])
            known = tuple(command for place in ordered for command in self._commands.get(place, ()))
            self._here[leaves] = known
        return known

    def declared(self, state: str) -> tuple[Command, ...]:
        """What is declared at one state, branch of a parallel or not."""
        return tuple(self._commands.get(state, ()))

    def possible(self, configuration: Sequence[str], facts: Facts) -> tuple[Command, ...]:
        """Those whose conditions hold; one that cannot be told does not."""
        return tuple(command for command in self.commands(configuration) if self._open(command, facts))

    def command(self, configuration: Sequence[str], event: str, state: str | None = None) -> Command:
        """The command for `event`; `state` is needed where several branches have it."""
        found = [
            command
            for command in self.commands(configuration)
            if command.event == event and state in (None, command.state)
        ]
        if not found:
            raise self._not_possible(configuration, event, self.commands(configuration))
        if len(found) > 1:
            names = ", ".join(command.state for command in found)
            raise Invalid({"state": (f"Chọn một trong các bước: {names}.", f"Choose one of the states: {names}.")})
        return found[0]

    def step(
        self,
        configuration: Sequence[str],
        history: Mapping[str, Sequence[str]],
        command: Command,
        facts: Facts,
        verdict: str = "",
    ) -> Outcome:
        """What the command does; NotPossibleHere where its conditions refuse. `verdict`: of the opinion it gives."""
        kept = tuple((name, tuple(leaves)) for name, leaves in history.items()) if history else ()
        truth = self._truth(command, facts, configuration, verdict)
        try:
            move = self.topology.step(tuple(configuration), kept, internal(command.state, command.event), truth)
        except NotAllowed:
            raise self._not_possible(configuration, command.event, self.possible(configuration, facts)) from None
        return _outcome(move)

    def ends_without(self, branch: str, configuration: Sequence[str], awaited: Collection[str], facts: Facts) -> bool:
        """Whether the consultation still comes to its end if this body never answers; `awaited`: who still may."""
        join = next((guard for guard in self.guards if isinstance(guard, JoinGuard) and branch in guard.asked), None)
        return join is not None and join.suffices(configuration, awaited, partial(self._told, facts=facts))

    def required_documents(self, facts: Facts) -> dict[str, RequiredDocument]:
        return answers.required_documents(self.declaration, facts)

    def fees(self, facts: Facts) -> tuple[answers.FeeDue, ...]:
        return answers.fees(self.declaration, facts)

    def advice(self, facts: Facts) -> tuple[Check, ...]:
        return answers.advice(self.declaration, facts)

    def confidential(self, facts: Facts) -> bool:
        return answers.confidential(self.declaration, facts)

    def check_facts(self, facts: Facts, today: date) -> dict[str, tuple[str, str]]:
        """Everything wrong with the answers given at intake: {fact: (Vietnamese, English)}."""
        return answers.faults(self.declaration, facts, today)

    def answered(self, raw: Facts) -> dict[str, answers.Answer]:
        """The answers typed and fit for JSON; Invalid names every one that cannot be read."""
        found, faults = answers.typed(self.declaration, raw)
        if faults:
            raise Invalid(faults)
        return found

    def asked(self, command: Command) -> tuple[int, ...]:
        """The guards that this command may ask."""
        return self._asked.get((command.state, command.event), ())

    def _truth(
        self, command: Command, facts: Facts, configuration: Sequence[str] = (), verdict: str = ""
    ) -> Truth:
        """Only of the conditions this command may ask: the rest must not split what is remembered."""
        asked = self.asked(command)
        if not asked:
            return self._untold
        told = list(self._untold)
        condition = partial(self._told, facts=facts)
        for slot in asked:
            guard = self.guards[slot]
            if isinstance(guard, JoinGuard):
                told[slot] = guard(configuration, command.state, verdict, condition)
            else:
                told[slot] = _told(guard, facts)
        return tuple(told)

    def _told(self, slot: int, facts: Facts) -> bool | None:
        guard = self.guards[slot]
        return None if isinstance(guard, JoinGuard) else _told(guard, facts)

    def _open(self, command: Command, facts: Facts) -> bool:
        for slot in self._choices[command.state, command.event]:
            told = True if slot is None else self._told(slot, facts)
            if told is not False:
                return told is True
        return False

    def _not_possible(self, configuration: Sequence[str], event: str, possible: Sequence[Command]) -> NotPossibleHere:
        known = self._names.get(event) or EVENT_NAMES.get(event)
        named = {command.event: command.name for command in possible}
        here = [self.states[leaf] for leaf in configuration]
        at = [state for state in here if state.party is not None] or here
        return NotPossibleHere(
            event=known.vi if known else event,
            event_id=event,
            event_en=known.en if known else event,
            where_vi=", ".join(state.name.vi for state in at),
            where_en=", ".join(state.name.en for state in at),
            possible=", ".join(name.vi for name in named.values()) or "không còn việc nào",
            possible_en=", ".join(name.en for name in named.values()) or "nothing",
            possible_events=list(named),
        )


def _told(guard: Guard, facts: Facts) -> bool | None:
    try:
        return guard(facts)
    except Exception:  # noqa: BLE001 - whatever a condition stumbles over, the answer is: not possible
        return None


def _outcome(move: Move) -> Outcome:
    history = {name: list(leaves) for name, leaves in move.history}
    return Outcome(move.configuration, history, move.exited, move.entered, move.ended)

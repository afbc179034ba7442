"""Turns a declaration and the mechanism's law into a shape, a table of states and a table of acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.states.commands import Command, StateInfo
from engine.states.joins import JoinGuard, done
from engine.states.law import Law
from engine.states.mechanism import (
    CENTRE,
    CLOCK,
    COMPOUND,
    ENDS,
    EVENT_NAMES,
    NATIONAL_STATUS,
    Act,
    Clock,
    Need,
    completing,
)
from engine.states.shape import Edge, Node, walk
from procedures.declaration import (
    At,
    Branch,
    Declaration,
    Event,
    Paper,
    Parallel,
    Phase,
    Role,
    Step,
    Text,
    Transition,
)
from procedures.guards import Guard, compile_guard


@dataclass(slots=True)
class Blueprint:
    """`asked` says which conditions an event may ask; only those are evaluated, and remembered by.

    `choices`: the conditions of the event itself, in order; None: it needs none.
    """

    roots: tuple[Node, ...] = ()
    states: dict[str, StateInfo] = field(default_factory=dict)
    commands: dict[str, tuple[Command, ...]] = field(default_factory=dict)
    guards: list[Guard | JoinGuard] = field(default_factory=list)
    choices: dict[tuple[str, str], tuple[int | None, ...]] = field(default_factory=dict)
    asked: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)


def internal(state: str, event: str) -> str:
    """Every state has its own event for the library: an opinion in one branch never fires in another."""
    return f"{state}__{event}"


def blueprint(declaration: Declaration) -> Blueprint:
    return _Builder(declaration).build()


class _Builder:
    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.law = Law(declaration)
        self.made = Blueprint()
        self.slots: dict[str, int] = {}  # of each condition: the same words are one condition
        self.gates: dict[str, dict[str, int]] = {}  # conditions of each consultation's branches
        self.passed: dict[str, int] = {}  # condition of each step that may be passed over

    def build(self) -> Blueprint:
        phases = list(self.declaration.machine.phases())
        for _, places in phases:
            for key, place in places.items():
                if isinstance(place, Parallel):
                    self.gates[key] = {
                        name: self._guard(branch.when)
                        for name, branch in place.parallel.items()
                        if branch.when is not None
                    }
                elif place.when is not None:
                    self.passed[key] = self._guard(place.when)
        compounds = tuple(self._compound(phase, places) for phase, places in phases)
        waiting = tuple(self._waiting())
        roots = (Node(id=At.OPEN.value, initial=True, children=compounds), *waiting)
        targets = {edge.target for node, _ in walk(roots, None) for edge in node.edges}
        self.made.roots = roots + tuple(self._end(at, name, status) for at, name, status in ENDS if at in targets)
        return self.made

    def _compound(self, phase: Phase, places: Mapping[str, Step | Parallel]) -> Node:
        children = []
        for at, (key, place) in enumerate(places.items()):
            acts = self._with_own(phase, key, place)
            if isinstance(place, Parallel):
                children.append(self._group(key, place, acts))
            else:
                self.made.states[key] = _info(phase, key, place)
                children.append(Node(id=key, initial=at == 0, edges=self._edges(key, acts)))
                children += self._ways_past(phase, key)
        remembers = phase is Phase.PROCESSING
        return Node(
            id=COMPOUND[phase].value,
            initial=phase is Phase.RECEPTION,
            remembers=remembers,
            children=tuple(children),
        )

    def _ways_past(self, phase: Phase, key: str) -> Iterator[Node]:
        """Where the condition of a step does not hold, the next in order follows, or, sent back, the one before."""
        if key not in self.passed:
            return
        here = Edge(target=key, guard=self.passed[key])
        yield Node(id=f"{key}_gate", edges=(here, Edge(target=self._entry(self.law.after(key)))))
        before = None if phase is Phase.RETURN else self.law.before(key)
        if before is not None:
            yield Node(id=f"{key}_back", edges=(here, Edge(target=self._entry(before, back=True))))

    def _entry(self, target: str, *, back: bool = False) -> str:
        if target not in self.passed:
            return target
        return f"{target}_back" if back else f"{target}_gate"

    def _with_own(self, phase: Phase, key: str, place: Step | Parallel) -> list[Act]:
        """The declaration's transitions come first; one without a condition replaces the mechanism's."""
        acts = self.law.acts(phase, key, place)
        for transition in reversed([t for t in self.declaration.transitions if t.from_ == key]):
            same = [act for act in acts if act.event == transition.on]
            own = self._own(place, transition, same[0] if same else None)
            if transition.when is None:
                acts = [act for act in acts if act.event != transition.on]
            acts.insert(0, own)
        return acts

    def _own(self, place: Step | Parallel, transition: Transition, default: Act | None) -> Act:
        if default is not None:
            return replace(default, target=transition.to, when=transition.when, name=transition.name or default.name)
        party, role = (self.law.lead, Role.OFFICER) if isinstance(place, Parallel) else (place.party, place.role)
        return Act(
            event=transition.on,
            target=transition.to,
            when=transition.when,
            actors=((party, role),),
            name=transition.name or EVENT_NAMES[transition.on],
            needs=frozenset({Need.REASON}) if transition.reason else frozenset(),
            closes=not isinstance(place, Parallel),
        )

    def _group(self, key: str, place: Parallel, acts: Sequence[Act]) -> Node:
        self.made.states[key] = StateInfo(
            id=key,
            phase=Phase.PROCESSING,
            name=place.name,
            party=self.law.lead,
            role=Role.OFFICER,
            clock=Clock.RUN,
            national_status=NATIONAL_STATUS[Phase.PROCESSING],
        )
        join = Edge(target=self._entry(self.law.after(key)), joins=True)
        early = self._early(key, place)
        regions = tuple(self._region(key, name, branch, early) for name, branch in place.parallel.items())
        return Node(id=key, parallel=True, children=regions, edges=(join, *self._edges(key, acts)))

    def _early(self, key: str, place: Parallel) -> Edge | None:
        """The way out of a consultation that need not wait for everybody, and where it leads."""
        if place.join == "all":
            return None
        asked = {name: self.gates[key].get(name) for name in place.parallel}
        self.made.guards.append(JoinGuard(place.join, asked))
        return Edge(target=place.negative_to or self.law.after(key), guard=len(self.made.guards) - 1)

    def _region(self, group: str, name: str, branch: Branch, early: Edge | None) -> Node:
        """A branch with a condition is entered through a gate, which leads past it where it does not hold."""
        answered, gate = done(name), f"{name}_gate"
        info = replace(_info(Phase.PROCESSING, name, branch), branch_of=group)
        self.made.states[name] = info
        self.made.states[answered] = StateInfo(
            id=answered,
            phase=Phase.PROCESSING,
            branch_of=group,
            clock=info.clock,
            national_status=info.national_status,
            name=Text(vi=f"{branch.name.vi}: đã xong", en=f"{branch.name.en}: done"),
        )
        act = completing(Phase.PROCESSING, branch, answered)
        edges = self._edges(name, [act], self._entering(self.law.after(group)))
        if early is not None:
            edges = (self._leaving(name, act, early), *edges)
        children: tuple[Node, ...] = (
            Node(id=name, initial=branch.when is None, edges=edges),
            Node(id=answered, final=True),
        )
        if branch.when is not None:
            ways = (Edge(target=name, guard=self.gates[group][name]), Edge(target=answered))
            children = (Node(id=gate, initial=True, edges=ways), *children)
        return Node(id=f"{name}_region", children=children)

    def _leaving(self, name: str, act: Act, early: Edge) -> Edge:
        """Tried before the branch is merely done; the way stays open where it is refused, so it is no choice."""
        event = internal(name, act.event)
        asked = {*self.made.asked[name, act.event], *self._entering(early.target)}
        if early.guard is not None:
            asked.add(early.guard)
        self.made.asked[name, act.event] = tuple(sorted(asked))
        return replace(early, event=event, target=self._entry(early.target))

    def _waiting(self) -> Iterator[Node]:
        for waiting in self.law.waiting():
            self.made.states[waiting.at.value] = StateInfo(
                id=waiting.at.value,
                phase=waiting.phase,
                name=waiting.name,
                party=CENTRE,
                role=waiting.role,
                clock=waiting.clock,
                national_status=waiting.national_status,
            )
            yield Node(id=waiting.at.value, edges=self._edges(waiting.at.value, waiting.acts))

    def _end(self, at: At, name: Text, status: int) -> Node:
        self.made.states[at.value] = StateInfo(
            id=at.value, phase=None, name=name, clock=Clock.ENDED, national_status=status, final=True
        )
        return Node(id=at.value, final=True)

    def _edges(self, state: str, acts: Sequence[Act], asked: tuple[int, ...] = ()) -> tuple[Edge, ...]:
        """`asked`: conditions that come into play when the act happens to be the last of a consultation."""
        edges = []
        commands: dict[str, Command] = {}
        for act in acts:
            slot = None if act.when is None else self._guard(act.when)
            back = act.event == Event.SEND_BACK
            target = self._entry(act.target, back=back)
            edges.append(Edge(event=internal(state, act.event), target=target, guard=slot, resumes=act.resumes))
            commands.setdefault(
                act.event,
                Command(
                    state=state,
                    event=act.event,
                    name=act.name,
                    actors=act.actors,
                    needs=act.needs,
                    closes=act.closes,
                    branch_of=self.made.states[state].branch_of,
                ),
            )
            key = (state, act.event)
            self.made.choices[key] = (*self.made.choices.get(key, ()), slot)
            own = () if slot is None else (slot,)
            seen = {*self.made.asked.get(key, ()), *own, *asked, *self._entering(act.target, back=back)}
            self.made.asked[key] = tuple(sorted(seen))
        self.made.commands[state] = tuple(commands.values())
        return tuple(edges)

    def _entering(self, target: str | None, *, back: bool = False) -> tuple[int, ...]:
        """Conditions asked when `target` is entered; a consultation of nobody is passed through."""
        if target in self.gates:
            return (*self.gates[target].values(), *self._entering(self.law.after(target)))
        if target in self.passed:
            following = self.law.before(target) if back else self.law.after(target)
            return (self.passed[target], *self._entering(following, back=back))
        return ()

    def _guard(self, source: str) -> int:
        if source not in self.slots:
            self.slots[source] = len(self.made.guards)
            self.made.guards.append(compile_guard(source, self.declaration.names))
        return self.slots[source]


def _info(phase: Phase, key: str, step: Step) -> StateInfo:
    return StateInfo(
        id=key,
        phase=phase,
        name=step.name,
        party=step.party,
        role=step.role,
        limit=step.limit,
        starts=step.starts,
        expiry=step.expiry,
        expiry_basis=step.expiry_basis or "",
        paper_needed=step.paper is Paper.NEEDED,
        external=step.external,
        asset=step.asset,
        clock=CLOCK[phase],
        national_status=NATIONAL_STATUS[phase],
    )

"""Brings a graph of activities into the order of a procedure: places one after another, and ways between them.

A fork and its join become one place, a group; of each of its branches the first activity is kept. The main path is
the longest; what stands beside it keeps the place it is reached from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from procedures.bpmn.reading import Flow, Kind, Node, Process
from procedures.entry import Text

MOST_BRANCHES = 12
END = ""
ROOT = "/"  # before everything, so that what nothing leads to is seen too

Next = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A branch of a group; `conditions` under which it is asked, in the words of the file."""

    node: Node
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    node: Node
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From one place to the next; `target` END leads out. `usual`: no condition, or the default of every gateway."""

    target: str
    conditions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    usual: bool = True
    ours: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ordered:
    """`main`: the longest path. `beside`: the others, each with the place it comes after."""

    places: dict[str, Place] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)
    ways: dict[str, tuple[Way, ...]] = field(default_factory=dict)
    left: list[Text] = field(default_factory=list)


def ordered(process: Process) -> Ordered:
    return _Orderer(process).order()


class _Orderer:
    def __init__(self, process: Process) -> None:
        self.nodes = dict(process.nodes)
        self.flows = [flow for flow in process.flows if "skip" not in flow.ours]
        self.made = Ordered()
        self.parts: dict[str, tuple[Part, ...]] = {}
        self._spread()
        self.start = self._start()

    def order(self) -> Ordered:
        self._collapse()
        self.made.places = {
            id: Place(node=node, parts=self.parts.get(id, ()))
            for id, node in self.nodes.items()
            if node.kind is Kind.TASK or id in self.parts
        }
        self.made.ways = {id: self._ways(id) for id in self.made.places}
        self._line_up()
        return self.made

    def _leave(self, vi: str, en: str) -> None:
        self.made.left.append(Text(vi=vi, en=en))

    def _called(self, id: str) -> str:
        return self.nodes[id].name or id

    def _out(self, id: str) -> list[Flow]:
        """The default last: what has a condition is asked first."""
        found = [flow for flow in self.flows if flow.source == id]
        return sorted(found, key=lambda flow: flow.default)

    def _targets(self, id: str) -> list[str]:
        return [flow.target for flow in self._out(id)]

    def _spread(self) -> None:
        """What BPMN allows to be left out: a fork behind an activity, a gateway that joins and forks at once."""
        for id, node in list(self.nodes.items()):
            out = self._out(id)
            into = [flow for flow in self.flows if flow.target == id]
            forks = node.kind in (Kind.PARALLEL, Kind.INCLUSIVE)
            if forks and len(out) > 1 and len(into) > 1:
                self._insert(f"{id}/join", Kind.PARALLEL, id, before=True)
            elif not forks and node.kind is not Kind.EXCLUSIVE and len(out) > 1:
                asked = any(flow.condition or flow.default for flow in out)
                self._insert(f"{id}/fork", Kind.EXCLUSIVE if asked else Kind.PARALLEL, id, before=False)

    def _insert(self, id: str, kind: Kind, beside: str, *, before: bool) -> None:
        self.nodes[id] = Node(id=id, kind=kind)
        link = Flow(id=f"{id}/flow", source=id if before else beside, target=beside if before else id)
        if before:
            self.flows = [replace(flow, target=id) if flow.target == beside else flow for flow in self.flows]
        else:
            self.flows = [replace(flow, source=id) if flow.source == beside else flow for flow in self.flows]
        self.flows.append(link)

    def _start(self) -> str:
        """Where the process begins: a start event, else what nothing leads to, else the first activity."""
        entered = {flow.target for flow in self.flows}
        starts = [id for id, node in self.nodes.items() if node.kind is Kind.START]
        starts = starts or [id for id in self.nodes if id not in entered] or list(self.nodes)
        for other in starts[1:]:
            self._leave(
                f"Điểm bắt đầu khác: “{self._called(other)}”; quy trình bắt đầu từ “{self._called(starts[0])}”.",
                f"Another start: “{self._called(other)}”; the process begins at “{self._called(starts[0])}”.",
            )
        return starts[0]

    def _collapse(self) -> None:
        """Every outermost fork with what lies before its join becomes one node."""
        everything = [self.start, *self.nodes]
        order, ahead = acyclic(ROOT, lambda id: everything if id == ROOT else self._targets(id))
        reach = reachable(order, ahead)
        position = {id: at for at, id in enumerate(order)}
        for id in order:
            node = self.nodes.get(id)
            if node is None or node.kind not in (Kind.PARALLEL, Kind.INCLUSIVE) or len(ahead[id]) < 2:
                continue
            common = set.intersection(*(reach[target] for target in ahead[id]))
            join = min(common, key=position.__getitem__, default=None)
            inside = set.union(*(reach[target] for target in ahead[id])) - (set() if join is None else reach[join])
            inside &= self.nodes.keys()
            parts = self._parts(id, join, inside, reach, position)
            if len(parts) > 1:
                self._fold(id, join, inside, parts)

    def _parts(
        self,
        fork: str,
        join: str | None,
        inside: set[str],
        reach: Mapping[str, set[str]],
        position: Mapping[str, int],
    ) -> list[Part]:
        parts: list[Part] = []
        used: set[str] = set()
        for flow in self._out(fork):
            own = sorted((reach.get(flow.target, set()) & inside) - used, key=lambda id: position[id])
            tasks = [id for id in own if self.nodes[id].kind is Kind.TASK]
            if not tasks:
                continue
            used.update(own)
            conditions = [flow.condition or flow.name] if self.nodes[fork].kind is Kind.INCLUSIVE else []
            conditions += self._asked_before(flow.target, tasks[0], inside)
            parts.append(Part(node=self.nodes[tasks[0]], conditions=tuple(filter(None, conditions))))
            if len(tasks) > 1:
                self._later(fork, tasks)
        return parts

    def _later(self, fork: str, tasks: Sequence[str]) -> None:
        names = ", ".join(f"“{self._called(id)}”" for id in tasks[1:])
        self._leave(
            f"Nhánh song song “{self._called(tasks[0])}”: các bước sau trong nhánh không được đưa vào: {names}.",
            f"The parallel branch “{self._called(tasks[0])}”: its later steps are not taken: {names}.",
        )

    def _asked_before(self, start: str, task: str, inside: set[str]) -> Iterator[str]:
        """Conditions of the gateways between the fork and the branch's first activity."""
        at = start
        for _ in range(len(inside)):
            if at == task or at not in inside:
                return
            out = self._out(at)
            leading = [flow for flow in out if flow.target == task] or out[:1]
            if not leading:
                return
            if len(out) > 1:
                yield leading[0].condition or leading[0].name
            at = leading[0].target

    def _fold(self, fork: str, join: str | None, inside: set[str], parts: list[Part]) -> None:
        for part in parts[MOST_BRANCHES:]:
            self._leave(
                f"Nhánh “{part.node.name}”: một nhóm lấy ý kiến có nhiều nhất {MOST_BRANCHES} nhánh.",
                f"The branch “{part.node.name}”: a consultation has at most {MOST_BRANCHES} branches.",
            )
        for flow in self.flows:
            if flow.source in inside and flow.target not in inside and flow.target != join:
                source, target = self._called(flow.source), self._called(flow.target)
                self._leave(
                    f"Đường ra từ trong nhóm song song, từ “{source}” đến “{target}”.",
                    f"A flow out of a parallel group, from “{source}” to “{target}”.",
                )
        gone = inside - {fork}
        self.flows = [
            flow
            for flow in self.flows
            if flow.source not in gone and flow.target not in gone and flow.source != fork
        ]
        for id in gone:
            del self.nodes[id]
        if join is not None:
            self.flows.append(Flow(id=f"{fork}/joined", source=fork, target=join))
        self.parts[fork] = tuple(parts[:MOST_BRANCHES])

    def _ways(self, place: str) -> tuple[Way, ...]:
        """Every way to the next places, through gateways and events, in the order of the file."""
        found: list[Way] = []
        todo = [(place, Way(target=END))]
        seen = {place}
        while todo:
            at, way = todo.pop()
            out = self._out(at)
            if not out:
                found.append(way)
            further = []
            for flow in out:
                on = _along(way, flow, choice=len(out) > 1)
                if self.nodes[flow.target].kind is Kind.TASK or flow.target in self.parts:
                    found.append(replace(on, target=flow.target))
                elif flow.target not in seen:
                    seen.add(flow.target)
                    further.append((flow.target, on))
            todo += reversed(further)
        return tuple(found)

    def _line_up(self) -> None:
        ways = self.made.ways
        into = {**ways, self.start: self._ways(self.start)}

        def following(id: str) -> list[str]:
            return [way.target for way in into[id] if way.target != END]

        order, ahead = acyclic(self.start, following)
        self.made.main = [id for id in _longest(order, ahead, into) if id in ways]
        self._beside(order, ahead, following)
        lined = {*self.made.main, *(id for id, _ in self.made.beside)}
        for id in ways:
            if id not in order:
                self._leave(
                    f"“{self._called(id)}”: không có đường nào dẫn đến.", f"“{self._called(id)}”: nothing leads to it."
                )
            elif id not in lined:
                self._leave(
                    f"“{self._called(id)}” nằm trên nhánh kết thúc sớm; cơ chế đã có từ chối, dừng xử lý, rút hồ sơ.",
                    f"“{self._called(id)}” is on a branch that ends early; the mechanism has refusing, stopping and "
                    "withdrawing.",
                )

    def _beside(self, order: Sequence[str], ahead: Mapping[str, Sequence[str]], following: Next) -> None:
        """Places off the main path that lead back to it; each after the last of those it is reached from."""
        back = {id: reached(id, following) for id in order if id in self.made.ways}
        placed = set(self.made.main)
        for id in order:
            if id in placed or id not in back or back[id].isdisjoint(self.made.main):
                continue
            before = [other for other in order if id in ahead[other] and other in placed]
            self.made.beside.append((id, before[-1] if before else self.made.main[0]))
            placed.add(id)


def _along(way: Way, flow: Flow, *, choice: bool) -> Way:
    return replace(
        way,
        conditions=(*way.conditions, flow.condition) if flow.condition else way.conditions,
        names=(*way.names, flow.name) if flow.name else way.names,
        usual=way.usual and (not choice or flow.default or not (flow.condition or flow.name)),
        ours={**way.ours, **flow.ours},
    )


def acyclic(start: str, following: Next) -> tuple[list[str], dict[str, list[str]]]:
    """What is reached from `start`, in an order in which edges lead forward, and those edges without the loops."""
    ahead: dict[str, list[str]] = {start: []}
    open_, finished = {start}, []
    stack = [(start, iter(dict.fromkeys(following(start))))]
    while stack:
        at, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            stack.pop()
            open_.discard(at)
            finished.append(at)
        elif target not in open_:
            ahead[at].append(target)
            if target not in ahead:
                ahead[target] = []
                open_.add(target)
                stack.append((target, iter(dict.fromkeys(following(target)))))
    return finished[::-1], ahead


def reachable(order: Sequence[str], ahead: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """From each node without loops, itself included."""
    reach: dict[str, set[str]] = {}
    for id in reversed(order):
        reach[id] = {id}.union(*(reach[target] for target in ahead[id]))
    return reach


def reached(start: str, following: Next) -> set[str]:
    """From one node, loops and all, itself only if a loop leads back."""
    found: set[str] = set()
    todo = [start]
    while todo:
        for target in following(todo.pop()):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def _longest(order: Sequence[str], ahead: Mapping[str, Sequence[str]], ways: Mapping[str, Sequence[Way]]) -> list[str]:
    """The longest path from the first of `order` to where the process may end; the usual way where two are as long."""
    length: defaultdict[str, tuple[bool, int]] = defaultdict(lambda: (False, 0))
    then: dict[str, str] = {}
    for id in reversed(order):
        ends = any(way.target == END for way in ways[id])
        length[id] = (ends, 1)
        usual = {way.target for way in ways[id] if way.usual}
        for target in sorted(ahead[id], key=lambda target: target not in usual):
            further = (length[target][0], length[target][1] + 1)
            if further > length[id]:
                length[id], then[id] = further, target
    path = [order[0]]
    while path[-1] in then:
        path.append(then[path[-1]])
    return path

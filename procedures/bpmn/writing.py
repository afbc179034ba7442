"""Writes a procedure as BPMN 2.0 with a diagram: lanes by party, tasks, gateways around consultations and choices.

Ids are ours; what is made around a step has two underscores in its id, which no step has. Attributes of our own carry
what BPMN has no word for, for the way back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from xml.etree import ElementTree as Tree

from procedures.bpmn.reading import MODEL, OURS
from procedures.declaration import Declaration, canonical
from procedures.entry import Text
from procedures.machine import Parallel, Step, Transition
from procedures.markup import fit
from procedures.words import Phase

_SPACES = {
    "xmlns": MODEL,
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xmlns:lt": OURS,
    "targetNamespace": OURS,
}
_SIZES = {"userTask": (130, 70), "startEvent": (36, 36), "endEvent": (36, 36)}
_GATEWAY = (44, 44)
_COLUMN = 170  # px
_ROW = 100
_LABEL = 130  # px at the left of a lane for its name


def written(declaration: Declaration) -> bytes:
    """The same declaration gives the same bytes."""
    return _Writer(declaration).document()


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


class _Writer:
    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.plain = json.loads(canonical(declaration))
        self.root = Tree.Element("definitions", {**_SPACES, "id": "definitions__1"})
        head = {key: value for key, value in self.plain.items() if key not in ("machine", "transitions")}
        self.process = Tree.SubElement(
            self.root,
            "process",
            {
                "id": f"process__{declaration.procedure}",
                "name": fit(declaration.name.vi),
                "isExecutable": "false",
                "lt:data": _json(head),
            },
        )
        self.lanes: dict[str, list[str]] = {}
        self.drawn: dict[str, tuple[str, str, int]] = {}  # of each node: kind, lane, column
        self.flows: list[tuple[str, str, str]] = []
        self.column = 0

    def document(self) -> bytes:
        lane_set = Tree.SubElement(self.process, "laneSet", {"id": "lanes__1"})
        phases = self.declaration.machine.phases()
        places = [(phase, key, place) for phase, found in phases for key, place in found.items()]
        party = places[0][2].party if isinstance(places[0][2], Step) else self.declaration.lead
        self._node("startEvent", "start__1", party)
        entries = {key: self._entry(key, place) for _, key, place in places}
        exits = {}
        for phase, key, place in places:
            party = place.party if isinstance(place, Step) else party
            exits[key] = self._place(phase, key, place, party)
        self.column += 1
        self._node("endEvent", "end__1", party)
        following = [*(entries[key] for _, key, _ in places[1:]), "end__1"]
        self._flow("start__1", entries[places[0][1]])
        for (phase, key, place), after in zip(places, following, strict=True):
            self._ways(phase, key, place, exits[key], after, entries)
        self._lanes(lane_set)
        self._diagram()
        Tree.indent(self.root)
        made: bytes = Tree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        return made + b"\n"

    def _data(self, phase: Phase, key: str, branch: str = "") -> dict[str, object]:
        """What the file says of a step, as plain data; of a group without its branches."""
        found: dict[str, object] = dict(self.plain["machine"][phase.value][key])
        parallel = found.pop("parallel", None)
        return dict(parallel[branch]) if branch and isinstance(parallel, dict) else found

    def _node(self, kind: str, id: str, party: str, attributes: Mapping[str, str] | None = None) -> Tree.Element:
        self.drawn[id] = (kind, party, self.column)
        self.lanes.setdefault(party, []).append(id)
        return Tree.SubElement(self.process, kind, {"id": id, **(attributes or {})})

    def _flow(self, source: str, target: str, name: Text | None = None, **ours: str) -> Tree.Element:
        id = f"flow__{len(self.flows) + 1}"
        self.flows.append((id, source, target))
        attributes = {"id": id, "sourceRef": source, "targetRef": target}
        if name is not None:
            attributes["name"] = fit(name.vi)
        attributes |= {f"lt:{key}": value for key, value in ours.items()}
        return Tree.SubElement(self.process, "sequenceFlow", attributes)

    def _entry(self, key: str, place: Step | Parallel) -> str:
        if isinstance(place, Parallel):
            return f"{key}__fork"
        return key if place.when is None else f"{key}__when"

    def _place(self, phase: Phase, key: str, place: Step | Parallel, party: str) -> str:
        """Writes a place with the gateways around it; what leads on from it."""
        if isinstance(place, Parallel):
            at = self._group(key, place, party)
        else:
            if place.when is not None:
                self.column += 1
                self._node("exclusiveGateway", f"{key}__when", party)
                self._condition(self._flow(f"{key}__when", key), place.when)
            self.column += 1
            at = self._task(phase, key, place, self._data(phase, key))
        if not any(transition.from_ == key for transition in self.declaration.transitions):
            return at
        self.column += 1
        self._node("exclusiveGateway", f"{key}__out", party)
        self._flow(at, f"{key}__out")
        return f"{key}__out"

    def _group(self, key: str, place: Parallel, party: str) -> str:
        fork, join = f"{key}__fork", f"{key}__join"
        self.column += 1
        named = {"name": fit(place.name.vi), "lt:key": key, "lt:phase": Phase.PROCESSING.value}
        self._node("parallelGateway", fork, party, named | {"lt:data": _json(self._data(Phase.PROCESSING, key))})
        asked = any(branch.when is not None for branch in place.parallel.values())
        first = self.column + 1
        self.column = first + asked
        for name, branch in place.parallel.items():
            self._task(Phase.PROCESSING, name, branch, self._data(Phase.PROCESSING, key, name))
        for name, branch in place.parallel.items():
            gate = f"{name}__when"
            if branch.when is None:
                self._flow(fork, name)
            else:
                self.column = first
                self._node("exclusiveGateway", gate, branch.party)
                self._flow(fork, gate)
                self._condition(self._flow(gate, name), branch.when)
                self._flow(gate, join, skip="true")
            self._flow(name, join)
        self.column = first + asked + 1
        self._node("parallelGateway", join, party)
        return join

    def _task(self, phase: Phase, key: str, step: Step, data: Mapping[str, object]) -> str:
        attributes = {"name": fit(step.name.vi), "lt:key": key, "lt:phase": phase.value, "lt:data": _json(data)}
        task = self._node("userTask", key, step.party, attributes)
        facts = [f"Vai trò / Role: {step.role}"]
        facts += [f"Thời hạn / Limit: {step.limit}"] if step.limit else []
        facts += [f"Chờ trả lời của / Awaits the reply of: {step.external.vi}"] if step.external else []
        documentation = Tree.SubElement(task, "documentation")
        documentation.text = fit("; ".join(facts))
        return key

    def _condition(self, flow: Tree.Element, source: str) -> None:
        expression = Tree.SubElement(flow, "conditionExpression", {"xsi:type": "tFormalExpression"})
        expression.text = fit(source)

    def _ways(
        self, phase: Phase, key: str, place: Step | Parallel, at: str, after: str, entries: Mapping[str, str]
    ) -> None:
        """On to the next in order, past the step where its condition does not hold, and the declared exceptions."""
        if isinstance(place, Step) and place.when is not None:
            self._flow(f"{key}__when", after, skip="true")
        own = [transition for transition in self.declaration.transitions if transition.from_ == key]
        moved = isinstance(place, Step) and any(
            transition.when is None and transition.on == place.completed_by(phase) for transition in own
        )
        if not moved:
            usual = self._flow(at, after)
            if own:
                self._gateway(at).set("default", usual.attrib["id"])
        for transition in own:
            self._exception(transition, at, entries[transition.to])

    def _exception(self, transition: Transition, at: str, target: str) -> None:
        number = self.declaration.transitions.index(transition)
        data = self.plain["transitions"][number]
        flow = self._flow(at, target, transition.name, on=transition.on, at=str(number), data=_json(data))
        if transition.when is not None:
            self._condition(flow, transition.when)

    def _gateway(self, id: str) -> Tree.Element:
        return next(element for element in self.process if element.get("id") == id)

    def _lanes(self, lane_set: Tree.Element) -> None:
        for party, nodes in self.lanes.items():
            named = self.declaration.parties.get(party)
            name = party if named is None else named.vi
            ours = {"lt:party": party} | ({} if named is None else {"lt:en": fit(named.en)})
            lane = Tree.SubElement(lane_set, "lane", {"id": f"lane__{party}", "name": fit(name), **ours})
            for id in nodes:
                Tree.SubElement(lane, "flowNodeRef").text = id

    def _diagram(self) -> None:
        """One row a lane, higher where several of its nodes stand in one column."""
        diagram = Tree.SubElement(self.root, "bpmndi:BPMNDiagram", {"id": "diagram__1"})
        plane = Tree.SubElement(
            diagram, "bpmndi:BPMNPlane", {"id": "plane__1", "bpmnElement": self.process.attrib["id"]}
        )
        slots: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for id, (_, party, column) in self.drawn.items():
            slots[party, column].append(id)
        width = _LABEL + (self.column + 1) * _COLUMN
        centres = {}
        top = 0
        for party in self.lanes:
            rows = max(len(nodes) for (lane, _), nodes in slots.items() if lane == party)
            _shape(plane, f"lane__{party}", (0, top, width, rows * _ROW), isHorizontal="true")
            for (lane, column), nodes in slots.items():
                for row, id in enumerate(nodes if lane == party else ()):
                    centres[id] = (_LABEL + column * _COLUMN + _COLUMN // 2, top + row * _ROW + _ROW // 2)
            top += rows * _ROW
        for id, (kind, _, _) in self.drawn.items():
            wide, high = _SIZES.get(kind, _GATEWAY)
            x, y = centres[id]
            _shape(plane, id, (x - wide // 2, y - high // 2, wide, high))
        self._edges(plane, centres, top)

    def _edges(self, plane: Tree.Element, centres: Mapping[str, tuple[int, int]], bottom: int) -> None:
        """Neighbours are joined directly; what leaps runs above the lanes, what leads back below them."""
        beside = 0
        for id, source, target in self.flows:
            edge = Tree.SubElement(plane, "bpmndi:BPMNEdge", {"id": f"{id}__edge", "bpmnElement": id})
            (x, y), (to_x, to_y) = centres[source], centres[target]
            half, to_half = (_SIZES.get(self.drawn[end][0], _GATEWAY) for end in (source, target))
            if 0 < to_x - x <= _COLUMN:
                middle = (x + to_x) // 2
                points = [(x + half[0] // 2, y), (middle, y), (middle, to_y), (to_x - to_half[0] // 2, to_y)]
            else:
                beside += 1
                sign, line = (-1, -12 * beside) if to_x > x else (1, bottom + 12 * beside)
                points = [(x, y + sign * half[1] // 2), (x, line), (to_x, line), (to_x, to_y + sign * to_half[1] // 2)]
            for at_x, at_y in points:
                Tree.SubElement(edge, "di:waypoint", {"x": str(at_x), "y": str(at_y)})


def _shape(plane: Tree.Element, id: str, bounds: tuple[int, int, int, int], **attributes: str) -> None:
    shape = Tree.SubElement(plane, "bpmndi:BPMNShape", {"id": f"{id}__shape", "bpmnElement": id, **attributes})
    names = ("x", "y", "width", "height")
    Tree.SubElement(shape, "dc:Bounds", {name: str(value) for name, value in zip(names, bounds, strict=True)})

"""Makes a draft of a procedure from the activities of a BPMN file, and says what it took and what it left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, TypeAdapter, ValidationError

from procedures.bpmn.guessing import facts_of, guard_of, is_desk, is_id, slug, unused
from procedures.bpmn.order import END, Ordered, Way, ordered
from procedures.bpmn.phases import Phases, Spot, both, loaded
from procedures.bpmn.reading import Kind, Node, Process
from procedures.declaration import Declaration
from procedures.entry import Text
from procedures.machine import Branch, Parallel, Step, Transition
from procedures.words import Event, Phase, Role

CENTRE = "centre"
LEAD = "lead"
_MOVABLE = (Phase.PROCESSING, Phase.SIGNING)


@dataclass(slots=True)
class Draft:
    """`data` has the keys of a procedure file."""

    data: dict[str, object] = field(default_factory=dict)
    taken: list[Text] = field(default_factory=list)
    left: list[Text] = field(default_factory=list)


def drafted(process: Process, file: str) -> Draft:
    return _Drafter(process, file).draft()


def told(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def known(model: type[BaseModel], node: Node | Way, **changed: object) -> dict[str, object] | None:
    """What our own export wrote beside an element, if it still is what it says it is."""
    data = loaded(node.ours.get("data", ""))
    if not isinstance(data, dict):
        return None
    data |= changed
    try:
        model.model_validate(data)
    except ValidationError:
        return None
    return data


class _Drafter:
    def __init__(self, process: Process, file: str) -> None:
        self.process, self.file = process, file
        self.order: Ordered = ordered(process)
        self.made = Draft(left=[*process.left, *self.order.left])
        self.parties: dict[str, dict[str, str]] = {}
        self.party_of: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.guards: list[str] = []
        self.signed = ""  # the first place of signing
        self.numbers: dict[tuple[str, str, str], int] = {}  # of transitions we wrote ourselves
        self._name_lanes()

    def draft(self) -> Draft:
        spots = Phases(self.order, self.process.lanes, self._take, self._leave).spots()
        self._give_keys(spots)
        machine: dict[str, dict[str, object]] = {phase.value: {} for phase in Phase}
        for spot in spots:
            machine[spot.phase][spot.key] = self._group(spot) if spot.parts else self._step(spot)
        transitions = list(self._transitions(spots, machine))
        transitions.sort(key=lambda made: self.numbers.get((str(made["from"]), str(made["on"]), str(made["to"])), 0))
        self._head(machine, transitions)
        self._tell(spots, transitions)
        return self.made

    def _leave(self, vi: str, en: str) -> None:
        self.made.left.append(Text(vi=vi, en=en))

    def _take(self, vi: str, en: str) -> None:
        self.made.taken.append(Text(vi=vi, en=en))

    def _name_lanes(self) -> None:
        """A lane is a party; the one-stop desk is called the same in every procedure."""
        for id, lane in self.process.lanes.items():
            own = lane.ours.get("party", "")
            if is_id(own):
                self.party_of[id] = own
            elif is_desk(lane.name):
                self.party_of[id] = CENTRE
            else:
                used = set(self.party_of.values())
                self.party_of[id] = wanted = slug(lane.name, "party")
                if wanted in used:
                    self.party_of[id] = unused(wanted, used)
            name = lane.name or self.party_of[id]
            if self.party_of[id] != CENTRE and name != self.party_of[id]:
                self.parties[self.party_of[id]] = {"vi": name, "en": lane.ours.get("en") or name}

    def _party(self, node: Node) -> str:
        return self.party_of.get(node.lane, LEAD)

    def _give_keys(self, spots: Sequence[Spot]) -> None:
        for spot in spots:
            node = spot.place.node if spot.place is not None else Node(id=spot.id, kind=Kind.TASK)
            spot.key = self._give_key(node, spot.name.vi)
            for part in spot.parts:
                self._give_key(part.node, part.node.name)

    def _give_key(self, node: Node, name: str) -> str:
        own = node.ours.get("key", "")
        free = is_id(own) and own not in self.keys.values()
        self.keys[node.id] = own if free else unused(slug(name, "step"), self.keys.values())
        return self.keys[node.id]

    def _step(self, spot: Spot) -> dict[str, object]:
        if spot.place is None:
            party = CENTRE if spot.phase in (Phase.RECEPTION, Phase.RETURN) else LEAD
            return {"party": party, "role": spot.role.value, "name": told(spot.name)}
        return self._worked(spot.place.node, spot.role, spot.name, Step)

    def _worked(self, node: Node, role: Role, name: Text, model: type[Step]) -> dict[str, object]:
        head: dict[str, object] = {"party": self._party(node), "role": role.value, "name": told(name)}
        own = known(model, node, **head)
        if own is not None:
            return own
        return {**head, "limit": node.limit} if node.limit else head

    def _group(self, spot: Spot) -> dict[str, object]:
        branches: dict[str, object] = {}
        for part in spot.parts:
            name = part.node.name or "Nhánh chưa có tên"
            own = loaded(part.node.ours.get("data", ""))
            role = Role.OFFICER
            if isinstance(own, dict) and own.get("role") in (Role.HEAD, Role.SIGNER, Role.CLERK):
                role = Role(own["role"])
            text = both(part.node, name, part.node.name or "Branch without a name")
            branch = self._worked(part.node, role, text, Branch)
            when = None if "data" in part.node.ours else self._translated(part.conditions, name)
            branches[self.keys[part.node.id]] = branch | ({"when": when} if when else {})
        group = {"name": told(spot.name), "parallel": branches}
        node = spot.place.node if spot.place is not None else None
        return group if node is None else known(Parallel, node, **group) or group

    def _translated(self, conditions: Sequence[str], where: str) -> str | None:
        """All of them in the language of our guards, or nothing, and then it is said."""
        if not conditions:
            return None
        guards = [guard_of(condition) for condition in conditions]
        sources = [source for source in guards if source is not None]
        if len(sources) < len(conditions):
            written = "; ".join(conditions)
            self._leave(
                f"Điều kiện “{written}” tại “{where}” chưa dịch được.",
                f"The condition “{written}” at “{where}” could not be translated.",
            )
            return None
        self.guards += sources
        return sources[0] if len(sources) == 1 else " and ".join(f"({source})" for source in sources)

    def _transitions(
        self, spots: Sequence[Spot], machine: Mapping[str, Mapping[str, object]]
    ) -> Iterator[dict[str, object]]:
        real = [spot for spot in spots if spot.place is not None]
        by_id = {spot.id: spot for spot in spots}
        self.signed = next((spot.id for spot in spots if spot.phase is Phase.SIGNING), "")
        used: set[str] = set()
        for at, spot in enumerate(real):
            following = real[at + 1].id if at + 1 < len(real) else END
            ways = self.order.ways[spot.id]
            own = [way for way in ways if "on" in way.ours]
            yield from self._own_transitions(spot, own, by_id)
            ways = tuple(way for way in ways if "on" not in way.ours)
            usual = self._usual(spot.id, ways)
            if usual is None:
                continue
            if usual.target != following:
                yield from self._moved(spot, usual, by_id, machine)
            if usual.conditions and len(ways) > 1:
                self._unasked(spot, usual)
            seen = {usual.target}
            for way in ways:
                if way.target not in seen:
                    seen.add(way.target)
                    yield from self._choice(spot, way, by_id, used)

    def _unasked(self, spot: Spot, usual: Way) -> None:
        """The way in order has no condition: whoever works there decides whether to take another."""
        written = "; ".join(usual.conditions)
        self._leave(
            f"Điều kiện “{written}” của đường đi tiếp sau “{spot.name.vi}”: người xử lý tự xét.",
            f"The condition “{written}” of the usual way on from “{spot.name.en}”: whoever works there decides.",
        )

    def _own_transitions(
        self, spot: Spot, ways: Sequence[Way], by_id: Mapping[str, Spot]
    ) -> Iterator[dict[str, object]]:
        for way in ways:
            target = by_id.get(way.target)
            ends = {"from": spot.key, "to": "" if target is None else target.key}
            own = known(Transition, way, **ends)
            if own is not None:
                number = way.ours.get("at", "")
                self.numbers[spot.key, str(own["on"]), ends["to"]] = int(number[:6]) if number.isdecimal() else 0
                yield own

    def _usual(self, id: str, ways: Sequence[Way]) -> Way | None:
        """The way the main path takes; off it, the default."""
        main = self.order.main
        then = main[main.index(id) + 1] if id in main[:-1] else None
        return next(
            (way for way in ways if way.target == then),
            next((way for way in ways if way.usual), ways[0] if ways else None),
        )

    def _moved(
        self, spot: Spot, way: Way, by_id: Mapping[str, Spot], machine: Mapping[str, Mapping[str, object]]
    ) -> Iterator[dict[str, object]]:
        """The next in order is another than the place that happens to follow."""
        target = by_id.get(way.target)
        if way.target == END and spot.id == self.order.main[-1] and spot.phase is Phase.PROCESSING:
            target = by_id.get(self.signed)
        if target is None or spot.parts or not _may_lead(spot, target):
            self._leave_way(spot, target)
            return
        step = Step.model_validate(machine[spot.phase][spot.key])
        yield {"from": spot.key, "on": str(step.completed_by(spot.phase)), "to": target.key}

    def _choice(
        self, spot: Spot, way: Way, by_id: Mapping[str, Spot], used: set[str]
    ) -> Iterator[dict[str, object]]:
        """Another way than the usual one is an act of its own: whoever works at the step decides."""
        target = by_id.get(way.target)
        if target is None or spot.parts or not _may_lead(spot, target):
            self._leave_way(spot, target)
            return
        label = "; ".join(way.names)
        name = Text(vi=label or f"Chuyển đến: {target.name.vi}", en=label or f"Go to: {target.name.en}")
        event = unused(slug(label, f"to_{target.key}"[:32].rstrip("_")), used | set(Event))
        used.add(event)
        when = self._translated(way.conditions, label or target.name.vi)
        earlier = list(by_id).index(target.id) < list(by_id).index(spot.id)
        yield {
            "from": spot.key,
            "on": event,
            "to": target.key,
            "name": told(name),
            **({"when": when} if when else {}),
            **({"reason": True} if earlier else {}),
        }

    def _leave_way(self, spot: Spot, target: Spot | None) -> None:
        if target is None:
            self._leave(
                f"Kết thúc sớm sau “{spot.name.vi}”: cơ chế đã có từ chối, dừng xử lý, rút hồ sơ.",
                f"An early end after “{spot.name.en}”: the mechanism has refusing, stopping and withdrawing.",
            )
        else:
            self._leave(
                f"Đường từ “{spot.name.vi}” đến “{target.name.vi}”: cơ chế không cho đi như vậy.",
                f"The way from “{spot.name.en}” to “{target.name.en}”: the mechanism does not allow it.",
            )

    def _head(self, machine: Mapping[str, object], transitions: Sequence[Mapping[str, object]]) -> None:
        title = self.process.name or self.file
        data: dict[str, object] = {
            "procedure": slug(title, "imported"),
            "version": 1,
            "name": {"vi": title, "en": title},
            **self._own_head(),
        }
        own = data.get("facts")
        facts = dict(own) if isinstance(own, dict) else {}
        for key, fact in facts_of(self.guards).items():
            facts.setdefault(key, fact)
        data["facts"] = facts
        parties = data.get("parties")
        data["parties"] = {**(parties if isinstance(parties, dict) else {}), **self.parties}
        data["machine"] = machine
        data["transitions"] = list(transitions)
        self.made.data = {key: value for key, value in data.items() if value not in ({}, [])}

    def _own_head(self) -> dict[str, object]:
        """Codes, papers, facts and so on of a file we wrote ourselves; each only if it is still good."""
        found = loaded(self.process.ours.get("data", ""))
        head = {}
        if not isinstance(found, dict):
            return {}
        for name, described in Declaration.model_fields.items():
            if name not in found or name in ("machine", "transitions") or described.annotation is None:
                continue
            try:
                TypeAdapter(described.annotation).validate_python(found[name])
            except ValidationError:
                self._leave(f"Mục “{name}” không hợp lệ.", f"“{name}” is not valid.")
            else:
                head[name] = found[name]
        return head

    def _tell(self, spots: Sequence[Spot], transitions: Sequence[object]) -> None:
        steps = sum(spot.place is not None and not spot.parts for spot in spots)
        groups = [spot for spot in spots if spot.parts]
        branches = sum(len(spot.parts) for spot in groups)
        self._take(
            f"{steps} bước, {len(groups)} nhóm lấy ý kiến với {branches} nhánh, {len(transitions)} đường khác thứ tự.",
            f"{steps} steps, {len(groups)} consultations with {branches} branches, {len(transitions)} other ways.",
        )
        for id, lane in self.process.lanes.items():
            self._take(
                f"Làn “{lane.name}” là bên tham gia “{self.party_of[id]}”.",
                f"The lane “{lane.name}” is the party “{self.party_of[id]}”.",
            )
        for node in self.process.nodes.values():
            if node.limit and node.id in self.keys:
                self._take(f"Thời hạn của “{node.name}”: {node.limit}.", f"Limit of “{node.name}”: {node.limit}.")
        if not self.process.ours:
            self._leave(
                "Vai trò của từng bước được đoán từ tên; tên tiếng Anh chép từ tệp. Hãy xem lại.",
                "The role of each step is guessed from its name; English names are copied. Look them over.",
            )


def _may_lead(spot: Spot, target: Spot) -> bool:
    return spot.phase in _MOVABLE and target.phase in _MOVABLE and spot is not target

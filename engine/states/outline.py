"""A procedure as it is drawn: phases, their places in order, and what differs from "next in order".

Made from a declaration, or from the incomplete data of a draft somebody is still writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.states.joins import join_words
from engine.states.mechanism import EVENT_NAMES
from engine.states.names import ROLES
from procedures.declaration import AtLeast, Declaration, Join, Parallel, Phase, Step, Switch, Text, Transition

MOST = 200  # places, branches or transitions of a draft that are drawn
LONGEST = 300  # characters of a draft's label that are kept
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Words:
    """A label; what a draft lacks in one language is shown in the other, else as a question mark."""

    vi: str = ""
    en: str = ""

    def told(self, language: str) -> str:
        first, second = (self.en, self.vi) if language == "en" else (self.vi, self.en)
        return first or second or UNKNOWN

    def __bool__(self) -> bool:
        return bool(self.vi or self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A step, a branch, or (with branches) a consultation."""

    id: str
    name: Words
    who: Words = Words()
    limit: str = ""
    when: str = ""
    external: Words = Words()
    join: Words = Words()
    branches: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An exception to the order, from the place `source` to the place `target`."""

    source: str
    target: str
    name: Words
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """`replaced`: places from which one does not go on to the next in order. `always`: what the mechanism allows."""

    key: str
    name: Words
    phases: tuple[tuple[Phase, tuple[Spot, ...]], ...]
    arrows: tuple[Arrow, ...] = ()
    replaced: frozenset[str] = frozenset()
    always: tuple[Words, ...] = ()


DISAGREES = Words("Có ý kiến không đồng ý", "Somebody disagrees")


def outline_of(declaration: Declaration, parties: Mapping[str, Text] | None = None) -> Outline:
    """`parties`: what the province calls the functions; else the declaration's own names, else their ids."""
    named = {**declaration.parties, **(parties or {})}
    phases = []
    for phase, places in declaration.machine.phases():
        phases.append((phase, tuple(_spot(key, place, named) for key, place in places.items())))
    completing = {key: step.completed_by(phase) for phase, key, step in declaration.machine.steps()}
    names = {step.event: step.event_name for _, _, step in declaration.machine.steps() if step.event}
    arrows = [_arrow(transition, names) for transition in declaration.transitions]
    replaced = [t.from_ for t in declaration.transitions if t.when is None and completing.get(t.from_) == t.on]
    return Outline(
        key=declaration.procedure,
        name=_words(declaration.name),
        phases=tuple(phases),
        arrows=tuple([*arrows, *_disagreements(declaration)]),
        replaced=frozenset(replaced),
        always=_always(frozenset(declaration.switch_off)),
    )


def _words(text: Text | None) -> Words:
    return Words() if text is None else Words(text.vi, text.en)


def _spot(key: str, place: Step | Parallel, parties: Mapping[str, Text]) -> Spot:
    if isinstance(place, Parallel):
        branches = tuple(_spot(name, branch, parties) for name, branch in place.parallel.items())
        return Spot(id=key, name=_words(place.name), join=_words(join_words(place)), branches=branches)
    party = parties.get(place.party, Text(vi=place.party, en=place.party))
    role = ROLES[place.role]
    return Spot(
        id=key,
        name=_words(place.name),
        who=Words(f"{party.vi} · {role.vi}", f"{party.en} · {role.en}"),
        limit=place.limit or "",
        when=place.when or "",
        external=_words(place.external),
    )


def _arrow(transition: Transition, names: Mapping[str, Text | None]) -> Arrow:
    name = transition.name or names.get(transition.on) or EVENT_NAMES.get(transition.on)
    return Arrow(
        source=transition.from_,
        target=transition.to,
        name=_words(name) or Words(transition.on, transition.on),
        when=transition.when or "",
    )


def _disagreements(declaration: Declaration) -> Iterator[Arrow]:
    for key, place in declaration.machine.processing.items():
        if isinstance(place, Parallel) and place.negative_to is not None:
            yield Arrow(source=key, target=place.negative_to, name=DISAGREES)


def _always(off: frozenset[Switch]) -> tuple[Words, ...]:
    acts = (Switch.REFUSE, Switch.REQUEST_SUPPLEMENT, Switch.STOP, Switch.WITHDRAW)
    return tuple(_words(EVENT_NAMES[act]) for act in acts if act not in off)


def outline_of_data(data: object) -> Outline:
    """Of a draft's plain data, keys as in a file. Whatever is missing or odd is a question mark; nothing raises."""
    head = _mapping(data)
    machine = _mapping(head.get("machine"))
    named = {key: _label(text) for key, text in _mapping(head.get("parties")).items()}
    phases = []
    for phase in Phase:
        places = _mapping(machine.get(phase.value))
        phases.append((phase, tuple(_draft(key, _mapping(place), named) for key, place in places.items())))
    steps = {spot.id for _, spots in phases for spot in spots}
    arrows = [arrow for arrow in map(_drafted_arrow, _items(head.get("transitions"))) if arrow.source in steps]
    for key, place in _mapping(machine.get(Phase.PROCESSING.value)).items():
        arrows.append(Arrow(source=key, target=_line(_mapping(place).get("negative_to")), name=DISAGREES))
    off = frozenset(switch for switch in Switch if switch.value in _items(head.get("switch_off")))
    return Outline(
        key=_line(head.get("procedure")) or "draft",
        name=_label(head.get("name")),
        phases=tuple(phases),
        arrows=tuple(arrow for arrow in arrows if arrow.target in steps),
        always=_always(off),
    )


def _draft(key: str, place: Mapping[str, object], parties: Mapping[str, Words]) -> Spot:
    if "parallel" not in place:
        return _drafted_step(key, place, parties)
    branches = _mapping(place.get("parallel")).items()
    return Spot(
        id=key,
        name=_label(place.get("name")),
        join=_drafted_join(place.get("join", "all")),
        branches=tuple(_drafted_step(name, _mapping(branch), parties) for name, branch in branches),
    )


def _drafted_step(key: str, step: Mapping[str, object], parties: Mapping[str, Words]) -> Spot:
    party = _line(step.get("party")) or UNKNOWN
    words = parties.get(party) or Words(party)
    role = _words(ROLES.get(_line(step.get("role"))))
    return Spot(
        id=key,
        name=_label(step.get("name")),
        who=Words(f"{words.told('vi')} · {role.told('vi')}", f"{words.told('en')} · {role.told('en')}"),
        limit=_line(step.get("limit")),
        when=_line(step.get("when")),
        external=_label(step.get("external")),
    )


def _drafted_join(join: object) -> Words:
    least = _mapping(join).get("at_least")
    known: Join | None = None
    if isinstance(least, int) and 1 <= least <= 12:
        known = AtLeast(at_least=least)
    elif join == "all" or join == "any" or join == "first_negative":
        known = join
    if known is None:
        return Words(UNKNOWN)
    nobody = Parallel.model_construct(name=Text(vi=UNKNOWN, en=UNKNOWN), parallel={}, join=known)
    return _words(join_words(nobody))


def _drafted_arrow(data: object) -> Arrow:
    found = _mapping(data)
    event = _line(found.get("on"))
    return Arrow(
        source=_line(found.get("from")),
        target=_line(found.get("to")),
        name=_label(found.get("name")) or _words(EVENT_NAMES.get(event)) or Words(event),
        when=_line(found.get("when")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        return {}
    return {_line(key): member for key, member in list(value.items())[:MOST]}


def _items(value: object) -> list[object]:
    return list(value)[:MOST] if isinstance(value, list | tuple) else []


def _line(value: object) -> str:
    return str(value)[:LONGEST].strip() if isinstance(value, str | int) else ""


def _label(value: object) -> Words:
    found = _mapping(value)
    return Words(_line(found.get("vi")), _line(found.get("en"))) if found else Words(_line(value))

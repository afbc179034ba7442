"""Cuts the places of a BPMN file into the four phases of the mechanism."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from procedures.bpmn.guessing import role_of
from procedures.bpmn.order import Ordered, Part, Place
from procedures.bpmn.reading import Node
from procedures.entry import Text
from procedures.words import Phase, Role

Say = Callable[[str, str], None]

_ROOM = {Phase.RECEPTION: 1, Phase.PROCESSING: 40, Phase.SIGNING: 20, Phase.RETURN: 10}
_SIGNING = (Role.HEAD, Role.SIGNER, Role.CLERK)
_NEEDED = {
    Phase.RECEPTION: (Role.RECEPTIONIST, Text(vi="Kiểm tra, tiếp nhận hồ sơ", en="Checking and taking in")),
    Phase.PROCESSING: (Role.OFFICER, Text(vi="Thụ lý hồ sơ", en="Taking charge of the dossier")),
    Phase.SIGNING: (Role.SIGNER, Text(vi="Ký kết quả", en="Signing the result")),
    Phase.RETURN: (Role.RETURNER, Text(vi="Trả kết quả", en="Returning the result")),
}


@dataclass(slots=True)
class Spot:
    """A place of the draft. `place` None: the mechanism needs it and the file has nothing of the kind."""

    id: str
    phase: Phase
    role: Role
    name: Text
    place: Place | None = None
    key: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        return () if self.place is None else self.place.parts


class Phases:
    """Says what it took as what, and what it had to add."""

    def __init__(self, order: Ordered, lanes: Mapping[str, Node], take: Say, leave: Say) -> None:
        self.order, self.lanes, self.take, self.leave = order, lanes, take, leave

    def spots(self) -> list[Spot]:
        """In order; every phase has at least one, signing a signer, and processing begins with a single step."""
        return self._own_phases() or self._phases()

    def _spot(self, id: str, phase: Phase, role: Role | None = None) -> Spot:
        place = self.order.places[id]
        name = place.node.name or ("Lấy ý kiến" if place.parts else "Bước chưa có tên")
        english = place.node.name or ("Consultation" if place.parts else "Step without a name")
        own = loaded(place.node.ours.get("data", ""))
        lane = self.lanes[place.node.lane].name if place.node.lane in self.lanes else ""
        guessed = role_of(place.node.name, lane)
        if isinstance(own, dict) and own.get("role") in list(Role):
            guessed = Role(own["role"])
        return Spot(id=id, phase=phase, role=role or guessed, name=both(place.node, name, english), place=place)

    def _own_phases(self) -> list[Spot]:
        """Of a file we wrote ourselves: every place says where it belongs, in the order of the file."""
        if not all(place.node.ours.get("phase") in list(Phase) for place in self.order.places.values()):
            return []
        spots = [self._spot(id, Phase(place.node.ours["phase"])) for id, place in self.order.places.items()]
        order = list(Phase)
        spots.sort(key=lambda spot: order.index(spot.phase))
        return spots

    def _phases(self) -> list[Spot]:
        """The main path cut into the four phases, with what the mechanism needs and the path has not."""
        line = [self._spot(id, Phase.PROCESSING) for id in self.order.main]
        reception, line = (line[:1], line[1:]) if line and not line[0].parts else ([], line)
        cut = _tail(line, (Role.RETURNER, Role.RECEPTIONIST))
        line, returning = line[:cut], line[cut:]
        cut = max(1, _tail(line, _SIGNING, decisive=(Role.SIGNER,), otherwise=(Role.HEAD,)))
        processing, signing = line[:cut], line[cut:]
        self._sign(signing)
        processing = self._process(processing)
        for id, after in self.order.beside:
            self._put_beside(processing, self._spot(id, Phase.PROCESSING), after)
        for phase, spots in zip(Phase, (reception, processing, signing, returning), strict=True):
            for spot in spots:
                spot.phase, spot.role = phase, _fitting(phase, spot.role)
            if not spots:
                spots.append(self._needed(phase))
            for spot in spots[_ROOM[phase] :]:
                self.leave(
                    f"“{spot.name.vi}”: giai đoạn có nhiều nhất {_ROOM[phase]} bước.",
                    f"“{spot.name.en}”: the phase has at most {_ROOM[phase]} steps.",
                )
            del spots[_ROOM[phase] :]
        return [*reception, *processing, *signing, *returning]

    def _sign(self, signing: list[Spot]) -> None:
        """Somebody signs: the signer, else the last head, else a step is added."""
        if any(spot.role is Role.SIGNER for spot in signing):
            return
        heads = [spot for spot in signing if spot.role is Role.HEAD]
        if heads:
            heads[-1].role = Role.SIGNER
            self.take(
                f"“{heads[-1].name.vi}” được coi là bước ký.", f"“{heads[-1].name.en}” is taken as the step that signs."
            )
        else:
            signing.insert(0, self._needed(Phase.SIGNING))

    def _process(self, processing: list[Spot]) -> list[Spot]:
        if processing and not processing[0].parts:
            return processing
        return [self._needed(Phase.PROCESSING), *processing]

    def _needed(self, phase: Phase) -> Spot:
        role, name = _NEEDED[phase]
        self.leave(
            f"Tệp không có bước “{name.vi}” mà cơ chế cần; đã thêm một bước để sửa.",
            f"The file has no step “{name.en}”, which the mechanism needs; one was added to be edited.",
        )
        return Spot(id=f"/{phase}", phase=phase, role=role, name=name)

    def _put_beside(self, processing: list[Spot], spot: Spot, after: str) -> None:
        """After the place it is reached from, never straight after a group, which only leads to the next in order."""
        ids = [other.id for other in processing]
        at = ids.index(after) + 1 if after in ids else len(ids) if after not in self.order.main[:1] else 1
        while at < len(processing) and processing[at - 1].parts:
            at += 1
        while at > 1 and processing[at - 1].parts:
            at -= 1
        processing.insert(at, spot)


def both(node: Node, vi: str, en: str) -> Text:
    """The English name we wrote ourselves, as long as the Vietnamese one was not changed since."""
    own = loaded(node.ours.get("data", ""))
    name = own.get("name") if isinstance(own, dict) else None
    if isinstance(name, dict) and " ".join(str(name.get("vi", "")).split()) == vi and name.get("en"):
        return Text(vi=str(name["vi"]), en=str(name["en"]))
    return Text(vi=vi, en=en)


def loaded(text: str) -> object:
    """What our own export wrote as JSON; None where it is not."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _fitting(phase: Phase, role: Role) -> Role:
    match phase:
        case Phase.RECEPTION:
            return Role.RECEPTIONIST
        case Phase.RETURN:
            return Role.RETURNER
        case Phase.SIGNING:
            return role if role in _SIGNING else Role.CLERK
        case Phase.PROCESSING:
            return role if role in (Role.OFFICER, *_SIGNING) else Role.OFFICER


def _tail(
    line: Sequence[Spot],
    roles: Sequence[Role],
    *,
    decisive: Sequence[Role] = (Role.RETURNER,),
    otherwise: Sequence[Role] = (),
) -> int:
    """Where the last phase of the line begins: with the last decisive role of its second half and those before it."""
    for wanted in (decisive, otherwise):
        at = max((at for at, spot in enumerate(line) if spot.role in wanted and not spot.parts), default=-1)
        if at < len(line) // 2 or any(spot.parts for spot in line[max(at, 0) :]):
            continue
        while at > 0 and line[at - 1].role in roles and not line[at - 1].parts:
            at -= 1
        return at
    return len(line)

"""What changed between two declarations, in words: every field, every entry, every order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from engine.designing import conditions, wording
from engine.designing.field_names import FIELDS
from engine.designing.wording import quoted, said
from engine.states.names import PHASES
from engine.states.outline import Words
from procedures import parties
from procedures.declaration import (
    AgencyLimit,
    Check,
    Code,
    Declaration,
    Exemption,
    Fact,
    Fee,
    LimitCase,
    Machine,
    Obligation,
    Parallel,
    RequiredDocument,
    Result,
    Step,
    Text,
    Transition,
)

Where = tuple[str | int, ...]
Identity = tuple[object, int]
LIMITS = frozenset({"limit", "valid_for", "within"})
PLACES = frozenset({"from", "to", "negative_to"})


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """`where`: the path in the new declaration, in the old one for what was removed."""

    where: Where
    kind: Kind
    text: Words


def differences(old: Declaration, new: Declaration) -> list[Difference]:
    """In the order of the declaration; none for equal ones."""
    return list(_Comparison(old, new).entry(old, new, (), Words()))


@dataclass(frozen=True, slots=True)
class _Thing:
    """What an entry is called, and what tells it from the others of its list."""

    kind: Words
    name: Callable[[BaseModel], Text | str]


def _of(attribute: str) -> Callable[[BaseModel], Text | str]:
    def named(entry: BaseModel) -> Text | str:
        found = getattr(entry, attribute)
        return found if isinstance(found, Text | str) else str(found)

    return named


def _party(entry: BaseModel) -> Text | str:
    assert isinstance(entry, AgencyLimit)
    key = entry.party
    return parties.known().get(key, key)


_THINGS: Mapping[type[BaseModel], _Thing] = {
    Code: _Thing(Words("mã quốc gia", "national code"), _of("code")),
    RequiredDocument: _Thing(Words("giấy tờ", "document"), _of("name")),
    Fact: _Thing(Words("câu hỏi", "question"), _of("label")),
    Check: _Thing(Words("kiểm tra khi tiếp nhận", "check at intake"), _of("message")),
    Exemption: _Thing(Words("trường hợp miễn, giảm", "exemption"), _of("name")),
    Fee: _Thing(Words("khoản thu", "fee"), _of("name")),
    LimitCase: _Thing(Words("trường hợp có thời hạn riêng", "case with its own limit"), _of("when")),
    AgencyLimit: _Thing(Words("thời hạn của cơ quan", "limit of the agency of"), _party),
    Result: _Thing(Words("kết quả", "result"), _of("name")),
    Obligation: _Thing(Words("nghĩa vụ", "obligation"), _of("name")),
    Step: _Thing(Words("bước", "step"), _of("name")),
    Parallel: _Thing(Words("nhóm lấy ý kiến", "consultation"), _of("name")),
}


def _named(entry: BaseModel) -> Words:
    """“bước “Thẩm định””."""
    thing = next(thing for kind, thing in _THINGS.items() if isinstance(entry, kind))
    name = quoted(thing.name(entry))
    return Words(f"{thing.kind.vi} {name.vi}", f"{thing.kind.en} {name.en}")


class _Comparison:
    def __init__(self, old: Declaration, new: Declaration) -> None:
        self.places = wording.places(old) | wording.places(new)
        self.questions = conditions.known(new), conditions.known(old)

    def entry(self, old: BaseModel, new: BaseModel, where: Where, subject: Words) -> Iterator[Difference]:
        """Field by field; both are of one class, a branch counts as a step."""
        for name, field in type(old).model_fields.items():
            label = FIELDS[type(old)][name]
            before, after = getattr(old, name), getattr(new, name)
            yield from self.field(before, after, (*where, field.alias or name), _of_subject(label, subject))

    def field(self, old: object, new: object, where: Where, label: Words) -> Iterator[Difference]:
        """`label`: “thời hạn của bước “Thẩm định””."""
        match old, new:
            case Machine(), Machine():
                yield from self.machine(old, new)
            case Text(), Text():
                yield from _texts(old, new, where, label)
            case Mapping(), Mapping():
                yield from self.keyed(old, new, where, label)
            case tuple(), tuple() if where[-1] not in LIMITS:
                yield from self.listed(old, new, where, label)
            case BaseModel(), BaseModel() if type(old) is type(new) and type(old) in FIELDS:
                yield from self.entry(old, new, where, Words() if len(where) == 1 else label)
            case _ if old != new:
                yield self.value(old, new, where, label)

    def value(self, old: object, new: object, where: Where, label: Words) -> Difference:
        before, after = self.worded(old, where, 1), self.worded(new, where, 0)
        if before == after:  # two ways to write one condition
            before, after = quoted(str(old)), quoted(str(new))
        if old is None:
            return Difference(where, Kind.ADDED, Words(f"Thêm {label.vi}: {after.vi}.",
                                                       f"New: {label.en}: {after.en}."))
        if new is None:
            return Difference(where, Kind.REMOVED, Words(f"Bỏ {label.vi} (trước là {before.vi}).",
                                                         f"Removed: {label.en} (it was {before.en})."))
        return _changed(where, label, before, after)

    def worded(self, value: object, where: Where, side: int) -> Words:
        """`side`: 0 for the new declaration, 1 for the old one."""
        name = where[-1]
        if value is None:
            return wording.NONE
        if name in LIMITS and isinstance(value, str | tuple):
            return wording.limit(value)
        if name in PLACES and value in self.places:
            return quoted(self.places[str(value)])
        if name == "amount" and isinstance(value, int):
            return wording.dong(value)
        if name == "join":
            return wording.join(value)  # type: ignore[arg-type]  # the model sees to it
        if name in ("when", "confidential_when"):
            return quoted(conditions.sentence(str(value), self.questions[side]))
        return said(value)

    def keyed(self, old: Mapping[str, object], new: Mapping[str, object], where: Where, label: Words
              ) -> Iterator[Difference]:
        """Entries by id, or plain names by id (own parties, choices)."""
        renamed = _renamed(old, new)
        for key, entry in old.items():
            if key not in new and key not in renamed:
                yield Difference((*where, key), Kind.REMOVED, _sentence("Bỏ", "Removed:", _shown(entry, label)))
        for key, entry in new.items():
            before = next((former for former, later in renamed.items() if later == key), key)
            if before not in old:
                yield Difference((*where, key), Kind.ADDED, _sentence("Thêm", "New:", _shown(entry, label)))
                continue
            subject = _shown(entry, label)
            if before != key:
                yield _changed((*where, key), _of_subject(Words("mã", "id"), subject), quoted(before), quoted(key))
            if isinstance(entry, BaseModel) and not isinstance(entry, Text):
                yield from self.entry(_model(old[before]), entry, (*where, key), subject)
            else:
                yield from self.field(old[before], entry, (*where, key), subject)
        kept = [renamed.get(key, key) for key in old if renamed.get(key, key) in new]
        yield from _order(kept, [key for key in new if key in kept], where, label)

    def listed(self, old: Sequence[object], new: Sequence[object], where: Where, label: Words) -> Iterator[Difference]:
        """Entries of a list are told apart by their names, plain members by themselves."""
        before, after = dict(zip(_identities(old), old, strict=True)), dict(zip(_identities(new), new, strict=True))
        partners = self.partners(before, after)
        for at, (identity, member) in enumerate(before.items()):
            if identity not in partners:
                yield Difference((*where, at), Kind.REMOVED, _sentence("Bỏ", "Removed:", self.member(member, label)))
        matched = {later: former for former, later in partners.items()}
        for at, (identity, member) in enumerate(after.items()):
            if identity not in matched:
                yield Difference((*where, at), Kind.ADDED, _sentence("Thêm", "New:", self.member(member, label)))
            elif isinstance(member, BaseModel):
                former = _model(before[matched[identity]])
                yield from self.field(former, member, (*where, at), self.member(member, label))
        kept = [partners[identity] for identity in before if identity in partners]
        yield from _order(kept, [identity for identity in after if identity in kept], where, label)

    @staticmethod
    def partners(before: Mapping[Identity, object], after: Mapping[Identity, object]) -> dict[Identity, Identity]:
        """The same identity; where names changed, entries left over that stand for each other in order."""
        found = {identity: identity for identity in before if identity in after}
        left = [identity for identity in before if identity not in found]
        came = [identity for identity in after if identity not in found]
        entries = all(isinstance(one, BaseModel) for one in (*before.values(), *after.values()))
        if entries and len(left) == len(came):
            found |= dict(zip(left, came, strict=True))
        return found

    def member(self, member: object, label: Words) -> Words:
        if isinstance(member, Transition):
            return self.transition(member)
        if isinstance(member, Text) or not isinstance(member, BaseModel):
            one = quoted(member) if isinstance(member, Text) else said(member)
            return Words(f"{one.vi} ({label.vi})", f"{one.en} ({label.en})")
        return _named(member)

    def transition(self, moved: Transition) -> Words:
        start, end = (quoted(self.places.get(key, Words(key, key))) for key in (moved.from_, moved.to))
        name = quoted(moved.name or moved.on)
        return Words(f"ngoại lệ {name.vi} từ bước {start.vi} đến bước {end.vi}",
                     f"exception {name.en} from {start.en} to {end.en}")

    def machine(self, old: Machine, new: Machine) -> Iterator[Difference]:
        """Places by id in all phases, because a step may move from one to another."""
        before, after = _places(old), _places(new)
        renamed = _renamed({key: place for key, (_, place) in before.items()},
                           {key: place for key, (_, place) in after.items()})
        for key, (phase, place) in before.items():
            later = after.get(renamed.get(key, key))
            if later is None or isinstance(later[1], Parallel) != isinstance(place, Parallel):
                yield Difference(("machine", phase, key), Kind.REMOVED, _sentence("Bỏ", "Removed:", _named(place)))
        came = {later: former for former, later in renamed.items()}
        for key, (phase, place) in after.items():
            former = before.get(came.get(key, key))
            where = ("machine", phase, key)
            if former is None or isinstance(former[1], Parallel) != isinstance(place, Parallel):
                yield Difference(where, Kind.ADDED, _sentence("Thêm", "New:", _placed(key, place, phase, after)))
                continue
            if key in came:
                yield _changed(where, _of_subject(Words("mã", "id"), _named(place)), quoted(came[key]), quoted(key))
            if former[0] != phase:
                yield _changed(where, _of_subject(Words("giai đoạn", "phase"), _named(place)),
                               quoted(PHASES[former[0]]), quoted(PHASES[phase]))
            yield from self.entry(former[1], place, where, _named(place))
        yield from _moved(before, after, came)


Placed = Mapping[str, tuple[str, Step | Parallel]]


def _places(machine: Machine) -> dict[str, tuple[str, Step | Parallel]]:
    return {key: (phase.value, place) for phase, held in machine.phases() for key, place in held.items()}


def _placed(key: str, place: Step | Parallel, phase: str, after: Placed) -> Words:
    """The step and after which one it comes."""
    named, order = _named(place), [one for one, (held, _) in after.items() if held == phase]
    at = order.index(key)
    if at == 0:
        return Words(f"{named.vi} ở đầu giai đoạn “{PHASES[phase].vi}”",
                     f"{named.en} at the beginning of “{PHASES[phase].en}”")
    before = after[order[at - 1]][1].name
    return Words(f"{named.vi} sau “{before.vi}”", f"{named.en} after “{before.en}”")


def _moved(before: Placed, after: Placed, came: Mapping[str, str]) -> Iterator[Difference]:
    """Steps that now come after another one; of two that changed places one is told."""
    for phase in PHASES:
        new = [key for key, (held, _) in after.items() if held == phase]
        old = [key for key, (held, _) in before.items() if held == phase]
        kept = [key for key in new if came.get(key, key) in old]
        former = [key for name in old for key in kept if came.get(key, key) == name]
        for key in _out_of_order(former, kept):
            at = new.index(key)
            subject = _named(after[key][1])
            if at == 0:
                text = Words(f"{_capital(subject.vi)} chuyển lên đầu giai đoạn.",
                             f"{_capital(subject.en)} moves to the beginning of its phase.")
            else:
                previous = after[new[at - 1]][1].name
                text = Words(f"{_capital(subject.vi)} chuyển sau “{previous.vi}”.",
                             f"{_capital(subject.en)} moves after “{previous.en}”.")
            yield Difference(("machine", phase, key), Kind.CHANGED, text)


def _out_of_order(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The fewest members whose moving makes the old order the new one: all but a longest common run."""
    best: list[list[str]] = []
    for at, member in enumerate(new):
        earlier = [run for run, last in zip(best, new[:at], strict=True) if old.index(last) < old.index(member)]
        best.append([*max(earlier, key=len, default=[]), member])
    kept: list[str] = max(best, key=len, default=[])
    return [member for member in new if member not in kept]


def _order(old: Sequence[object], new: Sequence[object], where: Where, label: Words) -> Iterator[Difference]:
    if list(old) != list(new):
        yield Difference(where, Kind.CHANGED, Words(f"Thứ tự {label.vi} thay đổi.",
                                                    f"The order of {label.en} changes."))


def _renamed(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, str]:
    """Ids that were given to something else of the same kind and name: {old: new}."""
    gone = {_identity(entry): key for key, entry in old.items() if key not in new}
    come = {_identity(entry): key for key, entry in new.items() if key not in old}
    return {key: come[identity] for identity, key in gone.items() if identity in come}


def _identities(members: Sequence[object]) -> list[Identity]:
    """Each with which one of its name it is, so that two of a name stay two."""
    seen: Counter[object] = Counter()
    found = []
    for member in members:
        identity = _identity(member)
        found.append((identity, seen[identity]))
        seen[identity] += 1
    return found


def _identity(member: object) -> object:
    if isinstance(member, Transition):
        return member.from_, member.on, member.to
    if isinstance(member, Text):
        return member.vi
    if not isinstance(member, BaseModel):
        return member
    thing = next(thing for kind, thing in _THINGS.items() if isinstance(member, kind))
    name = thing.name(member)
    return thing.kind.en, name.vi if isinstance(name, Text) else name


def _model(value: object) -> BaseModel:
    assert isinstance(value, BaseModel)
    return value


def _shown(entry: object, label: Words) -> Words:
    if isinstance(entry, Text):
        name = quoted(entry)
        return Words(f"{name.vi} ({label.vi})", f"{name.en} ({label.en})")
    return _named(_model(entry))


def _texts(old: Text, new: Text, where: Where, label: Words) -> Iterator[Difference]:
    if old.vi != new.vi:
        english = (old.en, new.en) if old.en != new.en else (old.vi, new.vi)
        yield _changed(where, label, Words(f"“{old.vi}”", f"“{english[0]}”"), Words(f"“{new.vi}”", f"“{english[1]}”"))
    elif old.en != new.en:
        told = Words(f"{label.vi} (bản tiếng Anh)", f"{label.en} (English)")
        yield _changed(where, told, quoted(old.en), quoted(new.en))


def _changed(where: Where, label: Words, before: Words, after: Words) -> Difference:
    return Difference(where, Kind.CHANGED, Words(
        f"{_capital(label.vi)} đổi từ {before.vi} thành {after.vi}.",
        f"{_capital(label.en)} changes from {before.en} to {after.en}."))


def _sentence(vi: str, en: str, what: Words) -> Words:
    return Words(f"{vi} {what.vi}.", f"{en} {what.en}.")


def _of_subject(label: Words, subject: Words) -> Words:
    return Words(f"{label.vi} của {subject.vi}", f"{label.en} of {subject.en}") if subject else label


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

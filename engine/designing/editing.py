"""The small changes a draft is written by: pure functions on its plain data.

Each gives the place of what it touched, as a dotted path. Ids are made from Vietnamese names; a new id is carried
through everything that refers to the old one; what something refers to is not removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.designing import ids, references
from engine.designing.reading import Data
from engine.designing.references import Place
from engine.designing.troubles import named_place
from engine.errors import Invalid, NotFound, Refused
from procedures.words import Phase

Entry = Mapping[str, Any]

# Words an id falls back to where a name has no letters.
_OTHERWISE = {"documents": "giay_to", "facts": "du_kien", "results": "ket_qua", "parties": "don_vi"}


def path(place: Place) -> str:
    return ".".join(map(str, place))


def place_of(written: str, data: Data) -> Place:
    """The place a dotted path names; NotFound where the data has none there."""
    found: Place = ()
    for part in written.split("."):
        held = references.at(data, found)
        number = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else None
        step: str | int = number if isinstance(held, list) and number is not None else part
        found = (*found, step)
        if references.at(data, found) is None:
            raise NotFound(what="mục này trong bản thảo", what_en="this part of the draft")
    return found


def set_head(data: Data, head: Entry) -> str:
    """Sets what is given; None takes a field out."""
    for name, value in head.items():
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value
    return ""


def put_named(data: Data, section: str, key: str | None, entry: Entry) -> str:
    """Into a section whose entries have ids: documents, facts, results, parties. None: a new one."""
    held = _mapping(data, section)
    if key is None:
        words = entry if section == "parties" else entry.get("label" if section == "facts" else "name")
        key = ids.made_from(_vi(words), held, _OTHERWISE[section])
    elif key not in held:
        raise NotFound(what="mục này trong bản thảo", what_en="this part of the draft")
    held[key] = dict(entry)
    return path((section, key))


def put_party(data: Data, key: str | None, entry: Entry) -> str:
    return put_named(data, "parties", key, entry)


def put_listed(data: Data, section: str, at: int | None, entry: Entry) -> str:
    """Into a section in which order counts: checks, fees, limit_cases, obligations, transitions. None: at the end."""
    held = data.get(section)
    if not isinstance(held, list):
        held = data[section] = []
    if at is None:
        held.append(dict(entry))
        at = len(held) - 1
    elif 0 <= at < len(held):
        held[at] = dict(entry)
    else:
        raise NotFound(what="mục này trong bản thảo", what_en="this part of the draft")
    return path((section, at))


def put_step(data: Data, phase: str, key: str | None, entry: Entry) -> str:
    """A step of a phase; None: a new one at its end."""
    where: Place = ("machine", Phase(phase).value)
    return _put_place(data, where, key, dict(entry))


def put_group(data: Data, key: str | None, entry: Entry) -> str:
    """A consultation; the bodies it asks stay as they are."""
    where: Place = ("machine", Phase.PROCESSING.value)
    before = references.at(data, (*where, key)) if key is not None else None
    asked = before.get("parallel") if isinstance(before, dict) else None
    return _put_place(data, where, key, {**entry, "parallel": asked if isinstance(asked, dict) else {}})


def put_branch(data: Data, group: str, key: str | None, entry: Entry) -> str:
    """One body a consultation asks."""
    where: Place = ("machine", Phase.PROCESSING.value, group, "parallel")
    if not isinstance(references.at(data, where), dict):
        raise NotFound(what="nhóm lấy ý kiến này", what_en="this consultation")
    return _put_place(data, where, key, dict(entry))


def _put_place(data: Data, where: Place, key: str | None, entry: dict[str, Any]) -> str:
    held = _mapping(data, *where)
    if key is None:
        key = ids.made_from(_vi(entry.get("name")), _step_ids(data), "buoc")
    elif key not in held:
        raise NotFound(what="bước này", what_en="this step")
    held[key] = entry
    return path((*where, key))


def move(data: Data, place: Place, by: int) -> str:
    """Up (-1) or down (+1) among its neighbours; at the edge it stays."""
    held, key = references.at(data, place[:-1]), place[-1]
    if isinstance(held, list) and isinstance(key, int):
        to = key + by
        if 0 <= to < len(held):
            held[key], held[to] = held[to], held[key]
            return path((*place[:-1], to))
        return path(place)
    if isinstance(held, dict) and key in held:
        order = list(held)
        here = order.index(key)
        to = here + by
        if 0 <= to < len(order):
            order[here], order[to] = order[to], order[here]
            members = [(name, held[name]) for name in order]
            held.clear()
            held.update(members)
    return path(place)


def rename(data: Data, place: Place, new: str) -> str:
    """Gives an entry another id, and carries it through. Raises Invalid for an id that cannot be used."""
    held, old = references.at(data, place[:-1]), place[-1]
    if not isinstance(held, dict) or not isinstance(old, str) or old not in held:
        raise NotFound(what="mục này trong bản thảo", what_en="this part of the draft")
    if new == old:
        return path(place)
    machine = place[0] == "machine"
    ids.check(new, _step_ids(data) if machine else held)
    members = [(new if key == old else key, member) for key, member in held.items()]
    held.clear()
    held.update(members)
    _CARRIED.get(str(place[0]), _nothing_refers)(data, old, new)
    return path((*place[:-1], new))


def _nothing_refers(data: Data, old: str, new: str) -> None:
    """Documents and results are named by other procedures only, through published versions."""


_CARRIED: Mapping[str, Callable[[Data, str, str], None]] = {
    "facts": references.fact_renamed, "machine": references.step_renamed, "parties": references.party_renamed,
}
_USES: Mapping[str, Callable[[Data, str], list[Place]]] = {
    "facts": references.of_fact, "machine": references.of_step, "parties": references.of_party,
}


def remove(data: Data, place: Place) -> str:
    """Refused while something else refers to it, saying what."""
    held, key = references.at(data, place[:-1]), place[-1]
    if isinstance(held, list) and isinstance(key, int):
        del held[key]
        return path(place[:-1])
    if not isinstance(held, dict) or key not in held:
        raise NotFound(what="mục này trong bản thảo", what_en="this part of the draft")
    users = [use for use in _USES.get(str(place[0]), _nobody)(data, str(key)) if use[: len(place)] != place]
    if users:
        names, own = [named_place(data, use) for use in users], named_place(data, place)
        raise Refused(
            reason_vi=f"Chưa bỏ được: {own.vi} đang được dùng ở {_listed(name.vi for name in names)}. "
                      "Hãy sửa các nơi đó trước.",
            reason_en=f"Not removed: {own.en} is used in {_listed(name.en for name in names)}. Change these first.")
    del held[key]
    return path(place[:-1])


def _nobody(data: Data, key: str) -> list[Place]:
    return []


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _mapping(data: Data, *place: str | int) -> dict[str, Any]:
    """The mapping at a place, made where there is none."""
    held: Any = data
    for part in place:
        below = held.get(part)
        if not isinstance(below, dict):
            below = held[part] = {}
        held = below
    found: dict[str, Any] = held
    return found


def _step_ids(data: Data) -> set[str]:
    """Steps, groups and branches share one space of names."""
    found = {str(where[-1]) for where, _ in references.places(data)}
    return found | {str(where[-1]) for where, _ in references.steps(data)}


def _vi(words: object) -> str:
    """A name to make an id from; somebody who wrote English only gets an id all the same."""
    if not isinstance(words, dict):
        return ""
    return str(words.get("vi") or words.get("en") or "")


def check_name(words: object, field: str = "name.vi") -> None:
    """An entry without any name could not be told from others: Invalid."""
    if not _vi(words).strip():
        raise Invalid({field: ("Chưa ghi tên tiếng Việt", "The Vietnamese name is missing")})


def act_id(name: Entry) -> str:
    """The id of an act a procedure names itself."""
    return ids.made_from(_vi(name), (), "viec")

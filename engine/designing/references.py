"""Where a draft refers to its own parts: what keeps a part from being removed, and what follows when its id changes.

Drafts come from forms, files and drawings: nothing here trusts their shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.designing.conditions import facts_of, renamed
from engine.designing.reading import Data
from procedures.guards import GuardError, compile_guard
from procedures.words import CHANNEL

Place = tuple[str | int, ...]
Holder = dict[str, Any]


def at(data: Data, place: Place) -> Any:
    """What stands at a place of the data, or None."""
    found: Any = data
    for part in place:
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and isinstance(part, int) and 0 <= part < len(found):
            found = found[part]
        else:
            return None
    return found


def entries(data: Data, *place: str | int) -> list[tuple[Place, Holder]]:
    """The entries of a section, mapping or list, each with its place."""
    found = at(data, place)
    members: list[tuple[Any, Any]] = []
    if isinstance(found, dict):
        members = list(found.items())
    elif isinstance(found, list):
        members = list(enumerate(found))
    return [((*place, key), member) for key, member in members if isinstance(member, dict)]


def steps(data: Data) -> Iterator[tuple[Place, Holder]]:
    """Every step, branches among them, in order; groups are left out."""
    for where, held in places(data):
        if "parallel" in held:
            yield from entries(data, *where, "parallel")
        else:
            yield where, held


def places(data: Data) -> Iterator[tuple[Place, Holder]]:
    """Steps and groups of all phases in order."""
    for phase in ("reception", "processing", "signing", "return"):
        yield from entries(data, "machine", phase)


def conditions(data: Data) -> Iterator[tuple[Place, Holder, str]]:
    """Every condition: its place, and the entry and field that hold it."""
    plain = [entry for section in ("documents", "checks", "fees", "limit_cases", "obligations", "transitions")
             for entry in entries(data, section)]
    exempt = [entry for where, _ in entries(data, "fees") for entry in entries(data, *where, "exemptions")]
    found = [(where, held, "when") for where, held in (*plain, *exempt, *steps(data))]
    found.append(((), data, "confidential_when"))
    for where, held, name in found:
        if isinstance(held.get(name), str):
            yield (*where, name), held, name


def unreadable(data: Data) -> Iterator[tuple[str, GuardError]]:
    """Conditions that cannot be compiled, by dotted path: told at once, however much else is missing."""
    facts = at(data, ("facts",))
    names = [*facts, CHANNEL] if isinstance(facts, dict) else [CHANNEL]
    for where, held, name in conditions(data):
        try:
            compile_guard(held[name], names)
        except GuardError as error:
            yield ".".join(map(str, where)), error


def of_fact(data: Data, fact: str) -> list[Place]:
    """Places that refer to a fact."""
    return [where for where, held, name in conditions(data) if fact in facts_of(held[name])] + [
        where for where, held, name in _naming_facts(data) if held.get(name) == fact]


def of_step(data: Data, step: str) -> list[Place]:
    return [where for where, held, name in _naming_steps(data) if held.get(name) == step]


def of_party(data: Data, party: str) -> list[Place]:
    return [where for where, held in [*steps(data), *entries(data, "agency_limits")] if held.get("party") == party]


def fact_renamed(data: Data, old: str, new: str) -> None:
    for _, held, name in list(conditions(data)):
        held[name] = renamed(held[name], old, new)
    _replaced(_naming_facts, data, old, new)


def step_renamed(data: Data, old: str, new: str) -> None:
    _replaced(_naming_steps, data, old, new)


def party_renamed(data: Data, old: str, new: str) -> None:
    for _, held in [*steps(data), *entries(data, "agency_limits")]:
        if held.get("party") == old:
            held["party"] = new


def _naming_facts(data: Data) -> Iterator[tuple[Place, Holder, str]]:
    yield from ((where, held, "fact") for where, held in entries(data, "checks"))
    yield from ((where, held, "per") for where, held in entries(data, "fees"))
    yield from ((where, held, "after") for where, held in entries(data, "obligations"))
    yield from ((where, held, "asset") for where, held in steps(data))


def _naming_steps(data: Data) -> Iterator[tuple[Place, Holder, str]]:
    for where, held in entries(data, "transitions"):
        yield where, held, "from"
        yield where, held, "to"
    yield from ((where, held, "negative_to") for where, held in places(data))


def _replaced(naming: Callable[[Data], Iterator[tuple[Place, Holder, str]]], data: Data, old: str, new: str) -> None:
    for _, held, name in naming(data):
        if held.get(name) == old:
            held[name] = new

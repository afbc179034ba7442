"""A draft's plain data read as a declaration: either it is one, or every fault is told with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from procedures.declaration import Declaration, DeclarationError, Fault
from procedures.entry import Entry
from procedures.reading import Source, Where, validated

Data = dict[str, Any]


class _Lines(dict[Where, int]):
    """Counts the places of a draft in its own order. What is missing has a place too, so that a fault can name it."""

    def __contains__(self, where: object) -> bool:
        if super().__contains__(where):
            return True
        return isinstance(where, tuple) and bool(where) and where[-1] in _FIELDS and super().__contains__(where[:-1])


def examined(data: Data, name: str) -> tuple[Declaration | None, tuple[Fault, ...]]:
    """The declaration, or None and what is wrong; `where` of a fault is the dotted path into the data."""
    lines = _Lines((where, at) for at, where in enumerate(_places(data, ())))
    try:
        return validated(Declaration, Source(name=name, data=data, lines=lines)), ()
    except DeclarationError as error:
        return None, error.faults


def _places(value: object, where: Where) -> Iterator[Where]:
    yield where
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _places(member, (*where, key))
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from _places(member, (*where, at))


def _fields(kind: type[Entry]) -> Iterator[str]:
    for below in kind.__subclasses__():
        yield from (field.alias or name for name, field in below.model_fields.items())
        yield from _fields(below)


_FIELDS = frozenset(_fields(Entry))

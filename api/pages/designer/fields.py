"""What the forms of the designer are made of: fields of a dozen kinds, the same for every section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.designing.conditions import Known
from procedures.declaration import Text

Data = dict[str, Any]
Words = Mapping[str, Text]


class Kind(StrEnum):
    """WORDS: a text in both languages. LIMITS: several that add up. NAMED: choices with ids made from their names."""

    WORDS = "words"
    LINE = "line"
    LINES = "lines"
    NUMBER = "number"
    TICK = "tick"
    ONE = "one"
    MANY = "many"
    LIMIT = "limit"
    LIMITS = "limits"
    DAY = "day"
    CONDITION = "condition"
    ENTRIES = "entries"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a form can choose from: the draft itself, and what is known outside it. `units`: who fills a party now."""

    data: Data
    questions: Known
    parties: Words
    procedures: Words
    units: Words = field(default_factory=dict)

    def unit(self, party: str) -> Text:
        return self.units.get(party) or Text(vi="chưa phân công", en="nobody yet")


Choices = Words | Callable[[Around], Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`name` is the path inside the entry. `default`: what the models take where nothing is said, and is not kept.

    `more`: folded away, for what is rarely said. `fields`: of one entry, where the kind is ENTRIES.
    """

    name: str
    kind: Kind
    label: Text
    hint: Text | None = None
    required: bool = False
    choices: Choices = field(default_factory=dict)
    default: object = None
    more: bool = False
    rows: int = 0
    fields: tuple[Field, ...] = ()

    def options(self, around: Around) -> Words:
        return self.choices(around) if callable(self.choices) else self.choices


def words(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)

"""From an entry of the draft to the values of its form, and what is wrong to the fields it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.designer.fields import Around, Field, Kind, Words
from engine.designing.conditions import COMPARISONS, YES, answer_words, built_from, sentence
from engine.designing.troubles import Trouble
from engine.designing.words import fit
from procedures.declaration import Text

Given = dict[str, str]
_LIMIT = re.compile(r"(\S+) (working days?|working hours?|days?|months?)")
_SPARE = {Kind.CONDITION: 2, Kind.ENTRIES: 1, Kind.NAMED: 3, Kind.LIMITS: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A field as the template draws it: `name` whole, `options` of its select, `rows` of its table.

    `usual`: what stands in it where nothing was said.
    """

    name: str
    kind: str
    label: Text
    hint: Text | None
    required: bool
    more: bool
    lines: int
    options: Words
    rows: Sequence[Sequence[Shown] | str]
    chosen: Sequence[str]
    usual: object = None


def given_of(fields: Sequence[Field], entry: Mapping[str, Any], around: Around, language: str) -> Given:
    """Every value as its input has it, by the input's name."""
    found: Given = {}
    for one in fields:
        value = _at(entry, one.name)
        if value is None:
            value = one.default
        if value is not None:
            _GIVEN.get(one.kind, _plain)(found, one, one.name, value, _Showing(around, language))
    return found


@dataclass(frozen=True, slots=True)
class _Showing:
    around: Around
    language: str


def _at(entry: Mapping[str, Any], name: str) -> Any:
    found: Any = entry
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def filled(fields: Sequence[Field], entry: Mapping[str, Any]) -> bool:
    """Whether anything but the name, which every draft begins with, was given."""
    return any(_said(_at(entry, one.name)) for one in fields if one.name != "name")


def _said(value: Any) -> bool:
    return any(map(_said, value.values())) if isinstance(value, Mapping) else value not in (None, "", [])


def _plain(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    if isinstance(value, str | int):
        found[name] = str(value)


def _tick(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    if value is True:
        found[name] = YES


def _words(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    if isinstance(value, Mapping):
        found.update({f"{name}.{language}": str(value[language]) for language in ("vi", "en") if value.get(language)})


def _lines(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    if isinstance(value, list):
        found[name] = "\n".join(str(line) for line in value)


def _many(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    if isinstance(value, list | tuple):
        found.update({f"{name}.{member}": YES for member in value if isinstance(member, str)})


def _limit(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    read = _LIMIT.fullmatch(str(value))
    amount, unit = (read[1], read[2] if read[2].endswith("s") else f"{read[2]}s") if read else (str(value), "")
    found |= {f"{name}.amount": amount, f"{name}.unit": unit}


def _limits(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    for at, limit in enumerate(value if isinstance(value, list) else [value]):
        _limit(found, one, f"{name}.{at}", limit, showing)


def _day(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", str(value))
    found[name] = f"{iso[3]}/{iso[2]}/{iso[1]}" if iso else str(value)


def _condition(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    text = str(value)
    found |= {f"{name}.text": text, f"{name}.kept": text}
    built = built_from(text, showing.around.questions)
    if built is None:
        found[f"{name}.beyond"] = YES
        return
    found[f"{name}.every"] = "all" if built.every else "any"
    for at, row in enumerate(built.rows):
        answer = answer_words(row, showing.around.questions)
        told = answer.en if showing.language == "en" else answer.vi
        found |= {f"{name}.{at}.fact": row.fact, f"{name}.{at}.compared": str(row.compared),
                  f"{name}.{at}.value": told if row.value else ""}


def _entries(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    for at, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, Mapping):
            below = given_of(one.fields, entry, showing.around, showing.language)
            found.update({f"{name}.{at}.{inner}": text for inner, text in below.items()})


def _named(found: Given, one: Field, name: str, value: Any, showing: _Showing) -> None:
    for at, (key, text) in enumerate(value.items() if isinstance(value, Mapping) else ()):
        found[f"{name}.{at}.key"] = str(key)
        _words(found, one, f"{name}.{at}", text, showing)


_GIVEN: Mapping[Kind, Callable[[Given, Field, str, Any, _Showing], None]] = {
    Kind.TICK: _tick, Kind.WORDS: _words, Kind.LINES: _lines, Kind.MANY: _many, Kind.LIMIT: _limit,
    Kind.LIMITS: _limits, Kind.DAY: _day, Kind.CONDITION: _condition, Kind.ENTRIES: _entries, Kind.NAMED: _named,
}


def shown(fields: Sequence[Field], given: Mapping[str, str], around: Around, prefix: str = "") -> list[Shown]:
    """The fields with as many rows as are filled in, and some to spare."""
    return [_one_shown(one, given, around, f"{prefix}{one.name}") for one in fields]


def _one_shown(one: Field, given: Mapping[str, str], around: Around, name: str) -> Shown:
    options = dict(one.options(around))
    if one.kind is Kind.CONDITION:
        options = {key: asked.label for key, asked in around.questions.items()}
    chosen = given.get(name, "")
    if one.kind is Kind.ONE and chosen and chosen not in options:
        options[chosen] = fit(vi=f"{chosen} (?)", en=f"{chosen} (?)")  # never hidden: the check says what is wrong
    rows: list[Sequence[Shown] | str] = []
    if one.kind in _SPARE:
        filled = [int(found[1]) for key in given if (found := re.match(re.escape(name) + r"\.([0-9]{1,3})\.", key))]
        count = max([-1, *filled]) + 1 + _SPARE[one.kind]
        rows = [shown(one.fields, given, around, f"{name}.{at}.") if one.kind is Kind.ENTRIES else f"{name}.{at}"
                for at in range(count)]
    return Shown(name=name, kind=one.kind.value, label=one.label, hint=one.hint, more=one.more,
                 required=one.required or one.default is not None,
                 lines=one.rows, options=options, rows=rows, usual=one.default,
                 chosen=[key for key in options if f"{name}.{key}" in given] if one.kind is Kind.MANY else [])


def answers(around: Around) -> list[Text]:
    """Suggestions for the answers of conditions: labels of choices, yes and no."""
    found = {label.vi: label for asked in around.questions.values() for label in asked.choices.values()}
    return [fit(vi="có", en="yes"), fit(vi="không", en="no"), *found.values()]


def comparisons() -> Words:
    return COMPARISONS


def told(source: str, around: Around) -> Text:
    """A condition as a sentence."""
    words = sentence(source, around.questions)
    return fit(vi=f"khi {words.vi}", en=f"when {words.en}")


def faults_of(fields: Sequence[Field], found: Sequence[Trouble], given: Mapping[str, str]
              ) -> tuple[dict[str, tuple[str, str]], list[Trouble]]:
    """What is wrong by the field that shows it; the rest is told above the form."""
    names = [one.name for one in fields]
    beside: dict[str, tuple[str, str]] = {}
    above = []
    for trouble in found:
        name = _field_name(trouble.field, given)
        if any(name == known or name.startswith(f"{known}.") for known in names):
            beside.setdefault(name, (_sentence(trouble.words.vi), _sentence(trouble.words.en)))
        else:
            above.append(trouble)
    return beside, above


def _field_name(path: str, given: Mapping[str, str]) -> str:
    """Choices are shown by number, not by id."""
    head, _, rest = path.partition(".")
    if head != "choices" or not rest:
        return path
    key, _, language = rest.partition(".")
    number = next((name.split(".")[1] for name, text in given.items()
                   if name.startswith("choices.") and name.endswith(".key") and text == key), None)
    return f"choices.{number}.{language}" if number is not None else "choices"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

"""From what was posted to an entry of the draft. Nothing is lost: what cannot be read is kept as it was typed.

The check of the draft then says what is wrong with it, beside the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from api.pages.designer.fields import Around, Field, Kind
from api.pages.forms import Posted, whole, written_date
from engine.designing import ids
from engine.designing.conditions import MOST_ROWS, Built, Row, built_from, text_of, unfit
from engine.errors import Invalid

MOST_ENTRIES = 60
Entry = dict[str, Any]


def entry_of(fields: tuple[Field, ...], posted: Posted, around: Around, prefix: str = "") -> Entry:
    """The fields that say something; None and defaults are left out."""
    found: Entry = {}
    for one in fields:
        value = _READ[one.kind](one, posted, f"{prefix}{one.name}", around)
        if value is not None and value != one.default:
            put(found, one.name, value)
    return found


def same_order(fields: tuple[Field, ...], entry: Entry, before: Mapping[str, Any]) -> Entry:
    """Ticks come in the order of the page; where the same are ticked, the order they had is no change."""
    for one in fields:
        old = before.get(one.name)
        if one.kind is Kind.MANY and isinstance(old, list) and sorted(map(str, old)) == sorted(entry.get(one.name, ())):
            entry[one.name] = old
    return entry


def refuse_unfit(fields: tuple[Field, ...], posted: Posted, around: Around) -> None:
    """Raises Invalid where an answer of a condition does not fit its question, or a limit is no number."""
    faults = dict(_unfit(fields, posted, around, ""))
    if faults:
        raise Invalid(faults)


def _unfit(fields: tuple[Field, ...], posted: Posted, around: Around, prefix: str
           ) -> Iterator[tuple[str, tuple[str, str]]]:
    for one in fields:
        name = f"{prefix}{one.name}"
        if one.kind is Kind.ENTRIES:
            for number in _numbers(posted, name):
                yield from _unfit(one.fields, posted, around, f"{name}.{number}.")
        elif one.kind is Kind.CONDITION and posted.text(f"{name}.text") == posted.text(f"{name}.kept"):
            wrong = [words for row in _rows(posted, name) if (words := unfit(row, around.questions)) is not None]
            if wrong:
                yield name, ("; ".join(words.vi for words in wrong), "; ".join(words.en for words in wrong))
        elif one.kind in (Kind.LIMIT, Kind.LIMITS):
            names = [name] if one.kind is Kind.LIMIT else [f"{name}.{number}" for number in _numbers(posted, name)]
            if any(not _is_amount(posted.text(f"{limit}.amount")) for limit in names):
                yield name, ("ghi số nguyên từ 1 đến 9999", "write a whole number from 1 to 9999")


def _is_amount(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and 1 <= int(text) <= 9999)


def _rows(posted: Posted, name: str) -> tuple[Row, ...]:
    return tuple(Row(fact, posted.text(f"{name}.{number}.compared"), posted.text(f"{name}.{number}.value"))
                 for number in _numbers(posted, name)[:MOST_ROWS] if (fact := posted.text(f"{name}.{number}.fact")))


def put(entry: Entry, name: str, value: object) -> None:
    """At a dotted path inside the entry."""
    *above, last = name.split(".")
    for part in above:
        entry = entry.setdefault(part, {})
    entry[last] = value


def _words(one: Field, posted: Posted, name: str, around: Around) -> object:
    found = {language: text for language in ("vi", "en") if (text := posted.text(f"{name}.{language}"))}
    return found if found or one.required else None


def _line(one: Field, posted: Posted, name: str, around: Around) -> object:
    return posted.text(name) or None


def _lines(one: Field, posted: Posted, name: str, around: Around) -> object:
    found = [line.strip() for line in posted.text(name).split("\n") if line.strip()]
    return found or ([] if one.required else None)


def _number(one: Field, posted: Posted, name: str, around: Around) -> object:
    text = posted.text(name)
    number = whole(text.removeprefix("-"))
    if number is None:
        return text or None
    return -number if text.startswith("-") else number


def _tick(one: Field, posted: Posted, name: str, around: Around) -> object:
    return bool(posted.text(name))


def _many(one: Field, posted: Posted, name: str, around: Around) -> object:
    chosen = list(dict.fromkeys(posted.many(name)))
    return chosen or ([] if one.required else None)


def _limit(one: Field, posted: Posted, name: str, around: Around) -> object:
    amount, unit = posted.text(f"{name}.amount"), posted.text(f"{name}.unit")
    if amount == "1":
        unit = unit.removesuffix("s")
    return f"{amount} {unit}".strip() if amount else None


def _limits(one: Field, posted: Posted, name: str, around: Around) -> object:
    found = [limit for number in _numbers(posted, name)
             if (limit := _limit(one, posted, f"{name}.{number}", around)) is not None]
    if one.name == "remind":
        return found or None
    return (found[0] if len(found) == 1 else found) if found else None


def _day(one: Field, posted: Posted, name: str, around: Around) -> object:
    text = posted.text(name)
    day = written_date(text)
    return day.isoformat() if day else text or None


def _condition(one: Field, posted: Posted, name: str, around: Around) -> object:
    """Rows, unless somebody wrote a text of his own, or the text is one that rows cannot say."""
    written, kept = posted.text(f"{name}.text"), posted.text(f"{name}.kept")
    if written != kept:
        return written or None
    rows = _rows(posted, name)
    if not rows and posted.text(f"{name}.beyond"):
        return kept or None
    text = text_of(Built(rows, posted.text(f"{name}.every") != "any"), around.questions)
    before = built_from(kept, around.questions)
    return kept if before is not None and text_of(before, around.questions) == text else text or None


def _entries(one: Field, posted: Posted, name: str, around: Around) -> object:
    found = []
    for number in _numbers(posted, name):
        entry = entry_of(one.fields, posted, around, f"{name}.{number}.")
        if any(value not in ({}, [], None, "", False) for value in _leaves(entry)):
            found.append(entry)
    return found or ([] if one.required else None)


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in _leaves(member)]
    return [value]


def _named(one: Field, posted: Posted, name: str, around: Around) -> object:
    found: dict[str, Any] = {}
    for number in _numbers(posted, name):
        text = _words(one, posted, f"{name}.{number}", around)
        if text:
            key = posted.text(f"{name}.{number}.key")
            assert isinstance(text, dict)
            if not key or key in found:
                key = ids.made_from(text.get("vi") or text.get("en") or "", found, "lua_chon")
            found[key] = text
    return found or None


def _numbers(posted: Posted, name: str) -> list[int]:
    """Which rows of a table were sent."""
    sent = re.compile(re.escape(name) + r"\.([0-9]{1,3})\.")
    numbers = {int(found[1]) for given in posted.data if (found := sent.match(given))}
    return sorted(numbers)[:MOST_ENTRIES]


_READ: Mapping[Kind, Callable[[Field, Posted, str, Around], object]] = {
    Kind.WORDS: _words, Kind.LINE: _line, Kind.LINES: _lines, Kind.NUMBER: _number, Kind.TICK: _tick, Kind.ONE: _line,
    Kind.MANY: _many, Kind.LIMIT: _limit, Kind.LIMITS: _limits, Kind.DAY: _day, Kind.CONDITION: _condition,
    Kind.ENTRIES: _entries, Kind.NAMED: _named,
}

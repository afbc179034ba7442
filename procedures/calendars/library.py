"""Reads the calendar files; what is wrong with one is said with its line, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from procedures.calendars.declaration import CalendarDeclaration, LocalRules, YearRules
from procedures.reading import DeclarationError, Fault, Source, read, validated

NATIONAL = Path(__file__).parent / "national"
# Where the first version of the shared calendar comes from.
ORIGIN = "Lịch kèm theo phần mềm: thông báo nghỉ lễ, tết các năm 2021 đến 2026"


@cache
def national() -> CalendarDeclaration:
    """The calendar every agency shares: calendar.yaml and one file a year beside it."""
    head = _source(NATIONAL / "calendar.yaml")
    years = [read_year(path) for path in sorted(NATIONAL.glob("[0-9][0-9][0-9][0-9].yaml"))]
    whole = {**head.data, "years": tuple(years)} if isinstance(head.data, dict) else head.data
    return validated(CalendarDeclaration, Source(head.name, whole, head.lines))


def read_year(path: Path) -> YearRules:
    """One year's notice or proposal. Raises DeclarationError."""
    return validated(YearRules, _source(path))


def read_local(path: Path) -> LocalRules:
    """What one agency adds to the shared calendar. Raises DeclarationError."""
    return validated(LocalRules, _source(path))


def _source(path: Path) -> Source:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DeclarationError([Fault(path.name, 1, "", "tệp phải là chữ UTF-8", "the file must be UTF-8")]) from None
    return read(text, path.name)

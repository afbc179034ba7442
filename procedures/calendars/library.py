"""Reads the calendar files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from procedures.calendars.declaration import CalendarDeclaration, LocalRules, YearRules

NATIONAL = Path(__file__).parent / "national"
# Where the first version of the shared calendar comes from.
ORIGIN = "Lịch kèm theo phần mềm: thông báo nghỉ lễ, tết các năm 2021 đến 2026"


@cache
def national() -> CalendarDeclaration:
    """The calendar every agency shares: calendar.yaml and one file a year beside it."""
    head = _mapping(NATIONAL / "calendar.yaml")
    years = [read_year(path) for path in sorted(NATIONAL.glob("[0-9][0-9][0-9][0-9].yaml"))]
    return CalendarDeclaration.model_validate({**head, "years": tuple(years)})


def read_year(path: Path) -> YearRules:
    """One year's notice or proposal."""
    return YearRules.model_validate(_mapping(path))


def read_local(path: Path) -> LocalRules:
    """What one agency adds to the shared calendar."""
    return LocalRules.model_validate(_mapping(path))


def _mapping(path: Path) -> dict[str, object]:
    try:
        found: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise ValueError(f"{path.name}: {fault}") from fault
    if not isinstance(found, dict):
        raise ValueError(f"{path.name}: a calendar file is a mapping of keys to values")
    return {str(key): value for key, value in found.items()}

"""What is wrong with a date that somebody wrote, in words that help to write it right."""

from __future__ import annotations

import re
from datetime import date

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d+)(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4,})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
WRITE = ("ghi ngày như 20/11/2026", "write a date like 20/11/2026")


def date_fault(written: str) -> tuple[str, str]:
    """For a text that was read as no date: no such day, a year in two digits, or nothing like a date."""
    parts = _parts(written.strip())
    if parts is None:
        return WRITE
    year, month, day = parts
    if len(year) != 4:
        return (f"ghi năm đủ bốn chữ số: {WRITE[0]}", f"write the year with four digits: {WRITE[1]}")
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        shown = f"{int(day):02}/{int(month):02}/{year}"
        return f"không có ngày {shown}", f"there is no {shown}"
    return WRITE


def _parts(text: str) -> tuple[str, str, str] | None:
    """Year, month, day, in digits."""
    if not text.isascii():
        return None
    if found := _DAY_FIRST.fullmatch(text):
        return found[3], found[2], found[1]
    if found := _YEAR_FIRST.fullmatch(text):
        return found[1], found[2], found[3]
    return None

"""A time limit as the law writes it: an amount with a unit, or several in sequence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from engine.clocks.faults import BadLimit

# Practice prints one working day as eight working hours (step budgets, appointment slips).
HOURS_A_DAY = 8
LONGEST_DAYS = 3660


class CountMode(StrEnum):
    """DAY: the end of the n-th working day (Civil Code art. 147, 148). HOUR: receipt plus n times 8 hours."""

    DAY = "DAY"
    HOUR = "HOUR"


class Unit(StrEnum):
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    DAY = "day"
    MONTH = "month"


_SPELLINGS = {
    "working hour": Unit.WORKING_HOUR,
    "working hours": Unit.WORKING_HOUR,
    "giờ làm việc": Unit.WORKING_HOUR,
    "working day": Unit.WORKING_DAY,
    "working days": Unit.WORKING_DAY,
    "ngày làm việc": Unit.WORKING_DAY,
    "day": Unit.DAY,
    "days": Unit.DAY,
    "ngày": Unit.DAY,
    "month": Unit.MONTH,
    "months": Unit.MONTH,
    "tháng": Unit.MONTH,
}
_NAMES_VI = {
    Unit.WORKING_HOUR: "giờ làm việc",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.DAY: "ngày",
    Unit.MONTH: "tháng",
}
# Calendar days that one unit takes up, to bound a sum of different units.
_ROUGH_DAYS = {
    Unit.WORKING_HOUR: 7 / 5 / HOURS_A_DAY,
    Unit.WORKING_DAY: 7 / 5,
    Unit.DAY: 1.0,
    Unit.MONTH: 30.5,
}
_WRITTEN = re.compile(r"([0-9]+)\s+(\D+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise _bad(self.vi, "thời hạn phải lớn hơn 0.", "a limit must be more than 0.", self.en)

    @property
    def en(self) -> str:
        return f"{self.amount} {self.unit.replace('_', ' ')}{'' if self.amount == 1 else 's'}"

    @property
    def vi(self) -> str:
        return f"{self.amount} {_NAMES_VI[self.unit]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One part, or several that run one after the other (5 working days, then 12 days)."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise _bad("", "chưa ghi thời hạn.", "no limit is given.")
        if sum(part.amount * _ROUGH_DAYS[part.unit] for part in self.parts) > LONGEST_DAYS:
            raise _bad(self.vi, "dài nhất là 10 năm.", "the longest allowed is 10 years.", self.en)

    @classmethod
    def parse(cls, written: str | Sequence[str]) -> Limit:
        """Read “3 working days”, “12 ngày”, a list of such parts, or parts joined by “+”."""
        pieces = written.split("+") if isinstance(written, str) else list(written)
        return _parsed(tuple(pieces))

    @property
    def en(self) -> str:
        return " + ".join(part.en for part in self.parts)

    @property
    def vi(self) -> str:
        return " + ".join(part.vi for part in self.parts)

    def written(self) -> list[str]:
        """The canonical spelling, which `parse` reads back."""
        return [part.en for part in self.parts]


@lru_cache(maxsize=1024)
def _parsed(pieces: tuple[str, ...]) -> Limit:
    """A province has a few dozen limits and parses one with every step."""
    return Limit(parts=tuple(_part(piece) for piece in pieces))


def _part(written: object) -> Part:
    if not isinstance(written, str):
        raise _bad(str(written), "phải là chữ.", "it must be text.")
    text = " ".join(unicodedata.normalize("NFC", written).casefold().split())
    found = _WRITTEN.fullmatch(text)
    unit = _SPELLINGS.get(found[2]) if found else None
    if found is None or unit is None:
        raise _bad(
            written[:60],
            "hãy ghi số nguyên và đơn vị, ví dụ “3 ngày làm việc”, “4 giờ làm việc”, “12 ngày”, “2 tháng”.",
            "write a whole number and a unit: “3 working days”, “4 working hours”, “12 days”, “2 months”.",
        )
    if len(found[1]) > len(str(LONGEST_DAYS * 24)):
        raise _bad(written[:60], "dài nhất là 10 năm.", "the longest allowed is 10 years.")
    return Part(amount=int(found[1]), unit=unit)


def _bad(limit: str, vi: str, en: str, limit_en: str = "") -> BadLimit:
    return BadLimit(limit=limit, limit_en=limit_en or limit, reason_vi=vi, reason_en=en)

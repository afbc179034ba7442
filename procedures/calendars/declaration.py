"""What a calendar file may say: hours, days off, worked Saturdays, each with its legal basis."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from calendar import monthrange
from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from procedures.calendars.sessions import Declared, Hours, Sessions, in_order
from procedures.reading import refuse


class DayKind(StrEnum):
    """Why a date differs from its weekday."""

    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    SWAPPED_OFF = "swapped_off"
    WORKED = "worked"
    HALF_DAY = "half_day"
    CLOSURE = "closure"


OFF = frozenset({DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.SWAPPED_OFF, DayKind.CLOSURE})


class Reason(Declared):
    """What a date is called, and the text that makes it so."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    basis: str = Field(min_length=1)


class DayRule(Reason):
    """A date, or `date` to `until`, that does not follow its weekday; who entered it and when, if known."""

    date: dt.date
    until: dt.date | None = None
    kind: DayKind
    sessions: Sessions = ()
    # left out when empty, so that rows of files keep the hash they had before rows named who entered them
    entered_by: str = Field(default="", exclude_if=lambda name: not name)
    entered_on: dt.date | None = Field(default=None, exclude_if=lambda day: day is None)

    @model_validator(mode="after")
    def _sessions_fit_the_kind(self) -> Self:
        in_order(self.sessions)
        if self.kind in OFF and self.sessions:
            refuse(f"{_day(self.date)}: ngày nghỉ không có ca làm việc; làm nửa ngày thì chọn loại half_day",
                   f"{_day(self.date)}: a day off has no sessions; a half day is kind half_day")
        if self.kind is DayKind.HALF_DAY and not self.sessions:
            refuse(f"{_day(self.date)}: làm nửa ngày thì phải ghi ca làm việc",
                   f"{_day(self.date)}: a half day must name its sessions")
        if self.until is not None and not self.date < self.until <= self.date + dt.timedelta(days=366):
            refuse(f"{_day(self.date)}: ngày cuối phải sau ngày đầu, trong vòng một năm",
                   f"{_day(self.date)}: `until` must come after `date`, within a year")
        return self

    def dates(self) -> Iterator[dt.date]:
        last = self.until or self.date
        for ordinal in range(self.date.toordinal(), last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _once(rules: tuple[DayRule, ...]) -> None:
    seen: set[dt.date] = set()
    for rule in rules:
        for day in rule.dates():
            if day in seen:
                refuse(f"ngày {_day(day)} được khai hai lần: hãy gộp thành một dòng",
                       f"{_day(day)} is declared twice: make it one row")
            seen.add(day)


def _begin_once(hours: tuple[Hours, ...]) -> None:
    begun = [week.since for week in hours]
    twice = next((day for day in begun if begun.count(day) > 1), None)
    if twice is not None:
        refuse(f"hai giờ làm việc cùng bắt đầu từ {_day(twice)}: hãy bỏ một",
               f"two weeks of hours begin on {_day(twice)}: remove one")


class FixedDay(Reason):
    """A holiday of the solar calendar, known before the year is announced."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    made_up: bool
    since: int = 0

    @model_validator(mode="after")
    def _every_year(self) -> Self:
        """29 February would be missing from three years of four."""
        if self.day > monthrange(2001, self.month)[1]:
            refuse(f"không có ngày {self.day}/{self.month} hằng năm", f"there is no {self.day}/{self.month} every year")
        return self


class YearRules(Declared):
    """What the yearly notice decides; without a notice a proposal, whose due dates are provisional."""

    year: int = Field(ge=2000, le=2200)
    announced: bool
    sources: tuple[str, ...] = ()
    days: tuple[DayRule, ...] = ()

    @model_validator(mode="after")
    def _each_date_once(self) -> Self:
        _once(self.days)
        stray = next((day for rule in self.days for day in rule.dates() if day.year != self.year), None)
        if stray is not None:
            refuse(f"ngày {_day(stray)} không thuộc năm {self.year}: hãy khai vào năm của nó",
                   f"{_day(stray)} is not a day of {self.year}: declare it in its own year")
        if self.announced and not self.sources:
            refuse(f"năm {self.year} đã công bố thì phải ghi số thông báo",
                   f"{self.year} is announced, so name its notice")
        return self


class LocalRules(Declared):
    """What one agency adds: its own hours, closures by decision, half days. Its rows win."""

    code: str = Field(min_length=1)
    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    hours: tuple[Hours, ...] = ()
    days: tuple[DayRule, ...] = ()

    @model_validator(mode="after")
    def _each_date_once(self) -> Self:
        _once(self.days)
        _begin_once(self.hours)
        return self


class CalendarDeclaration(Declared):
    """A whole calendar; immutable, and named by its content."""

    code: str
    vi: str
    en: str
    rest: Reason
    make_up: Reason
    hours: tuple[Hours, ...] = Field(min_length=1)
    fixed: tuple[FixedDay, ...] = ()
    years: tuple[YearRules, ...] = Field(default=(), min_length=1)
    days: tuple[DayRule, ...] = ()

    @model_validator(mode="after")
    def _years_follow_each_other(self) -> Self:
        first = self.years[0].year
        if [year.year for year in self.years] != list(range(first, first + len(self.years))):
            refuse("các năm phải liền nhau, không thiếu năm nào", "the years must follow one another without a gap")
        _begin_once(self.hours)
        if min(week.since for week in self.hours) > dt.date(first, 1, 1):
            refuse(f"giờ làm việc phải có từ 01/01/{first}, ngày đầu của lịch",
                   f"the hours must begin by 01/01/{first}, the calendar's first day")
        return self

    def version(self) -> str:
        """SHA-256 of the content: a due date records which calendar it was computed with."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def with_local(self, local: LocalRules) -> CalendarDeclaration:
        """The calendar of one agency: shared years, its own hours and days.

        Its hours hold from their `since` on, whatever is declared above it for later; of two rows about one
        date its own, which come last, count.
        """
        own = tuple(sorted(local.hours, key=lambda week: week.since))
        above = tuple(week for week in self.hours if not own or week.since < own[0].since)
        return self.model_copy(
            update={
                "code": local.code,
                "vi": local.vi,
                "en": local.en,
                "hours": above + own,
                "days": self.days + local.days,
            }
        )

    def with_year(self, rules: YearRules) -> CalendarDeclaration:
        """The same calendar once a notice (or a proposal) for one year is loaded."""
        others = [year for year in self.years if year.year != rules.year]
        merged = sorted([*others, rules], key=lambda year: year.year)
        return CalendarDeclaration.model_validate({**dict(self), "years": tuple(merged)})

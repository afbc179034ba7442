"""What a calendar file may say: hours, days off, worked Saturdays, each with its legal basis."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from procedures.calendars.sessions import Declared, Hours, Sessions, in_order


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
            raise ValueError(f"{self.date}: a day off has no sessions; a half day is kind half_day")
        if self.kind is DayKind.HALF_DAY and not self.sessions:
            raise ValueError(f"{self.date}: a half day must name its sessions")
        if self.until is not None and not self.date < self.until <= self.date + dt.timedelta(days=366):
            raise ValueError(f"{self.date}: `until` must come after `date`, within a year")
        return self

    def dates(self) -> Iterator[dt.date]:
        last = self.until or self.date
        for ordinal in range(self.date.toordinal(), last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)


def _once(rules: tuple[DayRule, ...], where: str) -> None:
    dates = [day for rule in rules for day in rule.dates()]
    if len(dates) != len(set(dates)):
        raise ValueError(f"{where}: a date is declared twice")


def _begin_once(hours: tuple[Hours, ...], where: str) -> None:
    begun = [week.since for week in hours]
    if len(begun) != len(set(begun)):
        raise ValueError(f"{where}: two weeks of hours begin on the same date")


class FixedDay(Reason):
    """A holiday of the solar calendar, known before the year is announced."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    made_up: bool
    since: int = 0


class YearRules(Declared):
    """What the yearly notice decides; without a notice a proposal, whose due dates are provisional."""

    year: int = Field(ge=2000, le=2200)
    announced: bool
    sources: tuple[str, ...] = ()
    days: tuple[DayRule, ...] = ()

    @model_validator(mode="after")
    def _each_date_once(self) -> Self:
        _once(self.days, str(self.year))
        if any(day.year != self.year for rule in self.days for day in rule.dates()):
            raise ValueError(f"{self.year}: a date of another year")
        if self.announced and not self.sources:
            raise ValueError(f"{self.year}: an announced year names its notice")
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
        _once(self.days, self.code)
        _begin_once(self.hours, self.code)
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
            raise ValueError("the years must follow one another without a gap")
        _begin_once(self.hours, self.code)
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

"""One year of a calendar as people look at it: twelve months, the rows that make it, and where each comes from."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.calendaring import wording
from engine.calendaring.scopes import Layer, Scope, all_rows, merged
from engine.clocks.calendar import Calendar
from engine.clocks.tables import YEARS_AHEAD
from engine.clocks.zone import day_number
from procedures.calendars.declaration import OFF, CalendarDeclaration, DayKind, DayRule
from procedures.calendars.sessions import Hours
from procedures.declaration import Text

WORKED_OUT = Text(vi="ngày lễ cố định, tính sẵn cho năm chưa công bố", en="fixed holiday, worked out until announced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One date of a month. `look`: work, rest, off, half, worked or closure; `anchor`: the row it comes from."""

    day: date
    look: str
    sign: Text | None = None
    words: Text | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`weeks` from Monday to Sunday; None beyond the month."""

    first: date
    weeks: list[list[Cell | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """Dates of the year that do not follow their weekday, and the scope whose row counts.

    `instead`: the row of a scope above that it takes the place of. `worked_out`: nobody entered it.
    """

    first: date
    last: date
    rule: DayRule
    scope: Scope
    inherited: bool
    worked_out: bool = False
    instead: tuple[Scope, DayRule] | None = None

    @property
    def anchor(self) -> str:
        return f"row-{self.first.isoformat()}"

    @property
    def kind(self) -> Text:
        return wording.KINDS[self.rule.kind]

    @property
    def sessions(self) -> str:
        return wording.sessions(self.rule.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """Weekly hours that count, with the scope that declares them."""

    hours: Hours
    scope: Scope
    inherited: bool
    week: list[tuple[Text, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """`working_days` of the year; `sources` of its notices; not `announced`: every due date in it is provisional."""

    year: int
    months: list[Month]
    rows: list[YearRow]
    weeks: list[WeekRow]
    announced: bool
    sources: tuple[str, ...]
    working_days: int
    first: int
    last: int


def year_of(found: list[Layer], year: int) -> Year:
    """`year` is brought within the years the calendar covers."""
    shared, working = found[0].content, merged(found)
    assert isinstance(shared, CalendarDeclaration), "the first layer is the shared calendar"
    first, last = shared.years[0].year, shared.years[-1].year + YEARS_AHEAD
    year = min(max(year, first), last)
    rows = list(_rows(working, found, year))
    declared = next((one for one in shared.years if one.year == year), None)
    return Year(year=year, months=[_month(working, rows, year, month) for month in range(1, 13)], rows=rows,
                weeks=_weeks(working, found), announced=working.announced(year),
                sources=declared.sources if declared else (), working_days=working.working_days(year), first=first,
                last=last)


def _rows(working: Calendar, found: Sequence[Layer], year: int) -> Iterator[YearRow]:
    """Days that follow each other and come from the same row are one."""
    said: dict[date, list[tuple[Scope, DayRule]]] = {}  # the farthest scope first
    for layer in found:
        for rule in all_rows(layer.content):
            for day in rule.dates():
                if day.year == year:
                    said.setdefault(day, []).append((layer.scope, rule))
    open_row: YearRow | None = None
    for day in _days(year):
        counts = working.rules().get(day_number(day))
        row = _row(day, counts, said.get(day, []), found[-1].scope) if counts is not None else None
        if open_row is not None and row is not None and _continues(open_row, row):
            open_row = replace(open_row, last=day)
            continue
        if open_row is not None:
            yield open_row
        open_row = row
    if open_row is not None:
        yield open_row


def _row(day: date, rule: DayRule, told: list[tuple[Scope, DayRule]], own: Scope) -> YearRow:
    if not told or told[-1][1] != rule:
        return YearRow(first=day, last=day, rule=rule, scope=Scope(code="", name=WORKED_OUT), inherited=not own.shared,
                       worked_out=True)
    scope, _ = told[-1]
    return YearRow(first=day, last=day, rule=rule, scope=scope, inherited=scope.code != own.code,
                   instead=told[-2] if len(told) > 1 else None)


def _continues(row: YearRow, following: YearRow) -> bool:
    return (following.first == row.last + timedelta(days=1) and following.rule is row.rule
            and following.instead == row.instead)


def _month(working: Calendar, rows: list[YearRow], year: int, month: int) -> Month:
    at = {day: row for row in rows for day in _between(row.first, row.last) if day.month == month}
    weeks = [[_cell(working, date(year, month, day), at) if day else None for day in week]
             for week in gregorian.Calendar().monthdayscalendar(year, month)]
    return Month(first=date(year, month, 1), weeks=weeks)


def _cell(working: Calendar, day: date, at: dict[date, YearRow]) -> Cell:
    row = at.get(day)
    if row is None:
        works = working.is_working_day(day)
        return Cell(day=day, look="work" if works else "rest", words=None if works else wording.REST)
    kind, rule = wording.KINDS[row.rule.kind], row.rule
    return Cell(day=day, look=look(rule.kind), sign=wording.SIGNS[rule.kind], anchor=row.anchor,
                words=Text(vi=f"{kind.vi}, {rule.vi}", en=f"{kind.en}, {rule.en}"))


def look(kind: DayKind) -> str:
    if kind is DayKind.CLOSURE:
        return "closure"
    if kind in OFF:
        return "off"
    return "half" if kind is DayKind.HALF_DAY else "worked"


def _weeks(working: Calendar, found: Sequence[Layer]) -> list[WeekRow]:
    """Those that count, the newest first; of two that say the same the nearest scope's."""
    of = {hours.since: layer.scope for layer in found for hours in layer.content.hours}
    ordered = sorted(working.declaration.hours, key=lambda one: one.since, reverse=True)
    return [WeekRow(hours=hours, scope=of[hours.since], inherited=of[hours.since].code != found[-1].scope.code,
                    week=wording.week(hours)) for hours in ordered]


def _days(year: int) -> Iterator[date]:
    return _between(date(year, 1, 1), date(year, 12, 31))


def _between(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1))

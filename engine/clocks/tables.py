"""Turns a calendar declaration into the sessions and the reasons of each date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.clocks.zone import day_number
from procedures.calendars.declaration import (
    OFF,
    CalendarDeclaration,
    DayKind,
    DayRule,
    Reason,
    YearRules,
)
from procedures.calendars.sessions import Session

# How far beyond the last declared year fixed holidays and weekends are worked out: a limit may run ten
# years, and may begin in a year whose notice nobody has loaded yet.
YEARS_AHEAD = 20
SATURDAY = 5


def rules_by_day(declaration: CalendarDeclaration) -> dict[int, DayRule]:
    """The rule of each date that does not follow its weekday; an agency's own rows win."""
    rules: dict[int, DayRule] = {}
    for year in range(first_year(declaration), last_year(declaration) + 1):
        declared = next((rows for rows in declaration.years if rows.year == year), None)
        if declared is None or not declared.announced:
            rules |= _by_day(_fixed(declaration, year))
        if declared is not None:
            rules |= _by_day(declared.days)
        if declared is None or not declared.announced:
            rules |= _by_day(_made_up(declaration, year, rules, declared.days if declared else ()))
    return rules | _by_day(declaration.days)


def first_year(declaration: CalendarDeclaration) -> int:
    return declaration.years[0].year


def last_year(declaration: CalendarDeclaration) -> int:
    return declaration.years[-1].year + YEARS_AHEAD


def announced_years(years: Iterable[YearRules]) -> frozenset[int]:
    return frozenset(rows.year for rows in years if rows.announced)


def sessions_by_day(
    declaration: CalendarDeclaration, rules: dict[int, DayRule]
) -> Iterator[tuple[int, tuple[Session, ...]]]:
    """Every date of the calendar in order, with its working sessions (none on a day off)."""
    day = date(first_year(declaration), 1, 1)
    end = date(last_year(declaration), 12, 31)
    while day <= end:
        number = day_number(day)
        yield number, _sessions(declaration, day, rules.get(number))
        day += timedelta(days=1)


def _sessions(declaration: CalendarDeclaration, day: date, rule: DayRule | None) -> tuple[Session, ...]:
    if rule is None:
        return _of_week(declaration, day, day.weekday())
    if rule.kind in OFF:
        return ()
    return rule.sessions or _full(declaration, day)


def _full(declaration: CalendarDeclaration, day: date) -> tuple[Session, ...]:
    """A worked day without sessions of its own: its weekday's; a Saturday or Sunday is a full day, as the longest."""
    week = [_of_week(declaration, day, weekday) for weekday in range(7)]
    if day.weekday() < SATURDAY and week[day.weekday()]:
        return week[day.weekday()]
    return max(week, key=lambda sessions: sum(session.closes - session.opens for session in sessions))


def _of_week(declaration: CalendarDeclaration, day: date, weekday: int) -> tuple[Session, ...]:
    begun = [hours for hours in declaration.hours if hours.since <= day]
    return max(begun, key=lambda hours: hours.since).sessions(weekday) if begun else ()


def _by_day(rules: Iterable[DayRule]) -> dict[int, DayRule]:
    return {day_number(day): rule for rule in rules for day in rule.dates()}


def _fixed(declaration: CalendarDeclaration, year: int) -> list[DayRule]:
    return [
        _holiday(date(year, fixed.month, fixed.day), DayKind.HOLIDAY, fixed)
        for fixed in declaration.fixed
        if fixed.since <= year
    ]


def _made_up(
    declaration: CalendarDeclaration, year: int, rules: dict[int, DayRule], declared: Iterable[DayRule]
) -> list[DayRule]:
    """A fixed holiday on a weekly rest day moves to the next working day (Labour Code art. 111.3).

    Not where the year's own rows name it: those say its day in lieu too.
    """
    named = {day for rule in declared for day in rule.dates()}
    made: dict[date, DayRule] = {}
    for fixed in declaration.fixed:
        day = date(year, fixed.month, fixed.day)
        # Not by the sessions: an agency that opens on Saturday mornings has the same rest days as all others.
        if not fixed.made_up or fixed.since > year or day.weekday() < SATURDAY or day in named:
            continue
        while day in made or not _sessions(declaration, day, rules.get(day_number(day))):
            day += timedelta(days=1)
        reason = Reason(
            vi=f"{declaration.make_up.vi} {fixed.vi}",
            en=f"{declaration.make_up.en} of {fixed.en}",
            basis=declaration.make_up.basis,
        )
        made[day] = _holiday(day, DayKind.MAKE_UP, reason)
    return list(made.values())


def _holiday(day: date, kind: DayKind, reason: Reason) -> DayRule:
    return DayRule(date=day, kind=kind, vi=reason.vi, en=reason.en, basis=reason.basis)

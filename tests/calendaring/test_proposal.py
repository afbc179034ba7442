"""The proposal for a year nobody has announced: against the years that were, and against the due dates of V9."""

from __future__ import annotations

from datetime import date

import pytest

from engine.clocks import Calendar, CountMode, due, national
from engine.clocks.limits import Limit
from procedures.calendars.declaration import DayKind
from procedures.calendars.proposal import NoLunarDates, proposed
from tests.clocks.moments import at

SHARED = national().declaration


def proposal(year: int) -> Calendar:
    return Calendar(SHARED.with_year(proposed(year, SHARED)))


def off(calendar: Calendar, year: int) -> set[date]:
    """Weekdays without work."""
    return {date.fromordinal(day) for day in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            if date.fromordinal(day).weekday() < 5 and not calendar.is_working_day(date.fromordinal(day))}


def test_the_tet_of_2027_is_five_days_and_two_in_lieu() -> None:
    rows = {(row.date, row.until): row for row in proposed(2027, SHARED).days}
    tet = rows[date(2027, 2, 5), date(2027, 2, 9)]
    lieu = rows[date(2027, 2, 10), date(2027, 2, 11)]
    assert (tet.kind, lieu.kind) == (DayKind.HOLIDAY, DayKind.MAKE_UP)
    assert lieu.basis == "Bộ luật Lao động 2019, Điều 111.3"
    assert rows[date(2027, 5, 3), None].kind is DayKind.MAKE_UP
    assert rows[date(2027, 9, 3), None].vi == "Quốc khánh (ngày liền kề)"


@pytest.mark.parametrize(("mode", "ends"), [(CountMode.DAY, "2027-02-15 17:00"), (CountMode.HOUR, "2027-02-15 14:00")])
def test_v9_holds_and_is_provisional(mode: CountMode, ends: str) -> None:
    calendar = proposal(2027)
    assert due(Limit.parse("3 working days"), mode, at("2027-02-03 14:00"), calendar) == at(ends)
    assert not calendar.announced(2027)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025, 2026])
def test_outside_tet_and_swaps_it_is_what_was_announced(year: int) -> None:
    """Which days of Tết and which Saturdays the Government decides; the rest follows from the law."""
    announced = {day for row in next(one for one in SHARED.years if one.year == year).days
                 if row.kind in (DayKind.HOLIDAY, DayKind.MAKE_UP) for day in row.dates()}
    told = {day for row in proposed(year, SHARED).days for day in row.dates()}
    assert {day for day in announced ^ told if day.month not in (1, 2)} == set()


@pytest.mark.parametrize("year", [2022, 2026])
def test_tet_from_its_eve_on_as_in_most_years(year: int) -> None:
    announced = next(one for one in SHARED.years if one.year == year)
    assert {day for day in off(Calendar(SHARED), year) if day.month == 2} == {
        day for day in off(proposal(year), year) if day.month == 2}
    assert announced.announced


def test_a_holiday_beyond_article_112_has_no_day_in_lieu() -> None:
    """24 November 2029 is a Saturday."""
    assert {row.date for row in proposed(2029, SHARED).days if row.date.month == 11} == {date(2029, 11, 24)}


def test_no_swaps_and_every_row_has_a_basis() -> None:
    rows = [row for year in range(2027, 2060) for row in proposed(year, SHARED).days]
    assert {row.kind for row in rows} == {DayKind.HOLIDAY, DayKind.MAKE_UP}
    assert all(row.basis for row in rows)


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2033, 2039])
def test_confirming_the_proposal_as_it_is_moves_no_day(year: int) -> None:
    """Days in lieu stand in the rows, so they are not worked out a second time while the year is unannounced."""
    rules = proposed(year, SHARED)
    years = [proposed(one, SHARED) for one in range(2027, year)]
    shared = SHARED
    for before in years:
        shared = shared.with_year(before)
    confirmed = rules.model_copy(update={"announced": True, "sources": ("TB thử",)})
    assert off(Calendar(shared.with_year(rules)), year) == off(Calendar(shared.with_year(confirmed)), year)


def test_beyond_the_known_lunar_dates_it_says_so() -> None:
    with pytest.raises(NoLunarDates):
        proposed(2101, SHARED)

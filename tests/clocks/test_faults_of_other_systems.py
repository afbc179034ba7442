"""Wrong due dates found in production code elsewhere; each must stay impossible here."""

from __future__ import annotations

import pytest

from engine.clocks import Calendar, Limit, due, evaluate, national
from engine.clocks.faults import OutsideCalendar
from procedures.calendars.declaration import CalendarDeclaration
from tests.clocks.moments import DAY, HOUR, at, clock, with_assumed_tet


def test_fault_1_holidays_are_not_those_of_the_current_year_only() -> None:
    """Both limits begin in one year and meet the next one's holidays (V3, V9 crossed the year or Tết)."""
    assert due(Limit.parse("7 working days"), HOUR, at("2026-12-28 15:30"), national()) == at("2027-01-07 15:30")
    assert due(Limit.parse("40 working days"), DAY, at("2026-12-21 09:00"), with_assumed_tet()) == at(
        "2027-02-23 17:00"
    )
    assert due(Limit.parse("5 working days"), DAY, at("2025-12-29 09:00"), national()) == at("2026-01-07 17:00")


@pytest.mark.parametrize(
    ("stop", "resume", "due_at"),
    [
        ("2026-11-04 10:00", "2026-11-04 14:30", "2026-11-05 10:30"),  # over lunch: 2 h 30
        ("2026-11-04 10:00", "2026-11-05 10:00", "2026-11-06 08:00"),  # one day
        ("2026-11-06 10:00", "2026-11-09 10:00", "2026-11-05 08:00"),  # stopped when already due
    ],
)
def test_fault_2_a_pause_adds_exactly_the_working_time_it_lasted(stop: str, resume: str, due_at: str) -> None:
    """Elsewhere: calendar TotalDays less one, then one working day more."""
    paused = clock("3 working days", HOUR, ("start", "2026-11-02 08:00"), ("stop", stop), ("resume", resume))
    assert evaluate(paused, national()).due == at(due_at)


def test_fault_2_a_pause_over_a_weekend_does_not_add_the_weekend() -> None:
    paused = clock(
        "5 working days",
        HOUR,
        ("start", "2026-11-05 08:00"),
        ("stop", "2026-11-06 16:00"),
        ("resume", "2026-11-09 08:00"),
    )
    # Without the pause Thu 12 at 08:00; two working hours were spent waiting.
    assert evaluate(paused, national()).due == at("2026-11-12 10:00")


@pytest.mark.parametrize(
    ("received", "due_at"),
    [
        ("2026-11-02 11:29", "2026-11-02 13:31"),
        ("2026-11-02 11:30", "2026-11-02 13:32"),
        ("2026-11-02 12:00", "2026-11-02 13:32"),
        ("2026-11-02 13:29", "2026-11-02 13:32"),
        ("2026-11-02 13:30", "2026-11-02 13:32"),
        ("2026-11-02 16:59", "2026-11-03 07:01"),
    ],
)
def test_fault_3_the_lunch_break_is_no_working_time(received: str, due_at: str) -> None:
    taken = national().valid_receipt(at(received))
    assert national().add(taken, 2) == at(due_at)


def test_fault_4_what_cannot_be_computed_has_no_default_date() -> None:
    """Elsewhere the exception was swallowed and some date printed."""
    with pytest.raises(OutsideCalendar):
        due(Limit.parse("3 working days"), DAY, at("2019-11-20 09:00"), national())
    only_2026 = national().declaration.model_dump()
    only_2026["years"] = [year for year in only_2026["years"] if year["year"] == 2026]
    with pytest.raises(OutsideCalendar):
        Calendar(CalendarDeclaration.model_validate(only_2026)).valid_receipt(at("2025-12-31 22:00"))

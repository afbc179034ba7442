"""When people are told: 50 %, 80 %, one working day before, due, daily after."""

from __future__ import annotations

import pytest

from engine.clocks import Limit, MarkKind, national, warnings
from engine.clocks.alarms import next_overdue, reminders
from tests.clocks.moments import DAY, HOUR, at, clock


def told(found: object) -> list[tuple[str, str]]:
    assert isinstance(found, tuple)
    return [(alarm.kind.value, f"{alarm.at:%d/%m %H:%M}") for alarm in found]


def test_a_limit_in_hours() -> None:
    started = clock("5 working days", HOUR, ("start", "2026-11-02 07:00"))
    assert told(warnings(started, national())) == [
        ("warn_50", "04/11 11:00"),
        ("warn_80", "05/11 17:00"),
        ("one_working_day_before", "06/11 07:00"),
        ("due", "06/11 17:00"),
    ]


def test_a_limit_in_days_leaves_a_day_for_the_apology() -> None:
    """From Friday 08:00 to Thursday 17:00 are 31 working hours, half of them 15 h 30 min, 80 % 24 h 48 min."""
    started = clock("3 working days", DAY, ("start", "2026-11-20 08:00"))
    assert told(warnings(started, national())) == [
        ("one_working_day_before", "25/11 07:00"),
        ("warn_50", "25/11 07:30"),
        ("warn_80", "26/11 08:48"),
        ("due", "26/11 17:00"),
    ]


@pytest.mark.parametrize("limit", ["4 working hours", "8 working hours"])
def test_a_short_limit_has_no_day_before(limit: str) -> None:
    started = clock(limit, HOUR, ("start", "2026-11-02 08:00"))
    assert [kind for kind, _ in told(warnings(started, national()))] == ["warn_50", "warn_80", "due"]


def test_one_working_day_has_no_day_before() -> None:
    started = clock("1 working day", DAY, ("start", "2026-11-02 08:00"))
    assert [kind for kind, _ in told(warnings(started, national()))] == ["warn_50", "warn_80", "due"]


def test_one_working_hour_rings_at_30_48_and_60_minutes() -> None:
    started = clock("1 working hour", HOUR, ("start", "2026-11-02 11:00"))
    assert told(warnings(started, national())) == [
        ("warn_50", "02/11 11:30"),
        ("warn_80", "02/11 13:48"),
        ("due", "02/11 14:00"),
    ]


@pytest.mark.parametrize(
    ("limit", "told_by"),
    [
        # half of two days, and one day before, are the same minute
        ("2 working days", [("one_working_day_before", "03/11 09:00"), ("warn_80", "03/11 15:48"),
                            ("due", "04/11 09:00")]),
        # so are 80 % of five days
        ("5 working days", [("warn_50", "04/11 15:00"), ("one_working_day_before", "06/11 09:00"),
                            ("due", "09/11 09:00")]),
    ],
)  # fmt: skip
def test_of_two_alarms_on_one_minute_the_weightier_rings(limit: str, told_by: list[tuple[str, str]]) -> None:
    """Found here: the alarm of the day before was never reached, and with it the letter of apology."""
    started = clock(limit, HOUR, ("start", "2026-11-02 09:00"))
    assert told(warnings(started, national())) == told_by


def test_a_reminder_on_the_minute_of_the_due_date_is_the_due_date() -> None:
    started = clock("1 working day", DAY, ("start", "2026-11-02 09:00"))
    leads = [Limit.parse("4 working hours"), Limit.parse("4 working hours"), Limit.parse("30 days")]
    assert [kind for kind, _ in told(reminders(started, national(), leads))] == ["remind", "remind", "due"]


def test_the_first_days_of_the_calendar_have_alarms_too() -> None:
    for mode in (DAY, HOUR):
        started = clock("4 working hours", mode, ("start", "2021-01-04 07:00"))
        assert told(warnings(started, national()))[-1] == ("due", "04/01 11:00")


def test_a_stopped_or_ended_clock_is_silent() -> None:
    stopped = clock("5 working days", DAY, ("start", "2026-11-02 07:00"), ("stop", "2026-11-03 07:00"))
    ended = clock("5 working days", DAY, ("start", "2026-11-02 07:00"), ("end", "2026-11-03 07:00"))
    for silent in (stopped, ended, clock("5 working days", DAY)):
        assert warnings(silent, national()) == ()
        assert next_overdue(silent, national(), at("2027-01-04 07:00")) is None


def test_a_resumed_clock_warns_by_all_the_time_it_ran() -> None:
    resumed = clock(
        "5 working days",
        HOUR,
        ("start", "2026-11-02 07:00"),
        ("stop", "2026-11-04 17:00"),
        ("resume", "2026-11-16 07:00"),
    )
    assert told(warnings(resumed, national())) == [
        ("warn_50", "04/11 11:00"),
        ("warn_80", "16/11 17:00"),
        ("one_working_day_before", "17/11 07:00"),
        ("due", "17/11 17:00"),
    ]


def test_a_warning_that_passed_before_the_stop_keeps_its_instant() -> None:
    resumed = clock(
        "5 working days",
        HOUR,
        ("start", "2026-11-02 07:00"),
        ("stop", "2026-11-06 08:00"),
        ("resume", "2026-11-16 07:00"),
    )
    assert told(warnings(resumed, national()))[1] == ("warn_80", "05/11 17:00")


def test_a_stop_after_the_due_date_does_not_move_the_warnings() -> None:
    """Found by machine: the overdue time before the stop was taken for part of the limit."""
    overdue = clock(
        "5 working days",
        HOUR,
        ("start", "2026-11-02 07:00"),
        ("stop", "2026-11-11 17:00"),
        ("resume", "2026-11-16 07:00"),
    )
    assert told(warnings(overdue, national())) == [
        ("warn_50", "04/11 11:00"),
        ("warn_80", "05/11 17:00"),
        ("one_working_day_before", "06/11 07:00"),
        ("due", "06/11 17:00"),
    ]


def test_an_extension_moves_the_warnings() -> None:
    extended = clock("5 working days", DAY, ("start", "2026-11-02 07:00")).marked(
        MarkKind.EXTEND, at("2026-11-05 09:00"), "", at("2026-11-13 17:00")
    )
    assert told(warnings(extended, national())) == [
        ("warn_50", "06/11 17:00"),
        ("warn_80", "11/11 17:00"),
        ("one_working_day_before", "12/11 07:00"),
        ("due", "13/11 17:00"),
    ]


@pytest.mark.parametrize(
    ("after", "told_at"),
    [
        ("2026-11-02 00:00", "2026-11-23 07:00"),
        ("2026-11-20 17:00", "2026-11-23 07:00"),
        ("2026-11-23 06:59", "2026-11-23 07:00"),
        ("2026-11-23 07:00", "2026-11-25 07:00"),  # the 24th is off
        ("2026-11-25 09:00", "2026-11-26 07:00"),
    ],
)
def test_an_overdue_clock_rings_at_every_opening(after: str, told_at: str) -> None:
    started = clock("3 working days", DAY, ("start", "2026-11-17 08:00"))
    found = next_overdue(started, national(), at(after))
    assert found is not None
    assert found.at == at(told_at)

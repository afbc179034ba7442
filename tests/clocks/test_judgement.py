"""Early, on time or late: the national definition and our own, told apart."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.clocks import Clock, Limit, MarkKind, evaluate, national
from engine.clocks.booking import Life, Wait
from engine.clocks.judgement import Ground, Judgement, Verdict, judge, judge_undated, measure
from tests.clocks.moments import DAY, HOUR, at, clock

START = ("start", "2026-11-02 08:00")
CALENDAR = national()


def judged(found: Clock, ended: str, supplements: int = 0) -> Judgement:
    return judge(found, evaluate(found, CALENDAR).first_due, at(ended), supplements, CALENDAR)


def extended(until: str) -> Clock:
    """Due Thursday 5 November, put off."""
    return clock("3 working days", DAY, START).marked(MarkKind.EXTEND, at("2026-11-04 08:00"), "extend", at(until))


@pytest.mark.parametrize(("ended", "local", "nationally"), [
    ("2026-11-04 16:59", Verdict.EARLY, Verdict.ON_TIME),
    ("2026-11-05 07:00", Verdict.ON_TIME, Verdict.ON_TIME),
    ("2026-11-05 17:00", Verdict.ON_TIME, Verdict.ON_TIME),
    ("2026-11-06 07:00", Verdict.LATE, Verdict.LATE),
])
def test_counted_in_days_the_last_day_is_on_time(ended: str, local: Verdict, nationally: Verdict) -> None:
    found = judged(clock("3 working days", DAY, START), ended)
    assert (found.local, found.national) == (local, nationally)
    assert found.due_original == at("2026-11-05 17:00")


def test_the_evening_of_the_last_day_is_on_time_here_and_late_by_the_hour_printed_on_the_slip() -> None:
    found = judged(clock("3 working days", DAY, START), "2026-11-05 17:30")
    assert (found.local, found.national, found.late_original) == (Verdict.ON_TIME, Verdict.LATE, 0)


@pytest.mark.parametrize(("ended", "local", "late"), [
    ("2026-11-05 07:59", Verdict.EARLY, 0), ("2026-11-05 08:00:40", Verdict.ON_TIME, 0),
    ("2026-11-05 08:01", Verdict.LATE, 1), ("2026-11-06 08:00", Verdict.LATE, 480),
])
def test_counted_in_hours_the_minute_decides(ended: str, local: Verdict, late: int) -> None:
    found = judged(clock("3 working days", HOUR, START), ended)
    assert (found.local, found.late_original) == (local, late)
    assert (found.national is Verdict.LATE) == (late > 0)
    assert found.allowed == 3 * 480


def test_a_second_request_for_a_supplement_counts_late_nationally_only() -> None:
    ran = clock("3 working days", DAY, START)
    once, twice = judged(ran, "2026-11-04 10:00", 1), judged(ran, "2026-11-04 10:00", 2)
    assert (once.national, once.local, once.grounds) == (Verdict.ON_TIME, Verdict.EARLY, ())
    assert (twice.national, twice.local, twice.grounds) == (Verdict.LATE, Verdict.EARLY, (Ground.SUPPLEMENTS,))


def test_the_time_of_the_citizen_is_subtracted() -> None:
    """Three days from Monday; asked on Tuesday, complete a week later: two days are left."""
    ran = clock("3 working days", DAY, START, ("stop", "2026-11-03 10:00"), ("resume", "2026-11-10 10:00"))
    found = judged(ran, "2026-11-11 09:00", 1)
    assert found.due_judged is not None
    assert found.due_original == at("2026-11-05 17:00") < at("2026-11-11 09:00") < found.due_judged
    assert (found.national, found.local) == (Verdict.ON_TIME, Verdict.EARLY)


def test_an_extension_is_late_against_the_promise_and_on_time_against_the_new_date() -> None:
    found = judged(extended("2026-11-10 17:00"), "2026-11-09 10:00")
    assert found.due_original == found.due_judged == at("2026-11-05 17:00")
    assert found.due_new == at("2026-11-10 17:00")
    # Friday's eight hours and 07:00 to 10:00 on Monday
    assert (found.late_original, found.late_new) == (480 + 180, 0)
    assert (found.local, found.national, found.grounds) == (Verdict.LATE, Verdict.LATE, (Ground.EXTENDED,))


def test_an_extension_that_was_not_needed_is_not_late() -> None:
    found = judged(extended("2026-11-10 17:00"), "2026-11-05 10:00")
    assert (found.extended, found.local, found.national, found.grounds) == (
        True, Verdict.ON_TIME, Verdict.ON_TIME, ())


def test_who_misses_the_new_date_too_is_late_against_both() -> None:
    found = judged(extended("2026-11-10 17:00"), "2026-11-11 08:00")
    assert (found.late_new, found.grounds) == (60, (Ground.AFTER_DUE,))
    assert found.late_original > found.late_new


def test_withdrawn_while_waiting_is_judged_by_the_moment_of_the_request() -> None:
    ran = clock("3 working days", DAY, START, ("stop", "2026-11-03 09:00"), ("end", "2026-12-01 09:00"))
    found = judged(ran, "2026-12-01 09:00", 1)
    assert (found.national, found.local, found.late_original) == (Verdict.ON_TIME, Verdict.EARLY, 0)


def test_a_request_after_the_due_date_does_not_excuse_it() -> None:
    ran = clock("1 working day", DAY, START, ("stop", "2026-11-05 08:00"))
    found = judged(ran, "2026-11-20 08:00", 1)
    # Wednesday's eight hours and one on Thursday; the wait after it is the citizen's
    assert (found.national, found.late_original) == (Verdict.LATE, 480 + 60)
    resumed = judged(ran.marked(MarkKind.RESUME, at("2026-11-19 07:00")), "2026-11-19 09:00", 1)
    assert resumed.late_original == 480 + 60 + 120


def test_a_limit_begun_anew_is_judged_by_its_new_date() -> None:
    ran = clock("3 working days", DAY, START, ("stop", "2026-11-04 10:00"), ("restart", "2026-11-10 09:00"))
    found = judged(ran, "2026-11-13 10:00", 1)
    assert (found.due_original, found.due_judged) == (at("2026-11-05 17:00"), at("2026-11-13 17:00"))
    assert found.local is Verdict.ON_TIME


def life(ended: str, *waits: tuple[str, str | None]) -> Life:
    return Life(received=at("2026-11-02 08:00"), ended=at(ended), waits=tuple(
        Wait(begins=at(begins), ends=None if ends is None else at(ends), cause="request_supplement")
        for begins, ends in waits))


def undated(found: Life, longest: str | None, supplements: int = 0) -> Judgement:
    return judge_undated(found, Limit.parse(longest) if longest else None, DAY, supplements, CALENDAR)


def test_without_a_due_date_the_longest_limit_of_the_procedure_decides_nationally() -> None:
    waited = ("2026-11-03 08:00", "2026-11-10 08:00")
    assert undated(life("2026-11-05 10:00"), "3 working days").national is Verdict.ON_TIME
    assert undated(life("2026-11-06 10:00"), "3 working days").national is Verdict.LATE
    assert undated(life("2026-11-12 10:00", waited), "3 working days", 1).national is Verdict.ON_TIME
    found = undated(life("2026-11-16 10:00", waited), "3 working days", 1)
    assert (found.national, found.local, found.due_original) == (Verdict.LATE, Verdict.NOT_JUDGED, None)


def test_without_any_limit_nothing_is_judged() -> None:
    found = undated(life("2027-02-05 10:00", ("2026-11-03 08:00", None)), None, 2)
    assert (found.national, found.local, found.grounds, found.allowed) == (
        Verdict.NOT_JUDGED, Verdict.NOT_JUDGED, (), None)
    assert found.worked == 480


def test_a_step_is_measured_by_its_own_clock() -> None:
    step = clock("4 working hours", HOUR, START)
    found = measure(step, at("2026-11-02 15:00"), CALENDAR)
    ended: datetime = at("2026-11-02 14:00")
    assert (found.due, found.verdict, found.late, found.worked, found.allowed) == (ended, Verdict.LATE, 60, 300, 240)

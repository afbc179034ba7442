"""Stops, resumptions, restarts, extensions and the end of a clock."""

from __future__ import annotations

import json

import pytest

from engine.clocks import Clock, Limit, Mark, MarkKind, evaluate, national
from engine.clocks.faults import BadMark, NaiveInstant
from engine.clocks.marks import ClockState
from tests.clocks.moments import DAY, HOUR, at, clock

START = ("start", "2026-11-02 08:00")


def test_a_clock_without_marks_has_not_started() -> None:
    found = evaluate(clock("3 working days", DAY), national())
    assert (found.state, found.due, found.first_due) == (ClockState.NOT_STARTED, None, None)


def test_a_running_clock_knows_what_is_spent() -> None:
    found = evaluate(clock("3 working days", HOUR, START), national(), at("2026-11-03 14:30"))
    assert (found.elapsed, found.remaining) == (7 * 60 + 330, 24 * 60 - 7 * 60 - 330)
    assert found.spent == pytest.approx(12.5 / 24)
    assert not found.late


def test_an_overdue_clock_is_late_and_counts_below_zero() -> None:
    found = evaluate(clock("1 working day", HOUR, START), national(), at("2026-11-03 09:00"))
    assert (found.late, found.remaining) == (True, -60)
    assert found.spent > 1


def test_the_minute_of_the_due_date_is_on_time() -> None:
    started = clock("1 working day", DAY, START)
    assert not evaluate(started, national(), at("2026-11-03 17:00:59")).late
    assert evaluate(started, national(), at("2026-11-03 17:01")).late


def test_an_ended_clock_is_judged_by_its_end() -> None:
    ended = clock("1 working day", DAY, START, ("end", "2026-11-03 16:00"))
    found = evaluate(ended, national(), at("2026-12-01 08:00"))
    assert (found.state, found.due, found.late) == (ClockState.ENDED, at("2026-11-03 17:00"), False)
    late = clock("1 working day", DAY, START, ("end", "2026-11-04 08:00"))
    assert evaluate(late, national()).late


def test_a_dossier_withdrawn_while_waiting_is_not_late() -> None:
    ended = clock("1 working day", DAY, START, ("stop", "2026-11-02 09:00"), ("end", "2026-11-20 09:00"))
    found = evaluate(ended, national())
    assert (found.due, found.due_if_resumed, found.late, found.elapsed) == (None, None, False, 60)


def test_a_stop_after_the_due_date_does_not_excuse_it() -> None:
    stopped = clock("1 working day", DAY, START, ("stop", "2026-11-05 08:00"))
    found = evaluate(stopped, national(), at("2026-11-09 08:00"))
    assert (found.due, found.late, found.remaining) == (at("2026-11-03 17:00"), True, -8 * 60 - 60)
    resumed = stopped.marked(MarkKind.RESUME, at("2026-11-09 08:00"))
    assert evaluate(resumed, national()).due == at("2026-11-03 17:00")


def test_a_day_counts_when_the_clock_ran_at_its_close() -> None:
    at_close = clock("2 working days", DAY, START, ("stop", "2026-11-03 17:00"), ("resume", "2026-11-09 08:00"))
    before_close = clock("2 working days", DAY, START, ("stop", "2026-11-03 16:59"), ("resume", "2026-11-09 08:00"))
    assert evaluate(at_close, national()).due == at("2026-11-10 17:00")
    assert evaluate(before_close, national()).due == at("2026-11-11 17:00")


def test_a_supplement_handed_in_after_hours_resumes_the_next_morning() -> None:
    resumed = clock("1 working day", HOUR, START, ("stop", "2026-11-02 10:00"), ("resume", "2026-11-06 19:00"))
    assert evaluate(resumed, national()).due == at("2026-11-09 15:00")


def test_a_stop_before_the_valid_receipt_loses_nothing() -> None:
    weekend = ("start", "2026-11-07 09:00"), ("stop", "2026-11-07 10:00"), ("resume", "2026-11-11 07:00")
    assert evaluate(clock("1 working day", HOUR, *weekend), national()).due == at("2026-11-11 17:00")
    assert evaluate(clock("1 working day", DAY, *weekend), national()).due == at("2026-11-12 17:00")


def test_calendar_days_stop_too() -> None:
    stopped = clock("12 days", DAY, START, ("stop", "2026-11-06 10:00"), ("resume", "2026-11-16 10:00"))
    # Tue 3, Wed 4, Thu 5 counted; nine more after Mon 16.
    assert evaluate(stopped, national()).due == at("2026-11-25 17:00")


def test_months_stop_too() -> None:
    stopped = clock("1 month", DAY, START, ("stop", "2026-11-03 10:00"), ("resume", "2026-11-04 10:00"))
    # Until 2 December is thirty days, none of which had passed.
    assert evaluate(stopped, national()).due == at("2026-12-04 17:00")


def test_months_that_have_begun_are_the_days_they_then_had() -> None:
    """Found by machine: a minute later the three months begin in February, and are one day shorter."""
    parts, stop, resume = ["34 working hours", "3 months"], ("stop", "2021-01-08 09:00"), ("resume", "2021-02-17 16:00")
    begun = clock(parts, DAY, ("start", "2021-01-04 07:00"), stop, resume)
    not_yet = clock(parts, DAY, ("start", "2021-01-04 07:01"), stop, resume)
    assert evaluate(begun, national()).due == at("2021-05-18 17:00")  # 90 days, as from 8 January
    assert evaluate(not_yet, national()).due == at("2021-05-17 17:00")  # three months from 17 February


def test_a_stop_in_the_second_part_keeps_the_first() -> None:
    parts = ["2 working days", "5 days"]
    stopped = clock(parts, DAY, START, ("stop", "2026-11-06 10:00"), ("resume", "2026-11-09 08:00"))
    # Part one ends Wed 4; Thu 5 counted; Mon 9 excluded; Fri 13 is the fifth day.
    assert evaluate(stopped, national()).due == at("2026-11-13 17:00")


def test_a_stop_while_the_last_day_moves_leaves_a_day() -> None:
    """Four days from Tuesday 3 November end on Saturday 7, so on Monday 9; stopped on the Sunday."""
    stopped = clock("4 days", DAY, ("start", "2026-11-03 08:00"), ("stop", "2026-11-08 09:00"))
    resumed = stopped.marked(MarkKind.RESUME, at("2026-11-11 08:00"))
    assert evaluate(resumed, national()).due == at("2026-11-12 17:00")


@pytest.mark.parametrize(
    ("mode", "until", "due_at"),
    [
        (DAY, "2026-11-20 10:00", "2026-11-20 17:00"),
        (HOUR, "2026-11-20 10:00", "2026-11-20 10:00"),
        (HOUR, "2026-11-20 20:00", "2026-11-20 17:00"),
        (HOUR, "2026-11-21 10:00", "2026-11-23 17:00"),
    ],
)
def test_an_extension_gives_the_new_due_date(mode: object, until: str, due_at: str) -> None:
    started = clock("3 working days", DAY if mode is DAY else HOUR, START)
    found = evaluate(started.marked(MarkKind.EXTEND, at("2026-11-04 10:00"), "mưa bão", at(until)), national())
    assert found.due == at(due_at)
    assert found.first_due == evaluate(started, national()).due


def test_an_extended_clock_stops_and_resumes_with_its_new_remainder() -> None:
    extended = clock("1 working day", HOUR, START).marked(
        MarkKind.EXTEND, at("2026-11-02 09:00"), "chờ giám định", at("2026-11-04 09:00")
    )
    stopped = extended.marked(MarkKind.STOP, at("2026-11-03 09:00"))
    assert evaluate(stopped, national()).remaining == 8 * 60
    assert evaluate(stopped.marked(MarkKind.RESUME, at("2026-11-10 09:00")), national()).due == at("2026-11-11 09:00")


def test_an_extension_counted_in_days_resumes_with_its_days() -> None:
    extended = clock("1 working day", DAY, START).marked(
        MarkKind.EXTEND, at("2026-11-02 09:00"), "chờ giám định", at("2026-11-06 09:00")
    )
    resumed = extended.marked(MarkKind.STOP, at("2026-11-04 09:00")).marked(MarkKind.RESUME, at("2026-11-10 09:00"))
    # Wed 4, Thu 5 and Fri 6 were left.
    assert evaluate(resumed, national()).due == at("2026-11-13 17:00")


def test_a_restart_forgets_an_extension() -> None:
    extended = clock("1 working day", DAY, START).marked(
        MarkKind.EXTEND, at("2026-11-02 09:00"), "chờ giám định", at("2026-11-20 09:00")
    )
    anew = evaluate(extended.marked(MarkKind.RESTART, at("2026-11-05 08:00")), national())
    assert (anew.due, anew.first_due) == (at("2026-11-06 17:00"), at("2026-11-03 17:00"))


@pytest.mark.parametrize(
    "marks",
    [
        [("stop", "2026-11-02 08:00")],
        [START, START],
        [START, ("resume", "2026-11-03 08:00")],
        [START, ("stop", "2026-11-03 08:00"), ("stop", "2026-11-04 08:00")],
        [START, ("end", "2026-11-03 08:00"), ("stop", "2026-11-04 08:00")],
        [START, ("end", "2026-11-03 08:00"), ("end", "2026-11-04 08:00")],
        [START, ("stop", "2026-11-01 08:00")],
        [START, ("stop", "2026-11-04 08:00"), ("resume", "2026-11-03 08:00")],
    ],
    ids=lambda marks: "-".join(kind for kind, _ in marks),
)
def test_a_record_that_contradicts_itself_is_refused(marks: list[tuple[str, str]]) -> None:
    with pytest.raises(BadMark) as refused:
        clock("3 working days", DAY, *marks)
    assert refused.value.message("vi")


@pytest.mark.parametrize("until", ["2026-11-04 10:00", "2026-11-01 10:00"])
def test_an_extension_names_a_date_that_is_still_to_come(until: str) -> None:
    with pytest.raises(BadMark):
        clock("3 working days", DAY, START).marked(MarkKind.EXTEND, at("2026-11-04 10:00"), "", at(until))


@pytest.mark.parametrize("until", ["2026-11-04 15:00", "2026-11-05 17:00"])
def test_an_extension_that_a_later_calendar_overtook_takes_nothing_away(until: str) -> None:
    """The act refuses such a date; a closure declared afterwards moves the limit beyond one that was later."""
    extended = clock("3 working days", DAY, START).marked(MarkKind.EXTEND, at("2026-11-04 10:00"), "", at(until))

    assert evaluate(extended, national()).due == at("2026-11-05 17:00")


def test_a_stopped_clock_is_not_extended() -> None:
    stopped = clock("3 working days", DAY, START, ("stop", "2026-11-03 08:00"))
    with pytest.raises(BadMark):
        stopped.marked(MarkKind.EXTEND, at("2026-11-04 10:00"), "", at("2026-11-20 10:00"))


def test_only_an_extension_has_a_new_due_date() -> None:
    with pytest.raises(BadMark):
        Mark(kind=MarkKind.EXTEND, at=at("2026-11-04 10:00"))
    with pytest.raises(BadMark):
        Mark(kind=MarkKind.STOP, at=at("2026-11-04 10:00"), until=at("2026-11-05 10:00"))


def test_a_naive_mark_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        Mark(kind=MarkKind.START, at=at("2026-11-04 10:00").replace(tzinfo=None))


def test_marks_survive_the_database() -> None:
    kept = clock("3 working days", DAY, START).marked(
        MarkKind.EXTEND, at("2026-11-04 10:00"), "mưa bão", at("2026-11-20 10:00")
    )
    stored = json.loads(json.dumps(kept.to_json()))
    again = Clock.from_json(kept.limit.written(), kept.mode, stored)
    assert again == kept
    assert again.to_json() == kept.to_json()
    assert stored[0] == {"kind": "start", "at": "2026-11-02T01:00:00+00:00", "reason": "a reason"}


@pytest.mark.parametrize(
    "mark",
    [{}, {"kind": "start"}, {"kind": "dance", "at": "2026-11-02T01:00:00+00:00"}, {"kind": "start", "at": "then"}],
)
def test_an_unreadable_mark_is_refused(mark: dict[str, object]) -> None:
    with pytest.raises(BadMark):
        Clock.from_json("3 working days", "DAY", [mark])


def test_an_unknown_way_of_counting_is_refused() -> None:
    with pytest.raises(BadMark):
        Clock.from_json("3 working days", "WEEK", [])


def test_a_clock_begins_where_it_is_started() -> None:
    started = Clock.started(Limit.parse("3 working days"), DAY, at("2026-11-02 05:00"), "tiếp nhận")
    assert evaluate(started, national()).started == at("2026-11-02 07:00")

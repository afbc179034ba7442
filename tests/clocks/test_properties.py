"""What holds for every instant, limit and record, searched by machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clocks import Clock, CountMode, Limit, Mark, MarkKind, due, evaluate, explain, national, warnings
from engine.clocks.course import Measure
from engine.clocks.ledger import Line, LineKind
from engine.clocks.limits import Part, Unit
from tests.clocks.moments import DAY, HOUR

FIRST = datetime(2021, 1, 4, tzinfo=UTC)
MINUTES = int((datetime(2029, 1, 1, tzinfo=UTC) - FIRST).total_seconds() // 60)

instants = st.integers(0, MINUTES).map(lambda minutes: FIRST + timedelta(minutes=minutes))
modes = st.sampled_from(CountMode)
working_parts = st.one_of(
    st.builds(Part, amount=st.integers(1, 40), unit=st.just(Unit.WORKING_DAY)),
    st.builds(Part, amount=st.integers(1, 100), unit=st.just(Unit.WORKING_HOUR)),
)
parts = st.one_of(
    working_parts,
    st.builds(Part, amount=st.integers(1, 60), unit=st.just(Unit.DAY)),
    st.builds(Part, amount=st.integers(1, 6), unit=st.just(Unit.MONTH)),
)
limits = st.lists(parts, min_size=1, max_size=3).map(lambda found: Limit(parts=tuple(found)))
gaps = st.lists(st.integers(0, 20_000), min_size=0, max_size=6)
quickly = settings(max_examples=250, deadline=None)


def recorded(limit: Limit, mode: CountMode, start: datetime, waits: list[int], anew: bool = False) -> Clock:
    """A clock stopped and set going again by turns, `waits` minutes apart."""
    clock, when = Clock.started(limit, mode, start), start
    turns = (MarkKind.STOP, MarkKind.RESTART if anew else MarkKind.RESUME)
    for number, wait in enumerate(waits):
        when += timedelta(minutes=wait)
        clock = clock.marked(turns[number % 2], when)
    return clock


@quickly
@given(instants, st.integers(1, 100_000))
def test_add_and_between_are_inverse(start: datetime, minutes: int) -> None:
    calendar = national()
    assert calendar.between(start, calendar.add(start, minutes)) == minutes
    later = calendar.add(start, minutes)
    assert calendar.between(calendar.add(later, -minutes), later) == minutes


@quickly
@given(instants, instants, instants)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    calendar = national()
    assert calendar.between(one, two) + calendar.between(two, three) == calendar.between(one, three)
    assert calendar.between(one, two) == -calendar.between(two, one)


@quickly
@given(instants)
def test_a_valid_receipt_is_within_a_session_and_costs_no_time(instant: datetime) -> None:
    calendar = national()
    taken = calendar.valid_receipt(instant)
    assert any(opens <= taken <= closes for opens, closes in calendar.sessions(taken.date()))
    assert calendar.between(instant, taken) == 0
    assert calendar.valid_receipt(taken) == taken


@quickly
@given(limits, modes, instants, instants)
def test_who_comes_later_is_due_no_earlier(limit: Limit, mode: CountMode, one: datetime, two: datetime) -> None:
    earlier, later = sorted((one, two))
    assert due(limit, mode, earlier, national()) <= due(limit, mode, later, national())


@quickly
@given(limits, instants)
def test_a_limit_counted_in_days_ends_with_an_office_day(limit: Limit, start: datetime) -> None:
    if all(part.unit is not Unit.WORKING_HOUR for part in limit.parts):
        ends = due(limit, DAY, start, national())
        assert ends == national().close_of(ends.date())
        assert national().is_working_day(ends.date())


@quickly
@given(limits, modes, instants, gaps)
def test_stops_never_bring_a_due_date_forward(limit: Limit, mode: CountMode, start: datetime, waits: list[int]) -> None:
    whole = waits[: len(waits) // 2 * 2]
    found = evaluate(recorded(limit, mode, start, whole), national())
    assert found.due is not None
    assert found.first_due == due(limit, mode, start, national())
    assert found.due >= found.first_due


@quickly
@given(limits, modes, instants, st.integers(0, 40_000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_a_longer_wait_is_due_no_earlier(
    limit: Limit, mode: CountMode, start: datetime, ran: int, wait: int, more: int
) -> None:
    short = evaluate(recorded(limit, mode, start, [ran, wait]), national()).due
    longer = evaluate(recorded(limit, mode, start, [ran, wait + more]), national()).due
    assert short is not None
    assert longer is not None
    assert short <= longer


@quickly
@given(working_parts, instants, gaps)
def test_counted_in_hours_a_due_date_leaves_exactly_the_limit_to_work(
    part: Part, start: datetime, waits: list[int]
) -> None:
    """Working time while running, up to the due date, is the limit: no more, no less."""
    clock = recorded(Limit(parts=(part,)), HOUR, start, waits[: len(waits) // 2 * 2])
    found = evaluate(clock, national(), evaluate(clock, national()).due)
    assert found.due is not None
    if clock.marks[-1].at <= found.due:
        hours = 8 if part.unit is Unit.WORKING_DAY else 1
        assert (found.elapsed, found.remaining) == (part.amount * hours * 60, 0)


@quickly
@given(limits, modes, instants, gaps, st.booleans())
def test_the_sum_of_the_explanation_is_the_due_date(
    limit: Limit, mode: CountMode, start: datetime, waits: list[int], anew: bool
) -> None:
    clock = recorded(limit, mode, start, waits[: len(waits) // 2 * 2], anew)
    found = evaluate(clock, national())
    lines = since_anew(explain(clock, national()))
    assert found.due is not None
    assert lines[-1].kind is LineKind.DUE
    assert f"{found.due:%d/%m/%Y}" in lines[-1].vi
    by_measure: dict[Measure, int] = {}
    for line in lines:
        if line.measure is not None:
            by_measure[line.measure] = by_measure.get(line.measure, 0) + line.amount
    assert by_measure == expected(limit, mode, by_measure.get(Measure.DAYS, 0))
    days = [line for line in lines if line.day is not None]
    assert days[-1].day == found.due.date()


def since_anew(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    begun = [number for number, line in enumerate(lines) if "from the" in line.en or line.en.startswith("Begins anew")]
    return lines[begun[-1] :] if begun else lines


def expected(limit: Limit, mode: CountMode, days: int) -> dict[Measure, int]:
    """What each unit of a limit adds up to; months are as many days as they turn out to have."""
    wanted: dict[Measure, int] = {}
    least, most = 0, 0
    for part in limit.parts:
        if part.unit is Unit.WORKING_DAY and mode is DAY:
            measure, amount = Measure.WORKING_DAYS, part.amount
        elif part.unit in (Unit.WORKING_DAY, Unit.WORKING_HOUR):
            measure, amount = Measure.MINUTES, part.amount * (480 if part.unit is Unit.WORKING_DAY else 60)
        else:
            a_month = part.unit is Unit.MONTH
            least += part.amount * (28 if a_month else 1)
            most += part.amount * (31 if a_month else 1)
            continue
        wanted[measure] = wanted.get(measure, 0) + amount
    if most:
        assert least <= days <= most
        wanted[Measure.DAYS] = days
    return wanted


@quickly
@given(limits, modes, instants, gaps)
def test_alarms_ring_in_order_and_the_last_is_the_due_date(
    limit: Limit, mode: CountMode, start: datetime, waits: list[int]
) -> None:
    clock = recorded(limit, mode, start, waits[: len(waits) // 2 * 2])
    found = warnings(clock, national())
    assert [alarm.at for alarm in found] == sorted(alarm.at for alarm in found)
    assert found[-1].at == evaluate(clock, national()).due


@quickly
@given(limits, modes, instants, gaps)
def test_marks_survive_being_stored(limit: Limit, mode: CountMode, start: datetime, waits: list[int]) -> None:
    clock = recorded(limit, mode, start, waits)
    again = Clock.from_json(limit.written(), mode.value, clock.to_json())
    assert again == clock
    assert [Mark.from_json(mark.to_json()) for mark in clock.marks] == list(clock.marks)

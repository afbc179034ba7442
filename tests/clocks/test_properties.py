"""What holds for every instant, limit and record, searched by machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.clocks import Calendar, Clock, CountMode, Limit, Mark, MarkKind, due, evaluate, explain, national, warnings
from engine.clocks.calendar import effective
from engine.clocks.course import Measure
from engine.clocks.differences import Change, differences
from engine.clocks.ledger import Line, LineKind
from engine.clocks.limits import Part, Unit
from engine.clocks.wording import amount
from procedures.calendars.declaration import DayKind, DayRule, LocalRules
from tests.clocks.moments import DAY, HOUR, with_assumed_tet

SHARED = national().declaration
WEEK = ["mon", "tue", "wed", "thu", "fri"]


def row(day: str, kind: str, until: str | None = None, *sessions: str) -> dict[str, object]:
    return {"date": day, "until": until, "kind": kind, "sessions": list(sessions), "vi": "Thử", "en": "Trial",
            "basis": "Quyết định thử"}  # fmt: skip


def rules(days: list[dict[str, object]], *week: dict[str, object]) -> LocalRules:
    hours = [{"since": "2021-01-01", "basis": "Quyết định thử", "week": list(week)}] if week else []
    return LocalRules.model_validate({"code": "x", "vi": "x", "en": "x", "days": days, "hours": hours})


# Half days and closures; Saturday mornings with three sessions a day; one long night shift a day; a worked Sunday.
HALF_DAYS = rules(
    [row(f"{year}-12-31", "half_day", None, "07:00-11:30") for year in range(2021, 2030)]
    + [row(f"{year}-10-12", "closure", f"{year}-10-16") for year in range(2021, 2030)]
)
SATURDAYS = rules(
    [row("2026-11-29", "worked")],
    {"days": WEEK, "sessions": ["07:30-09:00", "09:30-11:30", "13:00-17:00"]},
    {"days": ["sat"], "sessions": ["07:00-11:00"]},
)
THREE_DAYS = rules([], {"days": ["mon", "wed", "fri"], "sessions": ["06:00-22:30"]})
CALENDARS = (
    national(),
    with_assumed_tet(),
    effective(SHARED, (HALF_DAYS,)),
    effective(SHARED, (HALF_DAYS, SATURDAYS)),
    effective(SHARED, (THREE_DAYS,)),
)
# Dates that one calendar more may close.
CLOSED = tuple(date(2023, 1, 2) + timedelta(days=101 * number) for number in range(6))


@cache
def closing(base: int, day: date) -> tuple[Calendar, Change | None]:
    """A calendar of those above that closes one day more, and what that changes."""
    rule = DayRule(date=day, kind=DayKind.CLOSURE, vi="Bão", en="Storm", basis="Quyết định thử")
    new = Calendar(CALENDARS[base].declaration.with_local(LocalRules(code="y", vi="y", en="y", days=(rule,))))
    return new, differences(CALENDARS[base], new)


calendars = st.sampled_from(CALENDARS)
FIRST = datetime(2021, 1, 4, tzinfo=UTC)
MINUTES = int((datetime(2029, 1, 1, tzinfo=UTC) - FIRST).total_seconds() // 60)

instants = st.integers(0, MINUTES).map(lambda minutes: FIRST + timedelta(minutes=minutes))
modes = st.sampled_from(CountMode)
# One number is a whole limit: drawing its parts one by one takes longer than testing them.
MOST = {Unit.WORKING_DAY: 40, Unit.WORKING_HOUR: 100, Unit.DAY: 60, Unit.MONTH: 6}


def limit_of(number: int) -> Limit:
    parts = []
    count, number = 1 + number % 3, number // 3
    for _ in range(count):
        unit, number = list(MOST)[number % 4], number // 4
        parts.append(Part(amount=1 + number % MOST[unit], unit=unit))
        number //= 100
    return Limit(parts=tuple(parts))


limits = st.integers(0, 3 * 400**3 - 1).map(limit_of)
working_parts = st.integers(0, 139).map(lambda number: Part(amount=number + 1, unit=Unit.WORKING_DAY) if number < 40
                                        else Part(amount=number - 39, unit=Unit.WORKING_HOUR))  # fmt: skip
gaps = st.lists(st.integers(0, 20_000), min_size=0, max_size=6)
# around the dates that may be closed, so that they matter
NEAR = datetime(2022, 11, 2, tzinfo=UTC)
near = st.integers(0, 700 * 1440).map(lambda minutes: NEAR + timedelta(minutes=minutes))
bases = st.integers(0, len(CALENDARS) - 1)
closed = st.sampled_from(CLOSED)


def tried(examples: int) -> settings:
    """A busy machine is slow, not wrong."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow,
                                                                                        HealthCheck.filter_too_much])


def recorded(limit: Limit, mode: CountMode, start: datetime, waits: list[int], anew: bool = False) -> Clock:
    """A clock stopped and set going again by turns, `waits` minutes apart."""
    clock, when = Clock.started(limit, mode, start), start
    turns = (MarkKind.STOP, MarkKind.RESTART if anew else MarkKind.RESUME)
    for number, wait in enumerate(waits):
        when += timedelta(minutes=wait)
        clock = clock.marked(turns[number % 2], when)
    return clock


def in_months(limit: Limit) -> bool:
    return any(part.unit is Unit.MONTH for part in limit.parts)


@tried(4500)
@given(calendars, instants, st.integers(1, 100_000))
def test_add_and_between_are_inverse(calendar: Calendar, start: datetime, minutes: int) -> None:
    later = calendar.add(start, minutes)
    assert calendar.between(start, later) == minutes
    assert calendar.between(calendar.add(later, -minutes), later) == minutes


@tried(4000)
@given(calendars, instants, instants, instants)
def test_working_time_adds_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    assert calendar.between(one, two) + calendar.between(two, three) == calendar.between(one, three)
    assert calendar.between(one, two) == -calendar.between(two, one)


@tried(1500)
@given(calendars, instants, st.integers(0, 40_000))
def test_working_time_is_what_the_days_sessions_hold(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    spans = [span for number in range(-1, minutes // 1440 + 3)
             for span in calendar.sessions(start.date() + timedelta(days=number))]  # fmt: skip
    held = sum((max(timedelta(0), min(closes, end) - max(opens, start)) for opens, closes in spans), timedelta(0))
    assert timedelta(minutes=calendar.between(start, end)) == held


@tried(4000)
@given(calendars, instants)
def test_a_valid_receipt_is_within_a_session_and_costs_no_time(calendar: Calendar, instant: datetime) -> None:
    taken = calendar.valid_receipt(instant)
    assert any(opens <= taken <= closes for opens, closes in calendar.sessions(taken.date()))
    assert calendar.between(instant, taken) == 0
    assert calendar.valid_receipt(taken) == taken


@tried(1500)
@given(calendars, limits, modes, instants, instants)
def test_who_comes_later_is_due_no_earlier(
    calendar: Calendar, limit: Limit, mode: CountMode, one: datetime, two: datetime
) -> None:
    earlier, later = sorted((one, two))
    assert due(limit, mode, earlier, calendar) <= due(limit, mode, later, calendar)


@tried(1000)
@given(calendars, limits, instants)
def test_a_limit_counted_in_days_ends_with_an_office_day(calendar: Calendar, limit: Limit, start: datetime) -> None:
    if all(part.unit is not Unit.WORKING_HOUR for part in limit.parts):
        ends = due(limit, DAY, start, calendar)
        assert ends == calendar.close_of(ends.date())
        assert calendar.is_working_day(ends.date())


@tried(600)
@given(calendars, limits, modes, instants, gaps)
def test_stops_never_bring_a_due_date_forward(
    calendar: Calendar, limit: Limit, mode: CountMode, start: datetime, waits: list[int]
) -> None:
    whole = waits[: len(waits) // 2 * 2]
    found = evaluate(recorded(limit, mode, start, whole), calendar)
    assert found.due is not None
    assert found.first_due == due(limit, mode, start, calendar)
    assert found.due >= found.first_due


@tried(600)
@given(calendars, limits, modes, instants, st.integers(0, 40_000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_a_longer_wait_is_due_no_earlier(
    calendar: Calendar, limit: Limit, mode: CountMode, start: datetime, ran: int, wait: int, more: int
) -> None:
    short = evaluate(recorded(limit, mode, start, [ran, wait]), calendar).due
    longer = evaluate(recorded(limit, mode, start, [ran, wait + more]), calendar).due
    assert short is not None
    assert longer is not None
    assert short <= longer


@tried(500)
@given(calendars, limits, modes, instants, st.lists(st.integers(0, 60_000), min_size=2, max_size=8), st.integers(0, 3))
def test_a_further_stop_is_due_no_earlier(
    calendar: Calendar, limit: Limit, mode: CountMode, start: datetime, moments: list[int], left_out: int
) -> None:
    """The same stops without one of them, wherever it lies. Months that a stop finds begun are days from then on."""
    assume(not in_months(limit))
    stops = sorted(moments)[: len(moments) // 2 * 2]
    at = left_out % (len(stops) // 2) * 2
    fewer = stops[:at] + stops[at + 2 :]
    found, before = (evaluate(recorded(limit, mode, start, waits(found)), calendar).due for found in (stops, fewer))
    assert found is not None
    assert before is not None
    assert before <= found


def waits(moments: list[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise([0, *moments])]


@tried(400)
@given(calendars, working_parts, instants, gaps)
def test_counted_in_hours_a_due_date_leaves_exactly_the_limit_to_work(
    calendar: Calendar, part: Part, start: datetime, waits: list[int]
) -> None:
    """Working time while running, up to the due date, is the limit: no more, no less."""
    clock = recorded(Limit(parts=(part,)), HOUR, start, waits[: len(waits) // 2 * 2])
    found = evaluate(clock, calendar, evaluate(clock, calendar).due)
    assert found.due is not None
    if clock.marks[-1].at <= found.due:
        hours = 8 if part.unit is Unit.WORKING_DAY else 1
        assert (found.elapsed, found.remaining) == (part.amount * hours * 60, 0)


@tried(200)
@given(calendars, limits, modes, instants, gaps, st.booleans())
def test_the_sum_of_the_explanation_is_the_due_date(
    calendar: Calendar, limit: Limit, mode: CountMode, start: datetime, waits: list[int], anew: bool
) -> None:
    clock = recorded(limit, mode, start, waits[: len(waits) // 2 * 2], anew)
    found = evaluate(clock, calendar)
    lines = since_anew(explain(clock, calendar))
    assert found.due is not None
    assert (lines[-1].kind, lines[-1].ends) == (LineKind.DUE, found.due)
    by_measure: dict[Measure, int] = {}
    for line in lines:
        if line.measure is not None:
            by_measure[line.measure] = by_measure.get(line.measure, 0) + line.amount
    assert by_measure == expected(limit, mode, by_measure.get(Measure.DAYS, 0))
    if len(limit.parts) == 1:
        ((measure, count),) = by_measure.items()
        assert lines[-1].vi.startswith(f"Cộng: {amount(measure, count)} = thời hạn {limit.vi}. Hạn: ")
    days = [line for line in lines if line.day is not None]
    assert days[-1].day == found.due.date()
    assert [line.day for line in days] == sorted(line.day for line in days if line.day is not None)


def since_anew(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    begun = [number for number, line in enumerate(lines) if line.en.startswith("Begins anew")]
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


@tried(300)
@given(calendars, limits, modes, instants, gaps)
def test_alarms_ring_one_after_the_other_and_the_last_is_the_due_date(
    calendar: Calendar, limit: Limit, mode: CountMode, start: datetime, waits: list[int]
) -> None:
    clock = recorded(limit, mode, start, waits[: len(waits) // 2 * 2])
    found = warnings(clock, calendar)
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    assert found[-1].at == evaluate(clock, calendar).due


@tried(500)
@given(bases, closed, limits, modes, near, gaps)
def test_one_closure_more_is_due_no_earlier(
    base: int, day: date, limit: Limit, mode: CountMode, start: datetime, waits: list[int]
) -> None:
    """A closure may also decide whether a stop finds a month begun, so months are tried without stops."""
    clock = recorded(limit, mode, start, [] if in_months(limit) else waits[: len(waits) // 2 * 2])
    before, after = evaluate(clock, CALENDARS[base]).due, evaluate(clock, closing(base, day)[0]).due
    assert before is not None
    assert after is not None
    assert before <= after


@tried(500)
@given(bases, closed, limits, modes, near, gaps)
def test_what_lies_outside_a_change_is_due_as_before(
    base: int, day: date, limit: Limit, mode: CountMode, start: datetime, waits: list[int]
) -> None:
    """So whoever computes anew may pass over it."""
    old, (new, change) = CALENDARS[base], closing(base, day)
    clock = recorded(limit, mode, start, waits[: len(waits) // 2 * 2])
    found = evaluate(clock, old)
    assert found.due is not None
    if change is None or change.first is None or change.last is None:
        return
    if found.due < change.first or start > change.last:
        assert evaluate(clock, new).due == found.due


@tried(10)
@given(bases, closed)
def test_a_row_that_repeats_what_is_declared_above_moves_no_time(base: int, day: date) -> None:
    old = CALENDARS[base]
    spans = [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in old.sessions(day)]
    again = rules([row(day.isoformat(), "worked" if spans else "closure", None, *spans)])
    change = differences(old, Calendar(old.declaration.with_local(again)))
    assert change is not None
    assert (change.first, change.last) == (None, None)


@tried(10)
@given(st.lists(st.sampled_from(["H51", "H51.21", "H51.01"]), max_size=4))
def test_agencies_that_declare_nothing_share_the_national_calendar(codes: list[str]) -> None:
    line = [LocalRules(code=code, vi=code, en=code) for code in codes]
    assert effective(SHARED, line).version == national().version
    assert differences(effective(SHARED, line), national()) is None


@tried(200)
@given(limits, modes, instants, gaps)
def test_marks_survive_being_stored(limit: Limit, mode: CountMode, start: datetime, waits: list[int]) -> None:
    clock = recorded(limit, mode, start, waits)
    again = Clock.from_json(limit.written(), mode.value, clock.to_json())
    assert again == clock
    assert [Mark.from_json(mark.to_json()) for mark in clock.marks] == list(clock.marks)

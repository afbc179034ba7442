"""When somebody has to be told about a clock: at 50 % and 80 %, one working day before, when due, daily after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.clocks.calendar import Calendar
from engine.clocks.course import Stretch, follow
from engine.clocks.evaluation import current
from engine.clocks.limits import HOURS_A_DAY, CountMode, Limit, Unit
from engine.clocks.marks import Clock, ClockState
from engine.clocks.zone import date_of, day_of, instant_of, minute_of

# Of a reminder "a month before": when exactly does not matter, so all months are alike.
DAYS_A_MONTH = 30


class AlarmKind(StrEnum):
    REMIND = "remind"
    WARN_50 = "warn_50"
    WARN_80 = "warn_80"
    ONE_WORKING_DAY_BEFORE = "one_working_day_before"
    DUE = "due"
    OVERDUE = "overdue"


# The shares of the budget at which practice warns; the last working day is when the apology is due.
WARN_PER_CENT = {AlarmKind.WARN_50: 50, AlarmKind.WARN_80: 80}


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    kind: AlarmKind
    at: datetime


def warnings(clock: Clock, calendar: Calendar) -> tuple[Alarm, ...]:
    """The alarms of a running clock in order; none while it is stopped, and none after its end.

    A limit of a working day or less has no alarm one working day before. Of two that fall on the same minute only
    the weightier rings: a clock has one timer, and one person is not told two things at once.
    """
    if clock.state is not ClockState.RUNNING:
        return ()
    stretches = current(follow(clock, calendar))
    due = stretches[-1].due
    told = [(_used(stretches, due, per_cent, calendar), kind) for kind, per_cent in WARN_PER_CENT.items()]
    before = _day_before(stretches[0].begins, due, clock.mode, calendar)
    if before is not None:
        told.append((before, AlarmKind.ONE_WORKING_DAY_BEFORE))
    return _in_order([*told, (due, AlarmKind.DUE)])


def reminders(clock: Clock, calendar: Calendar, leads: Sequence[Limit]) -> tuple[Alarm, ...]:
    """For a clock that says itself when to remind: so long before the due date, then when due."""
    if clock.state is not ClockState.RUNNING:
        return ()
    due = follow(clock, calendar)[-1].due
    return _in_order([*((_ahead(due, lead, calendar), AlarmKind.REMIND) for lead in leads), (due, AlarmKind.DUE)])


def _in_order(told: Sequence[tuple[int, AlarmKind]]) -> tuple[Alarm, ...]:
    """By time; `told` names the lightest first, so that of one minute the weightiest stays."""
    return tuple(Alarm(kind=kind, at=instant_of(minute)) for minute, kind in sorted(dict(told).items()))


def _ahead(due: int, lead: Limit, calendar: Calendar) -> int:
    """Hours before to the minute; days before at the opening of that day, or of the next working one."""
    for part in lead.parts:
        if part.unit is Unit.WORKING_HOUR:
            due = calendar.after(due, -part.amount * 60)
        elif part.unit is Unit.WORKING_DAY:
            due = calendar.spans(calendar.working_day(calendar.days_through(day_of(due)) - part.amount))[0][0]
        else:
            days = part.amount * (DAYS_A_MONTH if part.unit is Unit.MONTH else 1)
            due = minute_of(calendar.opening_of(date_of(day_of(due) - days)))
    return due


def next_overdue(clock: Clock, calendar: Calendar, after: datetime) -> Alarm | None:
    """The first opening of a working day that is later than the due date and than `after`."""
    if clock.state is not ClockState.RUNNING:
        return None
    passed = max(follow(clock, calendar)[-1].due, minute_of(after))
    opening = calendar.opening_of(date_of(day_of(passed)))
    if minute_of(opening) <= passed:
        opening = calendar.opening_of(date_of(day_of(passed) + 1))
    return Alarm(kind=AlarmKind.OVERDUE, at=opening)


def _used(stretches: Sequence[Stretch], due: int, per_cent: int, calendar: Calendar) -> int:
    """The minute by which so much of the working time from the beginning to the due date has run."""
    runs = [(stretch.begins, due if stretch.ends is None else min(due, stretch.ends)) for stretch in stretches]
    lengths = [max(0, calendar.worked(end) - calendar.worked(start)) for start, end in runs]
    wanted = -(-sum(lengths) * per_cent // 100)
    for (start, _), length in zip(runs, lengths, strict=True):
        if 0 < wanted <= length:
            return calendar.after(start, wanted)
        wanted -= length
    return due


def _day_before(begins: int, due: int, mode: CountMode, calendar: Calendar) -> int | None:
    """Eight working hours before; counting in days, the opening of the working day before the due one.

    Then the apology slip can still be written a day ahead. None when the limit leaves no such time.
    """
    a_day = HOURS_A_DAY * 60
    if mode is CountMode.HOUR:
        room = calendar.worked(due) - calendar.worked(begins) > a_day
        return calendar.after(due, -a_day) if room else None
    earlier = calendar.days_through(day_of(due) - 1)
    if earlier <= calendar.days_through(day_of(begins)):
        return None
    return calendar.spans(calendar.working_day(earlier))[0][0]

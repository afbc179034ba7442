"""What a calendar makes of a clock: due date, whether provisional, next alarm. One function, and a memory for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from engine.casework import clocks
from engine.clocks.alarms import Alarm
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, Mark, MarkKind
from engine.clocks.zone import instant_of, minute_of
from procedures.declaration import Expiry
from storage.recomputing import OpenClock

# Clocks remembered, 2 kB each. Dossiers that are near one another began near one another.
KEPT = 20_000
_MOMENT = timedelta(microseconds=1)
# Kind, minute and, of an extension, the minute it names.
Told = tuple[str, int, int | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """`due` is None while the clock stands still; `alarm` is None when nothing rings any more."""

    due: datetime | None
    provisional: bool
    alarm: Alarm | None


@dataclass(frozen=True, slots=True)
class Course:
    """A clock under a calendar, whatever has rung of it."""

    clock: Clock
    due: datetime | None
    provisional: bool
    alarms: Sequence[Alarm]


def stand(row: OpenClock, calendar: Calendar, now: datetime, leads: tuple[Limit, ...] = ()) -> Standing:
    """The clock under the calendar; what rang before does not ring again.

    Raises a LienThongError when the marks make no clock, or lead beyond the calendar.
    """
    course = _course(tuple(row.time_limit), row.count_mode, tuple(map(_told, row.marks)), calendar, leads)
    if row.expiry == Expiry.NOTHING or course.due is None:
        return Standing(course.due, course.provisional, None)
    alarm = clocks.next_of(course.alarms, course.clock, calendar, _rung_until(row, course.due, now))
    return Standing(course.due, course.provisional, alarm)


def _told(mark: dict[str, str]) -> Told:
    until = mark.get("until")
    return (mark["kind"], minute_of(datetime.fromisoformat(mark["at"])),
            minute_of(datetime.fromisoformat(until)) if until else None)


@lru_cache(maxsize=KEPT)
def _course(limit: tuple[str, ...], mode: str, marks: tuple[Told, ...], calendar: Calendar,
            leads: tuple[Limit, ...]) -> Course:
    """By the minute, as the law's clock has no seconds: so thousands of clocks are one."""
    clock = Clock(limit=Limit.parse(limit), mode=CountMode(mode), marks=tuple(
        Mark(kind=MarkKind(kind), at=instant_of(at), until=None if until is None else instant_of(until))
        for kind, at, until in marks))
    found = evaluate(clock, calendar)
    return Course(clock, found.due, found.provisional, clocks.planned(clock, calendar, leads))


def _rung_until(row: OpenClock, due: datetime, now: datetime) -> datetime:
    """Everything before the alarm that is set has rung, also when the sweep is behind.

    A date that has not rung yet and has moved into the past rings at once.
    """
    awaited = row.fires_at
    if awaited is None or row.due_at is None:
        return now
    rung = min(now, awaited - _MOMENT)
    return due - _MOMENT if awaited <= row.due_at and due <= rung else rung

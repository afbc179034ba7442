"""Runs a limit through a record of stops: which stretch of time counted for how much, and when it is due."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from engine.clocks.calendar import Calendar
from engine.clocks.limits import HOURS_A_DAY, CountMode, Limit, Part, Unit
from engine.clocks.marks import Clock, Mark, MarkKind
from engine.clocks.zone import date_of, day_number, day_of, minute_of


class Measure(StrEnum):
    """What is being counted down; UNTIL is the minute an extension names."""

    MINUTES = "minutes"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    UNTIL = "until"


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """How much of one part of a limit is still to run."""

    measure: Measure
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One uninterrupted run of one part: `counted` of `left` between `begins` and `ends`."""

    left: Left
    begins: int
    ends: int
    counted: int

    @property
    def finished(self) -> bool:
        return self.counted == self.left.amount


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """The time from a mark that sets the clock running to the next mark that changes it.

    `due` is when the limit is used up if nothing stops it; `left` is what remained when something did.
    """

    mark: Mark
    begins: int
    ends: int | None
    legs: tuple[Leg, ...]
    left: tuple[Left, ...]
    due: int


@lru_cache(maxsize=256)
def follow(clock: Clock, calendar: Calendar) -> tuple[Stretch, ...]:
    """The stretches of a clock in order. The mark of the end does not cut a due date short.

    Remembered because an act asks for the due date and for the alarms of the same clock.
    """
    stretches: list[Stretch] = []
    for number, mark in enumerate(clock.marks):
        if mark.kind in (MarkKind.STOP, MarkKind.END):
            continue
        following = clock.marks[number + 1] if number + 1 < len(clock.marks) else None
        cut = None if following is None or following.kind is MarkKind.END else minute_of(following.at)
        before = stretches[-1] if stretches else None
        stretches.append(_stretch(clock, mark, cut, before, calendar))
    return tuple(stretches)


def whole(limit: Limit, mode: CountMode) -> tuple[Left, ...]:
    """A limit of which nothing has run."""
    return tuple(_left(part, mode) for part in limit.parts)


def run(
    left: Sequence[Left], begins: int, cut: int | None, mode: CountMode, calendar: Calendar
) -> tuple[tuple[Leg, ...], tuple[Left, ...]]:
    """Let the parts run one after the other until used up or `cut`; gives the legs and what is left."""
    legs: list[Leg] = []
    for number, waiting in enumerate(left):
        part = _in_days(waiting, begins)
        ends = _due(part, begins, calendar)
        if cut is not None and cut < ends:
            counted = _counted(part, begins, cut, calendar)
            legs.append(Leg(left=part, begins=begins, ends=max(cut, begins), counted=counted))
            return tuple(legs), (_remainder(part, counted, cut, mode, calendar), *left[number + 1 :])
        legs.append(Leg(left=part, begins=begins, ends=ends, counted=part.amount))
        begins = ends
    return tuple(legs), ()


def _stretch(clock: Clock, mark: Mark, cut: int | None, before: Stretch | None, calendar: Calendar) -> Stretch:
    begins = calendar.taken(minute_of(mark.at))
    if before is None or mark.kind is MarkKind.RESTART:
        left = whole(clock.limit, clock.mode)
    elif mark.until is not None:
        until = _in_office(minute_of(mark.until), clock.mode, calendar)
        # A calendar declared later may move the limit beyond the new date: nobody gets less time than the law gives.
        left = (Left(measure=Measure.UNTIL, amount=max(until, before.due)),)
    else:
        left = before.left
    legs, rest = run(left, begins, None, clock.mode, calendar)
    # A limit that was used up before it was stopped stays due when it was.
    due = legs[-1].ends if legs or before is None else before.due
    if cut is not None and cut < due:
        legs, rest = run(left, begins, cut, clock.mode, calendar)
    return Stretch(mark=mark, begins=begins, ends=cut, legs=legs, left=rest, due=due)


def _left(part: Part, mode: CountMode) -> Left:
    if part.unit is Unit.WORKING_HOUR:
        return Left(measure=Measure.MINUTES, amount=part.amount * 60)
    if part.unit is Unit.WORKING_DAY and mode is CountMode.HOUR:
        return Left(measure=Measure.MINUTES, amount=part.amount * HOURS_A_DAY * 60)
    measures = {Unit.WORKING_DAY: Measure.WORKING_DAYS, Unit.DAY: Measure.DAYS, Unit.MONTH: Measure.MONTHS}
    return Left(measure=measures[part.unit], amount=part.amount)


def _in_days(part: Left, begins: int) -> Left:
    """Months end on the same date of the last month, or on its last day (Civil Code art. 148).

    Once begun they are so many days: a stop keeps the days that are left, whatever the later months have.
    """
    if part.measure is not Measure.MONTHS:
        return part
    start = date_of(day_of(begins))
    year, month = divmod(start.year * 12 + start.month - 1 + part.amount, 12)
    last = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return Left(measure=Measure.DAYS, amount=day_number(last) - day_of(begins))


def _due(part: Left, begins: int, calendar: Calendar) -> int:
    if part.measure is Measure.MINUTES:
        return calendar.after(begins, part.amount)
    if part.measure is Measure.WORKING_DAYS:
        return calendar.nth_close(day_of(begins), part.amount)
    if part.measure is Measure.DAYS:
        return calendar.close_from(day_of(begins) + part.amount)
    return part.amount


def _counted(part: Left, begins: int, cut: int, calendar: Calendar) -> int:
    """What ran by `cut`, always less than the part: a day counts when the clock ran at its end."""
    if part.measure is Measure.MINUTES:
        return max(0, calendar.worked(cut) - calendar.worked(begins))
    if part.measure is Measure.WORKING_DAYS:
        return max(0, calendar.closed(cut) - calendar.days_through(day_of(begins)))
    if part.measure is Measure.DAYS:
        # A last day that is off is not over until the working day it moves to has closed.
        return min(max(0, day_of(cut) - day_of(begins) - 1), part.amount - 1)
    return 0


def _remainder(part: Left, counted: int, cut: int, mode: CountMode, calendar: Calendar) -> Left:
    if part.measure is not Measure.UNTIL:
        return Left(measure=part.measure, amount=part.amount - counted)
    if mode is CountMode.DAY:
        days = calendar.closed(part.amount) - calendar.closed(cut)
        return Left(measure=Measure.WORKING_DAYS, amount=max(1, days))
    minutes = calendar.worked(part.amount) - calendar.worked(cut)
    return Left(measure=Measure.MINUTES, amount=max(1, minutes))


def _in_office(until: int, mode: CountMode, calendar: Calendar) -> int:
    """A new due date, held to the office's hours as every due date is (Civil Code art. 148)."""
    close = calendar.close_from(day_of(until))
    if mode is CountMode.DAY or day_of(close) != day_of(until):
        return close
    return min(until, close)


"""Where a clock stands: its due date, what has run, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clocks.calendar import Calendar
from engine.clocks.course import Stretch, follow, run, whole
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, ClockState, MarkKind
from engine.clocks.zone import date_of, day_of, instant_of, minute_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """`due` is None while the clock is stopped; then `due_if_resumed` says what resuming now would give.

    `first_due` is the due date as first computed, whatever happened later. `elapsed` and `remaining` are
    working minutes since the clock last began anew; `remaining` is negative when overdue.
    """

    state: ClockState
    started: datetime | None = None
    due: datetime | None = None
    first_due: datetime | None = None
    due_if_resumed: datetime | None = None
    provisional: bool = False
    elapsed: int = 0
    remaining: int | None = None
    late: bool = False
    calendar_version: str

    @property
    def spent(self) -> float:
        """The part of the working time that is used up, 0 to 1, more than 1 when overdue."""
        if self.remaining is None:
            return 0.0
        total = self.elapsed + self.remaining
        return self.elapsed / total if total > 0 else 1.0


def due(limit: Limit, mode: CountMode, received: datetime, calendar: Calendar) -> datetime:
    """When a limit that starts with `received` ends, if nothing stops it."""
    legs, _ = run(whole(limit, mode), calendar.taken(minute_of(received)), None, mode, calendar)
    return instant_of(legs[-1].ends)


def evaluate(clock: Clock, calendar: Calendar, now: datetime | None = None) -> Evaluation:
    """The clock as of `now`, or of its last mark; never later than its end."""
    stretches = follow(clock, calendar)
    if not stretches:
        return Evaluation(state=ClockState.NOT_STARTED, calendar_version=calendar.version)
    last = stretches[-1]
    at = _as_of(clock, now)
    waiting = _waits(clock) and bool(last.left)
    resumed = None
    if waiting and clock.state is ClockState.STOPPED:
        legs, _ = run(last.left, calendar.taken(at), None, clock.mode, calendar)
        resumed = legs[-1].ends
    counted = at if last.ends is None else min(at, last.ends)
    expected = resumed if waiting else last.due
    return Evaluation(
        state=clock.state,
        started=instant_of(stretches[0].begins),
        due=None if waiting else instant_of(last.due),
        first_due=instant_of(stretches[0].due),
        due_if_resumed=None if resumed is None else instant_of(resumed),
        provisional=expected is not None and not calendar.announced(date_of(day_of(expected)).year),
        elapsed=elapsed(stretches, at, calendar),
        remaining=calendar.worked(last.due) - calendar.worked(max(counted, last.begins)),
        late=counted > last.due,
        calendar_version=calendar.version,
    )


def elapsed(stretches: Sequence[Stretch], at: int, calendar: Calendar) -> int:
    """Working minutes that ran up to `at`, since the clock last began anew."""
    total = 0
    for stretch in current(stretches):
        until = at if stretch.ends is None else min(at, stretch.ends)
        if until > stretch.begins:
            total += calendar.worked(until) - calendar.worked(stretch.begins)
    return total


def current(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """The stretches since the last start or restart."""
    anew = [number for number, stretch in enumerate(stretches) if stretch.mark.kind is MarkKind.RESTART]
    return stretches[anew[-1] :] if anew else stretches


def _waits(clock: Clock) -> bool:
    """Whether the clock is stopped, or was when it ended."""
    before_end = [mark.kind for mark in clock.marks if mark.kind is not MarkKind.END]
    return before_end[-1] is MarkKind.STOP


def _as_of(clock: Clock, now: datetime | None) -> int:
    last = minute_of(clock.marks[-1].at)
    if now is None or clock.state is ClockState.ENDED:
        return last
    return minute_of(now)

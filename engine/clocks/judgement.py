"""Early, on time or late, by the national definition and by our own, once the time of a dossier has ended.

The end is the first time the result was ready; else the stop or the withdrawal. What ended while the citizen was asked
for something is judged by the moment of the request, and the time he took is subtracted: the clock's own stops do so.
When the citizen collects the result changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.clocks.booking import Life, Stay, Wait, tile
from engine.clocks.calendar import Calendar
from engine.clocks.course import follow
from engine.clocks.evaluation import elapsed
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, MarkKind
from engine.clocks.zone import day_of, instant_of, minute_of

# Guidance is given once (Decree 61/2018 art. 15.3): a second request counts as late in the national index.
MOST_SUPPLEMENTS = 1


class Verdict(StrEnum):
    """EARLY is a local class: the national index knows on time and late only."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NOT_JUDGED = "not_judged"


class Ground(StrEnum):
    """Why something counts as late. EXTENDED: ready by the new date, after the one that was promised."""

    AFTER_DUE = "after_due"
    EXTENDED = "extended"
    SUPPLEMENTS = "supplements"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A clock against its end. `ended` is the instant it is judged by.

    In working minutes: `worked` is what counted since the clock last began anew, `allowed` what there was until `due`,
    `late` what counted after it.
    """

    verdict: Verdict
    due: datetime
    ended: datetime
    late: int
    worked: int
    allowed: int

    @property
    def after_due(self) -> bool:
        return self.ended > self.due


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`due_original` is the date that was told first, whatever came later; `due_new` the one in force at the end.

    `due_judged` decides: the first promise as lawful stops and published calendars moved it, but no extension. They
    are None for a dossier that was promised none. Amounts are working minutes: `late_original` after `due_judged`,
    `allowed` until then.
    """

    national: Verdict
    local: Verdict
    grounds: tuple[Ground, ...]
    due_original: datetime | None
    due_judged: datetime | None
    due_new: datetime | None
    late_original: int
    late_new: int
    worked: int
    allowed: int | None
    extended: bool


def measure(clock: Clock, ended: datetime, calendar: Calendar) -> Measured:
    """Of a clock that has started. Counting in days, the last day is a whole day (Civil Code art. 148.6)."""
    stretches = follow(clock, calendar)
    last, until = stretches[-1], minute_of(ended)
    if last.ends is not None:
        # it stood still when it ended
        until = min(until, last.ends)
    worked, allowed = elapsed(stretches, until, calendar), elapsed(stretches, last.due, calendar)
    return Measured(verdict=against(last.due, until, clock.mode), due=instant_of(last.due), ended=instant_of(until),
                    late=max(0, worked - allowed), worked=worked, allowed=allowed)


def judge(clock: Clock, first_due: datetime | None, ended: datetime, supplements: int,
          calendar: Calendar) -> Judgement:
    """A dossier with a due date. `first_due`: what the citizen was told first; `supplements`: how often he was asked.

    It is judged by the due date without the extension: the national system knows the new date in one list only, so an
    extension does not make a late dossier on time.
    """
    promised = _without_extension(clock)
    extended = promised is not clock
    original = measure(promised, ended, calendar)
    new = measure(clock, ended, calendar) if extended else original
    grounds = _grounds(original, new, supplements)
    return Judgement(
        national=Verdict.LATE if grounds else Verdict.ON_TIME, local=original.verdict, grounds=grounds,
        due_original=first_due, due_judged=original.due, due_new=new.due,
        late_original=original.late, late_new=new.late, worked=original.worked, allowed=original.allowed,
        extended=extended)


def judge_undated(life: Life, longest: Limit | None, mode: CountMode, supplements: int,
                  calendar: Calendar) -> Judgement:
    """A dossier that was promised no date: nationally by the longest limit of its procedure, if it has one.

    Locally it is not judged: nobody can be early for what was not promised.
    """
    grounds: tuple[Ground, ...] = ()
    national = Verdict.NOT_JUDGED
    if longest is not None:
        found = measure(_stopped(Clock.started(longest, mode, life.received), life.waits), life.ended, calendar)
        grounds = _grounds(found, found, supplements)
        national = Verdict.LATE if grounds else Verdict.ON_TIME
    worked = sum(one.minutes for one in tile(life, calendar) if one.stay is not Stay.STOPPED)
    return Judgement(national=national, local=Verdict.NOT_JUDGED, grounds=grounds, due_original=None, due_judged=None,
                     due_new=None, late_original=0, late_new=0, worked=worked, allowed=None, extended=False)


def _stopped(clock: Clock, waits: Sequence[Wait]) -> Clock:
    """Waits of one dossier follow one another: the last may last still."""
    for wait in sorted(waits, key=lambda wait: wait.begins):
        clock = clock.marked(MarkKind.STOP, wait.begins, wait.cause)
        if wait.ends is not None:
            clock = clock.marked(MarkKind.RESUME, wait.ends, wait.cause)
    return clock


def _grounds(original: Measured, new: Measured, supplements: int) -> tuple[Ground, ...]:
    found = []
    if original.after_due:
        found.append(Ground.AFTER_DUE if new.after_due else Ground.EXTENDED)
    if supplements > MOST_SUPPLEMENTS:
        found.append(Ground.SUPPLEMENTS)
    return tuple(found)


def against(due: int, ended: int, mode: CountMode) -> Verdict:
    """In minutes. Counting in days any moment of the last day is on time; counting in hours the minute itself."""
    at, limit = (day_of(ended), day_of(due)) if mode is CountMode.DAY else (ended, due)
    if at == limit:
        return Verdict.ON_TIME
    return Verdict.EARLY if at < limit else Verdict.LATE


def _without_extension(clock: Clock) -> Clock:
    """The same clock when it has none."""
    kept = tuple(mark for mark in clock.marks if mark.kind is not MarkKind.EXTEND)
    return clock if len(kept) == len(clock.marks) else replace(clock, marks=kept)

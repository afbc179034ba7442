"""What a calendar makes of a clock: due date, whether provisional, next alarm. One function, and a memory for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.casework import clocks
from engine.clocks.alarms import Alarm
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import Limit
from engine.clocks.marks import Clock
from engine.clocks.zone import minute_of
from storage.recomputing import OpenClock

# What is remembered, about 1 kB each; dossiers near one another began near one another.
KEPT = 50_000
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """`due` is None while the clock stands still."""

    due: datetime | None
    provisional: bool
    alarm: Alarm | None


def stand(clock: Clock, calendar: Calendar, rung_until: datetime, leads: Sequence[Limit], *,
          unrung: bool) -> Standing:
    """The clock under a calendar; what rang by `rung_until` does not ring again.

    `unrung`: its due date has not rung yet; if that has moved into the past it rings at once.
    """
    found = evaluate(clock, calendar)
    if unrung and found.due is not None and found.due <= rung_until:
        rung_until = found.due - _MOMENT
    return Standing(found.due, found.provisional, clocks.next_alarm(clock, calendar, rung_until, leads))


class Reckoner:
    """Stands thousands of clocks at one instant. Equal limit, mode and marks, to the minute, are reckoned once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[tuple[object, ...], Standing] = {}

    def of(self, row: OpenClock, calendar: Calendar, leads: tuple[Limit, ...] = ()) -> Standing:
        """Raises a LienThongError when the marks make no clock, or lead beyond the calendar."""
        rung_until, unrung = self._rung(row)
        key = (calendar, *row.time_limit, row.count_mode, rung_until, unrung, leads,
               *[(told["kind"], minute_of(datetime.fromisoformat(told["at"])), told.get("until"))
                 for told in row.marks])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            clock = Clock.from_json(row.time_limit, row.count_mode, row.marks)
            known = self._known[key] = stand(clock, calendar, rung_until, leads, unrung=unrung)
        return known

    def _rung(self, row: OpenClock) -> tuple[datetime, bool]:
        """Everything before the alarm that is set has rung, also when the sweep is behind."""
        awaited = row.fires_at
        if awaited is None:
            return self.now, False
        return min(self.now, awaited - _MOMENT), row.due_at is not None and awaited <= row.due_at

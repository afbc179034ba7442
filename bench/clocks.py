"""Legal time without a database: what adding, measuring, a due date and its explanation cost."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from time import perf_counter_ns
from typing import Any

from engine.clocks import ZONE, Calendar, Clock, CountMode, Limit, MarkKind, due, evaluate, explain, national
from engine.clocks.calendar import effective
from engine.clocks.differences import differences
from procedures.calendars.declaration import DayKind, DayRule, LocalRules

# More clocks than are remembered, so that each is followed anew.
CLOCKS, REPEATS = 2000, 5
FIRST = datetime(2026, 1, 5, 7, tzinfo=ZONE)
LIMIT = Limit.parse("20 working days")


def measure() -> None:
    """Prints the best of several rounds in ns a call, and as a multiple of one bare bisection of 10,000 numbers."""
    calendar = national()
    starts = [FIRST + timedelta(minutes=97 * number) for number in range(CLOCKS)]
    stopped = [_stopped(start, mode) for start in starts for mode in CountMode]
    sessions = list(range(0, 10_000 * 600, 600))
    bare = _best(lambda minute: bisect_right(sessions, minute), range(0, CLOCKS * 3001, 3001))
    figures = {
        "bisect": bare,
        "add": _best(lambda start: calendar.add(start, 9600), starts),
        "between": _best(lambda start: calendar.between(FIRST, start), starts),
        "due by days": _best(lambda start: due(LIMIT, CountMode.DAY, start, calendar), starts),
        "due by hours": _best(lambda start: due(LIMIT, CountMode.HOUR, start, calendar), starts),
        "evaluate": _best(lambda clock: evaluate(clock, calendar), stopped),
        "explain": _best(lambda clock: explain(clock, calendar), stopped),
    }
    print("\nlegal time, one call")
    for name, took in figures.items():
        print(f"  {name:<16}{took:>12,.0f} ns {took / bare:>9.1f} bisections")
    _calendars(calendar)


def _calendars(calendar: Calendar) -> None:
    """What one publication costs each process, and what looking for its consequences does."""
    rule = DayRule(date=date(2027, 6, 15), kind=DayKind.CLOSURE, vi="Bão", en="Storm", basis="Quyết định thử")
    closed = [LocalRules(code="x", vi=str(number), en="x", days=(rule,)) for number in range(REPEATS)]
    built = [perf_counter_ns()]
    for one in closed:
        effective(calendar.declaration, (one,))
        built.append(perf_counter_ns())
    other = effective(calendar.declaration, closed[:1])
    compared = _best(lambda new: differences(calendar, new), [other])
    print(f"  a calendar built in {min(b - a for a, b in pairwise(built)) / 1e6:.0f} ms, "
          f"two compared in {compared / 1e6:.0f} ms")


def _stopped(start: datetime, mode: CountMode) -> Clock:
    """Waited for the citizen once, for five days."""
    asked = start + timedelta(days=6)
    clock = Clock.started(LIMIT, mode, start).marked(MarkKind.STOP, asked)
    return clock.marked(MarkKind.RESUME, asked + timedelta(days=5))


def _best(call: Callable[[Any], object], given: Iterable[Any]) -> float:
    """ns a call; the collector rests meanwhile, as it would count other work."""
    rounds, given = [], list(given)
    gc.collect()
    gc.disable()
    try:
        for _ in range(REPEATS):
            begun = perf_counter_ns()
            for one in given:
                call(one)
            rounds.append(perf_counter_ns() - begun)
    finally:
        gc.enable()
    return min(rounds) / len(given)


if __name__ == "__main__":
    measure()

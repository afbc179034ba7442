"""A working calendar: adding and measuring working time are two bisections over cumulative minutes."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import NoReturn

from engine.clocks import tables
from engine.clocks.faults import OutsideCalendar
from engine.clocks.zone import MINUTES_A_DAY, date_of, day_number, day_of, instant_of, minute_of
from procedures.calendars import library
from procedures.calendars.declaration import OFF, CalendarDeclaration, DayRule, LocalRules, Reason

# Calendars in memory, 0.3 MB each: those of a province's agencies that declare something of their own.
KEPT = 128


class Calendar:
    """Immutable. Instants go in and come out aware; inside everything is whole minutes since the epoch.

    `opens[k]` is when session k begins and `through[k]` how many working minutes lie before it, so that
    session k ends at `opens[k] + through[k + 1] - through[k]`.
    """

    __slots__ = (
        "_begins",
        "_closes",
        "_days",
        "_ends",
        "_opens",
        "_rules",
        "_through",
        "announced_years",
        "declaration",
        "version",
    )

    def __init__(self, declaration: CalendarDeclaration) -> None:
        self.declaration = declaration
        self.version = declaration.version()
        self._rules = tables.rules_by_day(declaration)
        self.announced_years = tables.announced_years(declaration.years)
        self._begins = day_number(date(tables.first_year(declaration), 1, 1)) * MINUTES_A_DAY
        self._ends = day_number(date(tables.last_year(declaration) + 1, 1, 1)) * MINUTES_A_DAY
        self._opens = array("i")
        self._through = array("i", [0])
        self._days = array("i")
        self._closes = array("i")
        for day, sessions in tables.sessions_by_day(declaration, self._rules):
            for session in sessions:
                self._opens.append(day * MINUTES_A_DAY + session.opens)
                self._through.append(self._through[-1] + session.closes - session.opens)
            if sessions:
                self._days.append(day)
                self._closes.append(day * MINUTES_A_DAY + sessions[-1].closes)

    def add(self, instant: datetime, minutes: int) -> datetime:
        """The instant `minutes` of working time later: a session's end rather than the next one's start."""
        return instant_of(self.after(minute_of(instant), minutes))

    def between(self, start: datetime, end: datetime) -> int:
        """Working minutes from `start` to `end`, negative when `end` is earlier."""
        return self.worked(minute_of(end)) - self.worked(minute_of(start))

    def valid_receipt(self, instant: datetime) -> datetime:
        """When the law takes something as received: within working time, else at the next opening."""
        return instant_of(self.taken(minute_of(instant)))

    def is_working_day(self, day: date) -> bool:
        return self._place(day_number(day)) is not None

    def sessions(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working sessions of a date; none on a day off."""
        return tuple((instant_of(opens), instant_of(closes)) for opens, closes in self.spans(day_number(day)))

    def opening_of(self, day: date) -> datetime:
        """When a date opens, or the next working day if it is off."""
        return instant_of(self._opens[self._session_from(day_number(day) * MINUTES_A_DAY)])

    def close_of(self, day: date) -> datetime:
        """When a date closes, or the next working day if it is off (Civil Code art. 148.5)."""
        return instant_of(self.close_from(day_number(day)))

    def announced(self, year: int) -> bool:
        """Whether the yearly notice is loaded; a due date in any other year is provisional."""
        return year in self.announced_years

    def working_days(self, year: int) -> int:
        start, end = day_number(date(year, 1, 1)), day_number(date(year + 1, 1, 1))
        return bisect_left(self._days, end) - bisect_left(self._days, start)

    def rule_of(self, day: date) -> Reason | None:
        """Why a date does not follow its weekday, worked Saturdays and half days included."""
        return self._rules.get(day_number(day))

    def rules(self) -> Mapping[int, DayRule]:
        """The dates that do not follow their weekday, by day number."""
        return self._rules

    @property
    def first_day(self) -> int:
        return day_of(self._begins)

    @property
    def past_day(self) -> int:
        """The day after the last one the calendar covers."""
        return day_of(self._ends)

    def why_off(self, day: date) -> Reason | None:
        """Why a date is off, with the legal basis; None for a working day."""
        rule = self._rules.get(day_number(day))
        if rule is not None and rule.kind in OFF:
            return rule
        return None if self.is_working_day(day) else self.declaration.rest

    # In minutes since the epoch: what the rest of the kernel computes with.

    def worked(self, minute: int) -> int:
        """Working minutes from the calendar's beginning to `minute`."""
        if not self._begins <= minute < self._ends:
            self._refuse(minute)
        session = bisect_right(self._opens, minute)
        if not session:
            return 0
        through = self._through
        reached = through[session - 1] + minute - self._opens[session - 1]
        full = through[session]
        return reached if reached < full else full

    def after(self, minute: int, amount: int) -> int:
        """`amount` working minutes after (or, negative, before) `minute`."""
        if amount == 0:
            return minute
        target = self.worked(minute) + amount
        # Between two sessions many minutes have the same working time: take the one nearest to `minute`.
        bisect = bisect_left if amount > 0 else bisect_right
        session = bisect(self._through, target) - 1
        if not 0 <= session < len(self._opens):
            self._refuse(minute + amount)
        return self._opens[session] + target - self._through[session]

    def taken(self, minute: int) -> int:
        """Before opening, at lunch, after closing or on a day off: the next opening."""
        if minute < self._begins:
            self._refuse(minute)
        session = bisect_right(self._opens, minute) - 1
        if session >= 0 and minute <= self._end(session):
            return minute
        return self._opens[self._session_from(minute)]

    def spans(self, day: int) -> list[tuple[int, int]]:
        """The sessions of one day as pairs of minutes."""
        first = bisect_left(self._opens, day * MINUTES_A_DAY)
        past = bisect_left(self._opens, (day + 1) * MINUTES_A_DAY)
        return [(self._opens[session], self._end(session)) for session in range(first, past)]

    def all_spans(self) -> Iterator[tuple[int, int]]:
        """Every session of the calendar in order, as pairs of minutes."""
        return ((opens, self._end(session)) for session, opens in enumerate(self._opens))

    def nth_close(self, day: int, count: int) -> int:
        """The close of the `count`-th working day after `day`, which is excluded (Civil Code art. 147)."""
        return self._closes[self._known(bisect_right(self._days, day) + count - 1, day)]

    def close_from(self, day: int) -> int:
        """The close of `day`, or of the next working day when it is off."""
        return self._closes[self._known(bisect_left(self._days, day), day)]

    def closed(self, minute: int) -> int:
        """How many working days of the calendar have closed by `minute`."""
        return bisect_right(self._closes, minute)

    def days_through(self, day: int) -> int:
        """How many working days the calendar has up to and with `day`."""
        return bisect_right(self._days, day)

    def working_day(self, number: int) -> int:
        """The day that is the calendar's working day `number`, as `days_through` counts them."""
        return self._days[number - 1]

    def _end(self, session: int) -> int:
        return self._opens[session] + self._through[session + 1] - self._through[session]

    def _session_from(self, minute: int) -> int:
        session = bisect_left(self._opens, minute)
        if session == len(self._opens) or minute < self._begins:
            self._refuse(minute)
        return session

    def _place(self, day: int) -> int | None:
        place = bisect_left(self._days, day)
        return place if place < len(self._days) and self._days[place] == day else None

    def _known(self, place: int, day: int) -> int:
        if day * MINUTES_A_DAY < self._begins or place >= len(self._days):
            self._refuse(day * MINUTES_A_DAY)
        return place

    def _refuse(self, minute: int) -> NoReturn:
        day = min(max(day_of(minute), day_number(date.min)), day_number(date.max))
        raise OutsideCalendar(
            day=f"{date_of(day):%d/%m/%Y}",
            first=f"{date_of(day_of(self._begins)):%d/%m/%Y}",
            last=f"{date_of(day_of(self._ends - 1)):%d/%m/%Y}",
            calendar_vi=self.declaration.vi,
            calendar_en=self.declaration.en,
        )


@cache
def national() -> Calendar:
    """The calendar shared by every agency that declares nothing of its own."""
    return Calendar(library.national())


def effective(shared: CalendarDeclaration, line: Sequence[LocalRules]) -> Calendar:
    """The calendar of an agency: `line` is what it and those above it declare of their own, the topmost first.

    The nearest wins: its hours from their first `since` on, whatever is declared above for later, and its row of a
    date, which may also re-open what was closed above (kind worked or half_day).
    """
    return _merged(shared, tuple(local for local in line if local.hours or local.days))


@lru_cache(maxsize=KEPT)
def _merged(shared: CalendarDeclaration, line: tuple[LocalRules, ...]) -> Calendar:
    for local in line:
        shared = shared.with_local(local)
    return Calendar(shared)

"""What each day of a leg added to the time counted, and why the other days added nothing.

It walks the calendar day by day, apart from the bisections that found the due date, so each checks the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.clocks.calendar import Calendar
from engine.clocks.course import Leg, Measure
from engine.clocks.zone import date_of, day_of, instant_of


class LineKind(StrEnum):
    """A mark, the beginning of a part, a day that counted, one that did not, or the outcome."""

    MARK = "mark"
    PART = "part"
    COUNTED = "counted"
    SKIPPED = "skipped"
    DUE = "due"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """`vi` and `en` say why; a line about a day also has the day, what it added and the total so far.

    `mark`: of which mark of the clock, counted from 0, the line speaks.
    """

    kind: LineKind
    vi: str
    en: str
    day: date | None = None
    measure: Measure | None = None
    amount: int = 0
    total: int = 0
    mark: int | None = None


_FIRST_DAY = (
    "Ngày đầu không tính (Bộ luật Dân sự 2015, Điều 147)",
    "The first day is excluded (Civil Code 2015, art. 147)",
)
_CUT_SHORT = (
    "Chưa hết ngày thì dừng hoặc thay đổi nên không tính",
    "Stopped or changed before the day ended: not counted",
)
_MOVED = (
    "Ngày cuối là ngày nghỉ: kết thúc vào cuối ngày làm việc tiếp theo (Bộ luật Dân sự 2015, Điều 148)",
    "The last day is off: it ends with the next working day (Civil Code 2015, art. 148)",
)


def day_lines(leg: Leg, total: int, calendar: Calendar) -> Iterator[Line]:
    """The days of one leg in order; `total` is what the part had counted before it."""
    walks = {Measure.MINUTES: _minutes, Measure.WORKING_DAYS: _working_days, Measure.DAYS: _days}
    walk = walks.get(leg.left.measure)
    if walk is None:
        return
    for line in walk(leg, calendar):
        total += line.amount
        yield Line(
            kind=line.kind,
            vi=line.vi,
            en=line.en,
            day=line.day,
            measure=leg.left.measure,
            amount=line.amount,
            total=total,
        )


def _minutes(leg: Leg, calendar: Calendar) -> Iterator[Line]:
    for day in range(day_of(leg.begins), day_of(leg.ends) + 1):
        spans = calendar.spans(day)
        if not spans:
            yield _off(day, calendar)
        worked = [(max(opens, leg.begins), min(closes, leg.ends)) for opens, closes in spans]
        worked = [(start, end) for start, end in worked if start < end]
        if worked:
            shown = ", ".join(f"{instant_of(start):%H:%M}-{instant_of(end):%H:%M}" for start, end in worked)
            yield _on(day, sum(end - start for start, end in worked), calendar, shown)


def _working_days(leg: Leg, calendar: Calendar) -> Iterator[Line]:
    first = day_of(leg.begins)
    yield _skipped(first, _FIRST_DAY)
    for day in range(first + 1, day_of(leg.ends) + 1):
        spans = calendar.spans(day)
        if not spans:
            yield _off(day, calendar)
        elif spans[-1][1] <= leg.ends:
            yield _on(day, 1, calendar)
        else:
            yield _skipped(day, _CUT_SHORT)


def _days(leg: Leg, calendar: Calendar) -> Iterator[Line]:
    """Calendar days count whether worked or not; only the last one must be worked."""
    first, counted = day_of(leg.begins), 0
    yield _skipped(first, _FIRST_DAY)
    for day in range(first + 1, day_of(leg.ends) + 1):
        if counted < leg.counted:
            counted += 1
            yield _on(day, 1, calendar)
        elif not calendar.spans(day):
            yield _off(day, calendar)
        else:
            yield _skipped(day, _MOVED if leg.finished else _CUT_SHORT)


def _on(day: int, amount: int, calendar: Calendar, shown: str = "") -> Line:
    """A day that counted; a day off or a worked Saturday says what it is."""
    rule = calendar.rule_of(date_of(day)) or calendar.why_off(date_of(day))
    vi = "; ".join(part for part in (shown, f"{rule.vi} ({rule.basis})" if rule else "") if part)
    en = "; ".join(part for part in (shown, f"{rule.en} ({rule.basis})" if rule else "") if part)
    return Line(kind=LineKind.COUNTED, vi=vi, en=en, day=date_of(day), amount=amount)


def _off(day: int, calendar: Calendar) -> Line:
    reason = calendar.why_off(date_of(day)) or calendar.declaration.rest
    return _skipped(day, (f"{reason.vi} ({reason.basis})", f"{reason.en} ({reason.basis})"))


def _skipped(day: int, why: tuple[str, str]) -> Line:
    return Line(kind=LineKind.SKIPPED, vi=why[0], en=why[1], day=date_of(day))

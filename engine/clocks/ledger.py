"""What each day of a leg added to the time counted, and why the other days added nothing.

It walks the calendar day by day, apart from the bisections that found the due date, so each checks the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from engine.clocks.calendar import Calendar
from engine.clocks.course import Leg, Measure
from engine.clocks.zone import date_of, day_of, instant_of


class LineKind(StrEnum):
    """A mark, time the clock stood still, the beginning of a part, a day that counted or did not, or the outcome."""

    MARK = "mark"
    STOPPED = "stopped"
    PART = "part"
    COUNTED = "counted"
    SKIPPED = "skipped"
    DUE = "due"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """`vi` and `en` say it whole; a line about a day also has the day, what it added and the total so far.

    `mark`: of which mark of the clock, counted from 0, the line speaks. `basis`: the legal source of a day that does
    not follow its weekday. `begins` and `ends`: what counted of a day in hours, or how long the clock stood still (no
    end while it does); of the due line the due instant.
    """

    kind: LineKind
    vi: str
    en: str
    day: date | None = None
    measure: Measure | None = None
    amount: int = 0
    total: int = 0
    mark: int | None = None
    basis: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


_Why = tuple[str, str, str]  # Vietnamese, English, legal source

_FIRST_DAY = (
    "Ngày đầu không tính (Bộ luật Dân sự 2015, Điều 147)",
    "The first day is excluded (Civil Code 2015, art. 147)",
    "Bộ luật Dân sự 2015, Điều 147",
)
_CUT_SHORT = (
    "Chưa hết ngày thì dừng hoặc thay đổi nên không tính",
    "Stopped or changed before the day ended: not counted",
    "",
)
_MOVED = (
    "Ngày cuối là ngày nghỉ: kết thúc vào cuối ngày làm việc tiếp theo (Bộ luật Dân sự 2015, Điều 148)",
    "The last day is off: it ends with the next working day (Civil Code 2015, art. 148)",
    "Bộ luật Dân sự 2015, Điều 148",
)


def day_lines(leg: Leg, total: int, calendar: Calendar) -> Iterator[Line]:
    """The days of one leg in order; `total` is what the part had counted before it."""
    walks = {Measure.MINUTES: _minutes, Measure.WORKING_DAYS: _working_days, Measure.DAYS: _days}
    walk = walks.get(leg.left.measure)
    if walk is None:
        return
    for line in walk(leg, calendar):
        total += line.amount
        yield replace(line, measure=leg.left.measure, total=total)


def days_until_open(given: int, taken: int, measure: Measure, calendar: Calendar) -> Iterator[Line]:
    """The days off between what was handed in outside working hours and the opening it counts from."""
    for day in range(day_of(given), day_of(taken)):
        if not calendar.spans(day):
            yield replace(_off(day, calendar), measure=measure)


def _minutes(leg: Leg, calendar: Calendar) -> Iterator[Line]:
    for day in range(day_of(leg.begins), day_of(leg.ends) + 1):
        spans = calendar.spans(day)
        if not spans:
            yield _off(day, calendar)
        worked = [(max(opens, leg.begins), min(closes, leg.ends)) for opens, closes in spans]
        worked = [(start, end) for start, end in worked if start < end]
        if worked:
            shown = ", ".join(f"{instant_of(start):%H:%M}-{instant_of(end):%H:%M}" for start, end in worked)
            line = _on(day, sum(end - start for start, end in worked), calendar, shown)
            yield replace(line, begins=instant_of(worked[0][0]), ends=instant_of(worked[-1][1]))


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
            yield _on(day, 1, calendar) if calendar.spans(day) else _all_the_same(day, calendar)
        elif not calendar.spans(day):
            yield _off(day, calendar)
        else:
            yield _skipped(day, _MOVED if leg.finished else _CUT_SHORT)


def _on(day: int, amount: int, calendar: Calendar, shown: str = "") -> Line:
    """A day that counted; a day off or a worked Saturday says what it is."""
    rule = calendar.rule_of(date_of(day)) or calendar.why_off(date_of(day))
    vi = "; ".join(part for part in (shown, f"{rule.vi} ({rule.basis})" if rule else "") if part)
    en = "; ".join(part for part in (shown, f"{rule.en} ({rule.basis})" if rule else "") if part)
    basis = rule.basis if rule else ""
    return Line(kind=LineKind.COUNTED, vi=vi, en=en, day=date_of(day), amount=amount, basis=basis)


def _all_the_same(day: int, calendar: Calendar) -> Line:
    """A day off that a limit of calendar days counts."""
    line = _on(day, 1, calendar)
    return replace(line, vi=f"{line.vi}: vẫn tính", en=f"{line.en}: counts all the same")


def _off(day: int, calendar: Calendar) -> Line:
    reason = calendar.why_off(date_of(day)) or calendar.declaration.rest
    return _skipped(day, (f"{reason.vi} ({reason.basis})", f"{reason.en} ({reason.basis})", reason.basis))


def _skipped(day: int, why: _Why) -> Line:
    return Line(kind=LineKind.SKIPPED, vi=why[0], en=why[1], day=date_of(day), basis=why[2])

"""Explains a due date line by line: marks, days counted, days skipped with their legal basis, stops, the sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.clocks.calendar import Calendar
from engine.clocks.course import Measure, Stretch, follow
from engine.clocks.evaluation import Evaluation, evaluate
from engine.clocks.ledger import Line, LineKind, day_lines, days_until_open
from engine.clocks.limits import Limit
from engine.clocks.marks import Clock, ClockState, Mark, MarkKind
from engine.clocks.wording import amount, moment, remainder
from engine.clocks.zone import day_of, instant_of, minute_of

RECEIVED = ("Tiếp nhận hợp lệ lúc", "Validly received at")
BEGUN = ("Bắt đầu tính từ", "Counted from")
_OPENINGS = {
    MarkKind.RESUME: ("Tính tiếp phần còn lại từ", "The remainder runs on from"),
    MarkKind.RESTART: ("Tính lại từ đầu từ", "Begins anew from"),
    MarkKind.EXTEND: ("Hẹn lại từ", "Extended from"),
}
_WAITS = {
    ClockState.STOPPED: ("Đang dừng: chưa có hạn", "Stopped: no due date yet"),
    ClockState.ENDED: ("Kết thúc khi đang dừng: không có hạn", "Ended while stopped: no due date"),
}


class _Ledger:
    """Which part of the limit is being counted, how much of it has been, and what the parts came to."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.anew()

    def anew(self) -> None:
        self.part, self.total, self.extended = 0, 0, False
        self.counted: list[tuple[Measure, int]] = []

    def extend(self) -> None:
        self.total, self.extended = 0, True

    def lines(self, stretch: Stretch, calendar: Calendar) -> Iterator[Line]:
        """None of a stretch that was over before its first working minute."""
        if stretch.ends is not None and stretch.ends < stretch.begins:
            return
        for leg in stretch.legs[:1]:
            for line in days_until_open(minute_of(stretch.mark.at), stretch.begins, leg.left.measure, calendar):
                yield replace(line, total=self.total)
        for leg in stretch.legs:
            yield from self._heading()
            yield from day_lines(leg, self.total, calendar)
            self.total += leg.counted
            if leg.finished:
                self.counted.append((leg.left.measure, self.total))
                self.part, self.total = self.part + 1, 0

    def _heading(self) -> Iterator[Line]:
        parts = self.limit.parts
        if len(parts) > 1 and not self.total and not self.extended:
            part = parts[self.part]
            place = f"{self.part + 1}/{len(parts)}"
            yield Line(kind=LineKind.PART, vi=f"Phần {place}: {part.vi}", en=f"Part {place}: {part.en}")

    def sum(self, language: str) -> str:
        """What was counted, against the limit; of an extended clock only that it was."""
        if self.extended:
            return "Extended by decision" if language == "en" else "Theo hạn đã hẹn lại"
        counted = " + ".join(amount(measure, count, language) for measure, count in self.counted)
        if language == "en":
            return f"Sum: {counted} = the limit of {self.limit.en}"
        return f"Cộng: {counted} = thời hạn {self.limit.vi}"


def explain(clock: Clock, calendar: Calendar, began: tuple[str, str] = RECEIVED) -> tuple[Line, ...]:
    """The record of a clock as arithmetic; what counted since it last began anew adds up to its limit.

    `began`: what its start is called, in both languages.
    """
    lines: list[Line] = []
    ledger = _Ledger(clock.limit)
    stretches = iter(follow(clock, calendar))
    stretch: Stretch | None = None
    for number, mark in enumerate(clock.marks):
        if stretch is not None and mark.kind is MarkKind.STOP:
            line = _stop(mark, clock.marks[number + 1 : number + 2], stretch, calendar)
            lines.append(replace(line, mark=number))
            continue
        if mark.kind is MarkKind.END:
            at = minute_of(mark.at)
            line = _of_mark(mark, f"Kết thúc lúc {moment(at)}", f"Ended at {moment(at, 'en')}")
            lines.append(replace(line, mark=number))
            continue
        stretch = next(stretches)
        if mark.kind is MarkKind.EXTEND:
            ledger.extend()
        elif mark.kind is not MarkKind.RESUME:
            ledger.anew()
        lines += [replace(_opening(stretch, began), mark=number), *ledger.lines(stretch, calendar)]
    return (*lines, _outcome(evaluate(clock, calendar), stretch, ledger))


def _opening(stretch: Stretch, began: tuple[str, str]) -> Line:
    mark, at = stretch.mark, stretch.begins
    opening_vi, opening_en = _OPENINGS.get(mark.kind, began)
    vi, en = f"{opening_vi} {moment(at)}", f"{opening_en} {moment(at, 'en')}"
    given = minute_of(mark.at)
    if given != at:
        vi += f" (thực tế {moment(given)}, ngoài giờ làm việc)"
        en += f" (in fact {moment(given, 'en')}, outside working hours)"
    if mark.until is not None:
        vi += f" đến {moment(stretch.due)}"
        en += f" until {moment(stretch.due, 'en')}"
    return _of_mark(mark, vi, en)


def _stop(mark: Mark, following: tuple[Mark, ...], stretch: Stretch, calendar: Calendar) -> Line:
    """From when to when the clock stood still, what that left out, and what remained."""
    at = minute_of(mark.at)
    until = minute_of(following[0].at) if following else None
    vi, en = f"Dừng từ {moment(at)}", f"Stopped from {moment(at, 'en')}"
    if until is not None:
        vi += f" đến {moment(until)}"
        en += f" to {moment(until, 'en')}"
    if stretch.left:
        measure = stretch.left[0].measure
        missed = _missed(measure, at, until, calendar)
        if missed:
            vi += f", không tính {amount(measure, missed)}"
            en += f", {amount(measure, missed, 'en')} not counted"
        vi += f", còn lại {remainder(stretch.left)}"
        en += f", {remainder(stretch.left, 'en')} left"
    else:
        vi += ", khi đã hết thời hạn"
        en += ", when the limit was used up"
    ends = None if until is None else instant_of(until)
    return replace(_of_mark(mark, vi, en), kind=LineKind.STOPPED, begins=instant_of(at), ends=ends)


def _missed(measure: Measure, at: int, until: int | None, calendar: Calendar) -> int:
    if until is None:
        return 0
    if measure is Measure.MINUTES:
        return calendar.worked(until) - calendar.worked(at)
    if measure is Measure.WORKING_DAYS:
        return calendar.closed(until) - calendar.closed(at)
    return day_of(until) - day_of(at)


def _of_mark(mark: Mark, vi: str, en: str) -> Line:
    reason = f": {mark.reason}" if mark.reason else ""
    return Line(kind=LineKind.MARK, vi=vi + reason, en=en + reason)


def _outcome(stands: Evaluation, last: Stretch | None, ledger: _Ledger) -> Line:
    if last is None:
        return Line(kind=LineKind.WAITING, vi="Chưa bắt đầu tính thời hạn", en="Not started")
    if stands.due is None:
        vi, en = _WAITS[stands.state]
        left_vi, left_en = remainder(last.left), remainder(last.left, "en")
        return Line(kind=LineKind.WAITING, vi=f"{vi}, còn lại {left_vi}", en=f"{en}, {left_en} left")
    due, year = minute_of(stands.due), stands.due.year
    vi, en = f"{ledger.sum('vi')}. Hạn: {moment(due)}", f"{ledger.sum('en')}. Due: {moment(due, 'en')}"
    if stands.provisional:
        vi += f" (tạm tính: lịch nghỉ năm {year} chưa công bố, khi công bố sẽ tính lại)"
        en += f" (provisional: the calendar of {year} is not announced; it is computed again when it is)"
    return Line(kind=LineKind.DUE, vi=vi, en=en, ends=stands.due)

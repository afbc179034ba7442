"""Explains a due date line by line: marks, days counted, days skipped with their legal basis, the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.clocks.calendar import Calendar
from engine.clocks.course import Stretch, follow
from engine.clocks.evaluation import evaluate
from engine.clocks.ledger import Line, LineKind, day_lines
from engine.clocks.limits import Limit
from engine.clocks.marks import Clock, ClockState, Mark, MarkKind
from engine.clocks.wording import moment, remainder
from engine.clocks.zone import minute_of

_OPENINGS = {
    MarkKind.START: ("Tiếp nhận hợp lệ lúc", "Validly received at"),
    MarkKind.RESUME: ("Tính tiếp phần còn lại từ", "The remainder runs on from"),
    MarkKind.RESTART: ("Tính lại từ đầu từ", "Begins anew from"),
    MarkKind.EXTEND: ("Gia hạn từ", "Extended from"),
}


class _Ledger:
    """Which part of the limit is being counted, and how much of it has been."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.anew()

    def anew(self) -> None:
        self.part, self.total, self.extended = 0, 0, False

    def extend(self) -> None:
        self.total, self.extended = 0, True

    def lines(self, stretch: Stretch, calendar: Calendar) -> Iterator[Line]:
        for leg in stretch.legs:
            yield from self._heading()
            yield from day_lines(leg, self.total, calendar)
            self.total += leg.counted
            if leg.finished:
                self.part, self.total = self.part + 1, 0

    def _heading(self) -> Iterator[Line]:
        parts = self.limit.parts
        if len(parts) > 1 and not self.total and not self.extended:
            part = parts[self.part]
            place = f"{self.part + 1}/{len(parts)}"
            yield Line(kind=LineKind.PART, vi=f"Phần {place}: {part.vi}", en=f"Part {place}: {part.en}")


def explain(clock: Clock, calendar: Calendar) -> tuple[Line, ...]:
    """The record of a clock as arithmetic; what counted since it last began anew adds up to its limit."""
    lines: list[Line] = []
    ledger = _Ledger(clock.limit)
    stretches = iter(follow(clock, calendar))
    stretch: Stretch | None = None
    for number, mark in enumerate(clock.marks):
        if stretch is not None and mark.kind in (MarkKind.STOP, MarkKind.END):
            lines.append(replace(_closing(mark, stretch), mark=number))
            continue
        stretch = next(stretches)
        if mark.kind is MarkKind.EXTEND:
            ledger.extend()
        elif mark.kind is not MarkKind.RESUME:
            ledger.anew()
        lines += [replace(_opening(stretch), mark=number), *ledger.lines(stretch, calendar)]
    return (*lines, _outcome(clock, calendar))


def _opening(stretch: Stretch) -> Line:
    mark, at = stretch.mark, stretch.begins
    opening_vi, opening_en = _OPENINGS[mark.kind]
    vi, en = f"{opening_vi} {moment(at)}", f"{opening_en} {moment(at, 'en')}"
    given = minute_of(mark.at)
    if given != at:
        vi += f" (thực tế {moment(given)}, ngoài giờ làm việc)"
        en += f" (in fact {moment(given, 'en')}, outside working hours)"
    if mark.until is not None:
        vi += f" đến {moment(stretch.due)}"
        en += f" until {moment(stretch.due, 'en')}"
    return _mark(mark, vi, en)


def _closing(mark: Mark, stretch: Stretch) -> Line:
    at = minute_of(mark.at)
    if mark.kind is MarkKind.END:
        return _mark(mark, f"Kết thúc lúc {moment(at)}", f"Ended at {moment(at, 'en')}")
    vi, en = f"Dừng lúc {moment(at)}", f"Stopped at {moment(at, 'en')}"
    if stretch.left:
        vi += f", còn lại {remainder(stretch.left)}"
        en += f", {remainder(stretch.left, 'en')} left"
    return _mark(mark, vi, en)


def _mark(mark: Mark, vi: str, en: str) -> Line:
    reason = f": {mark.reason}" if mark.reason else ""
    return Line(kind=LineKind.MARK, vi=vi + reason, en=en + reason)


def _outcome(clock: Clock, calendar: Calendar) -> Line:
    stands = evaluate(clock, calendar)
    if stands.state is ClockState.NOT_STARTED:
        return Line(kind=LineKind.WAITING, vi="Chưa bắt đầu tính thời hạn", en="Not started")
    if stands.due is None:
        return Line(kind=LineKind.WAITING, vi="Đang dừng: chưa có hạn", en="Stopped: no due date")
    due = minute_of(stands.due)
    vi, en = f"Hạn: {moment(due)}", f"Due: {moment(due, 'en')}"
    if stands.provisional:
        vi += f" (tạm tính: lịch nghỉ năm {stands.due.year} chưa công bố)"
        en += f" (provisional: the calendar of {stands.due.year} is not announced)"
    return Line(kind=LineKind.DUE, vi=vi, en=en)

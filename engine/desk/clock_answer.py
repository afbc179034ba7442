"""The answer to “why this date?” in one sentence, before the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import Evaluation
from engine.clocks.marks import Clock, ClockState, Mark, MarkKind
from engine.clocks.wording import moment
from engine.clocks.zone import ZONE, instant_of, minute_of
from procedures.declaration import Text

_ANEW = (MarkKind.START, MarkKind.RESTART)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """`off`: the days off passed over since the clock last began anew; `place`: whose calendar counts.

    `extended_from`: the date an apology replaced.
    """

    off: int
    place: Text
    extended_from: datetime | None


def sentence(clock: Clock, stands: Evaluation, calendar: Calendar, told: Told) -> Text:
    if stands.due is None:
        return _standing_still(clock, stands)
    extended = next((mark for mark in reversed(_since(clock)) if mark.kind is MarkKind.EXTEND), None)
    reason = _counted(clock, calendar, told) if extended is None else _extended(extended, told, stands.due)
    due, (ended, ended_en) = _words(stands.due), _ended(clock, stands.due)
    return Text(vi=f"Hạn là {due.vi}: {reason.vi}{ended}.", en=f"Due {due.en}: {reason.en}{ended_en}.")


def _words(at: datetime) -> Text:
    minute = minute_of(at)
    return Text(vi=moment(minute), en=moment(minute, "en"))


def _counted(clock: Clock, calendar: Calendar, told: Told) -> Text:
    since, off = _since(clock), told.off
    begun = _words(instant_of(calendar.taken(minute_of(since[0].at))))
    stops = sum(mark.kind is MarkKind.STOP for mark in since)
    vi, en = f"{clock.limit.vi} kể từ {begun.vi}", f"{clock.limit.en} from {begun.en}"
    if since[0].kind is MarkKind.RESTART:
        vi, en = f"{vi} khi tính lại từ đầu", f"{en}, when it began anew"
    vi, en = f"{vi}, theo lịch làm việc của {told.place.vi}", f"{en}, by the working calendar of {told.place.en}"
    if off:
        vi, en = f"{vi}, bỏ qua {off} ngày nghỉ", f"{en}, passing over {off} day{'s' if off > 1 else ''} off"
    if stops:
        vi, en = f"{vi}, trừ {stops} lần dừng", f"{en}, without {stops} stop{'s' if stops > 1 else ''}"
    return Text(vi=vi, en=en)


def _extended(apology: Mark, told: Told, due: datetime) -> Text:
    """When the apology was written, which date it replaced, and whether the calendar has overtaken it since."""
    at = _words(apology.at)
    vi, en = f"ngày hẹn lại theo văn bản xin lỗi lúc {at.vi}", f"the new date of the apology of {at.en}"
    if apology.until is not None and due > apology.until:
        until = _words(apology.until)
        vi, en = f"{vi} là {until.vi}, nhưng theo lịch mới hạn là ngày muộn hơn", (
            f"{en} was {until.en}, but by the new calendar it is later")
    if told.extended_from is None:
        return Text(vi=vi, en=en)
    old = _words(told.extended_from)
    return Text(vi=f"{vi}; trước đó hạn là {old.vi}", en=f"{en}; before it the due date was {old.en}")


def _standing_still(clock: Clock, stands: Evaluation) -> Text:
    stopped = next(mark for mark in reversed(clock.marks) if mark.kind is MarkKind.STOP)
    at = _words(stopped.at)
    if stands.state is ClockState.ENDED or stands.due_if_resumed is None:
        return Text(vi=f"Không có hạn: thời hạn {clock.limit.vi} kết thúc khi đang dừng từ {at.vi}.",
                    en=f"No due date: the limit of {clock.limit.en} ended while it was stopped since {at.en}.")
    due = _words(stands.due_if_resumed)
    return Text(vi=f"Chưa có hạn: thời hạn {clock.limit.vi} đang dừng từ {at.vi}; "
                   f"nếu tính tiếp ngay thì hạn là {due.vi}.",
                en=f"No due date yet: the limit of {clock.limit.en} is stopped since {at.en}; "
                   f"if it ran on now, it would be due {due.en}.")


def _ended(clock: Clock, due: datetime) -> tuple[str, str]:
    last = clock.marks[-1]
    if last.kind is not MarkKind.END:
        return "", ""
    at, late = _words(last.at), last.at > due
    return (f"; kết thúc lúc {at.vi}, {'trễ hạn' if late else 'đúng hạn'}",
            f"; it ended at {at.en}, {'late' if late else 'on time'}")


def _since(clock: Clock) -> tuple[Mark, ...]:
    """The marks since the clock last began anew."""
    anew = max(number for number, mark in enumerate(clock.marks) if mark.kind in _ANEW)
    return clock.marks[anew:]


def awaited(stands: Evaluation) -> Text:
    """What confirms a provisional date: the notice of its year."""
    at = stands.due or stands.due_if_resumed
    year = at.astimezone(ZONE).year if at else ""
    return Text(vi=f"Tạm tính: lịch nghỉ năm {year} chưa được công bố. Khi thông báo lịch nghỉ năm {year} được nạp vào "
                   "lịch làm việc, hạn sẽ được tính lại và thành chính thức.",
                en=f"Provisional: the days off of {year} are not announced. Once the notice for {year} is entered in "
                   "the calendar, the date is computed again and confirmed.")

"""The answer to “why this date?” in one sentence, before the arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import Evaluation, evaluate
from engine.clocks.marks import Clock, ClockState, Mark, MarkKind
from engine.clocks.wording import moment
from engine.clocks.zone import ZONE, instant_of, minute_of
from procedures.declaration import Text

_ANEW = (MarkKind.START, MarkKind.RESTART)


def sentence(clock: Clock, stands: Evaluation, calendar: Calendar, off: int, place: Text) -> Text:
    """`off`: the days off passed over since the clock last began anew; `place`: whose calendar counts."""
    if stands.due is None:
        return _standing_still(clock, stands)
    extended = next((number for number, mark in enumerate(clock.marks) if mark.kind is MarkKind.EXTEND), None)
    reason = _counted(clock, calendar, off, place) if extended is None else _extended(clock, extended, calendar)
    due, (ended, ended_en) = _words(stands.due), _ended(clock, stands.due)
    return Text(vi=f"Hạn là {due.vi}: {reason.vi}{ended}.", en=f"Due {due.en}: {reason.en}{ended_en}.")


def _words(at: datetime) -> Text:
    minute = minute_of(at)
    return Text(vi=moment(minute), en=moment(minute, "en"))


def _counted(clock: Clock, calendar: Calendar, off: int, place: Text) -> Text:
    since = _since(clock)
    begun = _words(instant_of(calendar.taken(minute_of(since[0].at))))
    stops = sum(mark.kind is MarkKind.STOP for mark in since)
    vi, en = f"{clock.limit.vi} kể từ {begun.vi}", f"{clock.limit.en} from {begun.en}"
    if since[0].kind is MarkKind.RESTART:
        vi, en = f"{vi} khi tính lại từ đầu", f"{en}, when it began anew"
    vi, en = f"{vi}, theo lịch làm việc của {place.vi}", f"{en}, by the working calendar of {place.en}"
    if off:
        vi, en = f"{vi}, bỏ qua {off} ngày nghỉ", f"{en}, passing over {off} day{'s' if off > 1 else ''} off"
    if stops:
        vi, en = f"{vi}, trừ {stops} lần dừng", f"{en}, without {stops} stop{'s' if stops > 1 else ''}"
    return Text(vi=vi, en=en)


def _extended(clock: Clock, number: int, calendar: Calendar) -> Text:
    """What the date was before the apology, and when that was written."""
    at, before = _words(clock.marks[number].at), evaluate(replace(clock, marks=clock.marks[:number]), calendar).due
    old = _words(before) if before else Text(vi="–", en="–")
    return Text(vi=f"ngày hẹn lại theo văn bản xin lỗi lúc {at.vi}; trước đó hạn là {old.vi}",
                en=f"the new date of the apology of {at.en}; before it the due date was {old.en}")


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

"""What legal time refuses to compute, with what would be allowed instead."""

from __future__ import annotations

from engine.errors import Refused


class OutsideCalendar(Refused):
    """Guessing beyond the table would print a date nobody decided."""

    code = "outside_calendar"
    vi = ("Ngày {day} nằm ngoài lịch làm việc “{calendar_vi}” (có từ {first} đến {last}). "
          "Hãy xem lại ngày đã nhập, hoặc báo quản trị bổ sung lịch.")
    en = ("{day} lies outside the working calendar “{calendar_en}” (which covers {first} to {last}). "
          "Check the date, or ask an administrator to complete the calendar.")


class NaiveInstant(Refused):
    """An instant without a time zone could mean any of two days."""

    code = "naive_instant"
    vi = "Thời điểm {instant} thiếu múi giờ; hãy ghi kèm, ví dụ +07:00."
    en = "The instant {instant} has no time zone; give it one, for example +07:00."


class BadLimit(Refused):
    code = "bad_limit"
    vi = "Thời hạn “{limit}” không hợp lệ: {reason_vi}"
    en = "The limit “{limit}” is not valid: {reason_en}"


class BadMark(Refused):
    """A clock's record contradicts itself, so no due date follows from it."""

    code = "bad_mark"
    vi = "Mốc thời gian không hợp lệ: {reason_vi}"
    en = "The clock's mark is not valid: {reason_en}"

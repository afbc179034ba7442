"""Dates, instants and amounts of legal time in words, Vietnamese and English."""

from __future__ import annotations

from datetime import date

from engine.clocks.course import Left, Measure
from engine.clocks.zone import date_of, day_of, instant_of

WEEKDAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def weekday(day: date, language: str = "vi") -> str:
    return (WEEKDAYS_EN if language == "en" else WEEKDAYS_VI)[day.weekday()]


def moment(minute: int, language: str = "vi") -> str:
    """09:00 thứ Sáu 20/11/2026."""
    name = weekday(date_of(day_of(minute)), language)
    if language != "en":
        name = name[0].lower() + name[1:]
    return f"{instant_of(minute):%H:%M} {name} {instant_of(minute):%d/%m/%Y}"


def amount(measure: Measure, count: int, language: str = "vi") -> str:
    """How much of a limit: hours and minutes of work, working days, or days."""
    if measure is Measure.MINUTES:
        hours, minutes = divmod(count, 60)
        pieces = [_counted(hours, "giờ", "h", language)] if hours or not minutes else []
        pieces += [_counted(minutes, "phút", "min", language)] if minutes else []
        return " ".join(pieces)
    if language != "en":
        return f"{count} {'ngày làm việc' if measure is Measure.WORKING_DAYS else 'ngày'}"
    name = "working day" if measure is Measure.WORKING_DAYS else "day"
    return f"{count} {name}{'' if count == 1 else 's'}"


def remainder(left: tuple[Left, ...], language: str = "vi") -> str:
    """What is left of each part, in sequence."""
    return " + ".join(_part(part, language) for part in left)


def _part(part: Left, language: str) -> str:
    if part.measure is Measure.MINUTES:
        return f"{amount(part.measure, part.amount, language)} {'of work' if language == 'en' else 'làm việc'}"
    if part.measure is Measure.MONTHS:
        return f"{part.amount} {'months' if language == 'en' else 'tháng'}"
    return amount(part.measure, part.amount, language)


def _counted(count: int, vi: str, en: str, language: str) -> str:
    return f"{count} {en if language == 'en' else vi}"

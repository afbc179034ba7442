"""From what somebody typed to a row or a week of a calendar; every fault at its field, with what to write there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.calendaring.wording import KINDS
from engine.errors import Invalid
from procedures.calendars.declaration import OFF, DayKind, DayRule
from procedures.calendars.sessions import WEEKDAYS, Hours, Session, Weekday, WeekPart, in_order

Fault = tuple[str, str]
Faults = dict[str, Fault]

LONGEST = 300
_SESSION = re.compile(r"(\d{1,2})[:hg.](\d{2})\s*[-–]\s*(\d{1,2})[:hg.](\d{2})")
_BETWEEN = re.compile(r"[,;\n]|\bvà\b|\band\b")
YEARS = range(2000, 2201)
OUTSIDE: Fault = ("Năm phải từ 2000 đến 2200.", "The year must be 2000 to 2200.")
DATE: Fault = ("Ghi ngày, ví dụ 15/12/2026.", "Give a date, as 15/12/2026.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGiven:
    """A row as it was typed. A date is None where there is none, or none that can be read (`until_said`)."""

    day: date | None
    until: date | None
    until_said: bool
    kind: str
    sessions: str
    vi: str
    en: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursGiven:
    """Working hours as they were typed: the sessions of each weekday, '' for the weekly rest."""

    since: date | None
    basis: str
    week: Mapping[Weekday, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Who enters, and on which day."""

    name: str
    today: date


def decided(text: str) -> bool:
    """Whether it may be the number of a decision or an article of law: four signs, one of them a digit."""
    return len(text) >= 4 and any(sign.isdigit() for sign in text)


def row(given: RowGiven, clerk: Clerk) -> DayRule:
    """Raises Invalid."""
    faults: Faults = _date_faults(given)
    kind = DayKind(given.kind) if given.kind in list(DayKind) else None
    if kind is None:
        faults["kind"] = ("Chọn loại ngày.", "Choose the kind of day.")
    found, wrong = read_sessions(given.sessions)
    wrong = wrong or (_unfit(kind, found) if kind else None)
    if wrong:
        faults["sessions"] = wrong
    if not given.vi:
        faults["vi"] = ("Ghi tên hoặc lý do, ví dụ “Phòng, chống bão số 9”.", "Give the name or the reason.")
    if not decided(given.basis):
        faults["basis"] = ("Ghi số quyết định hoặc thông báo làm căn cứ (ít nhất 4 ký tự, có chữ số), "
                           "ví dụ 2345/QĐ-UBND.",
                           "Give the number of the decision or notice (4 characters, one a digit), as 2345/QĐ-UBND.")
    faults |= _too_long({"vi": given.vi, "en": given.en, "basis": given.basis})
    if faults or kind is None or given.day is None:
        raise Invalid(faults)
    return DayRule(date=given.day, until=given.until if given.until != given.day else None, kind=kind, sessions=found,
                   vi=given.vi, en=given.en or KINDS[kind].en, basis=given.basis, entered_by=clerk.name,
                   entered_on=clerk.today)


def _date_faults(given: RowGiven) -> Faults:
    faults: Faults = {}
    if given.day is None:
        faults["date"] = DATE
    elif given.day.year not in YEARS:
        faults["date"] = OUTSIDE
    if given.until is None:
        if given.until_said:
            faults["until"] = ("Ghi ngày cuối, ví dụ 16/12/2026, hoặc để trống nếu chỉ một ngày.",
                               "Give the last day, as 16/12/2026, or leave it empty for one day.")
    elif given.day is not None and not 0 <= (given.until - given.day).days <= 366:
        faults["until"] = ("Ngày cuối phải sau ngày đầu và cách không quá một năm.",
                           "The last day must come after the first, within a year.")
    return faults


def _unfit(kind: DayKind, found: tuple[Session, ...]) -> Fault | None:
    if kind in OFF and found:
        return ("Ngày nghỉ không có phiên làm việc: để trống, hoặc chọn loại “Nửa ngày”.",
                "A day off has no sessions: leave this empty, or choose “Half day”.")
    if kind is DayKind.HALF_DAY and not found:
        return ("Ghi phiên còn làm việc trong ngày, ví dụ 07:00-11:30.",
                "Give the sessions that are worked, as 07:00-11:30.")
    return None


def hours(given: HoursGiven) -> Hours:
    """Raises Invalid."""
    faults: Faults = {}
    if given.since is None:
        faults["since"] = DATE
    elif given.since.year not in YEARS:
        faults["since"] = OUTSIDE
    if not decided(given.basis):
        faults["basis"] = ("Ghi số quyết định quy định giờ làm việc (ít nhất 4 ký tự, có chữ số).",
                           "Give the number of the decision on the hours (4 characters, one a digit).")
    days: dict[tuple[Session, ...], list[Weekday]] = {}
    for name in WEEKDAYS:
        found, wrong = read_sessions(given.week.get(name, ""))
        if wrong:
            faults[name] = wrong
        elif found:
            days.setdefault(found, []).append(name)
    if not days and not faults.keys() & set(WEEKDAYS):
        faults[WEEKDAYS[0]] = ("Ghi giờ làm việc của ít nhất một ngày, ví dụ 07:00-11:30, 13:30-17:00.",
                               "Give the hours of one day at least, as 07:00-11:30, 13:30-17:00.")
    faults |= _too_long({"basis": given.basis})
    if faults or given.since is None:
        raise Invalid(faults)
    return Hours(since=given.since, basis=given.basis,
                 week=tuple(WeekPart(days=tuple(names), sessions=found) for found, names in days.items()))


def read_sessions(text: str) -> tuple[tuple[Session, ...], Fault | None]:
    """`07:00-11:30, 13:30-17:00` or `7h30-11h30; 13h00-16h30`; what is wrong with it, if anything is."""
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]
    found = []
    for piece in pieces:
        times = _SESSION.fullmatch(piece)
        if times is None or not all(_is_clock(times[hour], times[hour + 1]) for hour in (1, 3)):
            return (), (f"“{piece[:40]}” không phải giờ làm việc; hãy ghi như 07:00-11:30, 13:30-17:00.",
                        f"“{piece[:40]}” is no working time; write 07:00-11:30, 13:30-17:00.")
        opens, closes = (int(times[hour]) * 60 + int(times[hour + 1]) for hour in (1, 3))
        if opens >= closes:
            return (), (f"“{piece[:40]}”: giờ bắt đầu phải trước giờ kết thúc.",
                        f"“{piece[:40]}”: the beginning must come before the end.")
        found.append(Session(opens=opens, closes=closes))
    try:
        in_order(tuple(found))
    except ValueError:
        return (), ("Các phiên trong ngày phải theo thứ tự và không chồng lên nhau.",
                    "The sessions of a day must be in order and must not overlap.")
    return tuple(found), None


def _is_clock(hour: str, minute: str) -> bool:
    return int(hour) < 24 and int(minute) < 60


def _too_long(texts: Mapping[str, str]) -> Faults:
    return {name: (f"Dài quá {LONGEST} ký tự.", f"Longer than {LONGEST} characters.")
            for name, text in texts.items() if len(text) > LONGEST}

"""Calendars in words: kinds of days, working hours, and what one version changes of the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.calendaring.scopes import Content, all_rows
from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, YearRules
from procedures.calendars.sessions import WEEKDAYS, Hours, Session, Weekday
from procedures.declaration import Text

KINDS: Mapping[DayKind, Text] = {
    DayKind.HOLIDAY: Text(vi="Nghỉ lễ, tết", en="Public holiday"),
    DayKind.MAKE_UP: Text(vi="Nghỉ bù", en="Day off in lieu"),
    DayKind.SWAPPED_OFF: Text(vi="Nghỉ hoán đổi", en="Off, swapped"),
    DayKind.WORKED: Text(vi="Làm việc", en="Worked"),
    DayKind.HALF_DAY: Text(vi="Nửa ngày", en="Half day"),
    DayKind.CLOSURE: Text(vi="Đóng cửa theo quyết định", en="Closed by decision"),
}
# The sign of a kind in the months, so that no colour says anything alone.
SIGNS: Mapping[DayKind, Text] = {
    DayKind.HOLIDAY: Text(vi="L", en="H"),
    DayKind.MAKE_UP: Text(vi="B", en="L"),
    DayKind.SWAPPED_OFF: Text(vi="Đ", en="S"),
    DayKind.WORKED: Text(vi="+", en="+"),
    DayKind.HALF_DAY: Text(vi="½", en="½"),
    DayKind.CLOSURE: Text(vi="×", en="×"),
}
WEEK: Mapping[Weekday, Text] = dict(zip(WEEKDAYS, (
    Text(vi="Thứ Hai", en="Monday"), Text(vi="Thứ Ba", en="Tuesday"), Text(vi="Thứ Tư", en="Wednesday"),
    Text(vi="Thứ Năm", en="Thursday"), Text(vi="Thứ Sáu", en="Friday"), Text(vi="Thứ Bảy", en="Saturday"),
    Text(vi="Chủ nhật", en="Sunday")), strict=True))
SHORT = tuple(Text(vi=vi, en=en) for vi, en in zip(
    ("T2", "T3", "T4", "T5", "T6", "T7", "CN"), ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), strict=True))
REST = Text(vi="nghỉ", en="rest")


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def sessions(found: Iterable[Session]) -> str:
    """As a form takes it, too: 07:00-11:30, 13:30-17:00."""
    return ", ".join(f"{clock(one.opens)}-{clock(one.closes)}" for one in found)


def dates(row: DayRule) -> str:
    return f"{row.date:%d/%m/%Y}" if row.until is None else f"{row.date:%d/%m/%Y}–{row.until:%d/%m/%Y}"


def week(hours: Hours) -> list[tuple[Text, str]]:
    """Weekdays that follow each other and have the same hours together, with those hours ('' is rest)."""
    found: list[tuple[list[Weekday], str]] = []
    for number, name in enumerate(WEEKDAYS):
        told = sessions(hours.sessions(number))
        if found and found[-1][1] == told:
            found[-1][0].append(name)
        else:
            found.append(([name], told))
    return [(_days(names), told) for names, told in found]


def _days(names: list[Weekday]) -> Text:
    first, last = WEEK[names[0]], WEEK[names[-1]]
    if len(names) == 1:
        return first
    vi, en = (" và ", " and ") if len(names) == 2 else (" đến ", " to ")
    return Text(vi=f"{first.vi}{vi}{last.vi}", en=f"{first.en}{en}{last.en}")


def of_row(row: DayRule) -> Text:
    """15/10/2026 Đóng cửa theo quyết định: Bão số 9 (12/QĐ-UBND)."""
    kind, hours = KINDS[row.kind], f" {sessions(row.sessions)}" if row.sessions else ""
    return Text(vi=f"{dates(row)} {kind.vi}{hours}: {row.vi} ({row.basis})",
                en=f"{dates(row)} {kind.en}{hours}: {row.en} ({row.basis})")


def of_hours(hours: Hours) -> Text:
    told = week(hours)
    vi = "; ".join(f"{days.vi} {times or REST.vi}" for days, times in told)
    en = "; ".join(f"{days.en} {times or REST.en}" for days, times in told)
    return Text(vi=f"giờ làm việc từ {hours.since:%d/%m/%Y}: {vi} ({hours.basis})",
                en=f"working hours from {hours.since:%d/%m/%Y}: {en} ({hours.basis})")


def changes(before: Content, after: Content) -> list[Text]:
    """What the second declares otherwise than the first, one sentence each. Who entered a row is no difference."""
    found = _of_rows(all_rows(before), all_rows(after))
    found += _of_hours(before.hours, after.hours)
    if isinstance(before, CalendarDeclaration) and isinstance(after, CalendarDeclaration):
        found += _of_years({one.year: one for one in before.years}, {one.year: one for one in after.years})
    return found


def _of_rows(before: Iterable[DayRule], after: Iterable[DayRule]) -> list[Text]:
    old, new = {row.date: row for row in before}, {row.date: row for row in after}
    found = []
    for day in sorted(old.keys() | new.keys()):
        was, now = old.get(day), new.get(day)
        if was is None and now is not None:
            found.append(_said("Thêm", "Added", of_row(now)))
        elif was is not None and now is None:
            found.append(_said("Bỏ", "Removed", of_row(was)))
        elif was is not None and now is not None and of_row(was) != of_row(now):
            found.append(_turned(of_row(was), of_row(now)))
    return found


def _of_hours(before: Iterable[Hours], after: Iterable[Hours]) -> list[Text]:
    old, new = {one.since: one for one in before}, {one.since: one for one in after}
    found = [_said("Thêm", "Added", of_hours(new[since])) for since in sorted(new.keys() - old.keys())]
    found += [_said("Bỏ", "Removed", of_hours(old[since])) for since in sorted(old.keys() - new.keys())]
    return found + [_turned(of_hours(old[since]), of_hours(new[since])) for since in sorted(old.keys() & new.keys())
                    if old[since] != new[since]]


def _of_years(before: Mapping[int, YearRules], after: Mapping[int, YearRules]) -> list[Text]:
    found = []
    for year in sorted(before.keys() | after.keys()):
        was, now = _announced(before.get(year)), _announced(after.get(year))
        if was is None and now is not None:
            found.append(Text(vi=f"Xác nhận năm {year} đã công bố: {now}", en=f"Confirmed {year} as announced: {now}"))
        elif was is not None and now is None:
            found.append(Text(vi=f"Năm {year} trở lại chưa công bố", en=f"{year} is unannounced again"))
        elif was is not None and now is not None and was != now:
            found.append(Text(vi=f"Văn bản của năm {year}: {was}, nay là {now}",
                              en=f"Notices of {year}: {was}, now {now}"))
    return found


def _announced(year: YearRules | None) -> str | None:
    return "; ".join(year.sources) if year is not None and year.announced else None


def _said(vi: str, en: str, what: Text) -> Text:
    return Text(vi=f"{vi} {what.vi}", en=f"{en} {what.en}")


def _turned(was: Text, now: Text) -> Text:
    return Text(vi=f"Đổi {was.vi} thành {now.vi}", en=f"Changed {was.en} to {now.en}")

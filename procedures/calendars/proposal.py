"""A year as it will probably be: what the law fixes, lunar dates as they fall, days in lieu; nothing that is decided.

The yearly notice decides the five days of Tết, the day beside 2 September and swaps. What stands here is what a person
edits and confirms with the notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import holidays

from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, FixedDay, Reason, YearRules

SATURDAY = 5
TET = Reason(vi="Tết Âm lịch", en="Lunar New Year", basis="Bộ luật Lao động 2019, Điều 112.1.b")
HUNG_KINGS = Reason(vi="Giỗ Tổ Hùng Vương (10/3 âm lịch)", en="Hùng Kings' Commemoration Day",
                    basis="Bộ luật Lao động 2019, Điều 112.1.e")
NATIONAL_DAY = Reason(vi="Quốc khánh", en="National Day", basis="Bộ luật Lao động 2019, Điều 112.1.đ")
ADJACENT = Reason(vi="Quốc khánh (ngày liền kề)", en="National Day (adjacent day)", basis=NATIONAL_DAY.basis)
TET_DAYS, NATIONAL_DAYS = 5, 2


class NoLunarDates(ValueError):
    """The lunar calendar of that year is not known."""


def proposed(year: int, shared: CalendarDeclaration) -> YearRules:
    """Rows for a year nobody has announced; `shared` says which days of the solar calendar are holidays.

    Raises NoLunarDates.
    """
    off = [*((dt.date(year, one.month, one.day), one, one.made_up) for one in shared.fixed if one.since <= year),
           *((day, reason, True) for day, reason in _moving(year))]
    days = {day: _row(day, DayKind.HOLIDAY, reason) for day, reason, _ in off}
    for day, reason, _ in sorted((one for one in off if one[2]), key=lambda one: one[0]):
        if day.weekday() >= SATURDAY:
            lieu = _next_working_day(day, days)
            days[lieu] = _row(lieu, DayKind.MAKE_UP, _in_lieu(shared, reason))
    return YearRules(year=year, announced=False, days=_joined(days[day] for day in sorted(days)))


def _moving(year: int) -> list[tuple[dt.date, Reason]]:
    """Tết from the last day of the old year on, 10 March of the lunar calendar, the day beside 2 September."""
    found = sorted(holidays.country_holidays("VN", years=year, observed=False, language="vi").items())
    tet = [day for day, name in found if "Tết Nguyên Đán" in name]
    kings = [day for day, name in found if "Hùng Vương" in name]
    national = [day for day, name in found if "Quốc khánh" in name]
    if (len(tet), len(kings), len(national)) != (TET_DAYS, 1, NATIONAL_DAYS):
        raise NoLunarDates(f"{year}: no lunar dates are known")
    adjacent = [(day, ADJACENT) for day in national if (day.month, day.day) != (9, 2)]
    return [*((day, TET) for day in tet), (kings[0], HUNG_KINGS), *adjacent]


def _next_working_day(day: dt.date, taken: dict[dt.date, DayRule]) -> dt.date:
    """Labour Code art. 111.3: what falls on the weekly rest is made up on the next working day."""
    while day in taken or day.weekday() >= SATURDAY:
        day += dt.timedelta(days=1)
    return day


def _in_lieu(shared: CalendarDeclaration, of: Reason | FixedDay) -> Reason:
    lieu, vi, en = shared.make_up, of.vi.split(" (")[0], of.en.split(" (")[0]
    return Reason(vi=f"{lieu.vi} {vi}", en=f"{lieu.en} of {en}", basis=lieu.basis)


def _row(day: dt.date, kind: DayKind, reason: Reason | FixedDay) -> DayRule:
    return DayRule(date=day, kind=kind, vi=reason.vi, en=reason.en, basis=reason.basis)


def _joined(rows: Iterable[DayRule]) -> tuple[DayRule, ...]:
    """Days that follow each other and say the same are one row."""
    joined: list[DayRule] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last is not None and row.date == (last.until or last.date) + dt.timedelta(days=1) and (
                last.kind, last.vi, last.basis) == (row.kind, row.vi, row.basis):
            joined[-1] = last.model_copy(update={"until": row.date})
        else:
            joined.append(row)
    return tuple(joined)

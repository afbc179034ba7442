"""Calendars as administrators would publish them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from engine.office import Office
from engine.recomputing import preview
from procedures.calendars import library
from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, LocalRules, YearRules

Content = CalendarDeclaration | LocalRules
STORM = "Quyết định 12/QĐ-UBND"


def closed(*days: date, year: int = 2026, base: CalendarDeclaration | None = None) -> CalendarDeclaration:
    """The shared calendar with these dates closed by decision."""
    shared = base or library.national()
    rules = next(rules for rules in shared.years if rules.year == year)
    return shared.with_year(rules.model_copy(update={"days": (*rules.days, *map(storm, days))}))


def storm(day: date) -> DayRule:
    return DayRule(date=day, kind=DayKind.CLOSURE, vi="Nghỉ tránh bão", en="Closed for the storm", basis=STORM)


def at_agency(code: str, *days: date) -> LocalRules:
    return LocalRules(code=code, vi="Lịch riêng", en="Own calendar", days=tuple(map(storm, days)))


def notice_of_2027(*days: date, basis: str = "Thông báo 1/TB-BNV") -> CalendarDeclaration:
    """The year announced: what is known of it, Tết as expected, and these days off besides."""
    tet = [DayRule(date=date(2027, 2, day), kind=DayKind.HOLIDAY, vi="Tết Nguyên đán", en="Lunar New Year", basis=basis)
           for day in (5, 8, 9, 10, 11)]
    fixed = [DayRule(date=date(2027, month, day), kind=DayKind.HOLIDAY, vi="Nghỉ lễ", en="Holiday", basis=basis)
             for month, day in ((1, 1), (4, 16), (4, 30), (5, 3), (9, 2), (9, 3), (11, 24))]
    more = [DayRule(date=day, kind=DayKind.HOLIDAY, vi="Nghỉ lễ", en="Holiday", basis=basis) for day in days]
    return library.national().with_year(
        YearRules(year=2027, announced=True, sources=(basis,), days=(*tet, *fixed, *more)))


def publish(office: Office, declared: Content, scope: str = "", why: str = STORM) -> int:
    """The number of the new version. Its recomputation waits."""
    base = office.db.value("select coalesce(max(id), 0) from calendar_version where scope = %s", (scope,))
    person = office.db.value("select min(person_id) from membership where role = 'administrator'")
    return int(office.db.value(
        "select publish_calendar(%s, %s, %s, %s, %s, %s, %s)",
        (scope, base, declared.model_dump_json(), why, person, preview(office, scope, declared).from_at,
         datetime(2026, 11, 22, tzinfo=UTC))))

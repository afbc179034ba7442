"""Changes of what a scope declares, as functions of it: a row, the weekly hours, a year and its notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from engine.calendaring import wording
from engine.calendaring.scopes import Content, all_rows
from engine.errors import Invalid, NotFound, Refused
from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, LocalRules, YearRules
from procedures.calendars.sessions import Hours

# What a notice decides, and what a proposal therefore replaces.
DECIDED = frozenset({DayKind.HOLIDAY, DayKind.MAKE_UP})


def put_row(content: Content, row: DayRule, before: date | None = None) -> Content:
    """Adds a row, or puts it in the place of the one that begins on `before`. Raises Invalid, NotFound."""
    others = _without(content, before) if before is not None else content
    taken = {day: one for one in all_rows(others) for day in one.dates()}
    twice = next((taken[day] for day in row.dates() if day in taken), None)
    if twice is not None:
        raise Invalid({"date": (
            f"Đã có dòng cho ngày này: {wording.dates(twice)} “{twice.vi}”. Sửa dòng đó hoặc chọn ngày khác.",
            f"There is a row for it: {wording.dates(twice)} “{twice.en}”. Change that one or choose another date.")})
    if isinstance(others, LocalRules):
        return _local(others, sorted([*others.days, row], key=lambda one: one.date))
    return _put_in_year(others, row)


def _put_in_year(shared: CalendarDeclaration, row: DayRule) -> CalendarDeclaration:
    year = row.date.year
    first, last = shared.years[0].year, shared.years[-1].year
    if not first <= year <= last + 1:
        raise Invalid({"date": (f"Lịch chung có các năm {first} đến {last}; năm tiếp theo thêm được là {last + 1}.",
                                f"The shared calendar has {first} to {last}; the next year to add is {last + 1}.")})
    if row.until is not None and row.until.year != year:
        raise Invalid({"until": (f"Ngày cuối phải trong năm {year}; phần của năm sau ghi thành dòng khác.",
                                 f"The last day must lie in {year}; the part of the next year is another row.")})
    rules = _year(shared, year)
    return shared.with_year(_with_days(rules, [*rules.days, row]))


def remove_row(content: Content, begins: date) -> Content:
    """Raises NotFound where no row begins on that date."""
    return _without(content, begins)


def row_of(content: Content, begins: date) -> DayRule:
    """Raises NotFound."""
    found = next((row for row in all_rows(content) if row.date == begins), None)
    if found is None:
        raise NotFound(what="dòng lịch này", what_en="row of the calendar")
    return found


def _without(content: Content, begins: date) -> Content:
    gone = row_of(content, begins)
    if isinstance(content, LocalRules):
        return _local(content, [row for row in content.days if row is not gone])
    kept = content.model_copy(update={"days": tuple(row for row in content.days if row is not gone)})
    rules = next((one for one in kept.years if one.year == begins.year and gone in one.days), None)
    if rules is None:
        return kept
    return kept.with_year(_with_days(rules, [row for row in rules.days if row is not gone]))


def put_hours(content: Content, hours: Hours, before: date | None = None) -> Content:
    """Adds weekly hours, or puts them in the place of those since `before`. Raises Invalid (since), NotFound."""
    kept = [one for one in content.hours if one.since != before]
    if before is not None and len(kept) == len(content.hours):
        raise NotFound(what="giờ làm việc này", what_en="working hours")
    if any(one.since == hours.since for one in kept):
        raise Invalid({"since": (f"Đã có giờ làm việc từ ngày {hours.since:%d/%m/%Y}; hãy sửa dòng đó.",
                                 f"There are hours from {hours.since:%d/%m/%Y} already; change those.")})
    return _with_hours(content, [*kept, hours])


def remove_hours(content: Content, since: date) -> Content:
    """Raises NotFound, or Refused for the last hours of the shared calendar."""
    kept = [one for one in content.hours if one.since != since]
    if len(kept) == len(content.hours):
        raise NotFound(what="giờ làm việc này", what_en="working hours")
    if not kept and isinstance(content, CalendarDeclaration):
        raise Refused(reason_vi="Lịch chung phải có giờ làm việc; hãy sửa thay vì bỏ.",
                      reason_en="The shared calendar must have working hours; change them instead.")
    return _with_hours(content, kept)


def set_year(shared: CalendarDeclaration, year: int, announced: bool, sources: Sequence[str]) -> CalendarDeclaration:
    """Confirms a year with its notices, or takes that back. Raises Invalid (sources, announced), NotFound."""
    rules = next((one for one in shared.years if one.year == year), None)
    if rules is None:
        raise NotFound(what=f"năm {year} trong lịch chung", what_en=f"year {year} in the shared calendar")
    if announced and not sources:
        raise Invalid({"sources": ("Ghi số thông báo nghỉ lễ, tết của năm, mỗi dòng một văn bản.",
                                   "Give the number of the year's notice, one a line.")})
    missing = [fixed for fixed in shared.fixed if fixed.since <= year
               and date(year, fixed.month, fixed.day) not in {day for row in rules.days for day in row.dates()}]
    if announced and missing:
        vi = "; ".join(f"{one.day}/{one.month} {one.vi}" for one in missing)
        en = "; ".join(f"{one.day}/{one.month} {one.en}" for one in missing)
        raise Invalid({"announced": (
            f"Chưa có dòng cho: {vi}. Năm đã xác nhận chỉ theo các dòng đã ghi; hãy lấy đề xuất hoặc thêm vào.",
            f"There is no row for: {en}. A confirmed year goes by its rows only; take the proposal or add these.")})
    return shared.with_year(YearRules(year=year, announced=announced, sources=tuple(sources), days=rules.days))


def take_proposal(shared: CalendarDeclaration, proposal: YearRules) -> CalendarDeclaration:
    """The proposal's days in place of the year's holidays and days in lieu; rows of other kinds stay.

    Raises Refused, as `unannounced`.
    """
    rules = unannounced(shared, proposal.year)
    kept = [row for row in rules.days if row.kind not in DECIDED]
    held = {day for row in kept for day in row.dates()}
    days = [part for row in proposal.days for part in _outside(row, held)]
    known = {wording.of_row(row): row for row in rules.days}
    return shared.with_year(_with_days(rules, [*kept, *(known.get(wording.of_row(row), row) for row in days)]))


def unannounced(shared: CalendarDeclaration, year: int) -> YearRules:
    """The year as far as it is declared. Refused where it is confirmed, or would leave a gap."""
    last = shared.years[-1].year
    if not shared.years[0].year <= year <= last + 1:
        raise Refused(reason_vi=f"Năm tiếp theo thêm được là {last + 1}.", reason_en=f"The next year is {last + 1}.")
    rules = _year(shared, year)
    if rules.announced:
        raise Refused(reason_vi=f"Năm {year} đã xác nhận theo {'; '.join(rules.sources)} nên không thay bằng đề xuất.",
                      reason_en=f"{year} is confirmed by {'; '.join(rules.sources)}: no proposal takes its place.")
    return rules


def _outside(row: DayRule, held: set[date]) -> list[DayRule]:
    """The row without the days that others hold; whole where it can be."""
    if not held & set(row.dates()):
        return [row]
    return [row.model_copy(update={"date": day, "until": None}) for day in row.dates() if day not in held]


def _year(shared: CalendarDeclaration, year: int) -> YearRules:
    return next((one for one in shared.years if one.year == year), YearRules(year=year, announced=False))


def _with_days(rules: YearRules, days: Iterable[DayRule]) -> YearRules:
    ordered = tuple(sorted(days, key=lambda row: row.date))
    return YearRules(year=rules.year, announced=rules.announced, sources=rules.sources, days=ordered)


def _local(content: LocalRules, days: Iterable[DayRule]) -> LocalRules:
    return LocalRules.model_validate({**dict(content), "days": tuple(days)})


def _with_hours(content: Content, hours: Iterable[Hours]) -> Content:
    ordered = tuple(sorted(hours, key=lambda one: one.since))
    return type(content).model_validate({**dict(content), "hours": ordered})

"""What a year's holidays and closures do to the due dates of a procedure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from engine.clocks import ZONE, Calendar, CountMode, Limit, due
from engine.clocks.faults import OutsideCalendar
from engine.states.findings import Finding, Severity, Where
from procedures.declaration import Declaration

HORIZON = 365  # days ahead: the notice of the year after the next is not known
_RECEIVED = time(9, 0)
_SHOWN = 5  # dates named in a finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Of so many `days` on which dossiers come in, those whose due date is moved.

    `swallowed`: those of which every day that the limit counts on is off, with the day that is due instead.
    """

    days: int
    moved: int
    swallowed: tuple[tuple[date, date], ...]


def closure_findings(declaration: Declaration, calendar: Calendar, today: date) -> Iterator[Finding]:
    limits = list(_limits(declaration))
    if limits:
        yield from _unannounced(calendar, today)
    for where, limit, mode in limits:
        year = foreseen(limit, mode, calendar, today)
        if year.moved:
            yield Finding(
                severity=Severity.NOTE,
                code="due_moved_by_closures",
                where=where,
                vi=f"Thời hạn {limit.vi}: trong {year.days} ngày làm việc tới, hồ sơ nhận vào {year.moved} ngày có hạn "
                "trả lùi lại vì nghỉ lễ hoặc đóng cửa.",
                en=f"Limit of {limit.en}: of the next {year.days} working days, on {year.moved} a dossier taken in is "
                "due later because of holidays or closures.",
            )
        if year.swallowed:
            shown = year.swallowed[:_SHOWN]
            more = "" if len(year.swallowed) == len(shown) else ", …"
            vi = ", ".join(f"{day:%d/%m/%Y} (hạn {until:%d/%m/%Y})" for day, until in shown)
            en = ", ".join(f"{day.isoformat()} (due {until.isoformat()})" for day, until in shown)
            yield Finding(
                severity=Severity.NOTE,
                code="limit_in_closure",
                where=where,
                vi=f"Thời hạn {limit.vi} nằm trọn trong kỳ nghỉ nếu nhận ngày: {vi}{more}.",
                en=f"The limit of {limit.en} lies wholly within a closure when taken in on: {en}{more}.",
            )


def _unannounced(calendar: Calendar, today: date) -> Iterator[Finding]:
    """Without the yearly notice Tết is not known."""
    years = range(today.year, (today + timedelta(days=HORIZON)).year + 1)
    missing = ", ".join(str(year) for year in years if not calendar.announced(year))
    if missing:
        yield Finding(
            severity=Severity.NOTE,
            code="year_not_announced",
            where=("limit",),
            vi=f"Lịch nghỉ năm {missing} chưa công bố: chưa xét được kỳ nghỉ Tết và ngày hoán đổi của năm đó.",
            en=f"The holidays of {missing} are not announced: Tết and swapped days of that year are not foreseen.",
        )


def foreseen(limit: Limit, mode: CountMode, calendar: Calendar, today: date) -> Year:
    """Every working day of the next twelve months, with a dossier taken in at nine."""
    bare, days, moved, swallowed = _without_closures(calendar), 0, 0, []
    for ahead in range(HORIZON):
        day = today + timedelta(days=ahead)
        received = datetime.combine(day, _RECEIVED, ZONE)
        try:
            if not calendar.is_working_day(day):
                continue
            plain, real = due(limit, mode, received, bare), due(limit, mode, received, calendar)
        except OutsideCalendar:
            break
        days += 1
        moved += plain != real
        if plain.date() > day and not _works(calendar, day, plain.date()):
            swallowed.append((day, real.date()))
    return Year(days=days, moved=moved, swallowed=tuple(swallowed))


def _works(calendar: Calendar, after: date, until: date) -> bool:
    return any(calendar.is_working_day(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))


def _limits(declaration: Declaration) -> Iterator[tuple[Where, Limit, CountMode]]:
    written: list[tuple[Where, str | Sequence[str] | None, str]] = [
        (("limit",), declaration.limit, declaration.count_mode)
    ]
    for at, case in enumerate(declaration.limit_cases):
        written.append((("limit_cases", at, "limit"), case.limit, case.count_mode or declaration.count_mode))
    for where, limit, mode in written:
        if limit is not None:
            yield where, Limit.parse(limit), CountMode(mode)


@lru_cache(maxsize=8)
def _without_closures(calendar: Calendar) -> Calendar:
    """The same hours and weekends, with no holiday, closure or worked Saturday."""
    plain = calendar.declaration
    years = tuple(year.model_copy(update={"days": (), "announced": True}) for year in plain.years)
    return Calendar(plain.model_copy(update={"fixed": (), "years": years, "days": ()}))

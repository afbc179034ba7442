"""The draft of a scope: its rows, its weekly hours, its years and their notices; one form at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.calendars.frame import AskedYear, ScopeKey, address, scope_of, show, this_year
from api.pages.catalogue.frame import again
from api.pages.forms import Posted, Sheet, whole, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered
from engine.calendaring import drafts, editing, scopes, wording
from engine.calendaring.drafts import Draft, Edit
from engine.calendaring.entering import HoursGiven, RowGiven
from engine.calendaring.scopes import Scope
from engine.errors import LienThongError, NotFound
from procedures.calendars.declaration import CalendarDeclaration, DayRule
from procedures.calendars.sessions import WEEKDAYS, Hours
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

ANNOUNCING = {"yes": Text(vi="Đã công bố", en="Announced"),
              "no": Text(vi="Chưa công bố, hạn là tạm tính", en="Not announced: due dates are provisional")}


@router.post("/calendars/{key}/draft")
def begin(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope = scope_of(caller, key)
    drafts.begin(caller.office, caller.actor, scope, caller.now)
    year = whole(posted.text("year"))
    return _back(scope, f"?year={year}" if year else "")


@router.get("/calendars/{key}/draft")
def draft(caller: Caller, key: ScopeKey, asked: AskedYear = 0) -> Response:
    scope = scope_of(caller, key)
    found = drafts.find(caller.office, caller.actor, scope, caller.now)
    if found is None:
        return RedirectResponse(f"{address(scope)}?did=gone", 303)
    return _shown(caller, found, asked)


def _shown(caller: Person, found: Draft, asked: int = 0, entered: Entered = BLANK, status: int = 200) -> Response:
    year = asked or this_year(caller)
    rows = [row for row in scopes.all_rows(found.content) if year in (row.date.year, (row.until or row.date).year)]
    shared = found.content if isinstance(found.content, CalendarDeclaration) else None
    own_years = {day.year for row in scopes.all_rows(found.content) for day in (row.date, row.until or row.date)}
    known = own_years | {one.year for one in shared.years} if shared else own_years
    return show(caller, "draft.html", entered, status, scope=found.scope, draft=found, year=year, rows=rows,
                kinds=wording.KINDS, dates=wording.dates, sessions=wording.sessions, week=wording.week,
                hours=sorted(found.content.hours, key=lambda one: one.since, reverse=True),
                known=sorted(known | {this_year(caller), this_year(caller) + 1, year}),
                declared=[one for one in shared.years if not one.announced or one.year == year] if shared else [],
                proposable=_proposable(shared))


def _proposable(shared: CalendarDeclaration | None) -> list[int]:
    """Years that nobody has announced, and the one after the last."""
    if shared is None:
        return []
    return [*(one.year for one in shared.years if not one.announced), shared.years[-1].year + 1]


@router.post("/calendars/{key}/draft/discard")
def discard(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope = scope_of(caller, key)
    try:
        drafts.discard(caller.office, caller.actor, scope, _seen(posted), caller.now)
    except LienThongError as refusal:
        return _refused(caller, scope, refusal, posted)
    return RedirectResponse(f"{address(scope)}?did=discarded", 303)


@router.post("/calendars/{key}/draft/proposal")
def propose(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, year = scope_of(caller, key), whole(posted.text("year")) or 0
    try:
        _change(caller, scope, posted, drafts.proposing(year, caller.actor, caller.now))
    except LienThongError as refusal:
        return _refused(caller, scope, refusal, posted)
    return _back(scope, f"?year={year}&did=proposed#rows")


def _refused(caller: Person, scope: Scope, refusal: LienThongError, posted: Posted) -> Response:
    """The draft with what was refused above it."""
    entered, status = again(caller, refusal, posted)
    found = drafts.opened(caller.office, caller.actor, scope, caller.now)
    return _shown(caller, found, whole(posted.text("year")) or 0, entered, status)


@router.get("/calendars/{key}/draft/row")
def row_form(caller: Caller, key: ScopeKey, at: str = "", asked: AskedYear = 0) -> Response:
    found = _to_write(caller, scope_of(caller, key))
    begins = written_date(at)
    held = editing.row_of(found.content, begins) if begins else None
    given = _of_row(held) if held else {}
    return _row_page(caller, found, Entered(given=given), begins=begins, year=asked)


def _row_page(caller: Person, found: Draft, entered: Entered, status: int = 200, *, begins: date | None,
              year: int = 0) -> Response:
    return show(caller, "row.html", entered, status, scope=found.scope, draft=found, begins=begins,
                year=begins.year if begins else year, kinds={kind.value: name for kind, name in wording.KINDS.items()})


def _of_row(row: DayRule) -> Mapping[str, str]:
    return {"date": f"{row.date:%d/%m/%Y}", "until": f"{row.until:%d/%m/%Y}" if row.until else "",
            "kind": row.kind.value, "sessions": wording.sessions(row.sessions), "vi": row.vi, "en": row.en,
            "basis": row.basis}


@router.post("/calendars/{key}/draft/row")
def put_row(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, begins = scope_of(caller, key), written_date(posted.text("at"))
    day, until = written_date(posted.text("date")), posted.text("until")
    given = RowGiven(day=day, until=written_date(until), until_said=bool(until), kind=posted.text("kind"),
                     sessions=posted.text("sessions"), vi=posted.text("vi"), en=posted.text("en"),
                     basis=posted.text("basis"))
    try:
        _change(caller, scope, posted, drafts.entering_row(given, caller.actor, caller.now, begins))
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _row_page(caller, _opened(caller, scope), entered, status, begins=begins)
    assert day is not None, "a row without a date was refused"
    return _back(scope, f"?year={day.year}&did=saved#row-{day.isoformat()}")


@router.post("/calendars/{key}/draft/row/remove")
def remove_row(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, begins = scope_of(caller, key), written_date(posted.text("at"))
    if begins is None:
        raise NotFound(what="dòng lịch này", what_en="row of the calendar")
    try:
        _change(caller, scope, posted, lambda content: editing.remove_row(content, begins))
    except LienThongError as refusal:
        return _refused(caller, scope, refusal, posted)
    return _back(scope, f"?year={begins.year}&did=removed#rows")


@router.get("/calendars/{key}/draft/hours")
def hours_form(caller: Caller, key: ScopeKey, at: str = "") -> Response:
    found, since = _to_write(caller, scope_of(caller, key)), written_date(at)
    held = next((one for one in found.content.hours if one.since == since), None)
    if since is not None and held is None:
        raise NotFound(what="giờ làm việc này", what_en="working hours")
    return _hours_page(caller, found, Entered(given=_of_hours(held) if held else {}), since=since)


def _hours_page(caller: Person, found: Draft, entered: Entered, status: int = 200, *, since: date | None) -> Response:
    return show(caller, "hours.html", entered, status, scope=found.scope, draft=found, since=since, week=wording.WEEK)


def _of_hours(hours: Hours) -> Mapping[str, str]:
    days = {str(name): wording.sessions(hours.sessions(number)) for number, name in enumerate(WEEKDAYS)}
    return {"since": f"{hours.since:%d/%m/%Y}", "basis": hours.basis, **days}


@router.post("/calendars/{key}/draft/hours")
def put_hours(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, before = scope_of(caller, key), written_date(posted.text("at"))
    given = HoursGiven(since=written_date(posted.text("since")), basis=posted.text("basis"),
                       week={name: posted.text(name) for name in WEEKDAYS})
    try:
        _change(caller, scope, posted, drafts.entering_hours(given, before))
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _hours_page(caller, _opened(caller, scope), entered, status, since=before)
    return _back(scope, "?did=saved#hours")


@router.post("/calendars/{key}/draft/hours/remove")
def remove_hours(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, since = scope_of(caller, key), written_date(posted.text("at"))
    if since is None:
        raise NotFound(what="giờ làm việc này", what_en="working hours")
    try:
        _change(caller, scope, posted, lambda content: editing.remove_hours(content, since))
    except LienThongError as refusal:
        return _refused(caller, scope, refusal, posted)
    return _back(scope, "?did=removed#hours")


@router.get("/calendars/{key}/draft/years/{year}")
def year_form(caller: Caller, key: ScopeKey, year: int) -> Response:
    found = _to_write(caller, scope_of(caller, key))
    held = next((one for one in found.shared.years if one.year == year), None)
    if held is None:
        raise NotFound(what=f"năm {year} trong lịch chung", what_en=f"year {year} in the shared calendar")
    given = {"announced": "yes" if held.announced else "no", "sources": "\n".join(held.sources)}
    return _year_page(caller, found, year, Entered(given=given))


def _year_page(caller: Person, found: Draft, year: int, entered: Entered, status: int = 200) -> Response:
    return show(caller, "notice.html", entered, status, scope=found.scope, draft=found, year=year,
                announcing=ANNOUNCING)


@router.post("/calendars/{key}/draft/years/{year}")
def confirm_year(caller: Caller, key: ScopeKey, year: int, posted: Sheet) -> Response:
    scope = scope_of(caller, key)
    sources = [line.strip() for line in posted.text("sources").split("\n") if line.strip()]
    try:
        _change(caller, scope, posted, drafts.confirming(year, posted.text("announced") == "yes", sources))
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _year_page(caller, _opened(caller, scope), year, entered, status)
    return _back(scope, f"?year={year}&did=saved#years")


def _to_write(caller: Person, scope: Scope) -> Draft:
    """For whoever may change it; others see what is changed, but no form."""
    scopes.must_write(caller.office, caller.actor, caller.now)
    return _opened(caller, scope)


def _opened(caller: Person, scope: Scope) -> Draft:
    return drafts.opened(caller.office, caller.actor, scope, caller.now)


def _change(caller: Person, scope: Scope, posted: Posted, edit: Edit) -> Draft:
    return drafts.change(caller.office, caller.actor, scope, _seen(posted), edit, caller.now)


def _seen(posted: Posted) -> int:
    seen = posted.version()
    return -1 if seen is None else seen


def _back(scope: Scope, rest: str) -> Response:
    return RedirectResponse(f"{address(scope)}/draft{rest}", 303)

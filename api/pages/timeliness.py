"""The report on time limits, the dossiers behind it, and the time of one dossier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Response
from jinja2 import pass_context
from jinja2.runtime import Context

from api.context import Caller, Counter, Person
from api.dates import date_fault
from api.pages.forms import faults_of, plain, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import Entered, page
from api.pages.visits import Visit
from api.v1.inputs import Code
from engine.clocks.booking import Stay
from engine.clocks.limits import HOURS_A_DAY
from engine.desk.places import UnitRef
from engine.errors import Invalid
from engine.judging import dossier as one
from engine.judging import report as reports
from engine.judging.report import Period, Report
from engine.judging.words import GROUNDS, STAYS, VERDICTS
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

PageNumber = Annotated[int, Query(ge=1, le=10_000)]
CLASSES = {
    "early": Text(vi="Sớm hạn", en="Early"), "on_time": Text(vi="Đúng hạn", en="On time"),
    "late": Text(vi="Trễ hạn", en="Late"), "not_judged": Text(vi="Không đánh giá", en="Not judged"),
    "national_late": Text(vi="Trễ theo chỉ số quốc gia", en="Late in the national index"),
    "asked_again": Text(vi="Yêu cầu bổ sung quá một lần", en="More than one supplement request"),
    "extended": Text(vi="Có hẹn lại", en="Extended"),
}
_A_DAY = HOURS_A_DAY * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A part of a bar a hundred wide. Its kind is a class of the style sheet; words stand beside it."""

    kind: str
    start: float
    width: float


@router.get("/reports/timeliness")
def timeliness(caller: Caller, since: str = "", until: str = "", agency: str = "", procedure: str = "") -> Response:
    given = _given(since, until, agency, procedure)
    choices = reports.choices(caller.office, caller.actor, caller.now)
    try:
        period = _period(given, caller)
        found = reports.report(caller.office, caller.actor, period, caller.now)
    except Invalid as refusal:
        return _page(caller, "timeliness/report.html", Entered(given=given, faults=faults_of(refusal)), status=422,
                     choices=choices, report=None, link=None)
    return _page(caller, "timeliness/report.html", Entered(given=_shown(period)), choices=choices, report=found,
                 link=lambda **more: _address("/reports/timeliness/dossiers", period, **more), **_tables(found))


@router.get("/reports/timeliness/dossiers")
def dossiers(caller: Caller, since: str = "", until: str = "", agency: str = "", procedure: str = "",
             verdict: str = "", page: PageNumber = 1) -> Response:
    given = _given(since, until, agency, procedure) | {"verdict": plain(verdict)[:40]}
    choices = reports.choices(caller.office, caller.actor, caller.now)
    try:
        period = _period(given, caller)
        found = reports.dossiers(caller.office, caller.actor, period, given["verdict"] or None, page, caller.now)
    except Invalid as refusal:
        return _page(caller, "timeliness/dossiers.html", Entered(given=given, faults=faults_of(refusal)), status=422,
                     choices=choices, found=None, link=None, back="/reports/timeliness")
    return _page(caller, "timeliness/dossiers.html", Entered(given=_shown(period) | {"verdict": given["verdict"]}),
                 choices=choices, found=found, back=_address("/reports/timeliness", period),
                 link=lambda number: _address("/reports/timeliness/dossiers", period, verdict=given["verdict"],
                                              page=number))


@router.get("/dossiers/{code}/time")
def time_of(caller: Caller, code: Code) -> Response:
    found = one.dossier_time(caller.office, code, caller.actor, caller.now)
    whole = max(1, found.minutes)
    return _page(caller, "timeliness/dossier.html", told=found, stays=STAYS, grounds=GROUNDS,
                 bars=_side_by_side([(piece.stay.value, piece.minutes) for piece in found.pieces], whole),
                 shares={stay: round(100 * found.totals[stay] / whole) for stay in Stay})


def _page(caller: Person, template: str, entered: Entered | None = None, *, status: int = 200, **told: Any) -> Response:
    return page(Visit(visitor=caller), template, entered or Entered(), status=status, worked=worked, in_days=in_days,
                per_cent=per_cent, split=split, verdicts=VERDICTS, classes=CLASSES, **told)


def _tables(found: Report) -> dict[str, Any]:
    """Rows of what is counted for whom: a name, beside what, the figures."""
    return {
        "agencies": [(row.name, row.agency, row.figures) for row in found.agencies],
        "procedures": [(row.name, row.procedure, row.figures) for row in found.procedures],
        "units": [(_whole_name(row.unit), None, row.figures) for row in found.units],
        "steps": [(row.step, row.procedure_name, row.figures) for row in found.steps],
        "people": [(Text(vi=row.person, en=row.person), _whole_name(row.unit), row.figures) for row in found.people],
    }


def _whole_name(unit: UnitRef) -> Text:
    return Text(vi=_joined(unit.name.vi, unit.agency_name.vi), en=_joined(unit.name.en, unit.agency_name.en))


def _joined(name: str, agency: str) -> str:
    """Unit and agency, once: many units are named after their agency."""
    return name if agency in name else f"{name}, {agency}"


def _given(since: str, until: str, agency: str, procedure: str) -> dict[str, str]:
    """As it was typed, for the form that comes back."""
    return {name: plain(text).strip()[:60] for name, text in (("since", since), ("until", until), ("agency", agency),
                                                             ("procedure", procedure))}


def _period(given: dict[str, str], caller: Person) -> Period:
    """This month when no day is given. Raises Invalid for what is no date."""
    usual = reports.this_month(caller.now)
    faults: dict[str, tuple[str, str]] = {}
    days: dict[str, date] = {"since": usual.since, "until": usual.until}
    for name in days:
        if given[name]:
            day = written_date(given[name])
            if day is None or not 2000 <= day.year < 2100:
                faults[name] = date_fault(given[name])
            else:
                days[name] = day
    if faults:
        raise Invalid(faults)
    return Period(**days, agency=given["agency"] or None, procedure=given["procedure"] or None)


def _shown(period: Period) -> dict[str, str]:
    return {"since": f"{period.since:%d/%m/%Y}", "until": f"{period.until:%d/%m/%Y}", "agency": period.agency or "",
            "procedure": period.procedure or ""}


def _address(path: str, period: Period, **more: Any) -> str:
    """The same period elsewhere; what is given replaces what was asked."""
    asked = {"since": period.since.isoformat(), "until": period.until.isoformat(), "agency": period.agency,
             "procedure": period.procedure, **more}
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def split(*parts: tuple[str, int]) -> list[Bar]:
    """Counts side by side, together the whole width."""
    return _side_by_side(parts, sum(count for _, count in parts))


def _side_by_side(parts: Sequence[tuple[str, int]], whole: int) -> list[Bar]:
    bars, start = [], 0.0
    for kind, count in parts:
        width = 100 * count / whole if whole else 0.0
        if width > 0:
            bars.append(Bar(kind=kind, start=round(start, 2), width=round(width, 2)))
        start += width
    return bars


@pass_context
def worked(context: Context, minutes: int | None) -> str:
    """Working time: 2 ngày 3 giờ 15 phút; a working day is eight hours."""
    if minutes is None:
        return "–"
    english = context["language"] == "en"
    days, rest = divmod(minutes, _A_DAY)
    parts = [(days, "ngày", "d"), (rest // 60, "giờ", "h"), (rest % 60, "phút", "min")]
    return " ".join(f"{count} {en if english else vi}" for count, vi, en in parts if count) or (
        "0 min" if english else "0 phút")


@pass_context
def in_days(context: Context, minutes: int | None) -> str:
    """What limits allow on average: whole working days, as laws write them. The rest of the first day is no limit."""
    if minutes is None or minutes < _A_DAY:
        return worked(context, minutes)
    days = minutes // _A_DAY
    return f"{days} working day{'' if days == 1 else 's'}" if context["language"] == "en" else f"{days} ngày làm việc"


@pass_context
def per_cent(context: Context, value: float | None) -> str:
    if value is None:
        return "–"
    written = f"{value:.2f} %"
    return written if context["language"] == "en" else written.replace(".", ",")

"""How far time limits were kept, and the time of one dossier."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import Response

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Code, Day
from engine.judging import dossier, report
from engine.judging.dossier import DossierTime
from engine.judging.report import JudgedPage, Period, Report

router = Counter(prefix=PREFIX, tags=["reports"])

Agency = Annotated[str | None, Query(max_length=40, pattern=r"^[0-9A-Z.]{1,40}$", examples=["H51.02"],
                                     description="only dossiers it took in or worked on, and the work of its units")]
Procedure = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,40}$", examples=["conference_permit_local"])]
Class = Literal["early", "on_time", "late", "not_judged", "national_late", "asked_again", "extended"]
Verdict = Annotated[Class | None, Query(description="a local class, or the reason to look for")]
Page = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/reports/timeliness", response_model=Report, responses=refusals(404, reading=True))
def timeliness(caller: Caller, since: Day = None, until: Day = None, agency: Agency = None,
               procedure: Procedure = None) -> Response:
    """Dossiers whose time ended in the period and work finished in it, counted; this month, if left out."""
    return answer(report.report(caller.office, caller.actor, _period(caller, since, until, agency, procedure),
                                caller.now))


@router.get("/reports/timeliness/dossiers", response_model=JudgedPage, responses=refusals(404, reading=True))
def judged(caller: Caller, since: Day = None, until: Day = None, agency: Agency = None, procedure: Procedure = None,
           verdict: Verdict = None, page: Page = 1) -> Response:
    """The dossiers behind the figures, the latest end first."""
    period = _period(caller, since, until, agency, procedure)
    return answer(report.dossiers(caller.office, caller.actor, period, verdict, page, caller.now))


@router.get("/dossiers/{code}/time", response_model=DossierTime, responses=refusals(404, reading=True))
def time_of(caller: Caller, code: Code) -> Response:
    """Who had it how long, what was on its way, what stood still and why; early, on time or late."""
    return answer(dossier.dossier_time(caller.office, code, caller.actor, caller.now))


def _period(caller: Caller, since: Day, until: Day, agency: str | None, procedure: str | None) -> Period:
    usual = report.this_month(caller.now)
    return replace(usual, since=since or usual.since, until=until or usual.until, agency=agency, procedure=procedure)

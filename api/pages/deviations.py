"""The report on consultations beside the procedures, for whoever makes or audits procedures."""

from __future__ import annotations

from itertools import groupby

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine.designing.deviations import FEWEST_DOSSIERS, USUAL_PER_CENT, report

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/reports/deviations")
def deviations(caller: Caller) -> Response:
    rows = report(caller.office, caller.actor, caller.now)
    grouped = [(found[0].name, key, found) for key, several in groupby(rows, key=lambda row: row.procedure)
               if (found := list(several))]
    return page(Visit(visitor=caller), "deviations.html", grouped=grouped, usual=USUAL_PER_CENT,
                fewest=FEWEST_DOSSIERS)

"""Do alarms ring? For whoever answers for the system: managers, administrators, auditors."""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine.desk import sweeps
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/reports/sweeps")
def watched(caller: Caller) -> Response:
    """Administrators see no content of dossiers, so they get no links to them."""
    report = sweeps.report(caller.office, caller.actor, caller.now)
    return page(Visit(visitor=caller), "sweeps.html", report=report, pulse=report.pulse,
                linked=caller.identity.has(Role.MANAGER, Role.AUDITOR))

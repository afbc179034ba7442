"""Routes of the couriers, for who manages the desk: each an ordered round of units with its departures."""

from __future__ import annotations

import re

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.v1.inputs import RunId
from engine.courier import routes
from engine.desk.places import unit_ref
from engine.errors import Invalid
from storage import runs

router = Counter(include_in_schema=False, route_class=PageRoute)

_BETWEEN = re.compile(r"[\s,;]+")


@router.get("/courier/routes")
def listed(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


def _show(caller: Person, entered: Entered = BLANK, *, did: str = "", status: int = 200) -> Response:
    catalogue = caller.office.fresh_catalogue()
    leaves = runs.next_of(caller.office.db)
    found = [(route, [unit_ref(catalogue, unit) for unit in route.stops], leaves.get(route.id))
             for route in runs.routes(caller.office.db)]
    units = sorted((unit for unit in catalogue.units.values() if not unit.outside), key=lambda unit: unit.full_vi)
    return page(Visit(visitor=caller), "courier/routes.html", entered, status=status, did=did, routes=found,
                units=[(f"{unit.agency}/{unit.key}", unit_ref(catalogue, unit.id)) for unit in units],
                keeps=routes.keeps(caller.office, caller.actor, caller.now))


@router.post("/courier/routes")
def add(caller: Caller, posted: Sheet) -> Response:
    try:
        routes.add(caller.office, caller.actor, (posted.text("name_vi"), posted.text("name_en")),
                   [stop for stop in _BETWEEN.split(posted.text("stops")) if stop],
                   [at for at in _BETWEEN.split(posted.text("departures")) if at], caller.now)
    except Invalid as refusal:
        return _show(caller, Entered(given=posted.typed(), faults=faults_of(refusal)), status=422)
    return RedirectResponse("/courier/routes?did=added", 303)


@router.post("/courier/routes/{route}/retire")
def retire(caller: Caller, route: RunId, posted: Sheet) -> Response:
    routes.retire(caller.office, caller.actor, min(route, 2**31 - 1), caller.now)
    return RedirectResponse("/courier/routes?did=retired", 303)

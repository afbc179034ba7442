"""Calendars as they are: who declares what, one scope's year, its versions."""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter
from api.pages.calendars.frame import AskedYear, ScopeKey, address, scope_of, show, this_year, writes
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine.calendaring import confirming, drafts, publishing, scopes, years
from engine.calendaring.wording import KINDS, SHORT, SIGNS, WEEK
from engine.clocks.zone import ZONE

router = Counter(include_in_schema=False, route_class=PageRoute)

# Of the kinds, how each looks in the months.
LEGEND = [(years.look(kind), SIGNS[kind], name) for kind, name in KINDS.items()]
WEEKDAYS = list(zip(SHORT, WEEK.values(), strict=True))


@router.get("/calendars")
def listing(caller: Caller) -> Response:
    found = scopes.standings(caller.office, caller.actor, caller.now)
    return page(Visit(visitor=caller), "calendars/list.html", rows=found, address=address, writes=writes(caller),
                unconfirmed=confirming.unconfirmed(caller.office, caller.now),
                recomputes=publishing.recomputes(caller.office, caller.actor, caller.now))


@router.get("/calendars/{key}")
def year(caller: Caller, key: ScopeKey, asked: AskedYear = 0) -> Response:
    scope = scope_of(caller, key)
    found = scopes.layers(caller.office, scope)
    shown = years.year_of(found, asked or this_year(caller))
    return show(caller, "year.html", scope=scope, shown=shown, legend=LEGEND, weekdays=WEEKDAYS, layers=found,
                of=address, today=caller.now.astimezone(ZONE).date(),
                draft=drafts.find(caller.office, caller.actor, scope, caller.now),
                unconfirmed=confirming.unconfirmed(caller.office, caller.now))


@router.get("/calendars/{key}/versions")
def versions(caller: Caller, key: ScopeKey) -> Response:
    scope = scope_of(caller, key)
    return show(caller, "versions.html", scope=scope,
                versions=publishing.history(caller.office, caller.actor, scope, caller.now))

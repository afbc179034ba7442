"""What a draft would do to open dossiers, putting it into force, and how far the due dates are."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.calendars.frame import ScopeKey, address, scope_of, show
from api.pages.catalogue.frame import again
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered
from engine import recomputing
from engine.calendaring import drafts, publishing, scopes
from engine.calendaring.drafts import Draft
from engine.desk.clock_words import clock_name
from engine.errors import LienThongError
from engine.workcalendars import SHARED

router = Counter(include_in_schema=False, route_class=PageRoute)

SHOWN = 50
# Dossiers a page looks at before it answers: some seconds. Putting it into force reaches all of them.
LOOKED_AT = 20_000


@router.get("/calendars/{key}/draft/effect")
def effect(caller: Caller, key: ScopeKey) -> Response:
    scope = scope_of(caller, key)
    found = drafts.find(caller.office, caller.actor, scope, caller.now)
    if found is None:
        return RedirectResponse(f"{address(scope)}?did=gone", 303)
    return _effect(caller, found)


def _effect(caller: Person, found: Draft, entered: Entered = BLANK, status: int = 200) -> Response:
    moves = None
    if found.changes:
        moves = recomputing.preview(caller.office, found.scope.code, found.content, most=LOOKED_AT, at=caller.now)
    codes = [one.code for one in moves.samples] if moves else []
    return show(caller, "effect.html", entered, status, scope=found.scope, draft=found, moves=moves,
                clock_name=clock_name,
                visible=publishing.visible(caller.office, caller.actor, codes, caller.now))


@router.post("/calendars/{key}/draft/publish")
def publish(caller: Caller, key: ScopeKey, posted: Sheet) -> Response:
    scope, seen = scope_of(caller, key), posted.version()
    because = posted.text("decision"), posted.text("reason")
    try:
        made = publishing.publish(caller.office, caller.actor, scope, -1 if seen is None else seen, because, caller.now,
                                  past=posted.text("past") == "yes")
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        found = drafts.opened(caller.office, caller.actor, scope, caller.now)
        return _effect(caller, found, entered, status)
    return RedirectResponse(f"/calendars/changes/{made}?did=published", 303)


@router.get("/calendars/changes/{number}")
def change(caller: Caller, number: int) -> Response:
    """How far the recomputation is; reloading shows how far it has come."""
    found = publishing.recompute(caller.office, caller.actor, number, caller.now)
    scope = scopes.find(caller.office, caller.actor, found.scope or SHARED, caller.now)
    later = publishing.told_desks(caller.office, found, caller.now, SHOWN)
    return show(caller, "change.html", scope=scope, found=found, most=SHOWN, later=later,
                visible=publishing.visible(caller.office, caller.actor, [one.code for one in later], caller.now))

"""Pay-out by month: the list, its passing on, the report, all of it as CSV."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import status_of
from engine.casework import payouts
from engine.desk.places import day_of
from engine.errors import LienThongError, NotSignedIn
from engine.post import paying

router = Counter(include_in_schema=False, route_class=PageRoute)

Month = Annotated[str, Query(max_length=10)]
_WRITTEN = re.compile(r"(0?[1-9]|1[0-2])[/-](20[0-9]{2})|(20[0-9]{2})-(0?[1-9]|1[0-2])")


@router.get("/payouts")
def month(caller: Caller, month: Month = "", did: Annotated[str, Query(max_length=20)] = "") -> Response:
    return _show(caller, month, did=did)


def _show(caller: Person, text: str, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    first = _first(caller, text)
    if first is None:
        faults = {"month": ("Ghi tháng như 12/2026.", "Write the month as 12/2026.")}
        entered, first, status = Entered(given={"month": text}, faults=faults), _usual(caller), 422
    view = paying.month(caller.office, first, caller.actor, caller.now)
    return page(Visit(visitor=caller), "post/payouts.html", entered, status=status, view=view, did=did,
                today=day_of(caller.now))


def _usual(caller: Person) -> date:
    return payouts.list_month(day_of(caller.now))


def _first(caller: Person, text: str) -> date | None:
    """The first day of the month that was written; nothing: of the list that is being drawn up."""
    if not text:
        return _usual(caller)
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    return date(int(found[2] or found[3]), int(found[1] or found[4]), 1)


@router.post("/payouts")
def pass_on(caller: Caller, posted: Sheet) -> Response:
    """The list of the caller's agency goes to whoever pays out."""
    text = posted.text("month")
    first = _first(caller, text)
    if first is None:
        return _show(caller, text)
    try:
        paying.pass_on(caller.office, first, caller.actor, caller.now)
    except NotSignedIn:
        raise
    except LienThongError as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return _show(caller, text, Entered(trouble=trouble), status_of(refusal))
    return RedirectResponse(f"/payouts?month={first:%m/%Y}&did=pass", 303)


@router.get("/payouts.csv")
def as_csv(caller: Caller, month: Month = "") -> Response:
    first = _first(caller, month)
    if first is None:
        return _show(caller, month)
    told = paying.month(caller.office, first, caller.actor, caller.now)
    paying.taken_away(caller.office, told, caller.actor, caller.now)
    return Response(paying.as_csv(told), media_type="text/csv; charset=utf-8", headers={
        "content-disposition": f'attachment; filename="chi-tra-{first:%Y-%m}.csv"',
        "cache-control": "no-store, private"})

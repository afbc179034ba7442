"""The national portal: how the line is, what waits for a person, how both sides compare day by day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.timeliness import per_cent
from api.pages.visits import Visit
from api.v1.inputs import LARGEST_INT, Code
from engine.errors import Invalid
from engine.portal import desk
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)
# A field keeps apart from those of the form itself.
FIELD = "field."
Number = Annotated[int, Path(ge=1, le=LARGEST_INT)]


@router.get("/portal")
def board(caller: Caller, did: str = "") -> Response:
    return page(Visit(visitor=caller), "portal/board.html", did=did, linked=_linked(caller), per_cent=per_cent,
                board=desk.board(caller.office, caller.actor, caller.now))


@router.get("/portal/days/{day}")
def compared(caller: Caller, day: date) -> Response:
    return page(Visit(visitor=caller), "portal/day.html", day=day, linked=_linked(caller), names=desk.DIFFERENCES,
                remedies=desk.REMEDIES, rows=desk.differences(caller.office, caller.actor, day, caller.now))


@router.get("/portal/{code}/{no}")
def exception(caller: Caller, code: Code, no: Number) -> Response:
    return _show(caller, code, no)


@router.post("/portal/{code}/{no}")
def settle(caller: Caller, code: Code, no: Number, posted: Sheet) -> Response:
    """`what`: again, with what was put right, or close."""
    closing = posted.text("what") == "close"
    typed = posted.typed()
    try:
        if closing:
            desk.close(caller.office, code, no, posted.text("why"), caller.actor, caller.now)
        else:
            values = {name.removeprefix(FIELD): posted.text(name) for name in typed if name.startswith(FIELD)}
            desk.correct(caller.office, code, no, values, caller.actor, caller.now)
    except Invalid as refusal:
        faults = {name if closing else f"{FIELD}{name}": words for name, words in faults_of(refusal).items()}
        return _show(caller, code, no, Entered(given=typed, faults=faults), status=422)
    return RedirectResponse(f"/portal?did={'close' if closing else 'again'}", 303)


def _show(caller: Person, code: str, no: int, entered: Entered = BLANK, *, status: int = 200) -> Response:
    return page(Visit(visitor=caller), "portal/exception.html", entered, status=status, linked=_linked(caller),
                item=desk.exception(caller.office, code, no, caller.actor, caller.now))


def _linked(caller: Person) -> bool:
    """Administrators see no content of dossiers, so they get no links to them."""
    return caller.identity.has(Role.MANAGER)

"""Messages that could not be sent and belong to my units: send them again, or close them and say why."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.errors import Invalid
from engine.notifying import reading

router = Counter(include_in_schema=False, route_class=PageRoute)
NONE_TICKED = ("Chọn ít nhất một tin.", "Choose at least one message.")


@router.get("/notices/messages")
def failed(caller: Caller, did: str = "", many: int = 0) -> Response:
    return _show(caller, did=did, many=many)


@router.post("/notices/messages")
def settle(caller: Caller, posted: Sheet) -> Response:
    """`what`: again or close, for those that are ticked."""
    what, ids = posted.text("what"), _ticked(posted)
    if not ids:
        return _show(caller, _typed(posted, {"message": NONE_TICKED}), status=422)
    if what != "close":
        return _done("again", reading.send_again(caller.office, ids, caller.actor, caller.now))
    try:
        return _done("close", reading.close(caller.office, ids, caller.actor, posted.text("why"), caller.now))
    except Invalid as refusal:
        return _show(caller, _typed(posted, dict(faults_of(refusal))), status=422)


def _done(what: str, many: int) -> Response:
    return RedirectResponse(f"/notices/messages?did={what}&many={many}", 303)


def _ticked(posted: Posted) -> list[UUID]:
    found = []
    for told in posted.many("message")[:500]:
        try:
            found.append(UUID(told))
        except ValueError:
            continue
    return found


def _typed(posted: Posted, faults: dict[str, tuple[str, str]]) -> Entered:
    return Entered(given=posted.typed() | {f"message.{one}": str(one) for one in _ticked(posted)}, faults=faults)


def _show(caller: Person, entered: Entered = BLANK, *, status: int = 200, did: str = "", many: int = 0) -> Response:
    return page(Visit(visitor=caller), "messages/failed.html", entered, status=status, did=did, many=many,
                rows=reading.failed(caller.office, caller.id, caller.now))

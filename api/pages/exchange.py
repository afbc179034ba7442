"""The lines to other installations: how they stand, what is parked, who must approve. For whoever answers for them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.anchoring import standing
from engine.errors import Invalid
from engine.exchange import watching
from engine.exchange.peers import Desk
from procedures.declaration import Text
from procedures.words import Role

# beside /exchange, below which other installations speak with us
router = Counter(include_in_schema=False, route_class=PageRoute)

STATES = {
    "proposed": Text(vi="Chờ phê duyệt", en="To be approved"), "active": Text(vi="Đang trao đổi", en="Active"),
    "suspended": Text(vi="Tạm dừng", en="Suspended"), "ended": Text(vi="Đã kết thúc", en="Ended"),
}


@router.get("/exchange")
def lines(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


def _show(caller: Person, entered: Entered = BLANK, *, did: str = "", status: int = 200) -> Response:
    """Administrators see no content of dossiers, so they get no links to them."""
    return page(Visit(visitor=caller), "exchange/lines.html", entered, status=status, did=did, states=STATES,
                anchored=standing.standing(caller.office, caller.now), stopped=standing.why_stopped(),
                found=watching.watched(caller.office, caller.actor, caller.now),
                linked=caller.identity.has(Role.MANAGER, Role.AUDITOR))


@router.post("/lines/{way}/{wanted}/again")
def again(caller: Caller, way: str, wanted: UUID) -> Response:
    watching.again(caller.office, caller.actor, way, wanted, caller.now)
    return RedirectResponse("/exchange?did=again", 303)


@router.post("/lines/messages/{message}/anew")
def anew(caller: Caller, message: UUID, posted: Sheet) -> Response:
    name = f"reason.{posted.text('about')[:36]}"
    try:
        watching.ask_anew(caller.office, caller.actor, message, posted.text(name), caller.now)
    except Invalid as refusal:
        return _show(caller, Entered(given=posted.typed(), faults={name: faults_of(refusal)["reason"]}), status=422)
    return RedirectResponse("/exchange?did=anew", 303)


@router.post("/lines/messages/{message}/without")
def without(caller: Caller, message: UUID, posted: Sheet) -> Response:
    name = f"without.{message}"
    try:
        watching.give_up(caller.office, caller.actor, message, posted.text(name), caller.now)
    except Invalid as refusal:
        return _show(caller, Entered(given=posted.typed(), faults={name: faults_of(refusal)["reason"]}), status=422)
    return RedirectResponse("/exchange?did=without", 303)


@router.post("/lines/keys/{key}/approve")
def approve(caller: Caller, key: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], posted: Sheet) -> Response:
    """Of a new installation, with its key; or of a further key."""
    name = f"compared.{key}"
    desk = Desk(caller.office, caller.actor, caller.now)
    if posted.text(name) != "yes":
        faults = {name: ("Đối chiếu dãy số với bên kia rồi đánh dấu",
                         "Compare the digits with the other side, then tick")}
        return _show(caller, Entered(given=posted.typed(), faults=faults), status=422)
    watching.approve(desk, key)
    return RedirectResponse("/exchange?did=approved", 303)

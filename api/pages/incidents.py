"""What went wrong with papers and is a unit's to see to, and papers given from hand to hand that nobody confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, faults_of, whole
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import NoSuchPage, status_of
from api.v1.inputs import Barcode
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars
from engine.courier import incidents
from engine.desk.troubles import troubles
from engine.errors import Invalid, LienThongError, NotSignedIn
from engine.exchange import stuck
from engine.office import Office
from procedures.declaration import Role

router = Counter(include_in_schema=False, route_class=PageRoute)

Mending = Callable[[Office, UUID, Actor, str, datetime], None]
ON_OFFER = frozenset({"offer_paper", "confirm_paper", "give_paper_back"})


@router.get("/incidents")
def listed(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


def _show(caller: Person, entered: Entered = BLANK, *, did: str = "", status: int = 200) -> Response:
    return page(Visit(visitor=caller), "incidents.html", entered, status=status, did=did,
                found=troubles(caller.office, caller.id, caller.now), audits=caller.identity.has(Role.AUDITOR))


@router.post("/incidents/{incident}/close")
def close(caller: Caller, incident: UUID, posted: Sheet) -> Response:
    name = f"reason.{incident}"
    try:
        incidents.close(caller.office, incident, caller.actor, posted.text(name), caller.now)
    except Invalid as refusal:
        faults = faults_of(refusal)
        return _show(caller, Entered(given=posted.typed(), faults={name: faults["reason"]}), status=422)
    return RedirectResponse("/incidents?did=closed", 303)


@router.post("/incidents/{incident}/again")
def again(caller: Caller, incident: UUID) -> Response:
    stuck.again(caller.office, incident, caller.actor, caller.now)
    return RedirectResponse("/incidents?did=again", 303)


@router.post("/incidents/{incident}/anew")
def anew(caller: Caller, incident: UUID, posted: Sheet) -> Response:
    return _with_reason(caller, incident, posted, "anew", stuck.ask_anew)


@router.post("/incidents/{incident}/without")
def without(caller: Caller, incident: UUID, posted: Sheet) -> Response:
    return _with_reason(caller, incident, posted, "without", stuck.give_up)


def _with_reason(caller: Person, incident: UUID, posted: Posted, did: str, done: Mending) -> Response:
    name = f"{did}.{incident}"
    try:
        done(caller.office, incident, caller.actor, posted.text(name), caller.now)
    except Invalid as refusal:
        faults = faults_of(refusal)
        return _show(caller, Entered(given=posted.typed(), faults={name: faults["reason"]}), status=422)
    return RedirectResponse(f"/incidents?did={did}", 303)


@router.post("/papers/{barcode}/{event}")
def on_offer(caller: Caller, barcode: Barcode, event: str, posted: Sheet) -> Response:
    """From hand to hand: offered, confirmed, declined; back to the page it was asked on."""
    if event not in ON_OFFER:
        raise NoSuchPage(what="")
    code = barcode.rpartition("-")[0]
    order = Order(code=code, event=event, actor=caller.actor, key=posted.once or None,
                  particulars=Particulars(slip=barcode, unit=whole(posted.text("unit"))))
    try:
        act(caller.office, order, caller.now)
    except NotSignedIn:
        raise
    except LienThongError as refusal:
        return _refused(caller, barcode, refusal, posted)
    back = f"/dossiers/{code}" if event == "offer_paper" else "/incidents"
    return RedirectResponse(f"{back}?did={event}", 303)


def _refused(caller: Person, barcode: str, refusal: LienThongError, posted: Posted) -> Response:
    title = f"Not recorded: {barcode}" if caller.chosen_language == "en" else f"Chưa ghi nhận: {barcode}"
    trouble = Trouble(title=title, words=refusal.message(caller.chosen_language))
    return _show(caller, Entered(given=posted.typed(), trouble=trouble), status=status_of(refusal))

"""What went wrong with papers and is a unit's to see to, and papers given from hand to hand that nobody confirmed."""

from __future__ import annotations

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
from engine.casework.orders import Order, Particulars
from engine.courier import incidents
from engine.desk.troubles import troubles
from engine.errors import Invalid, LienThongError, NotSignedIn

router = Counter(include_in_schema=False, route_class=PageRoute)

ON_OFFER = frozenset({"offer_paper", "confirm_paper", "give_paper_back"})


@router.get("/incidents")
def listed(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


def _show(caller: Person, entered: Entered = BLANK, *, did: str = "", status: int = 200) -> Response:
    return page(Visit(visitor=caller), "incidents.html", entered, status=status, did=did,
                found=troubles(caller.office, caller.id, caller.now))


@router.post("/incidents/{incident}/close")
def close(caller: Caller, incident: UUID, posted: Sheet) -> Response:
    name = f"reason.{incident}"
    try:
        incidents.close(caller.office, incident, caller.actor, posted.text(name), caller.now)
    except Invalid as refusal:
        faults = faults_of(refusal)
        return _show(caller, Entered(given=posted.typed(), faults={name: faults["reason"]}), status=422)
    return RedirectResponse("/incidents?did=closed", 303)


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

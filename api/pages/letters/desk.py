"""A letter on the desk: begun, changed, talked about, submitted, returned, initialled, cancelled, replaced."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api import security
from api.context import Caller, Counter
from api.pages import dossier
from api.pages.forms import Sheet
from api.pages.letters.frame import Number, again, asked, show
from api.pages.problems import PageRoute
from api.pages.rendering import Entered, Trouble
from api.problems import status_of
from api.v1.inputs import Code, Event
from engine.casework import letters
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.errors import LienThongError, NotFound, NotSignedIn
from engine.letters import drafting
from engine.letters.templates import FIELDS
from storage.names import attachment_header

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.post("/dossiers/{code}/letters")
def begin(caller: Caller, code: Code, posted: Sheet) -> Response:
    """A draft from the template chosen on the dossier's page."""
    try:
        no = drafting.begin(caller.office, code, posted.text("template"), caller.actor, posted.once or "-", caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return dossier.show(caller, code, Entered(given=posted.typed(), trouble=trouble), status=status_of(refusal))
    return RedirectResponse(f"/dossiers/{code}/letters/{no}", 303)


@router.get("/dossiers/{code}/letters/{no}")
def letter(caller: Caller, code: Code, no: Number, did: str = "") -> Response:
    return show(caller, code, no, did=did)


@router.post("/dossiers/{code}/letters/{no}")
def save(caller: Caller, code: Code, no: Number, posted: Sheet) -> Response:
    """Where somebody else saved meanwhile, both texts are shown; the next save is the writer's decision.

    `then` submits what was just saved: nothing that was typed is left behind.
    """
    then = "submit_letter" if posted.text("then") == "submit_letter" else "save_letter"
    content = {name: posted.text(name) for name in FIELDS}
    try:
        drafting.save(caller.office, asked(caller, code, no, posted), posted.text("title"), content, caller.now)
        if then == "submit_letter":
            act(caller.office, Order(code=code, event=then, actor=caller.actor, state=letters.place(no),
                                     key=posted.once and f"{posted.once}.submit"), caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return again(caller, code, no, posted, refusal, meanwhile=isinstance(refusal, letters.LetterChanged))
    return RedirectResponse(f"/dossiers/{code}/letters/{no}?did={then}", 303)


@router.get("/dossiers/{code}/letters/{no}/draft.pdf")
def preview(caller: Caller, code: Code, no: Number) -> Response:
    pdf = drafting.preview(caller.office, code, no, caller.actor, caller.now)
    return Response(pdf, media_type="application/pdf", headers={
        "Content-Disposition": attachment_header(f"{code}-{no}-du-thao.pdf"), "Cache-Control": "no-store, private",
        "Content-Security-Policy": security.POLICY_FOR_FILES})


@router.post("/dossiers/{code}/letters/{no}/acts/{event}")
def do(caller: Caller, code: Code, no: Number, event: Event, posted: Sheet) -> Response:
    """Acts that need no more than words."""
    try:
        if event == "replace_letter":
            no = drafting.replace(caller.office, code, no, caller.actor, posted.once or "-", caller.now)
        elif event == "settle_remark":
            drafting.settle(caller.office, asked(caller, code, no, posted), _remark(posted.text("remark")), caller.now)
        else:
            told = Particulars(reason=posted.text(f"{event}.reason"), words=posted.text(f"{event}.words"))
            act(caller.office, Order(code=code, event=event, actor=caller.actor, state=letters.place(no),
                                     key=posted.once or None, particulars=told), caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return again(caller, code, no, posted, refusal, scope=event)
    return RedirectResponse(f"/dossiers/{code}/letters/{no}?did={event}", 303)


def _remark(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what="góp ý", what_en="the remark") from None

"""Reception of a bundle: the form, what it would promise, taking it in with its scans."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter
from api.pages.bundles.form import Desk
from api.pages.forms import Posted, Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.reception_drafts import forget, opened
from api.pages.reception_known import Known, completed, known
from api.pages.rendering import Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import TITLES, status_of
from api.v1.inputs import ProcedureKey
from engine import documents
from engine.bundles.reception import receive
from engine.bundles.submission import BundleReply
from engine.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LienThongError,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
)

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/receive/bundles/{bundle}")
def form(caller: Caller, bundle: ProcedureKey, draft: UUID | None = None) -> Response:
    """With a draft, as it was left."""
    posted = opened(caller, draft) if draft else None
    return _form(Desk.find(caller, bundle, posted or Posted.none()))


@router.post("/receive/bundles/{bundle}/preview")
def preview(caller: Caller, bundle: ProcedureKey, posted: Sheet) -> Response:
    """The form again with what its answers ask for; only that part, when our own module asks."""
    about = known(caller, posted)
    desk = Desk.find(caller, bundle, completed(caller, posted))
    if caller.request.headers.get("x-fragment"):
        return page(Visit(visitor=caller), "bundles/_answer.html", preview=desk.preview(), known=about,
                    form_address=f"/receive/bundles/{bundle}")
    return _form(desk, about=about)


@router.post("/receive/bundles/{bundle}")
def take_in(caller: Caller, bundle: ProcedureKey, posted: Sheet) -> Response:
    """Received first, then the files one by one: one that is refused does not stop the others."""
    desk = Desk.find(caller, bundle, completed(caller, posted))
    try:
        reply = receive(caller.office, desk.submission(), caller.now)
    except (Invalid, Refused, Forbidden, Conflict, Unavailable) as refusal:
        if isinstance(refusal, NotSignedIn):
            raise
        return _again(desk, refusal)
    forget(caller, posted)
    failed = "".join(f"&failed={name}" for name in _attach(desk, reply))
    return RedirectResponse(f"/bundles/{reply.code}?did=receive{failed}", 303)


def _attach(desk: Desk, reply: BundleReply) -> Iterator[str]:
    """Each scan once, to the part its paper goes with; the others get it from there. Yields kinds not accepted."""
    codes = {part.part: part.code for part in reply.parts}
    for kind, asked in desk.plan.papers.items():
        part = next(iter(asked.papers))
        for number, file in enumerate(desk.posted.uploads(f"file.{kind}")):
            try:
                told = documents.Upload(code=codes[part], component=asked.papers[part][0], name=file.name,
                                        declared_type=file.media_type, actor=desk.caller.actor,
                                        key=f"{desk.posted.once}.{kind}.{number}"[:100])
                documents.attach(desk.caller.office, told, file.chunks(), desk.caller.now)
            except (Refused, Unavailable):
                yield kind


def _form(desk: Desk, entered: Entered | None = None, status: int = 200, about: Known | None = None) -> Response:
    told = entered or Entered(given=desk.posted.typed())
    return page(Visit(visitor=desk.caller), "bundles/form.html", told, status=status,
                known=about or known(desk.caller, desk.posted), **desk.view())


def _again(desk: Desk, refusal: LienThongError) -> Response:
    """The form with everything that was typed, and what is wrong with it."""
    visit, status = Visit(visitor=desk.caller), status_of(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    if isinstance(refusal, Invalid):
        entered = Entered(given=desk.posted.typed(), faults=desk.faults(faults_of(refusal)))
    else:
        english = visit.language == "en"
        following = ("#handed-in", "Go to the papers" if english else "Đến phần giấy tờ")
        entered = Entered(given=desk.posted.typed(), trouble=Trouble(
            title=TITLES[status][english], words=refusal.message(visit.language),
            next=following if refusal.code == "missing_document" else None))
    return _form(desk, entered, status)

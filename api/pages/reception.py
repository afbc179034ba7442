"""Reception: choosing the procedure, the form it asks for, taking the dossier in with its papers."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.context import Caller, Counter, Person
from api.pages import reception_form as forms
from api.pages.bundles.form import offered as offered_bundles
from api.pages.forms import Posted, Sheet, faults_of
from api.pages.problems import PageRoute, wants_json
from api.pages.reception_form import Desk
from api.pages.rendering import Entered, Trouble, page
from api.pages.visits import Visit
from api.pages.work import Search
from api.problems import TITLES, status_of
from api.v1.inputs import ProcedureKey
from engine import documents
from engine.casework.orders import Reply
from engine.casework.receive import receive
from engine.errors import Conflict, Forbidden, Invalid, LienThongError, NotFound, NotSignedIn, Refused, Unavailable
from procedures.entry import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

MISSING = Text(
    vi="Đánh dấu giấy tờ đã nhận, bản quét có thể tải lên sau; hoặc chọn “Ghi nhận để kiểm tra”.",
    en="Tick what was handed in, scans may follow later; or choose “Take in for checking”.")


@router.get("/receive")
def choose(caller: Caller, search: Search = "") -> Response:
    bundles = [offer for offer in offered_bundles(caller)
               if forms.found(search, offer.name.vi, offer.name.en, offer.code or "", offer.key)]
    return page(Visit(visitor=caller), "receive/choose.html", fields=forms.offered(caller, search), bundles=bundles,
                search=search)


@router.get("/receive/{procedure}")
def form(caller: Caller, procedure: ProcedureKey) -> Response:
    return _form(Desk.find(caller, procedure), Posted.none())


@router.post("/receive/{procedure}/preview")
def preview(caller: Caller, procedure: ProcedureKey, posted: Sheet) -> Response:
    """The form again with what its answers ask for; only that part, when our own module asks."""
    desk = Desk.find(caller, procedure)
    if caller.request.headers.get("x-fragment"):
        return page(Visit(visitor=caller), "receive/_preview.html", preview=desk.preview(posted))
    return _form(desk, posted)


@router.post("/receive/{procedure}")
def take_in(caller: Caller, procedure: ProcedureKey, posted: Sheet) -> Response:
    """Received first, then the files one by one: one that is refused does not stop the others."""
    desk = Desk.find(caller, procedure)
    try:
        reply = receive(caller.office, desk.submission(posted), caller.now)
    except (Invalid, Refused, Forbidden, Conflict, Unavailable) as refusal:
        if isinstance(refusal, NotSignedIn):
            raise
        return _again(desk, posted, refusal)
    address = f"/dossiers/{reply.code}"
    failed = list(_attach(caller, reply, desk, posted))
    following = f"{address}?did=receive" + "".join(f"&failed={name}" for name in failed)
    if wants_json(caller.request):
        return JSONResponse({"upload": f"/api/v1{address}/documents", "next": following}, 201)
    return RedirectResponse(following, 303)


def _attach(caller: Person, reply: Reply, desk: Desk, posted: Posted) -> Iterator[str]:
    """Yields `component.code` for each file that was not accepted."""
    for component in desk.declaration.documents:
        for number, file in enumerate(posted.uploads(f"file.{component}")):
            try:
                told = documents.Upload(code=reply.code, component=component, name=file.name,
                                        declared_type=file.media_type, actor=caller.actor,
                                        key=f"{posted.once}.{component}.{number}"[:100])
                documents.attach(caller.office, told, file.chunks(), caller.now)
            except (Refused, Unavailable) as refusal:
                yield f"{component}.{refusal.data.get('reason', refusal.code)}"


def _form(desk: Desk, posted: Posted, entered: Entered | None = None, status: int = 200) -> Response:
    told = entered or Entered(given=posted.typed())
    return page(Visit(visitor=desk.caller), "receive/form.html", told, status=status, **desk.view(posted))


def _again(desk: Desk, posted: Posted, refusal: LienThongError) -> Response:
    """The form with everything that was typed, and what is wrong with it."""
    visit, status = Visit(visitor=desk.caller), status_of(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    if isinstance(refusal, Invalid):
        entered = Entered(given=posted.typed(), faults=desk.faults(faults_of(refusal), posted),
                          trouble=desk.other_procedure(faults_of(refusal)))
    else:
        english = visit.language == "en"
        following = ("#handed-in", "Go to the papers" if english else "Đến phần giấy tờ")
        missing = refusal.code == "missing_document"
        words = refusal.message(visit.language) + (f" {MISSING.en if english else MISSING.vi}" if missing else "")
        entered = Entered(given=posted.typed(), trouble=Trouble(
            title=TITLES[status][english], words=words, next=following if missing else None))
    return _form(desk, posted, entered, status)

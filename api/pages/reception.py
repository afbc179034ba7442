"""Reception: choosing the procedure, the form it asks for, taking the dossier in with its papers."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from fastapi import Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.context import Caller, Counter, Person
from api.pages import reception_form as forms
from api.pages.bundles.form import offered as offered_bundles
from api.pages.forms import Posted, Sheet, faults_of
from api.pages.problems import PageRoute, wants_json
from api.pages.reception_drafts import forget, opened, waiting
from api.pages.reception_form import Desk
from api.pages.reception_known import Known, completed, known, reused
from api.pages.rendering import Entered, Trouble, page
from api.pages.visits import Visit
from api.pages.work import Search
from api.problems import TITLES, status_of
from api.v1.inputs import ProcedureKey
from engine import documents
from engine.casework.orders import Reply
from engine.casework.receive import receive
from engine.counter import drafts
from engine.counter.choosing import found
from engine.errors import (
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    LienThongError,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
)
from engine.post import intake
from procedures.entry import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

MISSING = Text(
    vi="Đánh dấu giấy tờ đã nhận, bản quét có thể tải lên sau; hoặc chọn “Ghi nhận để kiểm tra”.",
    en="Tick what was handed in, scans may follow later; or choose “Take in for checking”.")


@router.get("/receive")
def choose(caller: Caller, search: Search = "", did: str = "") -> Response:
    """What this desk takes in most comes first; forms that were not finished before everything else."""
    joined = offered_bundles(caller)
    bundles = [offer for offer in joined if found(search, offer.name.vi, offer.name.en, offer.code or "", offer.key)]
    fields = forms.offered(caller, search)
    return page(Visit(visitor=caller), "receive/choose.html", fields=fields, bundles=bundles, search=search, did=did,
                usual=[] if search else forms.most_used(caller, fields),
                drafts=waiting(caller, {offer.key: offer.name for offer in joined}))


@router.get("/receive/{procedure}")
def form(caller: Caller, procedure: ProcedureKey, draft: UUID | None = None, slip: Search = "") -> Response:
    """With a draft, as it was left; with a slip, as it says. What was received meanwhile leads to its dossier."""
    desk = Desk.find(caller, procedure)
    if draft is None:
        code = intake.became(caller.office, slip, caller.actor, caller.now) if slip else None
        if code is not None:
            return RedirectResponse(f"/dossiers/{code}", 303)
        return _form(desk, desk.by_slip(slip) if slip else Posted.none())
    posted = opened(caller, draft)
    if posted is None:
        code = drafts.became(caller.office, caller.id, str(draft))
        return RedirectResponse(f"/dossiers/{code}" if code else f"/receive/{procedure}", 303)
    return _form(desk, posted)


@router.post("/receive/{procedure}/preview")
def preview(caller: Caller, procedure: ProcedureKey, posted: Sheet) -> Response:
    """The form again with what its answers ask for; only that part, when our own module asks."""
    desk = Desk.find(caller, procedure)
    about = known(caller, posted, desk.procedure)
    posted = completed(caller, posted)
    if caller.request.headers.get("x-fragment"):
        return page(Visit(visitor=caller), "receive/_answer.html", preview=desk.preview(posted), known=about,
                    form_address=f"/receive/{procedure}")
    return _form(desk, posted, about=about)


@router.post("/receive/{procedure}")
def take_in(caller: Caller, procedure: ProcedureKey, posted: Sheet) -> Response:
    """Received first, then the files one by one: one that is refused does not stop the others."""
    desk, posted = Desk.find(caller, procedure), completed(caller, posted)
    try:
        reply = receive(caller.office, desk.submission(posted), caller.now)
    except (Invalid, Refused, Forbidden, Conflict, Unavailable) as refusal:
        if isinstance(refusal, NotSignedIn):
            raise
        return _again(desk, posted, refusal)
    forget(caller, posted)
    address = f"/dossiers/{reply.code}"
    failed = list(_attach(caller, reply, desk, posted))
    following = f"{address}?did=receive" + "".join(f"&failed={name}" for name in failed)
    if wants_json(caller.request):
        return JSONResponse({"upload": f"/api/v1{address}/documents", "next": following}, 201)
    return RedirectResponse(following, 303)


def _attach(caller: Person, reply: Reply, desk: Desk, posted: Posted) -> Iterator[str]:
    """Yields `component.code` for each file that was not accepted."""
    for component, document in reused(posted).items():
        try:
            documents.reuse(caller.office, reply.code, component, document, caller.actor,
                            f"{posted.once}.{component}.reuse"[:100], caller.now)
        except (Refused, NotFound) as refusal:
            yield f"{component}.{refusal.code}"
    for component in desk.declaration.documents:
        for number, file in enumerate(posted.uploads(f"file.{component}")):
            try:
                told = documents.Upload(code=reply.code, component=component, name=file.name,
                                        declared_type=file.media_type, actor=caller.actor,
                                        key=f"{posted.once}.{component}.{number}"[:100])
                documents.attach(caller.office, told, file.chunks(), caller.now)
            except (Refused, Unavailable) as refusal:
                yield f"{component}.{refusal.data.get('reason', refusal.code)}"


def _form(desk: Desk, posted: Posted, entered: Entered | None = None, status: int = 200,
          about: Known | None = None) -> Response:
    told = entered or Entered(given=posted.typed())
    return page(Visit(visitor=desk.caller), "receive/form.html", told, status=status,
                known=about or known(desk.caller, posted, desk.procedure), **desk.view(posted))


def _again(desk: Desk, posted: Posted, refusal: LienThongError) -> Response:
    """The form with everything that was typed, and what is wrong with it."""
    visit, status = Visit(visitor=desk.caller), status_of(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    if isinstance(refusal, Invalid):
        entered = Entered(given=posted.typed(), faults=desk.faults(faults_of(refusal), posted),
                          trouble=desk.other_procedure(faults_of(refusal)))
    elif isinstance(refusal, KeyReused):
        entered = _received_already(desk, posted)
    else:
        english = visit.language == "en"
        following = ("#handed-in", "Go to the papers" if english else "Đến phần giấy tờ")
        missing = refusal.code == "missing_document"
        words = refusal.message(visit.language) + (f" {MISSING.en if english else MISSING.vi}" if missing else "")
        entered = Entered(given=posted.typed(), trouble=Trouble(
            title=TITLES[status][english], words=words, next=following if missing else None))
    return _form(desk, posted, entered, status)


def _received_already(desk: Desk, posted: Posted) -> Entered:
    """This very form became a dossier before, and was changed since: sent again it is another dossier."""
    english = desk.caller.chosen_language == "en"
    code = drafts.became(desk.caller.office, desk.caller.id, posted.once) or ""
    words = (f"This form was already received as {code}. What it says now is different: send it again only if it is "
             "another dossier." if english else
             f"Tờ khai này đã được tiếp nhận thành hồ sơ {code}. Nội dung đang hiện đã khác: chỉ gửi lại nếu đây là "
             "một hồ sơ khác.")
    fresh = {name: text for name, text in posted.typed().items() if name != "once"}
    return Entered(given=fresh, trouble=Trouble(
        title="Received already" if english else "Đã tiếp nhận trước đó", words=words,
        next=(f"/dossiers/{code}", f"Open dossier {code}" if english else f"Mở hồ sơ {code}")))

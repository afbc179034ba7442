"""Return of results at the counter: slip scanned, person checked, result handed over, service rated."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, faults_of, whole
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.pages.work import Search
from api.problems import status_of
from api.v1.inputs import Code
from api.words import RETURN_WAYS
from engine import desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.counter import returning
from engine.desk.dossier import DossierView
from engine.desk.places import day_of
from engine.errors import Conflict, Invalid, LienThongError, NotFound, NotSignedIn
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

RETURN = "return_at_counter"
WHO = {"self": Text(vi="Chính người nộp hồ sơ", en="The applicant"),
       "other": Text(vi="Người được ủy quyền", en="Somebody authorised")}
SCORES = {5: Text(vi="Rất hài lòng", en="Very satisfied"), 4: Text(vi="Hài lòng", en="Satisfied"),
          3: Text(vi="Bình thường", en="Neither"), 2: Text(vi="Không hài lòng", en="Dissatisfied"),
          1: Text(vi="Rất không hài lòng", en="Very dissatisfied")}


@router.get("/return")
def ready(caller: Caller, slip: Search = "", did: str = "") -> Response:
    """What waits for its applicants; a slip that is scanned leads straight to its dossier."""
    code = returning.scanned(slip)
    if code is not None:
        return RedirectResponse(f"/return/{code}", 303)
    units = [unit for unit, role in caller.identity.memberships if role in returning.AT_THE_DESK]
    faults = {"slip": ("Không có mã hồ sơ trong nội dung vừa quét.", "There is no dossier code in what was scanned.")}
    entered = Entered(given={"slip": slip}, faults=faults if slip else {})
    return page(Visit(visitor=caller), "return/ready.html", entered,
                rows=returning.ready(caller.office, units, caller.id, caller.now),
                ways=RETURN_WAYS, did=did, votes=returning.votes(caller.office, units, day_of(caller.now)))


@router.get("/return/{code}")
def sheet(caller: Caller, code: Code) -> Response:
    return _show(caller, code)


def _show(caller: Person, code: str, entered: Entered = BLANK, status: int = 200) -> Response:
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "return/sheet.html", entered, status=status, view=view, head=view.header,
                originals=returning.originals(view), who=WHO, ways=RETURN_WAYS, **_told(view))


def _told(view: DossierView) -> dict[str, Any]:
    """The act, where it is one of this dossier's now, and what else may be done to return it."""
    offers = {offer.event: offer for offer in view.offers}
    return {"offer": offers.get(RETURN), "results": [row for row in view.documents
                                                     if row.current and row.component == "result"],
            "papers": [row for row in view.papers if row.kind == "result"],
            "unpaid": [row for row in view.payments if row.paid_at is None],
            "register": next((offer for offer in view.offers if offer.event == "register" and offer.permitted), None)}


@router.post("/return/{code}")
def hand_over(caller: Caller, code: Code, posted: Sheet) -> Response:
    """Leads on to the rating, which is the citizen's. Enter alone, as scanners send it, only shows the sheet again."""
    if posted.text("look"):
        return _show(caller, code, Entered(given=_typed(posted)))
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    faults = _faults(view, posted)
    if faults:
        return _show(caller, code, Entered(given=_typed(posted), faults=faults), 422)
    told = Particulars(recipient=_recipient(view, posted), words=posted.text("authority"),
                       documents=posted.many("originals"))
    order = Order(code=code, event=RETURN, actor=caller.actor, seen_version=posted.version(), key=posted.once or None,
                  state=posted.text("state") or None, particulars=told)
    try:
        act(caller.office, order, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except Invalid as refusal:
        return _show(caller, code, Entered(given=_typed(posted), faults=faults_of(refusal)), 422)
    except LienThongError as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return _show(caller, code, Entered(given=_typed(posted), trouble=trouble), status_of(refusal))
    return RedirectResponse(f"/return/{code}/rating", 303)


def _recipient(view: DossierView, posted: Posted) -> str:
    """Who signed: the applicant, unless somebody else is named."""
    return posted.text("recipient") or (view.header.applicant.name if posted.text("who") == "self" else "")


def _typed(posted: Posted) -> dict[str, str]:
    return posted.typed() | {f"originals.{name}": name for name in posted.many("originals")}


def _faults(view: DossierView, posted: Posted) -> dict[str, tuple[str, str]]:
    """The originals are given back with the result; somebody else shows by what right he comes."""
    faults = {}
    missing = [name for key, name in returning.originals(view) if key not in posted.many("originals")]
    if missing:
        faults["originals"] = ("Đánh dấu bản chính đã trả: " + "; ".join(name.vi for name in missing) + ".",
                               "Tick the originals given back: " + "; ".join(name.en for name in missing) + ".")
    if posted.text("who") not in WHO:
        faults["who"] = ("Chọn ai nhận kết quả.", "Say who collects the result.")
    if posted.text("who") == "other" and not posted.text("recipient"):
        faults["recipient"] = ("Ghi họ tên người nhận đã ký nhận.", "Name the person who signed for it.")
    if posted.text("who") == "other" and not posted.text("authority"):
        faults["authority"] = ("Ghi giấy ủy quyền: số, ngày, nơi chứng thực.", "Name the authorisation: number, date.")
    return faults


@router.get("/return/{code}/rating")
def rating(caller: Caller, code: Code) -> Response:
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "return/rating.html", head=view.header, scores=SCORES, done=False)


@router.post("/return/{code}/rating")
def rate(caller: Caller, code: Code, posted: Sheet) -> Response:
    """Anonymous: the vote names no dossier, the dossier only knows that there was one."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    try:
        returning.rate(caller.office, code, caller.actor, whole(posted.text("score")) or 0, posted.text("words"),
                       caller.now)
    except Invalid as refusal:
        entered = Entered(given=posted.typed(), faults=faults_of(refusal))
        return page(Visit(visitor=caller), "return/rating.html", entered, status=422, head=view.header, scores=SCORES,
                    done=False)
    except Conflict:
        return RedirectResponse(f"/return/{code}/thanks", 303)
    return RedirectResponse(f"/return/{code}/thanks", 303)


@router.get("/return/{code}/thanks")
def thanks(caller: Caller, code: Code) -> Response:
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "return/rating.html", head=view.header, scores=SCORES, done=True)

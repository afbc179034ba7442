"""Where answers of agencies without a system are awaited: slips to print, links to mail again, answers to enter."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.answering import files_of
from api.pages.forms import Posted, Sheet, faults_of, identity, written_date
from api.pages.printing import as_pdf
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.pages.work import Search
from api.problems import status_of
from engine.answering import by_slip, slips
from engine.answering.asked import OPEN, Asked, Stage
from engine.answering.by_slip import Paper
from engine.answering.closing import Signer
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.casework.outside import Said
from engine.casework.telling import VERDICTS
from engine.clocks.zone import ZONE
from engine.desk.places import state_name
from engine.errors import Invalid, LienThongError, NotFound, NotPossibleHere, UnacceptableFile
from procedures.declaration import Text
from storage.links import Awaited, Unprinted

router = Counter(include_in_schema=False, route_class=PageRoute)
Slip = Annotated[str, Path(max_length=100)]


@router.get("/answers")
def awaited(caller: Caller, slip: Search = "", did: str = "") -> Response:
    """A slip that is scanned leads straight to its form."""
    if not slip:
        return _list(caller, did=did)
    try:
        found = by_slip.find(caller.office, slip, caller.identity.memberships, caller.now)
    except (NotFound, NotPossibleHere) as refusal:
        faults = {"slip": (refusal.message("vi"), refusal.message("en"))}
        return _list(caller, Entered(given={"slip": slip}, faults=faults), status=404)
    return RedirectResponse(f"/answers/{found.slip}", 303)


@router.post("/answers/print")
def together(caller: Caller, posted: Sheet) -> Response:
    """One file; what is printed is on its way."""
    try:
        return as_pdf(slips.printed(caller.office, posted.many("slip"), caller.actor, caller.identity.memberships,
                                    caller.now))
    except Invalid as refusal:
        return _list(caller, Entered(faults={"print": faults_of(refusal)["slip"]}), status=422)


@router.post("/answers/send")
def send(caller: Caller, posted: Sheet) -> Response:
    """The link goes out again; the one before opens nothing any more."""
    order = Order(code=posted.text("code")[:100], event="send_link", actor=caller.actor, key=posted.once or None,
                  particulars=Particulars(handoff=identity(posted.text("handoff"))))
    act(caller.office, order, caller.now)
    return RedirectResponse("/answers?did=sent", 303)


@router.get("/answers/{slip}")
def sheet(caller: Caller, slip: Slip, did: str = "") -> Response:
    return _show(caller, _found(caller, slip), did=did)


@router.post("/answers/{slip}")
def enter(caller: Caller, slip: Slip, posted: Sheet) -> Response:
    found = _found(caller, slip)
    if found.stage not in OPEN:
        return _show(caller, found, status=409)
    try:
        by_slip.enter(caller.office, found, _paper(posted), caller.actor, caller.now)
    except Invalid as refusal:
        return _show(caller, found, Entered(given=posted.typed(), faults=faults_of(refusal)), status=422)
    except UnacceptableFile as refusal:
        faults = {"file": (refusal.message("vi"), refusal.message("en"))}
        return _show(caller, found, Entered(given=posted.typed(), faults=faults), status=422)
    except NotFound:
        raise
    except LienThongError as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return _show(caller, _found(caller, slip), Entered(given=posted.typed(), trouble=trouble),
                     status=status_of(refusal))
    return RedirectResponse(f"/answers/{found.slip}?did=1", 303)


def _found(caller: Person, slip: str) -> Asked:
    return by_slip.find(caller.office, slip, caller.identity.memberships, caller.now)


def _paper(posted: Posted) -> Paper:
    return Paper(
        signer=Signer(name=posted.text("name"), position=posted.text("position")),
        dated=written_date(posted.text("dated")), files=files_of(posted),
        said=Said(event=posted.text("event"), verdict=posted.text("verdict"), words=posted.text("words"),
                  reason=posted.text("reason")))


def _show(caller: Person, found: Asked, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    return page(Visit(visitor=caller), "answering/slip.html", entered, status=status, found=found,
                content=found.content, base="", did=did, verdicts=VERDICTS, open=found.stage in OPEN,
                refusable=found.stage is Stage.ASKED, today=caller.now.astimezone(ZONE).date())


def _list(caller: Person, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    posts, catalogue = caller.identity.memberships, caller.office.fresh_catalogue()

    def step(row: Unprinted | Awaited) -> Text:
        return state_name(catalogue.procedures[row.version_id], row.step)

    return page(Visit(visitor=caller), "answering/list.html", entered, status=status, did=did, units=catalogue.units,
                step=step, unprinted=by_slip.unprinted(caller.office, posts),
                awaited=by_slip.awaited(caller.office, posts))

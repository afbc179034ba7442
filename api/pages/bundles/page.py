"""One bundle: how its parts stand, what waits for what, the one letter and its answer, the one receipt."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.due import due_words
from api.pages.forms import Posted, Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import TITLES, status_of
from api.v1.inputs import Code
from api.words import CHANNELS, FORMS, OUTCOMES, RETURN_WAYS
from engine import documents
from engine.bundles import citizen
from engine.bundles.view import BundleView, PaperView, view
from engine.desk.places import lateness
from engine.desk.work import end_of_next_working_day
from engine.errors import LienThongError, NotFound, NotSignedIn, Refused, Unavailable
from engine.workcalendars import SHARED

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/bundles/{code}")
def bundle(caller: Caller, code: Code, did: str = "") -> Response:
    return _show(caller, view(caller.office, code, caller.actor, caller.now), did=did)


def _show(caller: Person, found: BundleView, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    judged = found.closed_at or caller.now
    calendar = caller.office.catalogue().calendar(SHARED)
    late = lateness(found.due_at, judged, end_of_next_working_day(judged, calendar))
    names = {paper.kind: paper.name for paper in found.papers}
    failed = [names[kind] for kind in caller.request.query_params.getlist("failed")[:30] if kind in names]
    return page(Visit(visitor=caller), "bundles/bundle.html", entered, status=status, view=found, did=did,
                failed=failed, late=due_words(late, found.due_at, caller.now), forms=FORMS, channels=CHANNELS,
                return_ways=RETURN_WAYS, outcomes=OUTCOMES)


@router.get("/bundles/{code}/receipt")
def receipt(caller: Caller, code: Code) -> Response:
    """Form 01 once for all parts; papers once. For the desk, which has written them all."""
    found = view(caller.office, code, caller.actor, caller.now)
    if not all(part.open for part in found.parts):
        raise NotFound(what=f"giấy tiếp nhận của {code}", what_en=f"the receipt of {code}")
    return page(Visit(visitor=caller), "bundles/receipt.html", view=found, forms=FORMS, return_ways=RETURN_WAYS)


@router.post("/bundles/{code}/supplement")
def supplement(caller: Caller, code: Code, posted: Sheet) -> Response:
    """Scans first, then every part that was asked goes on at the same instant."""
    found = view(caller.office, code, caller.actor, caller.now)
    asked = [paper for letter in found.letters if letter.answered_at is None for paper in letter.papers]
    try:
        for paper in asked:
            _attach(caller, paper, posted)
        citizen.supplement(caller.office, code, caller.actor, posted.once, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return _refused(caller, code, refusal)
    return RedirectResponse(f"/bundles/{code}?did=supplement", 303)


def _attach(caller: Person, paper: PaperView, posted: Posted) -> None:
    for number, file in enumerate(posted.uploads(f"file.{paper.kind}")):
        told = documents.Upload(code=paper.code, component=paper.component, name=file.name,
                                declared_type=file.media_type, actor=caller.actor,
                                key=f"{posted.once}.{paper.kind}.{number}"[:100])
        documents.attach(caller.office, told, file.chunks(), caller.now)


@router.post("/bundles/{code}/partial")
def partial(caller: Caller, code: Code, posted: Sheet) -> Response:
    """The citizen asked to take what is ready; written down once."""
    try:
        citizen.agree_partial(caller.office, code, caller.actor, posted.once, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return _refused(caller, code, refusal)
    return RedirectResponse(f"/bundles/{code}?did=partial", 303)


def _refused(caller: Person, code: str, refusal: LienThongError) -> Response:
    """The bundle as it is now, with why not."""
    status, english = status_of(refusal), caller.chosen_language == "en"
    title = TITLES[status][english] if not isinstance(refusal, Refused | Unavailable) else (
        "Not recorded" if english else "Chưa ghi nhận")
    entered = Entered(trouble=Trouble(title=title, words=refusal.message(caller.chosen_language)))
    return _show(caller, view(caller.office, code, caller.actor, caller.now), entered, status=status)

"""Acts on a dossier, as its page asks for them; and its files, in and out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.dossier import show
from api.pages.enclosing import with_files
from api.pages.forms import Posted, Sheet, faults_of, identity, new_date, whole
from api.pages.problems import PageRoute
from api.pages.rendering import Entered, Trouble
from api.problems import TITLES, status_of
from api.v1 import documents as downloads
from api.v1.inputs import Code, Event
from engine import desk, documents
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.errors import Invalid, LienThongError, NotFound, NotSignedIn, Refused, StaleVersion, Unavailable

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.post("/dossiers/{code}/acts/{event}")
def do(caller: Caller, code: Code, event: Event, posted: Sheet) -> Response:
    """Leads on to the dossier, or to the list the form came from."""
    try:
        posted = with_files(caller, code, posted) if event == "answer_task" else posted
        order = Order(code=code, event=event, actor=caller.actor, state=posted.text("state") or None,
                      seen_version=posted.version(), key=posted.once or None, particulars=_particulars(posted))
        act(caller.office, order, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return _again(caller, code, posted, refusal)
    return RedirectResponse(following(posted, code, event), 303)


def following(posted: Posted, code: str, did: str) -> str:
    back = posted.text("back")
    return f"{back}?did={did}" if back in ("/handoffs", "/", f"/return/{code}") else f"/dossiers/{code}?did={did}"


def _particulars(posted: Posted) -> Particulars:
    scope = posted.text("scope")

    def said(name: str) -> str:
        return posted.text(f"{scope}.{name}")

    return Particulars(
        reason=said("reason"), verdict=said("verdict"), words=said("words"), recipient=said("recipient"),
        slip=posted.text("slip") or said("slip"), amount=whole(said("amount")) or 0, proof=said("proof"),
        documents=posted.many(f"{scope}.documents"), handoff=posted.handoff(), unit=whole(said("unit")),
        units=_numbers(posted, f"{scope}.units"), people=_numbers(posted, f"{scope}.people"), join=said("join"),
        limit=said("limit"), expiry=said("expiry"),
        new_due=new_date("new_due", said("new_due")), kind=said("kind") or posted.text("kind"), outcome=said("outcome"),
        person=whole(said("person")), way=said("way"), address=said("address"), day=_day(said("day")),
        identity=said("identity"), names=tuple(line for line in said("names").splitlines() if line.strip()))


def _day(text: str) -> date | None:
    """Raises Invalid for what is no date."""
    at = new_date("day", text)
    return at.date() if at else None


def _numbers(posted: Posted, name: str) -> tuple[int, ...]:
    return tuple(number for text in posted.many(name) if (number := whole(text)))


def _typed(posted: Posted) -> dict[str, str]:
    """What was ticked is ticked again."""
    scope = posted.text("scope")
    ticked = {f"{name}.{value}": value for name in (f"{scope}.units", f"{scope}.documents", f"{scope}.people")
              for value in posted.many(name)}
    return posted.typed() | ticked


def _again(caller: Person, code: str, posted: Posted, refusal: LienThongError) -> Response:
    """The dossier as it is now, with what was typed still in its form."""
    scope, language = posted.text("scope"), caller.chosen_language
    if isinstance(refusal, Invalid):
        faults = {f"{scope}.{name}": words for name, words in faults_of(refusal).items()}
        return show(caller, code, Entered(given=_typed(posted), faults=faults), status=422)
    status, english = status_of(refusal), language == "en"
    words, following = refusal.message(language), None
    if isinstance(refusal, StaleVersion):
        following = (f"/dossiers/{code}", "Reload the dossier" if english else "Tải lại hồ sơ")
        words = _who_was_first(caller, code, refusal)
    trouble = Trouble(title=TITLES[status][english], words=words, next=following)
    return show(caller, code, Entered(given=_typed(posted), trouble=trouble), status=status)


def _who_was_first(caller: Person, code: str, refusal: StaleVersion) -> str:
    """Who did what and when, in the words of the record."""
    told = {name: str(refusal.data.get(name, "")) for name in ("who", "action", "when")}
    timeline = desk.dossier(caller.office, code, caller.actor, caller.now).timeline
    entry = next((entry for entry in reversed(timeline) if entry.action == told["action"]), None)
    if caller.chosen_language == "en":
        act = entry.name.en if entry else told["action"]
        return (f"{told['who']} did “{act}” at {told['when']}, after you had opened the dossier. "
                "This page shows it as it is now; what you typed is still there. Decide again.")
    act = entry.name.vi if entry else told["action"]
    return (f"{told['who']} đã “{act}” lúc {told['when']}, sau khi bạn mở hồ sơ. "
            "Trang này đang hiện tình trạng mới nhất; nội dung bạn đã gõ vẫn còn. Hãy quyết định lại.")


@router.post("/dossiers/{code}/documents")
def attach(caller: Caller, code: Code, posted: Sheet) -> Response:
    """Files from a browser without our module; with it they stream to the interface one by one."""
    component, _, replaced = posted.text("component").partition(":")
    files = posted.uploads("file")
    if not files:
        return _missing_file(caller, code, posted)
    refused = []
    for number, file in enumerate(files):
        try:
            told = documents.Upload(code=code, component=component, name=file.name, declared_type=file.media_type,
                                    actor=caller.actor, key=f"{posted.once}.{number}",
                                    replaces=None if number else identity(replaced))
            documents.attach(caller.office, told, file.chunks(), caller.now)
        except (Refused, Unavailable) as refusal:
            refused.append(refusal)
    if refused:
        words = " ".join(refusal.message(caller.chosen_language) for refusal in refused)
        english = caller.chosen_language == "en"
        trouble = Trouble(title="Files not accepted" if english else "Có tệp không được nhận", words=words)
        return show(caller, code, Entered(given=_typed(posted), trouble=trouble), status=status_of(refused[0]))
    return RedirectResponse(f"/dossiers/{code}?did=attach#documents", 303)


def _missing_file(caller: Person, code: str, posted: Posted) -> Response:
    faults = {"file": ("Chọn ít nhất một tệp để tải lên.", "Choose at least one file to upload.")}
    return show(caller, code, Entered(given=_typed(posted), faults=faults), status=422)


@router.get("/documents/{document}/file")
def download(caller: Caller, document: UUID) -> Response:
    """The same bytes as the interface gives; a refusal is a page."""
    return downloads.download(caller, document)

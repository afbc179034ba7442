"""What somebody without an account sees by the key a mail brought: what is asked, and where to answer it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from api.context import Anybody, Counter, Visitor, anyone
from api.pages.forms import Posted, Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import status_of
from api.v1.documents import as_file
from engine.answering import by_link
from engine.answering.asked import OPEN, Asked, Stage
from engine.answering.by_link import NoSuchLink
from engine.answering.closing import Sent, Signer
from engine.casework.outside import Said
from engine.casework.telling import VERDICTS
from engine.errors import Conflict, Invalid, LienThongError, NotFound, NotPossibleHere, UnacceptableFile, WrongRole
from engine.signin import TooManyAttempts
from procedures.declaration import Text
from procedures.entry import text

router = Counter(include_in_schema=False, route_class=PageRoute)
Key = Annotated[str, Path(max_length=300)]

# What is said in both languages: nobody knows who reads it.
OVER: dict[Stage, tuple[Text, Text]] = {
    Stage.ANSWERED: (text("Đã trả lời", "Answered"), text(
        "Hồ sơ đã có trả lời; liên kết này không dùng để trả lời nữa.", "It was answered; this link answers no more.")),
    Stage.REFUSED: (text("Đã trả về nơi gửi", "Returned"), text(
        "Hồ sơ không được nhận và đã trả về nơi gửi.", "It was not taken in and has gone back to the sender.")),
    Stage.RECALLED: (text("Đã thu hồi", "Recalled"), text(
        "Nơi gửi đã thu hồi hồ sơ. Quý cơ quan không cần làm gì.",
        "The sender has recalled it. There is nothing to do.")),
    Stage.CLOSED: (text("Không cần trả lời nữa", "No answer is needed any more"), text(
        "Nơi gửi không còn chờ trả lời này. Quý cơ quan không cần làm gì.",
        "The sender no longer waits for this answer. There is nothing to do.")),
    Stage.EXPIRED: (text("Liên kết đã hết hạn", "The link has expired"), text(
        "Hãy liên hệ nơi gửi để nhận liên kết mới.", "Ask the sender for a new one.")),
}
# To whoever has just done it.
DONE: dict[Stage, tuple[Text, Text]] = {
    Stage.ANSWERED: (text("Đã gửi trả lời, xin cảm ơn", "Your answer is sent, thank you"), text(
        "Trả lời đã được ghi nhận và đến nơi gửi. Quý cơ quan không cần làm gì thêm; nên in hoặc lưu trang này.",
        "It is recorded and with the sender. There is nothing more to do; print or keep this page if you wish.")),
    Stage.REFUSED: (text("Đã trả về nơi gửi, xin cảm ơn", "It is returned, thank you"), text(
        "Lý do không nhận đã được ghi nhận và đến nơi gửi. Quý cơ quan không cần làm gì thêm.",
        "The reason is recorded and with the sender. There is nothing more to do.")),
}
WRONG = text("Liên kết không dùng được", "This link does not work")


@router.get("/answer/{key}")
@anyone
def look(anybody: Anybody, key: Key, did: str = "") -> Response:
    """Changes nothing: scanners of mail open links."""
    return _with(anybody, key, lambda found: _shown(anybody, key, found, did=did))


@router.post("/answer/{key}/take")
@anyone
def take(anybody: Anybody, key: Key, posted: Sheet) -> Response:
    return _doing(anybody, key, posted, "", lambda found: by_link.take(
        anybody.office, found, _signer(posted), anybody.now))


@router.post("/answer/{key}/refuse")
@anyone
def refuse(anybody: Anybody, key: Key, posted: Sheet) -> Response:
    return _doing(anybody, key, posted, "refuse.", lambda found: by_link.refuse(
        anybody.office, found, _signer(posted, "refuse."), posted.text("refuse.reason"), anybody.now))


@router.post("/answer/{key}")
@anyone
def answer(anybody: Anybody, key: Key, posted: Sheet) -> Response:
    said = Said(event=posted.text("event"), verdict=posted.text("verdict"), words=posted.text("words"),
                reason=posted.text("reason"))
    return _doing(anybody, key, posted, "", lambda found: by_link.answer(
        anybody.office, found, _signer(posted), said, files_of(posted), anybody.now))


@router.get("/answer/{key}/documents/{document}")
@anyone
def document(anybody: Anybody, key: Key, document: UUID) -> Response:
    return _with(anybody, key, lambda found: as_file(*by_link.document(anybody.office, found, document, anybody.now)))


def files_of(posted: Posted) -> list[Sent]:
    return [Sent(name=file.name, declared_type=file.media_type, chunks=file.chunks())
            for file in posted.uploads("file")]


def _signer(posted: Posted, scope: str = "") -> Signer:
    return Signer(name=posted.text(f"{scope}name"), position=posted.text(f"{scope}position"))


def _with(anybody: Visitor, key: str, show: Callable[[Asked], Response]) -> Response:
    """A wrong link and one tried too often say so in both languages, and nothing else."""
    try:
        return show(by_link.look(anybody.office, key, anybody.address, anybody.now))
    except (NoSuchLink, TooManyAttempts) as refusal:
        return _over(anybody, None, WRONG, Text(vi=refusal.message("vi"), en=refusal.message("en")), status_of(refusal))


def _doing(anybody: Visitor, key: str, posted: Posted, scope: str, do: Callable[[Asked], None]) -> Response:
    """`scope` stands before the names of the form's fields. What came too late shows how it stands now."""
    def done(found: Asked) -> Response:
        if found.stage not in OPEN:
            return _shown(anybody, key, found)
        try:
            do(found)
        except Invalid as refusal:
            faults = {f"{scope}{name}": words for name, words in faults_of(refusal).items()}
            return _shown(anybody, key, found, Entered(given=posted.typed(), faults=faults), status=422)
        except UnacceptableFile as refusal:
            words = (refusal.message("vi"), refusal.message("en"))
            return _shown(anybody, key, found, Entered(given=posted.typed(), faults={"file": words}), status=422)
        except (Conflict, NotPossibleHere, WrongRole) as refusal:
            now = by_link.look(anybody.office, key, anybody.address, anybody.now)
            return _shown(anybody, key, now, _troubled(anybody, posted, refusal), status=status_of(refusal))
        return RedirectResponse(f"/answer/{key}?did=1", 303)

    return _with(anybody, key, done)


def _troubled(anybody: Visitor, posted: Posted, refusal: LienThongError) -> Entered:
    return Entered(given=posted.typed(), trouble=Trouble.of(refusal, Visit(visitor=anybody).language))


def _shown(anybody: Visitor, key: str, found: Asked, entered: Entered = BLANK, *, status: int = 200,
           did: str = "") -> Response:
    if found.stage not in OPEN:
        title, words = (did and DONE.get(found.stage)) or OVER[found.stage]
        return _over(anybody, found, title, words, 200 if found.stage in (Stage.ANSWERED, Stage.REFUSED) else 410)
    if found.content is None:
        raise NotFound(what="hồ sơ", what_en="dossier")
    return page(Visit(visitor=anybody), "answering/link.html", entered, status=status, found=found,
                content=found.content, base=f"/answer/{key}", did=did, verdicts=VERDICTS,
                refusing=any(name.startswith("refuse.") for name in entered.faults))


def _over(anybody: Visitor, found: Asked | None, title: Text, words: Text, status: int) -> Response:
    return page(Visit(visitor=anybody), "answering/over.html", status=status, found=found, title=title, words=words)

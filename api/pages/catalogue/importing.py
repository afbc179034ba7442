"""Files taken in as drafts: uploaded, looked at, then taken over."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.catalogue.frame import again
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.designing import archive
from engine.designing.archive import Fate
from engine.designing.packages import LARGEST_UPLOAD
from engine.errors import LienThongError
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

FATES = {
    Fate.NEW: Text(vi="Mới", en="New"),
    Fate.CHANGED: Text(vi="Có thay đổi", en="Changed"),
    Fate.SAME: Text(vi="Không thay đổi", en="Unchanged"),
    Fate.OLDER: Text(vi="Cũ hơn bản hiện có", en="Older than what is published"),
    Fate.REFUSED: Text(vi="Không nhận", en="Refused"),
}


@router.get("/procedures/import")
def chosen(caller: Caller) -> Response:
    return _page(caller)


def _page(caller: Person, entered: Entered = BLANK, status: int = 200) -> Response:
    preview = archive.waiting(caller.office, caller.actor, caller.now)
    counts = [(name, sum(1 for item in preview.items if item.fate is fate)) for fate, name in FATES.items()] \
        if preview else []
    return page(Visit(visitor=caller), "catalogue/import.html", entered, status=status, preview=preview, fates=FATES,
                counts=counts, megabytes=LARGEST_UPLOAD // 1024 // 1024,
                did=caller.request.query_params.get("did", ""))


@router.post("/procedures/import")
def upload(caller: Caller, posted: Sheet) -> Response:
    files = posted.uploads("file")
    if len(files) != 1:
        wrong = ("Chọn một tệp để nhập.", "Choose one file to import.")
        return _page(caller, Entered(faults={"file": wrong}), 422)
    try:
        content = files[0].file.read(LARGEST_UPLOAD + 1)
        archive.upload(caller.office, caller.actor, files[0].name, content, caller.now)
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _page(caller, entered, status)
    return RedirectResponse("/procedures/import", 303)


@router.post("/procedures/import/confirm")
def confirm(caller: Caller, posted: Sheet) -> Response:
    """Leads to the draft where there is one, else to the list of drafts."""
    try:
        made = archive.take_over(caller.office, caller.actor, posted.text("seal"), caller.now)
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _page(caller, entered, status)
    following = f"/procedures/drafts/{made[0]}/check" if len(made) == 1 else "/procedures"
    return RedirectResponse(f"{following}?did=imported", 303)


@router.post("/procedures/import/discard")
def discard(caller: Caller, posted: Sheet) -> Response:
    archive.give_up(caller.office, caller.actor, caller.now)
    return RedirectResponse("/procedures/import?did=discarded", 303)

"""Is this PDF signed, by whom, and is it still what was signed? For any file; nothing of it is kept."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine import documents
from engine.signing import trust
from engine.signing.verdict import Verdict
from storage.faults import LARGEST

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/signatures/check")
def blank(caller: Caller, document: UUID | None = None) -> Response:
    """With `document`, of a file of a dossier that the reader may see."""
    if document is None:
        return _show(caller)
    stored, file = documents.read(caller.office, document, caller.actor, caller.now)
    with file:
        found = trust.judge(caller.office, file.read(), caller.now)
    return _show(caller, found, stored.name or stored.component, code=stored.code)


@router.post("/signatures/check")
def check(caller: Caller, posted: Sheet) -> Response:
    files = posted.uploads("file")
    if not files:
        fault = {"file": ("Chọn một tệp PDF để kiểm tra.", "Choose a PDF to check.")}
        return _show(caller, entered=Entered(faults=fault), status=422)
    pdf = files[0].file.read(LARGEST + 1)
    if len(pdf) > LARGEST:
        fault = {"file": ("Tệp quá 25 MB nên không kiểm tra.", "Over 25 MB: not checked.")}
        return _show(caller, entered=Entered(faults=fault), status=422)
    return _show(caller, trust.judge(caller.office, pdf, caller.now), files[0].name[:200])


def _show(caller: Person, verdict: Verdict | None = None, name: str = "", *, code: str = "",
          entered: Entered = BLANK, status: int = 200) -> Response:
    return page(Visit(visitor=caller), "letters/check.html", entered, status=status, verdict=verdict, name=name,
                code=code, test_keys=trust.keys(caller.office) is not None)

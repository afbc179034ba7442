"""Form 01, the receipt and appointment slip, as a page: the PDF comes first, this is what is left where none opens."""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import Code
from api.words import FORMS, RETURN_WAYS, named
from engine import desk
from engine.errors import NotFound
from engine.printing.receipt import why_moved

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/dossiers/{code}/receipt")
def receipt(caller: Caller, code: Code) -> Response:
    """There is one only once the dossier was accepted."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    if view.header.received_at is None:
        raise NotFound(what=f"giấy tiếp nhận của hồ sơ {code}", what_en=f"the receipt of dossier {code}")
    entry = next((entry for entry in view.timeline if entry.action == "accept"), view.timeline[0])
    current = [document for document in view.documents if document.current and document.component != "result"]
    papers = {document.component: document for document in current}
    promised = view.header.first_due_at or view.header.due_at
    moved = why_moved(caller.office, view, caller.actor, caller.now) if promised != view.header.due_at else ""
    return page(Visit(visitor=caller), "dossiers/receipt.html", view=view, head=view.header, clerk=entry.who,
                promised=promised, moved=moved,
                papers=list(papers.values()), forms=FORMS, return_way=named(RETURN_WAYS, view.header.return_way))

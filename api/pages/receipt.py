"""Form 01, the receipt and appointment slip, as a sheet of A5 to print (Decree 61/2018, article 17)."""

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

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/dossiers/{code}/receipt")
def receipt(caller: Caller, code: Code) -> Response:
    """There is one only once the dossier was accepted."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    if view.header.received_at is None:
        raise NotFound(what=f"giấy tiếp nhận của hồ sơ {code}", what_en=f"the receipt of dossier {code}")
    entry = next((entry for entry in view.timeline if entry.action == "accept"), view.timeline[0])
    promised = [document for document in view.documents if document.current and document.component != "result"]
    papers = {document.component: document for document in promised}
    return page(Visit(visitor=caller), "dossiers/receipt.html", view=view, head=view.header, clerk=entry.who,
                papers=list(papers.values()), forms=FORMS, return_way=named(RETURN_WAYS, view.header.return_way))

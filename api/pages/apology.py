"""Form 04, the apology with a new date, as a sheet of A5 to print (Decree 61/2018 article 19.9)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import Code
from engine import desk
from engine.desk.dossier import DossierView
from engine.desk.holdings import HandoffView
from engine.errors import NotFound

router = Counter(include_in_schema=False, route_class=PageRoute)

Number = Annotated[int, Path(ge=1, le=1000)]


@router.get("/dossiers/{code}/apology/{no}")
def apology(caller: Caller, code: Code, no: Number) -> Response:
    """A draft is shown too, and says that it is none to send."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    row = next((row for row in view.apologies if row.no == no), None)
    if row is None:
        raise NotFound(what=f"văn bản xin lỗi số {no} của hồ sơ {code}", what_en=f"apology {no} of dossier {code}")
    return page(Visit(visitor=caller), "dossiers/apology.html", view=view, head=view.header, row=row,
                handed_over=_handed_over(view))


def _handed_over(view: DossierView) -> HandoffView | None:
    """When the desk that took it in passed it on to another agency."""
    away = (one for one in view.handoffs if one.receiver.agency != view.header.desk.agency)
    return next((one for one in away if one.registered_at is not None), None)

"""Which unit does the work of which party, for which agency, inherited from where; bound from a day on."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.catalogue.frame import again, writes
from api.pages.forms import Sheet, whole, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.v1.inputs import ProcedureKey as PartyKey
from engine.designing import bindings
from engine.errors import Invalid, LienThongError
from storage.versions import NewBinding

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/procedures/parties")
def overview(caller: Caller) -> Response:
    found = bindings.overview(caller.office, caller.actor, caller.now)
    return page(Visit(visitor=caller), "catalogue/parties.html", rows=found)


@router.get("/procedures/parties/{party}")
def party(caller: Caller, party: PartyKey) -> Response:
    return _page(caller, party)


def _page(caller: Person, party: str, entered: Entered = BLANK, status: int = 200) -> Response:
    filled, bound = bindings.party(caller.office, caller.actor, party, caller.now)
    return page(Visit(visitor=caller), "catalogue/party.html", entered, status=status, key=party,
                name=bindings.named(party), filled=filled, bound=bound, writes=writes(caller),
                units=bindings.units(caller.office), agencies=bindings.agencies(caller.office),
                did=caller.request.query_params.get("did", ""))


@router.post("/procedures/parties/{party}")
def bind(caller: Caller, party: PartyKey, posted: Sheet) -> Response:
    since = written_date(posted.text("since"))
    try:
        if since is None:
            raise Invalid({"since": ("Ghi ngày bắt đầu, ví dụ 01/12/2026.", "Give the first day, as 01/12/2026.")})
        told = NewBinding(party=party, receiving=posted.text("receiving") or None,
                          unit_id=whole(posted.text("unit")) or 0, since=since)
        bindings.bind(caller.office, caller.actor, told, caller.now)
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _page(caller, party, entered, status)
    return RedirectResponse(f"/procedures/parties/{party}?did=bound", 303)

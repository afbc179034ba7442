"""A procedure with its versions; one version in plain words; two side by side; retired."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.catalogue.frame import again, picture, taken_out, told, writes
from api.pages.catalogue.listing import STANDINGS
from api.pages.forms import Sheet, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.v1.inputs import ProcedureKey
from engine.clocks.zone import ZONE
from engine.designing import drafts, publishing, versions
from engine.designing.versions import Standing
from engine.errors import LienThongError

router = Counter(include_in_schema=False, route_class=PageRoute)

Number = Annotated[int, Path(ge=1, le=9999)]
Ending = Annotated[str, Path(pattern=r"^[a-z]{2,6}$")]
Ref = Annotated[str, Query(pattern=r"^[vd][0-9]{1,9}$")]


@router.get("/procedures/difference")
def difference(caller: Caller, old: Ref, new: Ref) -> Response:
    before, after = (versions.side(caller.office, caller.actor, ref, caller.now) for ref in (old, new))
    return page(Visit(visitor=caller), "catalogue/difference.html", old=before, new=after,
                found=versions.compared(before, after),
                others=versions.others(caller.office, caller.actor, after.declaration.procedure, caller.now),
                old_address=address_of(caller, before), new_address=address_of(caller, after))


def address_of(caller: Person, side: versions.Side) -> str:
    if side.ref.startswith("d"):
        return f"/procedures/drafts/{side.ref[1:]}"
    return f"/procedures/{side.declaration.procedure}/versions/{side.declaration.version}"


@router.get("/procedures/{key}")
def procedure(caller: Caller, key: ProcedureKey) -> Response:
    found = versions.history(caller.office, caller.actor, key, caller.now)
    today = caller.now.astimezone(ZONE).date()
    shown = next((row for row in found if versions.standing(row, today) is Standing.IN_FORCE), found[0])
    declaration = versions.declared(caller.office, shown.id)
    return page(Visit(visitor=caller), "catalogue/procedure.html", key=key, shown=shown,
                sections=told(caller, declaration), picture=picture(declaration, caller.chosen_language),
                name=versions.names(caller.office)[key],
                rows=[(row, STANDINGS[versions.standing(row, today)]) for row in found], writes=writes(caller),
                drafts=[draft for draft in drafts.unfinished(caller.office, caller.actor, caller.now)
                        if draft.key == key])


@router.get("/procedures/{key}/versions/{number}")
def version(caller: Caller, key: ProcedureKey, number: Number) -> Response:
    return _shown(caller, key, number)


def _shown(caller: Person, key: str, number: int, entered: Entered = BLANK, status: int = 200) -> Response:
    row = versions.version(caller.office, caller.actor, key, number, caller.now)
    declaration = versions.declared(caller.office, row.id)
    standing = versions.standing(row, caller.now.astimezone(ZONE).date())
    others = versions.others(caller.office, caller.actor, key, caller.now)
    others.pop(f"v{row.id}", None)
    return page(Visit(visitor=caller), "catalogue/version.html", entered, status=status, key=key, row=row,
                name=declaration.name, standing=STANDINGS[standing], ended=standing is Standing.ENDED, others=others,
                sections=told(caller, declaration), picture=picture(declaration, caller.chosen_language),
                writes=writes(caller), did=caller.request.query_params.get("did", ""))


@router.get("/procedures/{key}/versions/{number}/export.{ending}")
def export(caller: Caller, key: ProcedureKey, number: Number, ending: Ending) -> Response:
    row = versions.version(caller.office, caller.actor, key, number, caller.now)
    return taken_out(versions.declared(caller.office, row.id), f"{key}-{number}", ending)


@router.post("/procedures/{key}/versions/{number}/retire")
def retire(caller: Caller, key: ProcedureKey, number: Number, posted: Sheet) -> Response:
    row = versions.version(caller.office, caller.actor, key, number, caller.now)
    try:
        publishing.retire(caller.office, caller.actor, row.id, written_date(posted.text("ends")), caller.now)
    except LienThongError as refusal:
        entered, status = again(caller, refusal, posted)
        return _shown(caller, key, number, entered, status)
    return RedirectResponse(f"/procedures/{key}/versions/{number}?did=retired", 303)

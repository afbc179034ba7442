"""Every procedure: in force, coming, ended; and the drafts, with who changed them when."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from api.context import Caller, Counter
from api.pages.calendars.frame import unconfirmed
from api.pages.catalogue.frame import attached, writes
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import ProcedureKey
from api.v1.inputs import SearchText as Search
from engine.clocks.zone import ZONE
from engine.designing import archive, versions
from engine.designing.versions import Standing
from procedures import schema as schemas
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

SIZE = 50
STANDINGS = {
    Standing.IN_FORCE: Text(vi="Đang áp dụng", en="In force"),
    Standing.COMING: Text(vi="Sắp áp dụng", en="Coming"),
    Standing.ENDED: Text(vi="Đã kết thúc", en="Ended"),
}


@router.get("/procedures")
def listing(caller: Caller, search: Search = "", standing: Annotated[str, Query(max_length=20)] = "",
            at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1) -> Response:
    chosen = Standing(standing) if standing in list(Standing) else Standing.IN_FORCE
    found = versions.listing(caller.office, caller.actor, caller.now, search)
    rows = found.rows[chosen]
    pages = max(1, -(-len(rows) // SIZE))
    at = min(at, pages)
    chips = [{"name": name, "count": len(found.rows[one]), "here": one is chosen, "address": _address(search, one, 1)}
             for one, name in STANDINGS.items()]
    return page(Visit(visitor=caller), "catalogue/list.html", search=search, drafts=found.drafts, chips=chips,
                rows=rows[(at - 1) * SIZE: at * SIZE], writes=writes(caller), standing=chosen,
                unconfirmed=unconfirmed(caller), did=caller.request.query_params.get("did", ""),
                older=_address(search, chosen, at - 1) if at > 1 else None,
                newer=_address(search, chosen, at + 1) if at < pages else None)


def _address(search: str, standing: Standing, at: int) -> str:
    asked = {"search": search, "standing": "" if standing is Standing.IN_FORCE else standing.value,
             "page": at if at > 1 else ""}
    told = {name: value for name, value in asked.items() if value}
    return f"/procedures?{urlencode(told)}" if told else "/procedures"


@router.get("/procedures/export.zip")
def export(caller: Caller, key: Annotated[list[ProcedureKey] | None, Query(max_length=3000)] = None) -> Response:
    """The procedures in force: all, or those that are named."""
    today = caller.now.astimezone(ZONE).date()
    packed = archive.exported(caller.office, caller.actor, key, caller.now, today)
    return attached(packed, key[0] if key and len(key) == 1 else f"thu-tuc-{today.isoformat()}", "zip")


@router.get("/procedures/schema.json")
def schema(caller: Caller) -> Response:
    """The JSON Schema of a procedure file, for editors."""
    return attached(json.dumps(schemas.schema(), ensure_ascii=False, indent=2), "procedure.schema", "json")

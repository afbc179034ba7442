"""What open pages ask every few seconds: did anything change? And the map of their keys."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import Query, Request, Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import Code
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from storage.views import pulse

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/dossiers/{code}/pulse")
def of_dossier(caller: Caller, request: Request, code: Code) -> Response:
    """The mark is the number of the newest entry of the record."""
    found = pulse.of_dossier(caller.office.db, code, caller.id, caller.now.astimezone(ZONE).date())
    if found is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    return _answer(request, str(found.seq), {"mark": str(found.seq), "who": found.who,
                                             "mine": found.actor_id == caller.id})


@router.get("/keys")
def keys(caller: Caller) -> Response:
    """The keyboard map, for whoever has no use for a dialog."""
    return page(Visit(visitor=caller), "keys.html")


@router.get("/pulse")
def of_lists(caller: Caller, request: Request, since: Annotated[datetime | None, Query()] = None) -> Response:
    """`newer`: something changed in the person's units after `since`, the instant their list was made."""
    found = pulse.of_units(caller.office.db, caller.id, caller.now.astimezone(ZONE).date())
    mark = hashlib.blake2b(repr(astuple(found)).encode(), digest_size=8).hexdigest()
    newer = since is not None and since.tzinfo is not None and found.newest is not None and found.newest > since
    return _answer(request, mark, {"mark": mark, "newer": newer})


def _answer(request: Request, mark: str, told: dict[str, object]) -> Response:
    tag = f'"{mark}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(orjson.dumps(told), headers={"etag": tag}, media_type="application/json")

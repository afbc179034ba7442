"""Gives out style sheet, modules and letters: to anybody, and to keep for ever."""

from __future__ import annotations

from fastapi import Request, Response

from api.context import Counter, anyone, settings_of
from api.pages.assets import assets
from api.pages.problems import PageRoute
from engine.errors import NotFound

FOREVER = "public, max-age=31536000, immutable"

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/static/{mark}/{name}")
@anyone
def static(request: Request, mark: str, name: str) -> Response:
    return _file(request, mark, name)


@router.get("/favicon.ico")
@anyone
def favicon(request: Request) -> Response:
    """Browsers that do not read the page's link ask here."""
    return _file(request, "", "mark.svg")


def _file(request: Request, mark: str, name: str) -> Response:
    """An old address gives the present file, but nobody keeps it."""
    known = assets(settings_of(request).home)
    asset = known.files.get(name)
    if asset is None:
        raise NotFound(what=f"tệp {name[:80]}", what_en=f"file {name[:80]}")
    headers = {"cache-control": FOREVER if mark == known.mark else "no-cache", "vary": "accept-encoding"}
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.plain, headers=headers, media_type=asset.media_type)

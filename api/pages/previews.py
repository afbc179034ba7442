"""Looking at a scan in the browser: pictures of its pages, never the file itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine import documents
from procedures.entry import Text
from storage.faults import MOST_PAGES
from storage.previews import SIZES

router = Counter(include_in_schema=False, route_class=PageRoute)

Size = Annotated[str, Query(pattern=f"^({'|'.join(SIZES)})$")]
ZOOMS = {"page": Text(vi="Vừa trang", en="Whole width"), "large": Text(vi="Lớn", en="Large"),
         "huge": Text(vi="Rất lớn", en="Very large")}
Zoom = Annotated[str, Query(pattern=f"^({'|'.join(ZOOMS)})$")]


@router.get("/documents/{document}")
def preview(caller: Caller, document: UUID, zoom: Zoom = "page") -> Response:
    seen = documents.described(caller.office, document, caller.actor, caller.now)
    boxes = [documents.box(seen, number, zoom) for number in range(1, (seen.pages or 1) + 1)]
    return page(Visit(visitor=caller), "dossiers/scan.html", seen=seen, boxes=boxes, zooms=ZOOMS, zoom=zoom)


@router.get("/documents/{document}/pages/{number}.webp")
def picture(caller: Caller, document: UUID, number: Annotated[int, Path(ge=1, le=MOST_PAGES)],
            size: Size = "page") -> Response:
    painted = documents.picture(caller.office, document, number, size, caller.actor, caller.now)
    return Response(painted, media_type="image/webp", headers={"Cache-Control": "no-store, private"})

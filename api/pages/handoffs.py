"""Hand-offs: what came in, what went out and waits, or came back; all that others have. And the unread notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter
from api.pages.forms import Sheet, whole
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine import desk
from engine.desk.mentions import mentions, read_mentions
from engine.notifying.reading import how_many_failed

router = Counter(include_in_schema=False, route_class=PageRoute)

SIZE = 25


@router.get("/handoffs")
def handoffs(caller: Caller, did: str = "", at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1) -> Response:
    found = desk.handoffs(caller.office, caller.id, caller.now, page=at, size=SIZE)
    return page(Visit(visitor=caller), "handoffs.html", found=found, did=did, at=at)


@router.get("/handoffs/waiting")
def waiting(caller: Caller, at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1) -> Response:
    """What the person's units gave to others, registered there or not, and have not got back."""
    return page(Visit(visitor=caller), "waiting.html",
                found=desk.outstanding(caller.office, caller.id, caller.now, page=at, size=SIZE))


@router.get("/notices")
def notices(caller: Caller) -> Response:
    return page(Visit(visitor=caller), "notices.html", rows=desk.notices(caller.office, caller.id, caller.now),
                mentions=mentions(caller.office, caller.id, caller.now),
                stuck=how_many_failed(caller.office, caller.id, caller.now))


@router.post("/notices")
def read(caller: Caller, posted: Sheet) -> Response:
    """Notices are read for the whole unit, what names a person by himself only."""
    wanted = [number for number in map(whole, posted.many("notice")) if number is not None]
    desk.mark_read(caller.office, caller.id, wanted[:200], caller.now)
    read_mentions(caller.office, caller.id, _entries(posted.many("mention")), caller.now)
    return RedirectResponse("/notices", 303)


def _entries(told: tuple[str, ...]) -> list[tuple[str, int]]:
    """CODE/12: the dossier and the number of the entry."""
    parts = [text.rpartition("/") for text in told[:200]]
    return [(code, number) for code, _, text in parts if (number := whole(text)) is not None and number < 2**31]

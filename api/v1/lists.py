"""What waits for me: work, hand-offs, notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import NoticeIds, SearchText
from engine import desk
from engine.desk.lists import Handoffs, NoticeRow
from engine.desk.work import LARGEST_PAGE, WorkPage

router = Counter(prefix=PREFIX, tags=["work"])

Late = Annotated[bool | None, Query(description="true: only what is overdue, false: only what is not")]
Page = Annotated[int, Query(ge=1, le=10_000)]
Size = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]


@router.get("/work", response_model=WorkPage, responses=refusals(reading=True))
def work(caller: Caller, late: Late = None, search: SearchText = "", page: Page = 1, size: Size = 50) -> Response:
    """The open work of my units and roles, due first."""
    return answer(desk.work(caller.office, caller.id, caller.now, late=late, search=search, page=page, size=size))


@router.get("/handoffs", response_model=Handoffs, responses=refusals(reading=True))
def handoffs(caller: Caller) -> Response:
    """What I have to register, and what others have not registered yet or sent back."""
    return answer(desk.handoffs(caller.office, caller.id, caller.now))


@router.get("/notices", response_model=list[NoticeRow], responses=refusals(reading=True))
def notices(caller: Caller) -> Response:
    """Warnings that nobody of my units has read."""
    return answer(desk.notices(caller.office, caller.id, caller.now))


@router.post("/notices/read", status_code=204, responses=refusals())
def read_notices(caller: Caller, given: NoticeIds) -> Response:
    """Mark as read, for the whole unit. Those of other units are passed over."""
    desk.mark_read(caller.office, caller.id, given.ids, caller.now)
    return Response(status_code=204)

"""What waits for me: work, hand-offs, notices; and what I wait for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from pydantic import AfterValidator, Field, StringConstraints

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Input, NoticeIds, clean
from engine import desk
from engine.desk.lists import Handoffs, NoticeRow
from engine.desk.outstanding import OutstandingPage
from engine.desk.work import LARGEST_PAGE, Filters, Tab, WorkPage

router = Counter(prefix=PREFIX, tags=["work"])

Short = Annotated[str, StringConstraints(max_length=60), AfterValidator(clean)]


class WorkAsked(Input):
    """`procedure` is a key, `step` the id of a state, `agency` the code of who took the dossier in or sent it; of what
    another installation asks for the keys that `choices` names.

    `late`: true, only what is overdue; false, only what is not. All of `choices` in the answer may be asked for.
    """

    tab: Tab = Tab.TO_DO
    late: bool | None = None
    search: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean)] = ""
    procedure: Short = ""
    step: Short = ""
    agency: Short = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    size: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


@router.get("/work", response_model=WorkPage, responses=refusals(reading=True))
def work(caller: Caller, asked: Annotated[WorkAsked, Query()]) -> Response:
    """The open work of my units and roles, due first."""
    filters = Filters(tab=asked.tab, late=asked.late, search=asked.search, procedure=asked.procedure, step=asked.step,
                      agency=asked.agency)
    return answer(desk.work(caller.office, caller.id, caller.now, filters, page=asked.page, size=asked.size))


@router.get("/handoffs", response_model=Handoffs, responses=refusals(reading=True))
def handoffs(caller: Caller) -> Response:
    """What I have to register, and what others have not registered yet or sent back."""
    return answer(desk.handoffs(caller.office, caller.id, caller.now))


@router.get("/waiting", response_model=OutstandingPage, responses=refusals(reading=True))
def waiting(caller: Caller, at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1) -> Response:
    """What my units gave to others, registered there or not, and have not got back, due first."""
    return answer(desk.outstanding(caller.office, caller.id, caller.now, page=at))


@router.get("/notices", response_model=list[NoticeRow], responses=refusals(reading=True))
def notices(caller: Caller) -> Response:
    """Warnings that nobody of my units has read."""
    return answer(desk.notices(caller.office, caller.id, caller.now))


@router.post("/notices/read", status_code=204, responses=refusals())
def read_notices(caller: Caller, given: NoticeIds) -> Response:
    """Mark as read, for the whole unit. Those of other units are passed over."""
    desk.mark_read(caller.office, caller.id, given.ids, caller.now)
    return Response(status_code=204)

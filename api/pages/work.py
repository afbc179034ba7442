"""My work and everything I may find: what to do now, by when; where a dossier is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from api.context import Caller, Counter, Person
from api.pages.calendars.frame import unconfirmed
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit, home
from api.v1.inputs import clean
from engine import desk
from engine.absences.board import stood_in_for
from engine.casework.payouts import ORDERS
from engine.casework.telling import ACTS
from engine.desk import sweeps
from engine.desk.awaiting import Asked, awaiting, deaths
from engine.desk.bulk import BULK
from engine.desk.places import Lateness
from engine.desk.sought import code_in
from engine.desk.sweeps import Pulse
from engine.desk.work import MOST_AT_ONCE, Filters, Tab, WorkPage
from procedures.declaration import Text
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)

SIZE = 25
Search = Annotated[str, Query(max_length=200), AfterValidator(clean)]
Short = Annotated[str, Query(max_length=60), AfterValidator(clean)]
DUES = {
    "": Text(vi="Tất cả", en="All"),
    Lateness.OVERDUE: Text(vi="Quá hạn", en="Overdue"),
    Lateness.SOON: Text(vi="Sắp đến hạn", en="Due soon"),
    Lateness.ON_TIME: Text(vi="Trong hạn", en="On time"),
}
TABS = {
    Tab.TO_DO: Text(vi="Cần làm", en="To do"),
    Tab.MINE: Text(vi="Tôi đã nhận", en="Taken by me"),
    Tab.UNIT: Text(vi="Của đơn vị", en="My unit's"),
    Tab.OFFERED: Text(vi="Chờ ký nhận", en="To register"),
    Tab.SNOOZED: Text(vi="Đã hoãn", en="Put off"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What a list shows, as its address says it."""

    tab: str = ""
    due: str = ""
    search: str = ""
    procedure: str = ""
    step: str = ""
    agency: str = ""

    def filters(self) -> Filters:
        return Filters(
            tab=Tab(self.tab) if self.tab in TABS else Tab.TO_DO,
            late=Lateness(self.due) if self.due and self.due in DUES else None,
            search=self.search, procedure=self.procedure, step=self.step, agency=self.agency)

    def address(self, **changes: object) -> str:
        """Of this list with something changed; what is empty is left out."""
        told = {name: getattr(self, name) for name in self.__slots__} | changes
        asked = {name: str(value) for name, value in told.items() if value and (name, value) != ("tab", Tab.TO_DO)}
        return f"/?{urlencode(asked)}" if asked else "/"

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.procedure or self.step or self.agency or self.due)


async def listed(tab: Short = "", due: Short = "", search: Search = "", procedure: Short = "", step: Short = "",
                 agency: Short = "") -> Listed:
    """Async: a dependency that is not goes through a thread of its own."""
    return Listed(tab=tab, due=due, search=search, procedure=procedure, step=step, agency=agency)


Asking = Annotated[Listed, Depends(listed)]


@router.get("/")
def my_work(caller: Caller, asking: Asking, at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1,
            ticked: bool = False, did: Short = "") -> Response:
    start = home(caller)
    if start != "/":
        return RedirectResponse(start, 303)
    if (code := code_in(asking.search)) is not None and desk.search(caller.office, caller.id, code, caller.now):
        return RedirectResponse(f"/dossiers/{code}", 303)
    found = desk.work(caller.office, caller.id, caller.now, asking.filters(), page=at, size=SIZE)
    return page(Visit(visitor=caller), "work.html", silent=_silent(caller), asked=_asked(caller), found=found,
                asking=asking, unconfirmed=unconfirmed(caller), tabs=_tabs(asking, found), dues=_dues(asking, found),
                older=asking.address(page=at - 1) if at > 1 else None,
                newer=asking.address(page=at + 1) if at < found.pages else None, list_address=asking.address(page=at),
                tick_all=asking.address(page=at, ticked=1), ticked=ticked, bulk=BULK, most=MOST_AT_ONCE,
                did=ACTS.get(did), standing_in=stood_in_for(caller.office, caller.actor, caller.now))


def _silent(caller: Person) -> Pulse | None:
    """Told to who answers for the centre, while nobody looks for alarms."""
    found = sweeps.pulse(caller.office) if caller.identity.has(Role.MANAGER) else None
    return None if found is None or found.alive else found


def _asked(caller: Person) -> list[Asked]:
    """What waits for a superior's word, or for whoever ordered a payment to somebody who died."""
    found = awaiting(caller.office, caller.id, caller.now) if caller.identity.has(Role.MANAGER, Role.HEAD) else []
    return found + deaths(caller.office, caller.id, caller.now) if caller.identity.has(*ORDERS) else found


def _tabs(asking: Listed, found: WorkPage) -> list[dict[str, object]]:
    return [{"name": name, "count": found.tabs[tab], "here": tab == found.tab,
             "address": asking.address(tab=tab.value, due="")} for tab, name in TABS.items()]


def _dues(asking: Listed, found: WorkPage) -> list[dict[str, object]]:
    counts = {"": found.overdue + found.soon + found.on_time, Lateness.OVERDUE: found.overdue,
              Lateness.SOON: found.soon, Lateness.ON_TIME: found.on_time}
    return [{"name": name, "count": counts[kind], "kind": kind, "here": kind == asking.due,
             "address": asking.address(due=str(kind))} for kind, name in DUES.items()]


@router.get("/find")
def find(caller: Caller, search: Search = "") -> Response:
    """A code typed, or a barcode scanned, in full leads straight to its dossier."""
    found = desk.search(caller.office, caller.id, search, caller.now)
    wanted = code_in(search)
    if wanted is not None and wanted in {row.code for row in found}:
        return RedirectResponse(f"/dossiers/{wanted}", 303)
    return page(Visit(visitor=caller), "find.html", rows=found, search=search)

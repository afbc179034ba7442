"""My work and everything I may find: what to do now, by when; where a dossier is."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from api.context import Caller, Counter, Person
from api.pages.calendars.frame import unconfirmed
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit, home
from api.v1.inputs import clean
from engine import desk
from engine.desk import sweeps
from engine.desk.awaiting import Asked, awaiting
from engine.desk.places import Lateness
from engine.desk.sweeps import Pulse
from engine.desk.work import WorkPage
from procedures.declaration import Text
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)

SIZE = 25
Search = Annotated[str, Query(max_length=200), AfterValidator(clean)]
FILTERS = {
    "": Text(vi="Tất cả", en="All"),
    Lateness.OVERDUE: Text(vi="Quá hạn", en="Overdue"),
    Lateness.SOON: Text(vi="Sắp đến hạn", en="Due soon"),
    Lateness.ON_TIME: Text(vi="Trong hạn", en="On time"),
}


@router.get("/")
def my_work(caller: Caller, search: Search = "", due: Search = "",
            at: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1) -> Response:
    start = home(caller)
    if start != "/":
        return RedirectResponse(start, 303)
    wanted = Lateness(due) if due in FILTERS and due else None
    found = desk.work(caller.office, caller.id, caller.now, late=wanted, search=search, page=at, size=SIZE)
    return page(Visit(visitor=caller), "work.html", silent=_silent(caller), asked=_asked(caller), found=found,
                search=search, unconfirmed=unconfirmed(caller), due=due if due in FILTERS else "",
                filters=_filters(found, search, due),
                older=_address(search, due, at - 1) if at > 1 else None,
                newer=_address(search, due, at + 1) if at < found.pages else None)


def _silent(caller: Person) -> Pulse | None:
    """Told to who answers for the centre, while nobody looks for alarms."""
    found = sweeps.pulse(caller.office) if caller.identity.has(Role.MANAGER) else None
    return None if found is None or found.alive else found


def _asked(caller: Person) -> list[Asked]:
    """What waits for a superior's word."""
    superior = caller.identity.has(Role.MANAGER, Role.HEAD)
    return awaiting(caller.office, caller.id, caller.now) if superior else []


def _filters(found: WorkPage, search: str, due: str) -> list[dict[str, object]]:
    counts = {"": found.overdue + found.soon + found.on_time, Lateness.OVERDUE: found.overdue,
              Lateness.SOON: found.soon, Lateness.ON_TIME: found.on_time}
    return [{"name": name, "count": counts[kind], "kind": kind, "here": kind == due,
             "address": _address(search, kind, 1)} for kind, name in FILTERS.items()]


def _address(search: str, due: str, at: int) -> str:
    asked = {name: value for name, value in (("search", search), ("due", str(due)), ("page", at if at > 1 else ""))
             if value}
    return f"/?{urlencode(asked)}" if asked else "/"


@router.get("/find")
def find(caller: Caller, search: Search = "") -> Response:
    """A code typed or scanned in full leads straight to its dossier."""
    found = desk.search(caller.office, caller.id, search, caller.now)
    exact = [row for row in found if row.code == search.strip().upper()]
    if exact:
        return RedirectResponse(f"/dossiers/{exact[0].code}", 303)
    return page(Visit(visitor=caller), "find.html", rows=found, search=search)

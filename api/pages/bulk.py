"""One act on many pieces of work: ticked in the list, looked at, confirmed, told one by one."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, faults_of, whole, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.pages.work import Listed
from api.problems import NoSuchPage
from engine.casework.orders import check_key
from engine.desk import bulk
from engine.desk.bulk import ADVANCE, BULK, OWN, SNOOZE, Intent, Told
from engine.desk.work import MOST_AT_ONCE, Filters, Tab, snooze, some, wake
from engine.errors import Invalid

router = Counter(include_in_schema=False, route_class=PageRoute)

_ITEM = re.compile(r"([0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9})/([0-9]{1,6})")
_LINE = re.compile(r"([0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9})/([0-9]{1,6})/([a-z0-9_]{1,60})/([a-z0-9_]{0,60})/"
                   r"([0-9]{1,9})/([0-9a-f-]{0,36})")


async def _sheet(request: Request) -> Posted:
    """As many lines as may be ticked, and the few fields beside them."""
    return Posted(await request.form(max_fields=MOST_AT_ONCE + 50))


Ticked = Annotated[Posted, Depends(_sheet)]


@router.get("/bulk")
@router.get("/bulk/run")
def nothing(caller: Caller) -> Response:
    """Whoever comes back here by an address has nothing to confirm any more."""
    return RedirectResponse("/", 303)


@router.post("/bulk")
def preview(caller: Caller, posted: Ticked) -> Response:
    return _preview(caller, posted, _wanted(posted))


def _preview(caller: Person, posted: Posted, act: str, entered: Entered = BLANK, *, status: int = 200) -> Response:
    listed = _list(posted)
    filters = listed.filters() if posted.text("everything") else Filters(tab=Tab.UNIT, chosen=_chosen(posted))
    items = some(caller.office, caller.id, caller.now, filters)
    found = bulk.intents(caller.office, caller.actor, items, act, caller.now)
    ready = [one for one in found if one.why is None]
    people = bulk.colleagues(caller.office, [one.row for one in ready], caller.now) if act == "assign" else {}
    return page(Visit(visitor=caller), "work/preview.html", entered, status=status, name=BULK[act], act=act,
                ready=ready, refused=[one for one in found if one.why is not None],
                lines=[_written(one) for one in ready], people=people, back=listed.address(), most=MOST_AT_ONCE,
                capped=len(items) == MOST_AT_ONCE)


@router.post("/bulk/run")
def run(caller: Caller, posted: Ticked) -> Response:
    """Sent twice it does nothing twice: every line has its own key."""
    act = _wanted(posted)
    check_key(posted.once)
    try:
        done = _own(caller, posted, act) if act in OWN else _acted(caller, posted, act)
    except Invalid as wrong:
        return _preview(caller, posted, act, Entered(given=posted.typed(), faults=faults_of(wrong)), status=422)
    return page(Visit(visitor=caller), "work/result.html", name=BULK[act], back=_list(posted).address(),
                done=[one for one in done if one.why is None],
                refused=[one for one in done if one.why is not None and one.tried],
                left=[one for one in done if not one.tried])


def _acted(caller: Person, posted: Posted, act: str) -> list[bulk.Done]:
    person = whole(posted.text("person"))
    if act == "assign" and person is None:
        raise Invalid({"person": ("chọn người được giao việc", "choose who is to do it")})
    lines = [line for line in _lines(posted) if act == ADVANCE or line.event == act]
    return bulk.carry_out(caller.office, caller.actor, lines, posted.once, person, caller.now)


def _own(caller: Person, posted: Posted, act: str) -> list[bulk.Done]:
    """What changes the reader's own list only."""
    items = some(caller.office, caller.id, caller.now, Filters(tab=Tab.UNIT, chosen=_chosen(posted)))
    if act == SNOOZE:
        snooze(caller.office, caller.id, items, written_date(posted.text("until")), caller.now)
    else:
        wake(caller.office, caller.id, items)
    return [bulk.Done(code=item.code or "", name=BULK[act]) for item in items]


def _wanted(posted: Posted) -> str:
    act = posted.text("act")
    if act not in BULK:
        raise NoSuchPage(what="")
    return act


def _list(posted: Posted) -> Listed:
    """The list the form came from, by its address."""
    told = dict(parse_qsl(urlsplit(posted.text("list")[:1000]).query))
    return Listed(**{name: told[name][:200] for name in Listed.__slots__ if name in told})


def _chosen(posted: Posted) -> list[tuple[str, int]]:
    """What was ticked, or stands in the lines of a preview."""
    ticked = (_ITEM.match(text) for text in (*posted.many("item"), *posted.many("line")))
    return list(dict.fromkeys((found[1], int(found[2])) for found in ticked if found))[:MOST_AT_ONCE]


def _written(one: Intent) -> str:
    """A line as the preview's form carries it; nothing in it is evidence."""
    return f"{one.row.code}/{one.row.no}/{one.event}/{one.state or ''}/{one.row.version}/{one.handoff or ''}"


def _lines(posted: Posted) -> list[Told]:
    found = (_LINE.fullmatch(text) for text in posted.many("line")[:MOST_AT_ONCE])
    return [Told(code=line[1], event=line[3], state=line[4] or None, version=int(line[5]),
                 handoff=UUID(line[6]) if len(line[6]) == 36 else None) for line in found if line]

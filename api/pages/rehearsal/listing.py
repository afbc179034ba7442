"""The scenarios of a procedure on a draft of it, one recorded from a dossier, and the last dossiers replayed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from api.context import Caller, Counter
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rehearsal.room import PATH, Room, go
from api.pages.rendering import BLANK, Entered
from engine.clocks.zone import ZONE
from engine.errors import LienThongError, NotFound
from engine.rehearsal import keeping
from engine.rehearsal.replay import replay
from storage import scenarios

router = Counter(include_in_schema=False, route_class=PageRoute)
LAST = (20, 50, 100)


@router.get(PATH)
def every(caller: Caller, draft: int, run: str = "", did: str = "") -> Response:
    return _listed(Room.find(caller, draft), run=bool(run), did=did)


def _listed(room: Room, entered: Entered = BLANK, status: int = 200, *, run: bool = False, did: str = "") -> Response:
    rows = scenarios.of_procedure(room.caller.office.db, room.draft.key)
    ready = room.draft.declaration is not None
    results = {row.id: room.run(row.name, row.content) for row in rows} if run and ready else {}
    return room.show("rehearsal/list.html", entered, status, rows=rows, results=results, ready=ready, did=did)


@router.post(f"{PATH}/record")
def record(caller: Caller, draft: int, posted: Sheet) -> Response:
    room, code = Room.find(caller, draft), posted.text("code").upper()
    if not code:
        faults = {"code": ("Ghi mã hồ sơ, ví dụ H51.02-261123-0001.", "Give the code of a dossier.")}
        return _listed(room, Entered(faults=faults), 422)
    try:
        made = keeping.add_recorded(caller.office, caller.actor, room.draft.key, code, caller.now)
    except NotFound as refusal:
        faults = {"code": (refusal.message(), refusal.message("en"))}
        return _listed(room, Entered(given={"code": code}, faults=faults), 422)
    except LienThongError as refusal:
        entered, status = room.trouble(refusal)
        return _listed(room, entered, status)
    return go(f"{room.address}/{made}?did=recorded")


@router.get(f"{PATH}/replay")
def replayed(caller: Caller, draft: int, last: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """On the draft: the dossiers last received under the version it was made from, or the one in force."""
    room = Room.find(caller, draft)
    version = _version(room)
    if version is None or room.draft.declaration is None:
        return room.show("rehearsal/replay.html", found=None, last=last, choices=LAST, ready=version is not None)
    found = replay(caller.office, version, room.draft.declaration, last)
    return room.show("rehearsal/replay.html", found=found, last=last, choices=LAST, ready=True)


def _version(room: Room) -> int | None:
    try:
        return room.catalogue.current(room.draft.key, room.caller.now.astimezone(ZONE).date())[0]
    except NotFound:
        return room.draft.row.base_version_id

"""A scenario played on the draft: after every step where the dossier is, what is expected, what may come next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Response
from pydantic import ValidationError

from api.context import Caller, Counter
from api.pages.forms import Posted, Sheet, new_date, whole
from api.pages.problems import PageRoute
from api.pages.rehearsal.room import PATH, Room, go
from api.pages.rendering import BLANK, Entered
from api.words import OUTCOMES, VERDICTS
from engine.casework.telling import STATUSES
from engine.errors import Invalid, LienThongError
from engine.rehearsal import keeping
from engine.rehearsal.acting import ATTACH, WAIT, path_of
from engine.rehearsal.happened import Result
from engine.rehearsal.keeping import ASPECTS, USUAL, Kept, aspects_of, expected
from engine.rehearsal.play import WAITING, Play, Possible
from engine.rehearsal.scenario import Scenario, Step
from engine.states.names import ROLES
from procedures import parties
from procedures.declaration import Text
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)

SPANS = {
    "minutes": Text(vi="phút", en="minutes"), "working hours": Text(vi="giờ làm việc", en="working hours"),
    "working days": Text(vi="ngày làm việc", en="working days"), "days": Text(vi="ngày", en="days"),
}


@router.get(f"{PATH}/{{number}}")
def workbench(caller: Caller, draft: int, number: int, did: str = "") -> Response:
    room = Room.find(caller, draft)
    return _shown(room, room.kept(number), did=did)


def _shown(room: Room, kept: Kept, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    if room.draft.declaration is None:
        return room.show("rehearsal/workbench.html", entered, status, kept=kept, result=None, did=did)
    result, possible = _played(room, kept)
    expects = [kept.scenario.expect, *(step.expect for step in kept.scenario.steps)]
    return room.show(
        "rehearsal/workbench.html", entered, status, kept=kept, result=result, did=did, aspects=ASPECTS,
        ticked=[aspects_of(expect) for expect in expects], acts=_acts(possible), people=_people(room), spans=SPANS,
        verdicts=VERDICTS, statuses=STATUSES, outcomes=OUTCOMES,
        fields={name for act in possible for name in act.fields},
        units={path_of(unit): Text(vi=unit.full_vi, en=unit.full_en) for unit in room.catalogue.units.values()}
        if any("unit" in act.fields or "units" in act.fields for act in possible) else {},
        papers={key: paper.name for key, paper in room.procedure.declaration.documents.items()})


def _played(room: Room, kept: Kept) -> tuple[Result, list[Possible]]:
    """What happened, and what might come next; nothing, if it cannot be played."""
    try:
        trial = Play(room.procedure, kept.scenario, room.catalogue)
        result = trial.through()
        return result, [] if result.left else trial.possible()
    except LienThongError:
        return room.run(kept.row.name, kept.row.content), []


def _acts(possible: list[Possible]) -> list[dict[str, Any]]:
    shown = [{"value": f"{act.event} {act.state or ''}".strip(), "name": act.name, "place": act.place, "by": act.by,
              "why": act.why} for act in possible]
    return [*shown, {"value": WAIT, "name": WAITING, "place": None, "by": None, "why": None}]


def _people(room: Room) -> Mapping[str, Text]:
    """Everybody the procedure knows, to rehearse who may not."""
    declared = room.procedure.declaration
    posts = dict.fromkeys((info.party, info.role) for info in room.procedure.states.values()
                          if info.party is not None and info.role is not None)
    common = parties.known()
    found = {}
    for party, role in posts:
        name = declared.parties.get(party) or common.get(party) or Text(vi=party, en=party)
        found[f"{party} {role}"] = Text(vi=f"{ROLES[role].vi} – {name.vi}", en=f"{ROLES[role].en} – {name.en}")
    return found


@router.post(f"{PATH}/{{number}}/steps")
def add(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    """One more step, with what it leads to as expectation if that was ticked."""
    room = Room.find(caller, draft)
    kept = room.kept(number)
    try:
        step = _step(posted)
        if posted.text("keep"):
            step = _expecting(room, kept.scenario, step)
    except Invalid as refusal:
        return _shown(room, kept, Entered(given=posted.typed(), faults=refusal.fields), 422)
    return _change(room, kept, posted, keeping.with_step(step), "added")


def _expecting(room: Room, scenario: Scenario, step: Step) -> Step:
    trial = Play(room.procedure, keeping.with_step(step)(scenario), room.catalogue).through()
    if trial.left:
        return step
    return step.model_copy(update={"expect": expected(trial.steps[-1], USUAL)})


def _step(posted: Posted) -> Step:
    """Raises Invalid."""
    does, _, state = posted.text("act").partition(" ")
    if not does:
        raise Invalid({"act": ("Chọn một việc.", "Choose an act.")})
    amount, unit = whole(posted.text("after") or "0"), posted.text("span")
    if amount is None or unit not in SPANS:
        raise Invalid({"after": ("Ghi số và chọn đơn vị thời gian.", "Give a number and a unit of time.")})
    party, _, role = posted.text("who").partition(" ")
    told = {name: value for name in ("verdict", "unit", "join", "limit", "component") if (value := posted.text(name))}
    due, documents = new_date("new_due", posted.text("new_due")), posted.many("documents")
    units = tuple(unit for unit in posted.many("units") if unit)
    if does == ATTACH:
        told.setdefault("component", "result")
    try:
        return Step.model_validate({
            "does": does, "state": state or None, "after": f"{amount} {unit}",
            "who": {"party": party, "role": Role(role)} if role else "holder",
            "told": told | ({"new_due": due.date()} if due else {}) | ({"documents": documents} if documents else {})
            | ({"units": units} if units else {}) | _sum(posted)})
    except (ValidationError, ValueError) as error:
        raise Invalid({"act": ("Có mục không đọc được. Hãy chọn lại trong danh sách.",
                               "An entry could not be read. Choose from the lists.")}) from error


def _sum(posted: Posted) -> dict[str, int]:
    amount = whole(posted.text("amount"))
    return {} if amount is None else {"amount": amount}


@router.post(f"{PATH}/{{number}}/expect")
def expect(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    """From now on what happened at this step is expected, in the respects that were ticked."""
    room = Room.find(caller, draft)
    kept, at = room.kept(number), whole(posted.text("step"))
    result = room.run(kept.row.name, kept.row.content)
    if at is None or at >= len(result.steps):
        return _change(room, kept, Posted.none(), lambda old: old, "expected")
    wanted = expected(result.steps[at], posted.many("aspect"))
    return _change(room, kept, posted, keeping.expecting(at, wanted), "expected")


@router.post(f"{PATH}/{{number}}/accept")
def accept(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    """The draft is right and the expectations are not: of one step, or of all."""
    room = Room.find(caller, draft)
    kept = room.kept(number)
    try:
        happened = Play(room.procedure, kept.scenario, room.catalogue).through().steps
    except LienThongError as refusal:
        entered, status = room.trouble(refusal)
        return _shown(room, kept, entered, status)
    return _change(room, kept, posted, keeping.accepting(happened, whole(posted.text("step"))), "expected")


@router.post(f"{PATH}/{{number}}/cut")
def cut(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    room = Room.find(caller, draft)
    return _change(room, room.kept(number), posted, keeping.cut(whole(posted.text("step")) or 1), "cut")


@router.post(f"{PATH}/{{number}}/remove")
def remove(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    room = Room.find(caller, draft)
    keeping.remove(caller.office, caller.actor, room.kept(number), caller.now)
    return go(f"{room.address}?did=removed")


def _change(room: Room, kept: Kept, posted: Posted, edit: Callable[[Scenario], Scenario], did: str) -> Response:
    caller = room.caller
    try:
        keeping.change(caller.office, caller.actor, kept, posted.text("seen"), edit, caller.now)
    except LienThongError as refusal:
        entered, status = room.trouble(refusal)
        return _shown(room, room.kept(kept.row.id), entered, status)
    return go(f"{room.address}/{kept.row.id}?did={did}#next")

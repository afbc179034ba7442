"""The first page of a scenario: what comes in, where, when and how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from fastapi import Response

from api.context import Caller, Counter
from api.pages.forms import Posted, Sheet, faults_of, written_date
from api.pages.problems import PageRoute
from api.pages.questions import answer, question
from api.pages.rehearsal.room import PATH, NotYet, Room, go
from api.pages.rendering import BLANK, Entered
from api.words import CHANNELS, RETURN_WAYS
from engine.access import NotAdministrator
from engine.clocks.zone import ZONE
from engine.errors import Invalid, LienThongError
from engine.rehearsal import keeping
from engine.rehearsal.acting import path_of
from engine.rehearsal.scenario import Scenario, read
from procedures.answers import typed
from procedures.declaration import FactType, Text

router = Counter(include_in_schema=False, route_class=PageRoute)

HANDS = {
    "register": Text(vi="Ký nhận hồ sơ chuyển đến", en="Registering hand-offs"),
    "paper": Text(vi="Chuyển bản giấy", en="Carrying the paper"),
    "result": Text(vi="Dự thảo kết quả", en="Drafting the result"),
}
ACCEPT = {"yes": Text(vi="Tiếp nhận ngay", en="Accepted at once"),
          "no": Text(vi="Ghi nhận để kiểm tra", en="Taken in for checking")}


@router.get(f"{PATH}/new")
def blank(caller: Caller, draft: int) -> Response:
    room = Room.find(caller, draft)
    return _form(room, Entered(given=_usual(room)))


@router.post(f"{PATH}/new")
def begin(caller: Caller, draft: int, posted: Sheet) -> Response:
    room = Room.find(caller, draft)
    try:
        made = keeping.add(caller.office, caller.actor, room.draft.key, _scenario(room, posted), caller.now)
    except Invalid as refusal:
        return _form(room, Entered(given=_typed(posted), faults=faults_of(refusal)), 422)
    return go(f"{room.address}/{made}?did=begun")


@router.get(f"{PATH}/{{number}}/reception")
def look(caller: Caller, draft: int, number: int) -> Response:
    room = Room.find(caller, draft)
    kept = room.kept(number)
    return _form(room, Entered(given=_told(room, kept.scenario)), kept=kept)


@router.post(f"{PATH}/{{number}}/reception")
def change(caller: Caller, draft: int, number: int, posted: Sheet) -> Response:
    """What comes in is another thing: the steps stay, whether they still fit is seen at once."""
    room = Room.find(caller, draft)
    kept = room.kept(number)
    try:
        fresh = _scenario(room, posted)
        keeping.change(caller.office, caller.actor, kept, posted.text("seen"), lambda old: fresh.model_copy(
            update={"steps": old.steps, "expect": old.expect, "end": old.end}), caller.now)
    except Invalid as refusal:
        return _form(room, Entered(given=_typed(posted), faults=faults_of(refusal)), 422, kept=kept)
    except LienThongError as refusal:
        entered, status = room.trouble(refusal)
        return _form(room, Entered(given=_typed(posted), trouble=entered.trouble), status, kept=kept)
    return go(f"{room.address}/{number}?did=changed")


def _form(room: Room, entered: Entered = BLANK, status: int = 200, kept: keeping.Kept | None = None) -> Response:
    if not room.writes:
        raise NotAdministrator
    if room.draft.declaration is None:
        raise NotYet
    declared = room.procedure.declaration
    return room.show(
        "rehearsal/beginning.html", entered, status, kept=kept, hands=HANDS, accept=ACCEPT,
        channels={key: CHANNELS[key] for key in declared.channels}, return_ways=RETURN_WAYS,
        desks={path_of(unit): Text(vi=unit.full_vi, en=unit.full_en) for unit in room.desks},
        questions=[question(name, fact) for name, fact in declared.facts.items()],
        papers={key: paper.name for key, paper in declared.documents.items()})


def _usual(room: Room) -> dict[str, str]:
    if room.draft.declaration is None:
        raise NotYet
    day = room.catalogue.calendar("").opening_of(room.caller.now.astimezone(ZONE).date())
    return {"received": day.astimezone(ZONE).strftime("%d/%m/%Y"), "hour": "08:00", "accept": "yes",
            "channel": room.procedure.declaration.channels[0], "return_way": "counter",
            "desk": path_of(room.desks[0]) if room.desks else ""}


def _typed(posted: Posted) -> Mapping[str, str]:
    """Ticks of a list under names of their own."""
    ticks = {f"{name}.{value}": "yes" for name in ("missing", "by_hand") for value in posted.many(name)}
    return {**posted.typed(), **ticks}


def _scenario(room: Room, posted: Posted) -> Scenario:
    """Raises Invalid, naming every field."""
    declared, faults = room.procedure.declaration, dict[str, tuple[str, str]]()
    day, at = written_date(posted.text("received")), _hour(posted.text("hour"))
    if not posted.text("name"):
        faults["name"] = ("Đặt tên cho kịch bản.", "Name the scenario.")
    if day is None:
        faults["received"] = ("Ghi ngày nhận, ví dụ 20/11/2026.", "Give the day, such as 20/11/2026.")
    if at is None:
        faults["hour"] = ("Ghi giờ nhận, ví dụ 08:00.", "Give the time, such as 08:00.")
    answers = {name: answer(fact, posted.text(f"facts.{name}")) for name, fact in declared.facts.items()}
    facts, wrong = typed(declared, {name: said for name, said in answers.items() if said})
    faults |= {f"facts.{name}": words for name, words in wrong.items()}
    if faults or day is None or at is None:
        raise Invalid(faults)
    channel = posted.text("channel") or declared.channels[0]
    left_out = set(posted.many("missing"))
    needed = room.procedure.required_documents({**facts, "channel": channel})
    papers = {name: declared.documents[name].form for name in needed if name not in left_out} if left_out else None
    return _read({
        "name": posted.text("name")[:200], "desk": posted.text("desk") or None, "channel": channel,
        "return_way": posted.text("return_way") or "counter", "received": datetime.combine(day, at, ZONE),
        "facts": facts, "papers": papers, "accept": posted.text("accept") != "no", "by_hand": posted.many("by_hand")})


def _read(data: Mapping[str, Any]) -> Scenario:
    try:
        return read(data)
    except ValueError as error:
        raise Invalid({"name": ("Có mục không đọc được. Hãy chọn lại trong danh sách.",
                                "An entry could not be read. Choose from the lists.")}) from error


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text if ":" in text else f"{int(text):02}:00")
    except ValueError:
        return None


def _told(room: Room, scenario: Scenario) -> dict[str, str]:
    """A scenario as its form would have been filled in."""
    given = {"name": scenario.name, "received": scenario.received.astimezone(ZONE).strftime("%d/%m/%Y"),
             "hour": scenario.received.astimezone(ZONE).strftime("%H:%M:%S").removesuffix(":00"),
             "desk": scenario.desk or "", "channel": scenario.channel, "return_way": scenario.return_way,
             "accept": "yes" if scenario.accept else "no"}
    for name, fact in room.procedure.declaration.facts.items() if room.draft.declaration else ():
        value = scenario.facts.get(name)
        if value is not None:
            given[f"facts.{name}"] = _answered(fact.type, value)
    if scenario.papers is not None:
        given |= {f"missing.{name}": "yes" for name in room.procedure.declaration.documents
                  if name not in scenario.papers}
    return given | {f"by_hand.{name}": "yes" for name in scenario.by_hand}


def _answered(kind: FactType, value: str | int | bool) -> str:
    if kind is FactType.BOOLEAN:
        return "yes" if value else "no"
    if kind is FactType.DATE:
        return datetime.fromisoformat(str(value)).strftime("%d/%m/%Y")
    return str(value)

"""The page of the steps: four phases, who does what in which order, consultations, beside the picture of it all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from fastapi import Response

from api.context import Caller, Counter
from api.pages.designer import posting, showing
from api.pages.designer.fields import Field, words
from api.pages.designer.frame import Desk, back
from api.pages.designer.rows import step_rows
from api.pages.designer.section import entry_name
from api.pages.designer.sections import GROUP, step_fields
from api.pages.forms import Posted, Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, html_id
from engine.designing import editing, references
from engine.designing.drafts import Edit
from engine.designing.reading import Data
from engine.designing.words import fit
from engine.errors import LienThongError, NotFound
from engine.states.names import PHASES
from procedures.words import Phase

router = Counter(include_in_schema=False, route_class=PageRoute)
PATH = "/procedures/drafts/{draft}/steps"
# What nobody has to write down, because the mechanism has it.
GIVEN = {
    Phase.RECEPTION: words(
        "Một bước. Cơ chế có sẵn: tiếp nhận, yêu cầu bổ sung, từ chối tiếp nhận, người dân rút hồ sơ.",
        "One step. The mechanism has: accept, ask for a supplement, refuse, withdrawal by the citizen."),
    Phase.PROCESSING: words(
        "Bước đầu là đơn vị chủ trì. Cơ chế có sẵn: chuyển bước kế tiếp, trả lại bước trước, yêu cầu bổ sung, "
        "trình từ chối, dừng, rút hồ sơ.",
        "The first step is the lead's. The mechanism has: pass on, send back, ask for a supplement, propose a "
        "rejection, stop, withdraw."),
    Phase.SIGNING: words(
        "Phải có một bước ký. Cơ chế có sẵn: duyệt, ký, cấp số, trả lại; người ký không phải người thẩm định.",
        "One step must sign. The mechanism has: approve, sign, issue, send back; who signs has not examined."),
    Phase.RETURN: words(
        "Cơ chế có sẵn: trả tại quầy, qua bưu chính, bản điện tử; trả lại để sửa khi có sai sót.",
        "The mechanism has: return at the counter, by post, electronically; sending back what is wrong."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a form is about: a step, a consultation or a body it asks; `at` is its path, empty for a new one."""

    kind: str
    phase: str
    group: str = ""
    at: str = ""

    @classmethod
    def adding(cls, told: str) -> Target | None:
        """“processing”, “group” or “branch:<group>”."""
        kind, _, group = told.partition(":")
        if kind in list(Phase):
            return cls(kind="step", phase=kind)
        if kind == "group":
            return cls(kind="group", phase=Phase.PROCESSING.value)
        return cls(kind="branch", phase=Phase.PROCESSING.value, group=group) if kind == "branch" and group else None

    @classmethod
    def at_path(cls, path: str, data: Data) -> Target:
        place = editing.place_of(path, data)
        held = references.at(data, place)
        known = len(place) in (3, 5) and place[0] == "machine" and place[1] in list(Phase)
        if not known or not isinstance(held, dict):
            raise NotFound(what="bước này", what_en="this step")
        if len(place) == 5:
            return cls(kind="branch", phase=str(place[1]), group=str(place[2]), at=path)
        return cls(kind="group" if "parallel" in held else "step", phase=str(place[1]), at=path)

    @property
    def fields(self) -> tuple[Field, ...]:
        return GROUP if self.kind == "group" else step_fields(self.phase)

    @property
    def adds(self) -> str:
        """As `adding` reads it."""
        return {"step": self.phase, "group": "group"}.get(self.kind, f"branch:{self.group}")


def _shown(desk: Desk, target: Target | None, entered: Entered = BLANK, status: int = 200) -> Response:
    told: dict[str, Any] = {"fields": [], "above": [], "at": "", "named": fit(vi="…", en="…")}
    if target is not None:
        held = references.at(desk.draft.data, editing.place_of(target.at, desk.draft.data)) if target.at else {}
        given = entered.given or showing.given_of(target.fields, flat(held), desk.around, desk.language)
        of_entry = [replace(one, field=one.field.replace("join.at_least", "at_least")) for one in desk.missing
                    if target.at and one.section == "steps" and one.entry == target.at]
        beside, above = showing.faults_of(target.fields, of_entry, given)
        entered = Entered(given=given, faults=entered.faults or beside, trouble=entered.trouble)
        told = {"fields": showing.shown(target.fields, given, desk.around), "at": target.at,
                "above": [one.words for one in above], "named": entry_name(held, target.at)}
    of_steps = [one for one in desk.missing if one.section == "steps"]
    return desk.show(
        "designer/steps.html", entered, status, target=target, refused=bool(status != 200), **told,
        phases=[{"key": phase.value, "name": PHASES[phase], "given": GIVEN[phase],
                 "rows": step_rows(phase.value, desk.around, desk.faulty)} for phase in Phase],
        links=desk.links(of_steps), picture=desk.picture(),
        saved=desk.caller.request.query_params.get("saved", "")[:300])


def flat(held: dict[str, Any]) -> dict[str, Any]:
    """A quorum as the form has it: a choice and a number."""
    join = held.get("join")
    return held | {"join": "at_least", "at_least": join.get("at_least")} if isinstance(join, dict) else held


def quorum(entry: dict[str, Any]) -> dict[str, Any]:
    """The number goes with its choice, and with no other."""
    number = entry.pop("at_least", None)
    if entry.get("join") == "at_least":
        entry["join"] = {"at_least": number} if number is not None else {}
    return entry


@router.get(PATH)
def look(caller: Caller, draft: int, edit: str = "", add: str = "") -> Response:
    desk = Desk.find(caller, draft)
    return _shown(desk, Target.at_path(edit, desk.draft.data) if edit else Target.adding(add) if desk.writes else None)


@router.post(PATH)
def save(caller: Caller, draft: int, posted: Sheet) -> Response:
    desk, at = Desk.find(caller, draft), posted.text("at")
    target = Target.at_path(at, desk.draft.data) if at else Target.adding(posted.text("add"))
    if target is None:
        raise NotFound(what="bước này", what_en="this step")
    try:
        changed = desk.change(posted, _edit(desk, target, posted))
    except LienThongError as refusal:
        entered, status = desk.again(refusal, posted)
        return _shown(desk, target, entered, status)
    if posted.text("then") == "more":
        return back(f"{desk.address}/steps?add={target.adds}&saved={quote(changed.touched)}#form")
    return back(f"{desk.address}/steps?saved={quote(changed.touched)}#{html_id(changed.touched)}")


def _edit(desk: Desk, target: Target, posted: Posted) -> Edit:
    posting.refuse_unfit(target.fields, posted, desk.around)
    before = references.at(desk.draft.data, editing.place_of(target.at, desk.draft.data)) if target.at else {}
    entry = posting.same_order(target.fields, posting.entry_of(target.fields, posted, desk.around), before)
    editing.check_name(entry.get("name"))
    party = entry.pop("new_party", None)
    entry = quorum(entry)
    name = entry_name(entry, target.at)
    vi, en = ("Sửa", "Changed") if target.at else ("Thêm", "Added")
    says = fit(vi=f"{vi} bước “{name.vi}”", en=f"{en} the step “{name.en}”")

    def apply(data: Data) -> str:
        key = str(editing.place_of(target.at, data)[-1]) if target.at else None
        if party:
            entry["party"] = editing.put_party(data, None, party).partition(".")[2]
        if entry.get("event_name"):
            before = references.at(data, editing.place_of(target.at, data)) if target.at else {}
            entry["event"] = before.get("event") or editing.act_id(entry["event_name"])
        if target.kind == "group":
            return editing.put_group(data, key, entry)
        if target.kind == "branch":
            return editing.put_branch(data, target.group, key, entry)
        return editing.put_step(data, target.phase, key, entry)

    return Edit(apply, says)


@router.post(f"{PATH}/move")
def move(caller: Caller, draft: int, posted: Sheet) -> Response:
    at, _, way = posted.text("move").rpartition(":")
    return _changed(caller, draft, posted, Edit(
        lambda data: editing.move(data, editing.place_of(at, data), -1 if way == "up" else 1),
        fit(vi="Đổi thứ tự các bước", en="Changed the order of the steps")))


@router.post(f"{PATH}/remove")
def remove(caller: Caller, draft: int, posted: Sheet) -> Response:
    at = posted.text("at")
    return _changed(caller, draft, posted, Edit(
        lambda data: editing.remove(data, editing.place_of(at, data)),
        fit(vi=f"Bỏ bước “{at.rpartition('.')[2]}”", en=f"Removed the step “{at.rpartition('.')[2]}”")), at)


@router.post(f"{PATH}/rename")
def rename(caller: Caller, draft: int, posted: Sheet) -> Response:
    at, key = posted.text("at"), posted.text("key")
    old = at.rpartition(".")[2]
    return _changed(caller, draft, posted, Edit(
        lambda data: editing.rename(data, editing.place_of(at, data), key),
        fit(vi=f"Đổi mã bước “{old}” thành “{key}”", en=f"Changed the id of the step “{old}” to “{key}”")), at)


def _changed(caller: Caller, draft: int, posted: Posted, edit: Edit, at: str = "") -> Response:
    desk = Desk.find(caller, draft)
    target = Target.at_path(at, desk.draft.data) if at else None
    try:
        touched = desk.change(posted, edit).touched
    except LienThongError as refusal:
        entered, status = desk.again(refusal, Posted.none())
        return _shown(desk, target, entered, status)
    return back(f"{desk.address}/steps?saved={quote(touched)}#{html_id(touched)}")

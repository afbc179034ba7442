"""The pages of a draft's sections: a table of what is there, a form for one entry, moves up and down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import Response

from api.context import Caller, Counter
from api.pages.designer import posting, showing
from api.pages.designer.fields import Field
from api.pages.designer.frame import Desk, back
from api.pages.designer.rows import section_rows
from api.pages.designer.sections import ALL, Section, Shape
from api.pages.forms import Posted, Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, html_id
from engine.designing import editing, references
from engine.designing.drafts import Edit, named
from engine.designing.reading import Data
from engine.designing.words import fit
from engine.errors import LienThongError
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)
Endpoint = Callable[..., Response]


def _shown(desk: Desk, section: Section, entered: Entered = BLANK, status: int = 200, *, at: str = "",
           adding: bool = False) -> Response:
    """`at`: the path of the entry whose form is open; a new one's is, where `adding`."""
    held = references.at(desk.draft.data, editing.place_of(at, desk.draft.data)) if at else None
    entry: Any = desk.draft.data if section.shape is Shape.FORM else held or {}
    rows = [] if section.shape is Shape.FORM else section_rows(section.holds, desk.around, desk.faulty)
    opened = section.shape is Shape.FORM or bool(at) or (desk.writes and (adding or not rows))
    given = entered.given or showing.given_of(section.fields, entry, desk.around, desk.language)
    of_entry = [one for one in desk.missing if one.section == section.key and one.entry == at]
    beside, above = showing.faults_of(section.fields, of_entry, given)
    fresh = section.shape is Shape.FORM and not showing.filled(section.fields, entry)
    if fresh:
        beside = {}
    told = Entered(given=given, faults=entered.faults or beside, trouble=entered.trouble)
    return desk.show(
        "designer/section.html", told, status, section=section, rows=rows, opened=opened, at=at,
        fields=showing.shown(section.fields, given, desk.around), refused=bool(entered.trouble or entered.faults),
        above=[one.words for one in above] if not fresh and (at or section.shape is Shape.FORM) else [],
        todo=desk.links(of_entry) if fresh else [], named=entry_name(held, at),
        saved=desk.caller.request.query_params.get("saved", "")[:300],
        more=[one for one in desk.links(desk.missing) if not one.address.startswith(f"{desk.address}/{section.key}")])


def entry_name(held: Any, at: str) -> Text:
    words = next((held[name] for name in ("name", "label", "message") if isinstance(held.get(name), dict)), held) \
        if isinstance(held, dict) else None
    last = at.rpartition(".")[2]
    return named(words, str(int(last) + 1) if last.isdigit() else last)


def _look(section: Section) -> Endpoint:
    def look(caller: Caller, draft: int, edit: str = "", add: str = "") -> Response:
        return _shown(Desk.find(caller, draft), section, at=edit, adding=bool(add))

    return look


def _save(section: Section) -> Endpoint:
    def save(caller: Caller, draft: int, posted: Sheet) -> Response:
        desk = Desk.find(caller, draft)
        at = posted.text("at")
        try:
            changed = desk.change(posted, _edit(desk, section, posted, at))
        except LienThongError as refusal:
            entered, status = desk.again(refusal, posted)
            return _shown(desk, section, entered, status, at=at, adding=True)
        if section.shape is Shape.FORM:
            return back(f"{desk.address}/{section.key}?saved=1#saved")
        if posted.text("then") == "more":
            return back(f"{desk.address}/{section.key}?add=1&saved={quote(changed.touched)}#form")
        return back(f"{desk.address}/{section.key}?saved={quote(changed.touched)}#{html_id(changed.touched)}")

    return save


def _edit(desk: Desk, section: Section, posted: Posted, at: str) -> Edit:
    posting.refuse_unfit(section.fields, posted, desk.around)
    before = references.at(desk.draft.data, editing.place_of(at, desk.draft.data)) if at else None
    entry = posting.same_order(section.fields, posting.entry_of(section.fields, posted, desk.around),
                               before or desk.draft.data)
    title = section.title
    if section.shape is Shape.FORM:
        says = fit(vi=f"Sửa “{title.vi}”", en=f"Changed “{title.en}”")
        return Edit(lambda data: editing.set_head(data, _emptied(section.fields) | entry), says)
    if section.key == "transitions":
        _name_the_act(entry)
    if section.key not in ("checks", "cases", "transitions"):
        words, field = _naming(section, entry)
        editing.check_name(words, field)
    name = entry_name(entry, at)
    vi, en = ("Sửa", "Changed") if at else ("Thêm", "Added")
    says = fit(vi=f"{vi} trong “{title.vi}”: “{name.vi}”", en=f"{en} in “{title.en}”: “{name.en}”")

    def apply(data: Data) -> str:
        place = editing.place_of(at, data) if at else ()
        if section.shape is Shape.NAMED:
            return editing.put_named(data, section.holds, str(place[-1]) if place else None, entry)
        number = place[-1] if place else None
        return editing.put_listed(data, section.holds, number if isinstance(number, int) else None, entry)

    return Edit(apply, says)


def _naming(section: Section, entry: dict[str, Any]) -> tuple[object, str]:
    if section.key == "parties":
        return entry, "vi"
    field = "label" if section.key == "facts" else "name"
    return entry.get(field), f"{field}.vi"


def _emptied(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {one.name.split(".")[0]: None for one in fields}


def _name_the_act(entry: dict[str, Any]) -> None:
    """A new act has an id made from its name."""
    name = entry.get("name")
    if not entry.get("on") and isinstance(name, dict) and name.get("vi"):
        entry["on"] = editing.act_id(name)


def _move(section: Section) -> Endpoint:
    def move(caller: Caller, draft: int, posted: Sheet) -> Response:
        """Buttons of one form: their value is the path and the direction."""
        desk = Desk.find(caller, draft)
        at, _, way = posted.text("move").rpartition(":")
        says = fit(vi=f"Đổi thứ tự trong “{section.title.vi}”", en=f"Changed the order of “{section.title.en}”")
        edit = Edit(lambda data: editing.move(data, editing.place_of(at, data), -1 if way == "up" else 1), says)
        try:
            touched = desk.change(posted, edit).touched
        except LienThongError as refusal:
            entered, status = desk.again(refusal, Posted.none())
            return _shown(desk, section, entered, status)
        return back(f"{desk.address}/{section.key}?saved={quote(touched)}#{html_id(touched)}")

    return move


def _remove(section: Section) -> Endpoint:
    def remove(caller: Caller, draft: int, posted: Sheet) -> Response:
        desk, at = Desk.find(caller, draft), posted.text("at")
        name = entry_name(references.at(desk.draft.data, editing.place_of(at, desk.draft.data)), at)
        says = fit(vi=f"Bỏ “{name.vi}”", en=f"Removed “{name.en}”")
        try:
            desk.change(posted, Edit(lambda data: editing.remove(data, editing.place_of(at, data)), says))
        except LienThongError as refusal:
            entered, status = desk.again(refusal, Posted.none())
            return _shown(desk, section, entered, status, at=at)
        return back(f"{desk.address}/{section.key}?saved=1#saved")

    return remove


def _rename(section: Section) -> Endpoint:
    def rename(caller: Caller, draft: int, posted: Sheet) -> Response:
        desk, at, key = Desk.find(caller, draft), posted.text("at"), posted.text("key")
        says = fit(vi=f"Đổi mã “{at.rpartition('.')[2]}” thành “{key}”",
                    en=f"Changed the id “{at.rpartition('.')[2]}” to “{key}”")
        try:
            edit = Edit(lambda data: editing.rename(data, editing.place_of(at, data), key), says)
            touched = desk.change(posted, edit).touched
        except LienThongError as refusal:
            entered, status = desk.again(refusal, Posted.none())
            return _shown(desk, section, entered, status, at=at)
        return back(f"{desk.address}/{section.key}?saved={quote(touched)}#{html_id(touched)}")

    return rename


for _one in ALL.values():
    _address = f"/procedures/drafts/{{draft}}/{_one.key}"
    router.add_api_route(_address, _look(_one), methods=["GET"])
    router.add_api_route(_address, _save(_one), methods=["POST"])
    if _one.shape is not Shape.FORM:
        router.add_api_route(f"{_address}/move", _move(_one), methods=["POST"])
        router.add_api_route(f"{_address}/remove", _remove(_one), methods=["POST"])
    if _one.shape is Shape.NAMED:
        router.add_api_route(f"{_address}/rename", _rename(_one), methods=["POST"])

"""Drafts of procedures: begun, opened, changed step by step, given up. Only administrators write them.

A draft may be incomplete or wrong for as long as it is one; `faults` says what is missing, at which place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from engine.access import may_read, must_write
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing import ids, references
from engine.designing.reading import Data, examined
from engine.designing.words import fit
from engine.errors import Conflict, Invalid, NotFound, Refused
from engine.office import Office
from procedures.declaration import Declaration, Fault, Text
from procedures.reading import LARGEST
from storage import drafts as rows
from storage.drafts import Change, Listed, Row, Writing
from storage.tables.catalogue import DraftState


class StaleDraft(Conflict):
    """`changes`: what the others did meanwhile."""

    code = "stale_draft"
    vi = ("{who} đã sửa bản thảo này lúc {when}, sau khi bạn mở trang: {what}. "
          "Nội dung bạn nhập vẫn còn; hãy xem lại rồi lưu.")
    en = ("{who} changed this draft at {when}, after you had opened the page: {what}. "
          "What you entered is kept; look again, then save.")


class DraftClosed(Conflict):
    code = "draft_closed"
    vi = "Bản thảo này đã công bố hoặc đã hủy nên không sửa được nữa. Hãy tạo bản thảo mới từ nó."
    en = "This draft was published or given up and cannot be changed. Make a new draft from it."


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`data` is the plain declaration, keys as in a file, in its own order. `touched`: what the last edit was about."""

    row: Listed
    data: Data
    touched: str = ""

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def key(self) -> str:
        return self.row.procedure

    @property
    def version(self) -> int:
        """Rises with every change; whoever changes the draft says which one he saw."""
        return self.row.version

    @property
    def state(self) -> str:
        return self.row.state

    @property
    def open(self) -> bool:
        return self.row.state in (DraftState.OPEN, DraftState.CHECKED)

    @property
    def name(self) -> Text:
        """As far as it has one."""
        return named(self.data.get("name"), self.key)

    @cached_property
    def _examined(self) -> tuple[Declaration | None, tuple[Fault, ...]]:
        declaration, faults = examined(self.data, self.key)
        if self.data.get("at_desk", True) and not self.data.get("received_at"):
            nowhere = Fault(self.key, 1, "received_at", "chưa chọn cấp có bộ phận Một cửa nhận hồ sơ",
                            "the level of the one-stop desks that receive it is not chosen")
            declaration, faults = None, (*faults, nowhere)
        if declaration is not None:
            return declaration, faults
        told = {fault.where for fault in faults}
        wrong = [Fault(self.key, 1, where, error.vi, error.en)
                 for where, error in references.unreadable(self.data) if where not in told]
        return None, (*faults, *wrong)

    @property
    def declaration(self) -> Declaration | None:
        """None as long as anything is missing or wrong."""
        return self._examined[0]

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._examined[1]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the data in place; `apply` gives the path of what it touched. `says` is kept in the log."""

    apply: Callable[[Data], str]
    says: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a draft begins with: a name, or a copy of a published version or of another draft.

    A copy of a version keeps its key and becomes the next version of it, unless another `key` is given. `other`: it is
    a procedure of its own, with a name of its own; it has no codes yet.
    """

    name_vi: str = ""
    name_en: str = ""
    key: str = ""
    version_id: int | None = None
    draft_id: int | None = None
    other: bool = False


def create(office: Office, actor: Actor, beginning: Beginning, now: datetime) -> Draft:
    """Raises NotAdministrator, Invalid."""
    must_write(office, actor, now)
    data, base = _begun(office, beginning)
    given = {name: text for name, text in (("vi", beginning.name_vi), ("en", beginning.name_en)) if text}
    if beginning.other:
        _need_names(given)
        data["name"], data["codes"], base = given, [], None
    elif given:
        held = data.get("name")
        data["name"] = {**(held if isinstance(held, dict) else {}), **given}
    taken = rows.keys(office.db)
    key = beginning.key or (str(data.get("procedure", "")) if base else "")
    if not key:
        name = data["name"].get("vi") if isinstance(data.get("name"), dict) else None
        if not name:
            raise Invalid({"name.vi": ("Chưa có tên thủ tục bằng tiếng Việt", "The Vietnamese name is missing")})
        key = ids.made_from(str(name), taken, "thu_tuc")
    elif not (base and key == data.get("procedure")):
        ids.check(key, taken)
    data["procedure"], data["version"] = key, rows.last_number(office.db, key) + 1
    writing = Writing(by=actor.id, at=now, kind="draft_created", details={"procedure": key, "base": base})
    made = rows.insert(office.db, key, base, written(data), writing)
    return open_for(office, actor, made, now)


def _need_names(given: Mapping[str, str]) -> None:
    """The names of the procedure that was copied would say something wrong in either language."""
    told = {"vi": ("Ghi tên tiếng Việt của thủ tục mới", "Give the new procedure's Vietnamese name"),
            "en": ("Ghi tên tiếng Anh của thủ tục mới", "Give the new procedure's English name")}
    missing = {f"name.{language}": words for language, words in told.items() if language not in given}
    if missing:
        raise Invalid(missing)


def open_for(office: Office, actor: Actor, draft_id: int, now: datetime) -> Draft:
    """For whoever may read drafts: administrators, heads, managers, auditors. NotFound for everybody else."""
    row = rows.get(office.db, draft_id) if 0 < draft_id < 2**31 else None
    if row is None or not may_read(office, actor, now):
        raise NotFound(what="bản thảo thủ tục", what_en="draft of a procedure")
    return _draft(row)


def unfinished(office: Office, actor: Actor, now: datetime) -> list[Draft]:
    """Every draft that is open or waits for approval, the last changed first."""
    if not may_read(office, actor, now):
        raise NotFound(what="bản thảo thủ tục", what_en="drafts of procedures")
    return [_draft(row) for row in rows.unfinished(office.db)]


def change(office: Office, actor: Actor, draft_id: int, seen: int, edit: Edit, now: datetime) -> Draft:
    """The draft as changed. Raises StaleDraft where another administrator was first, and changes nothing then."""
    must_write(office, actor, now)
    draft = open_for(office, actor, draft_id, now)
    if not draft.open:
        raise DraftClosed
    if draft.version != seen:
        raise _stale(office, draft, seen)
    data = json.loads(json.dumps(draft.data))
    touched = edit.apply(data)
    details = {"procedure": draft.key, "vi": edit.says.vi, "en": edit.says.en}
    writing = Writing(by=actor.id, at=now, kind="draft_changed", details=details)
    if not rows.save(office.db, draft_id, seen, written(data), writing):
        raise _stale(office, open_for(office, actor, draft_id, now), seen)
    saved = open_for(office, actor, draft_id, now)
    return Draft(row=saved.row, data=saved.data, touched=touched)


def discard(office: Office, actor: Actor, draft_id: int, seen: int, now: datetime) -> None:
    """Gives the draft up; it stays in the record."""
    must_write(office, actor, now)
    draft = open_for(office, actor, draft_id, now)
    writing = Writing(by=actor.id, at=now, kind="draft_discarded", details={"procedure": draft.key})
    if not draft.open:
        raise DraftClosed
    if not rows.discard(office.db, draft_id, seen, writing):
        raise _stale(office, open_for(office, actor, draft_id, now), seen)


def written(data: Data) -> str:
    """As it is stored. Refused where it is longer than any file that could be read back."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text) > LARGEST:
        raise Refused(reason_vi=f"Bản thảo dài quá {LARGEST // 1024} nghìn ký tự nên không lưu được.",
                      reason_en=f"The draft is longer than {LARGEST // 1024} thousand characters and was not saved.")
    return text


def named(text: object, otherwise: str) -> Text:
    """A name as far as a draft has it: one language stands in for the other."""
    words = text if isinstance(text, dict) else {}
    vi, en = (str(words.get(language) or "").strip() for language in ("vi", "en"))
    return fit(vi=vi or en or otherwise or "…", en=en or vi or otherwise or "…")


def _begun(office: Office, beginning: Beginning) -> tuple[Data, int | None]:
    if beginning.version_id is not None:
        found = rows.version(office.db, beginning.version_id) if 0 < beginning.version_id < 2**31 else None
        if found is None:
            raise NotFound(what="phiên bản thủ tục", what_en="version of a procedure")
        return json.loads(found.content), beginning.version_id
    if beginning.draft_id is not None:
        row = rows.get(office.db, beginning.draft_id) if 0 < beginning.draft_id < 2**31 else None
        if row is None:
            raise NotFound(what="bản thảo thủ tục", what_en="draft of a procedure")
        return json.loads(row.content), row.base_version_id
    empty: Data = {"procedure": "", "version": 1, "name": {}, "codes": [], "field": {"name": {}}, "legal_basis": [],
                   "subjects": [], "channels": [], "results": {},
                   "machine": {"reception": {}, "processing": {}, "signing": {}, "return": {}}}
    return empty, None


def _draft(row: Row) -> Draft:
    return Draft(row=row, data=json.loads(row.content))


def _stale(office: Office, draft: Draft, seen: int) -> Conflict:
    if not draft.open:
        return DraftClosed()
    made: list[Change] = rows.changes(office.db, draft.id, seen)
    last = made[-1] if made else Change(draft.row.changed_at, draft.row.changed_name, {})
    return StaleDraft(
        who=", ".join(dict.fromkeys(one.name for one in made)) or last.name,
        when=last.at.astimezone(ZONE).strftime("%H:%M %d/%m/%Y"),
        what="; ".join(str(one.details.get("vi", "")) for one in made) or "nội dung khác",
        what_en="; ".join(str(one.details.get("en", "")) for one in made) or "something else")

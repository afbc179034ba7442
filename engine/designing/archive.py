"""The catalogue as files: out as a zip of YAML, in again as drafts, after somebody has seen what would change."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.access import must_read, must_write
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing.differences import Difference, differences
from engine.designing.drafts import named, written
from engine.designing.ids import made_from
from engine.designing.packages import LARGEST_UPLOAD, Packed, pack, unpack
from engine.designing.reading import examined
from engine.designing.yaml_writing import data_yaml, declaration_yaml
from engine.errors import Conflict, NotFound, UnacceptableFile
from engine.office import Office
from engine.rehearsal.scenario import read as read_scenario
from engine.states.outline import Words
from procedures import bundle as bundles
from procedures.bpmn import import_bpmn
from procedures.bundle import Bundle
from procedures.declaration import Declaration, DeclarationError, Text, canonical, restore
from procedures.reading import Fault, Source, read, validated
from storage import drafts as draft_rows
from storage import versions
from storage.versions import Imported, Pending, ScenarioRow

_ID = re.compile(r"[a-z][a-z0-9_]{0,40}")
NAMELESS = Words()
DRAWINGS = (".bpmn", ".xml")


class ImportMoved(Conflict):
    code = "import_moved"
    vi = "Tệp chờ nhập đã được thay hoặc đã nhập rồi. Hãy xem lại danh sách trước khi nhập."
    en = "The file was replaced or taken over already. Look at the list again first."


class Fate(StrEnum):
    """What importing a file would do. Nothing where the newest version (SAME) or an earlier one (OLDER) says so too."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    OLDER = "older"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A file of what was uploaded. `taken`, `left`: what of a drawing was and was not taken over."""

    file: str
    fate: Fate
    key: str = ""
    name: Words = NAMELESS
    differences: tuple[Difference, ...] = ()
    faults: tuple[Fault, ...] = ()
    taken: tuple[Words, ...] = ()
    left: tuple[Words, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    base: int | None = None
    scenario: ScenarioRow | None = None

    @property
    def drafted(self) -> bool:
        return self.fate in (Fate.NEW, Fate.CHANGED) and self.scenario is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """`seal`: of the file that was looked at, so that no other one is taken over."""

    name: str
    seal: str
    uploaded_at: datetime
    items: tuple[Item, ...]

    @property
    def drafts(self) -> list[Item]:
        return [item for item in self.items if item.drafted]

    @property
    def scenarios(self) -> list[Item]:
        return [item for item in self.items if item.scenario is not None and item.fate is Fate.NEW]


def exported(office: Office, actor: Actor, keys: Sequence[str] | None, now: datetime, today: date) -> bytes:
    """The procedures in force, all or these, with their rehearsals; all of them with the bundles too."""
    must_read(office, actor, now)
    catalogue = office.fresh_catalogue()
    chosen = {row.procedure: row.id for row in reversed(catalogue.versions) if row.receives(today)
              and (keys is None or row.procedure in keys)}
    if keys is not None and len(chosen) < len(set(keys)):
        raise NotFound(what="thủ tục đang có hiệu lực", what_en="procedure in force")
    contents = versions.contents(office.db, list(chosen.values()))
    files = {f"{key}.yaml": declaration_yaml(restore(contents[version])) for key, version in sorted(chosen.items())}
    for at, row in enumerate(versions.scenarios(office.db, sorted(chosen))):
        told = {"procedure": row.procedure, "name": row.name, "scenario": row.content}
        files[f"scenarios/{row.procedure}-{at + 1}.json"] = json.dumps(told, ensure_ascii=False, indent=1)
    if keys is None:
        for key, content in versions.bundles(office.db, today).items():
            files[f"bundles/{key}.yaml"] = data_yaml(json.loads(content))
    return pack(files)


def upload(office: Office, actor: Actor, name: str, content: bytes, now: datetime) -> Preview:
    """Keeps the file for this person and says what it would do; no draft is made yet."""
    must_write(office, actor, now)
    if not content:
        raise _refused(name, "tệp không có nội dung.", "it is empty.")
    if len(content) > LARGEST_UPLOAD:
        megabytes = LARGEST_UPLOAD // 1024 // 1024
        raise _refused(name, f"tệp lớn hơn {megabytes} MB.", f"it is larger than {megabytes} MB.")
    found = _preview(office, Pending(name=name[:200], content=content, uploaded_at=now))
    versions.put_pending(office.db, actor.id, name[:200], content, now)
    return found


def waiting(office: Office, actor: Actor, now: datetime) -> Preview | None:
    """What this person uploaded and has not taken over."""
    must_write(office, actor, now)
    found = versions.pending(office.db, actor.id)
    return _preview(office, found) if found else None


def give_up(office: Office, actor: Actor, now: datetime) -> None:
    must_write(office, actor, now)
    versions.drop_pending(office.db, actor.id)


def take_over(office: Office, actor: Actor, seal: str, now: datetime) -> list[int]:
    """Drafts of everything new or changed, and the rehearsals, in one transaction; the ids of the drafts."""
    preview = waiting(office, actor, now)
    if preview is None or preview.seal != seal:
        raise ImportMoved
    drafts = [_imported(office, item, preview.name) for item in preview.drafts]
    rows = [item.scenario for item in preview.scenarios if item.scenario is not None]
    made = versions.take_over(office.db, actor.id, now, drafts, rows, seal)
    if made is None:
        raise ImportMoved
    return made


def _imported(office: Office, item: Item, upload_name: str) -> Imported:
    data = {**item.data, "procedure": item.key, "version": draft_rows.last_number(office.db, item.key) + 1}
    report = {"imported": {"file": item.file, "upload": upload_name,
                           "taken": [{"vi": one.vi, "en": one.en} for one in item.taken],
                           "left": [{"vi": one.vi, "en": one.en} for one in item.left]}}
    return Imported(procedure=item.key, base_version_id=item.base, content=written(data), report=report)


def _preview(office: Office, pending: Pending) -> Preview:
    files = _files(pending.name, pending.content)
    reader = _Reader(office, pending.uploaded_at.astimezone(ZONE).date())
    return Preview(name=pending.name, seal=hashlib.sha256(pending.content).hexdigest(),
                   uploaded_at=pending.uploaded_at, items=tuple(reader.items(files)))


def _files(name: str, content: bytes) -> list[Packed]:
    if name.lower().endswith(".zip"):
        return unpack(name, content)
    if name.lower().endswith((".yaml", ".yml", *DRAWINGS)):
        return [Packed(name, content)]
    raise _refused(name, "chỉ nhận tệp .yaml, .bpmn hoặc .zip.", "only .yaml, .bpmn and .zip files are taken.")


class _Reader:
    """Compares files with what is published; a key may come once."""

    def __init__(self, office: Office, today: date) -> None:
        self.office = office
        self.published: dict[str, list[int]] = {}
        for row in office.fresh_catalogue().versions:
            self.published.setdefault(row.procedure, []).append(row.id)
        self.newest = {key: rows[0] for key, rows in self.published.items()}
        self.bundles = versions.bundles(office.db, today)
        self.seen: set[str] = set()

    def items(self, files: Sequence[Packed]) -> Iterator[Item]:
        texts = [(file.name, _text(file)) for file in files]
        for file, (name, text) in zip(files, texts, strict=True):
            lower = name.lower()
            if lower.endswith(DRAWINGS):
                yield self.drawing(file)
            elif text is None:
                yield _bad(name, "không phải văn bản UTF-8.", "this is not UTF-8 text.")
            elif lower.endswith(".json"):
                yield self.scenario(name, text)
            elif lower.startswith("bundles/") or "/bundles/" in lower:
                yield self.bundle(name, text)
            elif lower.endswith((".yaml", ".yml")):
                yield self.procedure(name, text)
            else:
                yield _bad(name, "chỉ nhận tệp .yaml và .json.", "only .yaml and .json files are taken.")

    def procedure(self, name: str, text: str) -> Item:
        try:
            source = read(text, name)
            declaration = validated(Declaration, source)
        except DeclarationError as error:
            return Item(file=name, fate=Fate.REFUSED, faults=error.faults)
        return self.compared(name, source, declaration)

    def compared(self, name: str, source: Source, declaration: Declaration) -> Item:
        data = source.data
        assert isinstance(data, dict), "a declaration was read from it"
        return self.once(self.against(Item(file=name, fate=Fate.NEW, key=declaration.procedure, data=data,
                                           name=Words(declaration.name.vi, declaration.name.en)), declaration))

    def once(self, item: Item) -> Item:
        if item.key in self.seen:
            return _bad(item.file, f"thủ tục “{item.key}” có hai lần.", f"the procedure “{item.key}” comes twice.")
        self.seen.add(item.key)
        return item

    def against(self, item: Item, declaration: Declaration) -> Item:
        """What it would change of the newest version, if there is one."""
        base = self.newest.get(item.key)
        if base is None:
            return item
        old = restore(versions.contents(self.office.db, [base])[base])
        if _alike(declaration, old):
            return replace(item, fate=Fate.SAME, base=base)
        earlier = versions.contents(self.office.db, self.published[item.key][1:])
        if any(_alike(declaration, restore(content)) for content in earlier.values()):
            return replace(item, fate=Fate.OLDER, base=base)
        same = declaration.model_copy(update={"version": old.version})
        return replace(item, fate=Fate.CHANGED, base=base, differences=tuple(differences(old, same)))

    def bundle(self, name: str, text: str) -> Item:
        """Bundles are not designed here: one that says what is in force already may lie in the archive."""
        try:
            found = bundles.parse(text, name)
        except DeclarationError as error:
            return Item(file=name, fate=Fate.REFUSED, faults=error.faults)
        known = self.bundles.get(found.bundle)
        if known is None or not _alike(found, bundles.restore(known)):
            return _bad(name, f"hồ sơ liên thông “{found.name.vi}” khác bản đang áp dụng; hồ sơ liên thông không sửa "
                              "được bằng cách nhập tệp.",
                        f"the bundle “{found.name.en}” differs from the one in force; bundles cannot be changed by "
                        "importing a file.")
        return Item(file=name, fate=Fate.SAME, key=found.bundle, name=Words(found.name.vi, found.name.en))

    def drawing(self, file: Packed) -> Item:
        """A drawing may be incomplete; one of a procedure we have becomes its next version."""
        try:
            found = import_bpmn(file.content, file.name)
        except DeclarationError as error:
            return Item(file=file.name, fate=Fate.REFUSED, faults=error.faults)
        data = dict(found.data)
        title = named(data.get("name"), file.name)
        key = str(data.get("procedure") or "")
        if key not in self.newest:
            key = made_from(key or title.vi, draft_rows.keys(self.office.db) | self.seen, "thu_tuc")
        item = Item(file=file.name, fate=Fate.NEW, key=key, name=Words(title.vi, title.en), data=data,
                    taken=_words(found.taken), left=_words(found.left))
        declaration, _ = examined({**data, "procedure": key, "version": 1}, key)
        if key in self.newest and declaration is None:
            item = replace(item, fate=Fate.CHANGED, base=self.newest[key])
        return self.once(item if declaration is None else self.against(item, declaration))

    def scenario(self, name: str, text: str) -> Item:
        try:
            told = json.loads(text)
            fit = isinstance(told, dict) and _fit(told) and read_scenario(told["scenario"])
        except (ValueError, RecursionError):
            fit = None
        if not fit:
            return _bad(name, "không phải kịch bản diễn tập của một thủ tục.", "this is no rehearsal of a procedure.")
        row = ScenarioRow(procedure=told["procedure"], name=told["name"][:200], content=told["scenario"])
        known = versions.scenarios(self.office.db, [row.procedure])
        fate = Fate.SAME if row in known else Fate.NEW
        return Item(file=name, fate=fate, key=row.procedure, name=Words(row.name, row.name), scenario=row)


def _alike(one: Declaration | Bundle, other: Declaration | Bundle) -> bool:
    """But for the number of the version."""
    return canonical(one.model_copy(update={"version": other.version})) == canonical(other)


def _words(texts: Iterable[Text]) -> tuple[Words, ...]:
    return tuple(Words(text.vi, text.en) for text in texts)


def _fit(told: Mapping[str, Any]) -> bool:
    """ValueError for half a letter: JSON can spell what no text can hold."""
    key, name = told.get("procedure"), told.get("name")
    written = json.dumps(told, ensure_ascii=False).encode()
    return (isinstance(key, str) and bool(_ID.fullmatch(key)) and isinstance(name, str) and bool(name.strip())
            and isinstance(told.get("scenario"), dict) and b"\\u0000" not in written)


def _text(file: Packed) -> str | None:
    try:
        return file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _bad(name: str, vi: str, en: str) -> Item:
    return Item(file=name, fate=Fate.REFUSED, faults=(Fault(name, 1, "", vi, en),))


def _refused(name: str, vi: str, en: str) -> UnacceptableFile:
    return UnacceptableFile(name=name[:80], reason="import", reason_vi=vi, reason_en=en)

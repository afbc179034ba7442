"""Whether one dossier can move to another version, and why not. Pure: judged on what is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.catalogue import Catalogue
from engine.errors import Refused
from engine.migrating.plan import Landing, Plan, alike, land, places, waits
from engine.states.joins import join_words
from engine.states.procedure import Procedure, StateInfo
from procedures import answers
from procedures.declaration import Parallel, Text
from procedures.entry import text
from storage.dossiers import Loaded


class Kind(StrEnum):
    """MOVES by itself under the plan. NEEDS_MAPPING: the plan says nothing of where it is. STAYS under its version."""

    MOVES = "moves"
    NEEDS_MAPPING = "needs_mapping"
    STAYS = "stays"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`notes`: what whoever decides should know although it hinders nothing."""

    kind: Kind
    why: Text
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One dossier and the two versions; `on` is the day whose bindings give new work to units."""

    loaded: Loaded
    old: Procedure
    new: Procedure
    plan: Plan
    catalogue: Catalogue
    on: date

    @property
    def facts(self) -> Mapping[str, object]:
        return {**self.loaded.facts, "channel": self.loaded.channel}

    def landing(self) -> Landing:
        """Raises LookupError where its states cannot be active together in the new version."""
        return land(self.loaded.states, self.loaded.history or {}, self.plan, self.old, self.new, self.facts)

    def becomes(self, state: str) -> StateInfo:
        return self.new.states[self.plan.of(state, self.old)]


MOVES = text("Chuyển được", "It can move")


def judge(case: Case) -> Verdict:
    for check in (_ended, _mapped, _answers, _objects, _fitting, _staffed):
        found = check(case)
        if found is not None:
            return found
    return Verdict(kind=Kind.MOVES, why=MOVES, notes=tuple(_notes(case)))


def _ended(case: Case) -> Verdict | None:
    if case.loaded.closed_at is None:
        return None
    return Verdict(kind=Kind.STAYS, why=text("Hồ sơ đã kết thúc", "The dossier has ended"))


def _mapped(case: Case) -> Verdict | None:
    """Every place it is in, or will come back to, is somewhere in the new version, and is the same kind of place."""
    loaded, declared = case.loaded, {info.id for info in places(case.old)}
    back = [leaf for leaves in (loaded.history or {}).values() for leaf in leaves]
    for state in [*loaded.states, *(back if waits(loaded.states, case.old) else ())]:
        before, target = case.old.states[state], case.new.states.get(case.plan.of(state, case.old))
        if target is None or not alike(before, target):
            mechanism = state not in declared and before.branch_of is None
            return Verdict(kind=Kind.STAYS if mechanism else Kind.NEEDS_MAPPING, why=text(
                f"Phiên bản mới không có bước tương ứng với “{before.name.vi}”",
                f"The new version has no step for “{before.name.en}”"))
    return None


def _answers(case: Case) -> Verdict | None:
    facts = case.new.declaration.facts
    given = {name: value for name, value in case.loaded.facts.items() if name in facts}
    _, faults = answers.typed(case.new.declaration, given)
    missing = [name for name, fact in facts.items() if fact.required and name not in given]
    labels = [facts[name].label for name in dict.fromkeys([*faults, *missing]) if name in facts]
    if not labels:
        return None
    return Verdict(kind=Kind.STAYS, why=text(
        f"Phiên bản mới cần dữ kiện mà hồ sơ không có: {'; '.join(label.vi for label in labels)}",
        f"The new version needs answers this dossier lacks: {'; '.join(label.en for label in labels)}"))


def _objects(case: Case) -> Verdict | None:
    """What it works on was claimed at reception, under the name the fact had then."""
    before, after = ({info.asset for info in one.states.values()} for one in (case.old, case.new))
    if before == after:
        return None
    return Verdict(kind=Kind.STAYS, why=text(
        "Phiên bản mới ghi giấy tờ được giữ (mỗi lúc một hồ sơ) ở dữ kiện khác",
        "The new version names the object one dossier holds at a time by another fact"))


def _fitting(case: Case) -> Verdict | None:
    try:
        landing = case.landing()
    except LookupError:
        return Verdict(kind=Kind.NEEDS_MAPPING, why=text(
            "Các bước đang mở không thể cùng mở trong phiên bản mới",
            "The steps that are open cannot be open together in the new version"))
    for branch in landing.left_out:
        group = _group(case.new, case.new.states[branch].branch_of)
        if group is not None and group.join != "all":
            name = case.new.states[branch].name
            return Verdict(kind=Kind.NEEDS_MAPPING, why=text(
                f"“{name.vi}” là nơi mới được hỏi, không thể bỏ qua: sẽ bị tính là đã trả lời",
                f"“{name.en}” is new and cannot be left out: it would count as having answered"))
    return None


def _group(procedure: Procedure, name: str | None) -> Parallel | None:
    found = procedure.declaration.machine.processing.get(name or "")
    return found if isinstance(found, Parallel) else None


def _staffed(case: Case) -> Verdict | None:
    """The work stays with the unit that holds it, so somebody there must be able to do it; so for who is asked anew."""
    for item in case.loaded.items:
        info = case.becomes(item["state"])
        if item["duty"] == "step" and info.role and (item["unit_id"], info.role) not in case.catalogue.staffed:
            unit = case.catalogue.units[item["unit_id"]]
            return Verdict(kind=Kind.STAYS, why=text(
                f"{unit.full_vi} đang giữ việc nhưng không ai làm được bước “{info.name.vi}”",
                f"{unit.full_en} holds the work, but nobody there can do “{info.name.en}”"))
    parties = [info.party for state in case.landing().added if (info := case.new.states[state]).party]
    try:
        for party in [*parties, case.new.declaration.lead] if parties else ():
            case.catalogue.unit_for(party or "", case.loaded.intake_agency, case.on)
    except Refused as refusal:
        return Verdict(kind=Kind.STAYS, why=text(refusal.message("vi"), refusal.message("en")))
    return None


def _notes(case: Case) -> Iterator[Text]:
    taken = {row["component"] for row in case.loaded.documents}
    before = case.old.required_documents(case.facts)
    for key, document in case.new.required_documents(case.facts).items():
        if key not in taken and key not in before:
            yield text(f"Phiên bản mới đòi thêm giấy tờ chưa có: {document.name.vi}",
                        f"The new version asks for a paper it lacks: {document.name.en}")
    for item in case.loaded.items:
        was, now = case.old.states[item["state"]], case.becomes(item["state"])
        if was.party != now.party:
            yield text(f"Bước “{now.name.vi}” nay thuộc chức năng khác; đơn vị đang giữ việc vẫn làm tiếp",
                        f"“{now.name.en}” now belongs to another function; the unit at work goes on")
        if was.role != now.role and item["duty"] == "step":
            yield text(f"Bước “{now.name.vi}” nay do người có vai trò khác trong đơn vị làm",
                        f"“{now.name.en}” is now done by another role of the unit")
    yield from _of_consultation(case)
    if any(row["state"] in ("pending", "delivered") for row in case.loaded.handoffs):
        yield text("Đang trên đường chuyển giao; nơi nhận ký nhận như thường",
                    "A hand-off is on its way; it is registered as usual")


def _of_consultation(case: Case) -> Iterator[Text]:
    landing = case.landing()
    for state in landing.added:
        if case.new.states[state].party:
            yield text(f"Sẽ hỏi thêm: {case.new.states[state].name.vi}", f"Asked in addition: "
                        f"{case.new.states[state].name.en}")
    for branch in landing.left_out:
        name = case.new.states[branch].name
        yield text(f"Không hỏi: {name.vi}", f"Not asked: {name.en}")
    pairs = {(case.old.states[state].branch_of, case.becomes(state).branch_of) for state in case.loaded.states}
    for was, now in sorted((was or "", now or "") for was, now in pairs):
        old, new = _group(case.old, was), _group(case.new, now)
        if old is not None and new is not None and old.join != new.join:
            words = join_words(new)
            yield text(f"Cách chờ ý kiến đổi thành: {words.vi}", f"What is waited for becomes: {words.en}")

"""Whether one dossier can move to another version, and why not. Pure: judged on what is loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.catalogue import Catalogue
from engine.migrating.plan import NewBranch, Plan, alike, configuration
from engine.states.procedure import Procedure
from procedures import answers
from procedures.declaration import Text
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


def _text(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


MOVES = _text("Chuyển được", "It can move")


def judge(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict:
    for check in (_ended, _mapped, _answers, _fitting, _staffed):
        found = check(loaded, old, new, plan, catalogue)
        if found is not None:
            return found
    return Verdict(kind=Kind.MOVES, why=MOVES, notes=tuple(_notes(loaded, old, new, plan)))


def _ended(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict | None:
    if loaded.closed_at is None:
        return None
    return Verdict(kind=Kind.STAYS, why=_text("Hồ sơ đã kết thúc", "The dossier has ended"))


def _mapped(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict | None:
    """Every place it is in, or will come back to, is somewhere in the new version, and is the same kind of place."""
    everywhere = [*loaded.states, *(leaf for leaves in (loaded.history or {}).values() for leaf in leaves)]
    for state in everywhere:
        target, before = new.states.get(plan.of(state, old)), old.states[state]
        if target is None or not alike(before, target):
            return Verdict(kind=Kind.NEEDS_MAPPING, why=_text(
                f"Phiên bản mới không có bước tương ứng với “{before.name.vi}”",
                f"The new version has no step for “{before.name.en}”"))
    return None


def _answers(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict | None:
    declared = {name: value for name, value in loaded.facts.items() if name in new.declaration.facts}
    _, faults = answers.typed(new.declaration, declared)
    missing = [fact.label for name, fact in new.declaration.facts.items() if fact.required and name not in declared]
    labels = [*(new.declaration.facts[name].label for name in faults), *missing]
    if not labels:
        return None
    return Verdict(kind=Kind.STAYS, why=_text(
        f"Phiên bản mới cần dữ kiện mà hồ sơ không có: {'; '.join(label.vi for label in labels)}",
        f"The new version needs answers this dossier lacks: {'; '.join(label.en for label in labels)}"))


def _fitting(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict | None:
    try:
        leaves, _, _ = configuration(loaded.states, loaded.history or {}, plan, old, new)
    except LookupError:
        return Verdict(kind=Kind.NEEDS_MAPPING, why=_text(
            "Các bước đang mở không thể cùng mở trong phiên bản mới",
            "The steps that are open cannot be open together in the new version"))
    groups = {info.branch_of for leaf in leaves if (info := new.states[leaf]).branch_of is not None}
    rules = new.declaration.machine.processing
    partly = [name for name in groups if name is not None and getattr(rules[name], "join", "all") not in ("all",)]
    if plan.new_branches is NewBranch.LEAVE_OUT and partly and _new_in(groups, loaded, old, new, plan):
        return Verdict(kind=Kind.NEEDS_MAPPING, why=_text(
            "Nơi mới được hỏi không thể bỏ qua: nó sẽ bị tính là đã trả lời", "A body that is new here cannot be left "
            "out: it would count as having answered"))
    return None


def _new_in(groups: Collection[str | None], loaded: Loaded, old: Procedure, new: Procedure, plan: Plan) -> bool:
    came = {plan.of(state, old) for state in loaded.states}
    return any(info.branch_of in groups and info.party is not None and info.id not in came
               and f"{info.id}_done" not in came for info in new.states.values())


def _staffed(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan, catalogue: Catalogue) -> Verdict | None:
    """The work stays with the unit that holds it, so somebody there must be able to do it."""
    for item in loaded.items:
        info = new.states[plan.of(item["state"], old)]
        if item["duty"] == "step" and info.role is not None and (item["unit_id"], info.role) not in catalogue.staffed:
            unit = catalogue.units[item["unit_id"]]
            return Verdict(kind=Kind.STAYS, why=_text(
                f"{unit.full_vi} đang giữ việc nhưng không ai làm được bước “{info.name.vi}”",
                f"{unit.full_en} holds the work, but nobody there can do “{info.name.en}”"))
    return None


def _notes(loaded: Loaded, old: Procedure, new: Procedure, plan: Plan) -> list[Text]:
    facts: Mapping[str, object] = {**loaded.facts, "channel": loaded.channel}
    taken = {row["component"] for row in loaded.documents}
    lacking = [document.name for key, document in new.required_documents(facts).items()
               if key not in taken and key not in old.required_documents(facts)]
    notes = [_text(f"Phiên bản mới đòi thêm giấy tờ chưa có: {name.vi}", f"The new version asks for a paper it lacks: "
                   f"{name.en}") for name in lacking]
    for item in loaded.items:
        before, after = old.states[item["state"]], new.states[plan.of(item["state"], old)]
        if before.party != after.party:
            notes.append(_text(f"Bước “{after.name.vi}” nay thuộc chức năng khác; đơn vị đang giữ việc vẫn làm tiếp",
                               f"“{after.name.en}” now belongs to another function; the unit at work goes on"))
    return notes

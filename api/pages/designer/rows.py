"""One line a part of a draft, in words: what its tables show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.designer.fields import Around
from api.words import FORMS
from engine.clocks.faults import BadLimit
from engine.clocks.limits import Limit
from engine.designing import references
from engine.designing.conditions import sentence
from engine.designing.drafts import named as worded
from engine.designing.words import COUNT_MODES, EFFECTS, EXPIRIES, FACT_TYPES, JOINS, PAPERS, SWITCHES, called, fit
from engine.states.mechanism import EVENT_NAMES
from engine.states.names import ROLES
from procedures.declaration import Text
from procedures.words import CountMode

Held = Mapping[str, Any]
Line = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`path` names the entry in addresses; `faulty` where something is missing in it."""

    path: str
    name: Text
    details: Text
    faulty: bool
    first: bool
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow(Row):
    who: Text
    limit: Text
    unit: Text | None = None
    group: bool = False
    branches: tuple[StepRow, ...] = ()


def section_rows(holds: str, around: Around, faulty: frozenset[str]) -> list[Row]:
    """The entries of a section; `faulty` are the paths of those with something missing."""
    found = references.entries(around.data, holds)
    rows = []
    for at, (where, held) in enumerate(found):
        path = ".".join(map(str, where))
        name, details = _SAID[holds](held, around)
        rows.append(Row(path=path, name=name or worded(None, str(where[-1])), details=_joined(details), first=at == 0,
                        last=at == len(found) - 1, faulty=path in faulty))
    return rows


def step_rows(phase: str, around: Around, faulty: frozenset[str]) -> list[StepRow]:
    return _steps(("machine", phase), around, faulty)


def _steps(where: references.Place, around: Around, faulty: frozenset[str]) -> list[StepRow]:
    found = references.entries(around.data, *where)
    return [_step(place, held, around, faulty, (at == 0, at == len(found) - 1))
            for at, (place, held) in enumerate(found)]


def _step(place: references.Place, held: Held, around: Around, faulty: frozenset[str], edge: tuple[bool, bool]
          ) -> StepRow:
    path, group = ".".join(map(str, place)), "parallel" in held
    branches = _steps((*place, "parallel"), around, faulty) if group else []
    return StepRow(
        path=path, name=worded(held.get("name"), str(place[-1])), faulty=path in faulty, first=edge[0], last=edge[1],
        who=fit(vi="-", en="-") if group else _who(held, around), limit=_limit(held.get("limit")), group=group,
        unit=around.unit(str(held["party"])) if held.get("party") and not group else None,
        details=_joined(_of_group(held, around) if group else _of_step(held, around)), branches=tuple(branches))


def _who(held: Held, around: Around) -> Text:
    party, role = str(held.get("party") or "?"), str(held.get("role") or "?")
    own = references.at(around.data, ("parties", party))
    unit = worded(own, party) if isinstance(own, dict) else called(around.parties, party)
    what = ROLES.get(role) or fit(vi=role, en=role)
    return fit(vi=f"{unit.vi} · {what.vi}", en=f"{unit.en} · {what.en}")


def _of_step(held: Held, around: Around) -> list[Line]:
    found = _when(held, around)
    if held.get("expiry"):
        then = called(EXPIRIES, str(held["expiry"]))
        found.append((f"hết hạn: {then.vi[:1].lower()}{then.vi[1:]}",
                      f"after the limit: {then.en[:1].lower()}{then.en[1:]}"))
    if isinstance(held.get("external"), dict):
        body = worded(held["external"], "?")
        found.append((f"chờ trả lời của {body.vi}", f"waits for {body.en}"))
    if held.get("paper") == "needed":
        found.append((PAPERS["needed"].vi.lower(), PAPERS["needed"].en.lower()))
    if isinstance(held.get("event_name"), dict):
        act = worded(held["event_name"], "?")
        found.append((f"việc “{act.vi}”", f"act “{act.en}”"))
    return found


def _of_group(held: Held, around: Around) -> list[Line]:
    join = held.get("join") or "all"
    if isinstance(join, dict):
        return [(f"cần ít nhất {join.get('at_least')} ý kiến", f"at least {join.get('at_least')} opinions")]
    told = called(JOINS, str(join))
    return [(told.vi[:1].lower() + told.vi[1:], told.en[:1].lower() + told.en[1:])]


def _limit(written: object) -> Text:
    if not written:
        return fit(vi="-", en="-")
    try:
        limit = Limit.parse(written if isinstance(written, str) else [str(part) for part in _list(written)])
    except BadLimit:
        return fit(vi=str(written), en=str(written))
    return fit(vi=limit.vi, en=limit.en)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _when(held: Held, around: Around) -> list[Line]:
    if not held.get("when"):
        return []
    told = sentence(str(held["when"]), around.questions)
    return [(f"khi {told.vi}", f"when {told.en}")]


def _joined(lines: list[Line]) -> Text:
    return fit(vi="; ".join(vi for vi, _ in lines) or "-", en="; ".join(en for _, en in lines) or "-")


def form_lines(key: str, around: Around) -> list[Text]:
    """What a section without entries says, a line each."""
    data = around.data
    if key == "switches":
        return [called(SWITCHES, str(switch)) for switch in _list(data.get("switch_off"))]
    if key != "limits":
        return []
    found = [_limit(data["limit"])] if data.get("limit") else []
    if isinstance(data.get("limit_note"), dict):
        found.append(worded(data["limit_note"], "…"))
    found.append(called(COUNT_MODES, str(data.get("count_mode") or CountMode.DAY)))
    if data.get("confidential_when"):
        told = sentence(str(data["confidential_when"]), around.questions)
        found.append(fit(vi=f"hồ sơ mật khi {told.vi}", en=f"confidential when {told.en}"))
    return found


Said = tuple[Text | None, list[Line]]


def _document(held: Held, around: Around) -> Said:
    form = called(FORMS, str(held.get("form") or "original"))
    found = [(form.vi.lower(), form.en.lower()), *_when(held, around)]
    if held.get("required") is False:
        found.append(("nếu có", "if any"))
    if held.get("reusable"):
        found.append(("không phải nộp lại", "not asked again"))
    return worded(held.get("name"), "…"), found


def _fact(held: Held, around: Around) -> Said:
    kind = called(FACT_TYPES, str(held.get("type") or "?"))
    found = [(kind.vi.lower(), kind.en.lower())]
    choices = held.get("choices")
    if isinstance(choices, dict):
        labels = [worded(text, key) for key, text in choices.items()]
        found.append((", ".join(label.vi for label in labels), ", ".join(label.en for label in labels)))
    if held.get("required") is False:
        found.append(("không bắt buộc", "optional"))
    return worded(held.get("label"), "…"), found


def _check(held: Held, around: Around) -> Said:
    effect = called(EFFECTS, str(held.get("effect") or "refuse"))
    return worded(held.get("message"), "…"), [*_when(held, around), (effect.vi.lower(), effect.en.lower())]


def _fee(held: Held, around: Around) -> Said:
    amount = held.get("amount")
    sum_ = f"{amount:,}".replace(",", ".") if isinstance(amount, int) else str(amount or "?")
    found = [(f"{sum_} đồng", f"{sum_} đồng".replace(".", ",")), *_when(held, around)]
    per = around.questions.get(str(held.get("per")))
    if per is not None:
        found.insert(1, (f"nhân với “{per.label.vi}”", f"times “{per.label.en}”"))
    exemptions = len(_list(held.get("exemptions")))
    if exemptions:
        found.append((f"{exemptions} trường hợp miễn, giảm", f"exemptions: {exemptions}"))
    return worded(held.get("name"), "…"), found


def _case(held: Held, around: Around) -> Said:
    limit = _limit(held.get("limit"))
    condition = _when(held, around) or [("?", "?")]
    return fit(vi=limit.vi, en=limit.en), condition


def _result(held: Held, around: Around) -> Said:
    role = ROLES.get(str(held.get("signer") or "signer"))
    return worded(held.get("name"), "…"), [(role.vi, role.en)] if role else []


def _obligation(held: Held, around: Around) -> Said:
    within, after = _limit(held.get("within")), around.questions.get(str(held.get("after")))
    label = after.label if after else fit(vi="?", en="?")
    return worded(held.get("name"), "…"), [
        (f"trong {within.vi} kể từ “{label.vi}”", f"within {within.en} after “{label.en}”"), *_when(held, around)]


def _party(held: Held, around: Around) -> Said:
    return worded(held, "…"), []


def _transition(held: Held, around: Around) -> Said:
    """“Khi ở bước “Tổng hợp”, việc “Trả lại bước trước” dẫn đến “Thẩm định””."""
    places = references.places(around.data)
    names = {str(where[-1]): worded(place.get("name"), str(where[-1])) for where, place in places}
    on = str(held.get("on") or "?")
    own = {str(step.get("event")): worded(step.get("event_name"), on) for _, step in references.steps(around.data)}
    act = worded(held["name"], on) if held.get("name") else own.get(on) or called(EVENT_NAMES, on)
    source, target = (names.get(str(held.get(end)), fit(vi="?", en="?")) for end in ("from", "to"))
    when = _when(held, around)
    return fit(
        vi=f"Khi ở bước “{source.vi}”, việc “{act.vi}” dẫn đến “{target.vi}”" + (f" {when[0][0]}" if when else ""),
        en=f"At “{source.en}”, “{act.en}” leads to “{target.en}”" + (f" {when[0][1]}" if when else "")), (
        [("phải ghi lý do", "with a reason")] if held.get("reason") else [])


_SAID: Mapping[str, Callable[[Held, Around], Said]] = {
    "documents": _document, "facts": _fact, "checks": _check, "fees": _fee, "limit_cases": _case, "results": _result,
    "obligations": _obligation, "parties": _party, "transitions": _transition,
}

"""What is still missing or wrong in a draft, said to people who do not know how a file is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.designing import references
from engine.designing.reading import Data
from engine.designing.references import Place
from engine.designing.words import fit
from engine.states.names import PHASES
from procedures.declaration import Fault, Text
from procedures.entry import text

LIMITS = frozenset({"limit", "within", "valid_for", "remind"})


# The pages a draft is written on, in the order a procedure is told.
SECTIONS: Mapping[str, Text] = {
    "head": text("Thông tin chung", "General"),
    "facts": text("Thông tin phải khai", "Questions at intake"),
    "documents": text("Thành phần hồ sơ", "Documents"),
    "checks": text("Điều kiện tiếp nhận", "Checks at intake"),
    "fees": text("Phí, lệ phí", "Fees"),
    "limits": text("Thời hạn giải quyết", "Time limit"),
    "cases": text("Thời hạn theo trường hợp", "Limits by case"),
    "results": text("Kết quả", "Results"),
    "obligations": text("Nghĩa vụ sau khi có kết quả", "Obligations after the result"),
    "parties": text("Chức năng riêng của thủ tục", "Functions only this procedure has"),
    "steps": text("Các bước", "Steps"),
    "transitions": text("Ngoại lệ của trình tự", "Exceptions to the order"),
    "switches": text("Cơ chế một cửa", "The one-stop mechanism"),
}
_SECTION_OF = {
    "documents": "documents", "facts": "facts", "checks": "checks", "fees": "fees", "limit": "limits",
    "limit_note": "limits", "count_mode": "limits", "expiry": "limits", "supplement": "limits", "payment": "limits",
    "agency_limits": "limits", "confidential_when": "limits",
    "limit_cases": "cases", "results": "results", "obligations": "obligations", "parties": "parties",
    "machine": "steps", "transitions": "transitions", "switch_off": "switches",
    # the key is right in any draft: what coherence says there is that no limit and no reason is given
    "procedure": "limits",
}
_ENTRIES = {
    "documents": text("Giấy tờ", "Document"), "facts": text("Câu hỏi", "Question"),
    "checks": text("Điều kiện", "Check"), "fees": text("Khoản", "Fee"), "limit_cases": text("Trường hợp", "Case"),
    "results": text("Kết quả", "Result"), "obligations": text("Nghĩa vụ", "Obligation"),
    "parties": text("Chức năng", "Function"), "transitions": text("Ngoại lệ", "Exception"),
}
_NAMES = {
    "name": text("tên", "name"), "label": text("câu hỏi", "question"), "message": text("lời nhắc", "message"),
    "event_name": text("tên việc", "name of the act"), "limit_note": text("lý do không có thời hạn", "reason"),
    "external": text("cơ quan bên ngoài", "outside body"), "substitutes": text("giấy tờ thay thế", "substitute"),
    "choices": text("lựa chọn", "choice"), "field": text("tên lĩnh vực", "name of the field"),
    "parties": text("tên", "name"),
}
_MISSING = {
    "field": text("chưa ghi lĩnh vực", "the field is missing"),
    "received_at": text("chưa chọn cấp có bộ phận Một cửa nhận hồ sơ",
                        "the level of the one-stop desks that receive it is not chosen"),
    "codes": text("chưa có mã thủ tục quốc gia", "the national code is missing"),
    "code": text("chưa có mã", "the code is missing"),
    "valid_from": text("chưa ghi ngày có hiệu lực", "the day it takes effect is missing"),
    "legal_basis": text("chưa có căn cứ pháp lý", "the legal basis is missing"),
    "level": text("chưa chọn cấp giải quyết", "the competent level is not chosen"),
    "subjects": text("chưa chọn đối tượng thực hiện", "who may file is not chosen"),
    "channels": text("chưa chọn cách nộp", "the ways to file are not chosen"),
    "results": text("chưa có kết quả nào", "no result yet"),
    "party": text("chưa chọn chức năng thực hiện", "who does it is not chosen"),
    "role": text("chưa chọn vai trò", "the role is not chosen"),
    "type": text("chưa chọn kiểu trả lời", "the kind of answer is not chosen"),
    "when": text("chưa đặt điều kiện", "the condition is missing"),
    "basis": text("chưa ghi căn cứ", "the legal basis is missing"),
    "amount": text("chưa ghi số tiền", "the amount is missing"),
    "limit": text("chưa ghi thời hạn", "the limit is missing"),
    "within": text("chưa ghi thời hạn", "the limit is missing"),
    "after": text("chưa chọn tính từ ngày nào", "what it is counted from is not chosen"),
    "from": text("chưa chọn bước đi", "the step it leaves is not chosen"),
    "to": text("chưa chọn bước đến", "the step it leads to is not chosen"),
    "on": text("chưa chọn việc", "the act is not chosen"),
    "procedure": text("chưa chọn thủ tục", "the procedure is not chosen"),
    "parallel": text("chưa có cơ quan nào được hỏi ý kiến", "no body is asked yet"),
    "at_least": text("chưa ghi cần bao nhiêu ý kiến", "how many opinions are needed is missing"),
    **{phase: text(f"giai đoạn {name.vi} chưa có bước nào", f"the phase {name.en} has no step yet")
       for phase, name in PHASES.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`entry`: the path of the entry it is in, empty where a section has none; `field`: the path inside the entry."""

    section: str
    entry: str
    field: str
    place: Text
    words: Text


def troubles(data: Data, faults: Iterable[Fault]) -> list[Trouble]:
    """In the order of the pages; one a place, since the first says what to do."""
    found: dict[str, Trouble] = {}
    for fault in faults:
        where = located(data, fault.where)
        found.setdefault(fault.where, _trouble(data, where, fault))
    order = list(SECTIONS)
    return sorted(found.values(), key=lambda one: order.index(one.section))


def located(data: Data, dotted: str) -> Place:
    """A dotted path as a place: numbers are positions where the data has a list."""
    where: Place = ()
    for part in dotted.split(".") if dotted else []:
        listed = isinstance(references.at(data, where), list) and part.isdigit()
        where = (*where, int(part) if listed else part)
    return where


def _trouble(data: Data, where: Place, fault: Fault) -> Trouble:
    length = _entry_length(data, where)
    return Trouble(
        section=section_of(where), entry=".".join(map(str, where[:length])),
        field=".".join(map(str, where[length:])), place=named_place(data, where), words=_words(data, where, fault))


def section_of(where: Place) -> str:
    return _SECTION_OF.get(str(where[0]), "head") if where else "head"


def _entry_length(data: Data, where: Place) -> int:
    """How much of a place names an entry: documents.<id>, machine.<phase>.<id>, with branches two more."""
    if not where or (where[0] not in _ENTRIES and where[0] != "machine"):
        return 0
    if where[0] != "machine":
        return min(2, len(where)) if len(where) > 1 else 0
    if len(where) < 3:
        return 0
    return 5 if len(where) >= 5 and where[3] == "parallel" else 3


def named_place(data: Data, where: Place) -> Text:
    """“Bước “Thẩm định””: the entry a place is in, else its section."""
    length = _entry_length(data, where)
    if not length:
        return SECTIONS[section_of(where)]
    entry = references.at(data, where[:length])
    held: dict[str, Any] = entry if isinstance(entry, dict) else {}
    if where[0] == "machine":
        kind = text("Nhóm lấy ý kiến", "Consultation") if "parallel" in held else text("Bước", "Step")
    else:
        kind = _ENTRIES[str(where[0])]
    words = held if where[0] == "parties" else next(
        (held[name] for name in ("name", "label", "message") if isinstance(held.get(name), dict)), {})
    vi, en = (str(words.get(language) or "") for language in ("vi", "en"))
    last = where[length - 1]
    if isinstance(last, int) and not (vi or en):
        return fit(vi=f"{kind.vi} thứ {last + 1}", en=f"{kind.en} {last + 1}")
    number = str(last)
    return fit(vi=f"{kind.vi} “{vi or en or number}”", en=f"{kind.en} “{en or vi or number}”")


def _words(data: Data, where: Place, fault: Fault) -> Text:
    value = references.at(data, where)
    last = str(where[-1]) if where else ""
    if value in (None, "", [], {}):
        if last in ("vi", "en"):
            return _untold(where)
        if last in _MISSING:
            return _MISSING[last]
        if last in _NAMES:
            return text(f"chưa ghi {_NAMES[last].vi}", f"the {_NAMES[last].en} is missing")
    if LIMITS.intersection(map(str, where[-2:])):
        return text("ghi số nguyên từ 1 đến 9999 và chọn đơn vị thời gian",
                     "write a whole number from 1 to 9999 and choose the unit of time")
    if last == "code" and where[0] == "codes":
        return text("mã có dạng 1.001193: một chữ số, dấu chấm, sáu chữ số",
                     "a code looks like 1.001193: one digit, a dot, six digits")
    return fit(vi=fault.vi, en=fault.en)


def _untold(where: Place) -> Text:
    """A name in one language is missing."""
    named = ["field"] if where[0] == "field" else list(map(str, reversed(where[:-1])))
    what = next((_NAMES[part] for part in named if part in _NAMES), _NAMES["name"])
    if where[-1] == "vi":
        return text(f"thiếu {what.vi} tiếng Việt", f"the Vietnamese {what.en} is missing")
    return text(f"thiếu {what.vi} tiếng Anh", f"the English {what.en} is missing")

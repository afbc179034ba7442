"""Values of a declaration in words, Vietnamese and English: limits, sums, roles, conditions, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from engine.clocks.limits import Limit
from engine.designing import words
from engine.states.joins import join_words
from engine.states.names import ROLES
from engine.states.outline import Words
from procedures.declaration import AtLeast, Channel, Declaration, DocumentForm, Join, Parallel, ResultOf, Text

NAMELESS = Text(vi="–", en="–")
NONE = Words(vi="không có", en="none")
YES, NO = Words(vi="có", en="yes"), Words(vi="không", en="no")
CHANNELS: Mapping[str, Text] = {
    Channel.DIRECT: Text(vi="trực tiếp tại bộ phận Một cửa", en="in person at the one-stop desk"),
    Channel.ONLINE: Text(vi="trực tuyến", en="online"),
    Channel.POST: Text(vi="qua bưu chính công ích", en="by public post"),
}
FORMS: Mapping[str, Text] = {
    DocumentForm.ORIGINAL: Text(vi="bản chính", en="original"),
    DocumentForm.COPY: Text(vi="bản sao", en="copy"),
    DocumentForm.ELECTRONIC: Text(vi="bản điện tử", en="electronic"),
}
_NAMED: tuple[Mapping[str, Text], ...] = (
    ROLES, CHANNELS, FORMS, words.LEVELS, words.SUBJECTS, words.FACT_TYPES, words.COUNT_MODES, words.AFTER_SUPPLEMENT,
    words.EFFECTS, words.EXPIRIES, words.PAPERS, words.SWITCHES, words.STARTS, words.UNANSWERED,
)
_ENUMS: Mapping[type, Mapping[str, Text]] = {type(key): names for names in _NAMED for key in names}


def limit(written: str | tuple[str, ...]) -> Words:
    """“5 ngày làm việc + 12 ngày” is said as one after the other."""
    found = Limit.parse((written,) if isinstance(written, str) else written)
    return Words(vi=found.vi.replace(" + ", ", rồi "), en=found.en.replace(" + ", ", then "))


def dong(amount: int) -> Words:
    return Words(vi=f"{amount:,} đồng".replace(",", "."), en=f"{amount:,} đồng")


def join(value: Join) -> Words:
    return plain(join_words(Parallel.model_construct(name=NAMELESS, parallel={}, join=value)))


def quoted(text: Text | Words | str) -> Words:
    if isinstance(text, str):
        return Words(vi=f"“{text}”", en=f"“{text}”")
    return Words(vi=f"“{text.vi}”", en=f"“{text.en}”")


def said(value: object) -> Words:
    """Any plain value; enumerations by their names. Tuples are joined."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Text):
        return quoted(value)
    if isinstance(value, AtLeast):
        return join(value)
    if isinstance(value, ResultOf):
        return result_of(value)
    if isinstance(value, date):
        return Words(vi=f"{value:%d/%m/%Y}", en=f"{value:%d/%m/%Y}")
    if isinstance(value, tuple | Mapping):
        return listed(said(member) for member in (value if isinstance(value, tuple) else value.values()))
    named = _ENUMS.get(type(value), {}).get(str(value))
    return plain(named) if named else Words(vi=str(value), en=str(value))


def result_of(value: ResultOf, procedures: Mapping[str, Text] | None = None) -> Words:
    """`procedures`: what they are called, by key."""
    name = quoted((procedures or {}).get(value.procedure, value.procedure))
    if value.result is None:
        return Words(vi=f"kết quả của thủ tục {name.vi}", en=f"the result of {name.en}")
    return Words(vi=f"kết quả “{value.result}” của thủ tục {name.vi}", en=f"the result “{value.result}” of {name.en}")


def listed(parts: Iterable[Words], vi: str = ", ", en: str = ", ") -> Words:
    """Several in a row; NONE where there is none."""
    found = list(parts)
    if not found:
        return NONE
    return Words(vi=vi.join(part.vi for part in found), en=en.join(part.en for part in found))


def plain(text: Text) -> Words:
    return Words(text.vi, text.en)


def places(declaration: Declaration) -> dict[str, Words]:
    """What steps, consultations and their branches are called, by id."""
    found: dict[str, Words] = {}
    for _, held in declaration.machine.phases():
        for key, place in held.items():
            found[key] = plain(place.name)
            if isinstance(place, Parallel):
                found |= {branch: plain(step.name) for branch, step in place.parallel.items()}
    return found

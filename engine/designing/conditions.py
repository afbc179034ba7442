"""Conditions without programming: rows of “question, comparison, answer” to the text of a condition and back, in words.

The text is what is stored and compiled (procedures.guards). What the rows cannot say is shown as text; the words say
any condition.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.designing.words import fit
from procedures.declaration import Declaration, Text
from procedures.guards import LONGEST
from procedures.words import CHANNEL, Channel, FactType

MOST_ROWS = 20


class Is(StrEnum):
    """The comparisons of a row."""

    SAME = "is"
    OTHER = "is_not"
    MORE = "more"
    LESS = "less"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as conditions know it: a fact, or the channel."""

    label: Text
    type: str
    choices: Mapping[str, Text]


Known = Mapping[str, Asked]


@dataclass(frozen=True, slots=True)
class Row:
    """`value` as people write it: yes, a number, a day, a choice by id or label; several parted by semicolons."""

    fact: str
    compared: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    rows: tuple[Row, ...]
    every: bool = True


_OPERATORS = {Is.SAME: "==", Is.OTHER: "!=", Is.MORE: ">", Is.LESS: "<", Is.AT_LEAST: ">=", Is.AT_MOST: "<="}
_COMPARED: dict[type[ast.cmpop], Is] = {
    ast.Eq: Is.SAME, ast.NotEq: Is.OTHER, ast.Gt: Is.MORE, ast.Lt: Is.LESS, ast.GtE: Is.AT_LEAST, ast.LtE: Is.AT_MOST,
    ast.In: Is.ONE_OF, ast.NotIn: Is.NONE_OF,
}
_MIRRORED = {Is.MORE: Is.LESS, Is.LESS: Is.MORE, Is.AT_LEAST: Is.AT_MOST, Is.AT_MOST: Is.AT_LEAST}
COMPARISONS: Mapping[str, Text] = {
    Is.SAME: Text(vi="là", en="is"),
    Is.OTHER: Text(vi="không phải là", en="is not"),
    Is.MORE: Text(vi="lớn hơn", en="is more than"),
    Is.LESS: Text(vi="nhỏ hơn", en="is less than"),
    Is.AT_LEAST: Text(vi="từ … trở lên", en="is at least"),
    Is.AT_MOST: Text(vi="không quá", en="is at most"),
    Is.ONE_OF: Text(vi="là một trong", en="is one of"),
    Is.NONE_OF: Text(vi="không thuộc", en="is none of"),
    Is.ANSWERED: Text(vi="đã trả lời", en="is answered"),
    Is.UNANSWERED: Text(vi="chưa trả lời", en="is not answered"),
}
YES, NO = "yes", "no"
_AFFIRMED = {YES: True, "có": True, "true": True, NO: False, "không": False, "false": False}
_WRITTEN_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NEEDED: Mapping[str, Text] = {
    FactType.INTEGER: Text(vi="một số nguyên, chỉ ghi chữ số", en="a whole number in digits"),
    FactType.BOOLEAN: Text(vi="“có” hoặc “không”", en="“yes” or “no”"),
    FactType.DATE: Text(vi="một ngày, ví dụ 20/11/2026", en="a date such as 20/11/2026"),
    FactType.CHOICE: Text(vi="một lựa chọn của câu hỏi đó", en="one of its choices"),
}
_YES = Text(vi="có", en="yes")
_NO = Text(vi="không", en="no")
_CHANNEL = Asked(Text(vi="Cách nộp", en="How it was handed in"), FactType.CHOICE, {
    Channel.DIRECT: Text(vi="trực tiếp tại quầy", en="in person at the counter"),
    Channel.ONLINE: Text(vi="trực tuyến", en="online"),
    Channel.POST: Text(vi="qua bưu chính", en="by post"),
})


def known(declaration: Declaration) -> Known:
    """The questions of a declaration."""
    asked = {key: Asked(fact.label, fact.type, fact.choices or {}) for key, fact in declaration.facts.items()}
    return asked | {CHANNEL: _CHANNEL}


def known_of(data: Mapping[str, Any]) -> Known:
    """The questions of a draft, as far as they are written."""
    facts = data.get("facts")
    asked = {}
    for key, fact in (facts.items() if isinstance(facts, dict) else ()):
        if isinstance(fact, dict):
            choices = fact.get("choices")
            named = {one: _named(text, one) for one, text in choices.items()} if isinstance(choices, dict) else {}
            asked[key] = Asked(_named(fact.get("label"), key), str(fact.get("type", "")), named)
    return asked | {CHANNEL: _CHANNEL}


def _named(text: object, otherwise: str) -> Text:
    words = text if isinstance(text, dict) else {}
    vi, en = str(words.get("vi") or "").strip(), str(words.get("en") or "").strip()
    return fit(vi=vi or en or otherwise, en=en or vi or otherwise)


def text_of(built: Built, questions: Known) -> str:
    """The condition the rows say; empty where none is filled in. Nonsense is left for the check to refuse."""
    terms = [_term(row, questions) for row in built.rows if row.fact]
    return (" and " if built.every else " or ").join(terms)


def _term(row: Row, questions: Known) -> str:
    asked = questions.get(row.fact)
    kind = asked.type if asked else ""
    match row.compared:
        case Is.ANSWERED:
            return f"{row.fact} != None"
        case Is.UNANSWERED:
            return f"{row.fact} == None"
        case Is.ONE_OF | Is.NONE_OF:
            parts = [part.strip() for part in row.value.split(";")]
            members = [_constant(part, asked) for part in parts if part]
            listed = f"({members[0]},)" if len(members) == 1 else f"({', '.join(members)})"
            return f"{row.fact} {'in' if row.compared == Is.ONE_OF else 'not in'} {listed}"
        case Is.SAME | Is.OTHER if kind == FactType.BOOLEAN and row.value.casefold() in _AFFIRMED:
            return row.fact if _AFFIRMED[row.value.casefold()] == (row.compared == Is.SAME) else f"not {row.fact}"
    operator = _OPERATORS.get(Is(row.compared), "==") if row.compared in list(Is) else "=="
    return f"{row.fact} {operator} {_constant(row.value, asked)}"


def _constant(value: str, asked: Asked | None) -> str:
    kind, digits = asked.type if asked else "", value.replace(".", "").replace(" ", "")
    if kind == FactType.INTEGER and digits.isascii() and digits.isdigit():
        return str(int(digits[:15]))
    if kind == FactType.DATE and (day := _WRITTEN_DAY.fullmatch(value)):
        value = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    if asked is not None and value not in asked.choices:
        told = value.casefold()
        value = next((key for key, label in asked.choices.items()
                      if told in (label.vi.casefold(), label.en.casefold())), value)
    quote = "\"" if "'" in value else "'"
    return f"{quote}{value}{quote}"


def unfit(row: Row, questions: Known) -> Text | None:
    """What is wrong with the answer of a row, in words; None where it fits its question."""
    asked = questions.get(row.fact)
    if asked is None or row.compared in (Is.ANSWERED, Is.UNANSWERED):
        return None
    several = row.compared in (Is.ONE_OF, Is.NONE_OF)
    parts = [part.strip() for part in (row.value.split(";") if several else [row.value]) if part.strip()]
    if not parts:
        return fit(vi=f"chưa ghi câu trả lời cho “{asked.label.vi}”", en=f"the answer to “{asked.label.en}” is missing")
    wrong = next((part for part in parts if not _fits(part, asked)), None)
    if wrong is None:
        return None
    need = _NEEDED[asked.type]
    return fit(vi=f"câu “{asked.label.vi}” cần {need.vi}, không phải “{wrong}”",
               en=f"“{asked.label.en}” needs {need.en}, not “{wrong}”")


def _fits(value: str, asked: Asked) -> bool:
    read = _constant(value, asked)
    match asked.type:
        case FactType.INTEGER:
            return read.isdigit()
        case FactType.BOOLEAN:
            return value.casefold() in _AFFIRMED
        case FactType.DATE:
            return _is_day(read[1:-1])
        case FactType.CHOICE:
            return read[1:-1] in asked.choices
    return True


def _is_day(text: str) -> bool:
    try:
        return bool(_ISO_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def answer_words(row: Row, questions: Known) -> Text:
    """The answer of a row as people write it in either language; `text_of` reads it back."""
    asked = questions.get(row.fact)
    if asked is None:
        return fit(vi=row.value or "-", en=row.value or "-")
    if asked.type == FactType.BOOLEAN and row.value in (YES, NO):
        return _YES if row.value == YES else _NO
    parts = [part.strip() for part in row.value.split(";")]
    told = [asked.choices.get(part) or fit(vi=_day(part, asked), en=_day(part, asked)) for part in parts if part]
    return fit(vi="; ".join(one.vi for one in told) or "-", en="; ".join(one.en for one in told) or "-")


def _day(value: str, asked: Asked) -> str:
    return _day_words(value) if asked.type == FactType.DATE else value


def built_from(source: str, questions: Known) -> Built | None:
    """The rows that say this condition, or None where rows cannot."""
    tree = _parsed(source)
    if tree is None:
        return None
    junction = tree if isinstance(tree, ast.BoolOp) else None
    terms = junction.values if junction else [tree]
    rows = [_row(term, questions) for term in terms]
    if len(rows) > MOST_ROWS or any(row is None for row in rows):
        return None
    every = junction is None or isinstance(junction.op, ast.And)
    return Built(tuple(row for row in rows if row is not None), every)


def _row(node: ast.expr, questions: Known) -> Row | None:
    match node:
        case ast.Name(id=name):
            return Row(name, Is.SAME, YES) if _boolean(name, questions) else None
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return Row(name, Is.SAME, NO) if _boolean(name, questions) else None
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[other]):
            return _compared(name, _COMPARED.get(type(op)), other, questions)
        case ast.Compare(left=ast.Constant() as other, ops=[op], comparators=[ast.Name(id=name)]):
            compared = _COMPARED.get(type(op))
            return _compared(name, _MIRRORED.get(compared, compared) if compared else None, other, questions)
    return None


def _boolean(name: str, questions: Known) -> bool:
    return name in questions and questions[name].type == FactType.BOOLEAN


def _compared(name: str, compared: Is | None, other: ast.expr, questions: Known) -> Row | None:
    if compared is None:
        return None
    match other:
        case ast.Constant(value=None):
            return {Is.SAME: Row(name, Is.UNANSWERED), Is.OTHER: Row(name, Is.ANSWERED)}.get(compared)
        case ast.Tuple(elts=members) | ast.List(elts=members) if compared in (Is.ONE_OF, Is.NONE_OF):
            values = [member.value for member in members if isinstance(member, ast.Constant)]
            if len(values) != len(members) or any(not _plain(value) or ";" in str(value) for value in values):
                return None
            row = Row(name, compared, "; ".join(map(str, values)))
        case ast.Constant(value=value) if _plain(value) and compared not in (Is.ONE_OF, Is.NONE_OF):
            row = Row(name, compared, str(value))
        case _:
            return None
    return row if _same(_term(row, questions), name, compared, other) else None


def _plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _same(text: str, name: str, compared: Is, other: ast.expr) -> bool:
    """Whether the row's own text says the same: a number that is compared as text must not become a number."""
    again = _parsed(text)
    if not isinstance(again, ast.Compare) or _COMPARED.get(type(again.ops[0])) is not compared:
        return False
    members, before = (_constants(node) for node in (again.comparators[0], other))
    return isinstance(again.left, ast.Name) and again.left.id == name and members == before


def _constants(node: ast.expr) -> list[tuple[type, object]]:
    found = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return [(type(one.value), one.value) for one in found if isinstance(one, ast.Constant)]


def _parsed(source: str) -> ast.expr | None:
    """None for what could never be a condition; its length bounds the parser's work."""
    source = source.strip()
    if not source or len(source) > LONGEST or "\\" in source or not source.isprintable():
        return None
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def facts_of(source: str) -> frozenset[str]:
    """The questions a condition refers to; none where it cannot be read."""
    tree = _parsed(source)
    return frozenset() if tree is None else frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def renamed(source: str, old: str, new: str) -> str:
    """The condition with a question called `new` instead of `old`; as it is where it cannot be read."""
    tree = _parsed(source)
    if tree is None:
        return source
    octets = source.strip().encode()
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == old]
    for node in sorted(found, key=lambda one: one.col_offset, reverse=True):
        octets = octets[: node.col_offset] + new.encode() + octets[node.col_offset + len(old.encode()):]
    return octets.decode()


def sentence(source: str, questions: Known) -> Text:
    """The condition in words, to stand after “khi” or “when”; its own text where it cannot be read."""
    tree = _parsed(source)
    if tree is None:
        return fit(vi=source.strip() or "…", en=source.strip() or "…")
    return fit(vi=_said(tree, questions, 0), en=_said(tree, questions, 1))


def _said(node: ast.expr, questions: Known, language: int, inside: bool = False) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            joint = ((" và ", " and ") if isinstance(op, ast.And) else (" hoặc ", " or "))[language]
            words = joint.join(_said(value, questions, language, True) for value in values)
            return f"({words})" if inside else words
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return _answer(name, _NO, questions, language)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"{('không đúng là', 'it is not so that')[language]} {_said(operand, questions, language, True)}"
        case ast.Name(id=name):
            return _answer(name, _YES, questions, language)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _comparison([left, *comparators], ops, questions, language)
        case ast.Tuple(elts=members) | ast.List(elts=members):
            return ", ".join(_said(member, questions, language) for member in members)
        case ast.Constant(value=bool() as value):
            answer = _YES if value else _NO
            return f"“{(answer.vi, answer.en)[language]}”"
        case ast.Constant(value=value):
            return _day_words(str(value))
    return ast.unparse(node)


def _day_words(value: str) -> str:
    iso = _ISO_DAY.fullmatch(value)
    return f"{iso[3]}/{iso[2]}/{iso[1]}" if iso else value


def _answer(name: str, answer: Text, questions: Known, language: int) -> str:
    return (f"trả lời “{answer.vi}” cho câu “{_label(name, questions, 0)}”",
            f"the answer to “{_label(name, questions, 1)}” is {answer.en}")[language]


def _label(name: str, questions: Known, language: int) -> str:
    asked = questions.get(name)
    return name if asked is None else (asked.label.vi, asked.label.en)[language]


def _comparison(sides: list[ast.expr], ops: list[ast.cmpop], questions: Known, language: int) -> str:
    if len(ops) == 1 and isinstance(sides[1], ast.Name) and not isinstance(sides[0], ast.Name):
        compared = _COMPARED.get(type(ops[0]))
        mirrored = {value: key for key, value in _COMPARED.items()}.get(_MIRRORED.get(compared, compared)) if compared \
            else None
        if mirrored is not None:
            return _comparison([sides[1], sides[0]], [mirrored()], questions, language)
    parts = [_side(sides[0], sides[0], questions, language)]
    for op, side in zip(ops, sides[1:], strict=True):
        parts.append(_versus(op, side, sides[0], questions, language))
    return " ".join(parts)


def _versus(op: ast.cmpop, side: ast.expr, of: ast.expr, questions: Known, language: int) -> str:
    if isinstance(side, ast.Constant) and side.value is None and isinstance(op, ast.Eq | ast.NotEq):
        words = COMPARISONS[Is.UNANSWERED if isinstance(op, ast.Eq) else Is.ANSWERED]
        return (words.vi, words.en)[language]
    compared = _COMPARED.get(type(op))
    if compared is None:
        return ast.unparse(side)
    value = _side(side, of, questions, language)
    if compared is Is.AT_LEAST and language == 0:
        return f"từ {value} trở lên"
    words = COMPARISONS[compared]
    return f"{(words.vi, words.en)[language]} {value}"


def _side(node: ast.expr, of: ast.expr, questions: Known, language: int) -> str:
    if isinstance(node, ast.Name):
        return _lower(_label(node.id, questions, language))
    if isinstance(node, ast.Tuple | ast.List):
        return ", ".join(_side(member, of, questions, language) for member in node.elts)
    asked = questions.get(of.id) if isinstance(of, ast.Name) else None
    if isinstance(node, ast.Constant) and asked is not None and node.value in asked.choices:
        choice = asked.choices[str(node.value)]
        return f"“{(choice.vi, choice.en)[language]}”"
    return _said(node, questions, language, True)


def _lower(label: str) -> str:
    """Inside a sentence; abbreviations stay as they are."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]

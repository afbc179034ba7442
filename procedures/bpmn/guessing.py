"""What a foreign file leaves to be guessed: ids, roles, the desk, facts behind conditions."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Collection, Iterable

from procedures.guards import Constant, GuardError, compile_guard
from procedures.words import CHANNEL, At, Event, Role

LONGEST = 32  # characters of an id made from a name; what is made of ids adds to it
RESERVED = frozenset((*At, *Event, CHANNEL, "verdict"))
_MADE = ("", "_done", "_gate", "_region", "_back")  # states made of a step or branch
_ID = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")

# In this order: the first that fits counts. Words of the activity come before those of its lane.
_ROLES = (
    (Role.RETURNER, r"\btrả\b(?! lại| lời| về)|\bgiao kết quả|\breturn(s|ing)?\b|\bhands? (over|out)\b|\bdeliver"),
    (Role.CLERK, r"văn thư|phát hành|đóng dấu|cấp số|\bissu(e|es|ing)\b|\bclerk|\barchiv|\bstamp"),
    (Role.SIGNER, r"(?<!đăng )(?<!trình )\bký\b(?! nhận| hiệu| gửi)|\bsign(s|ed|ing|ature)?\b|\bsignator"),
    (Role.HEAD, r"lãnh đạo|\bduyệt|trưởng phòng|phó phòng|\bapprov|\bhead\b|\bmanager|\bchief"),
    (Role.RECEPTIONIST, r"tiếp nhận|một cửa|\breceiv|\breception|\bintake|\bcounter|\bdesk\b"),
)
_LANES = (
    (Role.SIGNER, r"chủ tịch|giám đốc|\bchairman|\bdirector|\bmayor"),
    *_ROLES,
)
_DESK = re.compile(r"một cửa|tiếp nhận|trả kết quả|phục vụ hành chính công|one.stop|front.desk|\bcounter|\breception")


def is_id(text: str) -> bool:
    return _ID.match(text) is not None and "__" not in text


def slug(text: str, otherwise: str) -> str:
    """An id from a name: letters without marks, words joined by underscores."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    made = ""
    for word in words:
        if len(made) + len(word) + 1 > LONGEST and made:
            break
        made = f"{made}_{word[:LONGEST]}" if made else word[: LONGEST - 2]
    if not made:
        return otherwise
    return made if made[0].isalpha() else f"b_{made}"[:LONGEST]


def unused(wanted: str, used: Collection[str]) -> str:
    """`wanted`, with a number where it, or what is made of it, is taken or reserved."""
    taken = {name + made for name in used for made in _MADE} | RESERVED
    number, found = 1, wanted
    while any(found + made in taken for made in _MADE):
        number += 1
        found = f"{wanted}_{number}"
    return found


def role_of(task: str, lane: str) -> Role:
    for text, words in ((task, _ROLES), (lane, _LANES)):
        for role, pattern in words:
            if re.search(pattern, text.lower()):
                return role
    return Role.OFFICER


def is_desk(lane: str) -> bool:
    """The one-stop desk, which every procedure calls `centre`."""
    return _DESK.search(lane.lower()) is not None


def guard_of(condition: str) -> str | None:
    """A condition of the file in the language of our guards; None: people have to translate it.

    A bare word is one only where the file marks it as an expression: “yes” is an answer and no fact.
    """
    source = condition.strip()
    marked = re.fullmatch(r"[$#]\{(.*)\}", source)
    source = marked.group(1).strip() if marked else source
    for theirs, ours in (("&&", " and "), ("||", " or "), (r"\btrue\b", "True"), (r"\bfalse\b", "False")):
        source = re.sub(theirs, ours, source) if theirs.startswith("\\") else source.replace(theirs, ours)
    try:
        names = _names(source)
        compile_guard(source, names)
    except (GuardError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    bare = source.isidentifier()
    return source if names and all(map(is_id, names)) and (marked or not bare) else None


def _names(source: str) -> set[str]:
    if len(source) > 500:
        raise ValueError("longer than a condition may be")
    return {node.id for node in ast.walk(ast.parse(source, mode="eval")) if isinstance(node, ast.Name)}


def facts_of(guards: Iterable[str]) -> dict[str, dict[str, object]]:
    """The questions that conditions ask, their types told by what they are compared with."""
    compared: dict[str, list[Constant]] = {}
    for source in guards:
        guard = compile_guard(source, _names(source))
        for name in sorted(guard.names - {CHANNEL}):
            found = compared.setdefault(name, [])
            found += [value for fact, value in guard.compared if fact == name and value is not None]
    return {name: _fact(name, values) for name, values in compared.items()}


def _fact(name: str, values: list[Constant]) -> dict[str, object]:
    label = {"vi": name, "en": name}
    if all(isinstance(value, bool) for value in values):
        return {"type": "boolean", "label": label}
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return {"type": "integer", "label": label}
    if all(isinstance(value, str) and is_id(value) for value in values):
        choices = {str(value): {"vi": str(value), "en": str(value)} for value in values}
        return {"type": "choice", "label": label, "choices": choices}
    return {"type": "text", "label": label}

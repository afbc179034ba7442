"""JSON in one form only, so that what was signed can be written again byte for byte (docs/exchange.md)."""

from __future__ import annotations

from typing import Any
from unicodedata import is_normalized

import orjson

from engine.errors import Refused

DEEPEST = 32
LARGEST = 2**53 - 1


class NotCanonical(Refused):
    """`why` names the rule that is broken, in English: whoever wrote the sender reads it."""

    code = "malformed"
    vi = "Nội dung trao đổi không đúng dạng chuẩn: {why}."
    en = "The message is not in canonical form: {why}."


def encode(value: Any) -> bytes:
    """Raises NotCanonical for what has no canonical form."""
    _check(value, 0)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise NotCanonical(why=str(error)) from error


def decode(data: bytes) -> Any:
    """The value; raises NotCanonical for bytes that are not exactly those `encode` makes of it."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotCanonical(why=f"no JSON ({error})") from error
    if encode(value) != data:
        raise NotCanonical(why="other bytes than the canonical ones")
    return value


def _check(value: Any, depth: int) -> None:
    if type(value) is str:
        _check_text(value)
    elif type(value) is dict or type(value) is list:
        if depth == DEEPEST:
            raise NotCanonical(why=f"nested more than {DEEPEST} deep")
        for member in [*value, *value.values()] if type(value) is dict else value:
            _check(member, depth + 1)
    elif type(value) is int:
        if not -LARGEST <= value <= LARGEST:
            raise NotCanonical(why="a number beyond 2^53-1")
    elif value is not None and type(value) is not bool:
        raise NotCanonical(why=f"{type(value).__name__} is none of the types")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotCanonical(why="a text holds U+0000, which databases do not take")
    if not is_normalized("NFC", text):
        raise NotCanonical(why="a text is not in NFC")

"""Declarations as YAML files that people read and `procedures.reading` reads back to the same data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from procedures.declaration import Declaration, plain

# Letters, digits and blanks, beginning with a letter: nothing YAML could take for anything else.
_PLAIN = re.compile(r"[^\W\d_][\w ./()-]*")
_DAY_OR_LIMIT = re.compile(r"\d{4}-\d{2}-\d{2}|[1-9][0-9]{0,3} [a-z]+( [a-z]+)?")
# read as something else than text, here or by other programs
_TAKEN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def declaration_yaml(declaration: Declaration) -> str:
    """In the order of the vocabulary; what is as usual is left out."""
    return data_yaml(plain(declaration))


def data_yaml(data: object) -> str:
    """Plain data (mappings, lists, text, whole numbers, booleans, nothing) as it is."""
    return "\n".join(_block(data, 0)) + "\n"


def _block(value: object, depth: int) -> Iterator[str]:
    """Lines of what is not empty; a scalar alone is one line."""
    pad = "  " * depth
    match value:
        case Mapping() if value:
            for key, member in value.items():
                yield from _below(f"{pad}{_scalar(str(key))}:", member, depth + 1)
        case list() if value:
            for member in value:
                if isinstance(member, Mapping) and member:
                    first, *rest = _block(member, depth + 1)
                    yield f"{pad}- {first.lstrip()}"
                    yield from rest
                else:
                    yield from _below(f"{pad}-", member, depth + 1)
        case _:
            yield pad + _inline(value)


def _below(head: str, value: object, depth: int) -> Iterator[str]:
    if (isinstance(value, Mapping) and value) or (isinstance(value, list) and value and not _short(value)):
        yield head
        yield from _block(value, depth)
    else:
        yield f"{head} {_inline(value)}"


def _short(value: list[object]) -> bool:
    """A list of a few words fits its line."""
    return all(isinstance(member, str | int) and len(str(member)) <= 20 for member in value) and len(value) <= 6


def _inline(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(_inline(member) for member in value)}]"
        case Mapping():
            return "{}"
        case _:
            return _scalar(str(value))


def _scalar(text: str) -> str:
    plain = _DAY_OR_LIMIT.fullmatch(text) or (_PLAIN.fullmatch(text) and text == text.strip())
    return text if plain and text.lower() not in _TAKEN else f'"{"".join(_escaped(letter) for letter in text)}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

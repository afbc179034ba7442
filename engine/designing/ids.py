"""Ids of what administrators name: made from the Vietnamese name, so that nobody has to think of one."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

from engine.errors import Invalid
from procedures.words import CHANNEL, At, Event

LONGEST = 41
_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,40}")
# "verdict" is what a joint answer is judged by; Python's words could not stand in a condition.
RESERVED = frozenset({*At, *Event, CHANNEL, "verdict", *keyword.kwlist, *keyword.softkwlist})
# A step also reserves its id with these endings.
MADE = ("_done", "_gate", "_region", "_back")


def made_from(name: str, taken: Collection[str], otherwise: str) -> str:
    """Letters without accents, unique among `taken`; `otherwise` where the name has no letters."""
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    words = re.sub("[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not words:
        words = otherwise
    elif not words[0].isalpha():
        words = f"{otherwise}_{words}"
    words = words[: LONGEST - 4].strip("_")
    found, number = words, 1
    while not free(found, taken):
        number += 1
        found = f"{words}_{number}"
    return found


def free(wanted: str, taken: Collection[str]) -> bool:
    return wanted not in taken and wanted not in RESERVED and not wanted.endswith(MADE)


def check(wanted: str, taken: Collection[str], field: str = "key") -> None:
    """Raises Invalid for an id nobody may use."""
    if not _PATTERN.fullmatch(wanted) or "__" in wanted:
        raise Invalid({field: ("Mã gồm chữ thường không dấu, chữ số và gạch dưới, bắt đầu bằng chữ, tối đa 41 ký tự",
                               "An id has small letters without accents, digits and single underscores, "
                               "begins with a letter, and is at most 41 long")})
    if not free(wanted, taken):
        raise Invalid({field: (f"Mã “{wanted}” đã dùng hoặc dành riêng", f"The id “{wanted}” is in use or reserved")})

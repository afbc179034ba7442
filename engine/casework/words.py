"""How text is folded for searching: Vietnamese letters without their marks, composed or decomposed alike."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    """"Thạch Sà Rươl" and its decomposed twin both give "thach sa ruol"."""
    plain = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    return " ".join(plain.replace("đ", "d").split())

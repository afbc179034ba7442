"""Identifiers of agencies as they are written elsewhere: levels from left to right (Decision 20/2020), the older
reversed order (Circular 10/2016), shortened, or under a name that is no longer used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

# The group of the first level: a letter and two digits.
_TOP = re.compile(r"^[A-Z]\d{2}$")
_ZERO = re.compile(r"^0+$")


def canonical_agency(written: str, aliases: Mapping[str, str]) -> str:
    """`000.00.00.H51`, `00.00.H51` and `H51` are one and the same; `aliases` as `known_as` gives them."""
    groups = written.strip().upper().split(".")
    if _TOP.match(groups[-1]) and not _TOP.match(groups[0]):
        groups.reverse()
    while len(groups) > 1 and _ZERO.match(groups[-1]):
        groups.pop()
    found = ".".join(groups)
    return aliases.get(found, found)


def canonical_code(written: str, aliases: Mapping[str, str]) -> str:
    """A dossier's code whose agency is written as it is today: AGENCY-YYMMDD-XXXX."""
    agency, dash, rest = written.strip().partition("-")
    return f"{canonical_agency(agency, aliases)}{dash}{rest}"


def known_as(agencies: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """The agency of today by every older spelling of it."""
    return {canonical_agency(alias, {}): code for code, aliases in agencies for alias in aliases}

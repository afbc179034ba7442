"""Limits whose end would bring nothing: what is to be returned has nobody, or nowhere, to go back to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.states.findings import Finding, Severity, Where
from procedures.declaration import AtLeast, Declaration, Expiry, Parallel, Step


def unreturnable(declaration: Declaration) -> Iterator[Finding]:
    """It would be reported instead every time: not wrong, but not what was written."""
    before: str | None = None
    for phase, places in declaration.machine.phases():
        for key, place in places.items():
            where: Where = ("machine", phase.value, key)
            if isinstance(place, Parallel):
                yield from _bodies(where, place)
            elif place.expiry is Expiry.RETURN and place.party == before:
                yield _finding(
                    (*where, "expiry"), place,
                    "bước trước do cùng một nơi làm nên không có việc ký nhận; khi hết hạn chỉ báo lãnh đạo",
                    "the step before is done by the same party, so nothing is handed over; it will only be reported")
            before = None if isinstance(place, Parallel) else place.party


def _bodies(where: Where, group: Parallel) -> Iterator[Finding]:
    """Whoever is left out must not be needed."""
    needed = group.join.at_least if isinstance(group.join, AtLeast) else 1 if group.join == "any" else None
    for key, branch in group.parallel.items():
        if branch.expiry is Expiry.RETURN and (needed is None or needed >= len(group.parallel)):
            yield _finding(
                (*where, "parallel", key, "expiry"), branch,
                "nhóm này chờ đủ mọi ý kiến nên không thể bỏ qua ai; khi hết hạn chỉ báo lãnh đạo",
                "here every opinion is awaited, so nobody can be left out; it will only be reported")


def _finding(where: Where, step: Step, vi: str, en: str) -> Finding:
    return Finding(severity=Severity.AMBER, code="cannot_return", where=where,
                   vi=f"“{step.name.vi}” không trả về được: {vi}.", en=f"“{step.name.en}” cannot be returned: {en}.")

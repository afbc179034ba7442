"""What a look at a declaration found, in words a clerk understands, and where in the declaration it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from procedures.declaration import Declaration, Parallel

Where = tuple[str | int, ...]


class Severity(StrEnum):
    """Red blocks publication; amber wants a second look; a note only informs."""

    RED = "red"
    AMBER = "amber"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`where`: the path in the declaration, as in ("machine", "processing", "examining")."""

    severity: Severity
    code: str
    where: Where
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`configurations`: how many situations of a dossier were looked into, in `seconds`."""

    findings: tuple[Finding, ...]
    configurations: int
    explored_all: bool
    seconds: float

    @property
    def publishable(self) -> bool:
        return not self.of(Severity.RED)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is severity)


def sorted_by_weight(findings: Iterator[Finding] | list[Finding]) -> tuple[Finding, ...]:
    """The worst first, else in the order they were found."""
    return tuple(sorted(findings, key=lambda finding: list(Severity).index(finding.severity)))


def paths(declaration: Declaration) -> dict[str, Where]:
    """Where each step, consultation and branch is declared."""
    found: dict[str, Where] = {}
    for phase, places in declaration.machine.phases():
        for key, place in places.items():
            found[key] = where = ("machine", phase.value, key)
            if isinstance(place, Parallel):
                found |= {name: (*where, "parallel", name) for name in place.parallel}
    return found

"""How much work a procedure would bring to each party, by the limits of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from engine.foresight.durations import Minutes, in_days, minutes
from engine.states.findings import Finding, Severity
from procedures import parties
from procedures.declaration import Declaration


def load(declaration: Declaration) -> dict[str, Minutes]:
    """Working minutes a dossier asks of each party at most: its steps take all their time, none is passed over.

    A wait for an outside body is nobody's work.
    """
    found: dict[str, Minutes] = {}
    for _, _, step in declaration.machine.steps():
        if step.limit is not None and step.external is None:
            found[step.party] = found.get(step.party, Fraction(0)) + minutes(step.limit)
    return found


def load_findings(declaration: Declaration, monthly: int) -> Iterator[Finding]:
    """One note: the parties with the most work first."""
    most = sorted(load(declaration).items(), key=lambda each: -each[1])
    if not most:
        return
    said = [
        (parties.name(declaration, party), in_days(amount), in_days(amount * monthly)) for party, amount in most
    ]
    vi = "; ".join(f"{party.vi}: {one[0]} một hồ sơ, {month[0]} một tháng" for party, one, month in said)
    en = "; ".join(f"{party.en}: {one[1]} a dossier, {month[1]} a month" for party, one, month in said)
    yield Finding(
        severity=Severity.NOTE,
        code="load",
        where=("machine",),
        vi=f"Với {monthly} hồ sơ mỗi tháng, nhiều nhất (theo thời hạn từng bước): {vi}.",
        en=f"With {monthly} dossiers a month, at most (by the limits of the steps): {en}.",
    )

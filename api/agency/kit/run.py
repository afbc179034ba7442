"""`lienthong agency conformance URL`: runs every clause against an installation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from api.agency.bodies import Address
from api.agency.kit import attended, listening, naming, telling
from api.agency.kit.bench import Bench
from api.agency.kit.clauses import CLAUSES, Finding, examine
from api.agency.kit.desk import Desk
from api.agency.line import Line
from api.agency.parties import Other, Own
from api.agency.serving import listening as bound_to
from api.agency.serving import serving

# in the order their clauses are shown
PARTS = (naming, telling, listening, attended)
PLACES = {part.__name__: place for place, part in enumerate(PARTS)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """`wait`: seconds for what the other side does by itself; `interactive`: for its people, 0: none are there.
    `only`: keys of clauses, empty: all."""

    own: Own
    other: Other
    home: Address
    target: Address
    wait: float = 60
    interactive: float = 0
    only: Collection[str] = ()


def conformance(wanted: Wanted, host: str, port: int, tell: Callable[[Finding], None]) -> list[Finding]:
    """Raises OSError where we cannot listen there."""
    desk = Desk(own=wanted.own, other=wanted.other, home=wanted.home)
    bench = Bench(own=wanted.own, other=wanted.other, line=Line(wanted.own, wanted.other), desk=desk,
                  home=wanted.home, target=wanted.target, wait=wanted.wait, interactive=wanted.interactive)
    findings = []
    with serving(desk.answer, bound_to(host, port)):
        for clause in sorted(CLAUSES, key=lambda one: PLACES[one.test.__module__]):
            if not wanted.only or clause.key in wanted.only:
                findings.append(examine(clause, bench))
                tell(findings[-1])
    return findings

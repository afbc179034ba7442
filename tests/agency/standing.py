"""A simulated partner and the kit, each at its end of a line on this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.agency.bodies import Address
from api.agency.kit.clauses import Finding, Outcome
from api.agency.kit.run import Wanted, conformance
from api.agency.manners import Manner
from api.agency.parties import Other, Own, other, stranger
from api.agency.partner import Partner
from api.agency.simulating import Plan, simulated
from engine.exchange.keys import from_string
from tests.machine import free_first

KIT = Address(installation="bo-kiem-thu", agency="H51.05", unit="chuyen-mon")
PARTNER = Address(installation="co-quan-mo-phong", agency="H51.06", unit="chuyen-mon")


@dataclass
class Ends:
    """The kit at one end, whatever it tests at the other."""

    kit: Own = field(default_factory=lambda: stranger(KIT.installation))
    partner: Own = field(default_factory=lambda: stranger(PARTNER.installation))
    kit_port: int = field(default_factory=free_first)
    told: list[str] = field(default_factory=list)

    @property
    def kit_public(self) -> bytes:
        return from_string(self.kit.handed_over)

    def kit_as_other(self) -> Other:
        return other(f"http://127.0.0.1:{self.kit_port}", self.kit.handed_over)

    def partner_at(self, port: int) -> Other:
        return other(f"http://127.0.0.1:{port}", self.partner.handed_over)

    def examined(self, port: int, *, only: Collection[str] = (), wait: float = 30, interactive: float = 0,
                 ) -> list[Finding]:
        return self.examine(self.partner_at(port), PARTNER, only=only, wait=wait, interactive=interactive)

    def examine(self, tested: Other, target: Address, *, only: Collection[str] = (), wait: float = 30,
                interactive: float = 0) -> list[Finding]:
        wanted = Wanted(own=self.kit, other=tested, home=KIT, target=target, wait=wait, interactive=interactive,
                        only=only)
        return conformance(wanted, "127.0.0.1", self.kit_port, lambda finding: None)

    @contextmanager
    def partner_in(self, manner: Manner, after: float = 1.0,
                   desk: type[Partner] = Partner) -> Iterator[int]:
        plan = Plan(own=self.partner, other=self.kit_as_other(), home=PARTNER, manner=manner, after=after,
                    hosts=(KIT.agency,), desk=desk)
        with simulated(plan, "127.0.0.1", 0, lambda vi, en: self.told.append(vi)) as port:
            yield port


def failed(findings: list[Finding]) -> dict[str, str]:
    """Clause by clause, what was expected and what came."""
    return {one.clause.key: f"expected {one.expected}; came {one.came}" for one in findings
            if one.outcome is Outcome.FAILED}


def of(findings: list[Finding], outcome: Outcome) -> set[str]:
    return {one.clause.key for one in findings if one.outcome is outcome}

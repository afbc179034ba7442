"""The simulated agency in all its manners: prompt it passes the kit, otherwise it misbehaves as it says."""

from __future__ import annotations

from api.agency.kit.clauses import CLAUSES, Outcome
from api.agency.manners import Manner
from tests.agency.standing import Ends, failed, of


def test_a_prompt_partner_passes_every_clause_also_those_that_need_a_person() -> None:
    ends = Ends()
    with ends.partner_in(Manner.PROMPT) as port:
        findings = ends.examined(port, interactive=20)

    assert failed(findings) == {}
    assert of(findings, Outcome.UNTESTED) == {"revoked"}
    assert len(findings) == len(CLAUSES) >= 30

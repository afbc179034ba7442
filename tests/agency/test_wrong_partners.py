"""The kit fails partners that are wrong in one thing, and for that thing only."""

from __future__ import annotations

import pytest

from api.agency.kit.clauses import CLAUSES
from api.agency.manners import Manner
from api.agency.partner import Partner
from tests.agency import wrong
from tests.agency.standing import Ends, failed

# They wait for the other side's pauses; none of the five is wrong there.
SLOW = {"retry", "false-receipt", "redirect", "sent-from-gap", "registered", "answered", "revoked"}


@pytest.mark.parametrize(("desk", "clauses"), [
    (wrong.TakesBadSignatures, {"signature"}),
    (wrong.MakesNewReceipts, {"same-receipt"}),
    (wrong.AppliesOutOfOrder, {"order", "held-at-most"}),
    (wrong.TakesOtherContent, {"same-message-other-content"}),
    (wrong.ServesStrangers, {"documents-strangers"}),
])
def test_a_wrong_partner_fails_for_the_right_reason(desk: type[Partner], clauses: set[str]) -> None:
    ends = Ends()
    with ends.partner_in(Manner.PROMPT, desk=desk) as port:
        findings = ends.examined(port, only={one.key for one in CLAUSES} - SLOW)

    assert set(failed(findings)) == clauses

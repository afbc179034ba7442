"""The kit fails partners that are wrong in one thing, and for that thing only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.agency.kit.clauses import CLAUSES
from api.agency.manners import Manner
from api.agency.partner import Partner
from tests.agency import wrong
from tests.agency.standing import Ends, failed

# They wait for the other side's pauses; none of these is wrong there.
SLOW = {"retry", "false-receipt", "redirect", "sent-from-gap", "registered", "answered", "revoked"}


@pytest.mark.parametrize(("desk", "clauses"), [
    (wrong.TakesBadSignatures, {"signature"}),
    (wrong.MakesNewReceipts, {"same-receipt"}),
    (wrong.AppliesOutOfOrder, {"order", "held-at-most", "recall-ahead"}),
    (wrong.TakesOtherContent, {"same-message-other-content"}),
    (wrong.ServesStrangers, {"documents-strangers"}),
    (wrong.TakesOldRequests, {"requests-signed", "clock-of-requests"}),
    (wrong.OverlooksMembers, {"unknown-kind"}),
    (wrong.PullsAgain, {"more-documents"}),
    (wrong.GivesBackTwice, {"recall"}),
])
def test_a_wrong_partner_fails_for_the_right_reason(desk: type[Partner], clauses: set[str]) -> None:
    ends = Ends()
    with ends.partner_in(Manner.PROMPT, desk=desk) as port:
        findings = ends.examined(port, only={one.key for one in CLAUSES} - SLOW)

    assert set(failed(findings)) == clauses


@pytest.mark.parametrize(("desk", "clauses"), [
    (wrong.NamesNoRange, {"answered"}),
    (wrong.LeavesOutTheCode, {"registered", "answered"}),
    (wrong.AnswersSilently, {"answered"}),
])
def test_a_partner_whose_people_answer_wrongly_fails_too(desk: type[Partner], clauses: set[str]) -> None:
    ends = Ends()
    with ends.partner_in(Manner.PROMPT, desk=desk) as port:
        findings = ends.examined(port, interactive=20, only={"recall", "registered", "answered"})

    assert set(failed(findings)) == clauses


def test_the_contract_names_every_clause_in_its_section() -> None:
    chapter = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8").split("## Testing")[1]
    told = {(row[0], key) for row in re.findall(r"^\| ([A-Z][^|]+) \| (`.+`) \|$", chapter, re.MULTILINE)
            for key in re.findall(r"`([a-z-]+)`", row[1])}

    assert told == {(one.section, one.key) for one in CLAUSES}

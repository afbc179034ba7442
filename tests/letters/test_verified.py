"""The proof of a database covers letters: numbers without a gap, who signed which bytes, verdicts that hold."""

from __future__ import annotations

import psycopg
import pytest

from engine.letters import drafting, sealing
from engine.verification import verify
from tests.conftest import Fresh
from tests.letters.conftest import Desk


def test_an_issued_letter_is_proved_and_whoever_touches_it_is_found_out(desk: Desk, fresh: Fresh) -> None:
    no = desk.at_signing()
    desk.sign(no)
    desk.walk.step("sign")
    desk.issue(no)
    found = verify(desk.office)
    assert found.faults == []
    assert found.signatures == 2  # the person's file is kept beside the one that the agency sealed

    for change, where, words in (
        ("letter set number = 7", "true", "7 to 7"),
        ("letter set number = 7", "true", "gave it the number 1"),
        ("signature set sha256 = repeat('0', 64)", "kind = 'agency'", "the agency did not sign its file"),
        ("document set quality = '{\"signatures\": {\"case\": \"altered\", \"kinds\": []}}'", "replaced_by is null and "
         "quality is not null and component = 'result'", "valid, taken in as altered"),
    ):
        with psycopg.connect(fresh.superuser_url) as connection:
            connection.execute(b"set session_replication_role = replica")
            assert connection.execute(f"update {change} where {where}".encode()).rowcount == 1
            connection.commit()
            faults = verify(desk.office).faults
            assert any(words in fault for fault in faults), (change, faults)
            connection.execute(UNDO[change.partition(" ")[0]])


UNDO = {
    "letter": b"update letter set number = 1",
    "signature": b"update signature set sha256 = f.sha256 from document f where f.id = document_id",
    "document": b"update document set quality = '{\"signatures\": {\"case\": \"valid\", \"kinds\": [\"personal\", "
                b"\"agency\"]}}' where replaced_by is null and quality is not null and component = 'result'",
}


@pytest.mark.parametrize("held", [True, False])
def test_a_claim_of_somebody_without_the_post_is_named(desk: Desk, fresh: Fresh, *, held: bool) -> None:
    desk.at_signing()
    person = desk.signer if held else desk.clerk
    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("update work_item set claimed_by = %s, claimed_at = available_at where state = 'signing'",
                           (person.id,))
    faults = verify(desk.office).faults
    assert [fault.partition(": ")[2] for fault in faults] == (
        [] if held else [f"claimed by person {person.id}, who may not do it"])


def test_a_letter_on_paper_is_proved_too(desk: Desk) -> None:
    no = desk.at_signing()
    for who, step in ((desk.signer, "sign"), (desk.clerk, "issue")):
        scan = drafting.preview(desk.office, desk.walk.code, no, who, desk.walk.now)
        sealing.take_scan(desk.office, desk.asked(no, who), f"{step}.pdf", [scan], issuing=step == "issue",
                          now=desk.walk.now)
        desk.walk.step(step)

    assert verify(desk.office).faults == []

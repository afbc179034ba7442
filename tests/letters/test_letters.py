"""A result from its draft to its issue by the people who may, and everything they may not."""

from __future__ import annotations

import pytest

from engine import documents
from engine.casework import letters
from engine.desk import dossier
from engine.errors import FourEyes, Invalid, NotPossibleHere, Refused, WrongRole
from engine.letters import drafting, sealing
from engine.signing import trust
from tests.letters.conftest import Desk


def test_a_result_is_drafted_signed_numbered_and_issued_and_the_dossier_finished(desk: Desk) -> None:
    no = desk.at_signing()

    with pytest.raises(Refused, match="Sign the result"):
        desk.walk.do("sign", desk.signer)
    desk.sign(no)
    desk.walk.step("sign")
    desk.issue(no)
    desk.walk.step("issue")

    row = desk.row(no)
    assert (row["state"], row["number"], row["signed_by"], row["issued_by"]) == (
        "issued", 1, desk.signer.id, desk.clerk.id)
    assert desk.walk.states == {"returning"}
    assert [one["kind"] for one in desk.walk.of("signature", "at")] == ["personal", "agency"]
    assert desk.result()["quality"]["signatures"] == {"case": "valid", "kinds": ["personal", "agency"]}
    _, file = documents.read(desk.office, desk.result()["id"], desk.clerk, desk.walk.now)
    with file:
        found = trust.judge(desk.office, file.read(), desk.walk.now)
    assert found.ok
    assert [one.name for one in found.signatures] == [desk.signer.name, "Văn phòng Ủy ban nhân dân tỉnh"]
    assert [entry["action"] for entry in desk.walk.entries if "letter" in entry["action"]] == [
        "draft_letter", "submit_letter", "initial_letter", "sign_letter", "issue_letter"]


def test_who_wrote_it_does_not_sign_it_and_the_clerk_does_not_issue_what_nobody_signed(desk: Desk) -> None:
    no = desk.begin(actor=desk.officer)
    desk.do("submit_letter", no, desk.officer)
    desk.walk.go_to("signing")
    desk.walk.journey.register_all(desk.walk.code)

    with pytest.raises(WrongRole):
        desk.sign(no, desk.officer)
    with pytest.raises(WrongRole):
        desk.issue(no, desk.signer)


def test_the_signer_who_changed_the_text_himself_may_not_sign_it(desk: Desk) -> None:
    no = desk.at_signing()
    desk.do("return_letter", no, desk.signer, reason="Sửa lời văn")
    row = desk.row(no)
    drafting.save(desk.office, desk.asked(no, desk.signer), f"{row['title']}, sửa", row["content"], desk.walk.now)
    desk.do("submit_letter", no, desk.signer)

    with pytest.raises(FourEyes):
        desk.sign(no)


def test_a_text_that_was_changed_meanwhile_is_not_overwritten_and_not_signed(desk: Desk) -> None:
    no = desk.begin()
    row, mine, theirs = desk.row(no), desk.asked(no, desk.officer), desk.asked(no, desk.officer)
    drafting.save(desk.office, mine, "Tên một", row["content"], desk.walk.now)

    with pytest.raises(letters.LetterChanged):
        drafting.save(desk.office, theirs, "Tên hai", row["content"], desk.walk.now)
    assert desk.row(no)["title"] == "Tên một"


def test_a_letter_must_say_something(desk: Desk) -> None:
    no = desk.begin()

    with pytest.raises(Invalid) as refusal:
        drafting.save(desk.office, desk.asked(no, desk.officer), "", {"body": " "}, desk.walk.now)
    assert set(refusal.value.fields) == {"title", "body", "position"}


def test_what_was_remarked_must_be_settled_before_it_is_signed(desk: Desk) -> None:
    no = desk.at_signing()
    desk.do("remark_letter", no, desk.head, words="Thiếu căn cứ.")

    with pytest.raises(Refused, match="not settled"):
        desk.sign(no)
    remark = desk.view(no, desk.head).remarks[0]
    drafting.settle(desk.office, desk.asked(no, desk.head), remark.id, desk.walk.now)
    desk.sign(no)

    assert desk.row(no)["state"] == "signed"


def test_the_number_is_the_same_however_often_it_is_asked_for_and_the_next_one_follows(desk: Desk) -> None:
    first = desk.at_signing()
    desk.sign(first)
    desk.walk.step("sign")
    asked = desk.asked(first, desk.clerk)
    assert [sealing.take_number(desk.office, asked, desk.walk.now) for _ in range(3)] == [1, 1, 1]
    noted = desk.walk.rows("select actor_id, details from event_log where kind = 'letter_numbered'")
    assert noted == [{"actor_id": desk.clerk.id, "details": {"code": desk.walk.code, "letter": first, "number": 1}}]
    desk.do("cancel_letter", first, desk.signer, reason="Nhầm mẫu")
    assert desk.row(first)["number"] == 1

    again = desk.begin(actor=desk.clerk)
    desk.do("submit_letter", again, desk.clerk)
    desk.sign(again)
    desk.issue(again)

    assert desk.row(again)["number"] == 2


def test_a_result_without_number_and_seal_does_not_go_out(desk: Desk) -> None:
    no = desk.at_signing()
    desk.sign(no)
    desk.walk.step("sign")

    with pytest.raises(Refused, match="no number and agency signature"):
        desk.walk.do("issue", desk.clerk)


def test_a_signed_result_that_is_replaced_stays_and_both_verify(desk: Desk) -> None:
    first = desk.at_signing()
    desk.sign(first)
    desk.walk.step("sign")
    desk.issue(first)
    desk.walk.step("issue")
    desk.walk.step("send_back", reason="Sai tên")
    old = desk.result()

    clerk = desk.who("H51.01/van-thu:clerk#1")
    second = drafting.replace(desk.office, desk.walk.code, first, clerk, "replace-1", desk.walk.now)
    desk.do("submit_letter", second, clerk)
    desk.sign(second)
    desk.issue(second)
    desk.walk.step("issue")

    assert desk.walk.states == {"returning"}
    assert [(row["state"], row["replaced_by"]) for row in desk.walk.of("letter", "no")] == [
        ("replaced", second), ("issued", None)]
    for document in (old, desk.result()):
        _, file = documents.read(desk.office, document["id"], desk.clerk, desk.walk.now)
        with file:
            assert trust.judge(desk.office, file.read(), desk.walk.now).ok
    assert next(row for row in desk.walk.of("document") if row["id"] == old["id"])["replaced_by"] is not None


def test_a_letter_that_is_not_there_or_not_in_that_state(desk: Desk) -> None:
    no = desk.begin()

    with pytest.raises(NotPossibleHere):
        desk.do("initial_letter", no, desk.head)
    with pytest.raises(WrongRole):
        desk.begin(actor=desk.walk.cast["H51.02/tiep-nhan:receptionist"])
    at_the_desk = dossier(desk.office, desk.walk.code, desk.walk.cast["H51.02/tiep-nhan:receptionist"], desk.walk.now)
    assert set(at_the_desk.drafts) == {"supplement", "refusal", "apology", "stop", "other"}


def test_no_dossier_collects_letters_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST", 2)
    desk.begin()
    desk.begin()

    with pytest.raises(Refused):
        desk.begin()

    assert len(desk.walk.of("letter")) == 2

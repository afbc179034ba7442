"""Paper that comes back as a scan, letters of the desk, somebody who stands in, and programs that talk to a token."""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine import timekeeper
from engine.absences import register
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, Refused
from engine.letters import drafting, sealing
from engine.office import Office
from engine.settings import Settings
from tests.api.web import Web, serving
from tests.journey import Cast
from tests.letters.conftest import LEADERS, Desk
from tests.signing.held import token


def scan(desk: Desk, no: int) -> bytes:
    return drafting.preview(desk.office, desk.walk.code, no, desk.signer, desk.walk.now)


def test_a_letter_signed_on_paper_is_numbered_sealed_and_scanned_again(desk: Desk) -> None:
    no = desk.at_signing()
    sealing.take_scan(desk.office, desk.asked(no, desk.signer, position="CHỦ TỊCH"), "ky.pdf", [scan(desk, no)],
                      issuing=False, now=desk.walk.now)
    desk.walk.step("sign")
    with pytest.raises(Refused, match="on paper"):
        desk.issue(no)
    sealing.take_scan(desk.office, desk.asked(no, desk.clerk), "dau.pdf", [scan(desk, no)], issuing=True,
                      now=desk.walk.now)
    desk.walk.step("issue")

    assert [(one["kind"], one["adapter"], one["position"]) for one in desk.walk.of("signature", "at")] == [
        ("wet", "wet", "CHỦ TỊCH"), ("wet", "wet", "")]
    assert (desk.row(no)["state"], desk.row(no)["number"]) == ("issued", 1)
    assert desk.walk.states == {"returning"}


def test_a_scan_does_not_take_the_place_of_what_was_signed_digitally(desk: Desk) -> None:
    no = desk.at_signing()
    desk.sign(no)
    desk.walk.step("sign")

    with pytest.raises(Refused, match="digitally"):
        sealing.take_scan(desk.office, desk.asked(no, desk.clerk), "khac.pdf", [scan(desk, no)], issuing=True,
                          now=desk.walk.now)
    assert desk.row(no)["state"] == "signed"


def test_asked_twice_it_is_signed_and_issued_once(desk: Desk) -> None:
    no = desk.at_signing()
    asked = desk.asked(no, desk.signer)
    for _ in range(2):
        sealing.sign(desk.office, asked, desk.walk.now)
    desk.walk.step("sign")
    asked = desk.asked(no, desk.clerk)
    for _ in range(2):
        sealing.issue(desk.office, asked, desk.walk.now)

    assert len(desk.walk.of("signature")) == 2
    assert desk.row(no)["number"] == 1


def test_a_cancelled_result_does_not_go_out(desk: Desk) -> None:
    no = desk.at_signing()
    desk.sign(no)
    desk.walk.step("sign")
    desk.issue(no)
    desk.do("cancel_letter", no, desk.signer, reason="Sai căn cứ")

    with pytest.raises(Refused, match="was cancelled"):
        desk.walk.do("issue", desk.clerk)
    with pytest.raises(NotPossibleHere):
        desk.do("cancel_letter", no, desk.signer, reason="Lần nữa")
    assert desk.row(no)["number"] == 1


def test_the_desk_writes_signs_and_numbers_its_own_forms(desk: Desk) -> None:
    receptionist = desk.who("H51.02/tiep-nhan:receptionist")
    manager = desk.who("H51.02/tiep-nhan:manager")
    no = desk.begin("supplement", receptionist)
    desk.do("submit_letter", no, receptionist)
    sealing.sign(desk.office, desk.asked(no, manager), desk.walk.now)
    sealing.issue(desk.office, desk.asked(no, receptionist), desk.walk.now)

    row = desk.row(no)
    assert (row["state"], row["book"], row["number"], row["agency"]) == ("issued", "HDHS", 1, "H51.02")
    document = next(one for one in desk.walk.of("document") if one["id"] == row["document_id"])
    assert (document["component"], document["quality"]["signatures"]["case"]) == ("other", "valid")


def test_who_signs_in_somebodys_place_is_named_with_him(desk: Desk) -> None:
    no = desk.at_signing()
    absent, substitute = desk.signer, desk.who(f"{LEADERS}:head")
    today = desk.walk.now.astimezone(ZONE).date()
    away = register.Asked(person=absent.id, substitute=substitute.id, first=today, last=today + timedelta(days=5),
                          reason="Đi họp")
    register.enter(desk.office, absent, away, desk.walk.now)

    assert desk.view(no, substitute).stands_for == absent.name
    desk.sign(no, substitute, position="KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")

    row = desk.walk.of("signature")[0]
    assert (row["person_id"], row["for_id"], row["position"]) == (
        substitute.id, absent.id, "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")
    assert absent.name in desk.walk.entries[-1]["actor_name"]


@pytest.fixture
def web(office: Office, cast: Cast, tmp_path: Path) -> Iterator[Web]:
    with serving(office, cast, Settings(home=tmp_path)) as running:
        yield running


def test_a_program_fetches_the_digest_and_brings_the_signature(desk: Desk, web: Web, tmp_path: Path) -> None:
    no = desk.at_signing()
    desk.walk.journey.now = max(desk.walk.now, timekeeper.now())  # the server's clock is the machine's
    with token("rsa", tmp_path / "trust" / "token.pem") as held:
        waiting = desk.sign(no, certificate=held.certificate)
        person = web.sign_in(f"{LEADERS}:signer")
        told = person.get(f"/signing-requests/{waiting.id}").json()
        assert told["digest"] == b64encode(waiting.digest).decode()
        wrong = person.post(f"/signing-requests/{waiting.id}", {"signature": b64encode(b"x" * 256).decode()})
        right = person.post(f"/signing-requests/{waiting.id}",
                            {"signature": b64encode(held.sign(waiting.digest)).decode()})
        again = person.post(f"/signing-requests/{waiting.id}", {"signature": b64encode(b"x" * 256).decode()})

    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_signature")
    assert (right.status_code, right.json()["kind"]) == (200, "personal")
    assert again.status_code == 409
    assert person.get(f"/signing-requests/{uuid.uuid4()}").status_code == 404
    assert desk.row(no)["state"] == "signed"

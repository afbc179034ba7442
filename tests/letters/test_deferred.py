"""The signer's token is a process of its own: the digest goes out, the signature comes back over the interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import NotFound, Refused
from engine.letters import sealing
from engine.signing.port import WrongSignature
from tests.letters.conftest import LEADERS, Desk
from tests.signing.held import Held, token


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    """Its root is trusted here."""
    with token("rsa", tmp_path / "trust" / "token.pem") as process:
        yield process


def test_signed_by_token_sealed_by_token_and_the_dossier_finished(desk: Desk, held: Held, tmp_path: Path) -> None:
    no = desk.at_signing()
    waiting = desk.sign(no, certificate=held.certificate)
    assert desk.row(no)["state"] == "submitted"

    sealing.finish(desk.office, waiting.id, held.sign(waiting.digest), desk.signer, desk.walk.now)
    assert desk.row(no)["state"] == "signed"
    desk.walk.step("sign")
    with token("ecdsa", tmp_path / "trust" / "agency.pem") as agency:
        waiting = desk.issue(no, certificate=agency.certificate)
        sealing.finish(desk.office, waiting.id, agency.sign(waiting.digest), desk.clerk, desk.walk.now)
    desk.walk.step("issue")

    assert desk.walk.states == {"returning"}
    assert [(one["kind"], one["adapter"]) for one in desk.walk.of("signature", "at")] == [
        ("personal", "deferred"), ("agency", "deferred")]
    assert "Lê Thị Thùy Dương" in desk.walk.of("signature", "at")[0]["subject"]
    assert desk.row(no)["number"] == 1


def test_a_wrong_signature_is_refused_and_the_right_one_still_taken_once(desk: Desk, held: Held) -> None:
    no = desk.at_signing()
    waiting = desk.sign(no, certificate=held.certificate)

    with pytest.raises(WrongSignature):
        sealing.finish(desk.office, waiting.id, held.sign(b"\x00" * 32), desk.signer, desk.walk.now)
    sealing.finish(desk.office, waiting.id, held.sign(waiting.digest), desk.signer, desk.walk.now)
    with pytest.raises(sealing.Expired):
        sealing.finish(desk.office, waiting.id, held.sign(waiting.digest), desk.signer, desk.walk.now)


def test_what_came_too_late_or_from_somebody_else_is_refused(desk: Desk, held: Held) -> None:
    no = desk.at_signing()
    waiting = desk.sign(no, certificate=held.certificate)
    signature = held.sign(waiting.digest)

    with pytest.raises(NotFound):
        sealing.finish(desk.office, waiting.id, signature, desk.who(f"{LEADERS}:signer#1"), desk.walk.now)
    with pytest.raises(sealing.Expired):
        sealing.finish(desk.office, waiting.id, signature, desk.signer, desk.walk.now + timedelta(hours=1))
    assert desk.row(no)["state"] == "submitted"


def test_a_letter_that_was_returned_while_the_token_signed_is_not_signed(desk: Desk, held: Held) -> None:
    no = desk.at_signing()
    waiting = desk.sign(no, certificate=held.certificate)
    desk.do("return_letter", no, desk.signer, reason="Sửa lại")

    with pytest.raises(Exception, match="not possible"):
        sealing.finish(desk.office, waiting.id, held.sign(waiting.digest), desk.signer, desk.walk.now)


def test_a_token_whose_root_is_not_trusted_here_signs_nothing(desk: Desk, tmp_path: Path) -> None:
    no = desk.at_signing()
    with token("rsa", tmp_path / "elsewhere" / "root.pem") as stranger:
        waiting = desk.sign(no, certificate=stranger.certificate)

        with pytest.raises(Refused, match="not issued by an authority"):
            sealing.finish(desk.office, waiting.id, stranger.sign(waiting.digest), desk.signer, desk.walk.now)


def test_the_seal_of_an_agency_is_no_signature_of_a_person(desk: Desk, tmp_path: Path) -> None:
    no = desk.at_signing()
    with token("ecdsa", tmp_path / "trust" / "root.pem") as agency:
        waiting = desk.sign(no, certificate=agency.certificate)

        with pytest.raises(Refused, match="competent person is missing"):
            sealing.finish(desk.office, waiting.id, agency.sign(waiting.digest), desk.signer, desk.walk.now)

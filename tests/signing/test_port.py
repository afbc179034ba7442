"""What every adapter of the port must do: the key here, or in a process that never sees the file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.printing import typeset
from engine.settings import Settings
from engine.signing.port import (
    AGENCY,
    PERSON,
    Certificate,
    Place,
    Prepared,
    Token,
    UnfitCertificate,
    WrongSignature,
    check_certificate,
    finish,
    prepare,
    sign,
    with_fields,
)
from engine.signing.testpki import TestKeys
from engine.signing.verdict import Case, Trust, verdict
from tests.signing.held import Held, token

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Signs = Callable[[bytes, str], bytes]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("typ")
    (folder / "paper.typ").write_text('#set page("a4")\n#json(bytes(sys.inputs.data)).said', encoding="utf-8")
    made = typeset.pdf("paper.typ", {"said": "Cho phép"}, folder=folder)
    return with_fields(made, [Place(PERSON, 0, (300, 100, 500, 200)), Place(AGENCY, 0, (50, 700, 500, 750))])


@pytest.fixture(scope="module", params=["software", "token-rsa", "token-ecdsa"])
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Signs, Trust]]:
    folder = tmp_path_factory.mktemp("keys")
    if request.param == "software":
        keys = TestKeys(folder)

        def signs(pdf: bytes, field: str) -> bytes:
            done = sign(pdf, field, keys.of_person(7, "Lê Thị Thùy Dương"), NOW)
            assert isinstance(done, bytes)
            return done

        yield signs, Trust(tuple(keys.roots()))
        return
    with token(request.param.removeprefix("token-"), folder / "root.pem") as held:
        yield _by_token(held), Trust((_der(folder / "root.pem"),))


def _by_token(held: Held) -> Signs:
    def signs(pdf: bytes, field: str) -> bytes:
        key = Token(check_certificate(held.certificate, NOW))
        waiting = sign(pdf, field, key, NOW)
        assert isinstance(waiting, Prepared)
        kept = Prepared.resume(waiting.pdf, waiting.state())
        return finish(kept, key.certificate, held.sign(kept.digest))

    return signs


def _der(path: Path) -> bytes:
    return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)


def test_what_it_signs_verifies_and_keeps_every_byte_that_was_there(adapter: tuple[Signs, Trust], paper: bytes) -> None:
    signs, trust = adapter

    first = signs(paper, PERSON)
    second = signs(first, AGENCY)

    assert first.startswith(paper)
    assert second.startswith(first)
    assert verdict(first, trust, NOW).ok
    assert [one.case for one in verdict(second, trust, NOW).signatures] == [Case.VALID, Case.VALID]


def test_a_field_is_signed_once(adapter: tuple[Signs, Trust], paper: bytes) -> None:
    signs, _ = adapter

    with pytest.raises(Exception, match="filled"):
        signs(signs(paper, PERSON), PERSON)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> TestKeys:
    return TestKeys(tmp_path_factory.mktemp("more-keys"))


def test_a_signature_by_another_key_or_of_another_digest_is_refused(keys: TestKeys, paper: bytes) -> None:
    mine, other = keys.of_person(1, "Một"), keys.of_person(2, "Hai")
    prepared = prepare(paper, PERSON, mine.certificate, NOW)

    for signature in (other.sign(prepared.digest), mine.sign(hashlib.sha256(b"x").digest()), b"", b"\x00" * 256):
        with pytest.raises(WrongSignature):
            finish(prepared, mine.certificate, signature)


def test_a_file_that_was_changed_while_it_waited_is_refused(keys: TestKeys, paper: bytes) -> None:
    mine = keys.of_person(1, "Một")
    prepared = prepare(paper, PERSON, mine.certificate, NOW)
    changed = replace(prepared, pdf=prepared.pdf[:200] + bytes([prepared.pdf[200] ^ 1]) + prepared.pdf[201:])

    with pytest.raises(WrongSignature):
        finish(changed, mine.certificate, mine.sign(prepared.digest))


def test_a_certificate_out_of_force_or_unreadable_does_not_begin(keys: TestKeys) -> None:
    der = keys.of_person(1, "Một").certificate.der

    assert check_certificate(der, NOW) == Certificate(der)
    with pytest.raises(UnfitCertificate):
        check_certificate(der, NOW + timedelta(days=40 * 365))
    with pytest.raises(UnfitCertificate):
        check_certificate(b"x", NOW)


def test_keys_are_made_once_and_kept_for_their_owner_only(keys: TestKeys, tmp_path: Path) -> None:
    fresh = TestKeys(tmp_path / "keys")

    assert fresh.of_person(1, "Một").certificate == fresh.of_person(1, "Một").certificate
    assert fresh.of_agency("H51.01", "VP").certificate != fresh.of_agency("H51.02", "TT").certificate
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").glob("*.pem")} == {0}


def test_behind_tls_nobody_signs_with_test_keys_unless_it_is_asked_for() -> None:
    assert Settings(secure_cookies=False).test_keys
    assert not Settings(secure_cookies=True).test_keys
    assert Settings(secure_cookies=True, trial_keys=True).test_keys
    assert not Settings(secure_cookies=False, trial_keys=False).test_keys

"""Signed, altered, wrongly chained and expired PDFs get the right verdict, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.stamp import TextStamp, TextStampStyle

from engine.printing import typeset
from engine.signing.port import AGENCY, PERSON, Certificate, Place, finish, prepare, with_fields
from engine.signing.testpki import AGENCY_ID, PERSON_ID, Authority, SoftwareKey, agency_key, person_key, root, under
from engine.signing.verdict import Case, Trust, verdict

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def issuer() -> Authority:
    return under(root())


@pytest.fixture(scope="module")
def signer(issuer: Authority) -> SoftwareKey:
    return issuer.issue("Lê Thị Thùy Dương", PERSON_ID + "TEST1", person_key())


@pytest.fixture(scope="module")
def agency(issuer: Authority) -> SoftwareKey:
    return issuer.issue("Văn phòng Ủy ban nhân dân tỉnh", AGENCY_ID + "H51.01", agency_key())


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("typ")
    (folder / "paper.typ").write_text('#set page("a4")\n#json(bytes(sys.inputs.data)).at("said")', encoding="utf-8")
    made = typeset.pdf("paper.typ", {"said": "Cho phép tổ chức hội nghị"}, folder=folder)
    return with_fields(made, [Place(PERSON, 0, (300, 100, 500, 200)), Place(AGENCY, 0, (50, 700, 500, 750))])


@pytest.fixture(scope="module")
def trust(issuer: Authority) -> Trust:
    return Trust((issuer.above[-1],))


def signed(pdf: bytes, field: str, key: SoftwareKey, at: datetime = NOW) -> bytes:
    prepared = prepare(pdf, field, key.certificate, at)
    return finish(prepared, key.certificate, key.sign(prepared.digest))


@pytest.fixture(scope="module")
def both(paper: bytes, signer: SoftwareKey, agency: SoftwareKey) -> bytes:
    return signed(signed(paper, PERSON, signer), AGENCY, agency)


def case(pdf: bytes, trust: Trust) -> Case:
    return verdict(pdf, trust, NOW + timedelta(hours=1)).case


def test_two_signatures_one_after_the_other_are_both_valid(both: bytes, trust: Trust) -> None:
    found = verdict(both, trust, NOW + timedelta(hours=1))

    assert found.ok
    assert [(one.kind, one.name) for one in found.signatures] == [
        ("personal", "Lê Thị Thùy Dương"), ("agency", "Văn phòng Ủy ban nhân dân tỉnh")]
    assert [one.at for one in found.signatures] == [NOW, NOW]
    assert found.lacking(("personal", "agency")) is None


def test_a_file_without_signatures_is_unsigned(paper: bytes, trust: Trust) -> None:
    assert case(paper, trust) is Case.UNSIGNED


def test_what_one_of_the_two_has_not_signed_is_lacking(paper: bytes, signer: SoftwareKey, agency: SoftwareKey,
                                                       trust: Trust) -> None:
    by_person, by_agency = signed(paper, PERSON, signer), signed(paper, AGENCY, agency)

    assert verdict(by_person, trust, NOW).lacking(("personal", "agency")) is Case.AGENCY_MISSING
    assert verdict(by_agency, trust, NOW).lacking(("personal", "agency")) is Case.PERSON_MISSING


def test_a_word_stamped_on_after_signing_is_found_though_the_signatures_are_intact(both: bytes, trust: Trust) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(both))
    TextStamp(writer, TextStampStyle(stamp_text="500 million")).apply(0, 200, 400)
    out = BytesIO()
    writer.write(out)

    assert case(out.getvalue(), trust) is Case.ALTERED


def test_anything_at_all_behind_the_last_signature_is_found(both: bytes, trust: Trust) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(both))
    writer.root["/Note"] = writer.add_object(writer.root.raw_get("/Pages").get_object().__class__())
    writer.update_root()
    out = BytesIO()
    writer.write(out)

    assert case(out.getvalue(), trust) is Case.ALTERED


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5])
def test_one_flipped_bit_is_found(both: bytes, trust: Trust, place: float) -> None:
    at = int(len(both) * place)
    found = case(both[:at] + bytes([both[at] ^ 1]) + both[at + 1:], trust)

    assert found in (Case.BROKEN, Case.UNREADABLE, Case.ALTERED)


def test_another_root_is_not_believed_even_under_the_same_name(paper: bytes, trust: Trust) -> None:
    forged = under(root()).issue("Lê Thị Thùy Dương", PERSON_ID + "TEST1", person_key())

    assert case(signed(paper, PERSON, forged), trust) is Case.UNTRUSTED


def test_a_certificate_that_had_expired_when_it_was_used(paper: bytes, issuer: Authority, trust: Trust) -> None:
    old = issuer.issue("Lê Thị Thùy Dương", PERSON_ID + "TEST1", person_key(), until=NOW - timedelta(days=1))

    assert case(signed(paper, PERSON, old), trust) is Case.EXPIRED


def test_what_was_signed_in_time_stays_valid_after_the_certificate_has_expired(
        paper: bytes, issuer: Authority, trust: Trust) -> None:
    old = issuer.issue("Lê Thị Thùy Dương", PERSON_ID + "TEST1", person_key(), until=NOW + timedelta(days=1))

    assert verdict(signed(paper, PERSON, old), trust, NOW + timedelta(days=30)).ok


def test_a_revoked_certificate(both: bytes, issuer: Authority, signer: SoftwareKey, trust: Trust) -> None:
    told = replace(trust, revoked=(issuer.revoke([signer.certificate.der], NOW),))

    found = verdict(both, told, NOW + timedelta(hours=1))
    assert [one.case for one in found.signatures] == [Case.REVOKED, Case.VALID]
    assert found.case is Case.REVOKED


def test_a_list_of_revoked_certificates_by_somebody_else_says_nothing(both: bytes, signer: SoftwareKey,
                                                                     trust: Trust) -> None:
    stranger = under(root())

    assert verdict(both, replace(trust, revoked=(stranger.revoke([signer.certificate.der], NOW),)),
                   NOW + timedelta(hours=1)).ok


@pytest.mark.parametrize("rubbish", [b"", b"%PDF-1.7\n", b"\x00" * 5000, b"%PDF-1.7\n" + b"[" * 200_000])
def test_what_is_no_pdf_is_unreadable(rubbish: bytes, trust: Trust) -> None:
    assert case(rubbish, trust) is Case.UNREADABLE


def test_a_certificate_names_its_owner(signer: SoftwareKey) -> None:
    named = Certificate(signer.certificate.der).named()

    assert "Lê Thị Thùy Dương" in named["subject"]
    assert "không có giá trị pháp lý" in named["issuer"]

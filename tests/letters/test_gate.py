"""What is uploaded as a result is looked at before the dossier may be signed and finished."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from engine import documents
from engine.errors import Refused
from engine.letters import layout
from engine.signing import port, trust
from engine.signing.port import PERSON
from engine.signing.testpki import PERSON_ID, SoftwareKey, person_key, root, under
from tests.letters.conftest import Desk


def sheets(desk: Desk) -> bytes:
    issuer = {"agency": "Văn phòng", "above": "", "place": "Sóc Trăng"}
    return layout.to_be_signed(layout.sheets({"body": "Cho phép."}, "Quyết định", issuer, desk.walk.code, draft=False))


def signed(desk: Desk, key: SoftwareKey) -> bytes:
    done = port.sign(sheets(desk), PERSON, key, desk.walk.now)
    assert isinstance(done, bytes)
    return done


def of_signer(desk: Desk) -> SoftwareKey:
    keys = trust.keys(desk.office)
    assert keys is not None
    return keys.of_person(desk.signer.id, desk.signer.name)


def altered(pdf: bytes) -> bytes:
    writer, out = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    writer.root["/Added"] = writer.add_object(generic.DictionaryObject())
    writer.update_root()
    writer.write(out)
    return out.getvalue()


def upload(desk: Desk, pdf: bytes) -> None:
    desk.walk.go_to("signing")
    desk.walk.journey.register_all(desk.walk.code)
    told = documents.Upload(code=desk.walk.code, component="result", name="ket-qua.pdf",
                            declared_type="application/pdf", actor=desk.signer, key=str(uuid.uuid4()))
    documents.attach(desk.office, told, [pdf], desk.walk.now)


def test_a_scan_is_signed_by_the_signers_own_act(desk: Desk) -> None:
    upload(desk, sheets(desk))

    desk.walk.do("sign", desk.signer)
    desk.walk.step("issue")

    row = desk.walk.of("signature")[0]
    assert (row["kind"], row["adapter"], row["person_id"], row["sha256"]) == (
        "wet", "wet", desk.signer.id, desk.result()["sha256"])
    assert desk.walk.states == {"returning"}


def test_a_file_signed_elsewhere_with_a_key_that_is_trusted_goes_out(desk: Desk) -> None:
    upload(desk, signed(desk, of_signer(desk)))

    desk.walk.do("sign", desk.signer)
    desk.walk.step("issue")

    assert desk.result()["quality"]["signatures"] == {"case": "valid", "kinds": ["personal"]}
    assert desk.walk.of("signature") == []
    assert desk.walk.states == {"returning"}


def test_a_file_that_was_signed_and_then_altered_is_refused_in_words(desk: Desk) -> None:
    upload(desk, altered(signed(desk, of_signer(desk))))

    with pytest.raises(Refused) as refusal:
        desk.walk.do("sign", desk.signer)
    assert "bị thêm hoặc sửa sau khi ký" in refusal.value.message()
    assert desk.walk.states == {"signing"}


def test_an_altered_file_put_in_place_of_the_signed_one_does_not_go_out(desk: Desk) -> None:
    upload(desk, signed(desk, of_signer(desk)))
    desk.walk.do("sign", desk.signer)
    told = documents.Upload(code=desk.walk.code, component="result", name="khac.pdf", declared_type="application/pdf",
                            actor=desk.clerk, key=str(uuid.uuid4()))
    documents.attach(desk.office, told, [altered(signed(desk, of_signer(desk)))], desk.walk.now)

    with pytest.raises(Refused, match="added or changed"):
        desk.walk.do("issue", desk.clerk)


@pytest.mark.parametrize("why", ["not issued by an authority", "not in force"])
def test_a_wrong_chain_and_an_expired_certificate_are_refused(desk: Desk, why: str) -> None:
    issuer = under(root())
    folder = desk.office.spool.folder.parent / "trust"
    folder.mkdir()
    if why == "not in force":
        (folder / "root.crt.pem").write_bytes(pem(issuer.above[-1]))
    key = issuer.issue("Lê Thị Thùy Dương", PERSON_ID + "X", person_key(),
                       until=desk.walk.now - timedelta(days=1) if why == "not in force"
                       else desk.walk.now + timedelta(days=1))
    upload(desk, signed(desk, key))

    with pytest.raises(Refused, match=why):
        desk.walk.do("sign", desk.signer)


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)

"""Scans over HTTP: streamed in, refused with the reason, given out as attachments to those who may see the dossier."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO

import pytest

from engine.office import Office
from storage.faults import LARGEST
from storage.objects import ObjectStore
from tests import samples
from tests.api.conftest import DESK, OFFICER
from tests.api.web import Session, Web, key, serving
from tests.journey import Cast


@pytest.fixture
def code(desk: Session) -> str:
    return desk.received()


def documents(session: Session, code: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = session.get(f"/dossiers/{code}").json()["documents"]
    return found


def test_a_scan_comes_back_byte_for_byte_as_an_attachment(desk: Session, code: str) -> None:
    content = samples.pdf()
    assert desk.attach(code, content, name="Đơn đề nghị.pdf").status_code == 201
    row = next(row for row in documents(desk, code) if row["component"] == "plan")
    assert (row["state"], row["sha256"]) == ("stored", hashlib.sha256(content).hexdigest())
    answer = desk.get(f"/documents/{row['id']}")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "Don de nghi.pdf" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(("content", "kind", "name"), [
    (samples.jpeg(), "image/jpeg", "a.jpg"), (samples.png(), "image/png", "a.png"), (samples.pdf(), "", "a.pdf"),
], ids=["JPEG", "PNG", "PDF without a type"])
def test_pictures_are_scans_too(desk: Session, code: str, content: bytes, kind: str, name: str) -> None:
    assert desk.attach(code, content, kind=kind or "application/octet-stream", name=name).status_code == 201


def test_a_large_scan_streams_through(desk: Session, code: str) -> None:
    """Twelve pages at 300 dpi; sent in pieces, without a length."""
    content = samples.pdf(pages=6)
    sent = (content[at:at + 10_000] for at in range(0, len(content), 10_000))
    answer = desk.attach(code, sent)
    assert answer.status_code == 201
    row = next(row for row in documents(desk, code) if row["component"] == "plan")
    assert row["size"] == len(content)


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty"), (b"MZ\x90\x00" + bytes(2000), "mismatch"), (samples.HTML, "mismatch"),
    (samples.truncated(samples.pdf()), "damaged"), (samples.encrypted_pdf(), "encrypted"),
    (samples.archive(), "mismatch"),
], ids=["empty", "program", "page", "truncated", "encrypted", "archive"])
def test_a_file_that_is_no_good_scan_is_refused_with_the_reason(
        desk: Session, code: str, content: bytes, reason: str) -> None:
    refused = desk.attach(code, content)
    told = refused.json()
    assert (refused.status_code, told["code"], told["data"]["reason"]) == (422, "unacceptable_file", reason)
    assert told["data"]["reason_vi"] in told["detail"]
    assert all(row["state"] == "promised" for row in documents(desk, code))


def test_a_file_of_more_than_25_mb_is_refused_however_it_is_sent(desk: Session, code: str) -> None:
    with_length = desk.attach(code, samples.pdf() + bytes(LARGEST + 1024 * 1024))
    assert (with_length.status_code, with_length.json()["code"]) == (413, "too_large")

    def pieces() -> Iterator[bytes]:
        yield samples.pdf()
        for _ in range(27):
            yield bytes(1024 * 1024)

    without = desk.attach(code, pieces())
    assert (without.status_code, without.json()["code"]) == (413, "unacceptable_file")
    assert without.json()["data"]["reason"] == "too_large"


def test_the_same_upload_sent_again_is_attached_once(desk: Session, code: str) -> None:
    request, content = key(), samples.pdf()
    first, again = desk.attach(code, content, request=request), desk.attach(code, content, request=request)
    assert first.json() == again.json()
    other = desk.attach(code, samples.pdf(seed=9), request=request)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_an_unknown_component_is_refused(desk: Session, code: str) -> None:
    assert desk.attach(code, component="recipe").json()["code"] == "invalid"
    assert desk.attach(code, component="Not An Id").status_code == 422
    assert desk.client.post(f"/api/v1/dossiers/{code}/documents", content=samples.pdf(),
                            headers={"Idempotency-Key": key()}).status_code == 422


def test_a_stranger_reads_no_document_and_learns_nothing(desk: Session, code: str, stranger: Session) -> None:
    desk.attach(code)
    there = next(row["id"] for row in documents(desk, code) if row["state"] == "stored")
    refused = stranger.get(f"/documents/{there}")
    absent = stranger.get("/documents/7f6b1d9e-7f0b-4a55-9a53-0f5f8c1f7a10")
    assert refused.status_code == absent.status_code == 404
    assert refused.text == absent.text


def test_a_promised_scan_has_no_bytes_yet(desk: Session, code: str) -> None:
    promised = next(row["id"] for row in documents(desk, code) if row["state"] == "promised")
    assert desk.get(f"/documents/{promised}").status_code == 404


def test_an_altered_object_is_never_given_out(desk: Session, code: str, store: ObjectStore) -> None:
    desk.attach(code)
    row = next(row for row in documents(desk, code) if row["state"] == "stored")
    name = f"sha256/{str(row['sha256'])[:2]}/{str(row['sha256'])[2:4]}/{row['sha256']}"
    store._client.put_object(store._bucket, name, BytesIO(b"forged"), 6)
    refused = desk.get(f"/documents/{row['id']}")
    assert (refused.status_code, refused.json()["code"]) == (500, "document_corrupted")
    assert b"forged" not in refused.content


@pytest.fixture
def without_store(office: Office, cast: Cast) -> Iterator[Web]:
    """Nobody listens where the object store should be."""
    away = Office(office.db, ObjectStore("127.0.0.1:9", "key", "secret-secret", "lienthong"), office.spool)
    with serving(away, cast) as running:
        yield running


def test_without_the_store_dossiers_and_scans_are_taken_in_all_the_same(without_store: Web, web: Web) -> None:
    desk = without_store.sign_in(DESK)
    code, content = desk.received(), samples.pdf()
    assert desk.attach(code, content).status_code == 201
    row = next(row for row in documents(desk, code) if row["component"] == "plan")
    assert row["state"] == "pending"
    assert desk.get(f"/documents/{row['id']}").content == content
    ready = without_store.client().get("/health/ready")
    assert (ready.status_code, ready.json()["store"]) == (200, False)


def test_a_stored_scan_is_unavailable_for_the_moment_when_the_store_is_away(without_store: Web, web: Web) -> None:
    code = web.sign_in(DESK).received()
    web.sign_in(DESK).attach(code)
    desk = without_store.sign_in(DESK)
    row = next(row for row in documents(desk, code) if row["state"] == "stored")
    refused = desk.get(f"/documents/{row['id']}")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0


def test_who_neither_works_on_it_nor_took_it_in_attaches_nothing(web: Web, desk: Session, code: str) -> None:
    assert web.sign_in("H51.02/tiep-nhan:manager").attach(code).json()["code"] == "wrong_role"
    assert web.sign_in(OFFICER).attach(code).status_code == 404  # not delivered yet

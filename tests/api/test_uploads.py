"""Scans in pieces: at the right place, of the right person, whole or not at all, whatever is cut in between."""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from engine import uploads
from engine.office import Office
from storage.faults import LARGEST
from tests import samples
from tests.api.conftest import OFFICER
from tests.api.web import Session, Web, key
from tests.conftest import Fresh

DATA = samples.pdf()
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def code(desk: Session) -> str:
    return desk.received()


def begin(session: Session, code: str, *, request: str | None = None, **changes: Any) -> httpx.Response:
    told = {"component": "plan", "name": "đề án.pdf", "size": len(DATA), "media_type": "application/pdf"}
    return session.post(f"/dossiers/{code}/uploads", told | changes, headers={"Idempotency-Key": request or key()})


def begun(session: Session, code: str, **changes: Any) -> str:
    answer = begin(session, code, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def piece(session: Session, upload: str, at: int, content: bytes) -> httpx.Response:
    return session.client.patch(f"/api/v1/uploads/{upload}", content=content, headers={
        "Upload-Offset": str(at), "Content-Type": "application/octet-stream"})


def complete(session: Session, upload: str, sha256: str | None = None) -> httpx.Response:
    return session.post(f"/uploads/{upload}/complete", {"sha256": sha256} if sha256 else {})


def plans(session: Session, code: str) -> list[dict[str, Any]]:
    rows = session.get(f"/dossiers/{code}").json()["documents"]
    return [row for row in rows if row["component"] == "plan"]


def test_pieces_become_one_scan_with_the_right_bytes(desk: Session, code: str) -> None:
    upload, half = begun(desk, code), len(DATA) // 2
    assert piece(desk, upload, 0, DATA[:half]).json()["offset"] == half
    assert desk.get(f"/uploads/{upload}").json() == {"id": upload, "offset": half, "size": len(DATA)}
    assert piece(desk, upload, half, DATA[half:]).json()["offset"] == len(DATA)
    done = complete(desk, upload, SHA256)
    assert (done.status_code, done.json()["action"]) == (201, "attach")
    row, = plans(desk, code)
    assert (row["state"], row["sha256"], row["name"]) == ("stored", SHA256, "đề án.pdf")
    assert desk.get(f"/documents/{row['id']}").content == DATA


def test_the_same_key_goes_on_where_it_was_and_completes_once(desk: Session, code: str) -> None:
    request = key()
    upload = begun(desk, code, request=request)
    piece(desk, upload, 0, DATA[:1000])
    assert begin(desk, code, request=request).json() == {"id": upload, "offset": 1000, "size": len(DATA)}
    piece(desk, upload, 1000, DATA[1000:])
    first, again = complete(desk, upload), complete(desk, upload)
    assert first.json() == again.json()
    assert begin(desk, code, request=request).json()["offset"] == len(DATA)
    assert complete(desk, upload, SHA256).json() == first.json()
    assert len(plans(desk, code)) == 1
    other = begin(desk, code, request=request, size=17)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_piece_at_the_wrong_place_is_told_the_right_one_and_changes_nothing(desk: Session, code: str) -> None:
    upload = begun(desk, code)
    piece(desk, upload, 0, DATA[:500])
    for at in (0, 499, 501, len(DATA)):
        refused = piece(desk, upload, at, b"x")
        assert (refused.status_code, refused.json()["code"], refused.json()["data"]["offset"]) == (
            409, "wrong_offset", 500)
    early = complete(desk, upload)
    assert (early.status_code, early.json()["data"]["offset"]) == (409, 500)
    piece(desk, upload, 500, DATA[500:])
    assert complete(desk, upload, SHA256).status_code == 201


def test_it_belongs_to_who_began_it(desk: Session, web: Web, stranger: Session, code: str) -> None:
    upload, absent = begun(desk, code), str(uuid.uuid4())
    for who in (stranger, web.sign_in(OFFICER)):
        for there in (upload, absent):
            answers = [who.get(f"/uploads/{there}"), piece(who, there, 0, b"%PDF"), complete(who, there),
                       who.client.delete(f"/api/v1/uploads/{there}")]
            assert [answer.status_code for answer in answers] == [404] * 4
    assert begin(stranger, code).status_code == 404
    assert desk.get(f"/uploads/{upload}").json()["offset"] == 0


def test_who_may_not_attach_is_told_before_he_sends_anything(web: Web, code: str) -> None:
    refused = begin(web.sign_in("H51.02/tiep-nhan:manager"), code)
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(("size", "status", "reason"), [(0, 422, "empty"), (LARGEST + 1, 413, "too_large")])
def test_a_size_that_is_never_accepted_is_refused_at_once(
        desk: Session, code: str, size: int, status: int, reason: str) -> None:
    refused = begin(desk, code, size=size)
    assert (refused.status_code, refused.json()["data"]["reason"]) == (status, reason)


def test_more_than_was_said_is_refused(desk: Session, code: str) -> None:
    upload = begun(desk, code, size=1000)
    assert piece(desk, upload, 0, DATA[:1001]).status_code == 413
    assert desk.get(f"/uploads/{upload}").json()["offset"] == 0
    assert piece(desk, upload, 0, bytes(5 * 1024 * 1024)).status_code == 413


def test_a_file_that_is_not_the_senders_any_more_is_refused(desk: Session, code: str) -> None:
    upload = begun(desk, code)
    piece(desk, upload, 0, DATA)
    refused = complete(desk, upload, hashlib.sha256(b"another").hexdigest())
    assert (refused.status_code, refused.json()["code"]) == (422, "file_changed")
    assert "đã thay đổi" in refused.json()["detail"]
    assert desk.get(f"/uploads/{upload}").status_code == 404
    assert [row["state"] for row in plans(desk, code)] == ["promised"]


def test_what_is_no_scan_is_refused_at_the_end(desk: Session, code: str) -> None:
    content = b"MZ\x90\x00" + bytes(2000)
    upload = begun(desk, code, size=len(content))
    piece(desk, upload, 0, content)
    refused = complete(desk, upload)
    assert (refused.status_code, refused.json()["data"]["reason"]) == (422, "mismatch")
    assert desk.get(f"/uploads/{upload}").status_code == 404


def test_a_cut_in_the_middle_of_a_piece_keeps_what_arrived(desk: Session, web: Web, code: str) -> None:
    upload = begun(desk, code)
    host, port = web.address.removeprefix("http://").split(":")
    head = (f"PATCH /api/v1/uploads/{upload} HTTP/1.1\r\nHost: {host}\r\nUpload-Offset: 0\r\n"
            f"Authorization: {desk.client.headers['Authorization']}\r\nContent-Length: {len(DATA)}\r\n\r\n")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + DATA[:70_000])
    offset = 0
    for _ in range(100):
        if offset := desk.get(f"/uploads/{upload}").json()["offset"]:
            break
    assert offset == 70_000
    piece(desk, upload, offset, DATA[offset:])
    assert complete(desk, upload, SHA256).status_code == 201


def test_a_cancelled_upload_leaves_nothing(desk: Session, office: Office, code: str, tmp_path: Path) -> None:
    upload = begun(desk, code)
    piece(desk, upload, 0, DATA[:5000])
    assert list((tmp_path / "spool").glob("*.upload"))
    assert desk.client.delete(f"/api/v1/uploads/{upload}").status_code == 204
    assert not list((tmp_path / "spool").glob("*.upload"))
    assert desk.get(f"/uploads/{upload}").status_code == 404


def test_what_nobody_went_on_with_for_a_day_is_swept(
        desk: Session, office: Office, fresh: Fresh, code: str, tmp_path: Path) -> None:
    old, young = begun(desk, code), begun(desk, code)
    for upload in (old, young):
        piece(desk, upload, 0, DATA[:5000])
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("update upload set changed_at = changed_at - interval '25 hours' where id = %s", (old,))
    assert uploads.sweep(office)["uploads"] == 1
    assert desk.get(f"/uploads/{old}").status_code == 404
    assert desk.get(f"/uploads/{young}").json()["offset"] == 5000
    stray = tmp_path / "spool" / f"{uuid.uuid4().hex}.upload"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    uploads.sweep(office)
    assert [path.name for path in (tmp_path / "spool").glob("*.upload")] == [f"{uuid.UUID(young).hex}.upload"]


def test_a_person_has_a_bounded_number_of_uploads_open(desk: Session, fresh: Fresh, code: str) -> None:
    opened = [begun(desk, code) for _ in range(uploads.MOST_AT_ONCE)]
    refused = begin(desk, code)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_uploads")
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("update upload set changed_at = changed_at - %s where id = %s",
                           (2 * uploads.IDLE, opened[0]))
    assert begin(desk, code).status_code == 201
    assert desk.get(f"/uploads/{opened[0]}").status_code == 404


def test_bytes_lost_from_the_disk_are_asked_for_again(desk: Session, code: str, tmp_path: Path) -> None:
    upload = begun(desk, code)
    piece(desk, upload, 0, DATA[:5000])
    kept = tmp_path / "spool" / f"{uuid.UUID(upload).hex}.upload"
    os.truncate(kept, 3000)
    assert piece(desk, upload, 5000, DATA[5000:]).json()["data"]["offset"] == 3000
    piece(desk, upload, 3000, DATA[3000:])
    assert complete(desk, upload, SHA256).status_code == 201


def test_a_better_scan_takes_the_place_of_the_old_which_stays(desk: Session, code: str) -> None:
    desk.attach(code)
    old, = plans(desk, code)
    better = samples.pdf(seed=7)
    upload = begun(desk, code, size=len(better), replaces=old["id"])
    piece(desk, upload, 0, better)
    assert complete(desk, upload).status_code == 201
    current = {row["id"]: row["current"] for row in plans(desk, code)}
    assert sorted(current.values()) == [False, True]
    assert current[old["id"]] is False
    assert [row["form"] for row in plans(desk, code)] == ["original", "original"]  # the paper is what it was
    refused = begin(desk, code, replaces=old["id"])
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")



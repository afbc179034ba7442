"""Documents come after the message that names them: by hash, from where the line broke, and only what was promised."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from datetime import timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from io import BytesIO

import httpx
import pytest
from PIL import Image

from engine import documents, timekeeper
from engine.exchange.asking import asking
from engine.exchange.lines import Lines
from tests.exchange.answering import Answer, listening, said
from tests.exchange.forging import refusal
from tests.exchange.sides import DONE_WITHIN, Pair, ask, handoff_to_police
from tests.samples import small_pdf


def with_scan(pair: Pair, content: bytes, name: str = "ke-hoach.pdf") -> str:
    """The code of a dossier with one scan, about which the police are asked; the message has arrived there."""
    journey = pair.here.journey
    code = journey.receive().code
    journey.register_all(code)
    told = documents.Upload(code=code, component="plan", name=name, declared_type="",
                            actor=pair.here.cast["H51.01/ngoai-vu:officer"], key=str(uuid.uuid4()))
    documents.attach(pair.here.office, told, iter([content]), journey.now)
    ask(pair.here, code)
    return code


def deliver(pair: Pair) -> None:
    """The message, and what it does; its documents are still to be pulled."""
    pair.here.work()
    assert pair.police.applier.drain() == {"applied": 1}


def pulls(pair: Pair) -> list[dict[str, object]]:
    return pair.police.rows("select sha256, size, received, attempts, done_at, parked_at, last_error from pull")


def reach_elsewhere(pair: Pair, url: str) -> None:
    """From now on the police ask for documents of the province at another address."""
    pair.police.rows("update peer set url = %s, trouble_since = null, retry_at = null", url)


@lru_cache
def big(seed: int) -> bytes:
    """A picture of 3 MB."""
    file = BytesIO()
    Image.frombytes("RGB", (1000, 1000), random.Random(seed).randbytes(3_000_000)).save(file, "png", compress_level=0)
    return file.getvalue()


def test_a_document_follows_its_message_and_is_the_same_file(pair: Pair) -> None:
    content = big(1)
    code = with_scan(pair, content, "ke-hoach.png")

    pair.settle()

    sha256 = hashlib.sha256(content).hexdigest()
    received, = pair.police.rows("select * from document")
    assert received["sha256"] == sha256
    assert received["name"].endswith(" - ke-hoach.png")
    assert received["state"] in ("pending", "stored")
    with pair.police.office.store.open_verified(sha256) as file:
        assert file.read() == content
    pulled, = pulls(pair)
    assert pulled["done_at"] is not None
    assert pair.police.rows("select thread from counterpart") == [{"thread": code}]


def test_a_line_that_is_torn_off_goes_on_where_it_stopped(pair: Pair) -> None:
    content = big(2)
    with_scan(pair, content, "ke-hoach.png")
    deliver(pair)
    url = pair.here.url
    half = len(content) // 2
    torn = said(206, content[:half], "application/pdf", Content_Length=str(len(content)),
                Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")
    with listening(_then_hang_up(torn)) as there:
        reach_elsewhere(pair, there.url)
        pair.police.work()
    assert pulls(pair)[0]["received"] == half
    assert pulls(pair)[0]["attempts"] == 0

    asked: list[str] = []
    with listening(_relay(url, asked)) as there:
        reach_elsewhere(pair, there.url)
        pair.police.hurry()
        pair.police.work()

    assert asked == [f"bytes={half}-"]
    assert pulls(pair)[0]["done_at"] is not None
    with pair.police.office.store.open_verified(hashlib.sha256(content).hexdigest()) as file:
        assert file.read() == content


def _then_hang_up(answer: Answer) -> Answer:
    def act(asked: BaseHTTPRequestHandler, data: bytes) -> None:
        answer(asked, data)
        asked.close_connection = True
    return act


def _relay(url: str, asked_for: list[str]) -> Answer:
    def act(asked: BaseHTTPRequestHandler, data: bytes) -> None:
        asked_for.append(asked.headers["Range"])
        answer = httpx.get(url + asked.path, headers={name: asked.headers[name] for name in
                                                      ("Range", "Exchange-Request")}, timeout=30)
        said(answer.status_code, answer.content, answer.headers["content-type"],
             Content_Range=answer.headers.get("content-range", ""))(asked, data)
    return act


@pytest.mark.parametrize("wrong", ["other bytes", "fewer", "more"])
def test_bytes_that_do_not_match_are_not_taken_and_parked_with_an_owner_after_three_tries(
        pair: Pair, wrong: str) -> None:
    content = small_pdf(mark="c")
    with_scan(pair, content)
    deliver(pair)
    given = {"other bytes": content[:-9] + b"X" * 9, "fewer": content[:-5], "more": content + b" "}[wrong]
    with listening(said(200, given, "application/pdf")) as there:
        reach_elsewhere(pair, there.url)
        for _ in range(5):
            pair.police.hurry()
            pair.police.work()
        assert len(there.asked) == 3

    row, = pulls(pair)
    assert row["parked_at"] is not None
    assert pair.police.rows("select state from document") == [{"state": "promised"}]
    incident, = pair.police.rows("select i.kind, u.agency, u.key, i.detail from incident i "
                                 "join unit u on u.id = i.unit_id")
    assert (incident["agency"], incident["key"]) == ("H51.05", "chuyen-mon")
    assert "ke-hoach.pdf" in incident["detail"]


def test_a_file_that_is_no_scan_is_parked_at_once(pair: Pair) -> None:
    content = small_pdf(mark="d")
    with_scan(pair, content)
    deliver(pair)
    dangerous = b"MZ" + b"\x00" * 500
    pair.police.rows("update pull set sha256 = %s, size = %s", hashlib.sha256(dangerous).hexdigest(), len(dangerous))
    with listening(said(200, dangerous, "application/pdf")) as there:
        reach_elsewhere(pair, there.url)
        pair.police.work()
    row, = pulls(pair)
    assert row["parked_at"] is not None
    assert "unacceptable_file" in str(row["last_error"])


def test_a_peer_whose_store_is_away_is_asked_for_ever(pair: Pair) -> None:
    with_scan(pair, small_pdf(mark="e"))
    deliver(pair)
    with listening(said(503, b"{}")) as there:
        reach_elsewhere(pair, there.url)
        for _ in range(14):
            pair.police.hurry()
            pair.police.work()
        assert len(there.asked) == 14
    assert pulls(pair)[0]["parked_at"] is None


def ranged(pair: Pair, sha256: str, message: object, *, path: str | None = None, asker: str = "police",
           at: timedelta = timedelta(), **headers: str) -> httpx.Response:
    """As the police ask for a document of the province."""
    where = f"/exchange/v1/documents/{sha256}?message={message}"
    office = {"police": pair.police.office, "here": pair.here.office}[asker]
    signed = asking(office, pair.here.name, path or where, timekeeper.now() + at)
    return httpx.get(pair.here.url + where, headers={"Exchange-Request": signed, **headers})


def test_any_part_of_a_document_is_given_and_nothing_past_its_end(pair: Pair) -> None:
    content = small_pdf(mark="f")
    message = handoff_to_police(pair.here, with_scan(pair, content))
    deliver(pair)
    sha256, size = hashlib.sha256(content).hexdigest(), len(content)

    whole = ranged(pair, sha256, message)
    assert (whole.status_code, whole.content) == (200, content)
    for asked, begins, ends in (("bytes=0-9", 0, 10), ("bytes=10-", 10, size), (f"bytes={size - 1}-9999999", size - 1,
                                                                              size)):
        answer = ranged(pair, sha256, message, Range=asked)
        assert (answer.status_code, answer.content) == (206, content[begins:ends])
        assert answer.headers["content-range"] == f"bytes {begins}-{ends - 1}/{size}"
    assert ranged(pair, sha256, message, Range=f"bytes={size}-").status_code == 416
    for odd in ("bytes=-5", "bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=a-b"):
        assert ranged(pair, sha256, message, Range=odd).content == content


def test_documents_are_given_only_to_whom_a_message_named_them(pair: Pair) -> None:
    content = small_pdf(mark="g")
    message = handoff_to_police(pair.here, with_scan(pair, content))
    deliver(pair)
    sha256 = hashlib.sha256(content).hexdigest()

    assert refusal(ranged(pair, sha256, uuid.uuid4())) == (404, "not_found")
    assert refusal(ranged(pair, "ab" * 32, message)) == (404, "not_found")
    assert refusal(ranged(pair, sha256, message, asker="here"))[0] == 401
    assert refusal(ranged(pair, sha256, message, path="/exchange/v1/directory")) == (400, "malformed")
    assert refusal(ranged(pair, sha256, message, at=timedelta(minutes=20))) == (400, "malformed")
    assert ranged(pair, sha256, message, at=timedelta(minutes=-10)).status_code == 200
    where = f"{pair.here.url}/exchange/v1/documents/{sha256}?message={message}"
    for header in ("", "%%%", base64.urlsafe_b64encode(b"{}").decode(), "A" * 5000):
        assert httpx.get(where, headers={"Exchange-Request": header}).status_code in (400, 422)


def test_a_document_of_ours_that_was_altered_is_not_given(pair: Pair) -> None:
    content = small_pdf(mark="h")
    message = handoff_to_police(pair.here, with_scan(pair, content))
    deliver(pair)
    sha256 = hashlib.sha256(content).hexdigest()
    pair.here.rows("update document set state = 'pending' where sha256 = %s", sha256)
    pair.here.office.store.remove(sha256)
    path = pair.here.office.spool.path(sha256)
    path.write_bytes(content[:-1] + b"?")

    assert refusal(ranged(pair, sha256, message)) == (404, "not_found")


def test_what_the_spool_still_has_is_given_without_the_store_and_what_it_lacks_from_there(pair: Pair) -> None:
    content = small_pdf(mark="s")
    message = handoff_to_police(pair.here, with_scan(pair, content))
    deliver(pair)
    sha256, office = hashlib.sha256(content).hexdigest(), pair.here.office
    spooled = office.spool.path(sha256)
    assert office.store.exists(sha256)

    spooled.unlink()
    assert ranged(pair, sha256, message).content == content

    spooled.write_bytes(content[:-1] + b"?")
    assert ranged(pair, sha256, message).content == content

    spooled.write_bytes(content)
    office.store.remove(sha256)
    assert ranged(pair, sha256, message).content == content


def test_two_that_pull_the_same_document_at_once_take_it_once(pair: Pair) -> None:
    with_scan(pair, big(3), "ke-hoach.png")
    deliver(pair)
    other = Lines(pair.police.office, timekeeper.now, inside=True, patience=DONE_WITHIN)
    try:
        total = pair.police.lines.drain() + other.drain()
    finally:
        other.close()
    assert (total["linked"], total["kept"]) == (1, 1)
    assert len(pair.police.rows("select 1 from audit where action = 'attach'")) == 1


def test_what_nobody_of_its_line_has_time_to_inspect_is_seen_to_by_others(pair: Pair) -> None:
    with_scan(pair, big(1), "ke-hoach.png")
    deliver(pair)
    places = pair.police.lines._places
    while places.acquire(blocking=False):
        pass
    pair.police.work()
    assert pulls(pair)[0]["done_at"] is not None
    assert len(pair.police.rows("select 1 from audit where action = 'attach'")) == 1


def test_what_is_linked_when_a_drain_has_enough_is_said_to_be_held_and_stored_by_the_next(pair: Pair) -> None:
    with_scan(pair, big(2), "ke-hoach.png")
    deliver(pair)
    lines = pair.police.lines
    lines.drain(lambda: lines.holding)
    assert lines.holding
    assert pulls(pair)[0]["done_at"] is None

    lines.drain()

    assert not lines.holding
    assert pulls(pair)[0]["done_at"] is not None

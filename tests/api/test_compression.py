"""Texts go out packed to whoever takes gzip, files as they are; sizes do not tell what stands beside a form's key."""

from __future__ import annotations

import gzip

from api.compression import packed
from tests.api.web import Web

DESK = "H51.02/tiep-nhan:receptionist"


def test_a_page_is_a_fraction_of_its_size_and_reads_the_same(web: Web) -> None:
    desk = web.by_cookie(DESK).client
    plain = desk.get("/receive", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    short = desk.get("/receive", headers={"accept-encoding": "gzip"})
    assert short.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in short.headers["vary"]
    assert int(short.headers["content-length"]) < len(plain.content) / 2
    assert short.text.count("<li>") == plain.text.count("<li>") > 0


def test_every_answer_says_how_long_it_took(web: Web) -> None:
    assert web.client().get("/sign-in").headers["server-timing"].startswith("app;dur=")


def test_files_and_small_answers_go_out_as_they_are(web: Web) -> None:
    asked = {"accept-encoding": "gzip"}
    assert "content-encoding" not in web.client().get("/health/live", headers=asked).headers
    desk = web.sign_in(DESK)
    code = desk.received()
    assert desk.attach(code).status_code == 201
    scan = next(one for one in desk.get(f"/dossiers/{code}").json()["documents"] if one["name"])
    content = desk.client.get(f"/api/v1/documents/{scan['id']}", headers=asked)
    assert content.status_code == 200, content.text
    assert "content-encoding" not in content.headers


def test_the_same_text_has_many_sizes() -> None:
    body = b"the same text " * 500
    found = [packed(body) for _ in range(200)]
    assert len({len(one) for one in found}) > 30
    assert {gzip.decompress(one) for one in found} == {body}

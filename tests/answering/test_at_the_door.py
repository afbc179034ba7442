"""The pages for people without an account, asked by programs that mean no good."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests import samples
from tests.answering.conftest import Desk
from tests.api.conftest import business_time
from tests.api.web import serving

# the link was mailed that Monday, and ends
__all__ = ["business_time"]


@pytest.fixture
def web(desk: Desk) -> Iterator[httpx.Client]:
    desk.reached("mail")
    desk.ask()
    with serving(desk.office, desk.walk.cast) as running, httpx.Client(base_url=running.address) as client:
        yield client


def test_what_is_no_key_is_not_found_whatever_is_sent_to_it(desk: Desk, web: httpx.Client) -> None:
    before = desk.walk.dossier["audit_seq"]
    for wrong in ("x", "x" * 299, "%00", "%F0%9F%98%80", "' or 1=1 --", "..%2F..%2Fhealth", "x" * 43):
        for path in (f"/answer/{wrong}", f"/answer/{wrong}/documents/{uuid.uuid4()}"):
            found = web.get(path)
            assert found.status_code in (404, 429), (path, found.status_code)
            assert desk.walk.code not in found.text
        assert web.post(f"/answer/{wrong}/take", data={"name": "a", "position": "b"}).status_code in (404, 429)
    assert desk.walk.dossier["audit_seq"] == before


def test_too_many_wrong_keys_bar_the_address(desk: Desk, web: httpx.Client) -> None:
    key = desk.mailed()
    told = [web.get(f"/answer/{'x' * 43}").status_code for _ in range(22)]

    assert told == [404] * 20 + [429] * 2
    assert web.get(f"/answer/{key}").status_code == 200, "a right key is no guess"


def test_other_sites_cannot_make_a_browser_answer(desk: Desk, web: httpx.Client) -> None:
    key = desk.mailed()
    for headers in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = web.post(f"/answer/{key}/take", data={"name": "A", "position": "B"}, headers=headers)
        assert answer.status_code == 403
    assert desk.handoff["state"] == "delivered"


def test_nothing_is_kept_by_a_cache_or_told_to_other_sites(desk: Desk, web: httpx.Client) -> None:
    page = web.get(f"/answer/{desk.mailed()}")

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "http://" not in page.text.replace(str(web.base_url), "")
    assert "https://" not in page.text


def test_a_form_with_too_much_or_nothing_is_turned_down(desk: Desk, web: httpx.Client) -> None:
    key = desk.mailed()
    assert web.post(f"/answer/{key}").status_code == 409, "nobody signed for it"
    assert web.post(f"/answer/{key}/take", data={}).status_code == 422
    assert web.post(f"/answer/{key}/take", data={"name": "x" * 5000, "position": "\x00"}).status_code == 422
    assert web.post(f"/answer/{key}/take", data={"name": "Huỳnh Thị Mỹ Duyên", "position": "Phó Giám đốc"},
                    ).status_code == 303
    answer = {"event": "answer_consultation", "verdict": "agree", "words": "Đồng ý", "name": "A", "position": "B"}
    for wrong in ({"verdict": "perhaps"}, {"words": ""}, {"words": "x" * 5000}, {"event": "sign"}):
        assert web.post(f"/answer/{key}", data=answer | wrong).status_code == 422
    bad = web.post(f"/answer/{key}", data=answer, files={"file": ("a.pdf", samples.HTML, "application/pdf")})
    assert bad.status_code == 422
    assert desk.walk.of("consultation")[0]["verdict"] is None
    good = web.post(f"/answer/{key}", data=answer, files={"file": ("a.pdf", samples.pdf(), "application/pdf")})
    assert good.status_code == 303
    again = web.post(f"/answer/{key}", data=answer | {"verdict": "disagree"})
    assert "Đã trả lời" in again.text, "it shows what was sent"
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"

"""Asking another installation: what counts as an answer, as a no, and as nothing; and where is never asked."""

from __future__ import annotations

import pytest

from engine.exchange import client as way
from engine.exchange.client import MESSAGES, Client, NotAllowed, Rejected, Unreachable, is_inside
from tests.exchange.answering import Answer, cut_short, dripping, listening, nothing, said, silent

PROBLEM = "application/problem+json"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "READ", 0.6)
    monkeypatch.setattr(way, "WHOLE", 0.6)


def ask(url: str, *, inside: bool = True) -> bytes:
    return Client("police", url, inside=inside).post(MESSAGES, b"{}")


def test_an_answer_is_the_body_of_a_200() -> None:
    with listening(said(200, b"receipt")) as there:
        one = Client("police", f"{there.url}/behind/a/path", inside=True)
        assert [one.post(MESSAGES, b"{1}"), one.post(MESSAGES, b"{2}")] == [b"receipt", b"receipt"]
        assert there.asked == [b"{1}", b"{2}"]


@pytest.mark.parametrize(("status", "code"), [(code, name) for name, code in way.STOPS.items()])
def test_a_no_of_the_protocol_is_one(status: int, code: str) -> None:
    with listening(said(status, f'{{"code":"{code}"}}'.encode(), PROBLEM)) as there, pytest.raises(Rejected) as met:
        ask(there.url)
    assert met.value.reason == code


NOTHING: dict[str, Answer] = {
    "500": said(500, b"oops"), "502": said(502, b"<html>", "text/html"), "429": said(429, b'{"code":"busy"}', PROBLEM),
    "redirect": said(302, b"", Location="http://127.0.0.1:1/elsewhere"),
    "redirect kept": said(307, b"", Location="http://127.0.0.1:1/elsewhere"),
    "a gateway's 403": said(403, b"<html>", "text/html"), "a 403 of no protocol": said(403, b"[1]", PROBLEM),
    "a code with another status": said(403, b'{"code":"malformed"}', PROBLEM), "201": said(201, b"{}"),
    "too much": said(200, b"x" * (way.LARGEST_ANSWER + 1)), "a number": said(400, b"7", PROBLEM),
    "no JSON": said(400, b"{", PROBLEM), "torn off": cut_short, "nothing": nothing,
}


@pytest.mark.parametrize("case", NOTHING)
def test_everything_else_is_no_answer(case: str) -> None:
    with listening(NOTHING[case]) as there, pytest.raises(Unreachable) as met:
        ask(there.url)
    assert met.value.answered == (case not in ("torn off", "nothing"))
    assert len(there.asked) == 1


@pytest.mark.timeout(60)
def test_a_peer_that_never_answers_or_drips_is_left_after_a_while(impatient: None) -> None:
    """Whoever waited for either would wait for ever."""
    with silent() as url, pytest.raises(Unreachable):
        ask(url)
    with listening(dripping) as there, pytest.raises(Unreachable):
        ask(there.url)


def test_nobody_listens() -> None:
    with pytest.raises(Unreachable) as met:
        ask("http://127.0.0.1:9")
    assert not met.value.answered


INSIDE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
          "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%2", "fc00::1", "ff02::1",
          "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_our_network_are_known_in_any_spelling(address: str) -> None:
    assert is_inside(address)


def test_addresses_of_the_open_network_are_not_inside() -> None:
    assert not any(is_inside(address) for address in ("8.8.8.8", "203.113.131.1", "2606:4700::1111"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "127.1"])
def test_an_address_inside_our_network_is_never_asked(host: str) -> None:
    with listening(said(200, b"receipt")) as there, pytest.raises(Unreachable):
        ask(f"https://{host}:{there.server.server_port}", inside=False)
    assert there.asked == []


def test_without_leave_only_https_is_spoken() -> None:
    with pytest.raises(NotAllowed, match="https"):
        ask("http://example.org", inside=False)


def test_who_may_not_ask_is_told_the_setting_that_allows_it() -> None:
    with pytest.raises(NotAllowed) as met:
        ask("https://127.0.0.1:9", inside=False)
    for language in ("vi", "en"):
        assert "LIENTHONG_PEERS_INSIDE=true" in met.value.message(language)
    assert "Sẽ tự gửi lại" not in met.value.message("vi")

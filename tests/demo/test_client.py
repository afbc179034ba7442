"""The play asks again where the API says to try later, as any program should."""

from __future__ import annotations

import http.server

import pytest

from api.demo import client
from api.demo.client import Api, Refusal
from tests.exchange.answering import Answer, listening, said

PROBLEM = "application/problem+json"


def busy(times: int, keys: list[str]) -> Answer:
    """Signs in whoever comes; so many times it has no time for anything else. `keys` that came with the requests."""
    def answer(asked: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
        if asked.path.endswith("/session"):
            return said(201, b'{"token":"t"}')(asked, data)
        keys.append(asked.headers["Idempotency-Key"])
        if len(keys) <= times:
            return said(503, b'{"code":"unavailable","detail":"later"}', PROBLEM)(asked, data)
        return said(201, b'{"code":"H51.02-261123-0001"}')(asked, data)
    return answer


def test_who_is_told_to_try_again_later_does_so_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0))
    keys: list[str] = []
    with listening(busy(2, keys)) as there:
        assert Api(there.url).post("han.ltn", "/dossiers", {}) == {"code": "H51.02-261123-0001"}
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_who_is_told_so_for_ever_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0))
    keys: list[str] = []
    with listening(busy(9, keys)) as there, pytest.raises(Refusal) as refusal:
        Api(there.url).post("han.ltn", "/dossiers", {})
    assert refusal.value.code == "unavailable"
    assert len(keys) == 3

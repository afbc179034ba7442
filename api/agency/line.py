"""Plain HTTP to one partner: no redirects, no second tries, whatever comes is shown as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import urllib3

from api.agency import bodies
from api.agency.bodies import BASE, Body
from api.agency.parties import Other, Own
from engine.exchange.envelope import seal

_LARGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`status` 0: none came, `data` says why. `code`: of a problem+json, else empty."""

    status: int
    data: bytes
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return ""
        try:
            told = json.loads(self.data)
        except ValueError:
            return ""
        found = told.get("code") if isinstance(told, dict) else None
        return found if isinstance(found, str) else ""

    def __str__(self) -> str:
        if not self.status:
            return self.data.decode("utf-8", "replace")
        return f"{self.status} {self.code}".strip() if self.code else f"{self.status} {self.data[:60]!r}"


class Line:
    def __init__(self, own: Own, other: Other, *, timeout: float = 30) -> None:
        self._own, self._other = own, other
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=timeout), retries=False)

    def post(self, data: bytes, path: str = f"{BASE}/messages") -> Answer:
        return self._send("POST", path, data, {"Content-Type": "application/json"})

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """As a stranger."""
        return self._send("GET", path, None, headers or {})

    def ask(self, path: str, *, part: str = "", at: datetime | None = None) -> Answer:
        """With a signed request. `part`: of the header Range."""
        body = bodies.request(path, self._own.name, self._other.name, at)
        headers = {"Exchange-Request": self.header(body)} | ({"Range": part} if part else {})
        return self.get(path, headers)

    def header(self, body: Body) -> str:
        return bodies.header(seal(self._own.signer, body))

    def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            answer = self._pool.request(method, self._other.url + path, body=data, headers=dict(headers),
                                        redirect=False, preload_content=False)
            try:
                read = answer.read(_LARGEST_ANSWER)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            return Answer(status=0, data=f"{type(error).__name__}".encode(), headers={})
        return Answer(status=answer.status, data=read,
                      headers={name.lower(): value for name, value in answer.headers.items()})

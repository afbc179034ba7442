"""People who work through the public API, and who send the same request again until they know how it ended."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from engine.seed import DEMO_PASSWORD
from tests.chaos.journal import Journal

PAUSE = 0.3
# A request that is not answered within this was not answered: its outcome is unknown, it is sent again.
PATIENCE = httpx.Timeout(12.0, connect=2.0)
GIVE_UP = 180.0


class Refused(AssertionError):
    """An answer that a person would not expect; what is wrong is in it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent again and again must be the same to the byte, its key included."""

    method: str
    path: str
    key: str
    headers: dict[str, str]
    body: Any = None
    content: bytes | None = None


class Person:
    """One account. Its token is worth the same after every restart."""

    def __init__(self, address: str, login: str, journal: Journal) -> None:
        self.login, self._journal = login, journal
        self._local = threading.local()
        self._address = address
        answer = self._asked(Request(method="POST", path="/session", key="", headers={},
                                     body={"login": login, "password": DEMO_PASSWORD}))
        self._token = f"Bearer {answer['token']}"

    def act(self, code: str, event: str, version: int, *, state: str | None = None, **told: Any) -> dict[str, Any]:
        return self._recorded(f"/dossiers/{code}/commands/{event}", {"op": event, "code": code},
                              {"If-Match": f'"{version}"'}, {"state": state, "particulars": told})

    def receive(self, submission: dict[str, Any]) -> dict[str, Any]:
        return self._recorded("/dossiers", {"op": "receive", "subject": submission["subject"]}, {}, submission)

    def attach(self, code: str, component: str, content: bytes) -> dict[str, Any]:
        return self._recorded(f"/dossiers/{code}/documents?component={component}&name=quet.pdf",
                              {"op": "attach", "code": code}, {"Content-Type": "application/pdf"}, content=content)

    def incoming(self) -> list[dict[str, Any]]:
        answer = self._asked(Request(method="GET", path="/handoffs", key="", headers={}))
        return list(answer["incoming"])

    def _recorded(self, path: str, said: dict[str, Any], headers: dict[str, str], body: Any = None,
                  content: bytes | None = None) -> dict[str, Any]:
        key = str(uuid.uuid4())
        request = Request(method="POST", path=path, key=key, headers={"Idempotency-Key": key, **headers}, body=body,
                          content=content)
        self._journal.intent(key, {**said, "by": self.login})
        try:
            reply = self._asked(request)
        except Refused as refusal:
            self._journal.refused(key, 0, str(refusal))
            raise
        self._journal.ack(key, reply)
        return reply

    def _asked(self, request: Request) -> dict[str, Any]:
        begun = time.monotonic()
        while time.monotonic() - begun < GIVE_UP:
            try:
                answer = self._client().request(
                    request.method, f"/api/v1{request.path}", json=request.body, content=request.content,
                    headers=request.headers)
            except httpx.TransportError:
                self._local.client = None
            else:
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
                if answer.status_code not in (408, 429, 502, 503, 504):
                    raise Refused(f"{request.method} {request.path}: {answer.status_code} {answer.text}")
            time.sleep(PAUSE)
        raise Refused(f"{request.path}: nothing known after {GIVE_UP} s")

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = httpx.Client(base_url=self._address, timeout=PATIENCE, trust_env=False)
        token = getattr(self, "_token", None)
        if token:
            client.headers["Authorization"] = token
        return client

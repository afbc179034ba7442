"""A browser without a screen: it reads the forms of a page and sends what a person filled in, as often as it must."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import httpx

from engine.seed import DEMO_PASSWORD
from tests.two.installation import Installation

File = tuple[str, bytes, str]


class _Forms(HTMLParser):
    """The hidden fields of every form, by its action."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.found.setdefault(told.get("action", ""), {})
        if tag == "input" and told.get("type") == "hidden":
            self._open[told["name"]] = told.get("value", "")


class Browser:
    """Of somebody who works there, or of a guest. Past the line between the installations; nothing is followed."""

    def __init__(self, at: Installation, place: str = "") -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{at.machine.ports.web}", timeout=60.0)
        self._key = str(uuid.uuid4())
        self._token = ""
        if place:
            who = {"login": at.cast.member(place).login, "password": DEMO_PASSWORD}
            assert self._client.post("/sign-in", data=who).status_code == 303
            self._token = self._client.post("/api/v1/session", json=who).json()["token"]

    def sheet(self, path: str, action: str) -> dict[str, str]:
        """The hidden fields of the form on that page: whose it is, and the key that makes it answerable once."""
        forms = _Forms()
        forms.feed(self._client.get(path).raise_for_status().text)
        return forms.found[action]

    def look(self, path: str) -> int:
        return self._client.get(path).status_code

    def post(self, path: str, sheet: Mapping[str, str], file: File | None = None) -> int:
        """The status of the answer. Raises httpx.TransportError when none came."""
        sent = {"file": file} if file else None
        return self._client.post(path, data=dict(sheet), files=sent).status_code

    def command(self, code: str, event: str, said: Mapping[str, Any], version: int) -> int:
        """Over the interface, always under the same key."""
        with httpx.Client(base_url=self._client.base_url, timeout=60.0) as client:
            return client.post(f"/api/v1/dossiers/{code}/commands/{event}", json=dict(said), headers={
                "Authorization": f"Bearer {self._token}", "If-Match": f'"{version}"', "Idempotency-Key": self._key,
            }).status_code

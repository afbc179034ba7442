"""The public API as a program uses it: bearer tokens, Idempotency-Key, If-Match."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from engine.seed import DEMO_PASSWORD

Json = dict[str, Any]
# Long enough together for the supervisor to start a server that died anew.
PAUSES = (0.05, 0.5, 2.0, 5.0)


class Refusal(Exception):
    """The API said no; `code` is its stable word for why."""

    def __init__(self, asked: str, status: int, problem: Json) -> None:
        self.asked, self.status = asked, status
        self.code = str(problem.get("code", status))
        super().__init__(f"{asked}: {status} {self.code}: {problem.get('detail', '')}")


class Api:
    """One connection for everybody; each person signs in once, when first needed."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=f"{address}/api/v1", timeout=60.0)
        self._tokens: dict[str, str] = {}
        self.requests = 0

    def close(self) -> None:
        self._http.close()

    def get(self, who: str, path: str, **asked: Any) -> Any:
        return self._send(who, "GET", path, params={k: v for k, v in asked.items() if v is not None}).json()

    def post(self, who: str, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None,
             key: str = "") -> Any:
        """A new Idempotency-Key each time unless one is given; `version` is the one that was looked at."""
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        headers |= {"Idempotency-Key": key} if key else {}
        found = self._send(who, "POST", path, json=dict(body or {}), headers=headers)
        return found.json() if found.content else None

    def upload(self, who: str, path: str, data: bytes, media_type: str, **asked: str) -> Any:
        return self._send(who, "POST", path, content=data, params=asked, headers={"Content-Type": media_type}).json()

    def _send(self, who: str, method: str, path: str, *, headers: Mapping[str, str] | None = None,
              **rest: Any) -> httpx.Response:
        token = self._tokens.get(who) or self._sign_in(who)
        self.requests += 1
        key = {"Idempotency-Key": f"demo-{self.requests:08d}"} if method == "POST" else {}
        signed = {"Authorization": f"Bearer {token}", **key, **(headers or {})}
        found = self._again(method, path, headers=signed, **rest)
        if found.is_error:
            raise Refusal(f"{who} {method} {path}", found.status_code, _problem(found))
        return found

    def _again(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """No answer, or one that says to try later, is asked for again with the same key: that is what it is for."""
        for pause in PAUSES:
            with suppress(httpx.TransportError):
                answer = self._http.request(method, path, **rest)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer
            time.sleep(pause)
        return self._http.request(method, path, **rest)

    def _sign_in(self, login: str) -> str:
        found = self._again("POST", "/session", json={"login": login, "password": DEMO_PASSWORD})
        if found.is_error:
            raise Refusal(f"{login} POST /session", found.status_code, _problem(found))
        self._tokens[login] = str(found.json()["token"])
        return self._tokens[login]


def _problem(found: httpx.Response) -> Json:
    try:
        told = found.json()
    except ValueError:
        return {"detail": found.text[:200]}
    return told if isinstance(told, dict) else {"detail": str(told)[:200]}

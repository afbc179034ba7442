"""The line to the portal: what any adapter must do, and the one that speaks as the portal's description says.

    POST <url>/login    {username, password}                                  -> {error_code, session}
    POST <url>/token    client_id, client_secret (form)                       -> {access_token, expires_in}
    POST <url>          {session, madonvi, service, isUpdating, data: […]}    -> {error_code, …}
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from engine.settings import Settings

SYNCHRONISE, PROGRESS, LOOK_UP, PROCEDURES = ("DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo", "LayDanhSachTTHC")
DONE = "0"
# The description names no codes: these are what our stand-in and this adapter agree on (docs/portal.md).
SESSION_ENDED = "401"
BUSY = frozenset({"503", "999"})
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 20.0
# A page of a look-up may be large; nothing of theirs is.
LARGEST_ANSWER = 8 * 1024 * 1024
ASKED_AT_ONCE = 100
MOST_PAGES = 10_000
# A session whose end nobody told us is renewed before half an hour of use.
SESSION_SECONDS = 1500.0
EARLY = 30.0
LONGEST_WHY = 200
LONGEST_SESSION = 8000


class Away(Exception):
    """The line or the whole portal fails; nothing is known of the item. Words for the administrator."""


class Rejected(Exception):
    """The portal read it and does not want it as it is; `field` is empty where it names none."""

    def __init__(self, code: str, field: str, words: str) -> None:
        super().__init__(f"{code} {field}")
        self.code, self.field, self.words = code, field, words


class Portal(Protocol):
    """What the engine needs of a portal. Every method raises Away or Rejected."""

    def send(self, parcel: bytes, key: str) -> None:
        """`parcel`: {service, isUpdating, data} as JSON; the same `key` again has no second effect."""

    def look_up(self, codes: Sequence[str]) -> list[dict[str, Any]]:
        """Those of the dossiers that the portal has, in its fields."""

    def changed(self, since: str, until: str) -> Iterator[dict[str, Any]]:
        """Every dossier of ours that changed there in that time (yyyyMMddHHmmss)."""

    def procedures(self) -> list[dict[str, Any]]:
        """The portal's catalogue."""


class NationalPortal:
    """One a process. Keeps its session, and signs in again when that has ended."""

    def __init__(self, chosen: Settings, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.url, self.unit, self.way = chosen.npsp_url.rstrip("/"), chosen.npsp_unit, chosen.npsp_login
        self._account, self._secret = chosen.npsp_account, chosen.npsp_secret
        self._answer_seconds = answer_seconds
        self._pool = urllib3.PoolManager(maxsize=4, retries=False, timeout=urllib3.Timeout(
            connect=CONNECT_SECONDS, read=answer_seconds))
        self._session, self._until = "", 0.0

    def send(self, parcel: bytes, key: str) -> None:
        self._call(parcel, {"Idempotency-Key": key})

    def look_up(self, codes: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for place in range(0, len(codes), ASKED_AT_ONCE):
            wanted = [{"MaHoSo": code} for code in codes[place:place + ASKED_AT_ONCE]]
            found += _rows(self._call(parcel_of(LOOK_UP, wanted)))
        return found

    def changed(self, since: str, until: str) -> Iterator[dict[str, Any]]:
        for page in range(1, MOST_PAGES):
            told = self._call(parcel_of(LOOK_UP, [{"TuNgay": since, "DenNgay": until, "Trang": str(page)}]))
            rows = _rows(told)
            yield from rows
            if not rows or str(told.get("ConTiep", "False")) != "True":
                return
        raise Away("the portal's list has no end")

    def procedures(self) -> list[dict[str, Any]]:
        return _rows(self._call(parcel_of(PROCEDURES, [])))

    def _call(self, parcel: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The bytes of the parcel go as they are, after who we are. A session that ended is renewed once."""
        for again in (False, True):
            self._sign_in()
            bearer = {"Authorization": f"Bearer {self._session}"} if self.way == "token" else {}
            session = "" if self.way == "token" else self._session
            who = orjson.dumps({"session": session, "madonvi": self.unit})
            told = self._post(self.url, who[:-1] + b"," + parcel[1:], {**bearer, **(headers or {})})
            code = str(told.get("error_code"))
            if code == SESSION_ENDED and not again:
                self._session = ""
                continue
            return _accepted(code, told)
        raise Away("the portal ends every session at once")

    def _sign_in(self) -> None:
        if self._session and time.monotonic() < self._until:
            return
        secret = self._secret.get_secret_value()
        if self.way == "token":
            told = self._post(f"{self.url}/token", urlencode(
                {"client_id": self._account, "client_secret": secret}).encode(), form=True)
            self._session = _session(told.get("access_token"))
        else:
            told = self._post(f"{self.url}/login", orjson.dumps({"username": self._account, "password": secret}))
            self._session = _session(told.get("session")) if str(told.get("error_code")) == DONE else ""
        if not self._session:
            raise Away("the portal does not accept our account")
        seconds = SESSION_SECONDS
        with suppress(TypeError, ValueError):
            seconds = min(seconds, float(told.get("expires_in", seconds)))
        self._until = time.monotonic() + max(seconds - EARLY, seconds / 2)

    def _post(self, url: str, body: bytes, headers: dict[str, str] | None = None, *,
              form: bool = False) -> dict[str, Any]:
        kind = "application/x-www-form-urlencoded" if form else "application/json; charset=utf-8"
        _check_address(url)
        try:
            answer = self._pool.request("POST", url, body=body, headers={"Content-Type": kind, **(headers or {})},
                                        redirect=False, preload_content=False, decode_content=False)
            try:
                raw = self._take(answer)
            finally:
                answer.close()
        except HTTPError as error:
            raise Away(type(error).__name__) from error
        if answer.status in (401, 403) and not url.endswith(("/login", "/token")):
            return {"error_code": SESSION_ENDED}
        if answer.status != 200:
            raise Away(f"HTTP {answer.status}")
        return _read(raw)

    def _take(self, answer: urllib3.BaseHTTPResponse) -> bytes:
        """All of it: neither endless, nor drop by drop for ever."""
        ends, taken = time.monotonic() + 2 * self._answer_seconds, bytearray()
        while piece := answer.read1(65536):
            taken += piece
            if len(taken) > LARGEST_ANSWER:
                raise Away("the answer is too large")
            if time.monotonic() > ends:
                raise Away("the answer takes too long")
        return bytes(taken)


def _check_address(url: str) -> None:
    """Personal data goes over TLS only; on this machine itself there is no line to listen to."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise Away("NPSP_URL is not an https address")


def _session(given: Any) -> str:
    """What may stand in a header; empty where it is none."""
    if given is not None and not (isinstance(given, str) and given.isascii() and given.isprintable()
                                  and len(given) <= LONGEST_SESSION):
        raise Away("the answer holds no session")
    return given or ""


def _read(raw: bytes) -> dict[str, Any]:
    """Whatever else it is, it came from no portal: the words of it are kept nowhere."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Away("the answer is not JSON") from error
    if not isinstance(told, dict) or not ({"error_code", "access_token"} & set(told)):
        raise Away("the answer holds no error_code")
    return dict(_without_nul(told))


def _without_nul(value: Any) -> Any:
    """PostgreSQL keeps no U+0000: one such answer would stop every other dossier."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value


def _accepted(code: str, told: dict[str, Any]) -> dict[str, Any]:
    if code == DONE:
        return told
    if code in BUSY:
        raise Away(f"error_code {code}")
    if code == SESSION_ENDED:
        raise Away("the portal ends every session at once")
    words = " ".join(str(told.get("error_message") or "").split())
    raise Rejected(code[:40], str(told.get("field") or "")[:80], words[:LONGEST_WHY])


def _rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    rows = told.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Away("the answer holds no list")
    return rows


def parcel_of(service: str, data: Sequence[dict[str, Any]], *, updating: bool = False) -> bytes:
    return orjson.dumps({"service": service, "isUpdating": str(updating), "data": list(data)})


@lru_cache(maxsize=4)
def _adapter(url: str, account: str, unit: str, way: str, secret: str) -> Portal:
    return NationalPortal(Settings(NPSP_URL=url, NPSP_ACCOUNT=account, NPSP_UNIT=unit, NPSP_LOGIN=way,
                                   NPSP_SECRET=secret))


def adapter(chosen: Settings) -> Portal:
    """That of these settings; with its session, while the process lives."""
    return _adapter(chosen.npsp_url, chosen.npsp_account, chosen.npsp_unit, chosen.npsp_login,
                    chosen.npsp_secret.get_secret_value())

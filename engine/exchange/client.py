"""Asks another installation: one pool of connections a peer, bounded times and sizes, no address inside our network.

A peer's address is entered by people, and its name is answered by whoever runs its name server: so the name is
resolved here, every address of it is looked at, and the connection goes to the one that was looked at.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from engine.errors import Refused, Unavailable

CONNECT, READ = 3.0, 20.0
# A whole answer that is no document; a peer that drips must not hold a thread.
WHOLE = 25.0
LARGEST_ANSWER = 64 * 1024
LARGEST_DIRECTORY = 8 * 1024 * 1024
AT_ONCE = 8
PIECE = 256 * 1024
MESSAGES, ANCHORS = "/exchange/v1/messages", "/exchange/v1/anchors"
# What the other side may answer so that trying again as before makes no sense (docs/exchange.md).
STOPS = {
    "malformed": 400, "unknown_key": 401, "revoked_key": 401, "bad_signature": 401, "not_for_us": 403,
    "not_yours": 403, "suspended": 403, "other_content": 409, "too_large": 413, "unknown_unit": 422,
    "unknown_kind": 422, "unknown_handoff": 422, "invalid": 422,
}
# Of a document: they promised it and have lost it; under 404, as whatever they do not give.
GONE = "document_gone"
# 6to4 and NAT64 addresses carry another one, which would not be looked at.
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"),
             ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class Unreachable(Unavailable):
    """No answer that counts: the line, the other side, or something in between. Asked again, for ever.

    `answered`: something did come back, so it may be this one request that the other side cannot deal with; `status`:
    of HTTP, where that was the trouble.
    """

    code = "peer_unreachable"
    vi = "Hệ thống “{peer}” chưa trả lời được: {why}. Sẽ tự gửi lại."
    en = "The installation “{peer}” does not answer: {why}. It will be asked again."

    def __init__(self, peer: str, why: str, *, answered: bool = False, status: int = 0) -> None:
        self.why, self.answered, self.status = why, answered, status
        super().__init__(peer=peer, why=why, seconds=30)


class NotAllowed(Unreachable):
    """Nobody was asked: a setting of ours is in the way. Unreachable, as a line waits for it like for anything else."""

    code = "peer_address_not_allowed"
    vi = ("Ở đây chưa được phép gọi tới địa chỉ của hệ thống “{peer}”: không phải https, hoặc nằm trong mạng nội bộ. "
          "Nếu đúng là địa chỉ nội bộ, hãy đặt LIENTHONG_PEERS_INSIDE=true.")
    en = ("Nothing here has leave to speak to the address of the installation “{peer}”: it is not https, or is inside "
          "our own network. If it is meant to be, set LIENTHONG_PEERS_INSIDE=true.")


class Rejected(Refused):
    """The other side understood and said no, with one of STOPS, or GONE."""

    code = "peer_rejected"
    vi = "Hệ thống “{peer}” không nhận: {reason}."
    en = "The installation “{peer}” said no: {reason}."

    def __init__(self, peer: str, reason: str) -> None:
        self.reason = reason
        super().__init__(peer=peer, reason=reason)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a document from `begins` on."""

    begins: int
    pieces: Iterator[bytes]


class Client:
    """The way to one peer, for any number of threads. `inside`: it may be at an address of our own network."""

    def __init__(self, peer: str, url: str, *, inside: bool) -> None:
        told = urlsplit(url)
        self.peer, self.url, self._inside = peer, url, inside
        self._secure, self._host = told.scheme == "https", told.hostname or ""
        self._port = told.port or (443 if self._secure else 80)
        self._base, self._netloc = told.path.rstrip("/"), told.netloc.rpartition("@")[2]
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}

    def post(self, path: str, data: bytes) -> bytes:
        """The body of a 200. Raises Rejected, Unreachable."""
        with self._answer("POST", path, {"Content-Type": "application/json"}, data) as answer:
            return self._said(answer, LARGEST_ANSWER)

    def get(self, path: str, request: str | None = None) -> bytes:
        """The body of a 200; `request`: the header Exchange-Request. Raises Rejected, Unreachable."""
        with self._answer("GET", path, _asked(request)) as answer:
            return self._said(answer, LARGEST_DIRECTORY)

    @contextmanager
    def document(self, path: str, request: str, begins: int) -> Iterator[Part]:
        """From `begins` on, or from 0 when the other side gives the whole. Raises Rejected, Unreachable."""
        with self._answer("GET", path, _asked(request) | {"Range": f"bytes={begins}-"}) as answer:
            if answer.status == HTTPStatus.PARTIAL_CONTENT:
                if not answer.headers.get("Content-Range", "").startswith(f"bytes {begins}-"):
                    raise Unreachable(self.peer, "another range than was asked for", answered=True)
            elif answer.status == HTTPStatus.OK:
                begins = 0
            else:
                self._refuse(answer, {**STOPS, GONE: HTTPStatus.NOT_FOUND})
            yield Part(begins, self._pieces(answer))

    def _said(self, answer: HTTPResponse, most: int) -> bytes:
        if answer.status != HTTPStatus.OK:
            self._refuse(answer)
        return self._body(answer, most)

    def _body(self, answer: HTTPResponse, most: int) -> bytes:
        data, until = bytearray(), time.monotonic() + WHOLE
        for piece in self._pieces(answer):
            data += piece
            if len(data) > most:
                raise Unreachable(self.peer, f"an answer of more than {most} bytes", answered=True)
            if time.monotonic() > until:
                raise Unreachable(self.peer, "an answer that drips", answered=True)
        return bytes(data)

    def _pieces(self, answer: HTTPResponse) -> Iterator[bytes]:
        try:
            while piece := answer.read1(PIECE, decode_content=False):
                yield piece
        except (HTTPError, OSError) as error:
            raise Unreachable(self.peer, type(error).__name__) from error

    def _refuse(self, answer: HTTPResponse, stops: Mapping[str, int] = STOPS) -> None:
        """Only what the protocol knows is a no; a page of some gateway is none."""
        code = None
        if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
            with suppress(orjson.JSONDecodeError):
                said = orjson.loads(self._body(answer, LARGEST_ANSWER))
                code = said.get("code") if isinstance(said, dict) else None
        if isinstance(code, str) and stops.get(code) == answer.status:
            raise Rejected(self.peer, code)
        raise Unreachable(self.peer, f"HTTP {answer.status}", answered=True, status=answer.status)

    @contextmanager
    def _answer(self, method: str, path: str, headers: Mapping[str, str],
                body: bytes | None = None) -> Iterator[HTTPResponse]:
        pool = self._pool()
        try:
            answer: Any = pool.urlopen(
                method, self._base + path, body, redirect=False, retries=False, assert_same_host=False,
                preload_content=False, decode_content=False,
                headers={**headers, "Host": self._netloc, "Accept-Encoding": "identity"})
        except (HTTPError, OSError) as error:
            raise Unreachable(self.peer, type(error).__name__) from error
        # what was not read to its end cannot be asked on
        with closing(answer):
            yield answer
            if answer.length_remaining == 0:
                answer.release_conn()

    def _pool(self) -> urllib3.HTTPConnectionPool:
        """To an address that was looked at now."""
        address = self._address()
        pool = self._pools.get(address)
        if pool is None:
            timeout = urllib3.Timeout(connect=CONNECT, read=READ)
            if self._secure:
                pool = _Secure(address, self._port, timeout=timeout, maxsize=AT_ONCE, server_hostname=self._host,
                               assert_hostname=self._host, cert_reqs="CERT_REQUIRED")
            else:
                pool = _Plain(address, self._port, timeout=timeout, maxsize=AT_ONCE)
            self._pools[address] = pool
        return pool

    def _address(self) -> str:
        if not (self._secure or self._inside):
            raise NotAllowed(self.peer, "only https is spoken with other installations")
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable(self.peer, f"no such host: {self._host}") from error
        addresses = [str(told[4][0]) for told in found]
        if not self._inside and any(is_inside(address) for address in addresses):
            raise NotAllowed(self.peer, f"{self._host} is an address inside our own network")
        return addresses[0]


def is_inside(address: str) -> bool:
    """Whether it is anything but one address of the open network."""
    told = ipaddress.ip_address(address.partition("%")[0])
    told = getattr(told, "ipv4_mapped", None) or told
    return not told.is_global or told.is_multicast or any(told in carrier for carrier in _CARRIERS)


def _asked(request: str | None) -> dict[str, str]:
    return {"Exchange-Request": request} if request else {}


class _Hurried(HTTPConnection):
    """The head of an answer is read line by line, each with a time limit of its own: here the whole has one."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself narrows it
        late = threading.Event()
        ending = threading.Timer(READ, _hang_up, (self.sock, late))
        ending.daemon = True
        ending.start()
        try:
            answer = super().getresponse()
        finally:
            ending.cancel()
        if late.is_set():  # a head that was cut off looks like a short one
            raise TimeoutError
        return answer


class _HurriedSecure(_Hurried, HTTPSConnection):
    pass


class _Plain(urllib3.HTTPConnectionPool):
    ConnectionCls = _Hurried


class _Secure(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HurriedSecure


def _hang_up(line: socket.socket, late: threading.Event) -> None:
    late.set()  # before anybody can meet the end that this makes
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)

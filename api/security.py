"""Around every request: strict headers on what goes out, bounds on what comes in, no acts for other sites."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from engine.errors import LienThongError

KILO = 1024
LARGEST_HEAD = 16 * KILO
LARGEST_JSON = 256 * KILO
LARGEST_FORM = 1024 * KILO
# A file of 25 MB in a form, with its other fields; the file itself is bounded where it is received.
LARGEST_UPLOAD = 26 * 1024 * KILO
LARGEST_PIECE = 4 * 1024 * KILO
# Seconds for a whole body that is no upload.
PATIENCE = 15.0
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
          "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
          "worker-src 'self'")
# Nothing in what was uploaded may run, whatever a browser takes it for.
POLICY_FOR_FILES = "default-src 'none'; sandbox; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY, "x-content-type-options": "nosniff", "x-frame-options": "DENY",
    # not no-referrer: browsers would send Origin: null with our own forms
    "referrer-policy": "same-origin", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin", "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
OVER_TLS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}


class Guard:
    """The outermost layer: it also dresses answers to requests that went wrong in any other."""

    def __init__(self, app: ASGIApp, *, tls: bool, show: Callable[[Request, LienThongError], Response]) -> None:
        self.app, self.show = app, show
        headers = HEADERS | (OVER_TLS if tls else {})
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                named = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(header for header in self.headers if header[0] not in named)]
            await send(message)

        safe, body = scope["method"] in SAFE, Body(scope)
        refusal = _head_refusal(scope) or (None if safe else body.refusal())
        if refusal is not None:
            await self.show(Request(scope), refusal)(scope, receive, dressed)
            return
        bounded = receive if safe or body.streamed or not body.sent else Bounded(receive, body.limit)
        await self.app(scope, bounded, dressed)


def _head_refusal(scope: Scope) -> LienThongError | None:
    size = len(scope["raw_path"]) + len(scope["query_string"])
    size += sum(len(name) + len(text) for name, text in scope["headers"])
    return problems.HeadTooLarge(limit=LARGEST_HEAD // KILO) if size > LARGEST_HEAD else None


class Body:
    """What the head of a request tells of its body."""

    def __init__(self, scope: Scope) -> None:
        heads: dict[bytes, bytes] = dict(scope["headers"])
        path: str = scope["path"]
        self.length = heads.get(b"content-length", b"0")
        self.sent = self.length != b"0" or b"transfer-encoding" in heads
        self.kind = heads.get(b"content-type", b"").partition(b";")[0].strip().lower()
        self.for_programs = path.startswith(("/api/", "/exchange/"))
        # where the body itself is the file: it is bounded, hashed and written as it streams in
        self.piece = path.startswith("/api/v1/uploads/") and scope["method"] == "PATCH"
        self.streamed = self.piece or (path.startswith("/api/v1/dossiers/") and path.endswith("/documents"))

    @property
    def limit(self) -> int:
        if self.streamed:
            return LARGEST_PIECE if self.piece else LARGEST_UPLOAD
        if self.for_programs:
            return LARGEST_JSON
        return LARGEST_UPLOAD if self.kind == b"multipart/form-data" else LARGEST_FORM

    def refusal(self) -> LienThongError | None:
        """A body too large, or of a kind no endpoint reads."""
        if len(self.length) > 12 or not self.length.isdigit() or int(self.length) > self.limit:
            return problems.TooLarge(limit=self.limit // KILO)
        if self.sent and self.for_programs and not self.streamed and self.kind != b"application/json":
            return problems.WrongMediaType(wanted="application/json")
        return None


class Bounded:
    """A receive that gives no more than `limit` bytes, and not for ever."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive, self.limit = receive, limit
        self.got, self.until = 0, time.monotonic() + PATIENCE

    async def __call__(self) -> Message:
        if self.got < 0:  # the body is in; what may come now is the news that the client has left
            return await self.receive()
        try:
            with anyio.fail_after(max(0.0, self.until - time.monotonic())):
                message = await self.receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self.got += len(message.get("body", b""))
        if self.got > self.limit:
            raise HTTPException(413)
        if not message.get("more_body", False):
            self.got = -1
        return message


def from_elsewhere(connection: HTTPConnection) -> bool:
    """Whether a browser says that another site made it send this."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != connection.headers.get("host")

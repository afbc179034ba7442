"""Texts go out packed to whoever takes gzip, and every answer says how long the server was at it."""

from __future__ import annotations

import secrets
import struct
import time
import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEXTS = (b"text/", b"application/json", b"application/problem+json", b"image/svg+xml")
SMALLEST = 800
# Beyond this more seconds bring few bytes less.
LEVEL = 5
LONGEST_PADDING = 100
_HEAD = struct.pack("<2sBBLBB", b"\x1f\x8b", 8, 8, 0, 0, 255)


def packed(body: bytes) -> bytes:
    """gzip with a file name of random length: what was typed cannot be guessed from sizes beside a form's key (BREACH).

    RFC 1952: the name ends with a zero octet.
    """
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"x" * secrets.randbelow(LONGEST_PADDING) + b"\0"
    return b"".join((_HEAD, name, deflate.compress(body), deflate.flush(),
                     struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)))


class Packed:
    """Only answers that are there as a whole; files stream as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, wanted, held = time.perf_counter(), _wanted(scope), list[Message]()

        async def pack(message: Message) -> None:
            if message["type"] == "http.response.start":
                took = (time.perf_counter() - begun) * 1000
                message["headers"] = [*message.get("headers", ()), (b"server-timing", b"app;dur=%.1f" % took)]
                if wanted and _is_text(message):
                    held.append(message)
                    return
            elif held:
                start = held.pop()
                await send(_shortened(start, message))
            await send(message)

        await self.app(scope, receive, pack)


def _wanted(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _is_text(start: Message) -> bool:
    headers = dict(start["headers"])
    return headers.get(b"content-type", b"").startswith(TEXTS) and b"content-encoding" not in headers


def _shortened(start: Message, body: Message) -> Message:
    """The head for a body that is packed in its place, when it is all there and long enough."""
    content = body.get("body", b"")
    if body.get("more_body", False) or len(content) < SMALLEST:
        return start
    body["body"] = packed(content)
    kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    start["headers"] = [*kept, (b"content-length", str(len(body["body"])).encode()), (b"content-encoding", b"gzip"),
                        (b"vary", b"accept-encoding")]
    return start

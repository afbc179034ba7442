"""The HTTP side of a partner made for testing: it can also answer as no server should (cut off, late, elsewhere)."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.concurrency import run_in_threadpool

# More than any message may have: what is too large must be refused by the partner, not by its server.
LARGEST_BODY = 2 * 1024 * 1024
JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`target`: path and query as they were sent. `headers`: names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    data: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """`late`: seconds before it is sent. `cut`: of the body only half is sent, then the connection is closed."""

    status: int = 200
    data: bytes = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    late: float = 0
    cut: bool = False


Answering = Callable[[Asked], Reply]
Message = MutableMapping[str, Any]


def application(answering: Answering) -> Callable[..., Awaitable[None]]:
    """An ASGI application that gives every request to `answering`, each in a thread of its own."""

    async def app(scope: Message, receive: Callable[[], Awaitable[Message]],
                  send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        data, more = bytearray(), True
        while more and len(data) <= LARGEST_BODY:
            part = await receive()
            data += part.get("body", b"")
            more = part.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        asked = Asked(method=scope["method"], target=scope["path"] + (f"?{query}" if query else ""), data=bytes(data),
                      headers={name.decode("latin-1").lower(): value.decode("latin-1")
                               for name, value in scope["headers"]})
        reply = await run_in_threadpool(answering, asked)
        await asyncio.sleep(reply.late)
        await _send(reply, send)

    return app


async def _send(reply: Reply, send: Callable[[Message], Awaitable[None]]) -> None:
    told = {"content-type": reply.media_type, "content-length": str(len(reply.data)), **reply.headers}
    if reply.cut:
        told["connection"] = "close"
    await send({"type": "http.response.start", "status": reply.status,
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]})
    await send({"type": "http.response.body", "body": reply.data[:len(reply.data) // 2] if reply.cut else reply.data})


def listening(host: str, port: int) -> socket.socket:
    """Bound before anything is promised to anybody; port 0 takes a free one. Raises OSError."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(128)
    return made


@contextmanager
def serving(answering: Answering, bound: socket.socket) -> Iterator[None]:
    """Serves in a thread until the block is left."""
    server = uvicorn.Server(uvicorn.Config(application(answering), log_level="critical", lifespan="off",
                                           timeout_graceful_shutdown=1, server_header=False, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        with suppress(OSError):
            bound.close()

"""A peer's address where somebody answers as no peer should."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[http.server.BaseHTTPRequestHandler, bytes], None]
LOOPBACK = "127.0.0.1"


def said(status: int, data: bytes, kind: str = "application/json", **headers: str) -> Answer:
    """An ordinary answer with that content."""
    def answer(asked: http.server.BaseHTTPRequestHandler, _: bytes) -> None:
        asked.send_response(status)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **told}.items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(data)
    return answer


def cut_short(asked: http.server.BaseHTTPRequestHandler, _: bytes) -> None:
    said(200, b'{"body"', Content_Length="4000")(asked, b"")
    asked.close_connection = True


def nothing(asked: http.server.BaseHTTPRequestHandler, _: bytes) -> None:
    asked.close_connection = True


def dripping(asked: http.server.BaseHTTPRequestHandler, _: bytes) -> None:
    """A head that never ends, a line now and then."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        for number in range(200):
            asked.wfile.write(f"X-{number}: a\r\n".encode())
            asked.wfile.flush()
            time.sleep(0.2)


class Listener:
    """`answer` may be changed while it runs; `asked` are the bodies that came."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[bytes] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.asked.append(data)
                outer.answer(self, data)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self.server.server_port}"


@contextmanager
def listening(answer: Answer) -> Iterator[Listener]:
    made = Listener(answer)
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}"

"""A door before the real store that loses, spoils or holds back what goes through."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

CHECKSUM = "X-Amz-Checksum-Sha256"


class Trouble(StrEnum):
    SILENT = "silent"  # takes the request, never answers
    RESET = "reset"  # hangs up instead of answering
    BUSY = "busy"  # 503
    CUT = "cut"  # half of the body
    WRONG = "wrong"  # one byte of the body changed
    DRIP = "drip"  # the body byte by byte


class Door:
    """`trouble` is met by the requests for which `when(method, how_many_before)` is true.

    `vouches`: False for a store that does not say which hash it found. `alters`: one byte of what is sent changes.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.trouble: Trouble | None = None
        self.vouches, self.alters = True, False
        self.when: Callable[[str, int], bool] = lambda method, before: True
        self.asked: list[str] = []
        self.closed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def set(self, trouble: Trouble, when: Callable[[str, int], bool] = lambda method, before: True) -> None:
        self.asked.clear()
        self.trouble, self.when = trouble, when

    def clear(self) -> None:
        self.trouble = None

    def __enter__(self) -> Door:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            spoil = door.trouble if door.when(self.command, len(door.asked)) else None
            door.asked.append(self.command)
            status, headers, answer = _ask(door, self, body)
            if spoil is Trouble.SILENT:
                door.closed.wait(120)
            if spoil in (Trouble.SILENT, Trouble.RESET):
                self.close_connection = True
                return
            if spoil is Trouble.BUSY:
                status, headers, answer = 503, {"Content-Length": "0"}, b""
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in _spoiled(answer, spoil):
                self.wfile.write(piece)
                if spoil is Trouble.DRIP and status == 200 and door.closed.wait(0.05):
                    return
            self.close_connection = self.close_connection or spoil is Trouble.CUT

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


def _ask(door: Door, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    behind = http.client.HTTPConnection(door.target, timeout=60)
    if door.alters and body:
        body = bytes([body[0] ^ 1]) + body[1:]
    try:
        behind.request(request.command, request.path, body, dict(request.headers))
        response = behind.getresponse()
        answer = response.read()
        headers = {"Content-Length": str(len(answer)), **dict(response.getheaders())}
        for name in ("Connection", "Transfer-Encoding", *([] if door.vouches else [CHECKSUM])):
            headers.pop(name, None)
        return response.status, headers, answer
    finally:
        behind.close()


def _spoiled(answer: bytes, spoil: Trouble | None) -> list[bytes]:
    if spoil is Trouble.CUT:
        return [answer[: len(answer) // 2]]
    if spoil is Trouble.WRONG and answer:
        return [bytes([answer[0] ^ 1]) + answer[1:]]
    if spoil is Trouble.DRIP:
        return [answer[at : at + 1] for at in range(len(answer))]
    return [answer]

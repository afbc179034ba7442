"""Stand-ins for the partners outside our reach: a mail server and a gateway, each with a temper."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Literal

Temper = Literal["kind", "refuses", "silent", "takes_and_cuts", "slow"]


@dataclass
class Partner:
    """`took`: everything it accepted, told or not; `temper` may change while it works."""

    port: int = 0
    temper: Temper = "kind"
    took: list[dict[str, Any]] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ids(self) -> list[str]:
        return [told["id"] for told in self.took]


@contextmanager
def gateway() -> Iterator[Partner]:
    """Takes JSON over HTTP. `refuses`: 500. `silent`: no answer. `takes_and_cuts`: takes it and hangs up."""
    partner = Partner()

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if partner.temper == "silent":
                time.sleep(60)
            if partner.temper == "refuses":
                self.send_error(500)
                return
            if partner.temper == "slow":
                time.sleep(0.15)
            with partner.lock:
                partner.took.append({"id": self.headers["Idempotency-Key"], "path": self.path, **body})
            if partner.temper == "takes_and_cuts":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    server.daemon_threads = True
    with _running(server, partner):
        yield partner


@contextmanager
def mail_server() -> Iterator[Partner]:
    """SMTP as far as a client asks for it. `refuses`: 550 for whom it is to. `takes_and_cuts`: says nothing."""
    told = Partner()

    class Mine(Talk):
        partner = told

    ThreadingTCPServer.allow_reuse_address = True
    server = ThreadingTCPServer(("127.0.0.1", 0), Mine)
    server.daemon_threads = True
    with _running(server, told):
        yield told


class Talk(StreamRequestHandler):
    partner: Partner

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        if self.partner.temper == "silent":
            time.sleep(60)
        with suppress(OSError):
            self.say("220 mail.example")
            while line := self.rfile.readline():
                if not self.answer(line.decode().strip().upper()):
                    return

    def answer(self, said: str) -> bool:
        if said.startswith("RCPT") and self.partner.temper == "refuses":
            self.say("550 nobody here")
        elif said == "DATA":
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            with self.partner.lock:
                self.partner.mails.append(mail)
                self.partner.took.append({"id": mail["Idempotency-Key"]})
            if self.partner.temper == "takes_and_cuts":
                return False
            self.say("250 taken")
        else:
            self.say("221 bye" if said == "QUIT" else "250 ok")
        return said != "QUIT"


@contextmanager
def _running(server: Any, partner: Partner) -> Iterator[None]:
    partner.port = server.server_address[1]
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()

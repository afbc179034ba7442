"""A line between two installations that can be cut, or lose the answers to some of the requests it carried."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress

LOOPBACK = "127.0.0.1"


class Line:
    """Listens on `port` and carries to `target`. `carried` counts connections, `answers` requests.

    `loss`: the share of requests whose answer never comes back. What comes back is cut off before its first byte,
    after the other side did its work; the connection is lost with it.
    """

    def __init__(self, target: int, *, seed: int = 0) -> None:
        self.cut = False
        self.loss = 0.0
        self.carried = 0
        self.answers = 0
        self.lost = 0
        self.chance = random.Random(seed)
        self._target = target
        self._server = socket.create_server((LOOPBACK, 0))
        self.port: int = self._server.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def part(self) -> None:
        """From now on nothing gets through, and what was on its way is torn off."""
        self.cut = True
        for end in list(self._open):
            self._shut(end)

    def mend(self) -> None:
        self.cut = False

    def close(self) -> None:
        self.part()
        self._shut(self._server)

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            try:
                far = socket.create_connection((LOOPBACK, self._target))
            except OSError:
                near.close()
                continue
            self._open |= {near, far}
            self.carried += 1
            asked = threading.Event()
            threading.Thread(target=self._there, args=(near, far, asked), daemon=True).start()
            threading.Thread(target=self._back, args=(far, near, asked), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket, asked: threading.Event) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                asked.set()
                far.sendall(data)
        for end in (near, far):
            self._shut(end)

    def _back(self, far: socket.socket, near: socket.socket, asked: threading.Event) -> None:
        """Requests follow each other on a connection; the chance is drawn once for each answer, when it begins."""
        with suppress(OSError):
            while data := far.recv(65536):
                if asked.is_set():
                    asked.clear()
                    self.answers += 1
                    if self.chance.random() < self.loss:
                        self.lost += 1
                        break
                near.sendall(data)
        for end in (far, near):
            self._shut(end)

    def _shut(self, end: socket.socket) -> None:
        self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

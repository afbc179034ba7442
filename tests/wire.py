"""A wire between a program and a server that can be cut, or go silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

LOOPBACK = "127.0.0.1"
# Whether what came may go on; an OSError tears the connection off.
Gate = Callable[[], bool]


class Mode(StrEnum):
    PASS = "pass"
    CUT = "cut"
    SILENT = "silent"


class Wire:
    """Listens on `port`; CUT closes what comes and what there is, SILENT takes it and never answers."""

    def __init__(self, target: int) -> None:
        self.mode = Mode.PASS
        self._target = target
        self._server = socket.create_server((LOOPBACK, 0))
        self.port: int = self._server.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def turn(self, mode: Mode) -> None:
        self.mode = mode
        if mode is Mode.CUT:
            for end in list(self._open):
                self._shut(end)

    def close(self) -> None:
        self.turn(Mode.CUT)
        self._shut(self._server)

    def _gates(self) -> tuple[Gate, Gate]:
        """Of one connection: for what goes there, and for what comes back."""
        def talks() -> bool:
            return self.mode is not Mode.SILENT
        return talks, talks

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self.mode is Mode.CUT:
                near.close()
                continue
            try:
                far = socket.create_connection((LOOPBACK, self._target))
            except OSError:
                near.close()
                continue
            self._open |= {near, far}
            if self.mode is Mode.CUT:  # meanwhile
                self._shut(near)
                self._shut(far)
                continue
            there, back = self._gates()
            threading.Thread(target=self._carry, args=(near, far, there), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, back), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, gate: Gate) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if gate():
                    sink.sendall(data)
        for end in (source, sink):
            self._shut(end)

    def _shut(self, end: socket.socket) -> None:
        self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

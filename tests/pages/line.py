"""A line between browser and server: as slow as it is told to be, and cut as often."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType

_GULP = 16 * 1024


class Line:
    """`rate` in octets a second towards the server. `break_every` cuts whatever is connected, time and again."""

    def __init__(self, target: int, *, rate: float) -> None:
        self.target, self.rate = target, rate
        self.carried = self.cuts = 0
        self._wires: set[socket.socket] = set()
        self._closed = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._free_at = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Line:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._closed.set()
        self._listening.close()

    def break_every(self, seconds: float) -> None:
        """Of carrying at its full rate: a slow machine gets as far between two breaks as a fast one."""
        def work() -> None:
            before = self.carried
            while not self._closed.wait(0.05):
                if self.carried - before < self.rate * seconds:
                    continue
                before = self.carried
                wires = list(self._wires)
                self.cuts += bool(wires)
                for wire in wires:
                    with suppress(OSError):
                        wire.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=work, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        for wire in (near, far):
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self._wires |= {near, far}
        threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
        threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, slowly: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_GULP):
                if slowly:
                    self._wait(len(data))
                sink.sendall(data)
        for wire in (source, sink):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        self._wires.discard(source)
        source.close()

    def _wait(self, octets: int) -> None:
        """All connections share the line."""
        with self._lock:
            self.carried += octets
            self._free_at = max(self._free_at, time.monotonic()) + octets / self.rate
            pause = self._free_at - time.monotonic()
        if pause > 0:
            time.sleep(pause)

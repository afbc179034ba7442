"""The main thread waits here for a signal or for another thread, and misses neither.

`threading.Event` does miss: a signal that comes just before the thread falls asleep, or is heard by another thread,
wakes nobody, and its handler runs only once something else does.
"""

from __future__ import annotations

import signal
import socket
from contextlib import suppress


class Bell:
    """Made in the main thread. Every signal that has a handler of ours wakes it; only `ring` ends its waiting."""

    def __init__(self) -> None:
        self._hears, self._rings = socket.socketpair()
        self._rings.setblocking(False)
        self.rung = False
        # the byte stays where it is until somebody reads it, however early it came
        signal.set_wakeup_fd(self._rings.fileno(), warn_on_full_buffer=False)

    def ring(self) -> None:
        self.rung = True
        with suppress(BlockingIOError):  # so many wake it already
            self._rings.send(b"\0")

    def wait(self) -> None:
        while not self.rung:
            self._hears.recv(64)

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._hears.close()
        self._rings.close()

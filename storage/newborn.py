"""Processes forked by a nursery (storage.nursery) of ours, as whoever asked for them sees them."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import Self

# Most files fit as a whole: neither side waits for the other between pieces.
ROOM = 1024 * 1024


class Nursery:
    """One process that has imported `module` and forks others. Raises OSError when it cannot be had."""

    def __init__(self, module: str) -> None:
        self._line, far = socket.socketpair()
        with far:
            # no variable of ours, no folder of ours, no terminal, no open file of ours
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "storage.nursery", module], stdin=far.fileno(), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True)

    def lives(self) -> bool:
        return self._process.poll() is None

    def child(self) -> Child:
        """One more, which may still be on its way."""
        pipes = [os.pipe() for _ in range(3)]
        (source, stdin), (stdout, answer), (told, tells) = pipes
        with suppress(OSError, AttributeError):  # a matter of speed only; other systems than Linux do not know it
            fcntl.fcntl(stdin, fcntl.F_SETPIPE_SZ, ROOM)
        try:
            socket.send_fds(self._line, [b"c"], [source, answer, tells])
        except OSError:
            for end in (stdin, stdout, told):
                os.close(end)
            raise
        finally:
            for end in (source, answer, tells):
                os.close(end)
        return Child(self, stdin, stdout, told)

    def close(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()


class Child:
    """Used once. What it is and how it ended comes over `told`: its id, then its exit code, a line each."""

    def __init__(self, nursery: Nursery, stdin: int, stdout: int, told: int) -> None:
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self._nursery, self._told, self._lines, self._over = nursery, told, b"", False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Raises OSError for one that never was."""
        while b"\n" not in self._lines and not self._over:
            self._listen()
        if b"\n" not in self._lines:
            raise ProcessLookupError
        return int(self._lines.partition(b"\n")[0])

    def ended(self) -> bool:
        while not self._over and select.select([self._told], [], [], 0)[0]:
            self._listen()
        return self._over

    def wait(self) -> int:
        """The exit code, negative for a signal; 1 for one that never was."""
        while not self._over:
            self._listen()
        lines = self._lines.split()
        return int(lines[1]) if len(lines) > 1 else 1

    def kill(self) -> None:
        """Also one that is not there yet, with whoever should have made it."""
        if self.ended():
            return
        if b"\n" not in self._lines:
            self._nursery.close()
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Returns when it has ended."""
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        self.wait()
        os.close(self._told)

    def _listen(self) -> None:
        piece = os.read(self._told, 64)
        self._lines += piece
        self._over = not piece

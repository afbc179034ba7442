"""Gives every foreign file a process of its own that ends with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from engine.errors import Unavailable

_READY = b"ready\n"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the child said before it ended, and how it ended."""

    text: bytes
    signal: int | None
    late: bool


class Quarantine:
    """Children are started ahead and wait at their stdin, so that no clerk waits for imports.

    Each is used once: what one file did to it never meets the next file. `module` is what the children run; they say
    no more than `longest` octets.
    """

    def __init__(self, *, module: str = "storage.inspection_child", ahead: int = 1, at_once: int = 3,
                 seconds: float = 20.0, longest: int = 4096) -> None:
        self._module, self._ahead, self._seconds, self._longest = module, ahead, seconds, longest
        self._places = threading.BoundedSemaphore(at_once)  # each may take half a gigabyte
        self._waiting: deque[subprocess.Popen[bytes]] = deque()
        self._owner = os.getpid()

    def examine(self, file: IO[bytes], head: bytes = b"") -> Answer:
        """`head` goes before the file, for children that are asked more than one thing."""
        if not self._places.acquire(timeout=self._seconds):
            raise _unavailable()
        try:
            answer = self._ask_one(file, head)
            if answer.signal == signal.SIGKILL and not answer.late:
                # Its own limits end a child otherwise: this was an outside hand, such as a machine out of memory.
                file.seek(0)
                answer = self._ask_one(file, head)
            return answer
        except OSError as error:  # no process or no memory to be had
            raise _unavailable() from error
        finally:
            self._places.release()
            with suppress(OSError):
                self.prepare()

    def prepare(self) -> None:
        """Starts the children that shall be waiting."""
        if self._owner != os.getpid():  # after a fork the parent's children are not ours to talk to
            self._waiting, self._owner = deque(), os.getpid()
        while len(self._waiting) < self._ahead:
            self._waiting.append(_start(self._module))

    def close(self) -> None:
        while self._waiting:
            with self._waiting.pop() as child:
                _kill(child)

    def _take(self) -> subprocess.Popen[bytes]:
        if self._owner == os.getpid():
            with suppress(IndexError):
                while (child := self._waiting.popleft()).poll() is not None:
                    child.__exit__(None, None, None)
                return child
        return _start(self._module)

    def _ask_one(self, file: IO[bytes], head: bytes) -> Answer:
        with self._take() as child:
            return self._ask(child, file, head)

    def _ask(self, child: subprocess.Popen[bytes], file: IO[bytes], head: bytes) -> Answer:
        """A child that neither reads nor answers is killed by the watch, which ends both blocking calls."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            _kill(child)

        watch = threading.Timer(self._seconds, give_up)
        watch.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with suppress(BrokenPipeError):
                child.stdin.write(head)
                shutil.copyfileobj(file, child.stdin)
            with suppress(BrokenPipeError):
                child.stdin.close()
            text = child.stdout.read(self._longest)
            if len(text) == self._longest:
                _kill(child)
            code = child.wait()
        finally:
            watch.cancel()
            _kill(child)
        if not text.startswith(_READY) and not late.is_set():
            raise _unavailable()
        return Answer(text=text.removeprefix(_READY), signal=-code if code < 0 else None, late=late.is_set())


def _start(module: str) -> subprocess.Popen[bytes]:
    """No variable of ours, no folder of ours, no terminal, no open file of ours."""
    return subprocess.Popen(
        [sys.executable, "-I", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _unavailable() -> Unavailable:
    return Unavailable(part_vi="Bộ phận kiểm tra tệp", part_en="The file checker", seconds=10)

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
from typing import BinaryIO

from engine.errors import Unavailable

_READY = b"ready\n"
_LONGEST_ANSWER = 4096


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the child said before it ended, and how it ended."""

    text: bytes
    signal: int | None
    late: bool


class Quarantine:
    """Children are started ahead and wait at their stdin, so that no clerk waits for imports.

    Each is used once: what one file did to it never meets the next file.
    """

    def __init__(self, *, ahead: int = 1, at_once: int = 3, seconds: float = 20.0) -> None:
        self._ahead, self._seconds = ahead, seconds
        self._places = threading.BoundedSemaphore(at_once)  # each may take half a gigabyte
        self._waiting: deque[subprocess.Popen[bytes]] = deque()
        self._owner = os.getpid()

    def examine(self, file: BinaryIO) -> Answer:
        if not self._places.acquire(timeout=self._seconds):
            raise _unavailable()
        try:
            answer = self._ask_one(file)
            if answer.signal == signal.SIGKILL and not answer.late:
                # Its own limits end a child otherwise: this was an outside hand, such as a machine out of memory.
                file.seek(0)
                answer = self._ask_one(file)
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
            self._waiting.append(_start())

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
        return _start()

    def _ask_one(self, file: BinaryIO) -> Answer:
        with self._take() as child:
            return self._ask(child, file)

    def _ask(self, child: subprocess.Popen[bytes], file: BinaryIO) -> Answer:
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
                shutil.copyfileobj(file, child.stdin)
            with suppress(BrokenPipeError):
                child.stdin.close()
            text = child.stdout.read(_LONGEST_ANSWER)
            if len(text) == _LONGEST_ANSWER:
                _kill(child)
            code = child.wait()
        finally:
            watch.cancel()
            _kill(child)
        if not text.startswith(_READY) and not late.is_set():
            raise _unavailable()
        return Answer(text=text.removeprefix(_READY), signal=-code if code < 0 else None, late=late.is_set())


def _start() -> subprocess.Popen[bytes]:
    """No variable of ours, no folder of ours, no terminal, no open file of ours."""
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "storage.inspection_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _unavailable() -> Unavailable:
    return Unavailable(part_vi="Bộ phận kiểm tra tệp", part_en="The file checker", seconds=10)

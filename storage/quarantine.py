"""Gives every foreign file a process of its own that ends with it."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from engine.errors import Unavailable
from storage.newborn import ROOM, Child, Nursery

_READY = b"ready\n"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the child said before it ended, and how it ended."""

    text: bytes
    signal: int | None
    late: bool


class Quarantine:
    """Children are forked ahead from a process that has imported everything, and wait at their stdin.

    Each is used once: what one file did to it never meets the next file. `module` is what the children run; they say
    no more than `longest` octets.
    """

    def __init__(self, *, module: str = "storage.inspection_child", ahead: int = 1, at_once: int = 3,
                 seconds: float = 20.0, longest: int = 4096) -> None:
        self._module, self._ahead, self._seconds, self._longest = module, ahead, seconds, longest
        self._places = threading.BoundedSemaphore(at_once)  # each may take half a gigabyte
        self._waiting: deque[Child] = deque()
        self._nursery: Nursery | None = None
        self._starting = threading.Lock()
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
            self._waiting, self._nursery, self._owner = deque(), None, os.getpid()
        while len(self._waiting) < self._ahead:
            self._waiting.append(self._born())

    def close(self) -> None:
        while self._waiting:
            with self._waiting.pop() as child:
                child.kill()
        if self._nursery is not None and self._owner == os.getpid():
            self._nursery.close()
            self._nursery = None

    def _take(self) -> Child:
        if self._owner == os.getpid():
            with suppress(IndexError):
                while (child := self._waiting.popleft()).ended():
                    child.close()
                return child
        return self._born()

    def _born(self) -> Child:
        with self._starting:
            if self._nursery is None or self._owner != os.getpid() or not self._nursery.lives():
                self._nursery, self._owner = Nursery(self._module), os.getpid()
            return self._nursery.child()

    def _ask_one(self, file: IO[bytes], head: bytes) -> Answer:
        with self._take() as child:
            return self._ask(child, file, head)

    def _ask(self, child: Child, file: IO[bytes], head: bytes) -> Answer:
        """A child that neither reads nor answers is killed by the watch, which ends both blocking calls."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            child.kill()

        watch = threading.Timer(self._seconds, give_up)
        watch.start()
        try:
            with suppress(BrokenPipeError):
                child.stdin.write(head)
                shutil.copyfileobj(file, child.stdin, ROOM)
            with suppress(BrokenPipeError):
                child.stdin.close()
            text = child.stdout.read(self._longest)
            if len(text) == self._longest:
                child.kill()
            code = child.wait()
        finally:
            watch.cancel()
            child.kill()
        if not text.startswith(_READY) and not late.is_set():
            raise _unavailable()
        return Answer(text=text.removeprefix(_READY), signal=-code if code < 0 else None, late=late.is_set())


def _unavailable() -> Unavailable:
    return Unavailable(part_vi="Bộ phận kiểm tra tệp", part_en="The file checker", seconds=10)

"""Imports a module once; every file then gets a process of its own, forked in milliseconds and ended with the file.

`python -I -m storage.nursery MODULE`: each byte that comes on fd 0, a socket, brings the two ends of a pipe that are to
be stdin and stdout of the module's main(), and a third on which the process id and at last the exit code are told.
No byte of a file is ever seen by this process, nor by one that lives longer than its file.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from types import ModuleType

MOST_OPEN = 1024


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    gc.freeze()  # what is shared by all stays shared
    ended = _ends_of_children()
    told: dict[int, int] = {}
    with socket.socket(fileno=os.dup(0)) as line:
        while True:
            ready, _, _ = select.select([line.fileno(), ended], [], [])
            if ended in ready:
                os.read(ended, MOST_OPEN)
                _tell_ends(told)
            if line.fileno() in ready:
                asked, ends, _, _ = socket.recv_fds(line, 1, 3)
                if not asked:
                    return
                _begin(module, told, *ends)


def _ends_of_children() -> int:
    """A pipe in which something lies once a child has ended."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return ended


def _begin(module: ModuleType, told: dict[int, int], source: int, answer: int, tells: int) -> None:
    """One process; where there is none to be had, whoever asked hears the end at once."""
    child = None
    with suppress(OSError):
        child = os.fork()
    if child == 0:
        _live(module, source, answer)
    for end in (source, answer):
        os.close(end)
    if child is None:
        os.close(tells)
        return
    told[child] = tells
    with suppress(OSError):  # nobody listens any more
        os.write(tells, b"%d\n" % child)


def _tell_ends(told: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            child, status = ended
            tells = told.pop(child)
            with suppress(OSError):
                os.write(tells, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(tells)


def _live(module: ModuleType, source: int, answer: int) -> None:
    """With nothing open but its file and its answer. Never returns."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(source, 0)
        os.dup2(answer, 1)
        os.closerange(3, MOST_OPEN)
        module.main()
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()

"""Imports a module once; every file then gets a process of its own, forked in milliseconds and ended with the file.

`python -I -m storage.nursery MODULE`: each byte that comes on fd 0, a socket, brings the two ends of a pipe that are to
be stdin and stdout of the module's main(), and a third on which the process id and at last the exit code are told.
No byte of a file is ever seen by this process, nor by one that lives longer than its file.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
from types import ModuleType

MOST_OPEN = 1024


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    gc.freeze()  # what is shared by all stays shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=os.dup(0)) as line:
        while True:
            asked, ends, _, _ = socket.recv_fds(line, 1, 3)
            if not asked:
                return
            if os.fork() == 0:
                _mind(module, *ends)
            for end in ends:
                os.close(end)


def _mind(module: ModuleType, source: int, answer: int, told: int) -> None:
    """Starts the process and tells how it ended. Never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if child == 0:
            _live(module, source, answer)
        os.dup2(told, 0)
        os.closerange(3, MOST_OPEN)
        os.write(0, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(0, b"%d\n" % os.waitstatus_to_exitcode(status))
    finally:
        os._exit(0)


def _live(module: ModuleType, source: int, answer: int) -> None:
    """With nothing open but its file and its answer. Never returns."""
    code = 1
    try:
        os.setsid()
        os.dup2(source, 0)
        os.dup2(answer, 1)
        os.closerange(3, MOST_OPEN)
        module.main()
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()

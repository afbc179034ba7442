"""A request to stop is heard whichever thread of a process the kernel hands it to, and whenever it comes."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.resident import ROOT, eventually

libc = ctypes.CDLL(None, use_errno=True)
TGKILL = {"x86_64": 234, "aarch64": 131}.get(os.uname().machine)

# Nothing that these processes need is there: they wait for it, and are asked to stop meanwhile.
DISPATCHER = "from engine.flows.dispatcher import main; main()"
FLOWS = "from engine.flows.serve import main; main()"
UP = """
import threading, types
from api.up import Attendant
with Attendant() as attendant:
    attendant.watch(types.SimpleNamespace(supervisor=object()))
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    attendant.asked.wait()
"""


def others(pid: int) -> list[int]:
    """Threads beside the main one that would hear SIGTERM, once the process has a handler for it."""
    return sorted(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()
                  if task.name != str(pid) and hears(task / "status"))


def hears(status: Path) -> bool:
    try:
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    except OSError:  # it has ended meanwhile
        return False
    caught, blocked = (bool(int(told[mask], 16) >> (signal.SIGTERM - 1) & 1) for mask in ("SigCgt", "SigBlk"))
    return caught and not blocked


def told(pid: int, thread: int) -> bool:
    return libc.syscall(TGKILL, pid, thread, int(signal.SIGTERM)) == 0


@pytest.mark.skipif(TGKILL is None, reason="the number of tgkill on this processor is not known to us")
@pytest.mark.parametrize("code", [DISPATCHER, FLOWS, UP], ids=["dispatcher", "flows", "up"])
def test_a_signal_that_reaches_another_thread_wakes_the_main_one(code: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LIENTHONG_HOME": str(tmp_path), "PREFECT_API_URL": "http://127.0.0.1:9/api",
                 "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"})
    try:
        # a thread that was seen may end before it is told
        eventually(lambda: process.poll() is not None or any(told(process.pid, one) for one in others(process.pid)))
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()

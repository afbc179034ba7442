"""Small processes to supervise."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil

from storage.local.children import Child, Place

SLEEPER = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def place(folder: Path) -> Place:
    for name in ("run", "log"):
        (folder / name).mkdir(exist_ok=True)
    return Place(run=folder / "run", log=folder / "log")


def toy(folder: Path, name: str, code: str = SLEEPER, *, after: tuple[str, ...] = (),
        ready: Callable[[], bool] = lambda: True, grace: float = 3.0) -> Child:
    return Child(name=name, argv=(sys.executable, "-c", code), environment=dict(os.environ), folder=folder,
                 after=after, ready=ready, grace=timedelta(seconds=grace))


def eventually(fact: Callable[[], object], within: float = 180.0) -> None:
    """The processes under test are real, so what they do takes a moment."""
    until = time.monotonic() + within
    while not fact():
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

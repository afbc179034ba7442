"""The whole stack with nobody working: resident memory and share of one core, process by process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from bench.measure import cpu
from storage.local.ports import free_first
from tests.machine import home

SETTLE = 45.0
WATCH = 60.0


def measure() -> None:
    """Starts `lienthong up` in an empty folder, lets it settle, watches it do nothing."""
    with home() as folder:
        port = free_first()
        environment = {**os.environ, "LIENTHONG_HOME": str(folder), "LIENTHONG_PORT": str(port)}
        began = time.perf_counter()
        with (folder / "up.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", "api"], env=environment, stdout=log, stderr=log)
            try:
                _wait(port)
                print(f"\nready in {time.perf_counter() - began:.1f} s from an empty folder")
                time.sleep(SETTLE)
                _watch(process.pid, folder / "run")
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _wait(port: int) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2).close()
            return
        time.sleep(0.2)
    raise TimeoutError("the stack did not become ready")


def _watch(supervisor: int, records: Path) -> None:
    named = {"supervisor": psutil.Process(supervisor)}
    for record in sorted(records.glob("*.json")):
        with suppress(psutil.NoSuchProcess):
            named[record.stem] = psutil.Process(json.loads(record.read_text(encoding="utf-8"))["pid"])
    children = set(named.values())
    before = {name: _cpu(process, children) for name, process in named.items()}
    time.sleep(WATCH)
    rows = [(name, _memory(process, children), (_cpu(process, children) - before[name]) / WATCH)
            for name, process in named.items()]
    print(f"idle for {WATCH:.0f} s{'':<14}{'MiB':>8}{'% of a core':>14}")
    for name, memory, share in [*rows, ("all", sum(row[1] for row in rows), sum(row[2] for row in rows))]:
        print(f"  {name:<26}{memory / 2**20:>8.0f}{100 * share:>14.2f}")


def _family(process: psutil.Process, others: set[psutil.Process]) -> list[psutil.Process]:
    """A process with those of its descendants that have no line of their own."""
    return [process, *(child for child in process.children() if child not in others)]


def _cpu(process: psutil.Process, others: set[psutil.Process]) -> float:
    if any(child in others for child in process.children()):
        times = process.cpu_times()
        return float(times.user + times.system)
    return cpu(process)


def _memory(process: psutil.Process, others: set[psutil.Process]) -> int:
    """PSS where the system tells it: PostgreSQL's processes share most of what they hold."""
    total = 0
    for member in _family(process, others):
        with suppress(psutil.NoSuchProcess):
            held = member.memory_full_info()
            total += getattr(held, "pss", 0) or held.rss
    return total

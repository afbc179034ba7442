"""CPU seconds of clients and servers around a piece of work, and what they make per thousand transitions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """`client` and `server` in CPU seconds, `wall` in seconds, for `count` transitions."""

    name: str
    count: int
    wall: float
    client: float
    server: float

    @property
    def rate(self) -> float:
        return self.count / self.wall

    @property
    def per_core(self) -> float:
        """Transitions per CPU second, client and server together."""
        return self.count / (self.client + self.server)

    def line(self) -> str:
        per = 1000 / self.count
        return (f"{self.name:<34}{self.rate:>8.0f}/s {self.per_core:>8.0f}/CPU s   "
                f"CPU s per 1,000: client {self.client * per:.2f}, PostgreSQL {self.server * per:.2f}")


def cpu(parent: psutil.Process) -> float:
    """CPU seconds of a process, its living children, and those that have ended and were waited for."""
    own = parent.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in parent.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass(frozen=True, slots=True)
class Done:
    """What one worker did: transitions, its own CPU seconds, its wall seconds."""

    count: int
    client: float
    wall: float


class Stopwatch:
    """CPU and wall time of this process since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def done(self, count: int) -> Done:
        return Done(count, time.process_time() - self._cpu, time.perf_counter() - self._wall)


def run(name: str, work: Callable[[], Sequence[Done]], server: psutil.Process) -> Run:
    """The slowest worker gives the wall time."""
    before = cpu(server)
    workers = work()
    count, client = sum(done.count for done in workers), sum(done.client for done in workers)
    wall = max(done.wall for done in workers)
    time.sleep(0.5)  # connections that were closed end, and are then counted by their parent
    return Run(name=name, count=count, wall=wall, client=client, server=cpu(server) - before)

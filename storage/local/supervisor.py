"""Starts parts in the order they need each other, replaces children that die, stops all in reverse."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from enum import StrEnum
from functools import partial
from graphlib import TopologicalSorter

from engine.errors import LienThongError
from storage.local.children import Born, Child, Place, Step, bear, tail
from storage.local.trouble import StartFailed

Part = Child | Step

# Short enough that a clerk sees one hiccup, long enough that a crash loop leaves the processor to the others.
DELAYS = (1.0, 2.0, 4.0, 6.0)
# A child that lived this long has recovered: its next death starts the delays again.
HEALTHY = 60.0
PROBE_EVERY = 0.1
AGAIN_AT_START = 0.3
# A step cannot be broken off; what it talks to is taken away after this.
STEP_GRACE = 10.0


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    DIED = "died"
    STOPPING = "stopping"
    STOPPED = "stopped"


Notice = Callable[[str, Phase], None]


def ignore(name: str, phase: Phase) -> None:
    """Nobody wants to hear."""


class Keeper:
    """Keeps one part: runs in a thread of its own from the first start to the end."""

    def __init__(self, part: Part, place: Place, notice: Notice) -> None:
        self.part = part
        self.up = threading.Event()
        self._place = place
        self._notice = notice
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._born: Born | None = None

    def keep(self, needs: Sequence[Keeper]) -> None:
        """Returns when told to stop; raises when the first start fails."""
        for other in needs:
            while not other.up.wait(PROBE_EVERY):
                if self._stopping.is_set():
                    return
        if self._stopping.is_set():
            return
        self._notice(self.part.name, Phase.STARTING)
        if isinstance(self.part, Step):
            self.part.run()
            self._ready()
            return
        if self._first_start(self.part):
            self._replace_for_ever(self.part)

    def resume(self) -> None:
        """After a fault of ours, such as a probe that met an answer it cannot read: keep what there is."""
        if isinstance(self.part, Child) and not self._stopping.wait(DELAYS[0]):
            self._replace_for_ever(self.part)

    def ask_to_stop(self) -> None:
        with self._lock:
            self._stopping.set()
            if self._born is not None:
                self._notice(self.part.name, Phase.STOPPING)
                self._born.signal(self._born.child.stop_signal)

    @property
    def pid(self) -> int | None:
        return self._born.process.pid if self._born is not None else None

    @property
    def essential(self) -> bool:
        return isinstance(self.part, Step) or self.part.essential

    def grace(self, *, hurry: bool) -> float:
        if isinstance(self.part, Step):
            return STEP_GRACE
        return (self.part.hurried_grace if hurry else self.part.grace).total_seconds()

    def kill(self) -> None:
        with self._lock:
            if self._born is not None:
                self._born.kill()

    def _first_start(self, child: Child) -> bool:
        begun = time.monotonic()
        while (born := self._bear(child)) is not None:
            code = self._until_ready(born)
            if code is None or self._stopping.is_set() or not child.essential:
                return True
            if time.monotonic() - begun > child.patience.total_seconds():
                log = self._place.log_of(child.name)
                raise StartFailed(service=child.name, why=f"exit {code}", log=log, tail=tail(log))
            self._stopping.wait(AGAIN_AT_START)
        return False

    def _replace_for_ever(self, child: Child) -> None:
        deaths = 0
        while self._born is not None:
            born = self._born
            born.wait()
            if self._stopping.is_set():
                break
            self._notice(child.name, Phase.DIED)
            deaths = 0 if born.age > HEALTHY else deaths
            self._stopping.wait(DELAYS[min(deaths, len(DELAYS) - 1)])
            deaths += 1
            # A full disk or process table, a socket in the way: the next round tries again.
            with suppress(OSError, LienThongError):
                fresh = self._bear(child)
                if fresh is not None:
                    self._until_ready(fresh)
        self._notice(child.name, Phase.STOPPED)

    def _bear(self, child: Child) -> Born | None:
        child.prepare()
        with self._lock:
            if self._stopping.is_set():
                return None
            self._born = bear(child, self._place)
            return self._born

    def _until_ready(self, born: Born) -> int | None:
        """None when it is ready, else the code it ended with; one that never answers is ended."""
        while born.process.poll() is None:
            if born.child.ready():
                self._ready()
                return None
            if born.age > born.child.start_within.total_seconds():
                born.kill()
            time.sleep(PROBE_EVERY)
        return born.wait()

    def _ready(self) -> None:
        self.up.set()
        self._notice(self.part.name, Phase.READY)


class Supervisor:
    """`notice` hears of every change of phase, from threads of ours."""

    def __init__(self, parts: Sequence[Part], place: Place, notice: Notice = ignore) -> None:
        self._ended: queue.Queue[tuple[str, Future[None]]] = queue.Queue()
        self._keepers = {part.name: Keeper(part, place, notice) for part in parts}
        self._needs = {part.name: [need for need in part.after if need in self._keepers] for part in parts}
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(parts)), thread_name_prefix="keeper")
        self._futures: dict[str, Future[None]] = {}
        self._started = self._stopping = False
        self.hurry = threading.Event()  # a second Ctrl-C sets it while `stop` waits

    def start(self) -> None:
        """Returns when every essential part is up; when one cannot start, stops all and raises its fault."""
        for name, keeper in self._keepers.items():
            self._submit(name, partial(keeper.keep, [self._keepers[need] for need in self._needs[name]]))
        try:
            while not all(keeper.up.is_set() for keeper in self._keepers.values() if keeper.essential):
                with suppress(queue.Empty):
                    self._complain(*self._ended.get(timeout=PROBE_EVERY))
            self._started = True
        except BaseException:
            self.stop(hurry=True)
            raise

    def stop(self, *, hurry: bool = False) -> None:
        """In reverse order, level by level; `hurry` waits less before it kills."""
        self._stopping = True
        if hurry:
            self.hurry.set()
        for level in reversed(self._levels()):
            for keeper in level:
                keeper.ask_to_stop()
            for keeper in level:
                self._see_off(keeper)
        self._pool.shutdown()

    def pids(self) -> dict[str, int]:
        """The processes of now, for measurements and tests."""
        return {name: keeper.pid for name, keeper in self._keepers.items() if keeper.pid is not None}

    def _see_off(self, keeper: Keeper) -> None:
        future = self._futures.get(keeper.part.name)
        begun = time.monotonic()
        while future is not None and not future.done():
            if time.monotonic() - begun > keeper.grace(hurry=self.hurry.is_set()):
                keeper.kill()
                return
            wait([future], timeout=PROBE_EVERY)

    def _submit(self, name: str, work: Callable[[], None]) -> None:
        future = self._pool.submit(work)
        self._futures[name] = future
        future.add_done_callback(partial(self._note, name))

    def _note(self, name: str, future: Future[None]) -> None:
        """Nobody dies unnoticed: before the start is over it fails, after it the child is kept all the same."""
        self._ended.put((name, future))
        if future.exception() is not None and self._started and not self._stopping:
            self._submit(name, self._keepers[name].resume)

    def _complain(self, name: str, future: Future[None]) -> None:
        fault = future.exception()
        if isinstance(fault, LienThongError):
            raise fault
        if fault is not None:
            why = f"{type(fault).__name__}: {fault}"
            raise StartFailed(service=name, why=why, log="-", tail="") from fault

    def _levels(self) -> list[list[Keeper]]:
        sorter = TopologicalSorter(self._needs)
        sorter.prepare()
        levels = []
        while sorter.is_active():
            names = sorter.get_ready()
            levels.append([self._keepers[name] for name in names])
            sorter.done(*names)
        return levels

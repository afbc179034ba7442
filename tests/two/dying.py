"""Processes of an installation that die at a named point of the code (tests.two.points).

Nothing in the product knows of them: the function is wrapped in the child that is to die there, while it works.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import uvicorn

from api.app import SERVER
from engine import timekeeper
from engine.casework.act import act
from engine.casework.orders import Order
from engine.exchange import effects
from engine.flows import dispatcher
from engine.flows.office import office
from engine.settings import settings
from storage.local.ports import LOOPBACK
from storage.local.probes import answers
from tests.two.installation import Installation, environment_of
from tests.two.points import DESK, DISPATCHER, WEB, Point

STARTS_WITHIN = 120.0
WENT_ON = "went on"
# What is tried again after a second, or after a minute.
SOON = 0.2
POLL = "PT0.1S"


def find(name: str) -> tuple[Any, str]:
    """Where a dotted name is looked up: a module or class, and the name in it. Raises AttributeError."""
    parts = name.split(".")
    place: Any = importlib.import_module(parts[0])
    for number, part in enumerate(parts[1:-1], 2):
        if not hasattr(place, part):
            importlib.import_module(".".join(parts[:number]))
        place = getattr(place, part)
    getattr(place, parts[-1])
    return place, parts[-1]


def arm(point: Point, reached: Path) -> None:
    """In this process; `reached` is written first."""
    place, name = find(point.name)
    function: Callable[..., Any] = getattr(place, name)
    passes = itertools.count(1)

    def is_here(when: str, given: tuple[Any, ...]) -> bool:
        return when == point.when and _about(point.of, given) and next(passes) == point.nth

    def end() -> None:
        reached.write_text(str(point), encoding="utf-8")
        # to this thread: of a stop that went to the process the others would hear first
        signal.pthread_kill(threading.get_ident(), point.by)

    @functools.wraps(function)
    def deadly(*given: Any, **named: Any) -> Any:
        here = is_here("before", given)
        if here:
            end()
        try:
            result = function(*given, **named)
        finally:
            if here:
                reached.write_text(WENT_ON, encoding="utf-8")
        if is_here("after", given):
            end()
        return result

    setattr(place, name, deadly)


def _about(wanted: str, given: tuple[Any, ...]) -> bool:
    kind = f'"kind":"{wanted}"'.encode()

    def of(one: Any) -> bool:
        if isinstance(one, bytes):
            return kind in one
        if isinstance(one, dict):
            return one.get("event") == wanted
        return wanted in (one, *(getattr(one, name, "") for name in ("kind", "event", "address", "path")))

    return not wanted or any(map(of, given))


@dataclass(frozen=True)
class Life:
    """What a child is born with: the environment of its installation, its log, and for one act where it dies."""

    told: Mapping[str, str]
    home: Path
    process: str
    point: Point | None = None

    @property
    def reached(self) -> Path:
        return self.home / "reached"

    def begin(self) -> None:
        os.environ.clear()
        os.environ.update(self.told)
        settings.cache_clear()
        timekeeper._path = self.told["LIENTHONG_CLOCK"]
        effects.AGAIN, dispatcher.SCANS_AGAIN = SOON, (SOON,)
        out = os.open(self.home / "log" / f"{self.process}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if self.point is not None:
            arm(self.point, self.reached)
        signal.signal(signal.SIGUSR1, self.wait_for_it)
        stands(self.home, os.getpid()).touch()

    def wait_for_it(self, *_: object) -> None:
        """From now on it dies at the point it is told."""
        point: Point = pickle.loads(target(self.home, os.getpid()).read_bytes())
        arm(point, self.reached)
        stands(self.home, os.getpid()).write_text(str(point), encoding="utf-8")


def stands(home: Path, pid: int | None) -> Path:
    """Empty once a child can be told where it dies, then the name of the point."""
    return home / f"life-{pid}"


def target(home: Path, pid: int | None) -> Path:
    return home / f"point-{pid}"


def _web(life: Life, port: int) -> None:
    life.begin()
    uvicorn.run("api.app:create_app", factory=True, host=LOOPBACK, port=port, log_level="warning", **SERVER)


def _dispatcher(life: Life) -> None:
    life.begin()
    dispatcher.main()


def _desk(life: Life, order: Order, now: datetime) -> None:
    life.begin()
    act(office(), order, now)


@dataclass
class Attendant:
    """Web server and dispatcher of one installation, started one by one from a warm parent.

    `more`: of the environment of both.
    """

    side: Installation
    more: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, ForkServerProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pytest", "tests.two.dying"])

    @property
    def home(self) -> Path:
        return self.side.machine.home

    def life(self, process: str, point: Point | None = None) -> Life:
        told = {**environment_of(self.side.machine, self.side.name, self.home / "clock.json"), "LIENTHONG_POLL": POLL,
                **self.more}
        del told["DATABASE_OWNER_URL"]
        return Life(told, self.home, process, point)

    @property
    def reached(self) -> str:
        """The point at which a child said that it would die or stand still now; WENT_ON once that call is over."""
        file = self.home / "reached"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def start(self, process: str) -> None:
        """In the place of the one that runs, which is killed."""
        self.kill(process)
        self.spawn(process)
        if process == WEB:
            self._await_web()

    def spawn(self, process: str, name: str = "") -> ForkServerProcess:
        life = self.life(process)
        child = (self._context.Process(target=_web, args=(life, self.side.machine.ports.web)) if process == WEB
                 else self._context.Process(target=_dispatcher, args=(life,)))
        child.start()
        self.running[name or process] = child
        return child

    def arm(self, process: str, point: Point) -> None:
        """The one that runs dies there."""
        (self.home / "reached").unlink(missing_ok=True)
        child = self.running[process]
        told = stands(self.home, child.pid)
        self._await(process, told.exists)
        target(self.home, child.pid).write_bytes(pickle.dumps(point))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGUSR1)
        self._await(process, lambda: told.read_text(encoding="utf-8") == str(point))

    def _await_web(self) -> None:
        self._await(WEB, lambda: answers(LOOPBACK, self.side.machine.ports.web, "/health/ready"))

    def _await(self, process: str, so: Callable[[], bool]) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while not so():
            assert time.monotonic() < until, f"{process} is not ready: {self.tail(process)}"
            assert self.running[process].is_alive(), f"{process} ended: {self.tail(process)}"
            time.sleep(0.02)

    def act(self, order: Order, now: datetime, point: Point) -> int | None:
        """One act in a process of its own; how it ended."""
        (self.home / "reached").unlink(missing_ok=True)
        child = self._context.Process(target=_desk, args=(self.life(DESK, point), order, now))
        child.start()
        child.join(STARTS_WITHIN)
        return child.exitcode

    def is_dead(self, name: str) -> bool:
        """Killed; of anything else it must not die."""
        child = self.running[name]
        if child.is_alive():
            return False
        assert child.exitcode == -signal.SIGKILL, self.tail(name)
        return True

    def go_on(self, name: str) -> None:
        """One that stands still."""
        pid = self.running[name].pid
        assert pid is not None
        os.kill(pid, signal.SIGCONT)

    def kill(self, name: str) -> None:
        child = self.running.pop(name, None)
        if child is not None:
            child.kill()
            child.join()
            # another child may get its number
            stands(self.home, child.pid).unlink(missing_ok=True)

    def tail(self, process: str) -> str:
        file = self.home / "log" / f"{process}.log"
        return file.read_text(encoding="utf-8", errors="replace")[-3000:] if file.exists() else ""


@contextmanager
def attended(side: Installation, **more: str) -> Iterator[Attendant]:
    """`more`: of the environment."""
    attendant = Attendant(side, more)
    try:
        attendant.start(WEB)
        attendant.start(DISPATCHER)
        yield attendant
    finally:
        for name in list(attendant.running):
            attendant.kill(name)

"""Processes of an installation that die at a named point of the code, and the list of such points.

Nothing in the product knows of them: a point is the moment before or after a function, which is wrapped in the child
that is to die there.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import multiprocessing
import os
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
from engine.flows import dispatcher
from engine.flows.office import office
from engine.settings import settings
from storage.local.ports import LOOPBACK
from storage.local.probes import answers
from tests.two.installation import Installation, environment_of

HERE, THERE = "here", "there"
WEB, DISPATCHER, DESK = "web", "dispatcher", "desk"
STARTS_WITHIN = 60.0
WENT_ON = "went on"


@dataclass(frozen=True, kw_only=True)
class Point:
    """The `nth` time that `name` is called (`when` "before") or returns ("after") in a process of one side.

    `of`: only calls about this kind of message, this event or this agency count. `story`: in which it is reached.
    `by`: SIGKILL, or SIGSTOP for one that stands still there until somebody lets it go on.
    """

    side: str
    process: str
    when: str
    name: str
    of: str = ""
    nth: int = 1
    story: str = "answered"
    by: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        return "-".join(part for part in (self.story, self.side, self.process, self.when, self.name, self.of,
                                          str(self.nth) if self.nth > 1 else "") if part)


def _points(story: str, side: str, process: str, *told: str) -> Iterator[Point]:
    """Each as "before|after name [of] [nth]"."""
    for line in told:
        when, name, *more = line.split()
        numbers = [int(word) for word in more if word.isdecimal()]
        words = [word for word in more if not word.isdecimal()]
        yield Point(side=side, process=process, when=when, name=name, of=words[0] if words else "",
                    nth=numbers[0] if numbers else 1, story=story)


POINTS = (
    # the hand-off leaves
    *_points("answered", HERE, DESK,
             "before storage.dossiers.record consult", "after storage.dossiers.record consult"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.sending.send handoff",
             "after engine.exchange.sending.describing.content_of handoff",
             "after engine.exchange.sending.seal",
             "after storage.exchange.seal handoff",
             "before engine.exchange.client.Client.post handoff",
             "after engine.exchange.client.Client.post handoff",
             "after engine.exchange.sending.unseal",
             "before engine.delivery.receive H51.05",
             "after engine.delivery.receive H51.05",
             "after storage.exchange.sent handoff"),
    # and is taken in
    *_points("answered", THERE, WEB,
             "before engine.exchange.receiving.receive handoff",
             "after engine.exchange.receiving.unseal",
             "before storage.arrivals.store handoff",
             "after storage.arrivals._standing",
             "after storage.arrivals._standing 2",
             "after storage.arrivals.store handoff",
             "after engine.exchange.receiving.seal",
             "after storage.arrivals.keep_receipt",
             "after engine.exchange.receiving.receive handoff"),
    *_points("answered", THERE, DISPATCHER,
             "before engine.exchange.applying.apply handoff",
             "before engine.exchange.applying.successors.open_for",
             "after engine.casework.successors.dossiers.take_code",
             "before storage.dossiers.record_receipt",
             "after storage.dossiers.record_receipt",
             "after engine.exchange.applying.apply handoff"),
    # its document is pulled
    *_points("answered", THERE, DISPATCHER,
             "before engine.exchange.pulling.pull",
             "before engine.exchange.pulling.asking",
             "after storage.spool.Growing.put",
             "before storage.spool.Growing.finish",
             "after storage.spool.Growing.finish",
             "before storage.pulls.all_here",
             "after storage.pulls.all_here",
             "before engine.exchange.pulling.take",
             "after engine.exchange.pulling.inspect",
             "after engine.exchange.pulling.transact attach",
             "before engine.exchange.pulling.hand_to_store",
             "after engine.exchange.pulling.hand_to_store",
             "after storage.pulls.pulled"),
    *_points("large", THERE, DISPATCHER, "after storage.spool.Growing.put"),
    *_points("answered", HERE, WEB,
             "before engine.exchange.pulling.give", "after engine.exchange.pulling.give"),
    # somebody registers it, and that goes back
    *_points("answered", THERE, DESK,
             "before storage.dossiers.record register", "after storage.dossiers.record register"),
    *_points("answered", THERE, DISPATCHER,
             "after storage.exchange.seal registered",
             "after engine.exchange.client.Client.post registered",
             "before storage.exchange.sent registered"),
    *_points("answered", HERE, WEB,
             "after storage.arrivals.store registered",
             "after engine.exchange.receiving.receive registered"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.applying.transact register",
             "after engine.exchange.applying.transact register"),
    # and answers with a document
    *_points("answered", THERE, DESK,
             "before storage.dossiers.record answer_task", "after storage.dossiers.record answer_task"),
    *_points("answered", THERE, DISPATCHER,
             "after storage.exchange.seal answered",
             "after engine.exchange.client.Client.post answered",
             "before storage.exchange.sent answered"),
    *_points("answered", THERE, WEB, "after engine.exchange.pulling.give"),
    *_points("answered", HERE, WEB,
             "after storage.arrivals.store answered",
             "after engine.exchange.receiving.receive answered"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.applying.transact expect_documents",
             "after engine.exchange.applying.transact expect_documents",
             "after storage.spool.Growing.put",
             "before engine.exchange.pulling.transact attach",
             "after engine.exchange.pulling.transact attach",
             "before engine.exchange.applying.transact give_opinion",
             "after engine.exchange.applying.transact give_opinion"),
    # it is not taken in
    *_points("refused", THERE, DESK,
             "before storage.dossiers.record refuse_handoff", "after storage.dossiers.record refuse_handoff"),
    *_points("refused", THERE, DISPATCHER, "after engine.exchange.client.Client.post refused"),
    *_points("refused", HERE, WEB, "after storage.arrivals.store refused"),
    *_points("refused", HERE, DISPATCHER,
             "before engine.exchange.applying.transact refuse_handoff",
             "after engine.exchange.applying.transact refuse_handoff"),
    # it is asked back in time
    *_points("recalled", HERE, DESK,
             "before storage.dossiers.record recall", "after storage.dossiers.record recall"),
    *_points("recalled", HERE, DISPATCHER,
             "after engine.exchange.client.Client.post recall",
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled"),
    *_points("recalled", THERE, WEB, "after storage.arrivals.store recall"),
    *_points("recalled", THERE, DISPATCHER,
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled",
             "after engine.exchange.client.Client.post recalled"),
    # or too late
    *_points("kept", THERE, DISPATCHER,
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled",
             "after engine.exchange.client.Client.post kept"),
    *_points("kept", HERE, DISPATCHER,
             "before engine.exchange.applying.transact recall_kept",
             "after engine.exchange.applying.transact recall_kept"),
)


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
        return wanted in (one, getattr(one, "kind", ""), getattr(one, "event", ""))

    return not wanted or any(map(of, given))


@dataclass(frozen=True)
class Life:
    """What a child is born with: the environment of its installation, its log, and where it dies."""

    told: Mapping[str, str]
    log: Path
    point: Point | None
    reached: Path

    def begin(self) -> None:
        os.environ.clear()
        os.environ.update(self.told)
        settings.cache_clear()
        timekeeper._path = self.told["LIENTHONG_CLOCK"]
        out = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if self.point is not None:
            arm(self.point, self.reached)


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
    """Web server and dispatcher of one installation, started one by one from a warm parent."""

    side: Installation
    running: dict[str, ForkServerProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pytest", "tests.two.dying"])

    def life(self, process: str, point: Point | None) -> Life:
        folder = self.side.machine.home
        told = environment_of(self.side.machine, self.side.name, folder / "clock.json")
        return Life({name: value for name, value in told.items() if name != "DATABASE_OWNER_URL"},
                    folder / "log" / f"{process}.log", point, folder / "reached")

    @property
    def reached(self) -> str:
        """The point at which a child said that it would die or stand still now; WENT_ON once that call is over."""
        file = self.side.machine.home / "reached"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def start(self, process: str, point: Point | None = None) -> None:
        """In the place of the one that runs, which is killed."""
        self.kill(process)
        (self.side.machine.home / "reached").unlink(missing_ok=True)
        self.spawn(process, point)
        if process == WEB:
            self._await_web()

    def spawn(self, process: str, point: Point | None = None, name: str = "") -> ForkServerProcess:
        life = self.life(process, point)
        child = (self._context.Process(target=_web, args=(life, self.side.machine.ports.web)) if process == WEB
                 else self._context.Process(target=_dispatcher, args=(life,)))
        child.start()
        self.running[name or process] = child
        return child

    def _await_web(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while not answers(LOOPBACK, self.side.machine.ports.web, "/health/ready"):
            assert time.monotonic() < until, "the web server does not answer"
            assert self.running[WEB].is_alive(), f"the web server ended: {self.tail(WEB)}"
            time.sleep(0.05)

    def act(self, order: Order, now: datetime, point: Point) -> int | None:
        """One act in a process of its own; how it ended."""
        (self.side.machine.home / "reached").unlink(missing_ok=True)
        child = self._context.Process(target=_desk, args=(self.life(DESK, point), order, now))
        child.start()
        child.join(STARTS_WITHIN)
        return child.exitcode

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

    def tail(self, process: str) -> str:
        file = self.side.machine.home / "log" / f"{process}.log"
        return file.read_text(encoding="utf-8", errors="replace")[-3000:] if file.exists() else ""


@contextmanager
def attended(side: Installation) -> Iterator[Attendant]:
    attendant = Attendant(side)
    try:
        attendant.start(WEB)
        attendant.start(DISPATCHER)
        yield attendant
    finally:
        for name in list(attendant.running):
            attendant.kill(name)

"""`lienthong up`: everything on one machine, from an empty folder to an address, until somebody says stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Self

from rich.console import Console

from api.up_display import Display
from engine.bell import Bell
from engine.settings import Settings
from storage import migrate
from storage.local.children import Child, Step
from storage.local.machine import Machine, Service
from storage.local.ports import LOOPBACK
from storage.local.probes import answers
from storage.local.supervisor import Part, Supervisor
from storage.local.trouble import LocalTrouble

Welcome = Callable[[Machine], str]
Seed = Callable[[Mapping[str, str]], None]


def run_up(settings: Settings, on_ready: Welcome, *, seed: Seed | None = None,
           children: Callable[[Machine], Sequence[Part]] | None = None, console: Console | None = None) -> int:
    """Start, tell, keep alive, stop; the exit code.

    `on_ready` gives the text to show once the address answers (rich markup). `seed` gets the environment of
    the owner and runs after the migrations. `children` replaces the application's own processes.
    """
    display = Display(console or Console())
    try:
        machine = Machine(settings)
        with Attendant() as attendant:
            _start(machine, (children or application)(machine), seed, display)
            attendant.watch(machine)
            try:
                display.say(on_ready(machine))
                attendant.asked.wait()
            finally:
                with display.farewell():
                    machine.stop()
    except KeyboardInterrupt:
        display.say("Đã dừng trong lúc khởi động. [dim]· stopped while starting[/]")
        return 130
    except LocalTrouble as trouble:
        # One line each: what follows is for the eye, and rich would break it in two.
        Console(stderr=True, soft_wrap=True).print(trouble.message("vi"), trouble.message("en"), sep="\n", markup=False)
        return 1
    return 0


def application(machine: Machine) -> list[Part]:
    """Web, dispatcher and scheduled flows. They never see the password of the schema's owner."""
    host, port = machine.settings.host, machine.ports.web
    listening = LOOPBACK if host == "0.0.0.0" else host
    return [
        _python(machine, "web", "uvicorn", "api.app:create_app", "--factory", "--host", host, "--port", str(port),
                "--no-access-log", "--no-server-header", "--no-proxy-headers", after=("seed", "store"),
              ready=lambda: answers(listening, port, "/health/ready")),
        _python(machine, "dispatcher", "engine.flows.dispatcher", after=("web",), essential=False),
        _python(machine, "flows", "engine.flows.serve", after=("web", "prefect"), essential=False),
    ]


HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Attendant:
    """Hears Ctrl-C and SIGTERM: the first stops in order, one more does not wait for the slow ones."""

    def __init__(self) -> None:
        self.asked = Bell()
        self._supervisor: Supervisor | None = None
        self._undo = ExitStack()
        self._undo.callback(self.asked.close)

    def __enter__(self) -> Self:
        for number in HEARD:
            before = signal.signal(number, self._hear)
            self._undo.callback(signal.signal, number, before or signal.SIG_DFL)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()
        if self.asked.rung:
            # everything has ended: one Ctrl-C more must not make a failure of it
            for number in HEARD:
                signal.signal(number, signal.SIG_IGN)

    def watch(self, machine: Machine) -> None:
        """From now on a signal is a request, no longer an interruption of the start."""
        self._supervisor = machine.supervisor

    def _hear(self, number: int, frame: FrameType | None) -> None:
        again = self.asked.rung
        self.asked.ring()
        if self._supervisor is None:
            if not again:
                raise KeyboardInterrupt
        elif again:
            self._supervisor.hurry.set()


def _start(machine: Machine, children: Sequence[Part], seed: Seed | None, display: Display) -> None:
    environment = machine.environment()
    steps = [
        Step(name="migrations", after=("roles",),
             run=lambda: migrate.upgrade(environment["DATABASE_OWNER_URL"])),
        Step(name="seed", after=("migrations", "store"), run=lambda: seed(environment) if seed else None),
    ]
    with display.progress():
        machine.start(background={Service.PREFECT}, extra=[*steps, *children], notice=display.notice,
                      listeners={"web": machine.ports.web})


def _python(machine: Machine, name: str, module: str, *arguments: str, after: tuple[str, ...],
            ready: Callable[[], bool] = lambda: True, essential: bool = True) -> Child:
    environment = {**os.environ, **machine.environment(), "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_OWNER_URL")
    return Child(
        name=name, argv=(sys.executable, "-m", module, *arguments), environment=environment, folder=Path.cwd(),
        after=after, ready=ready, essential=essential, grace=timedelta(seconds=10),
    )

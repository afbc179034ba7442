"""The whole of one machine, as `lienthong up` runs it, whose parts can be killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil

from api.up import application
from engine import seed, timekeeper
from storage import migrate
from storage.local.children import Child, Step
from storage.local.cluster import Role
from storage.local.machine import Machine, Service
from tests.journey import MONDAY
from tests.machine import fresh_settings, home

VICTIMS = ("postgres", "store", "prefect", "web", "dispatcher")
# Five hours of office in a minute: alarms ring while people act.
SPEED = 300.0


class Stack:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.kills: list[tuple[str, float]] = []

    @property
    def database_url(self) -> str:
        return self.machine.database_url(Role.APP)

    def pid(self, name: str) -> int:
        assert self.machine.supervisor is not None
        return self.machine.supervisor.pids()[name]

    def kill(self, name: str) -> int:
        """SIGKILL to the process and all it has started; the number it had."""
        pid = self.pid(name)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for each in [process, *process.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGKILL)
        self.kills.append((name, time.monotonic()))
        return pid

    def await_another(self, name: str, before: int, within: float = 120.0) -> None:
        begun = time.monotonic()
        while self.pid(name) == before:
            assert time.monotonic() - begun < within, f"{name} was not started again"
            time.sleep(0.05)

    def log(self, name: str) -> str:
        return self.machine.place.log_of(name).read_text(encoding="utf-8", errors="replace")


@contextmanager
def running() -> Iterator[Stack]:
    """From an empty folder; stopped in a hurry, its data thrown away."""
    with home() as folder:
        machine = Machine(fresh_settings(folder))
        clock = folder / "clock.json"
        timekeeper.set_shown(clock, MONDAY, SPEED)
        machine.start(background={Service.PREFECT}, extra=[*_steps(machine), *_children(machine, clock)],
                      listeners={"web": machine.ports.web})
        try:
            yield Stack(machine)
        finally:
            machine.stop(hurry=True)


def _steps(machine: Machine) -> list[Step]:
    def url() -> str:
        return machine.database_url(Role.OWNER)
    return [Step(name="migrations", after=("roles",), run=lambda: migrate.upgrade(url())),
            Step(name="seed", after=("migrations", "store"), run=lambda: seed.seed(url(), machine.settings.province))]


def _children(machine: Machine, clock: Path) -> list[Child]:
    return [replace(part, environment={**part.environment, "LIENTHONG_CLOCK": str(clock)},
                    hurried_grace=timedelta(seconds=5))
            for part in application(machine) if isinstance(part, Child)]

"""Two installations on one machine: each its own PostgreSQL, object store, web server and dispatcher."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from api.up import application
from engine import opening, seed, timekeeper
from engine.casework.orders import Actor
from engine.office import Office
from engine.settings import Settings
from storage import migrate
from storage.local.children import Child, Step
from storage.local.cluster import Role
from storage.local.machine import Machine
from tests.conftest import patient
from tests.journey import Cast, Journey
from tests.machine import POSTGRES_AND_STORE, fresh_settings, home
from tests.two.line import Line

PROCESSES = ("web", "dispatcher")


@dataclass
class Installation:
    """`line` is the way others reach it; `journey` acts in the name of its people."""

    name: str
    machine: Machine
    office: Office
    line: Line

    def __post_init__(self) -> None:
        self.cast = Cast(self.office)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.line.port}"

    @property
    def settings(self) -> Settings:
        return settings_of(self.machine, self.name)

    def people(self, role: str) -> list[Actor]:
        """Everybody who holds the role, in the order they were entered."""
        return [Actor(id=member.id, name=member.name) for member in self.cast.members if member.role == role]

    def journey(self, now: datetime) -> Journey:
        return Journey(self.office, self.cast, now)

    def pid(self, process: str) -> int:
        assert self.machine.supervisor is not None
        return self.machine.supervisor.pids()[process]


def forward(by: timedelta, *clocks: Path) -> None:
    """From now on all of them show what this process's own clock shows, and so much more."""
    shown = timekeeper.now() + by
    for clock in clocks:
        timekeeper.set_shown(clock, shown, 1.0)


def environment_of(machine: Machine, name: str, clock: Path, poll: str = "PT0.2S") -> Mapping[str, str]:
    """Of its processes: no Prefect, so that every drain runs as a plain function."""
    return {**os.environ, **machine.environment(), "PREFECT_API_URL": "", "LIENTHONG_INSTALLATION": name,
            "LIENTHONG_PEERS_INSIDE": "true", "LIENTHONG_CLOCK": str(clock), "PYTHONUNBUFFERED": "1",
            "LIENTHONG_POLL": poll}


def settings_of(machine: Machine, name: str) -> Settings:
    """For the use cases called from here, against the services that run."""
    told = machine.environment()
    return machine.settings.model_copy(update={
        "installation": name, "peers_inside": True, "home": machine.home,
        **{field: told_value for field, told_value in (
            ("s3_endpoint", told["S3_ENDPOINT"]), ("s3_bucket", told["S3_BUCKET"]))},
        "database_url": Settings(DATABASE_URL=told["DATABASE_URL"]).database_url,
        "s3_access_key": Settings(S3_ACCESS_KEY=told["S3_ACCESS_KEY"]).s3_access_key,
        "s3_secret_key": Settings(S3_SECRET_KEY=told["S3_SECRET_KEY"]).s3_secret_key,
    })


@contextmanager
def installation(name: str, province: str, start: datetime, *, speed: float = 1.0,
                 processes: tuple[str, ...] = PROCESSES, poll: str = "PT0.2S") -> Iterator[Installation]:
    """From an empty folder, seeded with `province`; stopped in a hurry, its data thrown away.

    `poll`: how often its dispatcher looks; less than as shipped, since tests wait for it.
    """
    with home() as folder, ExitStack() as undo:
        machine = Machine(fresh_settings(folder).model_copy(update={"province": province}))
        clock = folder / "clock.json"
        timekeeper.set_shown(clock, start, speed)
        told = environment_of(machine, name, clock, poll)
        machine.start(POSTGRES_AND_STORE, extra=[*_steps(machine), *_children(machine, told, processes)],
                      listeners={"web": machine.ports.web})
        undo.callback(machine.stop, hurry=True)
        line = Line(machine.ports.web)
        undo.callback(line.close)
        office = undo.enter_context(opening.office(settings_of(machine, name)))
        db = patient(machine.database_url(Role.APP))
        undo.callback(db.close)
        yield Installation(name, machine, replace(office, db=db), line)


def _steps(machine: Machine) -> list[Step]:
    def url() -> str:
        return machine.database_url(Role.OWNER)
    return [Step(name="migrations", after=("roles",), run=lambda: migrate.upgrade(url())),
            Step(name="seed", after=("migrations", "store"), run=lambda: seed.seed(url(), machine.settings.province))]


def _children(machine: Machine, told: Mapping[str, str], processes: tuple[str, ...]) -> list[Child]:
    return [replace(part, environment={name: value for name, value in told.items() if name != "DATABASE_OWNER_URL"},
                    hurried_grace=timedelta(seconds=3))
            for part in application(machine) if isinstance(part, Child) and part.name in processes]

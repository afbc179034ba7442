"""A whole Liên Thông of its own in a temporary home: services, web, dispatcher, and a clock that can be moved."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from api.demo.clock import StageClock
from api.up import application
from engine import opening, seed
from engine.office import Office
from engine.settings import Settings
from storage import duties, migrate
from storage.local.children import Child, Step
from storage.local.machine import Machine, Service
from storage.local.ports import free_first
from storage.local.supervisor import Notice, Part, ignore

PROVINCE = "soc-trang"
QUIET_WITHIN = 60.0
# No message leaves the play, whatever this machine is set up for.
NOBODY = {"NOTIFY_MAIL_URL": "", "NOTIFY_SMS_URL": "", "NOTIFY_WEBHOOK_URL": ""}
LOOK_EVERY = 0.03


class NotQuiet(RuntimeError):
    """The dispatcher left something undone for a minute."""


@dataclass(kw_only=True)
class Stage:
    """`office` reaches the services behind the API's back: for waiting and for verifying, and for the calendars, which
    the API does not keep; for no other playing.
    """

    machine: Machine
    clock: StageClock
    office: Office

    @property
    def address(self) -> str:
        return self.machine.address

    def settle(self, *, messages: bool = False) -> None:
        """Waits until the dispatcher has seen to everything that is due at the moment shown; nobody waits for
        `messages` to people in the middle of the play.
        """
        until = time.monotonic() + QUIET_WITHIN
        while (waiting := self._waiting(messages=messages)) is not None:
            if time.monotonic() > until:
                raise NotQuiet(f"bộ phận luân chuyển chưa làm xong / the dispatcher has not finished: {waiting}")
            time.sleep(LOOK_EVERY)

    def _waiting(self, *, messages: bool) -> str | None:
        due = duties.look(self.office.db, self.clock.now())
        for name in ("messages", "alarms", "manifests", "calendars", *(["notices"] if messages else [])):
            if getattr(due, name):
                return name
        # claimed by a sender, not yet carried
        unsent = self.office.db.value("select count(*) from outbox where sent_at is null and parked_at is null")
        return "outbox" if unsent else None


@contextmanager
def stage(begins: datetime, *, prefect: bool, notice: Notice = ignore) -> Iterator[Stage]:
    """Everything is thrown away at the end."""
    home = Path(tempfile.mkdtemp(prefix="lienthong-demo-"))
    home.chmod(0o711)
    try:
        clock = StageClock(home / "clock.json", begins)
        machine = Machine(_settings(home))
        services = {Service.POSTGRES, Service.STORE} | ({Service.PREFECT} if prefect else set())
        machine.start(services, background={Service.PREFECT}, extra=_parts(machine, clock, prefect=prefect),
                      listeners={"web": machine.ports.web}, notice=notice)
        try:
            with opening.office(_reached(machine)) as office:
                yield Stage(machine=machine, clock=clock, office=office)
        finally:
            machine.stop(hurry=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _settings(home: Path) -> Settings:
    """Nothing is taken from the environment: the play has its own services."""
    return Settings(home=home, port=free_first(), database_url="", database_owner_url="", s3_endpoint="",
                    prefect_api_url="", poll=timedelta(seconds=0.1))


def _reached(machine: Machine) -> Settings:
    told = machine.environment()
    return Settings(home=machine.home, database_url=told["DATABASE_URL"], s3_endpoint=told["S3_ENDPOINT"],
                    s3_access_key=told["S3_ACCESS_KEY"], s3_secret_key=told["S3_SECRET_KEY"],
                    s3_bucket=told["S3_BUCKET"], pool_size=2)


def _parts(machine: Machine, clock: StageClock, *, prefect: bool) -> list[Part]:
    owner = machine.environment()["DATABASE_OWNER_URL"]
    shown = {"LIENTHONG_CLOCK": str(clock.path), **NOBODY} | ({} if prefect else {"PREFECT_API_URL": ""})
    steps: list[Part] = [
        Step(name="migrations", after=("roles",), run=lambda: migrate.upgrade(owner)),
        Step(name="seed", after=("migrations", "store"), run=lambda: seed.seed(owner, PROVINCE)),
    ]
    # the flows that run by the clock have ours, not the one of the play: they are left out
    return steps + [replace(part, environment={**part.environment, **shown}) for part in application(machine)
                    if isinstance(part, Child) and part.name != "flows"]

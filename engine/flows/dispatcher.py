"""One resident process that looks for what is due and has it done: `python -m engine.flows.dispatcher`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import structlog

from engine import logs
from engine.anchoring import standing
from engine.bell import Bell
from engine.clocks.zone import ZONE
from engine.errors import Unavailable
from engine.flows.anchor import anchor
from engine.flows.courier_run import courier_run
from engine.flows.deliver import deliver
from engine.flows.exchange import exchange, lines
from engine.flows.motor import DrainFlow, Motor
from engine.flows.notify import notify
from engine.flows.office import office
from engine.flows.portal import portal
from engine.flows.recompute_dues import recompute_dues
from engine.flows.reconcile import reconcile
from engine.flows.shift import Shift, at_work
from engine.flows.watch_deadlines import watch_deadlines
from engine.notifying.drain import DIGEST_FROM
from engine.settings import settings
from engine.timekeeper import now
from storage import duties, outbox, sweeps

log = structlog.get_logger()

# A drain that found nothing more to do for so long ends its flow run; one that is never idle ends after LONGEST.
PATIENCE = 3.0
LONGEST = 30.0
# After a failure: half a second at first, so that a restarted database is noticed at once.
PAUSES = (0.5, 1.0, 2.0, 5.0)
# The store may be away for hours; each try reads its whole list.
SCANS_AGAIN = (60.0, 120.0, 300.0, 900.0)
# That it looks for alarms is written down; whoever watches is alarmed after a minute without it.
BEAT_EVERY = 5.0
GRACE = 6.0
WHO = f"{socket.gethostname()}:{os.getpid()}"


@dataclass
class Duty:
    flow: DrainFlow
    patience: float = PATIENCE
    pauses: tuple[float, ...] = PAUSES
    failures: int = 0
    not_before: float = 0.0
    running: asyncio.Task[None] | None = None

    def rest(self) -> None:
        self.not_before = time.monotonic() + self.pauses[min(self.failures, len(self.pauses) - 1)]
        self.failures += 1


@dataclass
class Dispatcher:
    motor: Motor = field(default_factory=Motor)
    poll: float = field(default_factory=lambda: settings().poll.total_seconds())
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    planned_for: date | None = None
    told_for: date | None = None
    beats_at: float = 0.0
    duties: dict[str, Duty] = field(default_factory=lambda: {
        "messages": Duty(deliver),
        "exchange": Duty(exchange),
        "alarms": Duty(watch_deadlines),
        "notices": Duty(notify),
        "portal": Duty(portal),
        "courier": Duty(courier_run, patience=0.0),
        "calendars": Duty(recompute_dues),
        "anchors": Duty(anchor, patience=0.0, pauses=SCANS_AGAIN),
        "scans": Duty(reconcile, patience=0.0, pauses=SCANS_AGAIN),
    })

    async def run(self) -> None:
        """Until `stopping`. Whatever happens to PostgreSQL or Prefect, it goes on looking."""
        failures = 0
        log.info("dispatcher_started", prefect=bool(self.motor.url))
        while not self.stopping.is_set():
            try:
                await self._look()
                failures = 0
            except Exception as error:  # noqa: BLE001 - nothing may end the one process that delivers
                _told("look_failed", error, failures)
                failures += 1
            await self._wait(PAUSES[min(failures, len(PAUSES)) - 1] if failures else self.poll)
        await self._leave()

    async def _look(self) -> None:
        await self._beat()
        instant = now()
        due = await asyncio.to_thread(duties.look, office().db, instant)
        local = instant.astimezone(ZONE)
        today = local.date()
        sends = due.outgoing and await asyncio.to_thread(standing.may_send, office(), instant)
        wanted = {"messages": due.messages, "exchange": due.exchange or sends or lines().holding,
                  "alarms": due.alarms, "scans": due.scans, "calendars": due.calendars, "anchors": due.anchors,
                  "portal": due.portal and bool(settings().npsp_url),
                  "notices": due.notices or (today != self.told_for and local.hour >= DIGEST_FROM),
                  "courier": due.manifests or today != self.planned_for}
        for name, duty in self.duties.items():
            if wanted[name] and duty.running is None and time.monotonic() >= duty.not_before:
                duty.running = asyncio.create_task(self._see_to(name, duty, today))

    async def _beat(self) -> None:
        if time.monotonic() >= self.beats_at:
            await asyncio.to_thread(sweeps.beat, office().db, WHO)
            self.beats_at = time.monotonic() + BEAT_EVERY

    async def _see_to(self, name: str, duty: Duty, today: date) -> None:
        shift = Shift(patience=duty.patience, longest=LONGEST if duty.patience else 0.0, poll=self.poll,
                      stopping=self.stopping.is_set)
        try:
            await self.motor.run(duty.flow, shift)
        except Exception as error:  # noqa: BLE001 - the row is still there and comes up again
            _told("duty_failed", error, duty.failures, duty=name)
            duty.rest()
        else:
            duty.failures = 0
            if name == "courier":
                self.planned_for = today
            if name == "notices":
                self.told_for = today
            if name == "scans":
                duty.rest()
        finally:
            duty.running = None

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _leave(self) -> None:
        running = [duty.running for duty in self.duties.values() if duty.running is not None]
        if running:
            await asyncio.wait(running, timeout=GRACE / 2)
        # what is being delivered ends, however slow the machine; when its lease has run out, others do it anyway
        until = time.monotonic() + outbox.LEASE_SECONDS
        while at_work() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await self.motor.finish(GRACE / 4)
        log.info("dispatcher_stopped")


def _told(event: str, error: Exception, failures: int, **more: Any) -> None:
    """A database that is away is told once, not with every look."""
    if not isinstance(error, Unavailable) or failures == 0:
        log.warning(event, why=f"{type(error).__name__}: {error}"[:300], **more)


def main() -> None:
    """The loop runs in a thread of its own: Prefect takes SIGTERM for itself wherever the main thread runs a flow."""
    logs.configure()
    dispatcher = Dispatcher()
    ended = Bell()
    loop = asyncio.new_event_loop()

    def work() -> None:
        try:
            loop.run_until_complete(dispatcher.run())
        finally:
            ended.ring()

    def leave(*_: object) -> None:
        loop.call_soon_threadsafe(dispatcher.stopping.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    threading.Thread(target=work, daemon=True).start()
    ended.wait()
    # Prefect's own threads may be waiting for a server that is gone; all that counts is in the database.
    os._exit(0)


if __name__ == "__main__":
    main()

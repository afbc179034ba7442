"""Runs a flow through Prefect when Prefect answers, and as a plain function when it does not."""

from __future__ import annotations

import asyncio
import http.client
import os
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog

from engine.flows.shift import Shift, current

log = structlog.get_logger()

# Together under two seconds: so long may a hand-off wait for a Prefect that has gone silent.
PROBE_WITHIN = 0.6
BEGIN_WITHIN = 1.3
# The first flow run of a process loads half of Prefect. The dispatcher makes it when it starts.
FIRST_WITHIN = 8.0
# An answer is believed for so long; a silent Prefect is asked again after pauses that double.
BELIEVED = 5.0
PAUSES = (2.0, 4.0, 8.0, 15.0)
# A drain without Prefect ends after so long, so that the next one can ask for it again.
WITHOUT = 5.0
# Runs whose work is done and whose last words Prefect has not taken yet.
MOST_CLOSING = 3


class DrainFlow(Protocol):
    """A flow without obligatory parameters; `fn` is its plain function."""

    @property
    def name(self) -> str: ...

    @property
    def fn(self) -> Callable[[], Coroutine[Any, Any, Any]]: ...

    def __call__(self) -> Coroutine[Any, Any, Any]: ...


def answers(url: str) -> bool:
    """Whether a Prefect API says it is well, within PROBE_WITHIN."""
    told = urlsplit(url)
    secure = told.scheme == "https"
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = make(told.hostname or "", told.port, timeout=PROBE_WITHIN)
    try:
        connection.request("GET", f"{told.path}/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class Motor:
    """`url` empty: there is no Prefect, every flow runs as a plain function."""

    url: str = field(default_factory=lambda: os.environ.get("PREFECT_API_URL", ""))
    _believed_until: float = 0.0
    _silent_until: float = 0.0
    _troubles: int = 0
    _warm: bool = False
    _closing: set[asyncio.Task[Any]] = field(default_factory=set)

    async def run(self, flow: DrainFlow, shift: Shift) -> None:
        """Returns when the work is done, whether or not Prefect has noted it; raises what the work raised."""
        current.set(shift)
        if not (await self._usable() and await self._through_prefect(flow, shift)):
            current.set(Shift(patience=shift.patience, longest=min(shift.longest, WITHOUT), poll=shift.poll,
                              stopping=shift.stopping))
            await flow.fn()

    async def finish(self, within: float) -> None:
        """Lets Prefect take the last words of runs that ended."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=within)

    async def _usable(self) -> bool:
        present = time.monotonic()
        if not self.url or present < self._silent_until or len(self._closing) > MOST_CLOSING:
            return False
        if present >= self._believed_until:
            if not await asyncio.to_thread(answers, self.url):
                self._trouble("silent")
                return False
            self._believed_until = time.monotonic() + BELIEVED
        return True

    async def _through_prefect(self, flow: DrainFlow, shift: Shift) -> bool:
        """False when the flow did not begin in time: it is called off, should it still begin."""
        running = asyncio.create_task(flow())
        self._closing.add(running)
        running.add_done_callback(self._closed)
        await _first(shift.begun, running, BEGIN_WITHIN if self._warm else FIRST_WITHIN)
        self._warm = True
        if not shift.begun.is_set():
            shift.called_off = True
            self._trouble("flow_run_not_begun")
            return False
        await _first(shift.ended, running, None)
        if shift.fault is not None:
            raise shift.fault
        return True

    def _closed(self, running: asyncio.Task[Any]) -> None:
        self._closing.discard(running)
        fault = None if running.cancelled() else running.exception()
        if fault is None:
            self._troubles = 0
        else:
            # either the work's own fault, told by `run`, or Prefect could not note how it ended
            log.info("flow_run_not_closed", why=type(fault).__name__)

    def _trouble(self, what: str) -> None:
        pause = PAUSES[min(self._troubles, len(PAUSES) - 1)]
        self._troubles += 1
        self._believed_until, self._silent_until = 0.0, time.monotonic() + pause
        log.warning("prefect_set_aside", why=what, seconds=pause)


async def _first(event: asyncio.Event, running: asyncio.Task[Any], within: float | None) -> None:
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting, running}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()

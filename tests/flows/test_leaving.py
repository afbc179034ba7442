"""Who stops waits for what is in his hands, however slow the machine is."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from engine.flows import dispatcher
from engine.flows.motor import Motor
from engine.flows.shift import Enough, Shift, work_through


@dataclass
class Slow:
    """A flow whose one delivery lasts until it is let go on."""

    begun: threading.Event
    go_on: threading.Event
    ended: bool = False
    name: str = "slow"

    def _drain(self, enough: Enough) -> Counter[str]:
        self.begun.set()
        assert self.go_on.wait(60)
        self.ended = True
        return Counter()

    async def fn(self) -> Any:
        return await work_through(self._drain, lambda: False)

    async def __call__(self) -> Any:
        return await self.fn()


def test_a_dispatcher_that_stops_lets_the_delivery_end_that_it_is_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "GRACE", 0.0)  # the machine is slower than any grace
    slow = Slow(threading.Event(), threading.Event())

    async def stop() -> None:
        resident = dispatcher.Dispatcher(motor=Motor(url=""), poll=0.01)
        duty = dispatcher.Duty(slow)
        resident.duties = {"messages": duty}
        duty.running = asyncio.create_task(resident.motor.run(slow, Shift(stopping=resident.stopping.is_set)))
        await asyncio.to_thread(slow.begun.wait, 60)
        resident.stopping.set()
        leaving = asyncio.create_task(resident._leave())
        for _ in range(5):
            await asyncio.sleep(0.05)
            assert not leaving.done()
        slow.go_on.set()
        await leaving

    try:
        asyncio.run(stop())
    finally:
        slow.go_on.set()
    assert slow.ended

"""How long a drain goes on: once through when a schedule asked for it, while work keeps coming in the dispatcher."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from prefect import State
from prefect.states import Completed

Enough = Callable[[], bool]
Work = Callable[[Enough], "Counter[str]"]

# A use case gets its instant from us: after so many seconds of one drain it gets a new one.
SLICE = 5.0
# Of what a flow returns nothing is kept. Where nobody says so, Prefect asks its server with every run where to keep it,
# and holds up everything else in its loop until that has answered, or has been asked for a minute in vain.
NOWHERE = Path(os.devnull)


@dataclass(kw_only=True, eq=False)
class Shift:
    """One run of a flow. The default is that of a schedule: work until nothing is due, then end.

    A dispatcher is more patient, so that one flow run serves many hand-offs: a run costs Prefect more than a hundred
    of them do.
    """

    patience: float = 0.0
    longest: float = 0.0
    poll: float = 0.5
    stopping: Enough = lambda: False
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None
    called_off: bool = False


# Drains of this process that may hold something claimed.
_at_work: set[Shift] = set()
current: ContextVar[Shift] = ContextVar("shift")


def at_work() -> bool:
    """Whether anything is being done that a stop should let end, so that nobody waits for a lease to run out."""
    return bool(_at_work)


async def work_through(work: Work, due: Callable[[], bool]) -> State[None]:
    """Does `work` in a thread, again whenever `due` says so while the shift lasts; the counts are all Prefect hears."""
    shift = current.get(None) or Shift()
    if shift.called_off:
        return Completed(message="done without Prefect")
    shift.begun.set()
    try:
        return Completed(message=_told(await _work(shift, work, due)))
    except Exception as fault:
        shift.fault = fault
        raise
    finally:
        shift.ended.set()


async def _work(shift: Shift, work: Work, due: Callable[[], bool]) -> Counter[str]:
    total: Counter[str] = Counter()
    ends = time.monotonic() + shift.longest
    while True:
        _at_work.add(shift)
        try:
            total += await asyncio.to_thread(work, _slice(shift))
        finally:
            _at_work.discard(shift)
        quiet = time.monotonic() + shift.patience
        while True:
            if shift.stopping() or time.monotonic() >= min(ends, quiet):
                return total
            await asyncio.sleep(shift.poll)
            if await asyncio.to_thread(due):
                break


def _slice(shift: Shift) -> Enough:
    if not shift.patience:
        return shift.stopping
    until = time.monotonic() + SLICE
    return lambda: shift.stopping() or time.monotonic() > until


def _told(total: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in total.items()) or "nothing to do"

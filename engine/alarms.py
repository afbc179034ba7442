"""The sweep: rings every timer that is due, in due order, each once in effect, whatever fails in between."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from engine.casework import deadlines
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order
from engine.errors import LienThongError
from engine.office import Office
from storage import sweeps, timers
from storage.timers import DueTimer

log = structlog.get_logger()


@dataclass(slots=True)
class Swept:
    """`passed`: another sweep, or an act of the dossier, was first. `kinds`: what rang how often."""

    rang: int = 0
    passed: int = 0
    failed: int = 0
    kinds: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def seen(self) -> int:
        return self.rang + self.passed + self.failed

    @property
    def counts(self) -> dict[str, int]:
        return {"rang": self.rang, "passed": self.passed, "failed": self.failed}


def sweep(office: Office, now: datetime, *, enough: Callable[[], bool] = lambda: False) -> Swept:
    """Until nothing is due any more, or `enough` says so; leaves a row in `sweep` if there was something to do.

    Several may run at once. One timer at a time: what rings may set the next alarm of its clock, and that one may be
    due before all others.
    """
    swept, before, oldest, begun = Swept(), None, now, time.monotonic()
    while not enough() and (timer := timers.next_due(office.db, now)) is not None:
        oldest = min(oldest, timer.fires_at)
        if timer == before:
            # it was seen to and is still there: leave it for later rather than ring it for ever
            _put_off(office, timer, "without_effect")
        else:
            _ring(office, timer, now, swept)
        before = timer
    if before is not None:
        ended = now + timedelta(seconds=time.monotonic() - begun)
        sweeps.write(office.db, sweeps.Sweep(began_at=now, ended_at=ended, lag=round((now - oldest).total_seconds()),
                                             kinds=swept.kinds, **swept.counts))
    return swept


def _ring(office: Office, timer: DueTimer, now: datetime, swept: Swept) -> None:
    order = Order(code=timer.code, event=f"alarm:{timer.kind}", actor=MACHINE)
    try:
        transact(office, order, deadlines.ring(timer.clock_no, timer.kind, timer.fires_at), now)
    except deadlines.AlreadyFired:
        swept.passed += 1
    except LienThongError as error:
        swept.failed += 1
        _put_off(office, timer, error.code)
    except Exception as error:  # noqa: BLE001 - one dossier that fails must not hold up the rest
        swept.failed += 1
        _put_off(office, timer, type(error).__name__)
    else:
        swept.rang += 1
        swept.kinds[timer.kind] += 1


def _put_off(office: Office, timer: DueTimer, why: str) -> None:
    """Tried again later. Raises Unavailable when the database is away, and the sweep ends."""
    timers.postpone(office.db, timer, why)
    log.warning("alarm_failed", code=timer.code, clock=timer.clock_no, kind=timer.kind, why=why)

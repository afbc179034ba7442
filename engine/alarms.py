"""The sweep: rings every timer that is due, in due order, each once in effect, whatever fails in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from engine.casework import deadlines
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order
from engine.errors import LienThongError
from engine.office import Office
from storage import timers
from storage.timers import DueTimer

log = structlog.get_logger()


@dataclass(slots=True)
class Swept:
    """`passed`: another sweep, or an act of the dossier, was first."""

    rang: int = 0
    passed: int = 0
    failed: int = 0

    @property
    def seen(self) -> int:
        return self.rang + self.passed + self.failed

    def __iadd__(self, other: Swept) -> Swept:
        self.rang += other.rang
        self.passed += other.passed
        self.failed += other.failed
        return self


def sweep(office: Office, now: datetime, *, enough: Callable[[], bool] = lambda: False) -> Swept:
    """Until nothing is due any more, or `enough` says so. Several may run at once.

    One timer at a time: what rings may set the next alarm of its clock, and that one may be due before all others.
    """
    swept, before = Swept(), None
    while not enough() and (timer := timers.next_due(office.db, now)) is not None:
        if timer == before:
            # it was seen to and is still there: leave it for later rather than ring it for ever
            timers.postpone(office.db, timer)
            log.error("alarm_without_effect", code=timer.code, clock=timer.clock_no, kind=timer.kind)
        else:
            swept += _ring(office, timer, now)
        before = timer
    return swept


def _ring(office: Office, timer: DueTimer, now: datetime) -> Swept:
    order = Order(code=timer.code, event=f"alarm:{timer.kind}", actor=MACHINE)
    try:
        transact(office, order, deadlines.ring(timer.clock_no, timer.kind, timer.fires_at), now)
    except deadlines.AlreadyFired:
        return Swept(passed=1)
    except LienThongError as error:
        return _failed(office, timer, error.code)
    except Exception as error:  # noqa: BLE001 - one dossier that fails must not hold up the rest
        return _failed(office, timer, type(error).__name__)
    return Swept(rang=1)


def _failed(office: Office, timer: DueTimer, why: str) -> Swept:
    """Tried again later. Raises Unavailable when the database is away, and the sweep ends."""
    timers.postpone(office.db, timer)
    log.warning("alarm_failed", code=timer.code, clock=timer.clock_no, why=why)
    return Swept(failed=1)

"""The sweep: rings every timer that is due, in due order, each once in effect, whatever fails in between."""

from __future__ import annotations

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
    rang: int = 0
    passed: int = 0
    failed: int = 0


def sweep(office: Office, now: datetime, *, batch: int = 500) -> Swept:
    """Several may run at once: what another sweep rang is passed over."""
    swept = Swept()
    while due := timers.due(office.db, now, batch):
        progressed = 0
        for timer in due:
            progressed += _ring(office, timer, now, swept)
        if not progressed:
            break
    return swept


def _ring(office: Office, timer: DueTimer, now: datetime, swept: Swept) -> int:
    order = Order(code=timer.code, event=f"alarm:{timer.kind}", actor=MACHINE)
    try:
        transact(office, order, deadlines.ring(timer.clock_no, timer.kind, timer.fires_at), now)
    except deadlines.AlreadyFired:
        swept.passed += 1
        return 0
    except LienThongError as error:
        # one dossier that fails must not hold up the rest; it is tried again later
        timers.postpone(office.db, timer)
        swept.failed += 1
        log.warning("alarm_failed", code=timer.code, clock=timer.clock_no, why=error.code)
        return 1
    swept.rang += 1
    return 1

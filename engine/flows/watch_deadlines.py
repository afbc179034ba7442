"""The sweep over deadlines: warnings, what is due, what is overdue, hand-offs nobody registered."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from prefect import State, flow

from engine import alarms
from engine.absences import returning
from engine.bundles import advance
from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.timekeeper import now
from storage import bundles, timers
from storage.locks import Job, alone


@flow(name="watch_deadlines", persist_result=False, result_storage=NOWHERE)
async def watch_deadlines(at: datetime | None = None) -> State[None]:
    """Rings every alarm that was due at `at` (now, if not given), the earliest first."""
    return await work_through(lambda enough: _sweep(enough, at), lambda: _due(at or now()))


def _due(at: datetime) -> bool:
    return timers.anything_due(office().db, at) or bool(bundles.gathered(office().db, at))


def _sweep(enough: Enough, at: datetime | None) -> Counter[str]:
    with alone(office().db, Job.WATCH_DEADLINES) as mine:
        if not mine:
            return Counter(busy=1)
        rang = alarms.sweep(office(), at or now(), enough=enough)
        moved = advance.sweep(office(), at or now(), enough=enough)
        return Counter({**rang.counts, "bundles_moved": moved, **returning.keep(office(), at or now())})

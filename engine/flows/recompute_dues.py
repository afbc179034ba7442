"""The due dates of every dossier in flight follow a calendar that was published."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime

from prefect import State, flow

from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.recomputing import recompute
from engine.timekeeper import now
from storage import recomputing
from storage.locks import Job, alone


@flow(name="recompute_dues", persist_result=False, result_storage=NOWHERE)
async def recompute_dues(at: datetime | None = None) -> State[None]:
    """Goes on where the last run ended; `at`: what has rung by then (now, if not given) does not ring again."""
    return await work_through(lambda enough: _recompute(enough, at), lambda: recomputing.unfinished(office().db))


def _recompute(enough: Enough, at: datetime | None) -> Counter[str]:
    with alone(office().db, Job.RECOMPUTE_DUES) as mine:
        if not mine:
            return Counter(busy=1)
        return Counter(asdict(recompute(office(), at or now(), enough=enough)))

"""The courier's day: four runs are planned on working days, each gets its manifest when it leaves."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from prefect import State, flow

from engine import courier
from engine.flows.office import office
from engine.flows.shift import NOWHERE, work_through
from engine.timekeeper import now
from storage import runs
from storage.locks import Job, alone


@flow(name="courier_run", persist_result=False, result_storage=NOWHERE)
async def courier_run(at: datetime | None = None) -> State[None]:
    """Plans the runs of the day of `at` and of the next, lists what each run that should have left takes along."""
    return await work_through(lambda _: _plan_and_list(at), lambda: bool(runs.due(office().db, at or now())))


def _plan_and_list(at: datetime | None) -> Counter[str]:
    instant = at or now()
    with alone(office().db, Job.COURIER_RUN) as mine:
        if not mine:
            return Counter(busy=1)
        return Counter(planned=courier.plan_ahead(office(), instant),
                       listed=courier.draw_due_manifests(office(), instant))

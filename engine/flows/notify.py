"""Notices to citizens and colleagues. Any number may run at once: leases divide the work."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from prefect import State, flow

from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.notifying import drain as notices
from engine.timekeeper import now
from storage import messages


@flow(name="notify", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def notify() -> State[None]:
    """Queues the day's digests if that was not done, then sends everything that is due."""
    return await work_through(_drain, lambda: messages.anything_due(office().db, now()))


def _drain(enough: Enough) -> Counter[str]:
    told = notices.tell_overdue(office(), now())
    # only what there was
    return +Counter({"overdue": told, **asdict(notices.drain(office(), now(), enough=enough))})

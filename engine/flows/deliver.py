"""Delivery of hand-offs. Any number may run at once: leases divide the work, the inbox makes it count once."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from prefect import State, flow

from engine import delivery
from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.timekeeper import now
from storage import outbox


@flow(name="deliver", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def deliver() -> State[None]:
    """Carries everything that is due to its receiver."""
    return await work_through(_drain, lambda: outbox.anything_due(office().db))


def _drain(enough: Enough) -> Counter[str]:
    return Counter(asdict(delivery.drain(office(), now(), enough=enough)))

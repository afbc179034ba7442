"""Rows and objects of scans are paired: what is pending goes to the store, what nobody links is removed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from prefect import State, flow

from engine import documents
from engine.flows.office import office
from engine.flows.shift import NOWHERE, work_through
from storage.locks import Job, alone


@flow(name="reconcile", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def reconcile() -> State[None]:
    return await work_through(lambda _: _reconcile(), lambda: False)


def _reconcile() -> Counter[str]:
    with alone(office().db, Job.RECONCILE) as mine:
        if not mine:
            return Counter(busy=1)
        return Counter(asdict(documents.reconcile(office())))

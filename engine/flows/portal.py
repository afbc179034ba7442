"""The national portal: items on their way, any number of drains at once, and the comparison of the day before."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import structlog
from prefect import State, flow

from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.portal.drain import drain
from engine.portal.line import Away, Rejected, adapter
from engine.portal.reconciling import day_before, reconcile
from engine.settings import settings
from engine.timekeeper import now
from storage import portal as items
from storage import portal_days
from storage.locks import Job, alone

log = structlog.get_logger()


@flow(name="portal", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def portal() -> State[None]:
    """Tells the portal everything that is due."""
    return await work_through(_drain, lambda: bool(settings().npsp_url) and items.anything_due(office().db, now()))


def _drain(enough: Enough) -> Counter[str]:
    if not settings().npsp_url:
        return Counter()
    return +Counter(asdict(drain(office(), adapter(settings()), now(), enough=enough)))


@flow(name="reconcile-portal", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def reconcile_portal() -> State[None]:
    """Compares yesterday. When the portal is away the next run of the morning does it."""
    return await work_through(lambda _: _reconcile(), lambda: False)


def _reconcile() -> Counter[str]:
    day = day_before(now())
    if not settings().npsp_url or portal_days.reconciled(office().db, day):
        return Counter()
    with alone(office().db, Job.PORTAL) as mine:
        if not mine:
            return Counter(busy=1)
        try:
            told = reconcile(office(), adapter(settings()), day, now())
        except (Away, Rejected) as trouble:
            log.warning("portal_not_reconciled", day=str(day), why=str(trouble))
            return Counter(away=1)
    return +Counter(compared=told.compared, different=told.different, missing_there=told.missing_there,
                    missing_here=told.missing_here)

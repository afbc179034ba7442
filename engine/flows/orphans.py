"""Flow runs whose process is gone. They cost nothing, but Prefect's pages should not show them as alive for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled, Crashed

log = structlog.get_logger()

# A run that Prefect could not start within this is never started (its issue 22664).
PENDING_TOO_LONG = timedelta(minutes=10)
# Our longest drain, that of an outbox after three days of outage, takes minutes.
RUNNING_TOO_LONG = timedelta(hours=1)
AT_ONCE = 100


async def close() -> None:
    """Ends what is stuck. Prefect away, or none at all, is no failure: the next hour comes."""
    if not PREFECT_API_URL.value():
        return
    try:
        async with get_client() as client:
            await _end(client, StateType.PENDING, PENDING_TOO_LONG, Cancelled(message="never started"))
            await _end(client, StateType.RUNNING, RUNNING_TOO_LONG, Crashed(message="its process is gone"))
    except (httpx.HTTPError, PrefectException) as error:
        log.warning("orphans_not_closed", why=type(error).__name__)


async def skip_missed(older_than: timedelta = timedelta(minutes=5)) -> int:
    """Cancels scheduled runs that were missed while nobody served: each flow catches up in one run anyway."""
    async with get_client() as client:
        return await _end(client, StateType.SCHEDULED, older_than, Cancelled(message="missed; the next run catches up"))


async def _end(client: PrefectClient, kind: StateType, age: timedelta, state: State[None]) -> int:
    ended = 0
    while found := await _old(client, kind, age):
        for run in found:
            await client.set_flow_run_state(run.id, state, force=True)
        ended += len(found)
    return ended


async def _old(client: PrefectClient, kind: StateType, age: timedelta) -> Sequence[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[kind])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC) - age)),
        limit=AT_ONCE)

"""While Prefect notes a run, nothing else in the same loop waits for its server: it may have gone away meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prefect import Flow
from prefect.client import base

from engine.flows.dispatcher import Dispatcher
from engine.flows.housekeeping import housekeeping
from engine.flows.portal import reconcile_portal
from engine.office import Office

pytestmark = pytest.mark.usefixtures("prefect")
FLOWS: list[Any] = [*(duty.flow for duty in Dispatcher().duties.values()), housekeeping, reconcile_portal]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_no_run_waits_for_an_answer_in_the_loop(flow: Flow[..., Any], office: Office,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []
    send = base.PrefectHttpxSyncClient.send

    def noted(client: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # a thread of its own may wait as long as it likes
            return send(client, request, *args, **kwargs)
        waited.append(str(request.url))
        return send(client, request, *args, **kwargs)

    monkeypatch.setattr(base.PrefectHttpxSyncClient, "send", noted)
    asyncio.run(flow())

    assert waited == []

"""The national portal is told by the dispatcher, with Prefect and without it; no killed dispatcher loses or doubles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import FlowRunSort

from engine import timekeeper
from engine.casework.receive import receive
from engine.flows.portal import portal, reconcile_portal
from engine.flows.serve import deployments
from engine.office import Office
from engine.settings import settings
from tests.casework.walking import FUNERAL
from tests.flows.ledger import Ledger
from tests.flows.resident import Resident, eventually
from tests.journey import Journey
from tests.portal.standin import ACCOUNT, SECRET, UNIT, StandIn, standing_in

MANY = 30


@pytest.fixture
def npsp() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def connected(office: Office, npsp: StandIn, day: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings that switch the connector on, in this process too."""
    told = {"NPSP_URL": npsp.url, "NPSP_ACCOUNT": ACCOUNT, "NPSP_SECRET": SECRET, "NPSP_UNIT": UNIT}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return told


def receive_many(office: Office, journey: Journey, many: int) -> list[str]:
    return [receive(office, journey.submission("funeral_allowance", desk="H51.21/mot-cua", facts=FUNERAL),
                    journey.now).code for _ in range(many)]


def test_the_portal_is_told_and_yesterday_compared_by_flows_that_name_nobody(
        prefect: None, office: Office, journey: Journey, npsp: StandIn, connected: dict[str, str], day: Path) -> None:
    codes = receive_many(office, journey, 2)
    asyncio.run(portal())
    assert set(npsp.dossiers) == set(codes)
    timekeeper.set_shown(day, journey.now + timedelta(hours=18), 1.0)

    asyncio.run(reconcile_portal())
    asyncio.run(reconcile_portal())

    assert office.db.value("select equal from portal_day") == 2
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=20)
    messages = [run.state.message for run in runs if run.state is not None]
    assert {"sent 4", "compared 2", "nothing to do"} <= set(messages)
    told = json.dumps([run.model_dump(mode="json") for run in runs], ensure_ascii=False)
    assert not any(code in told for code in codes)


def test_a_dispatcher_killed_in_the_middle_loses_and_doubles_nothing(
        office: Office, environment: dict[str, str], connected: dict[str, str], journey: Journey, npsp: StandIn,
        day: Path, ledger: Ledger, tmp_path: Path) -> None:
    codes = receive_many(office, journey, MANY)
    npsp.slow = 0.05
    told = {**environment, **connected, "PREFECT_API_URL": "", "LIENTHONG_CLOCK": str(day)}
    log = tmp_path / "dispatcher.log"
    for part in (0.3, 0.6):
        resident = Resident(told, log)
        try:
            eventually(lambda part=part: len(npsp.taken) >= 2 * MANY * part)  # type: ignore[misc]
        finally:
            resident.kill()
        # what it held is free again a minute later
        ledger.do("update portal_item set lease_until = clock_timestamp() where sent_at is null")
    resident = Resident(told, log)
    try:
        eventually(lambda: ledger.value("select count(*) from portal_item where sent_at is null") == 0)
    finally:
        resident.kill()

    for code in codes:
        assert [number for of, number, _, _ in npsp.taken if of == code] == [1, 2]
    assert SECRET not in log.read_text(encoding="utf-8")


def test_the_flows_are_served_only_where_a_portal_is_set_up(
        connected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"portal", "reconcile-portal"} <= {one.flow_name for one in deployments()}

    monkeypatch.delenv("NPSP_URL")
    settings.cache_clear()
    assert not {"portal", "reconcile-portal"} & {one.flow_name for one in deployments()}

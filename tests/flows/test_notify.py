"""Notices are a flow like any other: seen in Prefect, done without it, and no killed dispatcher loses one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import FlowRunSort

from engine.casework.receive import receive
from engine.flows.notify import notify
from engine.office import Office
from engine.settings import settings
from tests.flows.ledger import Ledger
from tests.flows.resident import Resident, eventually
from tests.journey import Journey
from tests.notifying.partners import Partner, gateway

MANY = 40


@pytest.fixture
def sms() -> Iterator[Partner]:
    with gateway() as running:
        yield running


@pytest.fixture
def gate(sms: Partner) -> dict[str, str]:
    """The setting that leads to it."""
    return {"NOTIFY_SMS_URL": f"json://127.0.0.1:{sms.port}/send?:to={{address}}"}


def test_a_drain_is_a_flow_run_that_names_nobody(
        prefect: None, office: Office, journey: Journey, sms: Partner, gate: dict[str, str], day: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SMS_URL", gate["NOTIFY_SMS_URL"])
    settings.cache_clear()
    submission = journey.submission()
    code = receive(office, submission, journey.now).code

    asyncio.run(notify())

    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=20)
    # the scheduler of a server that serves the flows has put down later runs of its own
    run = next(run for run in runs if run.state is not None and run.state.message == "sent 1")
    assert run.state is not None
    assert run.state.name == "Completed"
    told = json.dumps(run.model_dump(mode="json"), ensure_ascii=False)
    assert code not in told
    assert submission.applicant.phone not in told
    assert len(sms.took) == 1


def test_a_dispatcher_killed_in_the_middle_loses_no_message(
        office: Office, environment: dict[str, str], journey: Journey, sms: Partner, gate: dict[str, str],
        day: Path, ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(MANY):
        receive(office, journey.submission(), journey.now)
    queued = set(ledger.values("select id::text from message"))
    assert len(queued) == MANY
    sms.temper = "slow"

    told = {**environment, **gate, "PREFECT_API_URL": "", "LIENTHONG_CLOCK": str(day)}
    log = tmp_path / "dispatcher.log"
    for part in (0.3, 0.6):
        resident = Resident(told, log)
        try:
            eventually(lambda part=part: len(set(sms.ids)) >= MANY * part)  # type: ignore[misc]
        finally:
            resident.kill()
        # what it held is free again a minute later
        ledger.do("update message set lease_until = clock_timestamp() where sent_at is null")
    resident = Resident(told, log)
    try:
        eventually(lambda: ledger.value("select count(*) from message where sent_at is null") == 0)
    finally:
        resident.kill()

    assert set(sms.ids) == queued
    again = [taken for taken, times in Counter(sms.ids).items() if times > 1]
    assert len(again) <= 2, "only what was on its way at a kill goes twice, under its own id"

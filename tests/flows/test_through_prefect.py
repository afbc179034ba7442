"""Prefect is the motor and the window: what it ran is seen there, and without it everything is done all the same."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort

from engine.casework.receive import receive
from engine.flows.deliver import deliver
from engine.flows.watch_deadlines import watch_deadlines
from engine.office import Office
from storage.local.machine import Machine
from tests.flows.ledger import Ledger
from tests.flows.resident import Resident, eventually
from tests.journey import Journey
from tests.wire import Mode, Wire

pytestmark = pytest.mark.usefixtures("prefect")


def flow_runs(known: Collection[UUID] = ()) -> list[FlowRun]:
    """What ran; not what the scheduler of Prefect puts down for later for flows that are served by the clock."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=200)
    return [run for run in found if run.id not in known and not run.auto_scheduled]


@pytest.fixture
def known() -> set[UUID]:
    """What ran before this test."""
    return {run.id for run in flow_runs()}


@pytest.fixture
def wire(machine: Machine) -> Iterator[Wire]:
    found = Wire(machine.ports.prefect)
    yield found
    found.close()


@pytest.fixture
def dispatcher(environment: dict[str, str], wire: Wire, tmp_path: Path, ledger: Ledger,
               day: Path) -> Iterator[Resident]:
    """On a working day, whatever the day of the test: it has begun when it planned the courier's runs."""
    told = {**environment, "PREFECT_API_URL": f"http://127.0.0.1:{wire.port}/api", "LIENTHONG_CLOCK": str(day)}
    resident = Resident(told, tmp_path / "dispatcher.log")
    try:
        eventually(lambda: ledger.value("select count(*) from courier_run"))
        yield resident
    finally:
        resident.kill()


def delivered(ledger: Ledger, code: str) -> bool:
    return ledger.unsent(code) == []


def test_a_delivery_is_a_flow_run_that_says_how_many_and_names_nobody(
        office: Office, journey: Journey, ledger: Ledger, known: set[UUID]) -> None:
    submission = journey.submission()
    code = receive(office, submission, journey.now).code

    asyncio.run(deliver())

    assert delivered(ledger, code)
    (run,) = flow_runs(known)
    assert run.state is not None
    assert (run.state_name, run.parameters) == ("Completed", {})
    assert run.state.message == "delivered 1"
    told = json.dumps(run.model_dump(mode="json"), ensure_ascii=False)
    for personal in (submission.applicant.name, submission.applicant.id_number, submission.subject, code):
        assert personal not in told


def test_a_sweep_takes_its_instant_as_a_parameter(office: Office, journey: Journey, known: set[UUID]) -> None:
    journey.receive()

    asyncio.run(watch_deadlines(journey.now + timedelta(days=30)))

    (run,) = flow_runs(known)
    assert run.state is not None
    assert run.state.message is not None
    assert run.state.message.startswith("rang ")
    assert list(run.parameters) == ["at"]


def delivered_by(known: set[UUID]) -> list[int]:
    """What each completed flow run says it delivered."""
    told = [run.state.message for run in flow_runs(known) if run.state and run.state.name == "Completed"]
    return [int(message.removeprefix("delivered ")) for message in told if message and message.startswith("delivered")]


def test_one_flow_run_serves_many_hand_offs_and_none_is_made_for_nothing(
        office: Office, journey: Journey, ledger: Ledger, dispatcher: Resident) -> None:
    idle: set[UUID] = set()

    def at_rest() -> bool:
        idle.update(run.id for run in flow_runs(idle))
        time.sleep(3)
        return flow_runs(idle) == []

    eventually(at_rest)  # an idle dispatcher makes no flow run

    codes: list[str] = []

    def together() -> bool:
        # one run of 12 where the machine keeps up; else a pause begins another, and what is slow goes without Prefect
        for _ in range(12):
            codes.append(receive(office, journey.submission(), journey.now).code)
            time.sleep(0.2)
        eventually(lambda: all(delivered(ledger, code) for code in codes))
        time.sleep(2)
        return any(number > 1 for number in delivered_by(idle))

    eventually(together, 240)
    assert len(flow_runs(idle)) < len(codes)


@pytest.mark.parametrize("mode", [Mode.CUT, Mode.SILENT])
def test_without_prefect_hand_offs_are_delivered_at_once_and_with_it_again_as_flow_runs(
        mode: Mode, office: Office, journey: Journey, ledger: Ledger, dispatcher: Resident, wire: Wire) -> None:
    first = receive(office, journey.submission(), journey.now).code
    eventually(lambda: delivered(ledger, first))
    time.sleep(4)  # that drain has ended by now, but what it learnt of Prefect is still believed
    wire.turn(mode)
    known = {run.id for run in flow_runs()}

    code = receive(office, journey.submission(), journey.now).code
    eventually(lambda: delivered(ledger, code), 30)  # Prefect's own patience is a minute

    # one that was just being made when the wire was cut comes no further
    assert [run for run in flow_runs(known) if run.state_name == "Completed"] == []
    known |= {run.id for run in flow_runs()}
    wire.turn(Mode.PASS)

    def served() -> bool:
        receive(office, journey.submission(), journey.now)
        time.sleep(1)
        return any(run.state_name in ("Running", "Completed") for run in flow_runs(known))

    eventually(served)


def test_a_dispatcher_stops_within_seconds_also_while_it_works_and_prefect_is_gone(
        office: Office, journey: Journey, ledger: Ledger, dispatcher: Resident, wire: Wire) -> None:
    for _ in range(30):
        receive(office, journey.submission(), journey.now)
    eventually(lambda: ledger.value("select count(*) from inbox") > 0)
    wire.turn(Mode.CUT)

    assert dispatcher.stop() == 0
    assert ledger.value("select count(*) from outbox where sent_at is null and lease_until > clock_timestamp()") == 0

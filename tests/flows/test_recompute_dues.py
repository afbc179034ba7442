"""A published calendar is followed by a flow, which the dispatcher begins by itself; Prefect is not needed for it."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest

from engine.flows.recompute_dues import recompute_dues
from engine.office import Office
from storage.local.machine import Machine
from storage.locks import Job, alone
from tests.flows.ledger import Ledger
from tests.flows.resident import Resident, eventually
from tests.flows.test_through_prefect import dispatcher, flow_runs, known, wire
from tests.journey import Journey
from tests.recomputing.calendars import closed, publish
from tests.wire import Mode, Wire

__all__ = ["dispatcher", "known", "wire"]
pytestmark = pytest.mark.usefixtures("prefect")
STORM_DAY = date(2026, 12, 1)


def finished(ledger: Ledger) -> bool:
    return bool(ledger.value("select bool_and(finished_at is not null) from calendar_recompute"))


def moved(ledger: Ledger) -> int:
    return int(ledger.value("select count(*) from audit where action = 'recompute_dues'"))


def test_it_is_a_flow_run_that_says_how_many(
        office: Office, journey: Journey, ledger: Ledger, known: set[UUID]) -> None:
    journey.receive()
    publish(office, closed(STORM_DAY))

    asyncio.run(recompute_dues(journey.now))

    assert finished(ledger)
    (run,) = flow_runs(known)
    assert run.state is not None
    assert run.state.message == "considered 1, changed 1, jobs 1"


def test_a_second_one_leaves_it_to_the_first(office: Office, journey: Journey, ledger: Ledger) -> None:
    journey.receive()
    publish(office, closed(STORM_DAY))

    with alone(office.db, Job.RECOMPUTE_DUES) as mine:
        assert mine
        asyncio.run(recompute_dues.fn(journey.now))

    assert moved(ledger) == 0
    assert not finished(ledger)


@pytest.mark.parametrize("mode", [Mode.PASS, Mode.CUT])
def test_the_dispatcher_sees_to_it_with_prefect_and_without(
        machine: Machine, office: Office, journey: Journey, ledger: Ledger, dispatcher: Resident, wire: Wire,
        mode: Mode) -> None:
    wire.turn(mode)
    journey.receive()
    publish(office, closed(STORM_DAY))

    eventually(lambda: finished(ledger))

    assert moved(ledger) == 1
    assert dispatcher.process.poll() is None

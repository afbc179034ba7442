"""Prefect and the sweep are gone for three days: whatever comes back first, each effect happens once and in due order.

What should have happened is told by a twin: the same dossiers in another database, swept every half hour all along.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from engine import alarms, timekeeper
from engine.errors import Unavailable
from engine.office import Office
from storage import timers
from storage.local.children import Born, bear
from storage.local.machine import Machine
from tests.conftest import Fresh, clone, furnish, patient
from tests.flows.ledger import Ledger
from tests.flows.resident import ROOT, Resident, eventually
from tests.journey import Cast, Journey
from tests.machine import machine as running_machine

STOP = timedelta(days=3)
# One process that sweeps with four threads at once, and without the guard that lets one process sweep at a time.
SWEEPER = """
from concurrent.futures import ThreadPoolExecutor
from engine import alarms
from engine.flows.office import office
from engine.timekeeper import now
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda _: alarms.sweep(office(), now()), range(4)))
"""
Effects = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Prefect is started and stopped by the tests themselves."""
    with running_machine() as running:
        furnish(running)
        yield running


class Prefect:
    def __init__(self, machine: Machine) -> None:
        self.child, self.place = machine.prefect.child(), machine.place
        self.born: Born | None = None

    def start(self) -> None:
        self.child.prepare()
        self.born = bear(self.child, self.place)
        eventually(self.child.ready, 120)

    def stop(self) -> None:
        if self.born is not None:
            self.born.kill()
            self.born.wait()
            assert not self.child.ready()


@pytest.fixture(scope="module")
def prefect(machine: Machine) -> Iterator[Prefect]:
    """It runs before every test; a test that stops it starts it again."""
    found = Prefect(machine)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


@pytest.fixture
def told(environment: dict[str, str], clock: Path) -> dict[str, str]:
    return {**environment, "LIENTHONG_CLOCK": str(clock), "PATH": "/usr/bin:/bin"}


def fill(journey: Journey) -> datetime:
    """Dossiers at every place where time runs: handed over, examined, consulted, one a day before its due date."""
    begun = journey.now
    journey.now = begun - timedelta(days=26)
    old = journey.receive().code
    journey.register_all(old)
    journey.now = begun
    for number in range(6):
        code = journey.receive().code
        if number % 3:
            journey.register_all(code)
        if number % 3 == 2:
            journey.do(code, "consult", journey.cast["H51.01/ngoai-vu:officer"])
        journey.now += timedelta(minutes=40)
    return journey.now


def effects(ledger: Ledger) -> Effects:
    """Every alarm in the order it rang, and every notice but of letters: those are drafted while they may be issued."""
    notices = ledger.rows("select d.code, n.clock_no, n.kind, n.about, n.unit_id from notice n "
                          "join dossier d on d.id = n.dossier_id where n.kind <> 'apology_drafted' "
                          "order by 1, 2, 3, 4, 5")
    return ledger.alarms(), notices


@pytest.fixture
def expected(machine: Machine, office: Office) -> Iterator[Effects]:
    """What the twin did, who was never stopped."""
    twin = clone(machine)
    db = patient(twin.app_url)
    there = Office(db, office.store, office.spool)
    at = fill(Journey(there, Cast(there)))
    until = at + timedelta(hours=2) + STOP
    while at < until:
        alarms.sweep(there, at)
        at += timedelta(minutes=30)
    alarms.sweep(there, until)
    with psycopg.connect(twin.superuser_url, autocommit=True) as connection:
        yield effects(Ledger(connection))
    db.close()


def before_the_stop(office: Office, journey: Journey, clock: Path) -> datetime:
    """The sweep ran as usual for two hours; that is when everything stops."""
    at = fill(journey)
    for minutes in (0, 60, 120):
        alarms.sweep(office, at + timedelta(minutes=minutes))
    stopped = at + timedelta(hours=2)
    timekeeper.set_shown(clock, stopped, 0.0)
    return stopped


def three_days_later(stopped: datetime, clock: Path, office: Office) -> datetime:
    """Business time went on, and everything still waits."""
    shown = stopped + STOP
    timekeeper.set_shown(clock, shown, 0.0)
    assert timers.waiting(office.db, shown).due > 5
    return shown


def all_rang(office: Office, shown: datetime) -> bool:
    return not timers.waiting(office.db, shown).due


def check(ledger: Ledger, expected: Effects) -> None:
    rang, notices = effects(ledger)
    should, told = expected
    assert sorted(rang) == sorted(should), "nothing lost, nothing twice"
    assert len(set(rang)) == len(rang)
    assert notices == told
    assert ledger.value("select count(*) from apology") == 0, "nobody is asked for a letter that comes too late"
    late = [at for *_, at in rang]
    assert late == sorted(late), "in due order"
    assert ledger.value("select count(*) from timer where attempts > 0") == 0


@pytest.mark.parametrize("order", ["prefect first", "dispatcher first"])
def test_prefect_stopped_for_three_days(order: str, prefect: Prefect, office: Office, journey: Journey, clock: Path,
                                        told: dict[str, str], ledger: Ledger, expected: Effects,
                                        tmp_path: Path) -> None:
    stopped = before_the_stop(office, journey, clock)
    resident = Resident(told, tmp_path / "before.log")
    eventually(lambda: ledger.value("select count(*) from heartbeat"))
    assert resident.stop() == 0
    prefect.stop()
    before = len(ledger.alarms())
    shown = three_days_later(stopped, clock, office)
    time.sleep(1)
    assert len(ledger.alarms()) == before, "nobody is there to ring"

    steps = [prefect.start, lambda: residents.append(Resident(told, tmp_path / "after.log"))]
    residents: list[Resident] = []
    try:
        for step in steps if order == "prefect first" else reversed(steps):
            step()
        eventually(lambda: all_rang(office, shown), 120)
    finally:
        for each in residents:
            each.process.kill()
            each.process.wait()

    check(ledger, expected)
    assert ledger.value("select max(lag) from sweep") >= STOP.total_seconds() / 2


def test_four_processes_with_four_sweeps_each_come_back_at_once(
        office: Office, journey: Journey, clock: Path, told: dict[str, str], ledger: Ledger,
        expected: Effects) -> None:
    stopped = before_the_stop(office, journey, clock)
    shown = three_days_later(stopped, clock, office)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: subprocess.run([sys.executable, "-c", SWEEPER], cwd=ROOT, env=told, timeout=120,
                                                      check=False).returncode, range(4)))

    assert done == [0] * 4
    # an alarm whose dossier was busy is tried again two seconds later
    eventually(lambda: alarms.sweep(office, shown).seen == 0 and ledger.value("select count(*) from timer "
               "where fires_at <= %s", shown) == 0)
    check(ledger, expected)


def test_a_database_killed_in_the_middle_forgets_no_alarm_for_good(
        machine: Machine, office: Office, journey: Journey, clock: Path, fresh: Fresh, expected: Effects) -> None:
    """Alarms do not wait for the disk: what was not written yet is still set, and rings again."""
    stopped = before_the_stop(office, journey, clock)
    shown = three_days_later(stopped, clock, office)
    asked = itertools.count(1)

    def pull() -> bool:
        if next(asked) == 10:
            assert machine.supervisor is not None
            postgres = psutil.Process(machine.supervisor.pids()["postgres"])
            # those who serve would live on for a moment and still answer
            for each in (postgres, *postgres.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        return False

    with pytest.raises(Unavailable):
        alarms.sweep(office, shown, enough=pull)

    def back() -> bool:
        try:
            alarms.sweep(office, shown)
        except Unavailable:
            return False
        return all_rang(office, shown)

    eventually(back, 120)
    assert office.db.value("show synchronous_commit") == "on", "acts of people wait for the disk"
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        check(Ledger(connection), expected)

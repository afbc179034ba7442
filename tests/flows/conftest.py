"""Real PostgreSQL, object store and Prefect; the office that flows find is that of the test's own database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

# Prefect reads these when it is imported, below.
os.environ |= {"PREFECT_HOME": tempfile.mkdtemp(prefix="lienthong-test-prefect-"),
               "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false", "PREFECT_LOGGING_TO_API_ENABLED": "false"}

import psycopg
import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from engine import seed, timekeeper
from engine.flows import office as of_flows
from engine.office import Office
from engine.settings import settings
from storage import migrate
from storage.local.cluster import Role
from storage.local.machine import Machine, Service
from storage.session import Database
from tests.conftest import PATIENT, PROVINCE, Fresh, forget_the_disk
from tests.flows.ledger import Ledger
from tests.journey import Journey
from tests.machine import machine as running_machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """As everywhere, and Prefect."""
    with running_machine(frozenset(Service)) as running:
        owner = running.database_url(Role.OWNER)
        migrate.upgrade(owner)
        seed.seed(owner, PROVINCE)
        forget_the_disk(running)
        yield running


@pytest.fixture
def environment(machine: Machine, fresh: Fresh, tmp_path: Path) -> dict[str, str]:
    """For a process of ours: this machine's services, this test's database."""
    return {**machine.environment(), "DATABASE_URL": fresh.app_url, "DATABASE_OWNER_URL": "",
            "LIENTHONG_HOME": str(tmp_path)}


@pytest.fixture
def office(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The very office that flows run in this process work with."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    of_flows.office.cache_clear()
    monkeypatch.setattr(of_flows, "Database", partial(Database, options=PATIENT))
    found = of_flows.office()
    yield found
    found.db.close()
    of_flows.office.cache_clear()
    settings.cache_clear()


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journey: Journey) -> Path:
    """Nine in the morning for this process and those it starts, whatever the hour of the test."""
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, journey.now + timedelta(hours=1), 1.0)
    monkeypatch.setattr(timekeeper, "_path", str(told))
    return told


@pytest.fixture
def prefect(machine: Machine) -> Iterator[None]:
    """Flows called in this process report to this machine's Prefect."""
    told = machine.environment()
    with temporary_settings({PREFECT_API_URL: told["PREFECT_API_URL"],
                             PREFECT_API_AUTH_STRING: told["PREFECT_API_AUTH_STRING"]}):
        yield


@pytest.fixture
def ledger(fresh: Fresh) -> Iterator[Ledger]:
    """Looks into the database, and changes what nobody of the application may."""
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        yield Ledger(connection)

"""Real services once a session; a database of its own for every test, cloned from one that was migrated and seeded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as of_examples

from engine import seed
from engine.office import Office
from storage import migrate
from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.objects import ObjectStore
from storage.session import TIMEOUTS, Database
from storage.spool import Spool
from tests.journey import Cast, Journey
from tests.machine import in_memory
from tests.machine import machine as running_machine

PROVINCE = "soc-trang"
# Whoever holds a lock here may be stopped for seconds by a busy machine, and that is not what these tests are about.
PATIENT = TIMEOUTS + " -c lock_timeout=60000 -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000"
_numbers = itertools.count(1)
# The same examples with every run, and none fails because a busy machine took its time over it.
of_examples.register_profile("repeatable", deadline=None, derandomize=True, database=None,
                             suppress_health_check=[HealthCheck.too_slow])
of_examples.load_profile("repeatable")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """PostgreSQL and the object store; the database `lienthong` is the template of the others and stays untouched."""
    with running_machine() as running:
        furnish(running)
        yield running


def furnish(machine: Machine) -> None:
    """The schema and the demonstration province."""
    owner = machine.database_url(Role.OWNER)
    migrate.upgrade(owner)
    seed.seed(owner, PROVINCE)
    forget_the_disk(machine)


def forget_the_disk(machine: Machine) -> None:
    """What these tests write is thrown away; that commits reach the disk is proven on machines of their own.

    A database is 800 files: in memory a copy takes a tenth of the time. Copies lie where their template does.
    """
    folder = in_memory(machine.home)
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
        if folder is not None:
            connection.execute(f"create tablespace memory location '{folder}'".encode())
            for template in ("template1", "lienthong"):
                connection.execute(f"alter database {template} set tablespace memory".encode())


@dataclass(frozen=True)
class Fresh:
    """A cloned database, as its owner and as the application."""

    owner_url: str
    app_url: str
    auditor_url: str
    superuser_url: str


def clone(machine: Machine, template: str = "lienthong") -> Fresh:
    name = f"case_{next(_numbers)}"
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        # copied as files: half the work of copying through the log, once nobody waits for the disk
        connection.execute(
            f"create database {name} template {template} strategy file_copy owner lienthong_owner".encode())
    def url(role: Role) -> str:
        return machine.database_url(role).rsplit("/", 1)[0] + f"/{name}"
    return Fresh(owner_url=url(Role.OWNER), app_url=url(Role.APP), auditor_url=url(Role.AUDITOR),
                 superuser_url=machine.postgres.superuser_url.rsplit("/", 1)[0] + f"/{name}")


@pytest.fixture
def fresh(machine: Machine) -> Iterator[Fresh]:
    """Dropped afterwards: hundreds of them are gigabytes to write and to delete in the end."""
    made = clone(machine)
    yield made
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"drop database {made.owner_url.rsplit('/', 1)[1]} with (force)".encode())


@pytest.fixture
def store(machine: Machine) -> ObjectStore:
    told = machine.environment()
    return ObjectStore(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], told["S3_BUCKET"])


def patient(url: str) -> Database:
    """Open, and never tired of waiting for a lock."""
    return Database(url, options=PATIENT).open()


@pytest.fixture
def office(fresh: Fresh, store: ObjectStore, tmp_path: Path) -> Iterator[Office]:
    db = patient(fresh.app_url)
    try:
        yield Office(db, store, Spool(tmp_path / "spool"), keys=tmp_path / "exchange-keys")
    finally:
        db.close()


@pytest.fixture
def cast(office: Office) -> Cast:
    return Cast(office)


@pytest.fixture
def journey(office: Office, cast: Cast) -> Journey:
    return Journey(office, cast)

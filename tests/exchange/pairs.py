"""The province and its police as two installations on two databases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from engine import seed
from engine.office import Office
from storage import migrate
from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.objects import ObjectStore
from storage.spool import Spool
from tests.conftest import Fresh, patient
from tests.exchange.carrying import Line, Side
from tests.journey import Cast, Journey

POLICE = "H51.05"
_numbers = itertools.count(1)


@dataclass
class Pair:
    province: Side
    police: Side
    line: Line

    def sync(self) -> list[str]:
        """Until nothing is on the line any more; the kinds of messages as they crossed."""
        seen: list[str] = []
        while crossed := [*self.line.carry(self.province, self.police), *self.line.carry(self.police, self.province)]:
            seen += crossed
        return seen


def url_of(machine: Machine, role: Role, name: str) -> str:
    return machine.database_url(role).rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def police_template(machine: Machine) -> str:
    """A database with the police as its only agency."""
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = 'police'").fetchone():
            return "police"
        connection.execute("create database police owner lienthong_owner")
    owner = url_of(machine, Role.OWNER, "police")
    migrate.upgrade(owner)
    seed.seed(owner, "soc-trang-police")
    return "police"


@pytest.fixture
def police_office(machine: Machine, police_template: str, store: ObjectStore, tmp_path: Path) -> Iterator[Office]:
    name = f"police_{next(_numbers)}"
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {police_template} strategy file_copy "
                           "owner lienthong_owner".encode())
    db = patient(url_of(machine, Role.APP, name))
    try:
        yield Office(db, store, Spool(tmp_path / "police-spool"), keys=tmp_path / "police-keys")
    finally:
        db.close()
        with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def pair(machine: Machine, fresh: Fresh, journey: Journey, police_office: Office) -> Pair:
    """Each knows the agencies of the other; nothing works at both."""
    name = police_office.db.value("select current_database()")
    province = Side("soc-trang", journey.office, journey, fresh.owner_url)
    police = Side("cong-an", police_office, Journey(police_office, Cast(police_office)),
                  url_of(machine, Role.OWNER, name))
    ours, theirs = province.directory(POLICE), police.directory("")
    province.meet(police, theirs)
    police.meet(province, ours)
    return Pair(province, police, Line())

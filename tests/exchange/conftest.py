"""Two installations on one machine: the province, and the police with a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from engine import seed, timekeeper
from engine.exchange import peers
from engine.settings import settings
from storage import migrate
from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.objects import ObjectStore
from tests.conftest import Fresh, clone
from tests.exchange.sides import HERE, POLICE, POLICE_AGENCY, Pair, befriend, side
from tests.journey import MONDAY

TEMPLATE = "of_the_police"


@pytest.fixture(scope="session")
def police_template(machine: Machine) -> str:
    """A second database that was migrated and seeded, with the police alone."""
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE} owner lienthong_owner")
    owner = machine.database_url(Role.OWNER).rsplit("/", 1)[0] + f"/{TEMPLATE}"
    migrate.upgrade(owner)
    seed.seed(owner, "soc-trang-police")
    return TEMPLATE


@pytest.fixture
def police_fresh(machine: Machine, police_template: str) -> Iterator[Fresh]:
    made = clone(machine, police_template)
    yield made
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"drop database {made.owner_url.rsplit('/', 1)[1]} with (force)")


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Peers may be on this machine; it is Monday 23 November 2026, ten in the morning, and time runs."""
    monkeypatch.setenv("LIENTHONG_PEERS_INSIDE", "true")
    settings.cache_clear()
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, MONDAY + timedelta(hours=2), 1.0)
    monkeypatch.setattr(timekeeper, "_path", str(told))
    yield
    settings.cache_clear()


@pytest.fixture
def pair(fresh: Fresh, police_fresh: Fresh, store: ObjectStore, tmp_path: Path, inside: None) -> Iterator[Pair]:
    """Both know each other; the police's agency is hosted there, and there the province's units are known."""
    store.ensure_bucket()
    with side(HERE, fresh, store, tmp_path / HERE) as here, \
            side(POLICE, police_fresh, store, tmp_path / POLICE) as police:
        befriend(here, police)
        peers.host(here.administrator(0), POLICE_AGENCY, POLICE)
        police.read_directory(HERE)
        yield Pair(here, police)

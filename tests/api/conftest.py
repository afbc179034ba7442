"""The web server over a database of its own; it is Monday 23 November 2026, nine in the morning, and time runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine import timekeeper
from engine.office import Office
from storage.local.machine import Machine
from storage.objects import ObjectStore
from storage.spool import Spool
from tests.api.web import Session, Web, serving
from tests.conftest import clone, patient
from tests.journey import MONDAY, Cast, Journey

DESK = "H51.02/tiep-nhan:receptionist"
OFFICER = "H51.01/ngoai-vu:officer"
STRANGER = "H51.21/mot-cua:receptionist"


@pytest.fixture(autouse=True)
def business_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day the samples were made for, as the demonstration sets it."""
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, MONDAY + timedelta(hours=1), 1.0)
    monkeypatch.setattr(timekeeper, "_path", str(told))


@pytest.fixture
def web(office: Office, cast: Cast) -> Iterator[Web]:
    with serving(office, cast) as running:
        yield running


@pytest.fixture(scope="module")
def closed(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One server for the tests of a file that need no dossier."""
    told = machine.environment()
    store = ObjectStore(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], told["S3_BUCKET"])
    db = patient(clone(machine).app_url)
    try:
        office = Office(db, store, Spool(tmp_path_factory.mktemp("spool")))
        with serving(office, Cast(office)) as running:
            yield running
    finally:
        db.close()


@pytest.fixture
def desk(web: Web) -> Session:
    """The receptionist of the centre."""
    return web.sign_in(DESK)


@pytest.fixture
def officer(web: Web) -> Session:
    """Who examines what the desk received."""
    return web.sign_in(OFFICER)


@pytest.fixture
def stranger(web: Web) -> Session:
    """Works in a commune that has nothing to do with it."""
    return web.sign_in(STRANGER)


@pytest.fixture
def journey(office: Office, cast: Cast) -> Journey:
    """Acts in process; its clock stays an hour behind the server's."""
    return Journey(office, cast)

"""The province as a rehearsal sees it: read once, and nothing is ever asked of a database again."""

from __future__ import annotations

import pytest

from engine.catalogue import Catalogue, read_catalogue
from procedures.declaration import Declaration, load_library
from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.session import Database


@pytest.fixture(scope="session")
def province(machine: Machine) -> Catalogue:
    """Its database is closed: whoever asks it gets Unavailable."""
    db = Database(machine.database_url(Role.APP)).open()
    catalogue = read_catalogue(db)
    for agency in catalogue.parents:
        catalogue.calendar(agency)  # a calendar is read when an agency first needs it
    db.close()
    return catalogue


@pytest.fixture(scope="session")
def library() -> dict[str, Declaration]:
    return load_library()

"""For tests that work on dossiers: compiled once, and after every test the whole database must be sound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.catalogue import Catalogue, read_catalogue
from engine.office import Office
from tests.casework.soundness import faults
from tests.judging.tiling import untiled


@pytest.fixture(scope="session")
def compiled() -> list[Catalogue]:
    """The first test's, for what it compiled: every cloned database has the same library."""
    return []


@pytest.fixture
def office(office: Office, compiled: list[Catalogue]) -> Office:
    if not compiled:
        compiled.append(office.catalogue())
    office._catalogue = read_catalogue(office.db, compiled[0])
    return office


@pytest.fixture(autouse=True)
def sound(request: pytest.FixtureRequest) -> Iterator[None]:
    """A module that damages the record on purpose says TAMPERS = True."""
    office = request.getfixturevalue("office") if "office" in request.fixturenames else None
    yield
    if office is not None and not getattr(request.module, "TAMPERS", False):
        assert faults(office) == []
        assert untiled(office) == []

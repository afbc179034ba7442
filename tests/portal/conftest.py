"""An installation that has the portal set up, and the stand-in it is set up for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.portal.line import NationalPortal
from engine.settings import Settings, settings
from tests.casework.conftest import start
from tests.portal.standin import ACCOUNT, SECRET, UNIT, StandIn, standing_in

__all__ = ["start"]


@pytest.fixture
def npsp() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def chosen(npsp: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name, value in (("URL", npsp.url), ("ACCOUNT", ACCOUNT), ("SECRET", SECRET), ("UNIT", UNIT)):
        monkeypatch.setenv(f"NPSP_{name}", value)
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@pytest.fixture
def line(chosen: Settings) -> NationalPortal:
    return NationalPortal(chosen)

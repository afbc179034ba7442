"""Chromium before the real server. It is Monday 23 November 2026, nine in the morning."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from engine import timekeeper
from engine.office import Office
from engine.settings import Settings
from tests.api.web import serving
from tests.journey import MONDAY, Cast
from tests.pages.house import House, chromium


@pytest.fixture(autouse=True)
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that tells the time, as the demonstration uses it."""
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, MONDAY + timedelta(hours=1), 1.0)
    monkeypatch.setattr(timekeeper, "_path", str(told))
    return told


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters are cut once for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file: its event loop must not outlive these tests."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def shots() -> Path | None:
    wanted = os.environ.get("PAGES_SHOTS")
    if wanted:
        Path(wanted).mkdir(parents=True, exist_ok=True)
    return Path(wanted) if wanted else None


@pytest.fixture
def house(office: Office, cast: Cast, browser: Browser, home: Path, clock: Path, shots: Path | None) -> Iterator[House]:
    with serving(office, cast, Settings(home=home)) as web:
        open_house = House(web.address, office, cast, browser, clock=clock, shots=shots)
        try:
            yield open_house
        finally:
            open_house.close()
    assert open_house.complaints == []

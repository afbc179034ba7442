"""Walks through procedures; after every test the whole database must be sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.casework.publishing import publish
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.journey import Journey
from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound", "start"]

Start = Callable[..., Walk]


# What is taken in at a commune.
AT_COMMUNE = frozenset({"funeral_allowance", "test_copies"})


@pytest.fixture
def start(journey: Journey, fresh: Fresh) -> Start:
    """`start("funeral_allowance")`: a dossier received and accepted at its desk, what it hands over delivered.

    "test_copies" is published at its first use; all its steps are at one commune.
    """

    def begin(procedure: str = "conference_permit_local", **changes: Any) -> Walk:
        if procedure == "test_copies" and procedure not in journey.office.fresh_catalogue().offered(date.max):
            publish(fresh.owner_url)
        given: dict[str, Any] = {"facts": {**FACTS[procedure], **changes.pop("facts", {})}}
        if procedure in AT_COMMUNE:
            given["desk"] = "H51.21/mot-cua"
        return Walk(journey, journey.receive(procedure, **{**given, **changes}).code)

    return begin

"""How long to break things: a smoke with every test run, minutes with `--chaos=long`."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos", choices=["smoke", "long"], default="smoke", help="long: several minutes of kills")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`seconds`: the kills go on for so long, and at least `rounds` times through all parts."""

    rounds: int
    seconds: float
    acts: int
    handoffs: int


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Plan:
    # not known where pytest met this file too late, that is when it runs all tests
    if request.config.getoption("--chaos", default="smoke") == "long":
        return Plan(rounds=4, seconds=240, acts=3000, handoffs=600)
    return Plan(rounds=1, seconds=0, acts=300, handoffs=60)

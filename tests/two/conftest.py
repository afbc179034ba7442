"""How long two installations are tried on a bad line: minutes with every run, longer with `--two=long`."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--two", choices=["smoke", "short", "long"], default="short",
                     help="smoke: seven dossiers, no long cut; long: a hundred")
    parser.addoption("--two-seed", type=int, default=2026, help="where the line is cut, and for how long")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`rounds`: so many dossiers of each story; `away`: of the long cut, `within`: until all is done, in seconds."""

    rounds: int
    away: float
    loss: float
    within: float
    seed: int


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Plan:
    # not known where pytest met this file too late, that is when it runs all tests
    seed = request.config.getoption("--two-seed", default=2026)
    length = request.config.getoption("--two", default="short")
    if length == "smoke":
        return Plan(rounds=1, away=3.0, loss=0.2, within=240.0, seed=seed)
    if length == "long":
        return Plan(rounds=14, away=60.0, loss=0.2, within=1800.0, seed=seed)
    return Plan(rounds=3, away=60.0, loss=0.2, within=900.0, seed=seed)

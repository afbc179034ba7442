"""One short play for all tests here, on a stage that stands until the last of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.console import Console

from api.demo.run import BEGINS, Performance, perform
from api.demo.stage import stage
from api.demo.verdict import Verdict


@pytest.fixture(scope="session")
def performance() -> Iterator[Performance]:
    """Without Prefect: the counters and the dispatcher work all the same."""
    with stage(BEGINS, prefect=False) as there:
        yield perform(there, Console(record=True, width=200, quiet=True), small=True)


@pytest.fixture(scope="session")
def verdict(performance: Performance) -> Verdict:
    """The play as it was: whoever touches the record puts it back, and asks for a verdict of his own."""
    return performance.judge()

"""A clock that is not the real one is for demonstrations and tests: told loudly, refused where it is serious."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import timekeeper


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, datetime(2026, 11, 23, 2, tzinfo=UTC), 1.0)
    return told


def started(clock: str, program: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, with what it wrote."""
    environment = {name: value for name, value in os.environ.items() if name != "LIENTHONG_CLOCK"}
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True,
                          env={**environment, **({"LIENTHONG_CLOCK": clock} if clock else {}), **more})


def first_lines(clock: str) -> list[dict[str, str]]:
    """What a process logs when it starts."""
    done = started(clock, "from engine import logs; logs.configure()")
    assert done.returncode == 0
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_process_says_so_when_it_starts(shown: Path) -> None:
    line, = first_lines(str(shown))
    assert (line["event"], line["level"]) == ("THE_CLOCK_IS_NOT_REAL", "warning")
    assert line["shown"].startswith("2026-11-23T02:0")
    assert first_lines("") == []


@pytest.mark.parametrize("program", [
    "from api.app import create_app; create_app()", "from engine.flows.office import office; office()",
    "from api.cli import main; import sys; sys.argv = ['lienthong', 'reach']; main()",
])
def test_no_process_starts_by_it_where_people_work_for_real(shown: Path, program: str) -> None:
    serious = {"LIENTHONG_SECURE_COOKIES": "true", "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    refused = started(str(shown), program, **serious)
    assert refused.returncode != 0
    assert "LIENTHONG_CLOCK" in refused.stderr
    assert "LIENTHONG_CLOCK" not in started("", program, **serious).stderr

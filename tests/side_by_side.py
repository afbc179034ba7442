"""All tests, in one process more than there are cores: each takes the next group that nobody took.

`python tests/side_by_side.py [pytest arguments]`; the exit code is 0 when all are well. For pytest this file is the
plugin by which such a process finds its groups.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# One file is a group where starting over costs little; else a folder is, and what it starts serves all its files.
BY_FILE = ("agency", "api", "casework", "clocks", "local", "pages", "two")
# What takes longest comes first, and small groups last: so all processes end at about the same time.
FIRST = ("two/test_kill_points.py", "flows", "exchange", "demo", "chaos", "two", "procedures", "rehearsal",
         "api/test_fuzz.py", "agency", "pages/test_uploads.py", "pages/test_looks.py", "casework/test_crash.py",
         "answering", "custody", "portal", "states", "post", "scans", "migrating", "pages/test_designer.py")
EVERY = 60.0
# A line that is cut, a lease that runs out, a rate that is kept: somebody always waits, and leaves a core to one more.
PROCESSES = max(2, os.cpu_count() or 2) + 1


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder) / "claims"
        claims.mkdir()
        logs = [Path(folder) / f"{number}.txt" for number in range(PROCESSES)]
        running = [_start(claims, log) for log in logs]
        told = time.monotonic()
        while any(process.poll() is None for process in running):
            time.sleep(1.0)
            if time.monotonic() - told > EVERY:
                told = time.monotonic()
                print(" | ".join(_last_line(log) for log in logs), flush=True)  # noqa: T201
        for log in logs:
            print(log.read_text(encoding="utf-8", errors="replace"), flush=True)  # noqa: T201
    # a process that was killed has a negative one
    return max(abs(process.returncode) for process in running)


def _start(claims: Path, log: Path) -> subprocess.Popen[bytes]:
    # tests start processes of ours: none of them shall compile our modules again
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "pytest", "-p", "tests.side_by_side", f"--claims={claims}",
                                 *sys.argv[1:]], cwd=TESTS.parent, env=told, stdout=out, stderr=subprocess.STDOUT)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    return lines[-1][-40:].strip() if lines else "…"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--claims", type=Path, required=True, help="a folder where processes say what they took")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own, over what is ours."""
    if session.testsfailed or session.config.option.collectonly:
        return None
    mine = _mine(session.items, session.config.getoption("--claims"))
    item = next(mine, None)
    while item is not None:
        # known before the test is run: what the next one needs too is not taken down
        following = next(mine, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _mine(items: list[pytest.Item], claims: Path) -> Iterator[pytest.Item]:
    """Every process has the same list; who makes a group's folder runs it."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(_group(item), []).append(item)
    for group in sorted(groups, key=_place):
        try:
            (claims / group.replace("/", "+")).mkdir()
        except FileExistsError:
            continue
        yield from groups[group]


def _group(item: pytest.Item) -> str:
    folder, *rest = item.path.relative_to(TESTS).parts
    return "/".join((folder, *rest)) if folder in BY_FILE else folder


def _place(group: str) -> tuple[int, str]:
    named = [number for number, name in enumerate(FIRST) if group == name or group.startswith(f"{name}/")]
    return (named[0] if named else len(FIRST), group)


if __name__ == "__main__":
    sys.exit(main())

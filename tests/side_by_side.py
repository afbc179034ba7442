"""All tests, in two processes beside each other: half of them wait for a browser, and two cores have time for both.

`python tests/side_by_side.py [pytest arguments]`; the exit code is 0 when both are well.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent
# About half of the time: what drives browsers, and a few that wait for little.
FIRST = ("absences", "agency", "anchoring", "answering", "counter", "custody", "foresight", "letters", "migrating",
         "pages", "portal", "post", "procedures", "rehearsal", "test_house.py")
EVERY = 60.0


def halves() -> list[list[str]]:
    """Whatever is not named goes into the second: nothing can be forgotten."""
    there = sorted(path.name for path in TESTS.iterdir()
                   if path.name.startswith("test_") or (path.is_dir() and any(path.rglob("test_*.py"))))
    return [[str(TESTS / name) for name in there if (name in FIRST) is first] for first in (True, False)]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        logs = [Path(folder) / f"{number}.txt" for number in (1, 2)]
        running = [_start(paths, log) for paths, log in zip(halves(), logs, strict=True)]
        told = time.monotonic()
        while any(process.poll() is None for process in running):
            time.sleep(1.0)
            if time.monotonic() - told > EVERY:
                told = time.monotonic()
                print(" | ".join(_last_line(log) for log in logs), flush=True)  # noqa: T201
        for log in logs:
            print(log.read_text(encoding="utf-8", errors="replace"), flush=True)  # noqa: T201
    return max(process.returncode for process in running)


def _start(paths: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "pytest", *sys.argv[1:], *paths], cwd=TESTS.parent, stdout=out,
                                stderr=subprocess.STDOUT)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    return lines[-1][-40:].strip() if lines else "…"


if __name__ == "__main__":
    sys.exit(main())

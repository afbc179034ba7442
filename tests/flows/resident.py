"""A dispatcher in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Resident:
    """Sees nothing of the environment but `environment`; what it says is added to `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "engine.flows.dispatcher"], cwd=ROOT, stdout=out,
                                            stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin", **environment})

    def stop(self) -> int:
        """Its exit code. One that waits for what never comes does not end."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def eventually(true: Callable[[], object], within: float = 180.0) -> None:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < within, "did not happen in time"
        time.sleep(0.05)

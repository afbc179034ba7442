"""`lienthong up` with a small web server instead of ours: what is tested is the keeping, not the kept.

python up_script.py HOME PORT
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from api.up import run_up
from engine.settings import Settings
from storage.local.children import Child
from storage.local.machine import Machine
from storage.local.ports import LOOPBACK
from storage.local.probes import answers


def web(machine: Machine) -> list[Child]:
    port = machine.ports.web
    return [Child(
        name="web", argv=(sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK),
        environment=dict(os.environ), folder=machine.place.log, after=("seed", "store"),
        ready=lambda: answers(LOOPBACK, port, "/"),
    )]


if __name__ == "__main__":
    sys.exit(run_up(Settings(home=Path(sys.argv[1]), port=int(sys.argv[2])), lambda machine: machine.address,
                    children=web))

"""One child process: what it is, how it is born, how it ends, and the record it leaves for the next start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from storage.local.home import Account

# A log is looked at after a failure; what is older than this many bytes is one file away, then gone.
LOG_CAP = 4 << 20
# Seconds the kernel may take to clear away a killed process.
GONE_WITHIN = 5.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do once on the way up."""

    name: str
    run: Callable[[], None]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep alive.

    `prepare` runs before every birth, `ready` is asked until it says yes, `clear` runs after every end.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    ready: Callable[[], bool] = lambda: True
    after: tuple[str, ...] = ()
    account: Account | None = None
    prepare: Callable[[], None] = lambda: None
    clear: Callable[[], None] = lambda: None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: timedelta = timedelta(seconds=10)
    # When somebody waits: a second Ctrl-C, a failed start, the left-overs of a killed supervisor.
    hurried_grace: timedelta = timedelta(seconds=3)
    # Everything starts at once, on a slow disk perhaps: Prefect makes 100 tables.
    start_within: timedelta = timedelta(seconds=120)
    # False: the machine is up without it, and it is tried for ever like one that died later.
    essential: bool = True
    # How long a first start may fail and be tried again, for a service that waits for its own ghost.
    patience: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where records and logs of children go."""

    run: Path
    log: Path

    def record(self, name: str) -> Path:
        return self.run / f"{name}.json"

    def log_of(self, name: str) -> Path:
        return self.log / f"{name}.log"


@dataclass(kw_only=True)
class Born:
    """A running child. It leads a session of its own, so a Ctrl-C at the terminal reaches only us."""

    child: Child
    place: Place
    process: subprocess.Popen[bytes]
    since: float = field(default_factory=time.monotonic)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        _signal_group(self.process.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code; what it started itself goes with it."""
        code = self.process.wait()
        _signal_group(self.process.pid, signal.SIGKILL)
        self.child.clear()
        self.place.record(self.child.name).unlink(missing_ok=True)
        return code

    @property
    def age(self) -> float:
        return time.monotonic() - self.since


def bear(child: Child, place: Place) -> Born:
    log = place.log_of(child.name)
    if log.exists() and log.stat().st_size > LOG_CAP:
        log.replace(log.with_suffix(".log.1"))
    account = child.account
    with log.open("ab") as out:
        process = subprocess.Popen(
            child.argv, env=dict(child.environment), cwd=child.folder, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            user=account.uid if account else None, group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    born = Born(child=child, place=place, process=process)
    _write_record(born)
    return born


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, for the message that says why a start failed."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def stop_leftovers(place: Place) -> list[str]:
    """End what a killed supervisor left behind, all at once; their names.

    A process is ours only if number, start time and command line are those of the record: numbers are
    used again, and after a reboot at once.
    """
    records = [json.loads(path.read_text(encoding="utf-8")) for path in place.run.glob("*.json")]
    ours = [(record, process) for record in records if (process := _ours(record)) is not None]
    for record, process in ours:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(record["stop_signal"])
    for record, process in sorted(ours, key=lambda pair: pair[0]["hurried_grace"]):
        psutil.wait_procs([process], timeout=record["hurried_grace"])
        _signal_group(process.pid, signal.SIGKILL)
        psutil.wait_procs([process], timeout=GONE_WITHIN)
    for path in place.run.glob("*.json"):
        path.unlink()
    return [record["name"] for record, _ in ours]


def _write_record(born: Born) -> None:
    with suppress(psutil.NoSuchProcess):  # it may have ended at once
        process = psutil.Process(born.process.pid)
        record = {
            "name": born.child.name,
            "pid": process.pid,
            "started": started(process),
            "argv": list(born.child.argv),
            "stop_signal": int(born.child.stop_signal),
            "hurried_grace": born.child.hurried_grace.total_seconds(),
        }
        path = born.place.record(born.child.name)
        path.with_suffix(".new").write_text(json.dumps(record), encoding="utf-8")
        path.with_suffix(".new").replace(path)


def _ours(record: dict[str, object]) -> psutil.Process | None:
    try:
        process = psutil.Process(record["pid"])
        same = started(process) == record.get("started") and process.cmdline() == record["argv"]
    except psutil.Error:
        return None
    return process if same else None


def started(process: psutil.Process) -> float:
    """Seconds from the start of the machine to that of the process: a clock that is set right does not change them."""
    seconds: float = process.create_time() - psutil.boot_time()
    return round(seconds, 2)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)

"""A real PostgreSQL, object store and, on request, Prefect server for tests, thrown away afterwards."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.settings import Settings
from storage.local import ports
from storage.local.children import Place, stop_leftovers
from storage.local.home import Lock, server_account
from storage.local.machine import Machine, Service
from storage.local.trouble import AlreadyRunning

POSTGRES_AND_STORE = frozenset({Service.POSTGRES, Service.STORE})
PREFIX = "lienthong-test-"
# No test lets go of its home and comes back to it after this long.
ABANDONED_AFTER = 600.0
MEMORY = Path("/dev/shm")
# Databases of tests are small and soon dropped; with less free than this all is on the disk.
ROOM = 4 << 30
PORTS = f"{PREFIX}ports-{os.geteuid()}"
_kept: list[IO[str]] = []


@contextmanager
def home() -> Iterator[Path]:
    """An empty home that the server's own account may reach."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        _remove(folder)


def in_memory(home: Path) -> Path | None:
    """A folder in memory that PostgreSQL's account may write to and that goes with `home`; None without room."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    folder = MEMORY / home.name
    folder.mkdir(mode=0o700)
    account = server_account()
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _remove(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(MEMORY / home.name, ignore_errors=True)


def sweep() -> None:
    """End the services of test runs that were killed: nobody holds the lock of their home any more."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/run/lock"):
        folder = lock.parent.parent
        try:
            found = lock.stat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < ABANDONED_AFTER:
                continue
            with Lock(folder, "-"):
                stop_leftovers(Place(run=folder / "run", log=folder / "log"))
                _remove(folder)
        except (AlreadyRunning, FileNotFoundError):
            continue


def free_first() -> int:
    """As the product's; no other process that runs tests at the same time is given these ports while this one lives."""
    folder = Path(tempfile.gettempdir()) / PORTS
    folder.mkdir(mode=0o700, exist_ok=True)
    while True:
        first = ports.free_first()
        mine = (folder / str(first)).open("w")
        try:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mine.close()
            continue
        _kept.append(mine)
        return first


def fresh_settings(folder: Path) -> Settings:
    """Free ports, nothing taken from the environment's addresses."""
    return Settings(home=folder, port=free_first(), database_url="", database_owner_url="", s3_endpoint="",
                    prefect_api_url="")


@contextmanager
def machine(services: Collection[Service] = POSTGRES_AND_STORE) -> Iterator[Machine]:
    """`machine({Service.POSTGRES})` is up in about a second and a half, with the store in five."""
    with home() as folder, Machine(fresh_settings(folder)).running(services) as running:
        yield running

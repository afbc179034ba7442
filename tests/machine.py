"""A real PostgreSQL, object store and, on request, Prefect server for tests, thrown away afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.settings import Settings
from storage.local.machine import Machine, Service
from storage.local.ports import free_first

POSTGRES_AND_STORE = frozenset({Service.POSTGRES, Service.STORE})


@contextmanager
def home() -> Iterator[Path]:
    """An empty home that the server's own account may reach."""
    folder = Path(tempfile.mkdtemp(prefix="lienthong-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fresh_settings(folder: Path) -> Settings:
    """Free ports, nothing taken from the environment's addresses."""
    return Settings(home=folder, port=free_first(), database_url="", database_owner_url="", s3_endpoint="",
                    prefect_api_url="")


@contextmanager
def machine(services: Collection[Service] = POSTGRES_AND_STORE) -> Iterator[Machine]:
    """`machine({Service.POSTGRES})` is up in about a second and a half, with the store in five."""
    with home() as folder, Machine(fresh_settings(folder)).running(services) as running:
        yield running

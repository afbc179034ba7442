"""One real object store for the folder, and a door to it that can be made to misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.local.machine import Machine
from storage.objects import ObjectStore, Patience
from storage.spool import Spool
from tests.machine import machine
from tests.scans.door import Door

HURRIED = Patience(connect=0.5, answer=0.8, whole=1.2, rest=0.0)
"""So that tests of a silent store are short; a well one may be slower than that, too."""

Connect = Callable[..., ObjectStore]


@pytest.fixture(scope="session")
def one_machine() -> Iterator[Machine]:
    with machine() as running:
        yield running


@pytest.fixture
def connect(one_machine: Machine) -> Connect:
    """The store as the application reaches it, or at another `endpoint`."""

    def to(endpoint: str | None = None, patience: Patience | None = None) -> ObjectStore:
        secrets = one_machine.secrets
        return ObjectStore(
            endpoint or one_machine.store.endpoint,
            secrets.s3_access_key,
            secrets.s3_secret_key,
            one_machine.settings.s3_bucket,
            patience=patience,
        )

    return to


@pytest.fixture
def store(connect: Connect) -> ObjectStore:
    return connect()


@pytest.fixture
def door(one_machine: Machine) -> Iterator[Door]:
    with Door(one_machine.store.endpoint) as opened:
        yield opened


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")

"""A real installation for the kit to test: its web server, and what carries its messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from psycopg import OperationalError

from engine.errors import Unavailable
from engine.exchange import peers
from storage.objects import ObjectStore
from tests.agency.standing import KIT, Ends
from tests.conftest import Fresh
from tests.exchange.conftest import inside
from tests.exchange.sides import HERE, Side, side

__all__ = ["inside"]


@contextmanager
def working(one: Side) -> Iterator[None]:
    """As the dispatcher does, until the block is left. No pause is longer than a second: they are tested elsewhere."""
    stop = threading.Event()

    def hurry() -> None:
        one.rows("update peer set retry_at = least(retry_at, clock_timestamp() + interval '1 second') "
                 "where trouble_since is not null")
        for table, waiting in (("outbox", "sent_at is null and peer_id is not null"), ("arrival", "true"),
                               ("pull", "done_at is null")):
            one.rows(f"update {table} set next_attempt_at = least(next_attempt_at, "
                     f"clock_timestamp() + interval '1 second') where {waiting}")

    def work() -> None:
        while not stop.wait(0.2):
            with suppress(Unavailable, OperationalError):  # as the dispatcher does: the rows are still there
                one.work()
                hurry()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(30)


@pytest.fixture
def installation(fresh: Fresh, store: ObjectStore, tmp_path: Path, inside: None) -> Iterator[tuple[Side, Ends]]:
    """It knows the kit as a peer that hosts the police."""
    ends = Ends()
    with side(HERE, fresh, store, tmp_path / HERE) as here:
        here.befriend(KIT.installation, f"http://127.0.0.1:{ends.kit_port}", ends.kit_public)
        peers.host(here.administrator(0), KIT.agency, KIT.installation)
        with working(here):
            yield here, ends

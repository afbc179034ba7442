"""Without anchors sending stops, in the process that sends; what others send is taken in and has its effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine import timekeeper
from engine.anchoring import tending
from engine.timekeeper import now, set_shown
from storage.local.machine import Machine
from tests.exchange.sides import HERE, Pair, consult, handoff_to_police
from tests.flows.resident import Resident, eventually
from tests.journey import MONDAY

OFFICER = "H51.05/chuyen-mon:officer"


@pytest.fixture
def dispatcher(pair: Pair, machine: Machine, tmp_path: Path) -> Iterator[Resident]:
    """The province's, in a process of its own; its object store is away, and the police refuse its anchors."""
    home = tmp_path / HERE
    (home / "exchange-keys").symlink_to(home / "keys")
    pair.police.rows("insert into anchor_copy (peer_id, no, sealed, receipt, received_at) "
                     "select id, 1000, '', '', now() from peer")
    told = {**machine.environment(), "DATABASE_URL": pair.here.fresh.app_url, "DATABASE_OWNER_URL": "",
            "LIENTHONG_HOME": str(home), "LIENTHONG_INSTALLATION": HERE, "LIENTHONG_PEERS_INSIDE": "true",
            "LIENTHONG_POLL": "PT0.2S", "LIENTHONG_CLOCK": str(timekeeper._path), "PREFECT_API_URL": "",
            "S3_ENDPOINT": "127.0.0.1:9"}
    resident = Resident(told, tmp_path / "dispatcher.log")
    yield resident
    resident.kill()


def sent(pair: Pair, code: str) -> bool:
    return any(row["thread"] == code and row["sent_at"] for row in pair.sent())


def test_a_process_without_anchors_stops_sending_and_never_stops_taking_in(
        pair: Pair, dispatcher: Resident, tmp_path: Path) -> None:
    first = consult(pair.here)
    eventually(lambda: sent(pair, first))  # two hours after the first peer was approved
    pair.police.applier.drain()
    theirs = pair.police.rows("select code from dossier")[0]["code"]

    set_shown(tmp_path / "clock.json", MONDAY + timedelta(hours=4, minutes=5), 1.0)
    time.sleep(4)  # so that a drain that asked before has ended
    second = consult(pair.here)
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff_to_police(pair.here, first))
    pair.police.lines.drain()
    # taken in by the web server, given its effect by the process that does not send
    eventually(lambda: pair.here.rows("select 1 from handoff where id = %s and state = 'registered'",
                                      handoff_to_police(pair.here, first)))
    time.sleep(5)
    assert not sent(pair, second)
    eventually(lambda: pair.here.rows("select 1 from event_log where kind = 'anchors_late'"))
    late, = pair.here.rows("select details from event_log where kind = 'anchors_late'")
    assert late["details"]["why"]
    row, = [row for row in pair.sent() if row["thread"] == second]
    assert (row["attempts"], row["lease_until"]) == (0, None)

    # one place outside the database is enough: the store, which is there for this process
    with pytest.raises(tending.NotKept):
        tending.tend(pair.here.office, tending.by_client, now())
    eventually(lambda: sent(pair, second))

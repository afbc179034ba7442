"""A hand-off to another installation: it goes over the line once, is receipted, and what they do comes back."""

from __future__ import annotations

from engine import timekeeper
from engine.exchange import sending
from engine.exchange.client import Client
from storage import exchange
from tests.exchange.sides import Pair, consult, handoff_to_police


def test_a_hand_off_crosses_the_line_and_is_receipted(pair: Pair) -> None:
    code = consult(pair.here)

    pair.settle()

    message, = pair.sent()
    assert message["sent_at"] is not None
    assert message["receipt"] is not None
    arrival, = pair.arrived()
    assert bytes(arrival["envelope"]) == bytes(message["envelope"])
    assert (arrival["thread"], arrival["no"], arrival["state"]) == (code, 1, "applied")
    handoff, = pair.here.rows("select * from handoff where id = %s", handoff_to_police(pair.here, code))
    assert handoff["state"] == "delivered"
    successor, = pair.police.rows("select d.mirror, c.thread from dossier d join counterpart c on c.dossier_id = d.id")
    assert successor == {"mirror": "successor", "thread": code}


def test_a_sender_past_his_lease_does_not_count_what_another_has_sent(pair: Pair) -> None:
    consult(pair.here)
    here, db = pair.here, pair.here.office.db
    line = exchange.lines(db, sends=True)[0]
    late = exchange.claim(db, line.id, 1)[0]
    here.hurry()
    assert here.lines.drain()["sent"] == 1
    before = pair.sent()
    late.envelope = before[0]["envelope"]
    client = Client(line.name, line.url, inside=True)
    assert sending.send(here.office, client, line, late, timekeeper.now()) == "superseded"
    assert pair.sent() == before

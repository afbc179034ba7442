"""Lanes: in order within a dossier, nobody else held up; a peer in trouble is asked once for all; nothing is lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine import timekeeper
from engine.exchange import client as way
from engine.exchange import effects, keys, peers, sending
from engine.exchange.envelope import seal, unseal
from engine.exchange.keys import own_key_of
from storage import exchange, linewatch
from storage.peers import Deed
from tests.exchange.answering import Answer, listening, said, silent
from tests.exchange.forging import MESSAGES, message, post, progress, receipt
from tests.exchange.sides import POLICE, Pair, Side, consult, handoff_to_police

PROBLEM = "application/problem+json"


def tell_more(side: Side, code: str, count: int, begins: int = 1000) -> None:
    """Messages about how the dossier stands, queued behind what is there."""
    for number in range(count):
        side.rows(
            "insert into outbox (message_id, dossier_id, seq, kind, sender, receiver, payload, created_at, attempts) "
            "select %s, d.id, %s, 'progress', 'H51.01', 'H51.05', jsonb_build_object('code', d.code, "
            "  'status', 4, 'ended', false, 'due_at', d.due_at), now(), 0 from dossier d where d.code = %s",
            uuid.uuid4(), begins + number, code)


def again(side: Side, way: str, wanted: uuid.UUID) -> bool:
    """A person says that it may be tried as if it were new."""
    return linewatch.again(side.office.db, way, wanted, Deed(kind="test", actor=None, at=timekeeper.now(), details={}))


def unsent(side: Side) -> int:
    return len(side.rows("select 1 from outbox where peer_id is not null and sent_at is null"))


def to(pair: Pair, url: str) -> None:
    """From now on the province finds the police at another address."""
    pair.here.rows("update peer set url = %s, trouble_since = null, retry_at = null, failures = 0", url)


def try_again(pair: Pair, times: int) -> None:
    for _ in range(times):
        pair.here.hurry()
        pair.here.lines.drain()


def relayed(pair: Pair, *, lose: int = 0, keep: list[bytes] | None = None) -> Answer:
    """As the police answer, but the first `lose` answers are lost."""
    left = [lose]

    def act(asked: Any, data: bytes) -> None:
        answer = httpx.post(pair.police.url + asked.path, content=data, headers={"Content-Type": "application/json"})
        if keep is not None:
            keep.append(answer.content)
        if left[0]:
            left[0] -= 1
            asked.close_connection = True
            return
        said(answer.status_code, answer.content, answer.headers["content-type"])(asked, data)
    return act


def test_many_messages_of_one_dossier_arrive_in_their_order(pair: Pair) -> None:
    code = consult(pair.here)
    tell_more(pair.here, code, 20)

    pair.settle(rounds=30)

    assert unsent(pair.here) == 0
    rows = pair.arrived()
    assert [row["no"] for row in rows] == list(range(1, 22))
    assert [row["state"] for row in rows] == ["applied"] * 21
    applied = [row["no"] for row in pair.police.rows("select no from arrival order by applied_at, no")]
    assert applied == sorted(applied)


def test_a_lost_answer_leads_to_the_same_bytes_again_and_to_one_effect(pair: Pair) -> None:
    code = consult(pair.here)
    with listening(relayed(pair, lose=2)) as there:
        to(pair, there.url)
        pair.here.lines.drain()
        assert unsent(pair.here) == 1
        try_again(pair, 2)
        assert unsent(pair.here) == 0
        assert len(there.asked) == 3
        assert len(set(there.asked)) == 1
    pair.settle()

    assert [row["state"] for row in pair.arrived()] == ["applied"]
    assert len(pair.police.rows("select 1 from counterpart where thread = %s", code)) == 1
    own, = pair.here.rows("select receipt from outbox where peer_id is not null")
    told = unseal(bytes(own["receipt"]), "receipt", peers.key_of(pair.here.office.db)).body
    assert told["status"] == "duplicate"
    delivered = pair.here.rows("select 1 from audit where action = 'deliver' and details like %s",
                               f"%{handoff_to_police(pair.here, code)}%")
    assert len(delivered) == 1


LIES: dict[str, Answer] = {
    "500": said(500, b"oops"), "rubbish": said(200, b"rubbish"), "empty": said(200, b""), "redirect": said(
        302, b"", Location="/exchange/v1/messages"), "429": said(429, b"{}", PROBLEM), "page": said(
        200, b"<html>", "text/html"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_no_receipt_is_asked_for_again_for_ever(pair: Pair, lie: str) -> None:
    consult(pair.here)
    with listening(LIES[lie]) as there:
        to(pair, there.url)
        try_again(pair, 13)
        assert len(there.asked) == 13
        assert len(set(there.asked)) == 1
    row, = pair.sent()
    assert (row["sent_at"], row["parked_at"]) == (None, None)
    trouble = pair.here.peer()
    assert trouble.trouble_since is not None
    assert trouble.failures == 13
    to(pair, pair.police.url)
    try_again(pair, 1)
    assert unsent(pair.here) == 0
    assert pair.here.peer().trouble_since is None


def test_a_peer_that_speaks_to_us_is_asked_again_at_once(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.here.rows("update peer set trouble_since = now(), failures = 30, retry_at = now() + interval '1 minute'")
    line = exchange.Line(id=pair.here.peer().id, name=POLICE, url=pair.police.url, trouble=True)
    assert not exchange.probe(pair.here.office.db, line)
    exchange.unreachable(pair.here.office.db, line, "still silent")
    assert pair.here.rows("select retry_at < now() + interval '2 minutes' as soon from peer") == [{"soon": True}]

    pair.police.journey.do(theirs, "register", pair.police.cast["H51.05/chuyen-mon:officer"],
                           handoff=handoff_to_police(pair.here, code))
    assert pair.police.lines.drain()["sent"] == 1

    assert exchange.probe(pair.here.office.db, line)


def test_receipts_for_something_else_are_no_receipts(pair: Pair) -> None:
    """Replayed ones, forged ones, ones for other bytes or by another installation."""
    code = consult(pair.here)
    told: list[bytes] = []
    with listening(relayed(pair, lose=1, keep=told)) as there:
        to(pair, there.url)
        pair.here.lines.drain()
    true = unseal(told[0], "receipt", own_key_of(pair.police.office)).body
    police, here = keys.signer(pair.police.office), keys.signer(pair.here.office)
    other = receipt(pair.police, post(pair.police, message(pair)))
    wrong = [seal(police, other), seal(here, true), told[0][:-2], seal(police, {**true, "envelope": "0" * 64}),
             seal(police, {**true, "no": 2}), seal(police, {**true, "sender": "soc-trang"}),
             seal(police, {**true, "receiver": "ca-mau"}), seal(police, {**true, "message": str(uuid.uuid4())}),
             seal(police, {**true, "thread": "khac"}), seal(police, {**true, "expected": None})]
    for data in wrong:
        with listening(said(200, data)) as there:
            to(pair, there.url)
            try_again(pair, 1)
            assert len(there.asked) == 1
        assert unsent(pair.here) == 1, data
    with listening(said(200, seal(police, true))) as there:
        to(pair, there.url)
        try_again(pair, 1)
    assert unsent(pair.here) == 0
    handoff, = pair.here.rows("select state from handoff where id = %s", handoff_to_police(pair.here, code))
    assert handoff["state"] == "delivered"


def test_a_no_parks_the_message_after_ten_tries_with_an_owner_and_holds_only_its_lane(pair: Pair) -> None:
    first, second = consult(pair.here), consult(pair.here)
    tell_more(pair.here, first, 2)

    def refusing(asked: Any, data: bytes) -> None:
        if first.encode() in data:
            said(422, b'{"code":"invalid","title":"","detail":""}', PROBLEM)(asked, data)
        else:
            relayed(pair)(asked, data)

    with listening(refusing) as there:
        to(pair, there.url)
        try_again(pair, 12)

    rows = {(row["thread"], row["no"]): row for row in pair.sent()}
    assert rows[first, 1]["parked_at"] is not None
    assert rows[first, 1]["attempts"] == exchange.TRIES
    assert all(rows[first, no]["sent_at"] is None and rows[first, no]["attempts"] == 0 for no in (2, 3))
    assert rows[second, 1]["sent_at"] is not None
    assert pair.here.peer().trouble_since is None
    incident, = pair.here.rows("select i.kind, u.agency, u.key from incident i join unit u on u.id = i.unit_id")
    assert incident == {"kind": "message_parked", "agency": "H51.01", "key": "ngoai-vu"}

    assert again(pair.here, "outgoing", rows[first, 1]["message_id"])
    to(pair, pair.police.url)
    pair.settle(rounds=20)
    assert unsent(pair.here) == 0


def test_answers_that_are_none_do_not_count_as_a_no(pair: Pair) -> None:
    """A bad night of the other side's server must not make its first real refusal the last."""
    code = consult(pair.here)
    with listening(said(200, b"<html>")) as there:
        to(pair, there.url)
        try_again(pair, exchange.TRIES + 2)
    with listening(said(422, b'{"code":"invalid","title":"","detail":""}', PROBLEM)) as there:
        to(pair, there.url)
        try_again(pair, 1)
    message, = [row for row in pair.sent() if row["thread"] == code]
    assert (message["parked_at"], message["refusals"]) == (None, 1)
    assert message["attempts"] > exchange.TRIES


def test_a_silent_peer_is_asked_once_for_all(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "READ", 0.3)
    for _ in range(6):
        consult(pair.here)
    with silent() as url:
        to(pair, url)
        # silent for so long that the next pause is half a minute at least
        pair.here.rows("update peer set failures = 30")
        pair.here.lines.drain()
    monkeypatch.setattr(way, "READ", 60.0)
    assert pair.here.peer().failures == 31
    attempts = pair.here.rows("select max(attempts) as most, count(lease_until) as leased from outbox "
                              "where peer_id is not null")
    assert attempts == [{"most": 0, "leased": 0}]
    assert not exchange.anything_due(pair.here.office.db)

    with listening(said(503, b"")) as there:
        pair.here.rows("update peer set url = %s, retry_at = clock_timestamp()", there.url)
        assert exchange.anything_due(pair.here.office.db)
        pair.here.lines.drain()
        pair.here.lines.drain()
        assert len(there.asked) == 1

    pair.here.rows("update peer set url = %s, retry_at = clock_timestamp()", pair.police.url)
    pair.here.rows("update outbox set next_attempt_at = clock_timestamp() where peer_id is not null")
    assert pair.here.lines.drain()["sent"] == 6


def test_a_peer_that_never_answers_holds_up_no_other(pair: Pair) -> None:
    """The lines of other peers go on while its own waits for its time to run out."""
    consult(pair.here)
    with silent() as url:
        to(pair, url)
        pair.here.lines.patience = 2.0
        pair.here.lines.drain()
        # ours to the other one is still at it: its time has not run out, nothing was given up
        assert pair.here.peer().failures == 0


def test_messages_the_other_side_lost_are_sent_again_before_what_follows(pair: Pair) -> None:
    code = consult(pair.here)
    tell_more(pair.here, code, 3)
    pair.settle(rounds=20)
    pair.police.rows("delete from arrival where no > 2")
    pair.police.rows("update lane set expected = 3")
    tell_more(pair.here, code, 1, begins=2000)

    pair.settle(rounds=20)

    assert unsent(pair.here) == 0
    assert [(row["no"], row["state"]) for row in pair.arrived()] == [(no, "applied") for no in range(1, 6)]


def test_a_message_signed_with_a_key_that_was_revoked_goes_with_the_new_one(pair: Pair) -> None:
    consult(pair.here)
    with listening(said(503, b"")) as there:
        to(pair, there.url)
        pair.here.lines.drain()
    old, = pair.sent()
    revoked = keys.signer(pair.here.office).key_id
    public = keys.prepare(pair.here.office)
    key = peers.add_key(pair.police.administrator(0), "soc-trang", keys.as_string("soc-trang", public))
    peers.approve_key(pair.police.administrator(1), key)
    peers.revoke_key(pair.police.administrator(0), revoked)
    to(pair, pair.police.url)
    try_again(pair, 1)
    assert pair.sent()[0]["last_error"] == "revoked_key"

    keys.rotate(pair.here.office, None, timekeeper.now())
    try_again(pair, 1)

    new, = pair.sent()
    assert new["sent_at"] is not None
    assert bytes(new["envelope"]) != bytes(old["envelope"])
    assert new["message_id"] == old["message_id"]


def test_a_message_that_cannot_be_applied_is_parked_with_an_owner_and_holds_only_its_lane(
        pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, free = message(pair, 1), message(pair, 1, thread="H51.02-261123-0778", content=progress(5))
    for data in (stuck, message(pair, 2), free):
        receipt(pair.police, post(pair.police, data))
    true = effects.applying.apply

    def fails(office: Any, arrived: Any, told: Any, now: Any) -> None:
        if arrived.thread.endswith("0777"):
            raise RuntimeError
        true(office, arrived, told, now)

    monkeypatch.setattr(effects.applying, "apply", fails)
    for _ in range(12):
        pair.police.hurry()
        pair.police.applier.drain()

    states = [(row["thread"][-4:], row["no"], row["state"]) for row in pair.arrived()]
    assert states == [("0777", 1, "parked"), ("0777", 2, "held"), ("0778", 1, "applied")]
    logged, = pair.police.rows("select details from event_log where kind = 'message_parked'")
    assert logged["details"]["unit"] == "H51.05/chuyen-mon"

    monkeypatch.undo()
    parked = pair.police.rows("select message_id from arrival where state = 'parked'")[0]["message_id"]
    assert again(pair.police, "incoming", parked)
    assert pair.police.applier.drain()["applied"] == 2


def test_a_sender_that_came_back_from_the_dead_closes_nothing(pair: Pair) -> None:
    consult(pair.here)
    office, db = pair.here.office, pair.here.office.db
    line, = exchange.lines(db, sends=True)
    first, = exchange.claim(db, line.id, 5)
    pair.here.rows("update outbox set lease_until = clock_timestamp() - interval '1 second' where peer_id is not null")
    second, = exchange.claim(db, line.id, 5)
    assert second.attempts == first.attempts + 1
    one = way.Client(line.name, line.url, inside=True)

    assert sending.send(office, one, line, second, timekeeper.now()) == "sent"
    sending.send(office, one, line, first, timekeeper.now() + timedelta(minutes=1))

    assert len(pair.arrived()) == 1
    assert MESSAGES == way.MESSAGES


def test_nothing_is_sent_while_there_are_no_anchors_but_everything_is_taken(pair: Pair) -> None:
    consult(pair.here)
    pair.here.lines.may_send = lambda: False
    assert pair.here.lines.drain().total() == 0
    assert unsent(pair.here) == 1
    assert receipt(pair.police, post(pair.police, message(pair)))["status"] == "stored"

"""A partner that signs well and means ill: it harms its own lanes at most, nothing of ours and of nobody else's."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from engine import desk, timekeeper
from engine.exchange import keys, peers
from engine.exchange.envelope import seal, unseal
from tests.exchange.answering import listening, said
from tests.exchange.forging import DOSSIER, message, post, receipt, refusal, signed_anyhow
from tests.exchange.sides import Pair, consult, handoff_to_police
from tests.exchange.test_order import tell_more, to, try_again
from tests.flows.resident import eventually

MALFORMED = (400, "malformed")
OFFICER = "H51.05/chuyen-mon:officer"


def handed(handoff: str = "", **changes: Any) -> dict[str, Any]:
    """The content of a hand-off to the police."""
    unit = {"vi": "Phòng Ngoại vụ", "en": "Foreign affairs"}
    return {"handoff": handoff or str(uuid.uuid4()), "dossier": DOSSIER, "by": {"name": "Lê Văn Hùng", "unit": unit},
            "task": {"step": unit, "words": "", "due_at": None, "paper": False, "answers": []}, **changes}


def paper(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "component": "plan", "name": "ke-hoach.pdf", "media_type": "application/pdf",
            "size": 10, "sha256": "ab" * 32, **changes}


def wicked(pair: Pair, **changes: Any) -> bytes:
    told = json.loads(message(pair))["body"] | changes
    return signed_anyhow(keys.signer(pair.here.office), told)


def test_the_largest_number_there_is_breaks_no_lane(pair: Pair) -> None:
    assert refusal(post(pair.police, message(pair, 2**31 - 1))) == MALFORMED
    assert receipt(pair.police, post(pair.police, message(pair, 2**31 - 2)))["status"] == "held"
    assert receipt(pair.police, post(pair.police, message(pair, 1)))["status"] == "stored"
    assert pair.police.applier.drain() == {"applied": 1}


@pytest.mark.parametrize("documents", [
    [paper(id="5f0c3f5e-0001-4000-8000-000000000001"), paper(id="5f0c3f5e-0001-4000-8000-000000000001")],
    [paper(size=2**31)], [paper(name="a\nSet-Cookie: b")], [paper(name="a\x01.pdf")],
    [paper(media_type="text/html\n")], [paper(component="\x7f")]], ids=range(6))
def test_documents_that_no_record_could_keep_are_malformed(pair: Pair, documents: list[dict[str, Any]]) -> None:
    told = wicked(pair, kind="handoff", content=handed(), documents=documents)
    assert refusal(post(pair.police, told)) == MALFORMED


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"])
def test_instants_that_no_calendar_here_can_show_are_refused(pair: Pair, instant: str) -> None:
    content = handed()
    for told in (content | {"task": content["task"] | {"due_at": instant}},
                 content | {"dossier": DOSSIER | {"received_at": instant}}):
        assert refusal(post(pair.police, wicked(pair, kind="handoff", content=told))) in (MALFORMED, (422, "invalid"))
    assert pair.police.rows("select 1 from arrival") == []


def test_the_latest_instant_that_is_taken_is_shown_on_every_page(pair: Pair) -> None:
    content = handed()
    content["task"] = content["task"] | {"due_at": "2999-12-31T23:59:59.999999Z"}
    receipt(pair.police, post(pair.police, message(pair, kind="handoff", content=content)))
    assert pair.police.applier.drain() == {"applied": 1}
    code = pair.police.rows("select code from dossier")[0]["code"]
    side = pair.police
    side.journey.do(code, "register", side.cast[OFFICER], handoff=uuid.UUID(content["handoff"]))
    view = desk.dossier(side.office, code, side.cast[OFFICER], side.journey.now)
    assert view.header.code == code


def test_a_hand_off_under_the_id_of_another_one_changes_nothing_of_that(pair: Pair) -> None:
    """Its id is known to whom it was sent; their message must not move our row."""
    code = consult(pair.here)
    pair.settle()
    ours = handoff_to_police(pair.here, code)
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=ours)
    pair.settle()
    before = pair.here.rows("select row_to_json(h)::text as told from handoff h order by id")
    body = json.loads(message(pair))["body"] | {
        "kind": "handoff", "content": handed(str(ours)), "thread": "H51.05-261123-0999",
        "sender": {"installation": "police", "agency": "H51.05", "unit": "chuyen-mon"},
        "receiver": {"installation": "soc-trang", "agency": "H51.01", "unit": "ngoai-vu"}}
    body.pop("protocol")
    receipt(pair.here, post(pair.here, seal(keys.signer(pair.police.office), body)))
    for _ in range(3):
        pair.here.hurry()
        pair.here.applier.drain()

    assert pair.here.rows("select row_to_json(h)::text as told from handoff h order by id") == before
    assert {row["state"] for row in pair.here.rows("select state from arrival where kind = 'handoff'")} == {"waiting"}


@pytest.mark.parametrize("revoked", [False, True])
def test_a_receipt_by_their_old_key_counts_until_it_is_revoked(pair: Pair, revoked: bool) -> None:
    """Their machine may be slow to change; who holds a stolen key proves nothing by it."""
    consult(pair.here)
    old = keys.signer(pair.police.office)
    line = keys.as_string("police", keys.prepare(pair.police.office))
    key = peers.add_key(pair.here.administrator(0), "police", line)
    peers.approve_key(pair.here.administrator(1), key)
    keys.rotate(pair.police.office, None, timekeeper.now())
    if revoked:
        peers.revoke_key(pair.here.administrator(0), old.key_id)

    def act(asked: Any, data: bytes) -> None:
        told = receipt(pair.police, post(pair.police, data))
        said(200, seal(old, {name: value for name, value in told.items() if name != "protocol"}))(asked, data)

    with listening(act) as there:
        to(pair, there.url)
        pair.here.lines.drain()
    row, = pair.sent()
    assert (row["sent_at"] is None) == revoked
    to(pair, pair.police.url)
    try_again(pair, 1)
    assert pair.sent()[0]["sent_at"] is not None


def test_a_peer_that_always_says_the_first_is_missing_is_not_sent_the_lane_for_ever_without_a_pause(
        pair: Pair) -> None:
    code = consult(pair.here)
    tell_more(pair.here, code, 12)
    signer = keys.signer(pair.police.office)

    def lying(asked: Any, data: bytes) -> None:
        told = unseal(data, "message", keys.own_key_of(pair.here.office))
        said(200, seal(signer, {
            "type": "receipt", "message": told.body["message"], "envelope": told.sha256, "sender": "police",
            "receiver": "soc-trang", "thread": told.body["thread"], "no": told.body["no"], "status": "held",
            "expected": 1, "received_at": told.body["created_at"]}))(asked, data)

    with listening(lying) as there:
        to(pair, there.url)

        def firsts() -> int:
            pair.here.lines.drain()
            return [json.loads(data)["body"]["no"] for data in there.asked].count(1)

        eventually(lambda: firsts() == 3)
        # the next pause is eight seconds
        assert [firsts() for _ in range(8)] == [3] * 8
    assert len(there.asked) < 12

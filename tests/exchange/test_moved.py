"""An agency moves to another installation while its work is out: what crossed before is finished where it is."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

import pytest

from engine.exchange import keys, peers
from engine.exchange.envelope import seal
from storage import arrivals
from storage import peers as rows
from tests.exchange.forging import body, post, refusal
from tests.exchange.keyrings import Keyring
from tests.exchange.sides import POLICE, POLICE_AGENCY, Pair, consult, handoff_to_police

OFFICER, HEAD, LEAD = "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head", "H51.01/ngoai-vu:officer"
ELSEWHERE = Keyring("ca-mau", seed=5)


@pytest.fixture
def out(pair: Pair) -> str:
    """A dossier the police were asked about; then, for the province, their agency works at a third installation."""
    code = consult(pair.here)
    pair.settle()
    pair.here.befriend("ca-mau", "http://127.0.0.1:9", ELSEWHERE.public.public)
    peers.host(pair.here.administrator(0), POLICE_AGENCY, "ca-mau")
    return code


def of_police(pair: Pair, code: str, **changes: Any) -> bytes:
    told: dict[str, Any] = {
        "sender": {"installation": POLICE, "agency": POLICE_AGENCY, "unit": "chuyen-mon"},
        "receiver": {"installation": pair.here.name, "agency": "H51.01", "unit": "ngoai-vu"},
        "thread": code, "content": {"handoff": str(handoff_to_police(pair.here, code)),
                                    "at": "2026-11-23T03:00:00.000000Z"}, "kind": "recalled"}
    return seal(keys.signer(pair.police.office), {**body(pair, 9), **told, **changes})


def state(pair: Pair, handoff: UUID) -> str:
    return str(pair.here.rows("select state from handoff where id = %s", handoff)[0]["state"])


def test_who_was_asked_answers_although_the_agency_works_elsewhere_now(pair: Pair, out: str) -> None:
    handoff = handoff_to_police(pair.here, out)
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff)
    pair.settle()
    assert state(pair, handoff) == "registered"

    pair.police.journey.do(theirs, "answer_task", pair.police.cast[HEAD], kind="give_opinion", verdict="agree",
                           words="Thống nhất")
    pair.settle()

    item, = pair.here.rows("select closed_at from work_item where handoff_id = %s", handoff)
    assert item["closed_at"] is not None
    assert [row["kind"] for row in pair.here.rows("select kind from arrival where state = 'applied' order by no")] == [
        "registered", "answered"]


def test_what_is_said_about_it_goes_to_who_was_asked_and_nothing_to_the_new_place(pair: Pair, out: str) -> None:
    journey, handoff = pair.here.journey, handoff_to_police(pair.here, out)
    journey.do(out, "recall", pair.here.cast[LEAD], handoff=handoff, reason="Hỏi nhầm nơi")
    pair.settle()

    assert state(pair, handoff) == "recalled"
    peer = pair.police.name
    sent = pair.here.rows("select distinct p.name from outbox o join peer p on p.id = o.peer_id")
    assert sent == [{"name": peer}]


def test_what_parks_on_arrival_belongs_to_the_dossier_that_crossed_to_that_peer(pair: Pair, out: str) -> None:
    named = {peer.name: peer.id for peer in rows.peers(pair.here.office.db)}
    assert arrivals.dossier_of(pair.here.office.db, named[POLICE], out) == out
    assert arrivals.dossier_of(pair.here.office.db, named["ca-mau"], out) is None
    theirs, = pair.police.rows("select code from dossier")
    peer = rows.peers(pair.police.office.db)[0]
    assert arrivals.dossier_of(pair.police.office.db, peer.id, out) == theirs["code"]


def test_nothing_new_comes_from_where_it_was_and_nobody_else_answers(pair: Pair, out: str) -> None:
    fresh = of_police(pair, "H51.05-261123-0001", kind="handoff")
    other = of_police(pair, out, content={"handoff": str(uuid.uuid4()), "at": "2026-11-23T03:00:00.000000Z"})
    stranger = seal(ELSEWHERE.signer, {**body(pair, 1), "thread": out, "kind": "recalled",
        "sender": {"installation": "ca-mau", "agency": POLICE_AGENCY, "unit": "chuyen-mon"},
        "receiver": {"installation": pair.here.name, "agency": "H51.01", "unit": "ngoai-vu"},
        "content": {"handoff": str(handoff_to_police(pair.here, out)), "at": "2026-11-23T03:00:00.000000Z"}})

    assert refusal(post(pair.here, fresh)) == (403, "not_yours")
    assert refusal(post(pair.here, other)) == (422, "unknown_handoff")
    assert refusal(post(pair.here, stranger)) == (422, "unknown_handoff")


def test_a_suspended_peer_or_a_revoked_key_answers_nothing(pair: Pair, out: str) -> None:
    desk = pair.here.administrator(0)
    peers.suspend(desk, POLICE)
    assert refusal(post(pair.here, of_police(pair, out))) == (403, "suspended")
    peers.resume(desk, POLICE)
    peers.revoke_key(desk, keys.signer(pair.police.office).key_id)
    assert refusal(post(pair.here, of_police(pair, out))) == (401, "revoked_key")


def test_work_that_came_for_an_agency_that_moved_before_it_was_opened_goes_to_a_person(pair: Pair) -> None:
    consult(pair.here)
    pair.here.lines.drain()
    pair.police.rows("select reach_agency('H51.05', 'paper', null, null)")
    for _ in range(10):
        pair.police.hurry()
        pair.police.applier.drain()

    arrival, = pair.arrived()
    assert (arrival["state"], arrival["last_error"]) == ("parked", "works_elsewhere")
    assert pair.police.rows("select 1 from dossier") == []
    told, = pair.police.rows("select details from event_log where kind = 'message_parked'")
    assert told["details"]["unit"].startswith("H51.05/")


@pytest.mark.parametrize("recalled", [False, True])
def test_who_asked_is_heard_and_answered_although_his_agency_works_elsewhere_now(pair: Pair, recalled: bool) -> None:
    code = consult(pair.here)
    pair.settle()
    handoff = handoff_to_police(pair.here, code)
    pair.police.befriend("ca-mau", "http://127.0.0.1:9", ELSEWHERE.public.public)
    peers.host(pair.police.administrator(0), "H51.01", "ca-mau")
    if recalled:
        pair.here.journey.do(code, "recall", pair.here.cast[LEAD], handoff=handoff, reason="Hỏi nhầm nơi")
        pair.settle()
    else:
        theirs = pair.police.rows("select code from dossier")[0]["code"]
        pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff)
        pair.settle()

    assert state(pair, handoff) == ("recalled" if recalled else "registered")

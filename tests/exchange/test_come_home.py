"""An agency comes back to work here while work of it is still out at the installation it worked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine import desk
from engine.errors import Refused
from engine.exchange import peers
from engine.exchange.canonical import decode
from tests.exchange.sides import POLICE_AGENCY, Pair, consult, handoff_to_police

LEAD = "H51.01/ngoai-vu:officer"
OFFICER = "H51.05/chuyen-mon:officer"


def come_home(pair: Pair) -> None:
    peers.host(pair.here.administrator(0), POLICE_AGENCY, "")


def state(pair: Pair, handoff: UUID) -> str:
    return str(pair.here.rows("select state from handoff where id = %s", handoff)[0]["state"])


def recall(pair: Pair, code: str) -> UUID:
    handoff = handoff_to_police(pair.here, code)
    pair.here.journey.do(code, "recall", pair.here.cast[LEAD], handoff=handoff, reason="Hỏi nhầm nơi")
    return handoff


def theirs(pair: Pair) -> dict[str, Any]:
    return pair.police.rows("select code, closed_at from dossier")[0]


def test_a_recall_goes_to_the_peer_that_holds_it_and_its_word_counts(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    come_home(pair)

    handoff = recall(pair, code)
    assert state(pair, handoff) == "delivered"  # theirs until they say so
    view = desk.dossier(pair.here.office, code, pair.here.cast[LEAD], pair.here.journey.now)
    assert [row.peer.vi for row in view.handoffs if row.id == handoff and row.peer] == ["Hệ thống police"]
    pair.settle()

    assert state(pair, handoff) == "recalled"
    told = decode(bytes(pair.police.rows("select envelope from arrival where kind = 'recall'")[0]["envelope"]))["body"]
    assert (told["sender"]["agency"], told["sender"]["unit"]) == ("H51.01", "ngoai-vu"), "whose question it is"
    assert theirs(pair)["closed_at"] is not None
    assert pair.here.rows("select state from arrival") == [{"state": "applied"}]


def test_who_registered_it_there_before_the_recall_keeps_it_and_answers(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    come_home(pair)
    handoff = handoff_to_police(pair.here, code)
    pair.police.journey.do(theirs(pair)["code"], "register", pair.police.cast[OFFICER], handoff=handoff)

    recall(pair, code)
    pair.settle()

    assert state(pair, handoff) == "registered"
    kept = pair.here.rows("select recall_asked_at from handoff where id = %s", handoff)
    assert kept == [{"recall_asked_at": None}]
    assert {row["state"] for row in pair.here.rows("select state from arrival")} == {"applied"}


def test_what_had_not_left_when_the_agency_came_home_leaves_no_gap_in_the_lane(pair: Pair) -> None:
    code = consult(pair.here)
    come_home(pair)
    recall(pair, code)

    pair.settle()

    assert [(row["no"], row["kind"]) for row in pair.arrived()] == [(1, "handoff"), (2, "recall")]
    assert state(pair, handoff_to_police(pair.here, code)) == "recalled"


def test_who_does_the_work_here_all_the_same_tells_the_peer_that_it_need_not(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    come_home(pair)
    handoff = handoff_to_police(pair.here, code)
    pair.here.journey.do(code, "register", pair.here.cast[OFFICER], handoff=handoff)
    pair.here.journey.do(code, "give_opinion", pair.here.cast[OFFICER], state="police",
                         verdict="agree", words="Thống nhất")
    pair.settle()

    assert [row["kind"] for row in pair.arrived()][:2] == ["handoff", "withdrawn"]
    assert theirs(pair)["closed_at"] is not None


def test_progress_goes_to_the_peer_although_something_newer_went_to_the_agency_here(pair: Pair) -> None:
    journey, lead = pair.here.journey, pair.here.cast[LEAD]
    code = journey.receive().code
    journey.register_all(code)
    asked = {"words": "Có vướng mắc gì?", "limit": "3 ngày làm việc", "join": "all",
             "units": (pair.here.cast.unit("H51.05/chuyen-mon"),)}
    journey.do(code, "consult_further", lead, **asked)
    pair.settle()
    come_home(pair)
    journey.do(code, "consult_further", lead, **asked)
    due = pair.here.rows("select due_at from dossier where code = %s", code)[0]["due_at"]
    journey.do(code, "extend", pair.here.cast["H51.01/ngoai-vu:head"], reason="Chờ ý kiến",
               new_due=due + timedelta(days=7))
    pair.settle()

    assert [row["kind"] for row in pair.arrived()] == ["handoff", "progress"]
    assert pair.here.rows("select 1 from outbox where kind = 'progress' and peer_id is null") == []


@pytest.mark.parametrize("event", ["send_link", "print_slip"])
def test_no_link_or_slip_asks_a_second_time_for_what_is_out_at_a_peer(pair: Pair, event: str) -> None:
    code = consult(pair.here)
    come_home(pair)
    pair.here.rows("select reach_agency('H51.05', %s, null, 'a@b.vn')", "mail" if event == "send_link" else "paper")
    handoff = handoff_to_police(pair.here, code)

    with pytest.raises(Refused):
        pair.here.journey.do(code, event, pair.here.cast[LEAD], handoff=handoff)
    pair.settle()
    assert [row["kind"] for row in pair.arrived()] == ["handoff"]

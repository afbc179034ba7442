"""Hand-offs that arrive: delivered once and in order, registered by a named person, worked on after that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import delivery
from engine.errors import Invalid, NotFound, NotPossibleHere, NotRegistered, StaleVersion
from storage import outbox
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD = "H51.01/ngoai-vu:officer"


def newest(walk: Walk) -> dict[str, Any]:
    return walk.handoffs[-1]


def test_the_technical_receipt_comes_before_the_formal_one(start: Start) -> None:
    walk = start()
    assert [row["action"] for row in walk.entries] == ["receive", "accept", "deliver"]
    handoff = newest(walk)
    assert (handoff["state"], handoff["registered_by"]) == ("delivered", None)
    assert handoff["delivered_at"] is not None

    walk.do("register", walk.cast[LEAD], handoff=handoff["id"])

    handoff = newest(walk)
    assert (handoff["state"], handoff["registered_by"]) == ("registered", walk.cast[LEAD].id)
    entry = walk.entries[-1]
    assert (entry["action"], entry["actor_name"]) == ("register", walk.cast[LEAD].name)
    assert entry["seq"] == handoff["close_seq"]


def test_the_receiving_unit_does_not_see_the_dossier_before_it_was_delivered(start: Start) -> None:
    walk = start(facts={"topic_field": "culture"})
    walk.journey.register_all(walk.code)
    walk.act(walk.order("consult", walk.cast[LEAD]))

    with pytest.raises(NotFound):
        walk.act(walk.order("register", walk.cast["H51.08/chuyen-mon:officer"], handoff=walk.asked("H51.08")))


@pytest.mark.parametrize("member", ["H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"])
def test_who_does_the_step_or_heads_its_unit_registers(start: Start, member: str) -> None:
    walk = start()

    walk.do("register", walk.cast[member], handoff=newest(walk)["id"])

    assert newest(walk)["state"] == "registered"


def test_nobody_works_on_what_nobody_has_registered(start: Start) -> None:
    walk = start()

    with pytest.raises(NotRegistered):
        walk.do("consult", walk.cast[LEAD])

    assert walk.states == {"examining"}


def test_what_is_registered_is_not_registered_twice(start: Start) -> None:
    walk = start()
    walk.do("register", walk.cast[LEAD], handoff=newest(walk)["id"])

    with pytest.raises(NotPossibleHere) as refusal:
        walk.do("register", walk.cast[f"{LEAD}#1"], handoff=newest(walk)["id"])

    assert refusal.value.data["handoff_state"] == "registered"


def test_who_registers_too_late_is_told_who_was_first(start: Start) -> None:
    walk = start()
    late = walk.order("register", walk.cast[f"{LEAD}#1"], handoff=newest(walk)["id"])
    walk.do("register", walk.cast[LEAD], handoff=newest(walk)["id"])

    with pytest.raises(StaleVersion) as refusal:
        walk.act(late)

    assert (refusal.value.data["who"], refusal.value.data["action"]) == (walk.cast[LEAD].name, "register")


def test_a_message_that_comes_twice_has_its_effect_once(start: Start) -> None:
    walk = start()
    with walk.office.db.connection() as connection:
        connection.execute("update outbox set sent_at = null, lease_until = null, next_attempt_at = now()")

    again = outbox.claim(walk.office.db, 10)
    assert len(again) == 1
    for _ in range(2):
        delivery.deliver(walk.office, again[0], walk.now)

    assert [row["action"] for row in walk.entries].count("deliver") == 1
    assert len(walk.of("inbox")) == 1
    assert walk.of("outbox")[0]["sent_at"] is not None


def test_registering_before_the_delivery_is_delivery_too(start: Start) -> None:
    walk = start().go_to("issuing")
    walk.attach("result")
    walk.act(walk.order("issue", walk.holder("issuing")))
    assert newest(walk)["state"] == "pending"

    walk.act(walk.order("register", walk.cast["H51.02/tiep-nhan:returner"], handoff=newest(walk)["id"]))

    assert delivery.drain(walk.office, walk.now).seen == 0
    assert newest(walk)["state"] == "registered"


def test_messages_of_a_dossier_leave_in_the_order_in_which_they_were_written(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.go_to("synthesis")

    numbers = {str(row["id"]): row["seq"] for row in walk.handoffs}
    delivered = [json.loads(row["details"])["handoff"] for row in walk.entries if row["action"] == "deliver"]
    assert [numbers[handoff] for handoff in delivered] == list(range(1, 6))


def test_another_agencys_answer_does_not_make_a_branch_stale(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)
    police = walk.order("give_opinion", walk.holder("police"), state="police", verdict="agree", words="Đồng ý")
    walk.step("give_opinion", "agriculture")

    walk.act(police)

    assert "police_done" in walk.states


def test_the_same_event_in_several_branches_needs_the_branch_named(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)

    with pytest.raises(Invalid) as refusal:
        walk.do("give_opinion", walk.holder("police"), verdict="agree", words="Đồng ý")

    assert list(refusal.value.fields) == ["state"]

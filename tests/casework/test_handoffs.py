"""Hand-offs between agencies: two receipts, refusal, recall, sending again; nobody is left without an owner."""

from __future__ import annotations

import json
import uuid
from typing import Any
from uuid import UUID

import pytest

from engine import delivery
from engine.errors import Invalid, NotFound, NotPossibleHere, NotRegistered, Refused, StaleVersion, WrongRole
from storage import outbox
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
DESK = "H51.02/tiep-nhan:receptionist"


def newest(walk: Walk) -> dict[str, Any]:
    return walk.handoffs[-1]


def asked(walk: Walk, agency: str) -> UUID:
    """The consultation of an agency."""
    return UUID(str(next(row["id"] for row in walk.handoffs if row["to_agency"] == agency
                         and row["state"] in ("pending", "delivered"))))


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
        walk.act(walk.order("register", walk.cast["H51.08/chuyen-mon:officer"], handoff=asked(walk, "H51.08")))


@pytest.mark.parametrize("member", ["H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"])
def test_who_does_the_step_or_heads_its_unit_registers(start: Start, member: str) -> None:
    walk = start()

    walk.do("register", walk.cast[member], handoff=newest(walk)["id"])

    assert newest(walk)["state"] == "registered"


@pytest.mark.parametrize("event", ["register", "refuse_handoff", "recall"])
def test_a_wrong_person_neither_registers_nor_refuses_nor_recalls(start: Start, event: str) -> None:
    walk = start()
    wrong = walk.cast[{"recall": LEAD}.get(event, DESK)]

    with pytest.raises(WrongRole):
        walk.do(event, wrong, handoff=newest(walk)["id"], reason="Vì sao")

    assert newest(walk)["state"] == "delivered"
    assert walk.entries[-1]["action"] == "refused"


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


def test_a_hand_off_that_is_refused_goes_back_to_whoever_sent_it(start: Start) -> None:
    walk = start()

    walk.do("refuse_handoff", walk.cast[LEAD], handoff=newest(walk)["id"], reason="Không thuộc phòng này")

    item = walk.items["examining"]
    assert (item["duty"], item["role"]) == ("resolve", "receptionist")
    assert item["unit_id"] == walk.cast.unit("H51.02/tiep-nhan")
    assert newest(walk)["state"] == "refused"
    assert "Không thuộc phòng này" in walk.of("remark")[-1]["body"]
    assert all(row["ended_at"] is not None for row in walk.clocks("handoff"))


@pytest.mark.parametrize(("event", "member"), [("refuse_handoff", LEAD), ("recall", DESK)])
def test_a_refusal_or_recall_says_why(start: Start, event: str, member: str) -> None:
    walk = start()

    with pytest.raises(Invalid):
        walk.do(event, walk.cast[member], handoff=newest(walk)["id"], reason="  ")
    with pytest.raises(Invalid):
        walk.do(event, walk.cast[member], handoff=newest(walk)["id"], reason="x" * 5000)


def test_the_sender_sends_again_to_the_same_unit(start: Start) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast[LEAD], handoff=newest(walk)["id"], reason="Thiếu danh mục")
    came_back = newest(walk)["id"]

    walk.do("resend", walk.cast[DESK], handoff=came_back)

    assert (newest(walk)["to_unit_id"], newest(walk)["state"]) == (walk.cast.unit("H51.01/ngoai-vu"), "delivered")
    assert newest(walk)["seq"] == 2
    walk.go_to("returning")


def test_the_sender_sends_to_another_unit_which_then_does_the_step(start: Start) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast[LEAD], handoff=newest(walk)["id"], reason="Thuộc Sở Ngoại vụ")

    walk.do("resend", walk.cast[DESK], handoff=newest(walk)["id"], unit=walk.cast.unit("H51.04/chuyen-mon"))
    walk.journey.register_all(walk.code)

    with pytest.raises(WrongRole):
        walk.do("consult", walk.cast[LEAD])
    walk.do("consult", walk.cast["H51.04/chuyen-mon:officer"])
    assert "foreign_affairs" in walk.states


@pytest.mark.parametrize("path", ["H51.01/van-thu", "H51.09/giao-nhan", None])
def test_a_unit_where_nobody_can_do_the_step_gets_nothing(start: Start, path: str | None) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast[LEAD], handoff=newest(walk)["id"], reason="Không thuộc phòng này")

    unit = 999 if path is None else walk.cast.unit(path)
    with pytest.raises(Invalid) as refusal:
        walk.do("resend", walk.cast[DESK], handoff=newest(walk)["id"], unit=unit)

    assert list(refusal.value.fields) == ["unit"]


def test_only_the_sender_decides_on_what_came_back(start: Start) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast[LEAD], handoff=newest(walk)["id"], reason="Không thuộc phòng này")

    for member in (LEAD, "H51.02/tiep-nhan:manager"):
        with pytest.raises(WrongRole):
            walk.do("resend", walk.cast[member], handoff=newest(walk)["id"])
    with pytest.raises(WrongRole):
        walk.do("consult", walk.cast[LEAD])
    with pytest.raises(NotPossibleHere):
        walk.do("consult", walk.cast[DESK])


def test_what_came_back_may_be_sent_back_to_the_step_before(start: Start) -> None:
    walk = start().go_to("issuing")
    walk.attach("result")
    walk.step("issue")
    walk.do("refuse_handoff", walk.cast["H51.02/tiep-nhan:returner"], handoff=newest(walk)["id"], reason="Thiếu dấu")

    walk.do("send_back", walk.cast["H51.01/van-thu:clerk"], reason="Đóng dấu lại")

    assert walk.states == {"issuing"}
    walk.go_to("returning")


def test_a_consulted_agency_that_refuses_leaves_the_question_with_the_lead(start: Start) -> None:
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD])
    walk.do("refuse_handoff", walk.holder("police"), handoff=asked(walk, "H51.05"), reason="Đã có ý kiến")
    item = walk.items["police"]
    assert (item["duty"], item["unit_id"], item["role"]) == ("resolve", walk.cast.unit("H51.01/ngoai-vu"), "officer")

    walk.do("resend", walk.cast[LEAD], handoff=item["handoff_id"])
    walk.go_to("synthesis")

    assert len(walk.of("opinion")) == 3


def test_the_lead_may_close_the_consultation_while_an_answer_is_missing(start: Start) -> None:
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD])
    walk.do("refuse_handoff", walk.holder("police"), handoff=asked(walk, "H51.05"), reason="Đã có ý kiến")

    walk.do("close_consultation", walk.cast[LEAD], reason="Đủ ý kiến")

    assert walk.states == {"synthesis"}
    assert {row["state"] for row in walk.handoffs} == {"registered", "refused", "recalled"}


def test_the_sender_recalls_before_registration(start: Start) -> None:
    walk = start()

    walk.do("recall", walk.cast[DESK], handoff=newest(walk)["id"], reason="Gửi nhầm")

    assert newest(walk)["state"] == "recalled"
    assert walk.items["examining"]["duty"] == "resolve"
    with pytest.raises(NotPossibleHere):
        walk.do("register", walk.cast[LEAD], handoff=newest(walk)["id"])


def test_nothing_is_recalled_after_registration(start: Start) -> None:
    walk = start()
    walk.do("register", walk.cast[LEAD], handoff=newest(walk)["id"])

    with pytest.raises(NotPossibleHere):
        walk.do("recall", walk.cast[DESK], handoff=newest(walk)["id"], reason="Gửi nhầm")


def test_what_was_recalled_before_it_left_is_not_delivered(start: Start) -> None:
    walk = start().go_to("examining")
    walk.act(walk.order("consult", walk.cast[LEAD]))
    police = asked(walk, "H51.05")
    walk.act(walk.order("recall", walk.cast[LEAD], handoff=police, reason="Không cần hỏi"))

    assert delivery.drain(walk.office, walk.now).delivered == 2

    assert "H51.05" not in {row["to_agency"] for row in walk.handoffs if row["delivered_at"] is not None}


def test_a_procedure_may_rule_recall_out(start: Start) -> None:
    walk = start("certified_copies")

    with pytest.raises(NotPossibleHere):
        walk.do("recall", walk.cast["H51.21/mot-cua:receptionist"], handoff=uuid.uuid4(), reason="Gửi nhầm")
    with pytest.raises(Refused):
        walk.do("extend", walk.cast["H51.21/mot-cua:manager"], new_due=walk.now, reason="Đông người")


def test_a_hand_off_that_is_none_of_this_dossiers_is_not_possible_here(start: Start) -> None:
    walk, other = start(), start()

    with pytest.raises(NotPossibleHere):
        walk.do("register", walk.cast[LEAD], handoff=newest(other)["id"])
    with pytest.raises(NotPossibleHere):
        walk.do("register", walk.cast[LEAD])


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

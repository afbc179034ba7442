"""Hand-offs that come back: refused, recalled, sent again; nobody is left without an owner."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from engine import delivery
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD = "H51.01/ngoai-vu:officer"
DESK = "H51.02/tiep-nhan:receptionist"


def newest(walk: Walk) -> dict[str, Any]:
    return walk.handoffs[-1]


@pytest.mark.parametrize("event", ["register", "refuse_handoff", "recall"])
def test_a_wrong_person_neither_registers_nor_refuses_nor_recalls(start: Start, event: str) -> None:
    walk = start()
    wrong = walk.cast[{"recall": LEAD}.get(event, DESK)]

    with pytest.raises(WrongRole):
        walk.do(event, wrong, handoff=newest(walk)["id"], reason="Vì sao")

    assert newest(walk)["state"] == "delivered"
    assert walk.entries[-1]["action"] == "refused"


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
    walk.do("refuse_handoff", walk.holder("police"), handoff=walk.asked("H51.05"), reason="Đã có ý kiến")
    item = walk.items["police"]
    assert (item["duty"], item["unit_id"], item["role"]) == ("resolve", walk.cast.unit("H51.01/ngoai-vu"), "officer")

    walk.do("resend", walk.cast[LEAD], handoff=item["handoff_id"])
    walk.go_to("synthesis")

    assert len(walk.of("opinion")) == 3


def test_the_lead_may_close_the_consultation_while_an_answer_is_missing(start: Start) -> None:
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD])
    walk.do("refuse_handoff", walk.holder("police"), handoff=walk.asked("H51.05"), reason="Đã có ý kiến")

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
    police = walk.asked("H51.05")
    walk.act(walk.order("recall", walk.cast[LEAD], handoff=police, reason="Không cần hỏi"))

    assert delivery.drain(walk.office, walk.now).delivered == 2

    assert "H51.05" not in {row["to_agency"] for row in walk.handoffs if row["delivered_at"] is not None}


def test_a_procedure_may_rule_recall_out(start: Start) -> None:
    walk = start("test_copies")

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



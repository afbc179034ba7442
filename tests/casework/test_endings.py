"""Withdrawal by the citizen and stopping by a head, from anywhere until the result is signed."""

from __future__ import annotations

import json

import pytest

from engine import delivery, desk
from engine.casework.act import act
from engine.errors import Invalid, NotPossibleHere, WrongRole
from tests.casework.conftest import Start

PLACES = ("examining", "foreign_affairs", "synthesis", "reviewing", "signing")
DESK, MANAGER = "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:manager"


@pytest.mark.parametrize("place", PLACES)
def test_the_citizen_withdraws_at_the_desk_wherever_the_dossier_is(start: Start, place: str) -> None:
    walk = start().go_to(place)

    reply = walk.do("withdraw", walk.cast[DESK], reason="Không tổ chức nữa")

    assert (reply.states, reply.status) == (("withdrawn",), 7)
    assert walk.dossier["outcome"] is None
    assert walk.dossier["closed_at"] == walk.dossier["finished_at"] is not None
    assert walk.of("timer") == []


@pytest.mark.parametrize("place", PLACES)
def test_the_management_of_the_centre_stops_the_dossier_wherever_it_is(start: Start, place: str) -> None:
    walk = start().go_to(place)

    reply = walk.do("stop", walk.cast[MANAGER], reason="Có văn bản đề nghị dừng")

    assert (reply.states, reply.status) == (("stopped",), 8)
    assert walk.of("timer") == []


def test_the_head_of_the_unit_at_work_may_stop_it_and_other_heads_may_not(start: Start) -> None:
    walk = start().go_to("foreign_affairs")

    with pytest.raises(WrongRole):
        walk.do("stop", walk.cast["H51.04/chuyen-mon:head"], reason="Có văn bản đề nghị dừng")
    walk.do("stop", walk.cast["H51.01/ngoai-vu:head"], reason="Có văn bản đề nghị dừng")

    assert walk.states == {"stopped"}


@pytest.mark.parametrize("event", ["withdraw", "stop"])
def test_an_ending_has_a_reason(start: Start, event: str) -> None:
    walk = start()

    with pytest.raises(Invalid) as refusal:
        walk.do(event, walk.cast[DESK if event == "withdraw" else MANAGER])

    assert list(refusal.value.fields) == ["reason"]


@pytest.mark.parametrize("event", ["withdraw", "stop"])
def test_what_is_signed_is_neither_withdrawn_nor_stopped(start: Start, event: str) -> None:
    walk = start().go_to("issuing")

    with pytest.raises(NotPossibleHere):
        walk.do(event, walk.cast[DESK if event == "withdraw" else MANAGER], reason="Muộn rồi")


@pytest.mark.parametrize(("event", "member"), [("withdraw", DESK), ("stop", MANAGER)])
def test_nobody_has_to_register_a_dossier_for_the_citizen_to_withdraw_it(start: Start, event: str, member: str) -> None:
    walk = start()
    assert walk.handoffs[0]["state"] == "delivered"

    walk.do(event, walk.cast[member], reason="Không tổ chức nữa")

    assert walk.handoffs[0]["state"] == "recalled"
    assert walk.journey.incoming(walk.code) == []


def test_a_dossier_that_ends_before_it_was_delivered_is_not_delivered_any_more(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)
    walk.step("give_opinion", "police")
    for state in ("agriculture", "foreign_affairs"):
        act(walk.office, walk.order("give_opinion", walk.holder(state), state=state, verdict="agree", words="Đồng ý"),
            walk.now)
    assert walk.handoffs[-1]["state"] == "pending"

    act(walk.office, walk.order("withdraw", walk.cast[DESK], reason="Không tổ chức nữa"), walk.now)

    assert delivery.drain(walk.office, walk.now).seen == 0
    assert walk.handoffs[-1]["state"] == "recalled"


def test_a_dossier_that_came_back_may_still_be_withdrawn(start: Start) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast["H51.01/ngoai-vu:officer"], handoff=walk.handoffs[0]["id"], reason="Sai đơn vị")

    walk.do("withdraw", walk.cast[DESK], reason="Không tổ chức nữa")

    assert walk.states == {"withdrawn"}


@pytest.mark.parametrize(("event", "member"), [("withdraw", DESK), ("stop", MANAGER)])
def test_a_dossier_that_waits_for_a_supplement_may_end(start: Start, event: str, member: str) -> None:
    walk = start()
    walk.step("request_supplement")

    walk.do(event, walk.cast[member], reason="Không bổ sung được")

    assert walk.states == {"withdrawn" if event == "withdraw" else "stopped"}
    assert [mark["kind"] for mark in walk.clocks("dossier")[0]["marks"]] == ["start", "stop", "end"]


@pytest.mark.parametrize("on_the_way", [False, True])
def test_the_papers_of_a_withdrawn_dossier_go_back_to_the_desk(start: Start, on_the_way: bool) -> None:
    walk = start("funeral_allowance").go_to("examining")
    desk, department = walk.cast.unit("H51.21/mot-cua"), walk.cast.unit("H51.03/chuyen-mon")
    barcode, officer = f"{walk.code}-S", walk.holder("examining")
    walk.list_on_run()
    walk.do("take_paper", walk.cast["H51.09/giao-nhan:courier"], version=None, slip=barcode)
    if not on_the_way:
        walk.do("confirm_paper", officer, version=None, slip=barcode)

    walk.do("withdraw", walk.cast["H51.21/mot-cua:receptionist"], reason="Xin rút")
    if on_the_way:
        walk.do("confirm_paper", officer, version=None, slip=barcode)

    paper = walk.of("paper")[0]
    assert (paper["unit_id"], paper["bound_for_unit_id"]) == (department, desk)
    walk.carry()
    assert walk.of("paper")[0]["unit_id"] == desk


def test_a_rejection_that_was_only_proposed_is_no_outcome_of_a_withdrawn_dossier(start: Start) -> None:
    walk = start()
    walk.step("propose_rejection")
    assert walk.dossier["outcome"] == "rejected"

    walk.do("withdraw", walk.cast[DESK], reason="Xin rút")

    assert walk.dossier["outcome"] is None


def test_what_belongs_elsewhere_is_refused_with_the_desk_that_takes_it(start: Start) -> None:
    walk = start(accept=False)
    clerk, ward = walk.cast["H51.02/tiep-nhan:receptionist"], walk.cast.unit("H51.21/mot-cua")
    with pytest.raises(Invalid):
        walk.do("refuse", clerk, reason="Nộp sai nơi", unit=walk.cast.unit("H51.02/tiep-nhan"))

    walk.do("refuse", clerk, reason="Nộp sai nơi", unit=ward)

    told = json.loads(walk.entries[-1]["details"])["competent"]
    assert told["unit"] == ward
    view = desk.dossier(walk.office, walk.code, clerk, walk.now)
    assert "thuộc thẩm quyền của" in str(view.timeline[-1].about)

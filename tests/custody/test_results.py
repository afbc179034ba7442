"""Where the printed result is when nobody of ours finished the dossier."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from engine import delivery
from engine.answering import by_slip
from engine.answering.reaching import reach
from engine.casework import steps
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor
from engine.casework.outside import Said
from engine.courier import bags
from engine.desk.dossier import dossier
from engine.errors import Invalid, LienThongError, Refused
from storage.runs import Bag, Run
from tests.answering.conftest import SOMEBODY, scan
from tests.casework.racing import together
from tests.casework.walking import FACTS, Walk
from tests.custody.conftest import Round

INTERIOR, COMMUNE = "H51.03", "H51.21/mot-cua:receptionist"


def test_a_result_made_by_an_agency_without_a_system_is_with_who_signed_and_comes_home(day: Round) -> None:
    reach(day.office, INTERIOR, "paper", "", "test", day.now())
    code = day.journey.receive("funeral_allowance", desk="H51.21/mot-cua", facts=FACTS["funeral_allowance"]).code
    walk, desk = Walk(day.journey, code), day.cast[COMMUNE]
    while "examining" not in walk.states:
        walk.go_on()
    run = day.listed()
    day.do("take_paper", f"{code}-S", day.carrier)
    day.depart(run)
    day.arrive(run)
    day.do("confirm_paper", f"{code}-S", desk, recipient="Sơn Thị Sóc Phia")
    for _ in range(8):
        if "returning" in walk.states:
            break
        delivery.drain(day.office, day.now())
        waits = next(row for row in walk.handoffs if row["to_agency"] == INTERIOR and row["closed_at"] is None
                     and row["state"] in ("pending", "delivered"))
        number, posts = f"{code}-H{waits['seq']}", [(waits["from_unit_id"], "officer"),
                                                    (day.cast.unit("H51.21/mot-cua"), "receptionist")]
        found = by_slip.find(day.office, number, posts, day.now())
        assert found.content is not None
        event = next(one.event for one in found.content.task.answers if not one.reason)
        by_slip.enter(day.office, found, by_slip.Paper(
            signer=SOMEBODY, dated=day.now().date(), files=(scan(),) if "examining" in walk.states else (),
            said=Said(event=event)), desk, day.now())
        day.journey.now += timedelta(minutes=1)

    result = day.paper(f"{code}-R")
    assert (result["state"], result["person_id"]) == ("held", None)
    assert result["carrier"].startswith(f"{SOMEBODY.name} ({SOMEBODY.position}")
    (signed,) = walk.of("signature")
    assert (signed["kind"], signed["person_id"], signed["position"]) == ("wet", None, result["carrier"].replace(
        "Văn thư", "Lãnh đạo"))
    assert day.office.catalogue().units[result["unit_id"]].agency == INTERIOR
    back = day.listed()
    day.do("take_paper", f"{code}-R", day.carrier)
    assert day.paper(f"{code}-R")["carrier"] is None
    day.depart(back)
    day.arrive(back)
    day.do("confirm_paper", f"{code}-R", day.at(result["bound_for_unit_id"]))
    assert day.paper(f"{code}-R")["unit_id"] == result["bound_for_unit_id"]


def returned(day: Round) -> tuple[Walk, Actor, str]:
    """A result at the desk, who has it there, and its barcode."""
    walk = Walk(day.journey, day.journey.receive(return_way="post").code).go_to("returning")
    walk.carry()
    return walk, walk.holder("returning"), f"{walk.code}-R"


def sealed(day: Round, run: Run, barcode: str) -> Bag:
    line = day.line(run, barcode)
    return bags.seal(day.office, run.id, (line.from_unit_id, line.to_unit_id), f"NP-{barcode}",
                     day.at(line.from_unit_id), day.now(), [barcode])


@pytest.mark.parametrize(("event", "told"), [
    ("return_at_counter", {"recipient": "Nguyễn Thị Bích Ngọc"}),
    ("send_by_post", {"slip": "EH100000009VN", "address": "Khóm 3, phường Mỹ Xuyên"})])
def test_a_result_under_a_seal_is_given_to_nobody_until_the_bag_is_opened(
        day: Round, event: str, told: dict[str, str]) -> None:
    """Sent back for a correction it was sealed in to follow; issued again it is at the desk, and still in the bag."""
    walk, desk, barcode = returned(day)
    walk.step("send_back", "returning", reason="Sai tên đơn vị")
    bag = sealed(day, day.listed(), barcode)
    walk.go_to("returning")

    with pytest.raises(Refused) as refusal:
        walk.do(event, desk, state="returning", **told)

    assert f"{barcode} đang trong túi niêm phong số NP-{barcode}: mở túi trước" in refusal.value.message("vi")
    assert (day.paper(barcode)["state"], walk.states) == ("held", {"returning"})
    view = dossier(day.office, walk.code, desk, day.now())
    assert [one.permitted for one in view.offers if one.event == event] == [False]
    bags.open_bag(day.office, bag.id, bag.seal, [], desk, day.now())
    walk.do(event, desk, state="returning", **told)
    assert day.paper(barcode)["state"] in ("handed_over", "posted")


def test_handed_out_and_sealed_in_at_once_it_is_one_of_both(day: Round) -> None:
    """Sent back and issued again it is still on the manifest it was to go with."""
    for _ in range(3):
        walk, desk, barcode = returned(day)
        walk.step("send_back", "returning", reason="Sai tên đơn vị")
        run = day.listed()
        walk.go_to("returning")
        handing = walk.order("return_at_counter", desk, state="returning", recipient="Nguyễn Thị Bích Ngọc")

        told = together(partial(walk.act, handing), partial(sealed, day, run, barcode))

        assert sorted(isinstance(one, LienThongError) for one in told) == [False, True]
        assert (day.paper(barcode)["state"], day.line(run, barcode).bag_id is None) in [
            ("held", False), ("handed_over", True)]


def test_sealed_in_between_decision_and_record_it_is_not_handed_out(day: Round) -> None:
    walk, desk, barcode = returned(day)
    walk.step("send_back", "returning", reason="Sai tên đơn vị")
    run = day.listed()
    walk.go_to("returning")
    handing, first = walk.order("return_at_counter", desk, state="returning", recipient="Nguyễn Thị Bích Ngọc"), [True]

    def decide(*told: Any) -> Decision:
        decision = steps.decide(*told)
        if first.pop() if first else False:
            sealed(day, run, barcode)
        return decision

    with pytest.raises(Refused):
        transact(day.office, handing, decide, day.now())
    assert (day.paper(barcode)["state"], walk.states) == ("held", {"returning"})


def test_what_was_handed_out_goes_into_no_bag(day: Round) -> None:
    walk, desk, barcode = returned(day)
    walk.step("send_back", "returning", reason="Sai tên đơn vị")
    run = day.listed()
    walk.go_to("returning")
    walk.do("return_at_counter", desk, state="returning", recipient="Nguyễn Thị Bích Ngọc")

    with pytest.raises(Invalid):
        sealed(day, run, barcode)

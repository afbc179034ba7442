"""What goes wrong between two counts: two who open one bag, papers nobody listed, bags that stayed behind."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from engine.answering import by_slip
from engine.answering.reaching import reach
from engine.casework import transfers
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import Order, Particulars
from engine.casework.outside import Said
from engine.courier import bags
from engine.errors import Invalid, NotFound, NotPossibleHere, Refused, WrongRole
from tests.answering.conftest import SOMEBODY, scan
from tests.casework.racing import together
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.custody.conftest import Round
from tests.custody.test_bags import carried, incidents, sealed

DESK = "H51.02/tiep-nhan:receptionist"


def test_two_open_one_bag_and_one_is_told(day: Round) -> None:
    _, bag, barcodes = carried(day, 12)
    first, second = day.at(bag.to_unit_id), day.at(bag.to_unit_id, 1)

    told = together(
        lambda: bags.open_bag(day.office, bag.id, bag.seal, barcodes, first, day.now()),
        lambda: bags.open_bag(day.office, bag.id, "NP-9", barcodes[:6], second, day.now(), broken=True))

    assert sorted(isinstance(one, NotPossibleHere) for one in told) == [False, True]
    assert day.rows("select count(*) from bag where opened_at is not null") == [(1,)]
    assert {day.paper(code)["state"] for code in barcodes[:6]} == {"held"}


def test_a_paper_that_was_to_stay_turns_up_in_a_bag(day: Round) -> None:
    """Not bound for anywhere: it lay on the table when the bag was packed."""
    _, bag, barcodes = carried(day, 2)
    stays = day.received()[0]
    walk = Walk(day.journey, stays.rpartition("-")[0])
    walk.do("withdraw", day.cast[DESK], reason="Người nộp rút hồ sơ")
    assert day.paper(stays)["bound_for_unit_id"] is None
    opener = day.at(bag.to_unit_id)

    opened = bags.open_bag(day.office, bag.id, bag.seal, [*barcodes, stays], opener, day.now())

    assert [one.done for one in opened.results] == [True] * 3
    assert (day.paper(stays)["unit_id"], day.paper(stays)["person_id"]) == (bag.to_unit_id, opener.id)
    assert incidents(day) == [("paper_misrouted", stays, bag.from_unit_id)]


def test_nobody_takes_a_paper_that_is_bound_for_nowhere_by_knowing_its_number(day: Round) -> None:
    stays = day.received()[0]
    Walk(day.journey, stays.rpartition("-")[0]).do("withdraw", day.cast[DESK], reason="Người nộp rút hồ sơ")
    with pytest.raises(NotFound):
        day.do("report_extra", stays, day.cast["H51.21/mot-cua:receptionist"])


def test_a_paper_whose_way_changed_after_its_bag_was_sealed(day: Round) -> None:
    barcodes = day.received(2)
    run = day.listed()
    bag = sealed(day, run, barcodes)
    Walk(day.journey, barcodes[0].rpartition("-")[0]).do("withdraw", day.cast[DESK], reason="Người nộp rút hồ sơ")

    taken = bags.take(day.office, bag.id, day.carrier, day.now())
    assert [one.done for one in taken] == [True, True], "the courier has the whole bag in hand"
    day.depart(run)
    day.arrive(run)
    opened = bags.open_bag(day.office, bag.id, bag.seal, barcodes, day.at(bag.to_unit_id), day.now())

    assert [one.done for one in opened.results] == [True, True]
    held = day.paper(barcodes[0])
    assert (held["unit_id"], held["bound_for_unit_id"]) == (bag.to_unit_id, bag.from_unit_id)


def test_a_bag_the_courier_left_behind_goes_with_the_next_run(day: Round) -> None:
    barcodes = day.received(2)
    first = day.listed()
    bag = sealed(day, first, barcodes)
    day.depart(first)
    day.arrive(first)

    second = day.listed()
    assert {line.barcode: line.bag_id for line in day.lines(second)} == dict.fromkeys(barcodes, bag.id)
    assert all(one.done for one in bags.take(day.office, bag.id, day.carrier, day.now()))
    day.depart(second)
    day.arrive(second)
    opened = bags.open_bag(day.office, bag.id, bag.seal, barcodes, day.at(bag.to_unit_id), day.now())

    assert [(one.event, one.done) for one in opened.results] == [("confirm_paper", True)] * 2
    assert incidents(day) == []


def test_who_carries_a_paper_does_not_confirm_it_to_himself(day: Round, fresh: Fresh) -> None:
    paper = day.received()[0]
    run = day.listed()
    day.do("take_paper", paper, day.carrier)
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("insert into membership (person_id, unit_id, role, valid_from, procedures) "
                           "values (%s, %s, 'officer', '2020-01-01', '{}')",
                           (day.carrier.id, day.lines(run)[0].to_unit_id))
    for event in ("confirm_paper", "report_missing"):
        with pytest.raises(WrongRole):
            day.do(event, paper, day.carrier)
    assert day.paper(paper)["state"] == "carried"


INTERIOR, COMMUNE = "H51.03", "H51.21/mot-cua:receptionist"


def test_the_original_is_with_an_agency_without_a_system_when_the_sender_has_their_signature(day: Round) -> None:
    """Its examination needs the original: on its way is not there."""
    reach(day.office, INTERIOR, "paper", "", "test", day.now())
    code = day.journey.receive("funeral_allowance", desk="H51.21/mot-cua", facts=FACTS["funeral_allowance"]).code
    walk = Walk(day.journey, code)
    while "examining" not in walk.states:
        walk.go_on()
    paper, desk = f"{code}-S", day.cast[COMMUNE]
    run = day.listed()
    day.do("take_paper", paper, day.carrier)
    day.depart(run)
    day.arrive(run)

    def answer() -> None:
        found = by_slip.find(day.office, f"{code}-H{walk.handoffs[-1]['seq']}", posts, day.now())
        assert found.content is not None
        event = next(one.event for one in found.content.task.answers if not one.reason)
        by_slip.enter(day.office, found, by_slip.Paper(
            signer=SOMEBODY, dated=day.now().date(), files=(scan(),), said=Said(event=event)), desk, day.now())

    sender = walk.handoffs[-1]["from_unit_id"]
    posts = [(sender, "officer")]
    with pytest.raises(Refused):
        answer()
    with pytest.raises(NotFound):
        day.do("confirm_paper", paper, day.cast["H51.02/tiep-nhan:receptionist"])
    with pytest.raises(Invalid):
        day.do("confirm_paper", paper, desk)
    day.do("confirm_paper", paper, desk, recipient="Sơn Thị Sóc Phia")

    held = day.paper(paper)
    assert (held["state"], held["unit_id"], held["carrier"]) == ("held", walk.items["examining"]["unit_id"],
                                                                 "Sơn Thị Sóc Phia")
    answer()
    assert "examining" not in walk.states


def test_the_database_takes_no_act_that_gives_a_paper_two_holders(day: Round) -> None:
    """Somebody of ours, and the post at the same time."""
    mine = day.received()[0]
    order = Order(code=mine.rpartition("-")[0], event="offer_paper", actor=day.cast[DESK],
                  particulars=Particulars(slip=mine, unit=day.cast.unit("H51.03/chuyen-mon")))

    def both(*told: Any) -> Decision:
        decision = transfers.offer(*told)
        decision.add("custody", {"barcode": mine, "carrier": "Bưu chính công ích"})
        return decision

    with pytest.raises(psycopg.errors.CheckViolation):
        transact(day.office, order, both, day.now())
    assert day.rows("select carrier from paper") == [(None,)]

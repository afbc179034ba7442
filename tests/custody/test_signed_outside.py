"""A bag for an agency without a system: one signature on its manifest confirms its papers, by who sent them."""

from __future__ import annotations

import json

import pytest

from engine.answering.reaching import reach
from engine.courier import bags, handing
from engine.errors import Invalid, NotPossibleHere, WrongRole
from storage.runs import Bag
from tests.custody.conftest import Round
from tests.custody.test_bags import carried, sealed

DESK, STRANGER = "H51.02/tiep-nhan:receptionist", "H51.08/chuyen-mon:officer"
SIGNER = "Sơn Thị Sóc Phia"


@pytest.fixture
def sent(day: Round) -> tuple[Bag, list[str]]:
    """Three papers in a bag that a courier took to them."""
    reach(day.office, "H51.01", "paper", "", "test", day.now())
    _, bag, barcodes = carried(day, 3)
    return bag, barcodes


def sign(day: Round, bag: Bag, barcodes: list[str] | None, who: str = DESK, signer: str = SIGNER) -> list[bool]:
    return [one.done for one in handing.sign_for(day.office, bag.id, signer, barcodes, day.cast[who], day.now())]


def hands(day: Round, barcodes: list[str]) -> list[tuple[str, int, str | None]]:
    return [(row["state"], row["unit_id"], row["carrier"]) for row in map(day.paper, barcodes)]


def test_all_of_it_is_in_the_hands_of_who_signed(day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, barcodes = sent

    assert sign(day, bag, None) == [True, True, True]

    assert hands(day, barcodes) == [("held", bag.to_unit_id, SIGNER)] * 3
    found = bags.find(day.office, bag.id)
    assert (found.sealed, found.handed_to, found.handed_by) == (False, SIGNER, day.cast[DESK].name)
    said = [json.loads(str(body)) for body, in day.rows(
        "select r.body from audit a join remark r using (dossier_id, seq) where a.action = 'confirm_paper'")]
    assert said == [{"recipient": SIGNER}] * 3, "his name stands with each of the entries"
    with pytest.raises(NotPossibleHere):
        sign(day, bag, None)


def test_what_was_not_signed_for_is_left_for_another_signature(day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, barcodes = sent

    assert sign(day, bag, barcodes[:2]) == [True, True]
    assert day.paper(barcodes[2])["state"] == "carried"
    assert bags.find(day.office, bag.id).sealed
    assert sign(day, bag, [barcodes[0], barcodes[2]], signer="Lý Văn Hai") == [True]

    assert hands(day, barcodes) == [("held", bag.to_unit_id, SIGNER)] * 2 + [("held", bag.to_unit_id, "Lý Văn Hai")]
    assert bags.find(day.office, bag.id).handed_to == f"Lý Văn Hai, {SIGNER}"


def test_what_was_reported_missing_is_signed_for_only_where_it_is_named(
        day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, barcodes = sent
    day.do("report_missing", barcodes[1], day.cast[DESK])

    assert sign(day, bag, None) == [True, True]

    assert hands(day, barcodes)[::2] == [("held", bag.to_unit_id, SIGNER)] * 2
    assert day.paper(barcodes[1])["state"] == "missing"
    day.do("confirm_paper", barcodes[1], day.cast[DESK], recipient="Lý Văn Hai")
    assert hands(day, barcodes)[1] == ("held", bag.to_unit_id, "Lý Văn Hai")


def test_who_names_a_missing_paper_among_others_says_that_it_was_there(day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, barcodes = sent
    day.do("report_missing", barcodes[1], day.cast[DESK])

    assert sign(day, bag, barcodes) == [True, True, True]

    assert hands(day, barcodes) == [("held", bag.to_unit_id, SIGNER)] * 3


def test_without_a_name_or_a_paper_both_are_asked_for_and_nothing_is_recorded(
        day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, barcodes = sent

    with pytest.raises(Invalid) as refused:
        sign(day, bag, ["H51.02-261123-9999-S"], signer=" ")

    assert sorted(refused.value.fields) == ["barcodes", "recipient"]
    assert {state for state, _, _ in hands(day, barcodes)} == {"carried"}


def test_only_the_agency_that_packed_it_says_so(day: Round, sent: tuple[Bag, list[str]]) -> None:
    bag, _ = sent

    with pytest.raises(WrongRole):
        sign(day, bag, None, STRANGER)


def test_where_somebody_of_ours_opens_the_bag_nobody_signs_for_him(day: Round) -> None:
    _, bag, _ = carried(day, 1)

    with pytest.raises(NotPossibleHere):
        sign(day, bag, None)


def test_what_no_courier_has_taken_was_signed_for_by_nobody(day: Round) -> None:
    reach(day.office, "H51.01", "paper", "", "test", day.now())
    barcodes = day.received(2)
    bag = sealed(day, day.listed(), barcodes)

    with pytest.raises(Invalid):
        sign(day, bag, None)

    assert {state for state, _, _ in hands(day, barcodes)} == {"held"}

"""Bags under seals: what is counted is confirmed, what does not agree is an incident with an owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from engine.answering.reaching import reach
from engine.casework.orders import Actor
from engine.courier import bags
from engine.courier.together import Asked
from engine.desk.dossier import dossier
from engine.desk.rounds import courier_run
from engine.desk.troubles import troubles
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from storage.runs import Bag, Run
from tests.conftest import Fresh
from tests.custody.conftest import Round


def sealed(day: Round, run: Run, barcodes: list[str], seal: str = "NP-0001") -> Bag:
    line = day.line(run, barcodes[0])
    return bags.seal(day.office, run.id, (line.from_unit_id, line.to_unit_id), seal, day.at(line.from_unit_id),
                     day.now(), barcodes)


def carried(day: Round, many: int) -> tuple[Run, Bag, list[str]]:
    barcodes = day.received(many)
    run = day.listed()
    bag = sealed(day, run, barcodes)
    assert all(one.done for one in bags.take(day.office, bag.id, day.carrier, day.now()))
    day.depart(run)
    day.arrive(run)
    return run, bag, barcodes


def incidents(day: Round) -> list[tuple[str, str, int]]:
    return [(str(kind), str(detail), int(unit)) for kind, detail, unit in
            day.rows("select kind, detail, unit_id from incident where closed_at is null order by kind, detail")]


def test_a_bag_is_sealed_carried_opened_and_every_paper_confirmed(day: Round) -> None:
    _, bag, barcodes = carried(day, 3)
    assert {day.paper(code)["state"] for code in barcodes} == {"carried"}

    opened = bags.open_bag(day.office, bag.id, "np-0001", barcodes, day.at(bag.to_unit_id), day.now())

    assert opened.seal_as_closed
    assert [one.done for one in opened.results] == [True] * 3
    assert {(day.paper(code)["state"], day.paper(code)["unit_id"]) for code in barcodes} == {("held", bag.to_unit_id)}
    assert incidents(day) == []
    with pytest.raises(NotPossibleHere):
        bags.open_bag(day.office, bag.id, "NP-0001", barcodes, day.at(bag.to_unit_id), day.now())


def handed_over(day: Round, many: int) -> tuple[Run, Bag, list[str]]:
    """A bag that a courier brought to an agency without a system."""
    reach(day.office, "H51.01", "paper", "", "test", day.now())
    return carried(day, many)


def test_what_the_sender_records_for_an_agency_without_a_system_is_his_entry_and_names_who_signed(day: Round) -> None:
    run, bag, (signed, lost) = handed_over(day, 2)
    sender, there = day.at(bag.from_unit_id), day.office.catalogue().units[bag.to_unit_id]

    day.do("confirm_paper", signed, sender, recipient="Sơn Thị Sóc Phia")
    day.do("report_missing", lost, sender)

    told = {action: (unit, json.loads(details), words) for action, unit, details, words in day.rows("""
        select a.action, a.unit_id, a.details, r.body from audit a
          left join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq
        where a.action in ('confirm_paper', 'report_missing')""")}
    assert [unit for unit, _, _ in told.values()] == [bag.from_unit_id] * 2
    for _, details, _ in told.values():
        assert details["receiver"] == {"unit": there.id, "vi": there.full_vi, "en": there.full_en}
    _, details, words = told["confirm_paper"]
    assert json.loads(words) == {"recipient": "Sơn Thị Sóc Phia"}
    assert details["words"]
    assert "Sơn" not in json.dumps(details, ensure_ascii=False)
    (found,) = troubles(day.office, sender.id, day.now()).incidents
    assert (found.detail, found.reported_by and found.reported_by.id) == (lost, bag.from_unit_id)
    told_last = dossier(day.office, signed.rpartition("-")[0], sender, day.now()).timeline[-1]
    assert (told_last.about and told_last.about.vi, told_last.words) == (
        f"ở {there.full_vi}", {"recipient": "Sơn Thị Sóc Phia"})
    lines = courier_run(day.office, run.id, sender.id, day.now()).lines
    assert {line.barcode: (line.handed_to, line.confirmed_by) for line in lines} == {
        signed: ("Sơn Thị Sóc Phia", sender.name), lost: (None, None)}


def test_a_bag_for_an_agency_without_a_system_ends_when_the_last_of_its_papers_was_signed_for(day: Round) -> None:
    run, bag, barcodes = handed_over(day, 3)
    sender = day.at(bag.from_unit_id)
    for paper in barcodes[:2]:
        day.do("confirm_paper", paper, sender, recipient="Sơn Thị Sóc Phia")
    half = bags.find(day.office, bag.id)
    assert (half.sealed, half.handed_at) == (True, None)

    day.do("confirm_paper", barcodes[2], sender, recipient="Lâm Văn Bé")

    (ended,) = bags.of_run(day.office, run.id, sender, day.now())
    assert (ended.sealed, ended.opened_at, ended.intact) == (False, None, None)
    assert (ended.handed_to, ended.handed_by) == ("Lâm Văn Bé, Sơn Thị Sóc Phia", sender.name)
    assert ended.handed_at == day.now()
    waits = troubles(day.office, sender.id, day.now() + timedelta(days=2))
    assert (waits.waiting, waits.incidents) == ([], [])
    with pytest.raises(NotPossibleHere) as refusal:
        bags.open_bag(day.office, bag.id, bag.seal, barcodes, sender, day.now())
    assert "đã giao ngoài hệ thống" in refusal.value.message("vi")


def test_a_paper_missing_there_keeps_its_bag_from_nobody_but_its_incident(day: Round) -> None:
    _, bag, (lost, there) = handed_over(day, 2)
    sender = day.at(bag.from_unit_id)

    day.do("report_missing", lost, sender)
    assert bags.find(day.office, bag.id).sealed
    day.do("confirm_paper", there, sender, recipient="Sơn Thị Sóc Phia")

    ended = bags.find(day.office, bag.id)
    assert (ended.sealed, ended.handed_to) == (False, "Sơn Thị Sóc Phia")
    assert [kind for kind, _, _ in incidents(day)] == ["paper_missing"]


def test_where_the_agency_works_here_later_the_bag_stays_handed_over(day: Round, fresh: Fresh) -> None:
    _, bag, barcodes = handed_over(day, 1)
    day.do("confirm_paper", barcodes[0], day.at(bag.from_unit_id), recipient="Sơn Thị Sóc Phia")

    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("update agency set reach = 'here' where code = 'H51.01'")

    assert bags.find(day.office, bag.id).handed_to == "Sơn Thị Sóc Phia"


def test_thirty_seven_papers_thirty_six_arrive(day: Round) -> None:
    """Scenario 9: an incident, the clock runs on, the citizen is told nothing."""
    _, bag, barcodes = carried(day, 37)
    lost, code = barcodes[17], barcodes[17].rpartition("-")[0]
    before = day.rows("select due_at, status from dossier where code = %s", code)
    told = day.rows("select count(*) from message")

    opened = bags.open_bag(day.office, bag.id, "NP-0001", [one for one in barcodes if one != lost],
                           day.at(bag.to_unit_id), day.now())

    assert sum(one.event == "confirm_paper" and one.done for one in opened.results) == 36
    assert [(kind, detail) for kind, detail, _ in incidents(day)] == [("paper_missing", lost)]
    assert day.rows("select due_at, status from dossier where code = %s", code) == before
    assert day.rows("select count(*) from message") == told
    assert day.rows("select count(*) from clock c join dossier d on d.id = c.dossier_id where d.code = %s "
                    "and c.kind = 'dossier' and c.ended_at is null", code) == [(1,)]

    day.do("confirm_paper", lost, day.at(bag.to_unit_id))
    assert incidents(day) == []
    assert day.paper(lost)["state"] == "held"


def test_one_paper_too_many_and_one_of_another_place_are_held_by_who_opened_the_bag(day: Round) -> None:
    barcodes = day.received(3)
    foreign = day.at_commune()[0]
    run = day.listed()
    bag = sealed(day, run, barcodes[:2])
    bags.take(day.office, bag.id, day.carrier, day.now())
    day.do("take_paper", barcodes[2], day.carrier)
    day.depart(run)
    day.arrive(run)
    unit = bag.to_unit_id
    elsewhere = day.paper(foreign)["bound_for_unit_id"]

    opened = bags.open_bag(day.office, bag.id, "NP-0001", [*barcodes, foreign], day.at(unit), day.now())

    assert all(one.done for one in opened.results)
    assert [(kind, detail) for kind, detail, _ in incidents(day)] == [
        ("paper_extra", barcodes[2]), ("paper_misrouted", foreign)]
    assert {day.paper(code)["unit_id"] for code in (*barcodes, foreign)} == {unit}
    assert day.paper(foreign)["bound_for_unit_id"] == elsewhere


def test_where_nothing_was_counted_nothing_is_missing_unless_the_bag_was_empty(day: Round) -> None:
    _, bag, barcodes = carried(day, 2)
    receiver = day.at(bag.to_unit_id)
    with pytest.raises(Invalid) as refusal:
        bags.open_bag(day.office, bag.id, "NP-0001", None, receiver, day.now(), broken=True)
    assert list(refusal.value.fields) == ["barcodes"]
    assert bags.find(day.office, bag.id).opened_at is None
    assert incidents(day) == []

    bags.open_bag(day.office, bag.id, "NP-0001", [], receiver, day.now())
    assert [(kind, detail) for kind, detail, _ in incidents(day)] == [("paper_missing", code) for code in barcodes]


@pytest.mark.parametrize(("found", "broken", "kind"), [
    ("NP-0001", True, "seal_broken"), ("NP-9999", False, "seal_other"),
])
def test_a_seal_that_is_not_as_it_was_closed_is_the_senders_incident(
        day: Round, found: str, broken: bool, kind: str) -> None:
    _, bag, barcodes = carried(day, 1)
    opened = bags.open_bag(day.office, bag.id, found, barcodes, day.at(bag.to_unit_id), day.now(), broken=broken)
    assert not opened.seal_as_closed
    assert opened.results[0].done
    assert incidents(day) == [(kind, "NP-0001", bag.from_unit_id)]


def test_who_may_seal_and_open_and_what_goes_into_a_bag(day: Round) -> None:
    barcodes = day.received(2)
    run = day.listed()
    line = day.lines(run)[0]
    way, sender = (line.from_unit_id, line.to_unit_id), day.at(line.from_unit_id)
    with pytest.raises(WrongRole):
        bags.seal(day.office, run.id, way, "NP-1", day.at(line.to_unit_id), day.now())
    bags.seal(day.office, run.id, way, "NP-1", sender, day.now(), barcodes[:1])
    for wrong, wanted in (("NP-1", barcodes[1:]), ("NP-2", barcodes[:1]), ("", barcodes[1:]),
                          ("N" * 41, barcodes[1:])):
        with pytest.raises(Invalid):
            bags.seal(day.office, run.id, way, wrong, sender, day.now(), wanted)
    bag = bags.seal(day.office, run.id, way, "NP-2", sender, day.now())
    assert bag.papers == 1
    seen = [len(bags.of_run(day.office, run.id, who, day.now()))
            for who in (sender, day.carrier, day.cast["H51.01/kiem-soat-thu-tuc:administrator"])]
    assert seen == [2, 2, 0]
    bags.take(day.office, bag.id, day.carrier, day.now())
    with pytest.raises(WrongRole):
        bags.open_bag(day.office, bag.id, "NP-2", [], sender, day.now())
    with pytest.raises(WrongRole):
        bags.take(day.office, bag.id, sender, day.now())


def test_a_manifest_of_five_hundred_is_confirmed_in_one_go(day: Round) -> None:
    barcodes = day.received(500)
    run = day.listed()
    line = day.lines(run)[0]
    taken = [Asked(barcode=code, event="take_paper") for code in barcodes]
    assert all(one.done for one in bags.scanned(day.office, taken, day.carrier, day.now()))
    day.depart(run)
    day.arrive(run)

    results = bags.confirm_run(day.office, run.id, day.at(line.to_unit_id), day.now())

    assert sum(one.done for one in results) == 500
    assert day.rows("select count(*) from audit where action = 'confirm_paper'") == [(500,)]


def test_what_cannot_be_confirmed_holds_up_nothing_else(day: Round) -> None:
    barcodes = day.received(3)
    run = day.listed()
    bag = sealed(day, run, barcodes[2:])
    bags.take(day.office, bag.id, day.carrier, day.now())
    for code in barcodes[:2]:
        day.do("take_paper", code, day.carrier)
    day.depart(run)
    day.arrive(run)
    receiver = day.at(bag.to_unit_id)
    day.do("report_missing", barcodes[0], receiver)
    again = bags.confirm_run(day.office, run.id, receiver, day.now())
    assert [(one.barcode, one.done) for one in again] == [(barcodes[1], True)], "the bag is opened for itself"
    day.journey.now += timedelta(minutes=1)
    opened = bags.open_bag(day.office, bag.id, "NP-0001", ["H51.02-261123-9999-S", barcodes[2]], receiver, day.now())
    assert [(one.barcode, one.done, one.code) for one in opened.results] == [
        (barcodes[2], True, ""), ("H51.02-261123-9999-S", False, "not_found")]


def test_a_paper_of_a_sealed_bag_is_neither_confirmed_nor_missed_before_the_bag_is_opened(day: Round) -> None:
    run, bag, barcodes = carried(day, 2)
    receiver = day.at(bag.to_unit_id)
    for event in ("confirm_paper", "report_missing"):
        with pytest.raises(Refused) as refusal:
            day.do(event, barcodes[0], receiver)
        assert f"{barcodes[0]} đang trong túi niêm phong số NP-0001: mở túi trước" in refusal.value.message("vi")
    assert bags.confirm_run(day.office, run.id, receiver, day.now()) == []
    named = bags.confirm_run(day.office, run.id, receiver, day.now(), barcodes)
    assert [(one.done, one.code) for one in named] == [(False, "refused")] * 2
    view = dossier(day.office, barcodes[0].rpartition("-")[0], receiver, day.now())
    assert not {"confirm_paper", "report_missing"} & {one.event for one in view.offers}
    assert {row.barcode: row.bag_id for row in troubles(day.office, receiver.id, day.now()).waiting} == dict.fromkeys(
        barcodes, bag.id)
    assert {day.paper(code)["state"] for code in barcodes} == {"carried"}

    bags.open_bag(day.office, bag.id, "NP-0001", barcodes[1:], receiver, day.now())
    day.do("confirm_paper", barcodes[0], receiver)
    assert {day.paper(code)["state"] for code in barcodes} == {"held"}


def test_what_lies_in_a_sealed_bag_is_not_offered_by_hand_until_the_bag_is_opened(day: Round) -> None:
    first, second = day.received(2)
    run = day.listed()
    bag = sealed(day, run, [first])
    giver, unit = day.at(bag.from_unit_id), day.cast.unit("H51.02/tra-ket-qua")

    with pytest.raises(Refused) as refusal:
        day.do("offer_paper", first, giver, unit=unit)

    assert f"{first} đang trong túi niêm phong số NP-0001: mở túi trước" in refusal.value.message("vi")
    assert "open the bag first" in refusal.value.message("en")
    assert offered(day, first, giver) is False
    assert offered(day, second, giver) is True
    opened = bags.open_bag(day.office, bag.id, "NP-0001", [], giver, day.now())
    assert (opened.results, opened.bag.papers, opened.seal_as_closed) == ([], 0, True)
    assert bags.find(day.office, bag.id).unpacked == [first]
    assert (day.paper(first)["state"], day.line(run, first).bag_id) == ("held", None)
    day.do("offer_paper", first, giver, unit=unit)


def offered(day: Round, barcode: str, actor: Actor) -> bool:
    view = dossier(day.office, barcode.rpartition("-")[0], actor, day.now())
    return any(one.event == "offer_paper" and one.slip == barcode for one in view.offers)


def test_what_is_offered_by_hand_goes_into_no_bag(day: Round) -> None:
    first, second = day.received(2)
    run = day.listed()
    line = day.line(run, first)
    day.do("offer_paper", first, day.at(line.from_unit_id), unit=day.cast.unit("H51.02/tra-ket-qua"))

    bag = sealed(day, run, [first, second])

    assert (bag.papers, day.line(run, first).bag_id, day.line(run, second).bag_id) == (1, None, bag.id)
    with pytest.raises(Invalid):
        sealed(day, run, [first], "NP-0002")


def test_sealed_and_offered_at_once_it_is_one_of_both(day: Round) -> None:
    barcodes = day.received(8)
    run = day.listed()
    line = day.line(run, barcodes[0])
    giver, unit = day.at(line.from_unit_id), day.cast.unit("H51.02/tra-ket-qua")

    def tried(one: Callable[[], object]) -> bool:
        try:
            one()
        except (Invalid, Refused):
            return False
        return True
    for barcode in barcodes:
        with ThreadPoolExecutor(2) as both:
            done = list(both.map(tried, [
                partial(sealed, day, run, [barcode], f"NP-{barcode}"),
                partial(day.do, "offer_paper", barcode, giver, unit=unit)]))
        assert sorted(done) == [False, True], barcode


def test_a_bag_that_was_taken_is_opened_by_its_receiver_only(day: Round) -> None:
    barcodes = day.received(1)
    run = day.listed()
    bag = sealed(day, run, barcodes)
    bags.take(day.office, bag.id, day.carrier, day.now())
    with pytest.raises(WrongRole):
        bags.open_bag(day.office, bag.id, "NP-0001", [], day.at(bag.from_unit_id), day.now())
    assert day.line(run, barcodes[0]).bag_id == bag.id

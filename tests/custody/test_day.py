"""A courier's day: four runs, a paper missing, a paper too many, a result that comes back by post."""

from __future__ import annotations

from datetime import timedelta

from engine.courier import bags
from engine.desk.troubles import troubles
from storage.runs import Run
from tests.casework.walking import Walk
from tests.custody.conftest import Round, astray

DESK = "H51.02/tiep-nhan:receptionist"


def sealed_and_taken(day: Round, run: Run, *, left_out: frozenset[str] = frozenset()) -> list[bags.Bag]:
    """A bag for every way of the run; what is `left_out` is put in by mistake without its line."""
    made = []
    for way in dict.fromkeys((line.from_unit_id, line.to_unit_id) for line in day.lines(run)):
        inside = [line.barcode for line in day.lines(run)
                  if (line.from_unit_id, line.to_unit_id) == way and line.barcode not in left_out]
        if inside:
            made.append(bags.seal(day.office, run.id, way, f"NP-{run.no}-{len(made)}", day.at(way[0]), day.now(),
                                  inside))
            assert all(one.done for one in bags.take(day.office, made[-1].id, day.carrier, day.now()))
    day.depart(run)
    day.arrive(run)
    return made


def opened(day: Round, run: Run, made: list[bags.Bag], *, lost: str = "", extra: str = "") -> None:
    for bag in made:
        counted = [line.barcode for line in day.lines(run) if line.bag_id == bag.id and line.barcode != lost]
        result = bags.open_bag(day.office, bag.id, bag.seal, [*counted, *([extra] if extra else [])],
                               day.at(bag.to_unit_id), day.now())
        assert all(one.done for one in result.results)
        extra = ""


def test_four_runs_two_discrepancies_and_one_item_returned_by_post(day: Round) -> None:
    first = day.received(12)
    run = day.listed()
    assert len(day.lines(run)) == 12
    opened(day, run, sealed_and_taken(day, run), lost=first[4])

    second = [*day.received(6), *day.at_commune(3)]
    run = day.listed()
    stray = second[0]
    opened(day, run, sealed_and_taken(day, run, left_out=frozenset({stray})), extra=stray)

    third = day.received(5)
    run = day.listed()
    opened(day, run, sealed_and_taken(day, run))

    late = day.received()[0]
    run = day.listed()
    opened(day, run, sealed_and_taken(day, run))
    assert run.no == 4

    open_now = troubles(day.office, day.cast[DESK].id, day.now()).incidents
    assert {(row.kind, row.detail) for row in open_now} == {("paper_missing", first[4]), ("paper_extra", stray)}
    assert astray(day.office) == []

    day.do("confirm_paper", first[4], day.at(day.paper(first[4])["bound_for_unit_id"]))
    posted = returned_by_post(day, third[0].rpartition("-")[0])

    assert astray(day.office) == []
    assert day.paper(posted)["state"] == "held"
    assert {row.detail for row in troubles(day.office, day.cast[DESK].id, day.now()).incidents} == {stray}
    for barcode in (*first, *second, *third, late):
        paper = day.paper(barcode)
        assert (paper["state"], paper["person_id"] is not None) == ("held", True), barcode
    history = day.rows("select state from custody where barcode = %s order by no", first[4])
    assert [row[0] for row in history] == ["held", "carried", "missing", "held"]


def returned_by_post(day: Round, code: str) -> str:
    """Its result is sent by post and comes back to the desk."""
    walk = Walk(day.journey, code).go_to("returning")
    walk.carry()
    returner = walk.holder("returning")
    walk.do("send_by_post", returner, slip="EH012345678VN", address="Khóm 3, phường Mỹ Xuyên")
    paper = day.paper(f"{code}-R")
    assert (paper["state"], bool(paper["carrier"])) == ("posted", True)
    walk.journey.now += timedelta(days=3)
    walk.do("record_failed_delivery", returner, state="posting", reason="Địa chỉ không có người nhận")
    assert day.paper(f"{code}-R")["carrier"] is None
    return f"{code}-R"

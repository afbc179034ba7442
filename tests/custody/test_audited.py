"""Auditors read the bags of every run and the open incidents of every unit whose dossiers they see; they do nothing."""

from __future__ import annotations

import pytest

from engine.courier import bags, incidents
from engine.desk.rounds import courier_run
from engine.desk.troubles import IncidentRow, troubles
from engine.errors import NotFound, WrongRole
from tests.casework.staff import change
from tests.conftest import Fresh
from tests.custody.conftest import Round
from tests.custody.test_bags import carried

AUDITOR, STRANGER = "H51.01/kiem-soat-thu-tuc:auditor", "H51.08/chuyen-mon:officer"


def wrong(day: Round) -> tuple[int, int]:
    """A bag whose seal was broken and in which a paper was missing: its run and its id."""
    run, bag, barcodes = carried(day, 2)
    bags.open_bag(day.office, bag.id, "NP-0001", barcodes[:1], day.at(bag.to_unit_id), day.now(), broken=True)
    return run.id, bag.id


def shown(day: Round, who: str) -> list[IncidentRow]:
    return troubles(day.office, day.cast[who].id, day.now()).incidents


def test_an_auditor_reads_what_is_other_units_to_see_to_and_closes_nothing(day: Round) -> None:
    wrong(day)

    found = shown(day, AUDITOR)

    assert sorted((row.kind, row.own) for row in found) == [("paper_missing", False), ("seal_broken", False)]
    for row in found:
        with pytest.raises(NotFound):
            incidents.close(day.office, row.id, day.cast[AUDITOR], "Đã xem", day.now())
    assert shown(day, STRANGER) == []
    assert {(row.kind, row.own) for row in shown(day, "H51.02/tiep-nhan:receptionist")} == {
        ("paper_missing", True), ("seal_broken", True)}


def test_an_auditor_of_certain_procedures_reads_the_incidents_of_their_dossiers(day: Round, fresh: Fresh) -> None:
    wrong(day)
    change(fresh, "update membership set procedures = '{funeral_allowance}' where role = 'auditor'")

    assert shown(day, AUDITOR) == []

    change(fresh, "update membership set procedures = '{conference_permit_local}' where role = 'auditor'")
    assert [row.kind for row in shown(day, AUDITOR)] == ["paper_missing"], "the seal of a bag is about no dossier"


def test_an_auditor_reads_the_bags_of_a_run_and_opens_none(day: Round) -> None:
    run, bag_id = wrong(day)
    auditor = day.cast[AUDITOR]

    seen, = bags.of_run(day.office, run, auditor, day.now())

    assert (seen.id, seen.seal, seen.intact) == (bag_id, "NP-0001", False)
    assert bags.seen(day.office, bag_id, auditor, day.now()) == seen
    assert len(courier_run(day.office, run, auditor.id, day.now()).lines) == 2
    assert bags.of_run(day.office, run, day.cast[STRANGER], day.now()) == []
    with pytest.raises(NotFound):
        bags.seen(day.office, bag_id, day.cast[STRANGER], day.now())


def test_an_auditor_takes_nothing_out_of_a_bag(day: Round) -> None:
    _, bag, barcodes = carried(day, 1)

    with pytest.raises(WrongRole):
        bags.open_bag(day.office, bag.id, "NP-0001", barcodes, day.cast[AUDITOR], day.now())

    assert day.paper(barcodes[0])["state"] == "carried"

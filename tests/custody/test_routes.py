"""Routes: a paper between two stops goes with their route, everything else with the general one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import courier
from engine.clocks.zone import ZONE
from engine.courier import routes
from engine.desk.rounds import coming, courier_run, waiting_for
from engine.errors import Invalid, NotFound, WrongRole
from storage import runs
from tests.custody.conftest import Round

MANAGER, DESK = "H51.02/quan-ly:manager", "H51.02/tiep-nhan:receptionist"


def test_a_paper_goes_with_the_route_of_both_its_ends(day: Round) -> None:
    other, own = day.at_commune()[0], day.received()[0]
    ends = [day.paper(own)[end] for end in ("unit_id", "bound_for_unit_id")]
    paths = {unit.id: f"{unit.agency}/{unit.key}" for unit in day.office.fresh_catalogue().units.values()}
    made = routes.add(day.office, day.cast[MANAGER], ("Tuyến nội thành", "Town route"), [paths[unit] for unit in ends],
                      ["09:00", "15:30"], day.now())

    town = day.listed(made.id)
    assert [line.barcode for line in day.lines(town)] == [own]
    assert (town.route_vi, town.no) == ("Tuyến nội thành", 1)
    assert day.rows("select l.barcode, r.route_id from courier_load l join courier_run r on r.id = l.run_id "
                    "order by r.route_id") == [(other, 1), (own, made.id)]
    assert [run.no for run in runs.of_day(day.office.db, town.day) if run.route_id == made.id] == [1, 2]

    routes.retire(day.office, day.cast[MANAGER], made.id, day.now())
    assert [route.id for route in runs.routes(day.office.db)] == [1]
    late = day.received()[0]
    assert late in {line.barcode for line in day.lines(day.listed())}


def test_a_new_route_runs_from_now_on_and_what_left_before_it_was_drawn_up_never_ran(day: Round) -> None:
    own = day.received()[0]
    paths = {unit.id: f"{unit.agency}/{unit.key}" for unit in day.office.fresh_catalogue().units.values()}
    ends = [paths[day.paper(own)[end]] for end in ("unit_id", "bound_for_unit_id")]
    day.journey.now = day.now().replace(hour=2, minute=45)  # 09:45 in Vietnam
    today = day.now().astimezone(ZONE).date()
    made = routes.add(day.office, day.cast[MANAGER], ("Tuyến mới", ""), ends, ["09:00", "09:46", "15:30"], day.now())

    def planned() -> list[int]:
        return [run.no for run in runs.of_day(day.office.db, today) if run.route_id == made.id]

    assert planned() == [2, 3]
    views = [courier_run(day.office, run.id, day.carrier.id, day.now()) for run in runs.of_day(day.office.db, today)
             if run.route_id == made.id]
    assert [[line.barcode for line in view.waiting] for view in views] == [[own], []]
    stranger = day.cast["H51.21/mot-cua:receptionist"]
    assert courier_run(day.office, views[0].run.id, stranger.id, day.now()).waiting == []
    assert waiting_for(day.office, runs.of_day(day.office.db, today))[views[0].run.id] == 1
    day.journey.now += timedelta(minutes=2)
    courier.plan_ahead(day.office, day.now())
    assert planned() == [2, 3]
    courier.draw_due_manifests(day.office, day.now())
    listed = next(run for run in runs.of_day(day.office.db, today) if (run.route_id, run.no) == (made.id, 2))
    assert (listed.state, [line.barcode for line in day.lines(listed)]) == ("listed", [own])

    day.journey.now += timedelta(hours=8)
    late = routes.add(day.office, day.cast[MANAGER], ("Tuyến tối", ""), ends, ["09:00", "15:30"], day.now())
    courier.plan_ahead(day.office, day.now())
    assert [run for run in runs.of_day(day.office.db, today) if run.route_id == late.id] == []


def test_what_missed_the_last_run_waits_for_the_first_of_the_next_working_day(day: Round) -> None:
    courier.plan_ahead(day.office, day.now())
    today = day.now().astimezone(ZONE).date()
    assert coming(day.office, runs.of_day(day.office.db, today), day.now()) is None

    # 18:00 in Vietnam; the next day, 24 November, is a holiday
    day.journey.now = day.now().replace(hour=11)
    courier.draw_due_manifests(day.office, day.now())
    day.received(2)

    found = coming(day.office, runs.of_day(day.office.db, today), day.now())
    assert found is not None
    assert found.depart_at.astimezone(ZONE).strftime("%d/%m %H:%M") == "25/11 08:30"
    assert found.waiting == 2


@pytest.mark.parametrize(("name", "stops", "departures", "field"), [
    ("", ["H51.02/tiep-nhan", "H51.03/chuyen-mon"], ["16:00"], "name_vi"),
    ("T", ["H51.02/tiep-nhan"], ["16:00"], "stops"),
    ("T", ["H51.02/tiep-nhan", "H51.02/tiep-nhan"], ["16:00"], "stops"),
    ("T", ["H51.02/tiep-nhan", "H99/x"], ["16:00"], "stops"),
    ("T", ["H51.02/tiep-nhan", "H51.03/chuyen-mon"], ["08:30", "14:00"], "departures"),
    ("T", ["H51.02/tiep-nhan", "H51.03/chuyen-mon"], ["25:00"], "departures"),
    ("T", ["H51.02/tiep-nhan", "H51.03/chuyen-mon"], [], "departures"),
    ("T\x00", ["H51.02/tiep-nhan", "H51.03/chuyen-mon"], ["16:00"], "name_vi"),
])
def test_what_is_no_route(day: Round, name: str, stops: list[str], departures: list[str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        routes.add(day.office, day.cast[MANAGER], (name, ""), stops, departures, day.now())
    assert list(refusal.value.fields) == [field]


def test_only_who_manages_the_desk_and_never_the_general_route(day: Round) -> None:
    with pytest.raises(WrongRole):
        routes.add(day.office, day.cast[DESK], ("T", ""), [], [], day.now())
    with pytest.raises(NotFound):
        routes.retire(day.office, day.cast[MANAGER], 1, day.now())

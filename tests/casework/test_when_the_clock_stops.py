"""When the clock of a dossier stops, and when it does not: the table of the rules of time, row by row."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from engine import alarms
from engine.casework.clocks import rebuild
from engine.clocks import national
from engine.clocks.evaluation import evaluate
from engine.clocks.marks import Clock, ClockState, Mark, MarkKind
from engine.recomputing import recompute
from tests.casework.conftest import Start
from tests.casework.variants import PAYABLE, conference
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey
from tests.recomputing.calendars import closed, publish

DAY = timedelta(days=1)


def clock(walk: Walk) -> Clock:
    return rebuild(walk.clocks("dossier")[0])


def marks(walk: Walk) -> list[Mark]:
    return list(clock(walk).marks)


def runs_on(walk: Walk, due_at: datetime) -> bool:
    """Nothing happened to the clock and the promise stands."""
    return [mark.kind for mark in marks(walk)] == ["start"] and walk.dossier["due_at"] == due_at


def test_waiting_for_a_supplement_before_receipt_the_clock_has_not_started(start: Start) -> None:
    walk = start(accept=False)
    walk.step("request_supplement")
    walk.journey.now += 30 * DAY

    assert (walk.clocks("dossier"), walk.dossier["received_at"]) == ([], None)


def test_waiting_for_a_supplement_after_receipt_it_stands_and_begins_again(start: Start) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement")
    asked = walk.now
    assert (clock(walk).state, walk.dossier["due_at"]) == (ClockState.STOPPED, None)

    walk.journey.now += 7 * DAY
    walk.step("supplement")

    assert [(mark.kind, mark.at) for mark in marks(walk)[1:]] == [
        (MarkKind.STOP, asked), (MarkKind.RESTART, walk.now)]


def test_waiting_for_payment_it_stands_from_the_notice_to_the_proof_and_goes_on(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, PAYABLE).go_to("examining")
    first = walk.dossier["due_at"]
    walk.step("request_payment")
    asked = walk.now

    walk.journey.now += 7 * DAY
    walk.step("pay")

    assert [(mark.kind, mark.at) for mark in marks(walk)[1:]] == [(MarkKind.STOP, asked), (MarkKind.RESUME, walk.now)]
    assert walk.dossier["due_at"] == evaluate(clock(walk), national()).due > first
    assert walk.dossier["first_due_at"] == first


def test_while_other_agencies_are_consulted_it_runs_and_each_has_its_own_limit(start: Start) -> None:
    walk = start()
    due_at = walk.dossier["due_at"]
    walk.go_to("consulting", "police")

    walk.journey.now += 5 * DAY

    assert runs_on(walk, due_at)
    assert {"15 days"} == {row["time_limit"][0] for row in walk.clocks("step") if row["ended_at"] is None}


def test_while_somebody_is_asked_beyond_the_procedure_it_runs(start: Start) -> None:
    walk = start().go_to("examining")
    due_at = walk.dossier["due_at"]
    walk.do("consult_further", walk.holder("examining"), units=(walk.cast.unit("H51.03/chuyen-mon"),),
            words="Đề nghị có ý kiến", limit="10 days", join="all", expiry="escalate")

    walk.journey.now += 9 * DAY

    assert runs_on(walk, due_at)


def test_on_the_way_between_agencies_it_runs_whether_or_not_anybody_registers(start: Start) -> None:
    walk = start()
    due_at = walk.dossier["due_at"]
    assert walk.handoffs[0]["state"] == "delivered"

    walk.journey.now += 4 * DAY
    alarms.sweep(walk.office, walk.now)
    assert runs_on(walk, due_at)
    walk.journey.register_all(walk.code)

    assert runs_on(walk, due_at)


def test_the_courier_and_the_queue_of_a_unit_take_time_that_counts(start: Start) -> None:
    walk = start()
    due_at = walk.dossier["due_at"]

    walk.carry()
    walk.go_to("examining")
    walk.journey.now += 6 * DAY  # nobody touches it

    assert runs_on(walk, due_at)


@pytest.mark.parametrize("days", [1, 3, 40])
def test_an_outage_moves_no_date_and_what_came_due_in_it_is_late(start: Start, days: int) -> None:
    walk = start().go_to("examining")
    due_at = walk.dossier["due_at"]

    walk.journey.now += days * DAY  # no sweep ran, nobody could work
    alarms.sweep(walk.office, walk.now)

    assert runs_on(walk, due_at)
    late = {row["kind"] for row in walk.of("notice")} & {"dossier_overdue"}
    assert bool(late) is (walk.now > due_at + 3 * DAY)


def test_a_storm_counts_only_by_a_decision_that_closes_the_office(start: Start) -> None:
    walk = start().go_to("examining")
    due_at = walk.dossier["due_at"]
    walk.journey.now += 2 * DAY
    assert runs_on(walk, due_at)

    publish(walk.office, closed(date(2026, 12, 1)))
    recompute(walk.office, walk.now)

    assert walk.dossier["due_at"] > due_at
    assert walk.dossier["first_due_at"] == due_at


def test_a_citizen_who_does_not_collect_makes_nothing_late(start: Start) -> None:
    walk = start().go_to("returning")
    ready = walk.dossier["finished_at"]

    walk.journey.now += 90 * DAY
    alarms.sweep(walk.office, walk.now)
    walk.step("return_electronically")

    assert marks(walk)[-1].kind is MarkKind.END
    assert (marks(walk)[-1].at, walk.of("judgement")[0]["ended_at"]) == (ready, ready)
    assert not [row for row in walk.of("notice") if row["kind"].startswith("dossier_")]


@pytest.mark.parametrize("waiting", [False, True])
def test_who_withdraws_ends_it_also_while_it_stands(start: Start, waiting: bool) -> None:
    walk = start().go_to("examining")
    if waiting:
        walk.step("request_supplement")
        walk.journey.register_all(walk.code)
        walk.journey.now += 60 * DAY

    walk.do("withdraw", walk.cast["H51.02/tiep-nhan:receptionist"], reason="Không còn nhu cầu")

    assert (marks(walk)[-1].kind, marks(walk)[-1].at) == (MarkKind.END, walk.now)
    assert (walk.dossier["status"], walk.of("judgement")[0]["end_kind"]) == (7, "withdrawn")
    assert walk.of("timer") == []

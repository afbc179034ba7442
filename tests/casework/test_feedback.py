"""What citizens say of the handling of a dossier: taken down, answered in time, also after the dossier has closed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine import alarms, desk
from engine.casework.clocks import rebuild
from engine.clocks import national
from engine.clocks.evaluation import due, evaluate
from engine.clocks.limits import CountMode, Limit
from engine.desk.places import Lateness
from engine.errors import Invalid, NotPossibleHere, StaleVersion, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import Walk

DAY = timedelta(days=1)
DESK, MANAGER = "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:manager"


def take(walk: Walk, kind: str = "complaint") -> None:
    walk.do("take_feedback", walk.cast[DESK], kind=kind, words="Phải đi lại ba lần.")


def answer(walk: Walk, outcome: str = "accepted") -> None:
    walk.do("answer_feedback", walk.cast[MANAGER], state="feedback__1", outcome=outcome, words="Đã chấn chỉnh.")


def test_feedback_has_fifteen_working_days_and_moves_nothing_else(start: Start) -> None:
    walk = start()
    before = walk.dossier

    take(walk)

    (row,), (clock,) = walk.of("feedback"), walk.clocks("feedback")
    assert (row["kind"], row["clock_no"], row["answered_at"]) == ("complaint", clock["no"], None)
    assert (clock["time_limit"], clock["count_mode"]) == (["15 working days"], "DAY")
    assert row["due_at"] == clock["due_at"] == evaluate(rebuild(clock), national()).due
    assert {name: walk.dossier[name] for name in ("due_at", "status")} == {
        name: before[name] for name in ("due_at", "status")}
    assert walk.states == {"examining"}


def test_an_answer_ends_it_and_is_shown_with_who_gave_it(start: Start) -> None:
    walk = start()
    take(walk)

    walk.journey.now += 3 * DAY
    answer(walk)

    (row,) = walk.of("feedback")
    assert (row["outcome"], row["answered_at"]) == ("accepted", walk.now)
    assert walk.clocks("feedback")[0]["ended_at"] == walk.now
    shown = desk.dossier(walk.office, walk.code, walk.cast[DESK], walk.now).feedback[0]
    assert (shown.words, shown.answer) == ("Phải đi lại ba lần.", "Đã chấn chỉnh.")
    assert (shown.answered_by, shown.lateness) == (walk.cast[MANAGER].name, Lateness.ON_TIME)


@pytest.mark.parametrize(("outcome", "within", "late"), [("accepted", "15 working days", False),
                                                          ("refused", "2 working days", True)])
def test_a_refusal_is_due_sooner_than_an_answer(start: Start, outcome: str, within: str, late: bool) -> None:
    walk = start()
    take(walk)
    begun = rebuild(walk.clocks("feedback")[0]).marks[0].at

    walk.journey.now += 9 * DAY
    answer(walk, outcome)

    details = json.loads(walk.entries[-1]["details"])
    until = due(Limit.parse(within), CountMode.DAY, begun, national())
    assert (details["within"], details["late"]) == (within, late)
    assert walk.of("feedback")[0]["due_at"] == until
    shown = desk.dossier(walk.office, walk.code, walk.cast[DESK], walk.now).feedback[0]
    assert (shown.lateness is Lateness.OVERDUE) is late


def test_it_is_taken_down_and_answered_after_the_dossier_has_closed(start: Start) -> None:
    walk = start().go_to("returning")
    walk.step("return_electronically")
    closed = walk.dossier["closed_at"]

    walk.journey.now += 5 * DAY
    take(walk, "suggestion")
    offers = desk.dossier(walk.office, walk.code, walk.cast[MANAGER], walk.now).offers
    assert "answer_feedback" in [offer.event for offer in offers if offer.permitted]
    answer(walk)

    assert walk.dossier["closed_at"] == closed
    assert walk.of("feedback")[0]["outcome"] == "accepted"


def test_desk_and_lead_are_told_before_and_when_it_is_due(start: Start) -> None:
    walk = start()
    lead = walk.cast.unit("H51.01/ngoai-vu")
    take(walk)
    walk.journey.now = walk.clocks("feedback")[0]["due_at"]

    alarms.sweep(walk.office, walk.now)

    for kind in ("feedback_warn_80", "feedback_due"):
        assert {row["unit_id"] for row in walk.of("notice") if row["kind"] == kind} == {
            walk.dossier["intake_unit_id"], lead}


def test_only_the_desk_takes_it_down_and_only_a_superior_answers(start: Start) -> None:
    walk = start()
    walk.journey.register_all(walk.code)
    officer = walk.holder("examining")
    with pytest.raises(WrongRole):
        walk.do("take_feedback", officer, kind="complaint", words="Chậm")
    take(walk)

    for stranger in (officer, walk.cast[DESK]):
        with pytest.raises(WrongRole):
            walk.do("answer_feedback", stranger, state="feedback__1", outcome="accepted", words="Đã xem")


def test_what_is_missing_in_the_form_is_said_at_its_field(start: Start) -> None:
    walk = start()
    with pytest.raises(Invalid) as refusal:
        walk.do("take_feedback", walk.cast[DESK], kind="denunciation")
    assert set(refusal.value.fields) == {"kind", "words"}
    take(walk)

    with pytest.raises(Invalid) as refusal:
        walk.do("answer_feedback", walk.cast[MANAGER], state="feedback__1")
    assert set(refusal.value.fields) == {"outcome", "words"}


def test_it_is_answered_once(start: Start) -> None:
    walk = start()
    take(walk)
    seen = walk.dossier["version"]
    answer(walk)

    with pytest.raises(NotPossibleHere):
        answer(walk)
    with pytest.raises(StaleVersion):
        walk.do("answer_feedback", walk.cast[MANAGER], state="feedback__1", version=seen, outcome="refused", words="-")

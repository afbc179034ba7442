"""Scenarios kept for a procedure: all of them are run on whatever is about to be published."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.casework.orders import Actor
from engine.errors import Forbidden, NotFound
from engine.rehearsal import keeping
from engine.rehearsal.keeping import ScenarioChanged
from engine.rehearsal.play import play
from engine.rehearsal.replay import run_all
from engine.rehearsal.scenario import Expect, Step
from procedures.declaration import Declaration, canonical
from tests.journey import Journey
from tests.rehearsal.test_play import CONFERENCE, TO_SIGNING, scenario

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"


@pytest.fixture
def actor(journey: Journey) -> Actor:
    return journey.cast[ADMINISTRATOR]


def current(journey: Journey, **changes: Any) -> Declaration:
    found = journey.office.fresh_catalogue().current(CONFERENCE, journey.now.date())[1].declaration
    return Declaration.model_validate(json.loads(canonical(found)) | changes)


def test_every_scenario_runs_and_one_that_cannot_says_why(journey: Journey, actor: Actor) -> None:
    due = play(current(journey), scenario(), journey.office.fresh_catalogue()).steps[0].due
    assert due is not None
    for made in (scenario(*TO_SIGNING), scenario(expect=Expect(due=due)), scenario(desk="H51.99/khong-co")):
        keeping.add(journey.office, actor, CONFERENCE, made, journey.now)
    keeping.add(journey.office, actor, "another_procedure", scenario(), journey.now)

    now = run_all(journey.office, CONFERENCE, current(journey), journey.now)
    then = run_all(journey.office, CONFERENCE, current(journey, limit="5 working days"), journey.now)

    assert [result.passed for result in now] == [True, True, False]
    assert "không có quầy nào" in now[2].failures[0][1].words.vi
    assert [result.passed for result in then] == [True, False, False]


def test_changes_are_those_of_administrators_who_saw_what_they_change(journey: Journey, actor: Actor) -> None:
    number = keeping.add(journey.office, actor, CONFERENCE, scenario(), journey.now)
    kept = keeping.find(journey.office, CONFERENCE, number)
    keeping.change(journey.office, actor, kept, kept.seen, keeping.with_step(Step(does="consult")), journey.now)

    with pytest.raises(ScenarioChanged):
        keeping.change(journey.office, actor, kept, kept.seen, keeping.cut(1), journey.now)
    with pytest.raises(Forbidden):
        keeping.add(journey.office, journey.cast["H51.01/ngoai-vu:head"], CONFERENCE, scenario(), journey.now)
    with pytest.raises(NotFound):
        keeping.find(journey.office, "another_procedure", number)
    fresh = keeping.find(journey.office, CONFERENCE, number)
    assert [step.does for step in fresh.scenario.steps] == ["consult"]

    keeping.remove(journey.office, actor, fresh, journey.now)
    with pytest.raises(NotFound):
        keeping.find(journey.office, CONFERENCE, number)
    logged = journey.office.db.value("select array_agg(kind order by id) from event_log where kind like 'scenario%%'")
    assert logged == ["scenario_written", "scenario_changed", "scenario_removed"]


def test_what_happened_becomes_the_expectation_that_was_ticked(journey: Journey) -> None:
    steps = play(current(journey), scenario(*TO_SIGNING), journey.office.fresh_catalogue()).steps

    expect = keeping.expected(steps[1], {"states", "held_by", "refused"})

    assert expect is not None
    assert set(expect.states or ()) == set(steps[1].states)
    assert set(expect.held_by.values()) == {"H51.04/chuyen-mon", "H51.05/chuyen-mon", "H51.06/chuyen-mon"}
    assert keeping.aspects_of(expect) == {"states", "held_by"}
    assert keeping.expected(steps[1], ()) is None

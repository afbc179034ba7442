"""What a plan proposes by itself, and what it refuses. Pure: no database."""

from __future__ import annotations

import pytest

from engine.errors import Invalid
from engine.migrating.plan import ClockRule, NewBranch, Plan, check, land, places, propose
from engine.states.procedure import Procedure
from procedures.declaration import load_library, parse
from tests.casework.walking import FACTS
from tests.migrating.versions import FILE, KEY, NEW_BRANCH, STATES, written

OLD, NEW = Procedure(parse(FILE.read_text("utf-8"), FILE.name)), Procedure(written())
WIDER = Procedure(written(changes={"\n        culture:": NEW_BRANCH}))


def test_steps_that_were_renamed_are_found_by_their_name() -> None:
    found = propose(OLD, NEW)
    assert {state: fresh for state, fresh in found.items() if fresh != state} == STATES


def test_a_step_that_is_called_otherwise_in_every_way_is_found_by_who_does_it() -> None:
    renamed = written(changes={"name: {vi: Ý kiến Công an tỉnh, en: Opinion of the provincial police}":
                               "name: {vi: Ý kiến về an ninh, en: On security}"})
    assert propose(OLD, Procedure(renamed))["police"] == "security"


def test_what_could_be_two_steps_is_left_to_a_person() -> None:
    told = {"{vi: Thẩm định hồ sơ, en: Examining}": "{vi: Thẩm tra, en: A}",
            '{vi: "Tổng hợp ý kiến, dự thảo văn bản trả lời", en: Summing up and drafting the reply}':
            "{vi: Dự thảo, en: B}"}
    found = propose(OLD, Procedure(written(changes=told)))
    assert (found["examining"], found["synthesis"]) == ("", "")


@pytest.mark.parametrize("key", sorted(load_library()))
def test_a_version_that_changes_nothing_maps_onto_itself(key: str) -> None:
    procedure = Procedure(load_library()[key])
    found = propose(procedure, procedure)
    assert found == {info.id: info.id for info in places(procedure)}
    check(Plan(states=found), procedure, procedure)


def test_a_plan_survives_being_stored() -> None:
    told = Plan(states=STATES, clocks=ClockRule.ALL, new_branches=NewBranch.LEAVE_OUT)
    assert Plan.from_json(told.to_json()) == told
    assert told.changed() == STATES


def test_two_branches_cannot_become_one() -> None:
    plan = Plan(states={**STATES, "agriculture": "security"})
    with pytest.raises(LookupError):
        land(_consulted(), {}, plan, OLD, NEW, FACTS[KEY])


def test_a_step_cannot_become_a_branch() -> None:
    with pytest.raises(Invalid) as wrong:
        check(Plan(states={"examining": "security"}), OLD, NEW)
    assert set(wrong.value.fields) == {"states.examining"}


def test_where_it_comes_back_to_counts_only_while_it_waits() -> None:
    plan, history = Plan(states={**STATES, "examining": ""}), {"in_processing": ["examining"]}
    landed = land(["signing"], history, plan, OLD, NEW, FACTS[KEY])
    assert (landed.leaves, landed.history) == (["signing"], {})
    with pytest.raises(LookupError):
        land(["awaiting_supplement"], history, plan, OLD, NEW, FACTS[KEY])


def test_a_consultation_it_comes_back_to_gets_its_new_body_then() -> None:
    history = {"in_processing": _consulted()}
    landed = land(["awaiting_supplement"], history, Plan(states=STATES), OLD, WIDER, FACTS[KEY])
    assert landed.leaves == ["awaiting_supplement"]
    assert landed.added == []
    assert "interior" in landed.history["in_processing"]


def _consulted() -> list[str]:
    return ["foreign_affairs", "police_done", "agriculture", "science_done", "culture_done"]

"""A real dossier becomes a scenario that says nothing of people, and goes the same way when it is played."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from engine import alarms
from engine.casework.orders import Actor
from engine.errors import Forbidden, NotFound, Refused
from engine.rehearsal.play import play
from engine.rehearsal.recording import record
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import Scenario, read, written
from procedures.declaration import Declaration, canonical
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey, Member

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"


@pytest.fixture
def administrator(journey: Journey) -> Actor:
    return journey.cast[ADMINISTRATOR]


def walked(journey: Journey, procedure: str = "conference_permit_local", **changes: Any) -> Walk:
    given = {"facts": FACTS[procedure], **changes}
    if procedure == "funeral_allowance":
        given["desk"] = "H51.21/mot-cua"
    walk = Walk(journey, journey.receive(procedure, **given).code)
    for _ in range(40):
        if walk.dossier["closed_at"] is not None:
            return walk
        journey.now += timedelta(hours=7)
        alarms.sweep(journey.office, journey.now)
        walk.go_on()
    return walk


def changed(journey: Journey, key: str, edit: Any) -> Declaration:
    data = json.loads(canonical(journey.office.fresh_catalogue().current(key, journey.now.date())[1].declaration))
    edit(data)
    return Declaration.model_validate(data)


def version(journey: Journey, key: str) -> int:
    return journey.office.fresh_catalogue().current(key, journey.now.date())[0]


@pytest.mark.parametrize("procedure", ["conference_permit_local", "funeral_allowance"])
def test_a_recorded_dossier_goes_the_same_way_again(journey: Journey, administrator: Actor, procedure: str) -> None:
    walk = walked(journey, procedure)
    assert walk.dossier["closed_at"] is not None

    scenario = record(journey.office, walk.code, administrator, journey.now)
    result = play(walk.procedure, read(json.loads(json.dumps(written(scenario)))), journey.office.fresh_catalogue())

    assert result.failures == []
    assert result.passed
    assert len(scenario.steps) > 8
    assert result.steps[-1].closed
    assert result.steps[-1].due == walk.dossier["due_at"]


def test_no_name_and_no_free_text_comes_along(journey: Journey, administrator: Actor) -> None:
    walk = walked(journey, "funeral_allowance")
    text = json.dumps(written(record(journey.office, walk.code, administrator, journey.now)), ensure_ascii=False)

    for words in ("Kim Sa Rinh", "Nguyễn Thị Bích Ngọc", "Có lý do chính đáng", "094000000001", "Hội thảo"):
        assert words not in text
    for member in journey.cast.members:
        assert member.name not in text
    assert "war_invalid" in text


def test_interruptions_and_refused_hand_offs_are_repeated(journey: Journey, administrator: Actor) -> None:
    walk = Walk(journey, journey.receive(facts=FACTS["conference_permit_local"]).code)
    handoff = walk.handoffs[0]
    taker = next(one for one in journey.cast.members if one.unit_id == handoff["to_unit_id"] and one.role == "officer")
    walk.do("refuse_handoff", _actor(taker), handoff=handoff["id"], reason="Nhầm nơi nhận")
    walk.do("resend", journey.cast["H51.02/tiep-nhan:receptionist"], handoff=handoff["id"])
    journey.register_all(walk.code)
    walk.step("request_supplement", "examining")
    journey.now += timedelta(days=2)
    walk.step("supplement")

    result = play(walk.procedure, record(journey.office, walk.code, administrator, journey.now),
                  journey.office.fresh_catalogue())

    assert result.failures == []
    assert [step.event for step in result.steps] == [
        "receive", "refuse_handoff", "resend", "register", "request_supplement", "register", "supplement"]


def test_only_administrators_record_and_nothing_that_is_not_there(journey: Journey, administrator: Actor) -> None:
    code = journey.receive().code

    with pytest.raises(Forbidden):
        record(journey.office, code, journey.cast["H51.01/ngoai-vu:head"], journey.now)
    with pytest.raises(NotFound):
        record(journey.office, "H51.02-261123-9999", administrator, journey.now)
    assert journey.office.db.value("select count(*) from event_log where kind = 'dossier_recorded'") == 0


def test_a_confidential_dossier_is_not_recorded(journey: Journey, administrator: Actor) -> None:
    key = "conference_permit_pm"
    declared = journey.office.fresh_catalogue().current(key, journey.now.date())[1]
    code = journey.receive(key, facts={**FACTS[key], "state_secret": True}).code

    with pytest.raises(Refused) as refusal:
        record(journey.office, code, administrator, journey.now)
    found = replay(journey.office, version(journey, key), declared.declaration)

    assert "hạn chế" in refusal.value.message()
    assert (found.rows, found.left_out) == ((), 1)


def test_the_last_dossiers_on_an_unchanged_draft_differ_in_nothing(journey: Journey) -> None:
    for _ in range(3):
        walked(journey)
    same = changed(journey, "conference_permit_local", lambda data: None)

    found = replay(journey.office, version(journey, "conference_permit_local"), same)

    assert [row.differences for row in found.rows] == [(), (), ()]
    assert (found.same, found.left_out) == (3, 0)


def test_a_draft_with_a_shorter_limit_and_without_a_step_says_what_changes(journey: Journey) -> None:
    walk, before = walked(journey), _everything(journey)

    def edit(data: dict[str, Any]) -> None:
        data["limit"] = "10 working days"
        del data["machine"]["signing"]["reviewing"]
        data["transitions"] = [one for one in data.get("transitions", ()) if "reviewing" not in one.values()]

    found = replay(journey.office, version(journey, "conference_permit_local"),
                   changed(journey, "conference_permit_local", edit))

    assert [row.code for row in found.rows] == [walk.code]
    row = found.rows[0]
    assert (row.same, row.due, row.path) == (False, False, False)
    assert (found.other_due, found.other_path, found.refused) == (1, 1, 1)
    told = " ".join(words.vi for words in row.differences)
    assert "hạn trả" in told
    assert row.refused is not None
    assert "Duyệt, trình ký" in row.refused.vi
    assert _everything(journey) == before


def _everything(journey: Journey) -> list[int]:
    tables = ("dossier", "audit", "event_log", "work_item", "scenario", "notice", "outbox")
    return [int(journey.office.db.value(f"select count(*) from {name}")) for name in tables]


def _actor(member: Member) -> Actor:
    return Actor(id=member.id, name=member.name)


def test_a_scenario_keeps_its_shape_as_json(journey: Journey, administrator: Actor) -> None:
    scenario: Scenario = record(journey.office, walked(journey).code, administrator, journey.now)
    assert read(json.loads(json.dumps(written(scenario)))) == scenario


def test_feedback_and_leave_to_ask_again_are_repeated(journey: Journey, administrator: Actor) -> None:
    walk = Walk(journey, journey.receive(facts=FACTS["conference_permit_local"]).code).go_to("examining")
    walk.do("take_feedback", journey.cast["H51.02/tiep-nhan:receptionist"], kind="complaint", words="Chậm")
    for again in (False, True):
        if again:
            walk.do("approve_supplement", journey.cast["H51.01/ngoai-vu:head"], reason="Phát sinh tình tiết mới")
        walk.step("request_supplement", "examining")
        walk.step("supplement")
        journey.register_all(walk.code)
    walk.do("answer_feedback", journey.cast["H51.02/tiep-nhan:manager"], state="feedback__1", outcome="refused",
            words="Không đúng")

    result = play(walk.procedure, record(journey.office, walk.code, administrator, journey.now),
                  journey.office.fresh_catalogue())

    assert result.failures == []
    events = [step.event for step in result.steps]
    assert [event for event in events if event in ("take_feedback", "approve_supplement", "answer_feedback")] == [
        "take_feedback", "approve_supplement", "answer_feedback"]
    assert events.count("request_supplement") == 2

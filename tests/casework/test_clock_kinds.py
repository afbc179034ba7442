"""Clocks beside the dossier's own: of agencies, of the answer to an online submission, of what the citizen is asked
for; and where the limit of a step begins.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import alarms
from engine.casework.clocks import rebuild
from engine.clocks import national
from engine.clocks.evaluation import evaluate
from engine.clocks.marks import MarkKind
from engine.clocks.zone import ZONE
from procedures.declaration import DeclarationError, parse
from tests.casework.variants import (
    CONFERENCE_TEXT,
    COPIES_SUPPLEMENT,
    PAYABLE,
    SUPPLEMENT,
    Change,
    changed,
    conference,
    copies,
)
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey

DAY = timedelta(days=1)
LEAD_HAS: Change = (SUPPLEMENT, SUPPLEMENT + "agency_limits: [{party: lead, limit: 3 working days}]\n")


def known(walk: Walk, kind: str) -> list[tuple[str, bool]]:
    """What each clock of a kind is counted by, and whether it runs or stands still."""
    return [(row["time_limit"][0], row["ended_at"] is None) for row in walk.clocks(kind)]


def marks(row: dict[str, Any]) -> list[tuple[str, datetime]]:
    return [(mark.kind, mark.at) for mark in rebuild(row).marks]


def told(walk: Walk, kind: str) -> set[int]:
    return {row["unit_id"] for row in walk.of("notice") if row["kind"] == kind}


# what an agency has for all its steps together


def test_the_limit_of_an_agency_begins_with_its_first_step_and_anew_when_it_comes_back(journey: Journey,
                                                                                       fresh: Fresh) -> None:
    walk = conference(journey, fresh, LEAD_HAS)
    assert known(walk, "agency") == []  # sent, not registered yet

    walk.go_to("examining")
    (row,) = walk.clocks("agency")
    assert (row["agency"], row["item_no"]) == ("H51.01", None)
    assert marks(row) == marks(walk.clocks("step")[0])
    assert row["due_at"] == evaluate(rebuild(row), national()).due

    walk.step("consult")
    assert known(walk, "agency") == [("3 working days", False)]
    walk.go_to("synthesis")
    assert known(walk, "agency") == [("3 working days", False), ("3 working days", True)]
    walk.go_to("returning")
    assert known(walk, "agency") == [("3 working days", False), ("3 working days", False)]


def test_steps_that_follow_one_another_in_one_agency_share_its_limit(journey: Journey, fresh: Fresh) -> None:
    walk = copies(journey, fresh, (
        COPIES_SUPPLEMENT, COPIES_SUPPLEMENT + "agency_limits: [{party: commune, limit: 6 working hours}]\n"))
    (first,) = walk.clocks("agency")
    assert first["agency"] is None  # the desk is of that agency, too

    walk.step("forward", "comparing")
    walk.step("forward", "drafting")
    assert walk.states == {"reviewing"}
    assert walk.clocks("agency") == [first]

    walk.go_to("returning")
    assert known(walk, "agency") == [("6 working hours", False)]


def test_the_limit_of_an_agency_stands_while_the_citizen_is_waited_for(journey: Journey, fresh: Fresh) -> None:
    walk = copies(journey, fresh, (
        COPIES_SUPPLEMENT, COPIES_SUPPLEMENT + "agency_limits: [{party: commune, limit: 6 working hours}]\n"))
    walk.step("request_supplement")
    stopped = walk.now
    assert marks(walk.clocks("agency")[0])[1:] == [("stop", stopped)]

    walk.journey.now += 3 * DAY
    walk.step("supplement")

    (row,) = walk.clocks("agency")
    assert marks(row)[1:] == [("stop", stopped), ("resume", walk.now)]
    assert row["due_at"] == evaluate(rebuild(row), national()).due


def test_after_a_supplement_the_limit_of_an_agency_goes_on_where_it_registers_again(journey: Journey,
                                                                                   fresh: Fresh) -> None:
    walk = conference(journey, fresh, LEAD_HAS).go_to("examining")
    walk.step("request_supplement")
    walk.step("supplement")
    assert [kind for kind, _ in marks(walk.clocks("agency")[0])] == ["start", "stop"]  # on its way back

    walk.journey.register_all(walk.code)

    (row,) = walk.clocks("agency")
    assert marks(row)[-1] == (MarkKind.RESTART, walk.now)
    assert walk.clocks("step")[-1]["due_at"] <= row["due_at"]


def test_a_dossier_that_ends_leaves_no_clock_of_an_agency(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, LEAD_HAS).go_to("examining")
    walk.step("request_supplement")

    walk.step("withdraw", reason="Không cần nữa")

    assert known(walk, "agency") == [("3 working days", False)]
    assert walk.of("timer") == []


def test_who_is_at_work_is_told_of_the_agencys_limit_and_nobody_of_the_desk(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, LEAD_HAS).go_to("examining")
    walk.journey.now = walk.clocks("agency")[0]["due_at"]

    alarms.sweep(walk.office, walk.now)

    assert told(walk, "agency_due") == {walk.items["examining"]["unit_id"]}


def test_a_hand_off_that_is_refused_takes_the_agencys_limit_with_it(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, LEAD_HAS)
    walk.journey.now = walk.handoffs[0]["register_due_at"]
    alarms.sweep(walk.office, walk.now)
    assert known(walk, "agency") == [("3 working days", True)]  # nobody registered in time: it runs

    walk.do("refuse_handoff", walk.holder("examining"), handoff=walk.handoffs[0]["id"], reason="Không thuộc đơn vị")

    assert known(walk, "agency") == [("3 working days", False)]


@pytest.mark.parametrize(("rule", "words"), [
    ("agency_limits: [{party: centre, limit: 3 working days}]", "centre"),
    ("agency_limits: [{party: lead, limit: 1 working day}, {party: lead, limit: 2 working days}]", "lead"),
])
def test_a_limit_is_one_agencys_that_works_while_the_clock_runs(rule: str, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        parse(changed(CONFERENCE_TEXT, "conference_permit_local", (SUPPLEMENT, f"{SUPPLEMENT}{rule}\n")), "t.yaml")


# where the limit of a step begins


STEP = "limit: 2 working days\n      event: consult\n"


def starting(rule: str) -> Change:
    return STEP, f"limit: 2 working days\n      starts: {rule}\n      event: consult\n"


def test_the_limit_of_a_step_begins_with_its_registration(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh)
    assert walk.clocks("step") == []

    walk.journey.now += timedelta(hours=1)
    walk.journey.register_all(walk.code)

    assert marks(walk.clocks("step")[0]) == [("start", walk.now)]


def test_it_may_begin_when_the_dossier_was_sent(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, starting("sent"))
    (row,) = walk.clocks("step")
    sent = walk.handoffs[0]["created_at"]
    assert marks(row) == [("start", sent)]

    walk.journey.now = walk.handoffs[0]["register_due_at"]
    alarms.sweep(walk.office, walk.now)
    walk.journey.register_all(walk.code)

    assert [row["no"] for row in walk.clocks("step")] == [row["no"]]
    assert walk.items["examining"]["due_at"] == row["due_at"]


def test_it_may_begin_when_the_dossier_was_delivered(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, starting("delivered"))
    (row,) = walk.clocks("step")
    assert marks(row) == [("start", walk.handoffs[0]["delivered_at"])]

    walk.journey.now += timedelta(hours=1)
    walk.journey.register_all(walk.code)

    assert [row["no"] for row in walk.clocks("step")] == [row["no"]]


def test_within_an_agency_there_is_nothing_to_wait_for(journey: Journey, fresh: Fresh) -> None:
    walk = copies(journey, fresh, ("limit: 3 working hours}", "limit: 3 working hours, starts: delivered}"))

    assert marks(walk.clocks("step")[0]) == [("start", walk.now)]


# the answer to an online submission


def online(journey: Journey, fresh: Fresh, **given: Any) -> Walk:
    return copies(journey, fresh, **{"channel": "online", "accept": False, **given})


def test_an_online_submission_has_an_answer_due_eight_working_hours_later(journey: Journey, fresh: Fresh) -> None:
    walk = online(journey, fresh)

    (row,) = walk.clocks("answer")
    assert (row["time_limit"], row["count_mode"], row["agency"]) == (["8 working hours"], "HOUR", None)
    assert row["due_at"] == national().add(walk.now, 8 * 60)
    assert walk.clocks("dossier") == []  # handed in, not received


def test_what_comes_at_night_is_answered_from_the_opening_on(journey: Journey, fresh: Fresh) -> None:
    journey.now = journey.now.astimezone(ZONE).replace(hour=22)

    walk = online(journey, fresh)

    # 24 November is a holiday: the office opens on Wednesday
    assert marks(walk.clocks("answer")[0]) == [("start", datetime(2026, 11, 25, 7, tzinfo=ZONE))]


@pytest.mark.parametrize("event", ["accept", "refuse", "request_supplement", "withdraw"])
def test_any_answer_ends_it(journey: Journey, fresh: Fresh, event: str) -> None:
    walk = online(journey, fresh)

    walk.step(event)

    assert walk.clocks("answer")[0]["ended_at"] == walk.now


def test_what_was_completed_is_answered_again_and_what_came_to_the_counter_needs_no_clock(journey: Journey,
                                                                                          fresh: Fresh) -> None:
    walk = online(journey, fresh)
    walk.step("request_supplement")
    walk.step("supplement")
    assert known(walk, "answer") == [("8 working hours", False), ("8 working hours", True)]

    at_the_counter = Walk(journey, journey.receive("test_variant", facts={"copies": 3}, desk="H51.21/mot-cua",
                                                   accept=False).code)
    assert at_the_counter.clocks("answer") == []


def test_an_answer_that_does_not_come_is_told_to_the_desk(journey: Journey, fresh: Fresh) -> None:
    walk = online(journey, fresh)
    walk.journey.now = walk.clocks("answer")[0]["due_at"]

    alarms.sweep(walk.office, walk.now)

    desk = walk.items["checking"]["unit_id"]
    assert told(walk, "answer_due") == told(walk, "manager_answer_due") == {desk}
    assert walk.states == {"checking"}


# what the citizen is asked for


WITHIN: Change = (SUPPLEMENT, 'supplement: {max: 1, within: 10 days, expiry: return, '
                              'expiry_basis: "Nghị định 118/2025/NĐ-CP, Điều 20"}\n')


def asked(walk: Walk) -> Walk:
    walk.go_to("examining")
    walk.step("request_supplement")
    walk.journey.register_all(walk.code)
    return walk


def test_nothing_is_counted_where_nobody_says_how_long_the_citizen_has(journey: Journey, fresh: Fresh) -> None:
    walk = asked(conference(journey, fresh))

    assert walk.clocks("request") == []


def test_the_citizens_time_begins_when_he_is_asked_and_ends_when_he_has_handed_it_in(journey: Journey,
                                                                                      fresh: Fresh) -> None:
    walk = asked(conference(journey, fresh, WITHIN))
    (row,) = walk.clocks("request")
    assert (row["time_limit"], row["count_mode"], row["expiry"]) == (["10 days"], "DAY", "return")
    assert walk.items["awaiting_supplement"]["due_at"] == row["due_at"] == evaluate(rebuild(row), national()).due
    assert walk.dossier["due_at"] is None  # its own clock stands

    walk.step("supplement")

    assert walk.clocks("request")[0]["ended_at"] == walk.now


def test_the_desk_is_reminded_before_and_the_dossier_is_stopped_when_the_law_says_so(journey: Journey,
                                                                                     fresh: Fresh) -> None:
    walk = asked(conference(journey, fresh, WITHIN))
    desk, due_at = walk.items["awaiting_supplement"]["unit_id"], walk.clocks("request")[0]["due_at"]

    walk.journey.now = due_at + DAY
    alarms.sweep(walk.office, walk.now)
    alarms.sweep(walk.office, walk.now)

    assert desk in told(walk, "request_warn_80")
    assert walk.states == {"stopped"}
    assert (walk.dossier["status"], walk.dossier["closed_at"]) == (8, walk.now)
    (stop,) = [entry for entry in walk.entries if entry["action"] == "stop"]
    details = json.loads(stop["details"])
    assert (stop["actor_id"], details["form"], details["ground"]) == (None, "05", "supplement_not_handed_in")
    assert details["basis"] == "Nghị định 118/2025/NĐ-CP, Điều 20"
    words = walk.rows("select body from remark where dossier_id = %s and seq = %s", walk.id, stop["seq"])[0]["body"]
    assert "Nghị định 118/2025/NĐ-CP, Điều 20" in words
    assert told(walk, "stopped_unanswered") == {desk}
    assert walk.of("timer") == []


def test_without_a_law_that_stops_it_the_desk_is_reminded_and_the_dossier_waits(journey: Journey,
                                                                                fresh: Fresh) -> None:
    walk = asked(conference(journey, fresh, (SUPPLEMENT, "supplement: {max: 1, within: 10 days}\n")))
    walk.journey.now = walk.clocks("request")[0]["due_at"] + 5 * DAY

    alarms.sweep(walk.office, walk.now)

    assert walk.states == {"awaiting_supplement"}
    assert told(walk, "request_due") == {walk.items["awaiting_supplement"]["unit_id"]}
    walk.step("supplement")
    walk.go_to("examining")


def test_a_payment_that_does_not_come_may_stop_the_dossier_too(journey: Journey, fresh: Fresh) -> None:
    walk = conference(journey, fresh, PAYABLE, (
        SUPPLEMENT, f'{SUPPLEMENT}payment: {{within: 30 days, expiry: return, expiry_basis: "Điều 30"}}\n'))
    walk.go_to("examining")
    walk.step("request_payment", amount=450_000)
    assert known(walk, "request") == [("30 days", True)]

    walk.journey.now = walk.clocks("request")[0]["due_at"]
    alarms.sweep(walk.office, walk.now)

    details = json.loads(next(entry for entry in walk.entries if entry["action"] == "stop")["details"])
    assert (details["ground"], details["amounts"]) == ("payment_not_made", [450_000])


@pytest.mark.parametrize(("rule", "words"), [
    ("{max: 1, expiry: remind}", "how long"), ("{max: 1, within: 10 days, expiry: return}", "legal basis"),
])
def test_to_stop_a_dossier_by_the_clock_needs_a_time_and_a_law(rule: str, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        parse(changed(CONFERENCE_TEXT, "conference_permit_local", (SUPPLEMENT, f"supplement: {rule}\n")), "t.yaml")


def test_a_procedure_that_knows_no_stopping_cannot_be_stopped_by_the_clock() -> None:
    with pytest.raises(DeclarationError, match="switched off stopping"):
        parse(changed(CONFERENCE_TEXT, "conference_permit_local", WITHIN,
                      ("switch_off: [request_payment]", "switch_off: [request_payment, stop]")), "t.yaml")

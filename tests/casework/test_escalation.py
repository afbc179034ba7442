"""A limit that is used up is reported to the heads of who is late and to the management of the desk, every day anew."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from engine import alarms, desk
from engine.casework.consulting import place
from engine.clocks.zone import ZONE
from engine.recomputing import recompute
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.recomputing.calendars import closed, publish

DESK, MANAGEMENT = "H51.02/tiep-nhan", "H51.02/tiep-nhan:manager"
POLICE, POLICE_HEAD = "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head"
LEAD, LEAD_HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
DAY = timedelta(days=1)


def at_police(start: Start) -> Walk:
    """The conference of the library, where the police has 15 days for its opinion."""
    return start().go_to("police")


def pass_due(walk: Walk, state: str, *, days: int = 0) -> datetime:
    due: datetime = walk.items[state]["due_at"]
    walk.journey.now = due + timedelta(minutes=1, days=days)
    alarms.sweep(walk.office, walk.now)
    return due


def shown(walk: Walk, member: str) -> list[str]:
    """What a person finds among his notices about the dossier."""
    return [row.kind for row in desk.notices(walk.office, walk.cast[member].id, walk.now) if row.code == walk.code]


def reports(walk: Walk) -> list[dict[str, Any]]:
    return [json.loads(row["details"]) for row in walk.entries if row["action"] == "expired:escalate"]


def test_a_late_reply_to_a_consultation_is_told_to_the_head_and_reported_to_the_desk_both_on_record(
        start: Start) -> None:
    """Acceptance scenario 5, first half; Decree 61/2018 art. 19.5 (R13)."""
    walk = at_police(start)

    due = pass_due(walk, "police")

    clock = next(row for row in walk.clocks("step") if row["item_no"] == walk.items["police"]["no"])
    assert "step_due" in shown(walk, POLICE)
    assert "head_step_due" in shown(walk, POLICE_HEAD)
    assert "manager_step_due" in shown(walk, MANAGEMENT)
    told = next(report for report in reports(walk) if report["clock"] == clock["no"])
    assert datetime.fromisoformat(told["due"]) == due
    assert [walk.cast.unit("H51.05/chuyen-mon"), "head"] in told["reported_to"]
    assert [walk.cast.unit(DESK), "manager"] in told["reported_to"]
    assert "police" in walk.states, "who is late still owes the opinion"


def test_a_late_answer_beyond_the_procedure_is_reported_the_same_way(start: Start) -> None:
    walk = start()
    walk.journey.register_all(walk.code)
    walk.do("consult_further", walk.cast[LEAD], units=(walk.cast.unit("H51.05/chuyen-mon"),), words="Cần ý kiến",
            limit="3 ngày làm việc", join="all")

    pass_due(walk, place(1))

    assert "head_consultation_due" in shown(walk, POLICE_HEAD)
    assert "manager_consultation_due" in shown(walk, MANAGEMENT)


def test_what_is_for_the_head_nobody_else_of_the_unit_finds_or_reads(start: Start) -> None:
    walk = at_police(start)
    pass_due(walk, "police")
    number = next(row.id for row in desk.notices(walk.office, walk.cast[POLICE_HEAD].id, walk.now)
                  if row.kind == "head_step_due")

    assert "head_step_due" not in shown(walk, POLICE)
    assert "manager_step_due" not in shown(walk, f"{DESK}:receptionist")
    assert desk.mark_read(walk.office, walk.cast[POLICE].id, [number], walk.now) == 0
    assert desk.mark_read(walk.office, walk.cast[POLICE_HEAD].id, [number], walk.now) == 1
    assert "head_step_due" not in shown(walk, POLICE_HEAD)


def test_overdue_is_told_every_working_day_once_to_holders_heads_and_management(start: Start) -> None:
    walk = at_police(start)
    clock = next(row["no"] for row in walk.clocks("step") if row["item_no"] == walk.items["police"]["no"])
    due = pass_due(walk, "police")
    mornings = []

    for number in range(7):  # every hour of a week
        for hour in range(24):
            walk.journey.now = due + number * DAY + timedelta(hours=hour)
            alarms.sweep(walk.office, walk.now)
    told = [row for row in walk.of("notice", "id") if row["clock_no"] == clock]
    for kind in ("step_overdue", "head_step_overdue", "manager_step_overdue"):
        rung = [row["about"].astimezone(ZONE) for row in told if row["kind"] == kind]
        mornings.append(rung)
        assert [(at.hour, at.minute) for at in rung] == [(7, 0)] * len(rung)

    assert mornings[0] == mornings[1] == mornings[2]
    assert len({at.date() for at in mornings[0]}) == len(mornings[0]) == 5, "five working days in a week"


def test_the_list_shows_of_a_daily_notice_the_last_and_reads_them_all(start: Start) -> None:
    walk = at_police(start)
    due = pass_due(walk, "police", days=5)
    rows = [row for row in desk.notices(walk.office, walk.cast[POLICE_HEAD].id, walk.now)
            if row.kind == "head_step_overdue"]

    assert [row.about for row in rows] == [due], "it says when the work was due"
    publish(walk.office, closed(due.astimezone(ZONE).date()))
    recompute(walk.office, walk.now)
    assert walk.items["police"]["due_at"] > due
    again = desk.notices(walk.office, walk.cast[POLICE_HEAD].id, walk.now)
    assert [row.about for row in again if row.kind == "head_step_overdue"] == [due], "as it was when it rang"
    assert desk.mark_read(walk.office, walk.cast[POLICE_HEAD].id, [rows[0].id], walk.now) > 1
    assert "head_step_overdue" not in shown(walk, POLICE_HEAD)


def test_where_a_unit_has_no_head_the_heads_of_its_agency_are_told(start: Start) -> None:
    """The counter itself has a management and no head."""
    walk = start(accept=False)

    pass_due(walk, "checking")

    assert "manager_step_due" in shown(walk, MANAGEMENT)
    assert all(row["role"] for row in walk.of("notice") if row["kind"].startswith(("head_", "manager_")))


def test_three_days_without_a_sweep_report_each_missed_day_once_and_in_order(start: Start) -> None:
    walk = at_police(start)
    due: datetime = walk.items["police"]["due_at"]
    walk.journey.now = due + 3 * DAY

    alarms.sweep(walk.office, walk.now)
    alarms.sweep(walk.office, walk.now)

    rung = [(row["action"], json.loads(row["details"])) for row in walk.entries if row["action"].startswith("alarm:")]
    at = [datetime.fromisoformat(details["rang_for"]) for _, details in rung]
    assert at == sorted(at)
    assert len({(action, details["clock"], details["rang_for"]) for action, details in rung}) == len(rung)
    assert len(reports(walk)) == len({report["clock"] for report in reports(walk)})

"""The acceptance scenarios of legal time, each from the first act to what people are told."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import alarms, courier
from engine.casework.clocks import rebuild
from engine.casework.receive import receive
from engine.clocks import ZONE, Limit, due, national
from engine.clocks.cutoff import forward_by
from engine.clocks.limits import CountMode
from engine.recomputing import recompute
from procedures import policies
from storage import runs
from tests.bundles import test_birth
from tests.casework.conftest import Start
from tests.casework.variants import conference
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import CONFERENCE, Journey
from tests.recomputing.calendars import notice_of_2027, publish

DAY = timedelta(days=1)
MONDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)  # 24 November is a holiday


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


# 1


def test_1_what_comes_in_by_15_00_leaves_the_same_day_and_what_comes_later_with_the_next_run(journey: Journey) -> None:
    office = journey.office
    for day in (MONDAY, WEDNESDAY):
        courier.plan(office, day)
    in_time, later = (receive(office, journey.submission(), at(MONDAY, *clock)).code for clock in ((14, 59), (15, 1)))

    courier.draw_due_manifests(office, at(MONDAY, 16))
    courier.draw_due_manifests(office, at(WEDNESDAY, 8, 30))

    assert forward_by(at(MONDAY, 14, 59), national()) == at(MONDAY, 17)
    assert forward_by(at(MONDAY, 15, 1), national()) == at(WEDNESDAY, 7)
    carried = {run.day: [load["code"] for load in loads(journey, run.id)] for day in (MONDAY, WEDNESDAY)
               for run in runs.of_day(office.db, day) if loads(journey, run.id)}
    assert carried == {MONDAY: [in_time], WEDNESDAY: [later]}


def loads(journey: Journey, run: int) -> list[dict[str, Any]]:
    return Walk(journey, "").rows("select d.code from courier_load l join dossier d on d.id = l.dossier_id "
                                  "where l.run_id = %s", run)


# 2 (V1 to V10 are in tests/clocks)


def test_2_the_notice_of_the_next_year_makes_promised_dates_final_and_keeps_the_first(journey: Journey,
                                                                                      start: Start) -> None:
    journey.now = at(date(2026, 12, 28), 15, 30)
    walk = start()
    promised = walk.dossier
    assert promised["due_provisional"]

    publish(walk.office, notice_of_2027(date(2027, 1, 4)), why="Thông báo 1/TB-BNV")
    recompute(walk.office, walk.now)

    now = walk.dossier
    assert not now["due_provisional"]
    assert now["first_due_at"] == promised["due_at"] < now["due_at"]
    moved = next(json.loads(row["details"]) for row in walk.entries if row["action"] == "recompute_dues")
    assert [promised["due_at"].isoformat(), now["due_at"].isoformat()] == moved["clocks"][0][2:]
    assert [row["kind"] for row in walk.of("notice")] == ["due_moved_later"]  # later: the desk tells the citizen


# 3


def test_3_a_second_request_is_approved_recorded_and_late_in_the_national_index(start: Start) -> None:
    walk = start()
    for time_asked in range(2):
        walk.go_to("examining")
        if time_asked:
            walk.do("approve_supplement", walk.cast["H51.01/ngoai-vu:head"], reason="Phát sinh tình tiết mới")
        walk.step("request_supplement")
        walk.step("supplement")
    walk.go_to("returning")

    (judged,) = walk.of("judgement")
    assert (judged["supplements"], judged["national"]) == (2, "late")
    assert judged["local"] in ("early", "on_time")  # by its dates alone it was not
    asked = [row for row in walk.entries if row["action"] == "request_supplement"]
    assert json.loads(asked[-1]["details"])["citizen_notice"]["request"] == 2
    assert "asked_again" in {row["kind"] for row in walk.of("notice")}


# 4


def test_4_whether_the_limit_starts_again_is_said_by_the_rules_of_the_day_of_receipt(
        journey: Journey, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = policies.NATIONAL.read_text(encoding="utf-8")
    was = "values: {return_notice: 3 working days, after_supplement_at_appraisal: restart}\n        unverified: true\n"
    assert text.count(was) == 1
    later = ("      - {valid_from: 2026-11-25, basis: Nghị định mới, values: {return_notice: 3 working days, "
             "after_supplement_at_appraisal: resume}}\n")
    before = was.replace("        unverified: true\n", "        unverified: true\n        valid_to: 2026-11-24\n")
    (tmp_path / "national.yaml").write_text(text.replace(was, before + later), encoding="utf-8")
    monkeypatch.setattr(policies, "NATIONAL", tmp_path / "national.yaml")

    old = conference(journey, fresh)
    journey.now = at(WEDNESDAY, 9)
    new = Walk(journey, journey.receive("test_variant", facts=CONFERENCE).code)
    for walk in (old, new):
        walk.go_to("examining")
    journey.now = at(date(2026, 11, 27), 14)
    for walk in (old, new):
        walk.step("request_supplement")
    journey.now = at(date(2026, 12, 2), 9)
    for walk in (old, new):
        walk.step("supplement")

    assert old.marks == ["start", "stop", "restart"]
    assert new.marks == ["start", "stop", "resume"]
    again = rebuild(old.clocks("dossier")[0]).marks[-1].at
    assert old.dossier["due_at"] == due(Limit.parse("20 working days"), CountMode.DAY, again, national())
    assert new.dossier["due_at"] < old.dossier["due_at"]


# 5


def test_5_a_late_reply_is_told_to_the_management_of_the_desk_and_reported_by_the_lead(start: Start) -> None:
    walk = start("conference_permit_pm")
    assert (walk.dossier["due_at"], walk.clocks("dossier")) == (None, [])  # no total limit
    walk.go_to("consulting", "police")
    walk.journey.register_all(walk.code)
    asked = {row["item_no"]: row for row in walk.clocks("step") if row["ended_at"] is None}
    assert {"ministry_of_foreign_affairs", "ministry_of_public_security", "police"} <= set(walk.items)
    walk.step("give_opinion", "foreign_affairs")

    walk.journey.now = asked[walk.items["police"]["no"]]["due_at"]
    alarms.sweep(walk.office, walk.now)

    desk = walk.dossier["intake_unit_id"]
    reported = [row for row in walk.of("notice") if row["role"] == "manager"]
    assert {(row["unit_id"], row["kind"]) for row in reported} == {(desk, "manager_step_due")}
    logged = [json.loads(row["details"]) for row in walk.entries if row["action"] == "expired:escalate"]
    assert {row["clock"] for row in logged} >= {asked[walk.items[state]["no"]]["no"] for state in (
        "police", "ministry_of_foreign_affairs", "ministry_of_public_security")}
    assert all([desk, "manager"] in row["reported_to"] for row in logged)

    # the wait for the ministries runs on, and their reply still counts
    walk.step("give_opinion", "police")
    walk.step("give_opinion", "agriculture")
    for ministry in ("ministry_of_foreign_affairs", "ministry_of_public_security"):
        walk.step("record_reply", ministry)
    assert "consulting" not in walk.states
    assert walk.dossier["due_at"] is None


# 6


def test_6_when_the_first_part_is_refused_all_that_waited_for_it_stop_with_one_notice(journey: Journey) -> None:
    test_birth.test_only_the_first_part_begins(journey)
    test_birth.test_a_refused_registration_stops_all_with_one_notice(journey)

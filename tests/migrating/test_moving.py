"""One dossier moved to the next version of its procedure, and back: what changes, and what stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from engine import alarms, delivery, desk
from engine.casework.consulting import place
from engine.errors import FourEyes, Refused, StaleVersion
from engine.migrating.plan import ClockRule, NewBranch
from engine.migrating.verdict import Kind
from engine.office import Office
from engine.verification import verify
from tests.casework.test_consulting import answer, ask
from tests.casework.walking import Walk
from tests.migrating.conftest import Cockpit
from tests.migrating.versions import NEW_BRANCH, plan, written

Start = Callable[..., Walk]
CULTURE = "H51.08/chuyen-mon:officer"
# What counts acts, and what tells of them, goes on whatever is undone.
COUNTERS = {"version", "audit_seq", "audit_head", "clock_no", "item_no", "handoff_seq"}
TABLES = ("active_state", "document", "opinion", "payment", "paper", "consultation", "addition", "obligation",
          "asset_claim", "applicant")


def picture(walk: Walk) -> dict[str, Any]:
    """All rows of a dossier but counters and the audit; clocks and their timers by what they count."""
    found: dict[str, Any] = {table: sorted(map(repr, walk.of(table))) for table in TABLES}
    found["dossier"] = {name: value for name, value in walk.dossier.items() if name not in COUNTERS}
    timers = {row["clock_no"]: (row["kind"], row["fires_at"]) for row in walk.of("timer")}
    found["clocks"] = sorted(
        repr(({name: value for name, value in row.items() if name != "no"}, timers.get(row["no"])))
        for row in walk.of("clock") if row["ended_at"] is None)
    found["items"] = walk.of("work_item", "no")
    found["handoffs"] = walk.handoffs
    return found


def broken(office: Office) -> list[str]:
    """What verification finds; the bytes of the results that these walks attach were never stored."""
    return [fault for fault in verify(office).faults if not fault.endswith("document_absent")]


def test_a_step_is_called_otherwise_and_everything_else_stays(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    walk.journey.register_all(walk.code)
    item, due, entered = walk.items["examining"], walk.dossier["due_at"], walk.of("active_state")[0]["entered_at"]
    cockpit.publish().move(walk)

    assert walk.states == {"appraising"}
    assert walk.of("active_state")[0]["entered_at"] == entered
    assert walk.items["appraising"] == {**item, "state": "appraising"}
    assert walk.dossier["due_at"] == due
    told = json.loads(walk.entries[-1]["details"])
    assert (walk.entries[-1]["action"], told["decision"], told["clocks"]) == ("migrate", "12/QĐ-UBND", "keep")
    assert (told["from_version"], told["to_version"]) == (cockpit.old, cockpit.new)
    walk.go_to("returning").step("return_at_counter")
    assert walk.dossier["status"] == 10
    assert broken(walk.office) == []


@pytest.mark.parametrize("rule", ClockRule)
def test_undo_puts_everything_back(start: Start, cockpit: Cockpit, rule: ClockRule) -> None:
    walks = [start(), start().go_to("consulting", "police"), start().go_to("synthesis"), start().go_to("returning")]
    cockpit.publish()
    before = [picture(walk) for walk in walks]

    made = cockpit.move(*walks, told=plan(clocks=rule))
    assert all(picture(walk) != was for walk, was in zip(walks[:3], before, strict=False))
    walks[0].journey.now += timedelta(days=3)
    assert cockpit.undo(made, *walks).done == 4

    assert [picture(walk) for walk in walks] == before
    for walk in walks:
        assert walk.entries[-1]["action"] == "undo_migration"
        walk.go_to("returning").step("return_at_counter")
    assert broken(cockpit.office) == []


def test_due_dates_follow_only_where_the_plan_says_so(start: Start, cockpit: Cockpit) -> None:
    kept, steps, whole = start(), start(), start()
    for walk in (kept, steps, whole):
        walk.journey.register_all(walk.code)
    cockpit.publish()
    was = {walk.code: (walk.dossier["due_at"], walk.items["examining"]["due_at"]) for walk in (kept, steps, whole)}
    first = whole.dossier["first_due_at"]

    for walk, rule in ((kept, ClockRule.KEEP), (steps, ClockRule.STEPS), (whole, ClockRule.ALL)):
        seen = next(row for row in cockpit.preview(plan(clocks=rule)).rows if row.code == walk.code)
        cockpit.move(walk, told=plan(clocks=rule))
        due, step = walk.dossier["due_at"], walk.items["appraising"]["due_at"]
        assert seen.due_then == due
        assert [then for _, _, then in seen.steps] == ([] if rule is ClockRule.KEEP else [step])
        assert (due > was[walk.code][0]) == (rule is ClockRule.ALL)
        assert (step > was[walk.code][1]) == (rule is not ClockRule.KEEP)
    # the date on the receipt is what the citizen was told
    assert whole.dossier["first_due_at"] == first
    assert {tuple(row["time_limit"]) for row in whole.clocks("dossier")} == {("20 working days",), ("25 working days",)}


def test_a_clock_that_was_stopped_stays_stopped_and_goes_on_under_the_new_limit(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("synthesis")
    walk.step("request_supplement", "synthesis")
    cockpit.publish().move(walk, told=plan(clocks=ClockRule.ALL))
    assert walk.states == {"awaiting_supplement"}
    assert walk.dossier["due_at"] is None

    walk.step("supplement")

    assert walk.states == {"drafting"}
    assert [tuple(row["time_limit"]) for row in walk.clocks("dossier")] == [("20 working days",), ("25 working days",)]
    assert walk.dossier["due_at"] is not None
    walk.go_to("returning")


def test_opinions_given_stay_given_and_a_new_body_is_asked_or_left_out(start: Start, cockpit: Cockpit) -> None:
    asked, left_out = (start().go_to("police") for _ in range(2))
    for walk in (asked, left_out):
        walk.step("give_opinion", "police", verdict="disagree")
    cockpit.publish(written(changes={"\n        culture:": NEW_BRANCH}))
    was = picture(asked)

    made = cockpit.move(asked)
    cockpit.move(left_out, told=plan(new_branches=NewBranch.LEAVE_OUT))

    assert {"security_done", "interior"} <= asked.states
    assert {"security_done", "interior_done"} <= left_out.states
    assert asked.items["interior"]["handoff_id"] is not None
    told = [json.loads(walk.entries[-1]["details"]) for walk in (asked, left_out)]
    assert [entry["added"] for entry in told] == [["interior"], ["interior_done"]]
    assert [entry["left_out"] for entry in told] == [[], ["interior"]]
    delivery.drain(cockpit.office, asked.now)
    assert cockpit.undo(made, asked).done == 1
    now = picture(asked)
    assert [row["state"] for row in now["handoffs"]][-1] == "recalled"
    assert {name: now[name] for name in now if name not in ("items", "handoffs")} == {
        name: was[name] for name in was if name not in ("items", "handoffs")}
    cockpit.move(asked)
    for walk in (asked, left_out):
        walk.go_to("drafting", "returning").go_to("returning")
        assert [row["verdict"] for row in walk.of("opinion") if row["state"] == "police"] == ["disagree"]
    assert len(asked.of("opinion")) == len(left_out.of("opinion")) + 1


def test_a_new_body_that_has_no_say_in_this_dossier_is_not_asked(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("police")
    only_culture = NEW_BRANCH.replace("limit: 15 days", "limit: 15 days\n          when: topic_field == 'culture'")
    cockpit.publish(written(changes={"\n        culture:": only_culture}))
    cockpit.move(walk)
    assert "interior_done" in walk.states


def test_whoever_examined_may_not_sign_whatever_his_step_is_called_now(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("synthesis")
    officer = walk.holder("synthesis")
    cockpit.publish().move(walk)
    walk.go_to("signing")
    signer = walk.items["signing"]
    with psycopg.connect(cockpit.fresh.owner_url, autocommit=True) as connection:
        connection.execute("insert into membership (person_id, unit_id, role, valid_from) values (%s, %s, 'signer', "
                           "'2020-01-01')", (officer.id, signer["unit_id"]))
    walk.attach("result")
    with pytest.raises(FourEyes):
        walk.do("sign", officer, state="signing")


def test_a_step_still_waits_for_what_was_asked_from_it_beside_the_procedure(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    ask(walk, CULTURE)
    made = cockpit.publish().move(walk)
    assert place(1) in walk.items
    with pytest.raises(Refused, match="Department of Culture"):
        walk.do("consult", walk.holder("appraising"))
    assert cockpit.undo(made, walk).done == 1
    with pytest.raises(Refused, match="Department of Culture"):
        walk.do("consult", walk.holder("examining"))
    cockpit.move(walk)
    answer(walk, CULTURE, 1)
    walk.do("consult", walk.holder("appraising"))


def test_a_move_cannot_be_undone_once_somebody_has_acted(start: Start, cockpit: Cockpit) -> None:
    walk, other = start(), start()
    made = cockpit.publish().move(walk, other)
    walk.journey.now += timedelta(days=2)
    alarms.sweep(cockpit.office, walk.now)
    walk.journey.register_all(walk.code)

    progress = cockpit.undo(made, walk, other)

    assert (progress.done, list(progress.refused)) == (1, [walk.code])
    assert (walk.states, other.states) == ({"appraising"}, {"examining"})


def test_a_handoff_that_nobody_registered_in_time_gets_the_limit_of_the_version_it_ends_under(
        start: Start, cockpit: Cockpit) -> None:
    walk = start()
    made = cockpit.publish().move(walk)
    walk.journey.now += timedelta(days=2)
    alarms.sweep(cockpit.office, walk.now)
    assert [tuple(row["time_limit"]) for row in walk.clocks("step")] == [("3 working days",)]

    assert cockpit.undo(made, walk).done == 1

    running = [row for row in walk.clocks("step") if row["ended_at"] is None]
    assert [tuple(row["time_limit"]) for row in running] == [("2 working days",)]
    assert walk.items["examining"]["due_at"] == running[0]["due_at"]


def test_a_limit_that_only_one_version_has_begins_and_ends_with_the_move(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    walk.journey.register_all(walk.code)
    was = picture(walk)
    cockpit.publish(written(changes={"      limit: 3 working days\n": ""}))

    made = cockpit.move(walk, told=plan(clocks=ClockRule.STEPS))
    assert walk.items["appraising"]["due_at"] == walk.dossier["due_at"]
    assert [row for row in walk.clocks("step") if row["ended_at"] is None] == []
    assert cockpit.undo(made, walk).done == 1
    assert picture(walk) == was


def test_where_nothing_corresponds_the_dossier_stays(start: Start, cockpit: Cockpit) -> None:
    walk, waiting = start(), start().go_to("synthesis")
    waiting.step("request_supplement", "synthesis")
    cockpit.publish()

    found = {row.code: row.verdict.kind for row in cockpit.preview(plan({**plan().states, "examining": ""})).rows}
    assert found == {walk.code: Kind.NEEDS_MAPPING, waiting.code: Kind.MOVES}
    found = {row.code: row.verdict.kind for row in cockpit.preview(plan({**plan().states, "synthesis": ""})).rows}
    assert found == {walk.code: Kind.MOVES, waiting.code: Kind.NEEDS_MAPPING}


def test_the_timeline_tells_the_move_and_calls_old_steps_as_they_were_called(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("police")
    walk.step("give_opinion", "police")
    cockpit.publish(written(changes={"Ý kiến Công an tỉnh": "Ý kiến về an ninh",
                                     "vi: Thẩm định hồ sơ": "vi: Thẩm tra hồ sơ"})).move(walk)

    view = desk.dossier(cockpit.office, walk.code, walk.cast["H51.01/ngoai-vu:officer"], walk.now)

    entry = view.timeline[-1]
    assert entry.about is not None
    assert entry.about.vi == "từ phiên bản 2 sang phiên bản 3, theo 12/QĐ-UBND"
    assert [opinion.state_name.vi for opinion in view.opinions] == ["Ý kiến Công an tỉnh"]
    names = [name.vi for entry in view.timeline[:-1] for name in [*entry.from_names, *entry.to_names]]
    assert "Thẩm định hồ sơ" in names
    assert "Thẩm tra hồ sơ" not in names
    done = {stop.state: stop.standing for part in view.way for stop in part.stops}
    assert done["appraising"] == "done"


LACKING = {
    "an answer the new version needs": (
        {"  participants:\n": "  venue:\n    type: text\n    label: {vi: Địa điểm, en: Venue}\n  participants:\n"},
        "Địa điểm"),
    "somebody in the unit at work who can do the step": (
        {"role: officer\n      name: {vi: Thẩm định hồ sơ": "role: clerk\n      name: {vi: Thẩm định hồ sơ"},
        "không ai làm được bước"),
    "an object known since reception": (
        {"name: {vi: Thẩm định hồ sơ": "asset: topic\n      name: {vi: Thẩm định hồ sơ"}, "giấy tờ được giữ"),
}


@pytest.mark.parametrize("lacking", LACKING)
def test_a_dossier_stays_for_want_of(start: Start, cockpit: Cockpit, lacking: str) -> None:
    changes, why = LACKING[lacking]
    walk = start()
    cockpit.publish(written(changes=changes))
    [seen] = cockpit.preview().rows
    assert (seen.code, seen.verdict.kind) == (walk.code, Kind.STAYS)
    assert why in seen.verdict.why.vi


def test_a_wait_that_the_new_version_does_not_know_keeps_the_dossier_where_it_is(
        start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("synthesis")
    walk.step("request_supplement", "synthesis")
    off = "switch_off: [request_payment"
    cockpit.publish(written(changes={f"{off}]": f"{off}, request_supplement]"}))
    [seen] = cockpit.preview().rows
    assert seen.verdict.kind is Kind.STAYS


def test_whoever_looked_before_the_move_is_told_who_was_first(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    walk.journey.register_all(walk.code)
    order = walk.order("consult", walk.holder("examining"), state="examining")
    cockpit.publish().move(walk)
    with pytest.raises(StaleVersion) as refusal:
        walk.act(order)
    assert cockpit.actor.name in refusal.value.message("vi")


def test_a_paper_that_only_the_new_version_asks_for_is_said_and_hinders_nothing(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    asked = "  map:\n    name: {vi: Sơ đồ địa điểm, en: Map of the venue}\n    form: copy\n"
    cockpit.publish(written(changes={"  agency_opinions:\n": f"{asked}  agency_opinions:\n"}))
    [seen] = cockpit.preview().rows
    assert seen.verdict.kind is Kind.MOVES
    assert any("Sơ đồ địa điểm" in note.vi for note in seen.verdict.notes)
    cockpit.move(walk)
    walk.go_to("returning")


def test_two_bodies_may_exchange_their_names(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("police")
    walk.step("give_opinion", "agriculture")
    was, unit = picture(walk), walk.items["foreign_affairs"]["unit_id"]
    swapped = {**plan().states, "agriculture": "foreign_affairs", "foreign_affairs": "agriculture"}

    made = cockpit.publish().move(walk, told=plan(swapped))

    assert {"foreign_affairs_done", "agriculture", "security"} <= walk.states
    assert walk.items["agriculture"]["unit_id"] == unit
    assert cockpit.undo(made, walk).done == 1
    assert picture(walk) == was


def test_a_dossier_may_move_on_to_the_version_after_the_next(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    ask(walk, CULTURE)
    answer(walk, CULTURE, 1)
    walk.do("consult", walk.holder("examining"))
    cockpit.publish().move(walk, told=plan({**plan().states, "examining": ""}))
    assert walk.of("consultation")[0]["state"] == "examining"
    cockpit.old = cockpit.new
    cockpit.publish(written(changes={"version: 2\n": "version: 4\n", "        police:": "        order:"}))

    cockpit.move(walk, told=plan({"security": "order"}))

    assert "order" in walk.states
    view = desk.dossier(cockpit.office, walk.code, walk.cast["H51.01/ngoai-vu:officer"], walk.now)
    assert [entry.about.vi for entry in view.timeline if entry.action == "migrate" and entry.about] == [
        "từ phiên bản 2 sang phiên bản 3, theo 12/QĐ-UBND", "từ phiên bản 3 sang phiên bản 4, theo 12/QĐ-UBND"]
    walk.go_to("returning").step("return_at_counter")

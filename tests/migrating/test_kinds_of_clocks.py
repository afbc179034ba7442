"""Clocks of agencies, of feedback and of what the citizen is asked for: a move between versions keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import alarms
from engine.migrating.plan import ClockRule
from engine.recomputing import recompute
from tests.casework.walking import Walk
from tests.migrating.conftest import Cockpit
from tests.migrating.versions import NEW_BRANCH, plan, written
from tests.recomputing.calendars import closed, publish

Start = Callable[..., Walk]
DESK = "H51.02/tiep-nhan:receptionist"
ASKED = "supplement: {max: 1, within: 30 days}\n"


def limited(*parties: str) -> str:
    rules = ", ".join(f"{{party: {party}, limit: 9 working days}}" for party in parties)
    return f"supplement: {{max: 1}}\nagency_limits: [{rules}]\n"


def running(walk: Walk, kind: str) -> list[dict[str, Any]]:
    return [row for row in walk.clocks(kind) if row["ended_at"] is None]


@pytest.mark.parametrize("rule", list(ClockRule))
def test_what_agencies_have_and_what_citizens_said_keep_their_clocks(start: Start, cockpit: Cockpit,
                                                                     rule: ClockRule) -> None:
    cockpit.publish(written(changes={"supplement: {max: 1}\n": limited("lead")}))
    walk = start().go_to("appraising")
    walk.do("take_feedback", walk.cast[DESK], kind="complaint", words="Chậm")
    before = running(walk, "agency") + running(walk, "feedback")
    assert len(before) == 2
    cockpit.old = cockpit.new
    cockpit.publish(written(changes={"version: 3\n": "version: 4\n",
                                     "limit: 25 working days": "limit: 30 working days"}))

    made = cockpit.move(walk, told=plan(states={}, clocks=rule))

    assert running(walk, "agency") + running(walk, "feedback") == before
    cockpit.undo(made, walk)
    assert running(walk, "agency") + running(walk, "feedback") == before


def test_the_citizens_time_is_the_one_he_was_told(start: Start, cockpit: Cockpit) -> None:
    cockpit.publish(written(changes={"supplement: {max: 1}\n": ASKED}))
    walk = start().go_to("appraising")
    walk.step("request_supplement")
    (before,) = running(walk, "request")
    cockpit.old = cockpit.new
    cockpit.publish(written(changes={"version: 3\n": "version: 4\n"}))

    cockpit.move(walk, told=plan(states={}, clocks=ClockRule.ALL))

    assert running(walk, "request") == [before]
    walk.step("supplement")
    assert running(walk, "request") == []


def test_a_body_that_only_the_new_version_asks_has_its_agencys_limit_until_the_move_is_undone(
        start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("police")
    cockpit.publish(written(changes={
        "\n        culture:": NEW_BRANCH, "supplement: {max: 1}\n": limited("interior", "culture")}))
    made = cockpit.move(walk)
    opened = walk.items["interior"]
    walk.journey.now += timedelta(days=2)  # nobody registers in time: the limits begin all the same
    alarms.sweep(walk.office, walk.now)
    assert [row["agency"] for row in running(walk, "agency")] == [
        walk.rows("select agency from unit where id = %s", opened["unit_id"])[0]["agency"]]

    cockpit.undo(made, walk)

    assert running(walk, "agency") == []
    assert not {row["clock_no"] for row in walk.of("timer")} & {row["no"] for row in walk.clocks("agency")}


def test_what_the_end_of_a_limit_brings_survives_a_move_and_its_undoing(start: Start, cockpit: Cockpit) -> None:
    cockpit.publish(written(changes={"count_mode: DAY\n": "count_mode: DAY\nexpiry: remind\n"}))
    walk = start().go_to("appraising")
    assert [row["expiry"] for row in running(walk, "dossier")] == ["remind"]
    cockpit.old = cockpit.new
    cockpit.publish(written(changes={"version: 3\n": "version: 4\n",
                                     "limit: 25 working days": "limit: 30 working days"}))

    made = cockpit.move(walk, told=plan(states={}, clocks=ClockRule.ALL))
    assert [row["expiry"] for row in running(walk, "dossier")] == ["remind"]
    cockpit.undo(made, walk)

    assert [row["expiry"] for row in running(walk, "dossier")] == ["remind"]


def test_work_keeps_the_date_a_calendar_gave_it_when_a_move_is_undone(start: Start, cockpit: Cockpit) -> None:
    walk = start().go_to("examining")
    before = walk.items["examining"]["due_at"]
    cockpit.publish()
    made = cockpit.move(walk)
    publish(walk.office, closed(before.date()))
    recompute(walk.office, walk.now)

    cockpit.undo(made, walk)

    (clock,) = (row for row in running(walk, "step") if row["item_no"] == walk.items["examining"]["no"])
    assert walk.items["examining"]["due_at"] == clock["due_at"] > before

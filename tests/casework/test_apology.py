"""Form 04: drafted a working day before due, issued once by who may, filled in the very row that was drafted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import alarms, desk
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from engine.desk.apologies import Standing
from engine.errors import Refused, WrongRole
from tests.casework.conftest import Start
from tests.casework.publishing import COPIES, publish
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey

HEAD = "H51.01/ngoai-vu:head"
MANAGER = "H51.02/tiep-nhan:manager"


def day_before(walk: Walk) -> datetime:
    """When the alarm of the day before rings: limits in days have it at the opening of that working day."""
    due = walk.dossier["due_at"].astimezone(ZONE).date()
    calendar = national()
    before = due - timedelta(days=1)
    while not calendar.is_working_day(before):
        before -= timedelta(days=1)
    return calendar.opening_of(before)


def drafted(walk: Walk) -> Walk:
    walk.journey.now = day_before(walk)
    alarms.sweep(walk.office, walk.now)
    return walk


def issue(walk: Walk, who: str = HEAD, **changes: Any) -> Any:
    told = {"reason": "Chờ ý kiến Bộ Ngoại giao", "new_due": walk.dossier["due_at"] + timedelta(days=7), **changes}
    return walk.do("extend", walk.cast[who], **told)


def shown(walk: Walk, who: str = HEAD) -> Any:
    return desk.dossier(walk.office, walk.code, walk.cast[who], walk.now)


def told(walk: Walk) -> set[tuple[int, str | None]]:
    return {(row["unit_id"], row["role"]) for row in walk.of("notice") if row["kind"] == "apology_drafted"}


def test_the_alarm_of_the_day_before_drafts_it_in_the_same_entry_and_tells_the_head(start: Start) -> None:
    walk = start().go_to("examining")
    due = walk.dossier["due_at"]
    alarms.sweep(walk.office, day_before(walk) - timedelta(minutes=1))
    assert walk.of("apology") == []

    drafted(walk)

    (row,) = walk.of("apology")
    assert (row["no"], row["original_due_at"], row["new_due_at"], row["seq"]) == (1, due, None, None)
    entry = next(entry for entry in walk.entries if entry["action"] == "alarm:one_working_day_before"
                 and json.loads(entry["details"])["of"] == "dossier")
    details = json.loads(entry["details"])
    assert details["apology"] == 1
    assert datetime.fromisoformat(details["proposed"]) == row["proposed_due_at"]
    assert (walk.cast.unit("H51.01/ngoai-vu"), "head") in told(walk)
    assert walk.dossier["due_at"] == due, "a draft moves nothing"


def test_the_proposed_date_leaves_the_limits_of_the_steps_still_ahead(start: Start) -> None:
    early, late = drafted(start().go_to("examining")), drafted(start().go_to("signing"))

    after = [national().between(row["original_due_at"], row["proposed_due_at"])
             for walk in (early, late) for row in walk.of("apology")]
    # signing and issuing fit into the days that are left: nothing but the least, one working day more
    assert after[1] == 8 * 60
    assert after[0] > after[1]


def test_scenario_14_the_drafted_form_04_is_issued_once_and_a_second_new_date_is_refused(start: Start) -> None:
    walk = drafted(start().go_to("examining"))
    (draft,) = walk.of("apology")
    due = draft["original_due_at"]
    (before,) = shown(walk).apologies

    issue(walk)

    (row,) = walk.of("apology")
    entry = walk.entries[-1]
    assert (row["drafted_at"], row["proposed_due_at"]) == (draft["drafted_at"], draft["proposed_due_at"])
    assert (row["original_due_at"], row["new_due_at"]) == (due, walk.dossier["due_at"])
    assert (row["seq"], row["issued_by"]) == (entry["seq"], walk.cast[HEAD].id)
    assert json.loads(entry["details"])["apology"] == 1
    (seen,) = shown(walk).apologies
    assert (seen.standing, seen.reason) == (Standing.ISSUED, "Chờ ý kiến Bộ Ngoại giao")
    assert (seen.issuer, seen.issuer.vi) == (before.issuer, "Văn phòng Ủy ban nhân dân tỉnh"), "one letter"
    with pytest.raises(Refused) as refusal:
        issue(walk)
    assert "một lần" in refusal.value.message("vi")
    assert len(walk.of("apology")) == 1


def test_an_extension_that_nobody_drafted_has_its_apology_too(start: Start) -> None:
    walk = start().go_to("examining")

    issue(walk)

    (row,) = walk.of("apology")
    assert row["seq"] == walk.entries[-1]["seq"]
    assert row["drafted_at"] == row["issued_at"]


def test_after_the_one_extension_no_further_apology_is_drafted(start: Start) -> None:
    walk = start().go_to("examining")
    issue(walk)

    drafted(walk)

    assert len(walk.of("apology")) == 1
    assert told(walk) == set()


def test_a_draft_nobody_issued_in_time_is_shown_as_such(start: Start) -> None:
    walk = drafted(start().go_to("examining"))
    assert [row.standing for row in shown(walk).apologies] == [Standing.DRAFT]
    assert shown(walk).drafted is not None

    walk.journey.now = walk.dossier["due_at"] + timedelta(days=1)

    assert [row.standing for row in shown(walk).apologies] == [Standing.LAPSED]
    with pytest.raises(Refused) as refusal:
        issue(walk)
    assert refusal.value.data["rule"] == "R17"
    assert walk.of("apology")[0]["issued_at"] is None


def test_a_sweep_that_comes_after_the_due_date_drafts_nothing(start: Start) -> None:
    walk = start().go_to("examining")

    alarms.sweep(walk.office, walk.dossier["due_at"] + timedelta(days=3))

    assert "alarm:one_working_day_before" in {entry["action"] for entry in walk.entries}
    assert walk.of("apology") == []


@pytest.mark.parametrize(("seconds", "drafts"), [(0, 1), (60, 0)])
def test_it_is_drafted_and_told_until_the_last_minute_it_may_be_issued(start: Start, seconds: int,
                                                                       drafts: int) -> None:
    walk = start().go_to("examining")
    before = day_before(walk).astimezone(ZONE).date()
    last = national().close_of(before)

    alarms.sweep(walk.office, last + timedelta(seconds=seconds))

    assert "alarm:one_working_day_before" in {entry["action"] for entry in walk.entries}
    assert len(walk.of("apology")) == drafts
    assert bool(told(walk)) == bool(drafts)
    abouts = {row["about"] for row in walk.of("notice") if row["kind"] == "apology_drafted"}
    assert abouts == ({last} if drafts else set())
    assert {row.last for row in shown(walk).apologies} == abouts


def test_a_draft_is_issued_by_heads_of_the_units_at_work_and_by_the_centre_only(start: Start) -> None:
    walk = drafted(start().go_to("examining"))
    with pytest.raises(WrongRole):
        issue(walk, "H51.01/ngoai-vu:officer")

    assert (walk.dossier["intake_unit_id"], "manager") in told(walk)
    issue(walk, MANAGER)


def by_hours(journey: Journey, fresh: Fresh, limit: str) -> Walk:
    """A dossier of one commune whose limit is counted in hours, examined there."""
    text = COPIES.replace("test_copies", "test_hours").replace("limit: 2 working days", f"limit: {limit}")
    publish(fresh.owner_url, text.replace("[recall, extend]", "[recall]"))
    code = journey.receive("test_hours", desk="H51.21/mot-cua", facts={"copies": 3}).code
    return Walk(journey, code).go_to("comparing")


def test_counted_in_hours_it_is_drafted_at_80_percent_because_the_day_before_comes_too_late(
        journey: Journey, fresh: Fresh) -> None:
    walk = by_hours(journey, fresh, "10 working days")
    received, due = walk.dossier["received_at"], walk.dossier["due_at"]
    walk.journey.now = national().add(received, 64 * 60)

    alarms.sweep(walk.office, walk.now - timedelta(minutes=1))
    assert walk.of("apology") == []
    alarms.sweep(walk.office, walk.now)

    assert [row["original_due_at"] for row in walk.of("apology")] == [due]
    issue(walk, "H51.21/mot-cua:manager")
    assert walk.of("apology")[0]["issued_at"] is not None


def test_a_limit_too_short_for_the_law_has_no_draft(journey: Journey, fresh: Fresh) -> None:
    walk = by_hours(journey, fresh, "1 working day")
    walk.journey.now = walk.dossier["due_at"] - timedelta(minutes=1)

    alarms.sweep(walk.office, walk.now)

    assert "alarm:warn_80" in {entry["action"] for entry in walk.entries}
    assert walk.of("apology") == []


def test_the_draft_of_a_dossier_whose_time_began_anew_is_made_again_for_the_new_date(start: Start) -> None:
    walk = drafted(start().go_to("examining"))
    (before,) = walk.of("apology")
    walk.step("request_supplement")
    assert [row.standing for row in shown(walk).apologies] == [Standing.LAPSED]
    walk.journey.now += timedelta(days=2)
    walk.step("supplement")
    drafted(walk)

    (row,) = walk.of("apology")
    assert row["original_due_at"] == walk.dossier["due_at"] > before["original_due_at"]
    assert row["proposed_due_at"] > before["proposed_due_at"]
    assert [row.standing for row in shown(walk).apologies] == [Standing.DRAFT]

"""Clocks of a dossier, its steps and its hand-offs; what rings when; the one new date the law allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import alarms
from engine.clocks.calendar import national
from engine.clocks.evaluation import due
from engine.clocks.limits import CountMode, Limit
from engine.errors import Invalid, Refused, StaleVersion, WrongRole
from tests.casework.conftest import Start
from tests.casework.racing import together
from tests.casework.walking import Walk

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LEAD, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
DAY = timedelta(days=1)


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


def hours(limit: str, start: datetime) -> datetime:
    return due(Limit.parse(limit), CountMode.HOUR, start, national())


def rung(walk: Walk) -> list[tuple[str, str]]:
    """What rang, in order: kind and clock."""
    return [(row["action"].removeprefix("alarm:"), row["details"]) for row in walk.entries
            if row["action"].startswith("alarm:")]


def kinds(walk: Walk, of: str) -> list[str]:
    return [kind for kind, details in rung(walk) if f'"of":"{of}"' in details]


def overdue(walk: Walk, of: str) -> list[str]:
    """One for each working day that has begun since the only clock of that kind was due."""
    due_on, today = (at.astimezone(VIETNAM).date() for at in (walk.clocks(of)[0]["due_at"], walk.now))
    days = [due_on + number * DAY for number in range(1, (today - due_on).days + 1)]
    openings = {national().opening_of(day) for day in days}
    return ["overdue" for opening in openings if opening.astimezone(VIETNAM).date() > due_on and opening <= walk.now]


def test_the_dossiers_due_date_is_that_of_the_declared_limit(start: Start) -> None:
    walk = start()

    assert walk.dossier["due_at"] == due(Limit.parse("20 working days"), CountMode.DAY, walk.now, national())
    assert walk.dossier["first_due_at"] == walk.dossier["due_at"]


def test_a_limit_of_several_parts_and_calendar_days_is_counted_by_the_declaration(start: Start) -> None:
    walk = start("funeral_allowance")

    expected = due(Limit.parse(["5 working days", "12 days"]), CountMode.DAY, walk.now, national())
    assert walk.dossier["due_at"] == expected


def test_a_procedure_without_a_total_limit_has_only_the_limits_of_its_steps(start: Start) -> None:
    walk = start("conference_hosting_local").go_to("examining")

    assert (walk.dossier["due_at"], walk.clocks("dossier")) == (None, [])
    assert walk.items["examining"]["due_at"] is not None


def test_the_budget_of_a_step_begins_when_it_is_registered(start: Start) -> None:
    walk = start()
    walk.journey.now = local(23, 10)
    assert walk.items["examining"]["due_at"] == hours("4 working hours", walk.handoffs[0]["created_at"])

    walk.do("register", walk.cast[LEAD], handoff=walk.handoffs[0]["id"])

    assert walk.items["examining"]["due_at"] == hours("2 working days", walk.now)


def test_it_begins_when_the_time_to_register_is_over_if_nobody_registers(start: Start) -> None:
    walk = start()
    over = walk.handoffs[0]["register_due_at"]
    walk.journey.now = over + timedelta(minutes=5)

    alarms.sweep(walk.office, walk.now)

    assert walk.items["examining"]["due_at"] == hours("2 working days", over)
    assert walk.handoffs[0]["escalated_at"] is not None
    told = {(row["kind"], row["unit_id"]) for row in walk.of("notice")}
    assert ("handoff_unregistered", walk.cast.unit("H51.02/tiep-nhan")) in told
    walk.do("register", walk.cast[LEAD], handoff=walk.handoffs[0]["id"])
    assert walk.items["examining"]["due_at"] == hours("2 working days", over)
    assert len(walk.clocks("step")) == 1


def test_it_begins_then_also_when_the_sweep_was_not_running(start: Start) -> None:
    walk = start()
    over = walk.handoffs[0]["register_due_at"]
    walk.journey.now = over + 4 * DAY

    walk.do("register", walk.cast[LEAD], handoff=walk.handoffs[0]["id"])

    assert walk.items["examining"]["due_at"] == hours("2 working days", over) < walk.now
    alarms.sweep(walk.office, walk.now)
    assert "due" in kinds(walk, "step")


def test_a_step_whose_time_passed_during_an_outage_rings_all_the_same(start: Start) -> None:
    walk = start()
    walk.journey.now = walk.handoffs[0]["register_due_at"] + 6 * DAY

    alarms.sweep(walk.office, walk.now)

    assert kinds(walk, "handoff") == ["warn_50", "warn_80", "due", *overdue(walk, "handoff")]
    assert kinds(walk, "step") == ["one_working_day_before", "warn_80", "due", *overdue(walk, "step")]
    assert (len(overdue(walk, "handoff")), len(overdue(walk, "step"))) == (3, 1)


def test_every_alarm_rings_once_in_due_order_whoever_sweeps(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.now = walk.dossier["due_at"] + 3 * DAY

    together(*[lambda: alarms.sweep(walk.office, walk.now)] * 4)
    alarms.sweep(walk.office, walk.now)

    assert kinds(walk, "dossier") == [
        "warn_50", "warn_80", "one_working_day_before", "due", *overdue(walk, "dossier")]
    assert kinds(walk, "step") == ["one_working_day_before", "warn_80", "due", *overdue(walk, "step")]
    assert {row["kind"] for row in walk.of("timer")} == {"overdue"}
    assert all(row["fires_at"] > walk.now for row in walk.of("timer"))
    notices = [(row["clock_no"], row["kind"], row["about"], row["unit_id"]) for row in walk.of("notice")]
    assert len(notices) == len(set(notices))


def test_alarms_ring_at_their_time_and_not_before(start: Start) -> None:
    walk = start().go_to("examining")
    timer = next(row for row in walk.of("timer") if row["clock_no"] == walk.clocks("dossier")[0]["no"])

    alarms.sweep(walk.office, timer["fires_at"] - timedelta(microseconds=1))
    assert kinds(walk, "dossier") == []
    alarms.sweep(walk.office, timer["fires_at"])

    assert kinds(walk, "dossier") == ["warn_50"]


@pytest.mark.parametrize("event", ["stop", "withdraw"])
def test_nothing_rings_for_a_dossier_that_has_ended(start: Start, event: str) -> None:
    walk = start().go_to("police")
    role = "manager" if event == "stop" else "receptionist"
    walk.do(event, walk.cast[f"H51.02/tiep-nhan:{role}"], reason="Xin rút")

    assert alarms.sweep(walk.office, walk.now + 90 * DAY).seen == 0
    assert walk.of("notice") == []


def test_an_act_raises_no_alarm_that_was_set_before_it(start: Start) -> None:
    walk = start().go_to("examining")
    before = {row["clock_no"] for row in walk.of("timer")}
    walk.step("consult")

    ended = {row["no"] for row in walk.clocks("step") if row["ended_at"] is not None}
    assert ended & before
    assert not ended & {row["clock_no"] for row in walk.of("timer")}


def extension(walk: Walk, member: str = HEAD, **changes: Any) -> Any:
    given = {"new_due": (walk.dossier["due_at"] or walk.now) + 7 * DAY, "reason": "Chờ ý kiến Bộ Ngoại giao", **changes}
    return walk.do("extend", walk.cast[member], **given)


def test_a_new_date_is_set_once_with_an_apology(start: Start) -> None:
    walk = start().go_to("examining")
    first = walk.dossier["due_at"]

    extension(walk)

    assert walk.dossier["due_at"] == first + 7 * DAY
    assert walk.dossier["first_due_at"] == first
    assert "Chờ ý kiến" in walk.of("remark")[-1]["body"]
    with pytest.raises(Refused) as refusal:
        extension(walk)
    assert refusal.value.data["rule"] == "R17"


def test_a_new_date_on_a_day_off_is_refused_with_the_next_working_day(start: Start) -> None:
    walk = start().go_to("examining")
    promised = walk.dossier["due_at"]

    with pytest.raises(Invalid) as refusal:
        extension(walk, new_due=local(27, 9, month=12))  # a Sunday

    vi, _ = refusal.value.fields["new_due"]
    assert vi == "27/12/2026 là ngày nghỉ (Nghỉ hằng tuần): ghi 28/12/2026"
    assert walk.dossier["due_at"] == promised
    extension(walk, new_due=local(28, 9, month=12))
    assert walk.dossier["due_at"] == local(28, 17, month=12)


def test_a_new_date_is_no_further_off_than_the_limit_again(start: Start) -> None:
    walk = start().go_to("examining")
    last = due(Limit.parse("20 working days"), CountMode.DAY, walk.dossier["due_at"], national())

    with pytest.raises(Invalid) as refusal:
        extension(walk, new_due=national().close_of(last.astimezone(VIETNAM).date() + DAY))

    assert f"{last:%d/%m/%Y}" in refusal.value.fields["new_due"][0]
    extension(walk, new_due=last)
    assert walk.dossier["due_at"] == last


def test_the_alarms_follow_the_new_date(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.now = walk.dossier["due_at"] - 5 * DAY
    alarms.sweep(walk.office, walk.now)
    assert kinds(walk, "dossier") == ["warn_50", "warn_80"]

    extension(walk)
    alarms.sweep(walk.office, walk.dossier["due_at"])

    assert kinds(walk, "dossier")[-2:] == ["one_working_day_before", "due"]
    assert kinds(walk, "dossier").count("due") == 1


def test_the_apology_comes_at_least_one_working_day_before(start: Start) -> None:
    walk = start().go_to("examining")
    due_at = walk.dossier["due_at"]
    too_late = (due_at - DAY, due_at - timedelta(hours=9, minutes=1), due_at - timedelta(hours=1))

    for moment in too_late:
        walk.journey.now = moment  # and a minute, before the act
        with pytest.raises(Refused) as refusal:
            extension(walk)
        assert refusal.value.data["rule"] == "R17"
        # received after 30 June 2025, when another decree took the place of 61/2018
        assert "Nghị định 118/2025/NĐ-CP" in refusal.value.message("vi")


def test_the_day_before_until_closing_time_is_early_enough(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.now = walk.dossier["due_at"] - DAY - timedelta(minutes=1)

    extension(walk)


def test_a_late_dossier_gets_no_new_date(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.now = walk.dossier["due_at"] + DAY

    with pytest.raises(Refused):
        extension(walk)


@pytest.mark.parametrize("change", [
    {"new_due": None}, {"new_due": local(1, 9, month=12)}, {"new_due": datetime(2027, 1, 10)}, {"reason": ""},  # noqa: DTZ001
    {"reason": "\x00"}])
def test_a_new_date_lies_after_the_old_and_has_a_reason(start: Start, change: dict[str, Any]) -> None:
    walk = start().go_to("examining")

    with pytest.raises(Invalid) as refusal:
        extension(walk, **change)

    assert list(refusal.value.fields) == list(change)


def test_a_date_beyond_the_calendar_is_refused(start: Start) -> None:
    walk = start().go_to("examining")

    with pytest.raises(Refused):
        extension(walk, new_due=datetime(2999, 1, 1, tzinfo=UTC))


def test_what_stands_still_gets_no_new_date(start: Start) -> None:
    walk = start()
    walk.step("request_supplement")

    with pytest.raises(Refused):
        extension(walk, new_due=walk.now + 90 * DAY)


def test_the_head_of_a_consulted_agency_sets_no_new_date(start: Start) -> None:
    walk = start().go_to("police")

    with pytest.raises(WrongRole):
        extension(walk, member="H51.05/chuyen-mon:head")


def test_a_new_date_is_decided_on_what_was_seen(start: Start) -> None:
    walk = start().go_to("examining")
    seen = walk.dossier["version"]
    walk.step("consult")

    with pytest.raises(StaleVersion):
        extension(walk, version=seen)


def test_a_step_without_a_limit_shows_the_dossiers_date_and_follows_it(start: Start) -> None:
    walk = start("test_copies").go_to("drafting")

    assert walk.items["drafting"]["due_at"] == walk.dossier["due_at"]
    walk.step("request_supplement")
    walk.journey.now += DAY
    walk.step("supplement")
    assert walk.items["drafting"]["due_at"] == walk.dossier["due_at"]


def test_the_clock_ends_when_the_result_is_ready_and_not_when_it_is_fetched(start: Start) -> None:
    walk = start().go_to("returning")
    ended = walk.clocks("dossier")[0]["ended_at"]
    walk.journey.now += 60 * DAY

    walk.step("return_at_counter")

    assert walk.clocks("dossier")[0]["ended_at"] == ended == walk.dossier["finished_at"]
    assert ended <= walk.dossier["due_at"]

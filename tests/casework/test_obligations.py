"""What the applicant owes after the result: due from the day he gave, reminded of, fulfilled once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from engine import alarms
from engine.clocks.alarms import AlarmKind, reminders
from engine.clocks.calendar import national
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotPossibleHere, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD = "H51.01/ngoai-vu:officer"


def finished(start: Start) -> Walk:
    return start("conference_permit_local").go_to("returning")


def test_the_report_after_a_conference_is_due_fifteen_days_after_it(start: Start) -> None:
    walk = finished(start)

    owed = walk.of("obligation")[0]
    event = date.fromisoformat(walk.dossier["facts"]["event_date"])
    assert owed["due_at"].astimezone(ZONE).date() >= event + timedelta(days=15)
    assert [clock["kind"] for clock in walk.of("clock", "no")].count("obligation") == 1
    assert walk.of("obligation") == walk.go_to("returned").of("obligation")


def test_it_is_fulfilled_once_with_what_was_received(start: Start) -> None:
    walk = finished(start).go_to("returned")

    with pytest.raises(WrongRole):
        walk.do("fulfil_obligation", walk.cast["H51.05/chuyen-mon:officer"], state="obligation__1", proof="BC 12")
    with pytest.raises(Invalid):
        walk.do("fulfil_obligation", walk.cast[LEAD], state="obligation__1", proof=" ")
    walk.do("fulfil_obligation", walk.cast[LEAD], state="obligation__1", proof="Báo cáo 12/BC ngày 20/03/2027")
    with pytest.raises(NotPossibleHere):
        walk.do("fulfil_obligation", walk.cast[LEAD], state="obligation__1", proof="BC 12")

    assert walk.of("obligation")[0]["fulfilled_by"] == walk.cast[LEAD].id
    assert [clock["ended_at"] is not None for clock in walk.clocks("obligation")] == [True]
    assert walk.of("timer") == []


def test_nobody_fulfils_it_and_the_lead_and_the_desk_hear_of_it(start: Start) -> None:
    walk = finished(start).go_to("returned")
    due = walk.of("obligation")[0]["due_at"]

    alarms.sweep(walk.office, due + timedelta(minutes=1))

    told = {(row["kind"], row["unit_id"]) for row in walk.of("notice")}
    assert {("obligation_due", walk.cast.unit("H51.01/ngoai-vu")),
            ("obligation_due", walk.cast.unit("H51.02/tiep-nhan"))} <= told


def test_a_rejected_dossier_owes_nothing(start: Start) -> None:
    walk = start("conference_permit_local")
    walk.step("propose_rejection", "examining")
    walk.go_to("returned")

    assert walk.of("obligation") == []


def test_reminders_come_as_long_before_as_they_say() -> None:
    begins = datetime(2026, 11, 2, tzinfo=ZONE)
    clock = Clock.started(Limit.parse("15 days"), CountMode.DAY, begins, "obligation")

    leads = [Limit.parse(lead) for lead in ("5 days", "2 working days", "4 working hours")]
    found = reminders(clock, national(), leads)

    # due on Tuesday 17 November at 17:00; four hours of work before that are the whole afternoon
    assert [(alarm.kind, alarm.at.astimezone(ZONE).strftime("%d-%m %H:%M")) for alarm in found] == [
        (AlarmKind.REMIND, "12-11 07:00"), (AlarmKind.REMIND, "13-11 07:00"), (AlarmKind.REMIND, "17-11 11:00"),
        (AlarmKind.DUE, "17-11 17:00"),
    ]

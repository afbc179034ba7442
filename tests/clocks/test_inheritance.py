"""The calendar of an agency: what it inherits from above, what it declares itself, and what a new version changes."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from engine.clocks import Calendar, national
from engine.clocks.calendar import effective
from engine.clocks.differences import differences
from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, LocalRules, YearRules
from tests.clocks.moments import at, day, local, off, with_assumed_tet

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
SHARED = national().declaration


def rules(code: str, *days: DayRule, hours: object = ()) -> LocalRules:
    return LocalRules.model_validate({"code": code, "vi": code, "en": code, "days": days, "hours": hours})


def week(since: str, *sessions: str, saturday: str | None = None) -> dict[str, object]:
    parts: list[dict[str, object]] = [{"days": WEEKDAYS, "sessions": list(sessions)}]
    if saturday:
        parts.append({"days": ["sat"], "sessions": [saturday]})
    return {"since": since, "basis": "Quyết định thử", "week": parts}


def row(day: str, kind: str, *sessions: str) -> DayRule:
    return DayRule.model_validate({"date": day, "kind": kind, "sessions": list(sessions), "vi": "Trực", "en": "Duty",
                                   "basis": "Quyết định thử"})  # fmt: skip


def opens(calendar: Calendar, written: str) -> list[str]:
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in calendar.sessions(day(written))]


def test_an_agency_that_declares_nothing_has_the_shared_calendar() -> None:
    assert effective(SHARED, ()).version == national().version
    assert effective(SHARED, (rules("H51"), rules("H51.21"))) is effective(SHARED, ())


def test_the_nearest_hours_win_even_over_later_ones_from_above() -> None:
    province = rules("H51", hours=[week("2026-10-01", "07:30-11:30", "13:00-17:00"), week("2026-12-01", "08:00-12:00")])
    ward = rules("H51.21", hours=[week("2026-11-01", "07:00-11:00", "14:00-18:00", saturday="07:00-11:00")])
    of_ward = effective(SHARED, (province, ward))
    assert opens(of_ward, "2026-09-30") == ["07:00-11:30", "13:30-17:00"]
    assert opens(of_ward, "2026-10-30") == ["07:30-11:30", "13:00-17:00"]
    assert opens(of_ward, "2026-11-02") == ["07:00-11:00", "14:00-18:00"]
    assert opens(of_ward, "2026-12-02") == ["07:00-11:00", "14:00-18:00"]
    assert opens(of_ward, "2026-12-05") == ["07:00-11:00"]
    assert opens(effective(SHARED, (province,)), "2026-12-02") == ["08:00-12:00"]


def test_hours_count_from_their_date_in_whatever_order_they_are_written() -> None:
    later, sooner = week("2026-12-01", "08:00-12:00"), week("2026-10-01", "07:30-11:30")
    assert opens(effective(SHARED, (rules("x", hours=[later, sooner]),)), "2026-12-02") == ["08:00-12:00"]
    with pytest.raises(ValidationError):
        rules("x", hours=[later, later])


def test_a_closure_above_holds_below_unless_the_agency_re_opens_the_date() -> None:
    province = rules("H51", off("2026-10-14", "2026-10-16", kind=DayKind.CLOSURE))
    ward = rules("H51.21", row("2026-10-15", "worked"), row("2026-10-16", "half_day", "07:00-11:30"))
    of_ward = effective(SHARED, (province, ward))
    assert [opens(of_ward, f"2026-10-{number}") for number in (14, 15, 16)] == [
        [],
        ["07:00-11:30", "13:30-17:00"],
        ["07:00-11:30"],
    ]
    below = effective(SHARED, (province, ward, rules("H51.21.1", off("2026-10-15", kind=DayKind.CLOSURE))))
    assert opens(below, "2026-10-15") == []


def test_a_re_opened_holiday_has_its_own_weekdays_hours() -> None:
    parts = [{"days": ["mon", "wed"], "sessions": ["08:00-12:00"]}, {"days": ["tue"], "sessions": ["07:00-11:00"]}]
    hours = [{"since": "2026-01-01", "basis": "Quyết định thử", "week": parts}]
    found = effective(SHARED, (rules("x", row("2026-11-24", "worked"), row("2026-11-28", "worked"), hours=hours),))
    assert opens(found, "2026-11-24") == ["07:00-11:00"]  # a Tuesday
    assert opens(found, "2026-11-28") == ["08:00-12:00"]  # a Saturday


def test_saturday_mornings_do_not_undo_the_day_off_in_lieu() -> None:
    """2 September 2028 is a Saturday; who opens on Saturday mornings has the same Monday off as all others."""
    ward = effective(SHARED, (rules("x", hours=[week("2026-01-01", "07:00-11:30", saturday="07:00-11:00")]),))
    assert not ward.is_working_day(date(2028, 9, 2))
    assert not ward.is_working_day(date(2028, 9, 4))
    assert ward.is_working_day(date(2028, 9, 9))


def test_what_is_declared_survives_json() -> None:
    entered = DayRule.model_validate({**row("2026-10-15", "half_day", "07:00-11:30").model_dump(),
                                      "entered_by": "Nguyễn Thị Sen", "entered_on": "2026-10-14"})  # fmt: skip
    ward = rules("H51.21", entered, hours=[week("2026-11-01", "07:00-11:00", saturday="07:00-11:00")])
    assert LocalRules.model_validate_json(ward.model_dump_json()) == ward
    assert CalendarDeclaration.model_validate_json(SHARED.model_dump_json()) == SHARED
    merged = effective(SHARED, (ward,)).declaration
    again = CalendarDeclaration.model_validate_json(merged.model_dump_json())
    assert again == merged
    assert again.version() == merged.version()


def test_who_entered_a_row_is_part_of_its_version_only_where_it_is_known() -> None:
    known = off("2026-10-15").model_copy(update={"entered_by": "Nguyễn Thị Sen"})
    assert "entered_by" not in off("2026-10-15").model_dump()
    assert SHARED.with_local(rules("x", known)).version() != SHARED.with_local(rules("x", off("2026-10-15"))).version()


def test_the_same_calendar_differs_in_nothing() -> None:
    assert differences(national(), Calendar(SHARED)) is None


def test_a_closure_is_one_day_from_its_opening_to_its_close() -> None:
    change = differences(national(), local(off("2026-10-15", kind=DayKind.CLOSURE)))
    assert change is not None
    (one,) = change.days
    assert (one.day, len(one.before), one.after, one.moves_time) == (day("2026-10-15"), 2, (), True)
    assert (one.reason_before, one.reason_after and one.reason_after.basis) == (None, "Thông báo thử")
    assert (change.first, change.last) == (at("2026-10-15 07:00"), at("2026-10-15 17:00"))
    assert not change.announcements


def test_a_half_day_differs_only_in_the_sessions_it_loses() -> None:
    change = differences(national(), local(row("2026-12-31", "half_day", "07:00-11:30")))
    assert change is not None
    assert (change.first, change.last) == (at("2026-12-31 13:30"), at("2026-12-31 17:00"))


def test_a_new_reason_is_a_change_that_moves_no_time() -> None:
    change = differences(local(off("2026-10-15")), local(off("2026-10-15", kind=DayKind.CLOSURE)))
    assert change is not None
    assert [one.moves_time for one in change.days] == [False]
    assert (change.first, change.last) == (None, None)
    named = off("2026-10-15").model_copy(update={"entered_by": "Nguyễn Thị Sen"})
    assert differences(local(off("2026-10-15")), local(named)) is None


def test_a_notice_confirms_its_year() -> None:
    proposal = with_assumed_tet()
    notice = proposal.declaration.years[-1].model_copy(update={"announced": True, "sources": ("TB",)})
    announced = Calendar(SHARED.with_year(notice))
    change, back = differences(proposal, announced), differences(announced, proposal)
    assert change is not None
    assert back is not None
    assert (change.confirmed, change.withdrawn, back.withdrawn) == ({2027}, frozenset(), {2027})
    # the fixed holidays and the days in lieu were worked out; the notice of the test does not name them
    assert {one.day for one in change.days if one.moves_time} == {
        day(f"2027-{written}") for written in ("01-01", "04-30", "05-03", "09-02", "11-24")
    }
    assert change.first == at("2027-01-01 07:00")


def test_years_only_one_of_them_covers_are_no_difference() -> None:
    longer = Calendar(SHARED.with_year(YearRules(year=SHARED.years[-1].year + 1, announced=False)))
    assert differences(national(), longer) is None

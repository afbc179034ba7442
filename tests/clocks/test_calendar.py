"""Working days, sessions and the reasons of each date."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest
from pydantic import ValidationError

from engine.clocks import Calendar, national
from engine.clocks.faults import NaiveInstant, OutsideCalendar
from procedures.calendars.declaration import OFF, DayKind, DayRule, LocalRules, YearRules
from tests.clocks.moments import at, day, local, off

# Weekdays off and Saturdays worked, as the domain's table gives them.
ANNOUNCED = {
    2021: ("1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9", ""),
    2022: ("3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9", ""),
    2023: ("2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9", ""),
    2024: ("1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9", "4/5"),
    2025: ("1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9", "26/4"),
    2026: ("1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11", "10/1 22/8"),
}


def dates(year: int, written: str) -> set[date]:
    return {date(year, int(month), int(number)) for number, month in (one.split("/") for one in written.split())}


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", ANNOUNCED)
def test_an_announced_year_is_the_notices_table(year: int) -> None:
    weekdays_off, saturdays_worked = ANNOUNCED[year]
    found_off = {one for one in days_of(year) if one.weekday() < 5 and not national().is_working_day(one)}
    found_worked = {one for one in days_of(year) if one.weekday() >= 5 and national().is_working_day(one)}
    assert (found_off, found_worked) == (dates(year, weekdays_off), dates(year, saturdays_worked))
    assert national().announced(year)


def test_2026_has_249_working_days() -> None:
    assert national().working_days(2026) == 249


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_off_names_its_legal_basis(year: int) -> None:
    for one in days_of(year):
        why = national().why_off(one)
        assert (why is None) == national().is_working_day(one)
        assert why is None or (why.basis and why.vi and why.en)


def test_the_culture_day_cites_its_resolution() -> None:
    why = national().why_off(day("2026-11-24"))
    assert why is not None
    assert why.basis == "Nghị quyết 28/2026/QH16"
    assert national().why_off(day("2025-11-24")) is None


def test_a_swapped_saturday_is_a_full_working_day() -> None:
    assert national().is_working_day(day("2026-08-22"))
    assert national().between(at("2026-08-22 00:00"), at("2026-08-23 00:00")) == 480
    assert national().why_off(day("2026-08-31")) is not None
    rule = national().rule_of(day("2026-08-22"))
    assert rule is not None
    assert rule.basis == "Thông báo 9441/TB-BNV"


def test_the_sessions_of_a_working_day() -> None:
    assert national().sessions(day("2026-11-20")) == (
        (at("2026-11-20 07:00"), at("2026-11-20 11:30")),
        (at("2026-11-20 13:30"), at("2026-11-20 17:00")),
    )
    assert national().sessions(day("2026-11-21")) == ()
    assert national().close_of(day("2026-11-20")) == at("2026-11-20 17:00")
    assert national().close_of(day("2026-11-21")) == at("2026-11-23 17:00")
    assert national().opening_of(day("2026-11-21")) == at("2026-11-23 07:00")


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20 05:00", "2026-11-20 07:00"),
        ("2026-11-20 12:15", "2026-11-20 13:30"),
        ("2026-11-20 11:30", "2026-11-20 11:30"),
        ("2026-11-20 17:00", "2026-11-20 17:00"),
        ("2026-11-20 17:01", "2026-11-23 07:00"),
        ("2026-11-21 10:00", "2026-11-23 07:00"),
        ("2026-11-23 22:00", "2026-11-25 07:00"),
        ("2026-12-31 20:00", "2027-01-04 07:00"),
        ("2026-11-20 09:00:59", "2026-11-20 09:00"),
    ],
)
def test_valid_receipt(given: str, taken: str) -> None:
    assert national().valid_receipt(at(given)) == at(taken)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-20 07:00", 480, "2026-11-20 17:00"),
        ("2026-11-20 07:00", 270, "2026-11-20 11:30"),
        ("2026-11-20 07:00", 271, "2026-11-20 13:31"),
        ("2026-11-20 17:00", 1, "2026-11-23 07:01"),
        ("2026-11-20 17:00", -480, "2026-11-20 07:00"),
        ("2026-11-23 07:00", -1, "2026-11-20 16:59"),
        ("2026-11-20 12:00", 0, "2026-11-20 12:00"),
    ],
)
def test_added_time_lands_at_the_end_of_a_session(start: str, minutes: int, end: str) -> None:
    assert national().add(at(start), minutes) == at(end)


def test_instants_of_any_zone_are_the_same_instants() -> None:
    assert national().add(at("2026-11-20 09:00").astimezone(UTC), 60) == at("2026-11-20 10:00")


def test_2030_has_no_make_up_for_a_culture_day_on_a_sunday() -> None:
    assert day("2030-11-24").weekday() == 6
    assert national().is_working_day(day("2030-11-25"))
    assert not national().announced(2030)


def test_2028_makes_up_a_national_day_on_a_saturday() -> None:
    why = national().why_off(day("2028-09-04"))
    assert why is not None
    assert why.vi == "Nghỉ bù Quốc khánh"


def test_two_holidays_on_one_weekend_are_made_up_on_two_days() -> None:
    """30 April 2033 is a Saturday and 1 May a Sunday, as in 2022."""
    assert [national().is_working_day(day(f"2033-05-0{n}")) for n in (2, 3, 4)] == [False, False, True]


def test_2027_holds_only_what_is_fixed() -> None:
    weekdays_off = {one for one in days_of(2027) if one.weekday() < 5 and not national().is_working_day(one)}
    assert weekdays_off == dates(2027, "1/1 16/4 30/4 3/5 2/9 24/11")
    assert not national().announced(2027)


def test_before_the_first_calendar_nothing_is_guessed() -> None:
    with pytest.raises(OutsideCalendar) as refused:
        national().add(at("2020-12-31 09:00"), 60)
    assert "01/01/2021" in refused.value.message("vi")
    assert "01/01/2021" in refused.value.message("en")
    for call in (national().valid_receipt, lambda one: national().between(one, one)):
        with pytest.raises(OutsideCalendar):
            call(at("2020-12-31 09:00"))
    assert national().valid_receipt(at("2021-01-01 09:00")) == at("2021-01-04 07:00")
    assert national().between(at("2021-01-01 09:00"), at("2021-01-04 08:00")) == 60


@pytest.mark.parametrize("far", ["2200-01-01 09:00", "9999-12-31 23:59"])
def test_far_beyond_the_calendar_nothing_is_guessed(far: str) -> None:
    with pytest.raises(OutsideCalendar):
        national().add(at(far), 60)
    with pytest.raises(OutsideCalendar):
        national().valid_receipt(at(far))


def test_more_minutes_than_the_calendar_has_are_refused() -> None:
    for minutes in (10**9, -(10**9), 10**30):
        with pytest.raises(OutsideCalendar):
            national().add(at("2026-11-20 09:00"), minutes)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        national().add(at("2026-11-20 09:00").replace(tzinfo=None), 60)


def test_a_storm_closes_one_agency_by_decision() -> None:
    closed = local(off("2026-10-15", kind=DayKind.CLOSURE))
    assert closed.valid_receipt(at("2026-10-15 08:00")) == at("2026-10-16 07:00")
    assert national().is_working_day(day("2026-10-15"))
    why = closed.why_off(day("2026-10-15"))
    assert why is not None
    assert why.basis == "Thông báo thử"
    assert closed.version != national().version


def test_a_half_day_counts_the_minutes_it_works() -> None:
    half = DayRule.model_validate(
        {"date": "2026-12-31", "kind": "half_day", "sessions": ["07:00-11:30"],
         "vi": "Kiểm kê", "en": "Stocktaking", "basis": "Quyết định thử"}
    )  # fmt: skip
    calendar = local(half)
    assert calendar.add(at("2026-12-31 11:00"), 60) == at("2027-01-04 07:30")
    assert calendar.close_of(day("2026-12-31")) == at("2026-12-31 11:30")
    assert calendar.why_off(day("2026-12-31")) is None


def test_an_agency_keeps_its_own_hours_from_a_date_on() -> None:
    hours = {
        "since": "2026-07-01",
        "basis": "Quyết định thử",
        "week": [
            {"days": ["mon", "tue", "wed", "thu", "fri"], "sessions": ["07:30-11:30", "13:00-17:00"]},
            {"days": ["sat"], "sessions": ["07:30-11:30"]},
        ],
    }
    ward = local(hours=[hours])
    assert ward.opening_of(day("2026-06-30")) == at("2026-06-30 07:00")
    assert ward.opening_of(day("2026-07-01")) == at("2026-07-01 07:30")
    assert ward.close_of(day("2026-07-04")) == at("2026-07-04 11:30")
    assert not ward.is_working_day(day("2026-07-05"))


@pytest.mark.parametrize(
    "fault",
    [
        {"date": "2026-10-15", "kind": "closure", "vi": "Bão", "en": "Storm"},
        {"date": "2026-10-15", "kind": "closure", "vi": "Bão", "en": "Storm", "basis": " "},
        {"date": "2026-10-15", "kind": "party", "vi": "Bão", "en": "Storm", "basis": "QĐ"},
        {"date": "2026-10-15", "kind": "half_day", "vi": "Bão", "en": "Storm", "basis": "QĐ"},
        {"date": "2026-10-15", "kind": "closure", "sessions": ["07:00-11:30"], "vi": "a", "en": "a", "basis": "b"},
        {"date": "2026-10-15", "until": "2026-10-14", "kind": "closure", "vi": "a", "en": "a", "basis": "b"},
        {"date": "2026-10-15", "kind": "worked", "sessions": ["11:30-07:00"], "vi": "a", "en": "a", "basis": "b"},
        {"date": "2026-10-15", "kind": "worked", "sessions": ["7 to 11"], "vi": "a", "en": "a", "basis": "b"},
        {"date": "2026-10-15", "kind": "worked", "sessions": ["13:30-17:00", "07:00-11:30"], "vi": "a", "en": "a",
         "basis": "b"},
    ],
)  # fmt: skip
def test_a_calendar_row_that_makes_no_sense_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DayRule.model_validate(fault)


def test_a_date_declared_twice_is_refused() -> None:
    twice = (off("2026-10-15"), off("2026-10-14", "2026-10-16"))
    with pytest.raises(ValidationError):
        LocalRules(code="x", vi="x", en="x", days=twice)
    with pytest.raises(ValidationError):
        YearRules(year=2026, announced=True, sources=("TB",), days=twice)


def test_an_announced_year_needs_its_notice() -> None:
    with pytest.raises(ValidationError):
        YearRules(year=2026, announced=True)


def test_a_gap_between_years_is_refused() -> None:
    with pytest.raises(ValidationError):
        national().declaration.with_year(YearRules(year=2030, announced=False))


def test_the_national_files_hold_no_row_without_effect() -> None:
    """Each declared day off is off, each worked one is worked."""
    for year in national().declaration.years:
        for rule in year.days:
            for one in rule.dates():
                assert national().is_working_day(one) == (rule.kind not in OFF)


def test_the_same_content_has_the_same_version() -> None:
    assert Calendar(national().declaration).version == national().version

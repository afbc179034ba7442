"""What administrators type: read as they mean it, or refused at its field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendaring import editing, entering, wording
from engine.calendaring.entering import Clerk, HoursGiven, RowGiven
from engine.clocks import national
from engine.errors import Invalid, NotFound, Refused
from procedures.calendars.declaration import CalendarDeclaration, DayKind, DayRule, LocalRules
from procedures.calendars.proposal import proposed
from procedures.calendars.sessions import Session

SHARED = national().declaration
WARD = LocalRules(code="H51.21", vi="Phường", en="Ward")
CLERK = Clerk(name="Châu Ngọc Ánh", today=date(2026, 11, 23))
STORM = date(2026, 12, 1)


def given_row(**changes: Any) -> RowGiven:
    told: dict[str, Any] = {"day": STORM, "until": None, "until_said": False, "kind": "closure", "sessions": "",
                            "vi": "Bão số 9", "en": "", "basis": "12/QĐ-UBND"}
    return RowGiven(**(told | changes))


def row(**changes: Any) -> DayRule:
    return entering.row(given_row(**changes), CLERK)


def refused(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(error.value.fields)


@st.composite
def days(draw: st.DrawFn) -> tuple[Session, ...]:
    times = sorted(draw(st.lists(st.integers(0, 1439), min_size=2, max_size=8, unique=True)))
    return tuple(Session(opens=opens, closes=closes) for opens, closes in zip(times[::2], times[1::2], strict=False))


@given(days())
def test_hours_are_read_back_as_they_are_shown(found: tuple[Session, ...]) -> None:
    assert entering.read_sessions(wording.sessions(found)) == (found, None)


@pytest.mark.parametrize("text", ["7h30-11h30; 13h-17h", "7-11", "25:00-26:00", "11:00-07:00", "sáng", "07:60-11:00",
                                  "07:00-11:00, 10:00-12:00", "13:30-17:00, 07:00-11:30"])
def test_hours_that_cannot_be_are_told(text: str) -> None:
    found, wrong = entering.read_sessions(text)
    assert (found, bool(wrong and wrong[0] and wrong[1])) == ((), True)


@pytest.mark.parametrize("text", ["7:30-11:30 và 13:00 - 17:00", "7h30–11h30; 13h00-17h00", "07:30-11:30\n13:00-17:00"])
def test_hours_as_people_write_them(text: str) -> None:
    assert wording.sessions(entering.read_sessions(text)[0]) == "07:30-11:30, 13:00-17:00"


def test_a_row_knows_who_entered_it_and_when() -> None:
    made = row()
    assert (made.entered_by, made.entered_on) == (CLERK.name, CLERK.today)
    assert made.en == "Closed by decision"


@pytest.mark.parametrize(("changes", "fields"), [
    ({"day": None}, {"date"}), ({"kind": "party"}, {"kind"}), ({"vi": "", "basis": ""}, {"vi", "basis"}),
    ({"until_said": True}, {"until"}), ({"until": STORM - timedelta(days=1)}, {"until"}),
    ({"until": STORM + timedelta(days=400)}, {"until"}), ({"sessions": "07:00-11:30"}, {"sessions"}),
    ({"kind": "half_day"}, {"sessions"}), ({"kind": "half_day", "sessions": "x"}, {"sessions"}),
    ({"basis": "x" * 301}, {"basis"}),
])
def test_every_fault_of_a_row_is_at_its_field(changes: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(Invalid) as error:
        row(**changes)
    assert refused(error) == fields


@pytest.mark.parametrize(("content", "changes", "field"), [
    (SHARED, {"day": date(2026, 11, 24)}, "date"), (SHARED, {"day": date(2029, 1, 5)}, "date"),
    (SHARED, {"day": date(2020, 1, 5)}, "date"), (WARD, {"day": date(1999, 1, 5)}, "date"),
    (SHARED, {"day": date(2026, 12, 31), "until": date(2027, 1, 2)}, "until"),
    (SHARED, {"day": date(2026, 2, 13), "until": date(2026, 2, 16)}, "date"),
])
def test_a_row_that_does_not_fit_the_calendar_is_refused(
        content: CalendarDeclaration | LocalRules, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        editing.put_row(content, row(**changes))
    assert refused(error) == {field}


@pytest.mark.parametrize("content", [SHARED, WARD])
def test_a_row_added_moved_and_removed_leaves_the_calendar_as_it_was(content: CalendarDeclaration | LocalRules) -> None:
    added = editing.put_row(content, row())
    moved = editing.put_row(added, row(day=STORM + timedelta(days=1)), STORM)
    assert wording.changes(content, moved)[0].vi.startswith("Thêm 02/12/2026 Đóng cửa theo quyết định")
    assert editing.remove_row(moved, STORM + timedelta(days=1)) == content
    with pytest.raises(NotFound):
        editing.remove_row(content, STORM)


def test_an_agency_may_close_over_the_new_year() -> None:
    added = editing.put_row(WARD, row(day=date(2026, 12, 31), until=date(2027, 1, 2)))
    assert [one.until for one in added.days] == [date(2027, 1, 2)]


def test_hours_of_equal_days_are_one_part_and_a_date_has_them_once() -> None:
    week = {name: "07:30-11:30" for name in ("mon", "tue", "wed")} | {"sat": "07:30-11:00"}
    made = entering.hours(HoursGiven(since=STORM, basis="12/QĐ-UBND", week=week))  # type: ignore[arg-type]
    assert [part.days for part in made.week] == [("mon", "tue", "wed"), ("sat",)]
    once = editing.put_hours(WARD, made)
    with pytest.raises(Invalid) as error:
        editing.put_hours(once, made)
    assert refused(error) == {"since"}
    assert editing.put_hours(once, made, STORM) == once
    assert editing.remove_hours(once, STORM) == WARD
    with pytest.raises(Refused):
        editing.remove_hours(SHARED, SHARED.hours[0].since)
    with pytest.raises(Invalid) as error:
        entering.hours(HoursGiven(since=None, basis="", week={}))
    assert refused(error) == {"since", "basis", "mon"}


def test_a_year_is_confirmed_with_its_notice_and_all_its_holidays() -> None:
    for announced, sources, field in ((True, [], "sources"), (True, ["TB"], "announced")):
        with pytest.raises(Invalid) as error:
            editing.set_year(SHARED, 2027, announced, sources)
        assert refused(error) == {field}
    taken = editing.take_proposal(SHARED, proposed(2027, SHARED))
    confirmed = editing.set_year(taken, 2027, True, ["9999/TB-BNV"])
    assert wording.changes(taken, confirmed)[0].vi == "Xác nhận năm 2027 đã công bố: 9999/TB-BNV"
    with pytest.raises(Refused):
        editing.take_proposal(confirmed, proposed(2027, SHARED))
    with pytest.raises(Refused):
        editing.take_proposal(SHARED, proposed(2029, SHARED))
    assert editing.take_proposal(confirmed, proposed(2028, SHARED)).years[-1].year == 2028


def test_a_proposal_leaves_what_no_notice_decides() -> None:
    """A swap somebody has entered, and a closure in the middle of Tết."""
    swap = row(day=date(2027, 1, 4), kind="swapped_off", vi="Hoán đổi")
    closed = row(day=date(2027, 2, 8), vi="Bão")
    with_own = editing.put_row(editing.put_row(SHARED, swap), closed)
    days_of_2027 = editing.take_proposal(with_own, proposed(2027, SHARED)).years[-1].days
    assert {swap, closed} <= set(days_of_2027)
    tet = {day for one in days_of_2027 if one.vi == "Tết Âm lịch" for day in one.dates()}
    assert tet == {date(2027, 2, number) for number in (5, 6, 7, 9)}
    assert [one.kind for one in days_of_2027 if one.date == date(2027, 4, 16)] == [DayKind.HOLIDAY]

"""Two acceptance scenarios of the domain, as far as they are arithmetic: days in lieu, a notice that comes late."""

from __future__ import annotations

import pytest

from engine.clocks import Calendar, evaluate, explain, national
from engine.clocks.differences import differences
from procedures.calendars.declaration import YearRules
from tests.clocks.moments import DAY, at, clock, day, off

# What the Government might announce; before it only the fixed holidays are known.
NOTICE = YearRules(
    year=2027,
    announced=True,
    sources=("Thông báo thử",),
    days=(off("2027-01-01"), off("2027-02-05"), off("2027-02-08", "2027-02-11"), off("2027-04-16"), off("2027-04-30"),
          off("2027-05-03"), off("2027-09-02"), off("2027-11-24")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("holiday", "next_weekday", "made_up"),
    [
        ("2030-11-24", "2030-11-25", False),  # a Sunday; Resolution 28/2026 gives no day in lieu
        ("2023-09-02", "2023-09-04", True),  # a Saturday, as announced
        ("2028-09-02", "2028-09-04", True),  # a Saturday, before anything is announced
        ("2027-05-01", "2027-05-03", True),
    ],
)
def test_scenario_18_a_holiday_on_a_rest_day_is_made_up_if_the_law_says_so(
    holiday: str, next_weekday: str, made_up: bool
) -> None:
    assert day(holiday).weekday() >= 5
    assert day(next_weekday).weekday() == 0
    assert national().is_working_day(day(next_weekday)) is not made_up
    why = national().why_off(day(next_weekday))
    assert (why is not None and "Điều 111.3" in why.basis) is made_up


def test_scenario_2_a_notice_that_comes_later_makes_a_provisional_due_date_certain_and_moves_it() -> None:
    """Before it the Tết of 2027 is nobody's guess: 3 February and three working days are Monday the 8th."""
    waiting = clock("3 working days", DAY, ("start", "2027-02-03 14:00"))
    before = evaluate(waiting, national())
    announced = Calendar(national().declaration.with_year(NOTICE))
    after = evaluate(waiting, announced)
    assert (before.due, before.provisional) == (at("2027-02-08 17:00"), True)
    assert (after.due, after.provisional) == (at("2027-02-15 17:00"), False)
    assert "tạm tính" in explain(waiting, national())[-1].vi
    assert "tạm tính" not in explain(waiting, announced)[-1].vi
    change = differences(national(), announced)
    assert change is not None
    assert change.confirmed == {2027}
    assert [one.day.day for one in change.days if one.moves_time and one.day.month == 2] == [5, 8, 9, 10, 11]

"""How a limit is written, and what is no limit."""

from __future__ import annotations

import unicodedata

import pytest

from engine.clocks import Limit, due, national
from engine.clocks.faults import BadLimit
from tests.clocks.moments import DAY, HOUR, at


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("3 working days", ["3 working days"]),
        ("1 working day", ["1 working day"]),
        ("3 ngày làm việc", ["3 working days"]),
        ("3  NGÀY   làm việc", ["3 working days"]),
        (unicodedata.normalize("NFD", "3 ngày làm việc"), ["3 working days"]),
        ("4 working hours", ["4 working hours"]),
        ("4 giờ làm việc", ["4 working hours"]),
        ("15 days", ["15 days"]),
        ("12 ngày", ["12 days"]),
        ("2 months", ["2 months"]),
        ("2 tháng", ["2 months"]),
        (["5 working days", "12 days"], ["5 working days", "12 days"]),
        (("5 ngày làm việc", "12 ngày"), ["5 working days", "12 days"]),
        ("5 ngày làm việc + 12 ngày", ["5 working days", "12 days"]),
        ("10 working days", ["10 working days"]),
    ],
)
def test_a_limit_is_read_as_the_law_writes_it(written: str, canonical: list[str]) -> None:
    assert Limit.parse(written).written() == canonical
    assert Limit.parse(canonical) == Limit.parse(written)


def test_a_limit_reads_in_both_languages() -> None:
    limit = Limit.parse(["5 working days", "12 days"])
    assert (limit.vi, limit.en) == ("5 ngày làm việc + 12 ngày", "5 working days + 12 days")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0 working days",
        "-3 working days",
        "3",
        "days",
        "3 fortnights",
        "1.5 working days",
        "0,5 ngày làm việc",
        "3 hours",
        "1000 years",
        "365000 days",
        "121 months",
        "99999999999999999999999 days",
        "٣ days",
        "3 days; drop table",
        "5 working days +",
        [],
        [3],
        ["10 days", "3655 days"],
    ],
)
def test_what_is_no_limit_is_refused_with_what_would_be(written: str | list[str]) -> None:
    with pytest.raises(BadLimit) as refused:
        Limit.parse(written)
    assert refused.value.code == "bad_limit"
    assert refused.value.message("vi") != refused.value.message("en")


def test_the_longest_limit_is_ten_years() -> None:
    assert due(Limit.parse("120 months"), DAY, at("2026-11-20 09:00"), national()) == at("2036-11-20 17:00")
    with pytest.raises(BadLimit) as refused:
        Limit.parse("36500 days")
    assert "“36500 ngày” không hợp lệ: dài nhất là 10 năm" in refused.value.message("vi")
    assert "“36500 days” is not valid: the longest allowed is 10 years" in refused.value.message("en")


@pytest.mark.parametrize(
    ("received", "limit", "due_at"),
    [
        ("2026-01-30 09:00", "1 month", "2026-03-02 17:00"),  # 28 February is a Saturday
        ("2026-11-20 09:00", "2 months", "2027-01-20 17:00"),
        ("2024-01-31 09:00", "1 month", "2024-02-29 17:00"),
        ("2026-11-21 09:00", "15 days", "2026-12-08 17:00"),  # received on a Saturday: Monday is the first day
        ("2026-02-10 09:00", "4 days", "2026-02-23 17:00"),  # ends in Tết: moves to the day after it
        ("2026-11-20 16:00", "4 working hours", "2026-11-23 10:00"),
    ],
)
def test_hours_days_and_months(received: str, limit: str, due_at: str) -> None:
    assert due(Limit.parse(limit), DAY, at(received), national()) == at(due_at)


def test_the_parts_of_a_limit_run_one_after_the_other() -> None:
    """Funeral allowance: five working days at the commune, then twelve days at the department."""
    limit = Limit.parse(["5 working days", "12 days"])
    assert due(limit, DAY, at("2026-11-02 08:00"), national()) == at("2026-11-23 17:00")
    assert due(limit, HOUR, at("2026-11-02 08:00"), national()) == at("2026-11-23 17:00")

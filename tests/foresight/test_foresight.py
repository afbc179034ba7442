"""Limits that do not fit, dates that holidays move, work that a procedure brings: foreseen before the first dossier."""

from __future__ import annotations

from datetime import date

import pytest

from engine.clocks import CountMode, Limit, national
from engine.foresight import judge
from engine.foresight.closures import foreseen
from engine.foresight.durations import in_days, minutes
from engine.foresight.limits import compared
from engine.foresight.load import load
from engine.states.findings import Finding
from procedures.declaration import Declaration
from tests.states import samples

PROCESSING = """\
    examining: {party: lead, role: officer, name: {vi: Thẩm định, en: Examining}, limit: 4 working hours}
    measuring: {party: field, role: officer, name: {vi: Đo đạc, en: Measuring}, limit: 10 working days, when: a}
    consulting:
      name: {vi: Lấy ý kiến, en: Consulting}
      parallel:
        police: {party: police, role: officer, name: {vi: Công an, en: Police}, limit: 14 days, when: b}
        taxes: {party: taxes, role: officer, name: {vi: Thuế, en: Taxes}, limit: 7 days}
    summing_up: {party: lead, role: officer, name: {vi: Tổng hợp, en: Summing up}, limit: 1 working day}
"""
TODAY = date(2026, 11, 23)


def declared(limit: str, processing: str = PROCESSING, more: str = "") -> Declaration:
    return samples.parsed(samples.text(processing, more=more).replace("limit: 20 working days\n", f"{limit}\n", 1))


def found(declaration: Declaration, code: str) -> list[Finding]:
    return [finding for finding in judge(declaration).findings if finding.code.startswith(code)]


def days(declaration: Declaration) -> set[tuple[str, str]]:
    return {(in_days(one.span.least)[1], in_days(one.span.most)[1]) for one in compared(declaration)}


def test_units_are_made_comparable_and_the_measure_is_said() -> None:
    assert minutes("7 days") == minutes("5 working days") == minutes("40 working hours")
    assert minutes(["5 working days", "7 days"]) == minutes("10 working days")
    assert in_days(minutes("4 working hours")) == ("0,5 ngày làm việc", "0.5 working days")
    [finding] = found(declared("limit: 2 working days"), "limit_exceeded")
    assert "1 ngày làm việc = 8 giờ làm việc" in finding.vi
    assert "7 days = 5 working days" in finding.en


def test_branches_work_at_the_same_time_and_steps_passed_over_take_none() -> None:
    assert days(declared("limit: 30 working days")) == {
        ("6.5 working days", "6.5 working days"),
        ("11.5 working days", "11.5 working days"),
        ("16.5 working days", "16.5 working days"),
        ("21.5 working days", "21.5 working days"),
    }


@pytest.mark.parametrize(
    ("limit", "code"),
    [("22 working days", None), ("21 working days", "limit_exceeded_sometimes"), ("6 working days", "limit_exceeded")],
)
def test_a_limit_is_red_when_no_case_fits_and_amber_when_some_does_not(limit: str, code: str | None) -> None:
    limits = found(declared(f"limit: {limit}"), "limit_exceeded")
    assert [finding.code for finding in limits] == ([code] if code else [])
    assert all(finding.where == ("limit",) for finding in limits)


def test_a_case_of_its_own_is_compared_with_its_own_limit() -> None:
    more = "limit_cases:\n  - {when: a, limit: 15 working days}\n"
    [finding] = found(declared("limit: 12 working days", more=more), "limit_exceeded")
    assert (finding.severity, finding.where) == ("amber", ("limit_cases", 0, "limit"))
    assert "21,5 ngày làm việc" in finding.vi
    assert not found(declared("limit: 12 working days", more=more.replace("15", "22")), "limit_exceeded")


def test_a_consultation_that_needs_one_answer_may_be_short() -> None:
    one = PROCESSING.replace("      parallel:", "      join: any\n      parallel:").replace(", when: b", "")
    assert days(declared("limit: 30 working days", one)) == {
        ("6.5 working days", "11.5 working days"),
        ("16.5 working days", "21.5 working days"),
    }


def test_a_way_past_steps_is_the_shorter_one() -> None:
    more = "transitions:\n  - {from: examining, on: leap, to: summing_up, name: {vi: Đi thẳng, en: Leap}}\n"
    assert min(one.span.least for one in compared(declared("limit: 30 days", more=more))) == minutes("12 working hours")


def test_without_a_limit_nothing_is_compared() -> None:
    none = declared("limit: null\nlimit_note: {vi: Không quy định, en: None is set}")
    assert not found(none, "limit_exceeded")
    assert not found(none, "step_without_limit")


def test_steps_without_a_limit_are_named() -> None:
    [finding] = found(declared("limit: 30 working days"), "step_without_limit")
    assert finding.severity == "note"
    assert "Xem xét, Ký, Phát hành" in finding.vi


def test_tet_moves_due_dates_and_can_swallow_a_short_limit() -> None:
    """In 2026 offices closed for Tết from Saturday 14 to Sunday 22 February."""
    year = foreseen(Limit.parse("2 days"), CountMode.DAY, national(), date(2026, 1, 26))
    assert (date(2026, 2, 13), date(2026, 2, 23)) in year.swallowed
    assert year.moved >= len(year.swallowed) > 0
    assert foreseen(Limit.parse("20 working days"), CountMode.DAY, national(), date(2026, 1, 26)).moved > 20


def test_a_year_whose_holidays_are_not_announced_is_said() -> None:
    report = judge(declared("limit: 30 working days"), calendar=national(), today=date(2026, 11, 23))
    [finding] = [finding for finding in report.findings if finding.code == "year_not_announced"]
    assert "2027" in finding.vi
    assert "2026" not in finding.en


def test_a_year_that_begins_beyond_the_calendar_foresees_nothing() -> None:
    assert foreseen(Limit.parse("2 days"), CountMode.DAY, national(), date(2199, 1, 1)).days == 0


def test_the_calendar_and_the_load_are_judged_only_when_given() -> None:
    declaration = declared("limit: 30 working days")
    codes = {finding.code for finding in judge(declaration).findings}
    assert not codes & {"due_moved_by_closures", "limit_in_closure", "load"}
    report = judge(declaration, calendar=national(), today=TODAY, monthly=10)
    assert {"due_moved_by_closures", "load"} <= {finding.code for finding in report.findings}
    assert report.publishable


def test_the_load_of_a_party_is_what_its_steps_may_take() -> None:
    declaration = declared("limit: 30 working days")
    assert load(declaration)["lead"] == minutes("12 working hours")
    assert load(declaration)["police"] == minutes("14 days")
    [told] = [finding for finding in judge(declaration, monthly=10).findings if finding.code == "load"]
    assert "1,5 ngày làm việc một hồ sơ, 15 ngày làm việc một tháng" in told.vi


def test_the_worst_comes_first() -> None:
    order = ["red", "amber", "note"]
    weights = [order.index(finding.severity) for finding in judge(declared("limit: 6 working days")).findings]
    assert weights == sorted(weights)
    assert weights[0] == 0

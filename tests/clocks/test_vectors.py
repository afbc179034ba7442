"""The ten vectors of the domain, by name, in both ways of counting."""

from __future__ import annotations

import pytest

from engine.clocks import CountMode, Limit, MarkKind, due, evaluate, national
from tests.clocks.moments import DAY, HOUR, at, clock, with_assumed_tet

VECTORS = [
    ("V1", "2026-11-20 09:00", "3 working days", "2026-11-26 17:00", "2026-11-26 09:00"),
    ("V2", "2026-02-13 10:00", "5 working days", "2026-02-27 17:00", "2026-02-27 10:00"),
    ("V3", "2026-12-28 15:30", "7 working days", "2027-01-07 17:00", "2027-01-07 15:30"),
    ("V4", "2026-04-29 16:45", "1 working day", "2026-05-04 17:00", "2026-05-04 16:45"),
    ("V5", "2026-04-24 17:20", "1 working day", "2026-04-29 17:00", "2026-04-28 17:00"),
    ("V6", "2026-12-22 09:00", "12 days", "2027-01-04 17:00", "2027-01-04 17:00"),
    ("V7", "2026-11-02 08:00", "7 working days", "2026-11-11 17:00", "2026-11-11 08:00"),
    ("V8", "2026-08-28 10:00", "2 working days", "2026-09-04 17:00", "2026-09-04 10:00"),
    ("V9", "2027-02-03 14:00", "3 working days", "2027-02-15 17:00", "2027-02-15 14:00"),
    ("V10", "2026-08-21 14:00", "1 working day", "2026-08-22 17:00", "2026-08-22 14:00"),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
@pytest.mark.parametrize("mode", CountMode)
def test_a_vector_is_due_when_the_domain_says(vector: tuple[str, ...], mode: CountMode) -> None:
    _, received, limit, by_day, by_hour = vector
    found = due(Limit.parse(limit), mode, at(received), with_assumed_tet())
    assert found == at(by_day if mode is DAY else by_hour)


@pytest.mark.parametrize("vector", [v for v in VECTORS if v[0] != "V9"], ids=lambda vector: vector[0])
def test_only_the_assumed_new_year_needs_a_proposal(vector: tuple[str, ...]) -> None:
    assert due(Limit.parse(vector[2]), DAY, at(vector[1]), national()) == at(vector[3])


@pytest.mark.parametrize(
    ("received", "provisional"),
    [("2027-02-03 14:00", True), ("2026-12-28 15:30", True), ("2026-11-20 09:00", False)],
    ids=["V9", "V3", "V1"],
)
def test_a_due_date_in_an_unannounced_year_says_it_is_provisional(received: str, provisional: bool) -> None:
    found = evaluate(clock("7 working days", DAY, ("start", received)), with_assumed_tet())
    assert found.provisional is provisional


@pytest.mark.parametrize(
    ("mode", "mark", "due_at"),
    [
        (DAY, MarkKind.RESTART, "2026-11-19 17:00"),
        (HOUR, MarkKind.RESTART, "2026-11-19 09:00"),
        (HOUR, MarkKind.RESUME, "2026-11-16 17:00"),
        # Tue 3 counted before the stop; Wed 11 to Fri 13 and Mon 16 to Wed 18 after it.
        (DAY, MarkKind.RESUME, "2026-11-18 17:00"),
    ],
)
def test_v7_after_the_supplement(mode: CountMode, mark: MarkKind, due_at: str) -> None:
    stopped = clock("7 working days", mode, ("start", "2026-11-02 08:00"), ("stop", "2026-11-04 10:00"))
    assert evaluate(stopped.marked(mark, at("2026-11-10 09:00")), national()).due == at(due_at)


def test_v7_has_38_hours_left_while_it_waits() -> None:
    stopped = clock("7 working days", HOUR, ("start", "2026-11-02 08:00"), ("stop", "2026-11-04 10:00"))
    found = evaluate(stopped, national(), at("2026-11-10 09:00"))
    assert (found.due, found.remaining, found.elapsed) == (None, 38 * 60, 18 * 60)
    assert found.due_if_resumed == at("2026-11-16 17:00")
    assert found.first_due == at("2026-11-11 08:00")


def test_v9_once_announced_is_no_longer_provisional() -> None:
    proposal = with_assumed_tet().declaration.years[-1]
    notice = proposal.model_copy(update={"announced": True, "sources": ("Thông báo năm 2027",)})
    announced = type(national())(national().declaration.with_year(notice))
    waiting = clock("3 working days", DAY, ("start", "2027-02-03 14:00"))
    assert evaluate(waiting, with_assumed_tet()).provisional
    assert not evaluate(waiting, announced).provisional
    assert evaluate(waiting, announced).calendar_version != evaluate(waiting, with_assumed_tet()).calendar_version

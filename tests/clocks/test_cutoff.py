"""R8: paper leaves the same working day, or with the next opening when received after 15:00."""

from __future__ import annotations

import pytest

from engine.clocks import national
from engine.clocks.cutoff import forward_by
from procedures.calendars.declaration import DayRule
from tests.clocks.moments import at, local


@pytest.mark.parametrize(
    ("received", "by"),
    [
        ("2026-11-20 14:59", "2026-11-20 17:00"),
        ("2026-11-20 15:00", "2026-11-20 17:00"),
        ("2026-11-20 15:01", "2026-11-23 07:00"),
        ("2026-11-20 06:00", "2026-11-20 17:00"),
        ("2026-11-20 18:00", "2026-11-23 07:00"),
        ("2026-11-23 15:30", "2026-11-25 07:00"),
        ("2026-11-21 09:00", "2026-11-23 17:00"),
        ("2026-08-22 10:00", "2026-08-22 17:00"),
    ],
)
def test_paper_leaves_by(received: str, by: str) -> None:
    assert forward_by(at(received), national()) == at(by)


def test_a_half_day_closes_the_desk_before_the_cut_off() -> None:
    half = DayRule.model_validate(
        {"date": "2026-12-31", "kind": "half_day", "sessions": ["07:00-11:30"], "vi": "a", "en": "a", "basis": "b"}
    )
    assert forward_by(at("2026-12-31 11:00"), local(half)) == at("2026-12-31 11:30")
    assert forward_by(at("2026-12-31 12:00"), local(half)) == at("2027-01-04 07:00")


def test_the_hour_is_that_of_the_rules_in_force() -> None:
    """Under Decree 61/2018, too."""
    assert forward_by(at("2024-05-06 15:00"), national()) == at("2024-05-06 17:00")
    assert forward_by(at("2024-05-06 15:01"), national()) == at("2024-05-07 07:00")

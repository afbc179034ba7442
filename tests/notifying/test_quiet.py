"""Nobody is disturbed at night; minutes of the day, also over midnight."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clocks.zone import ZONE
from engine.notifying.quiet import awake

NIGHT = (21 * 60, 7 * 60)


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=ZONE)


@pytest.mark.parametrize(("now", "then"), [
    ("2026-11-23T20:59", "2026-11-23T20:59"), ("2026-11-23T21:00", "2026-11-24T07:00"),
    ("2026-11-23T23:59:30", "2026-11-24T07:00"), ("2026-11-24T00:00", "2026-11-24T07:00"),
    ("2026-11-24T06:59:59", "2026-11-24T07:00"), ("2026-11-24T07:00", "2026-11-24T07:00"),
])
def test_the_night_ends_at_seven(now: str, then: str) -> None:
    assert awake(at(now), *NIGHT) == at(then)


MINUTES = st.integers(0, 1439)


@given(minute=MINUTES, begins=MINUTES, ends=MINUTES)
def test_what_is_put_off_once_is_not_put_off_again(minute: int, begins: int, ends: int) -> None:
    now = at(f"2026-11-23T{minute // 60:02}:{minute % 60:02}")

    later = awake(now, begins, ends)

    assert now <= later
    assert (later - now).total_seconds() < 86400
    assert awake(later, begins, ends) == later

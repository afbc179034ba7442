"""Instants as whole minutes of legal time in Vietnam.

Slips and books print hh:mm, so the law's clock has no seconds: what happens at 09:00:37 happens at 09:00.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.clocks.faults import NaiveInstant

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTES_A_DAY = 1440

# Any midnight after 1975 serves: since then the zone has kept +07:00 without daylight saving.
EPOCH = datetime(2000, 1, 1, tzinfo=ZONE)
_EPOCH_DAY = EPOCH.toordinal()
_MINUTE = timedelta(minutes=1)


def minute_of(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise NaiveInstant(instant=instant.isoformat(sep=" "))
    since = instant - EPOCH
    return since.days * MINUTES_A_DAY + since.seconds // 60


def instant_of(minute: int) -> datetime:
    return EPOCH + minute * _MINUTE


def day_of(minute: int) -> int:
    """The day a minute belongs to, counted from the epoch."""
    return minute // MINUTES_A_DAY


def day_number(day: date) -> int:
    return day.toordinal() - _EPOCH_DAY


def date_of(number: int) -> date:
    return date.fromordinal(number + _EPOCH_DAY)

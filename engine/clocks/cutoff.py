"""By when a paper dossier must leave the desk that received it."""

from __future__ import annotations

from datetime import datetime

from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE, date_of, day_of, minute_of
from procedures import policies


def forward_by(received_at: datetime, calendar: Calendar) -> datetime:
    """The same working day when received by the hour in force (15:00), else the opening of the next (R8).

    What is received on a day off counts as received at the next opening.
    """
    minute = minute_of(received_at)
    day = date_of(day_of(minute))
    if not calendar.is_working_day(day):
        return calendar.close_of(day)
    close = calendar.close_of(day)
    latest = min(datetime.combine(day, policies.at(day).cutoff, ZONE), close)
    return close if minute <= minute_of(latest) else calendar.opening_of(date_of(day_of(minute) + 1))

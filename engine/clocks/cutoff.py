"""By when a paper dossier must leave the desk that received it."""

from __future__ import annotations

from datetime import datetime, time

from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE, date_of, day_of, minute_of

CUTOFF = time(15, 0)


def forward_by(received_at: datetime, calendar: Calendar, cutoff: time = CUTOFF) -> datetime:
    """The same working day when received by 15:00, else the opening of the next (Decree 61/2018 art. 18).

    What is received on a day off counts as received at the next opening.
    """
    minute = minute_of(received_at)
    day = date_of(day_of(minute))
    if not calendar.is_working_day(day):
        return calendar.close_of(day)
    close = calendar.close_of(day)
    latest = min(datetime.combine(day, cutoff, ZONE), close)
    return close if minute <= minute_of(latest) else calendar.opening_of(date_of(day_of(minute) + 1))

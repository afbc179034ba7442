"""Years that nobody has confirmed: from 1 December on, whoever keeps calendars is told until the notice is entered."""

from __future__ import annotations

from datetime import date, datetime

from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE
from engine.office import Office
from engine.workcalendars import SHARED

DECEMBER = 12


def unconfirmed(office: Office, now: datetime) -> int | None:
    """The year whose notice is overdue in the shared calendar: the next one from 1 December on, or this one."""
    return missing_year(office.fresh_catalogue().calendar(SHARED), now.astimezone(ZONE).date())


def missing_year(calendar: Calendar, today: date) -> int | None:
    if not calendar.announced(today.year):
        return today.year
    if today.month == DECEMBER and not calendar.announced(today.year + 1):
        return today.year + 1
    return None

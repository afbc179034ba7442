"""Hours of the day in which nobody is disturbed."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from engine.clocks.zone import ZONE

DAY = 24 * 60


def minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def awake(at: datetime, quiet_from: int, quiet_until: int) -> datetime:
    """`at`, or the end of the quiet hours it lies in. Minutes of the day in Vietnam; they may reach over midnight."""
    local = at.astimezone(ZONE)
    present = local.hour * 60 + local.minute
    if not (present - quiet_from) % DAY < (quiet_until - quiet_from) % DAY:
        return at
    left = (quiet_until - present) % DAY
    return local.replace(second=0, microsecond=0) + timedelta(minutes=left)

"""By when a paper must be ready to go with a courier's run."""

from __future__ import annotations

from datetime import datetime, time

from engine.clocks.zone import ZONE

# What is received by 15:00 leaves the same day (Decree 61/2018 art. 18), so the last
# run departs after 15:00 and takes what was ready by then.
CUT_OFF = time(15, 0)


def ready_by(depart_at: datetime) -> datetime:
    """What is ready later goes with a later run."""
    return min(depart_at, datetime.combine(depart_at.astimezone(ZONE).date(), CUT_OFF, ZONE))

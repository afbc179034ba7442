"""The clock of the play: it stands while somebody acts, is moved on between acts, and never goes back.

So a day takes as long as its acts do, and the same script gives the same times on every machine.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.timekeeper import set_shown

STANDING = 0.0


class StageClock:
    """Every process of the stage reads it from one file (LIENTHONG_CLOCK)."""

    def __init__(self, path: Path, begins: datetime) -> None:
        self.path = path
        self._shown, self._written = begins, time.time_ns()
        self._show()

    def now(self) -> datetime:
        return self._shown

    def jump(self, to: datetime) -> datetime:
        """Shows `to`, unless it is later already."""
        if to > self._shown:
            self._shown = to
            self._show()
        return self._shown

    def step(self, seconds: float) -> datetime:
        return self.jump(self._shown + timedelta(seconds=seconds))

    def _show(self) -> None:
        set_shown(self.path, self._shown.astimezone(UTC), STANDING)
        # readers notice a change by the time of the file, and the kernel's own stamps are some milliseconds apart
        self._written = max(time.time_ns(), self._written + 1_000_000)
        os.utime(self.path, ns=(self._written, self._written))

"""The wall clock of the play: it runs as fast as ours, is moved on between acts, and never goes back."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.timekeeper import set_shown


class StageClock:
    """Every process of the stage reads it from one file (LIENTHONG_CLOCK)."""

    def __init__(self, path: Path, begins: datetime) -> None:
        self.path = path
        self._shown, self._since = begins, time.monotonic()
        self._written = time.time_ns()
        self._show()

    def now(self) -> datetime:
        return self._shown + timedelta(seconds=time.monotonic() - self._since)

    def jump(self, to: datetime) -> datetime:
        """Shows `to`, unless it is later already."""
        if to > self.now():
            self._shown, self._since = to, time.monotonic()
            self._show()
        return self.now()

    def step(self, seconds: float) -> datetime:
        return self.jump(self.now() + timedelta(seconds=seconds))

    def _show(self) -> None:
        set_shown(self.path, self._shown.astimezone(UTC), 1.0)
        # readers notice a change by the time of the file, and the kernel's own stamps are some milliseconds apart
        self._written = max(time.time_ns(), self._written + 1_000_000)
        os.utime(self.path, ns=(self._written, self._written))

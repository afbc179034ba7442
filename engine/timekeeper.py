"""The one place that reads the clock for business time.

A demonstration may play a month in minutes: LIENTHONG_CLOCK names a JSON file
{"real": seconds, "shown": seconds, "speed": factor}; without it the clock is the machine's. Then every process says so
in its log, every page in its bar, and where people work for real (engine/settings.py) nothing starts.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

_path = os.environ.get("LIENTHONG_CLOCK", "")
_seen: tuple[tuple[int, int], float, float, float] = ((-1, -1), 0.0, 0.0, 1.0)


def now() -> datetime:
    """The present instant, aware, UTC, cut to microseconds as PostgreSQL stores it."""
    real = time.time()
    if _path:
        real = _shown(real)
    return datetime.fromtimestamp(real, UTC)


def is_real() -> bool:
    """Whether `now` is the machine's time."""
    return not _path


def _shown(real: float) -> float:
    global _seen  # a cache of one file; two that are written within milliseconds may have the same time
    found = os.stat(_path)
    changed = (found.st_mtime_ns, found.st_ino)
    if changed != _seen[0]:
        told = json.loads(Path(_path).read_text(encoding="utf-8"))
        _seen = (changed, told["real"], told["shown"], told["speed"])
    _, anchor, shown, speed = _seen
    return shown + (real - anchor) * speed


def set_shown(path: Path, shown: datetime, speed: float) -> None:
    """Let every process that reads `path` see `shown` now, running `speed` times as fast."""
    told = {"real": time.time(), "shown": shown.timestamp(), "speed": speed}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(path)

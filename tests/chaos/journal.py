"""What was asked and what was answered, on disk before anybody relies on it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    INTENT = "intent"
    ACK = "ack"
    REFUSED = "refused"


class Journal:
    """One line an entry, written and synced before the call returns. An intent without an answer is unknown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self.acks = 0
        self.handoffs = 0

    def intent(self, key: str, said: dict[str, Any]) -> None:
        self._write({"kind": Kind.INTENT, "key": key, **said})

    def ack(self, key: str, reply: dict[str, Any]) -> None:
        self._write({"kind": Kind.ACK, "key": key, "reply": reply})
        with self._lock:
            self.acks += 1
            self.handoffs += len(reply["handoffs"])

    def refused(self, key: str, status: int, body: str) -> None:
        self._write({"kind": Kind.REFUSED, "key": key, "status": status, "body": body})

    def _write(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            os.write(self._file, line)
            os.fsync(self._file)


def read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)

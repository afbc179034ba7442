"""Entries of the audit chain, as they are hashed (engine/audit.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from storage.session import Database

ENTRY: LiteralString = """a.dossier_id, a.seq, a.at, a.actor_id, a.actor_name, a.unit_id, a.unit_name, a.action,
  a.from_states, a.to_states, a.details, a.prev, a.hash"""


@dataclass(slots=True)
class Entry:
    dossier_id: int
    seq: int
    at: datetime
    actor_id: int | None
    actor_name: str
    unit_id: int | None
    unit_name: str
    action: str
    from_states: list[str]
    to_states: list[str]
    details: str
    prev: bytes
    hash: bytes


def entries(db: Database, dossier_id: int, seq: int) -> list[Entry]:
    """Those up to `seq`, in order."""
    return db.rows(Entry, f"select {ENTRY} from audit a where a.dossier_id = %s and a.seq <= %s order by a.seq",
                   (dossier_id, seq))

"""Entries of the audit chain as they are kept: as they are hashed (engine/audit.py), with their links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from engine.audit import Entry
from storage.session import Database

ENTRY: LiteralString = """a.dossier_id, a.seq, a.at, a.actor_id, a.actor_name, a.unit_id, a.unit_name, a.action,
  a.from_states, a.to_states, a.details, a.prev, a.hash"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chained(Entry):
    """`prev`: the hash of the entry before, 32 bytes; `hash`: its own."""

    prev: bytes
    hash: bytes


def entries(db: Database, dossier_id: int, seq: int) -> list[Chained]:
    """Those up to `seq`, in order."""
    return db.rows(Chained, f"select {ENTRY} from audit a where a.dossier_id = %s and a.seq <= %s order by a.seq",
                   (dossier_id, seq))

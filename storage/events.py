"""The append-only log of what happens outside any dossier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from storage.session import Database


def append(db: Database, kind: str, actor: int | None, at: datetime, details: dict[str, Any]) -> None:
    with db.connection() as connection:
        connection.execute(b"insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)",
                           (at, actor, kind, Jsonb(details)))

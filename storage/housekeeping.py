"""What is kept for a while only: remembered requests, ended sessions, what old sweeps did."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.session import Database

# Offline counters may come back with a request a week old; a month leaves room.
REMEMBER_REQUESTS = timedelta(days=30)
KEEP_SWEEPS = timedelta(days=30)
# One statement must end well before statement_timeout; the rest goes with the next one.
BATCH = 5000

OLD_REQUESTS = """delete from idempotency where (actor_id, key) in (
  select actor_id, key from idempotency where at < clock_timestamp() - %s limit %s)"""
ENDED_SESSIONS = """delete from session where token_hash in (
  select token_hash from session where expires_at < clock_timestamp() limit %s)"""

OLD_SWEEPS = "delete from sweep where id in (select id from sweep where ended_at < %s order by ended_at limit %s)"


def forget_requests(db: Database) -> int:
    """By the database's own clock, which also wrote them."""
    return _until_done(db, OLD_REQUESTS, (REMEMBER_REQUESTS, BATCH))


def end_sessions(db: Database) -> int:
    return _until_done(db, ENDED_SESSIONS, (BATCH,))


def forget_sweeps(db: Database, now: datetime) -> int:
    """By the business clock, which they were written by."""
    return _until_done(db, OLD_SWEEPS, (now - KEEP_SWEEPS, BATCH))


def _until_done(db: Database, statement: str, params: tuple[object, ...]) -> int:
    total = 0
    while True:
        with db.connection() as connection:
            gone = connection.execute(statement.encode(), params).rowcount
        total += gone
        if gone < BATCH:
            return total

"""Messages of other installations: stored once, in their lanes, and handed out for their effect in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from storage.exchange import ARRIVED, LEASE_SECONDS, PAUSE, TRIES
from storage.session import Database

MOST_HELD = 100


@dataclass(slots=True, kw_only=True)
class Arrived:
    """A message of a peer that is to have its effect. `attempts` numbers the lease, as in storage.exchange."""

    peer_id: int
    message_id: UUID
    thread: str
    no: int
    kind: str
    envelope: bytes
    sha256: str
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A message that is being received: `data` is what came, with its hash."""

    peer_id: int
    message_id: UUID
    thread: str
    no: int
    kind: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How a message stands in its lane. `first`: it was not here before; `expected`: the first number that is missing.

    `first` is None for a message or a number that is here with other bytes, `expected` 0 where too many are held.
    """

    first: bool | None
    expected: int
    received_at: datetime


# sql/arrivals.sql
_STORE = b"""select first, expected, received_at from store_arrival(%(peer)s, %(message)s, %(thread)s, %(no)s, %(kind)s,
  %(data)s, %(sha256)s, %(at)s, %(most)s)"""
_KEEP_RECEIPT = (b"update arrival set receipt = %(receipt)s "
                 b"where peer_id = %(peer)s and message_id = %(message)s and receipt is null")


def store(db: Database, coming: Coming, now: datetime, receipted: Callable[[Stored], bytes]) -> bytes:
    """Once and for all, with its receipt: both are committed when this returns.

    Whoever sends it again gets the same `received_at`. What `receipted` raises leaves nothing behind.
    """
    with db.transaction() as connection:
        receipt = receipted(_stored(connection, coming, now))
        _receipt_kept(connection, coming, receipt)
    return receipt


def _stored(connection: Connection[tuple[Any, ...]], coming: Coming, now: datetime) -> Stored:
    with connection.cursor(row_factory=class_row(Stored)) as cursor:
        found = cursor.execute(_STORE, {
            "peer": coming.peer_id, "message": coming.message_id, "thread": coming.thread, "no": coming.no,
            "kind": coming.kind, "data": coming.data, "sha256": coming.sha256, "at": now, "most": MOST_HELD}).fetchone()
    assert found is not None
    return found


def _receipt_kept(connection: Connection[tuple[Any, ...]], coming: Coming, receipt: bytes) -> None:
    """The first one; what a retry is answered says the same."""
    connection.execute(_KEEP_RECEIPT,
                       {"receipt": receipt, "peer": coming.peer_id, "message": coming.message_id})


def stored_before(db: Database, peer_id: int, message_id: UUID, sha256: str) -> bool:
    return bool(db.value("select exists (select from arrival where peer_id = %s and message_id = %s and sha256 = %s)",
                         (peer_id, message_id, sha256)))


def arrivals(db: Database, batch: int) -> list[Arrived]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Arrived)) as cursor:
        return cursor.execute(f"""
            with due as (select a.peer_id, a.message_id from arrival a where {ARRIVED}
                         order by a.next_attempt_at limit %s for update skip locked)
            update arrival a set attempts = a.attempts + 1,
              lease_until = clock_timestamp() + make_interval(secs => {LEASE_SECONDS})
            from due where a.peer_id = due.peer_id and a.message_id = due.message_id
            returning a.peer_id, a.message_id, a.thread, a.no, a.kind, a.envelope, a.sha256, a.received_at, a.attempts
            """.encode(), (batch,)).fetchall()


def not_yet(db: Database, arrived: Sequence[Arrived], seconds: float) -> None:
    """It cannot have its effect now, and that is nobody's fault."""
    with db.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(b"update arrival set lease_until = null, attempts = attempts - 1, "
                           b"next_attempt_at = clock_timestamp() + make_interval(secs => %s) "
                           b"where peer_id = %s and message_id = %s and attempts = %s and state = 'waiting'",
                           [(seconds, one.peer_id, one.message_id, one.attempts) for one in arrived])


def not_applied(db: Database, arrived: Arrived, why: str) -> bool:
    """Again after a pause, parked after the tenth time, then True; what comes after it in its lane waits."""
    return bool(db.value(
        f"update arrival set lease_until = null, last_error = %s, next_attempt_at = clock_timestamp() + {PAUSE}, "
        "state = case when attempts >= %s then 'parked' else state end "
        "where peer_id = %s and message_id = %s and attempts = %s and state = 'waiting' returning state = 'parked'",
        (why[:200], TRIES, arrived.peer_id, arrived.message_id, arrived.attempts)))


def dossier_of(db: Database, peer_id: int, thread: str) -> str | None:
    """The code of the dossier here that a thread is about: a successor, a shadow, or one of ours that crossed to it."""
    found: str | None = db.value(
        "select coalesce((select d.code from counterpart c join dossier d on d.id = c.dossier_id "
        "  where c.peer_id = %(peer)s and c.thread = %(thread)s order by c.ended_at nulls first limit 1), "
        "(select d.code from outbox o join dossier d on d.id = o.dossier_id where o.peer_id = %(peer)s "
        "  and o.thread = %(thread)s and d.code = %(thread)s and o.kind = 'handoff' limit 1))",
        {"peer": peer_id, "thread": thread})
    return found

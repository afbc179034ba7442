"""Messages of other installations: stored once, in their lanes, and handed out for their effect in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.errors import UniqueViolation
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


_MISSING = """
select coalesce((select min(a.no) + 1 from arrival a where a.peer_id = %(peer)s and a.thread = %(thread)s
    and a.no >= l.expected and not exists (select from arrival n where n.peer_id = a.peer_id and n.thread = a.thread
      and n.no = a.no + 1)
    and exists (select from arrival f where f.peer_id = a.peer_id and f.thread = a.thread and f.no = l.expected)),
  l.expected), l.expected
from lane l where l.peer_id = %(peer)s and l.thread = %(thread)s"""


# whoever passes the lane on after an effect either sees what is stored here, or is waited for
_LOCK = b"select pg_advisory_xact_lock(hashtextextended(%(peer)s || ' in ' || %(thread)s, 6))"
_KNOWN = b"""select message_id, sha256, received_at from arrival
where peer_id = %(peer)s and (message_id = %(message)s or (thread = %(thread)s and no = %(no)s))"""
_INSERT = b"""
insert into arrival (peer_id, message_id, thread, no, kind, envelope, sha256, received_at, state, attempts)
values (%(peer)s, %(message)s, %(thread)s, %(no)s, %(kind)s, %(data)s, %(sha256)s, %(at)s, %(state)s, 0)"""


def store(db: Database, coming: Coming, now: datetime) -> Stored:
    """Once and for all: it is committed when this returns. Whoever sends it again gets the same `received_at`."""
    told = {"peer": coming.peer_id, "thread": coming.thread, "no": coming.no, "message": coming.message_id,
            "kind": coming.kind, "data": coming.data, "sha256": coming.sha256, "at": now}
    try:
        with db.transaction() as connection:
            connection.execute(_LOCK, told)
            connection.execute(b"insert into lane (peer_id, thread, expected) values (%(peer)s, %(thread)s, 1) "
                               b"on conflict do nothing", told)
            missing, expected = _standing(connection, told)
            known = connection.execute(_KNOWN, told).fetchall()
            if known or coming.no < expected:
                same = len(known) == 1 and known[0][:2] == (coming.message_id, coming.sha256)
                return Stored(first=False if same else None, expected=missing,
                              received_at=known[0][2] if known else now)
            if coming.no > missing and _held(connection, told | {"missing": missing}) >= MOST_HELD:
                return Stored(first=True, expected=0, received_at=now)
            connection.execute(_INSERT, told | {"state": "waiting" if coming.no == expected else "held"})
            return Stored(first=True, expected=_standing(connection, told)[0], received_at=now)
    except UniqueViolation:
        return Stored(first=None, expected=0, received_at=now)


def _standing(connection: Connection[tuple[Any, ...]], told: dict[str, Any]) -> tuple[int, int]:
    """The first number that never came, and the first that has had no effect yet."""
    found = connection.execute(_MISSING.encode(), told).fetchone()
    assert found is not None
    return found[0], found[1]


def _held(connection: Connection[tuple[Any, ...]], told: dict[str, Any]) -> int:
    found = connection.execute(b"select count(*) from arrival where peer_id = %(peer)s and thread = %(thread)s "
                               b"and no > %(missing)s", told).fetchone()
    return int(found[0]) if found else 0


def stored_before(db: Database, peer_id: int, message_id: UUID, sha256: str) -> bool:
    return bool(db.value("select exists (select from arrival where peer_id = %s and message_id = %s and sha256 = %s)",
                         (peer_id, message_id, sha256)))


def keep_receipt(db: Database, peer_id: int, message_id: UUID, receipt: bytes) -> None:
    """The first one; what a retry is answered says the same."""
    with db.connection() as connection:
        connection.execute(b"update arrival set receipt = %s "
                           b"where peer_id = %s and message_id = %s and receipt is null",
                           (receipt, peer_id, message_id))


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

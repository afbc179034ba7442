"""Documents of other installations that are still to be pulled; what has come is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from storage.exchange import FETCHED, PAUSE, PULLABLE, changed
from storage.session import Database

# A document may be 25 MB on a thin line; what has come is kept, whoever goes on with it.
LEASE_SECONDS = 60


@dataclass(slots=True, kw_only=True)
class Wanted:
    """A document of a peer of which `received` bytes are here. `attempts` numbers the lease; `known`: the same bytes
    are a document here already.
    """

    document_id: UUID
    dossier_id: int
    code: str
    peer_id: int
    message_id: UUID
    sha256: str
    size: int
    name: str
    media_type: str
    received: int
    attempts: int
    known: bool


def pulls(db: Database, peer_id: int, batch: int) -> list[Wanted]:
    """Of one peer, what is not all here."""
    return _claimed(db, f"l.peer_id = %s and {PULLABLE}", (peer_id, batch))


def fetched(db: Database, batch: int) -> list[Wanted]:
    """Of all peers, what is here and has not been inspected."""
    return _claimed(db, FETCHED, (batch,))


def any_fetched(db: Database) -> bool:
    return bool(db.value(f"select exists (select from pull l where {FETCHED})"))


def _claimed(db: Database, condition: str, params: Sequence[object]) -> list[Wanted]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Wanted)) as cursor:
        return cursor.execute(f"""
            with due as (select l.document_id from pull l where {condition}
                         order by l.next_attempt_at limit %s for update skip locked)
            update pull l set attempts = l.attempts + 1,
              lease_until = clock_timestamp() + make_interval(secs => {LEASE_SECONDS})
            from due, dossier d where l.document_id = due.document_id and d.id = l.dossier_id
            returning l.document_id, l.dossier_id, d.code, l.peer_id, l.message_id, l.sha256, l.size, l.name,
              l.media_type, l.received, l.attempts,
              exists (select from document f where f.sha256 = l.sha256) as known""".encode(), params).fetchall()


def grew(db: Database, wanted: Wanted, received: int) -> bool:
    """False when somebody else goes on with it."""
    return changed(db, "update pull set received = %s, "
                       f"lease_until = clock_timestamp() + make_interval(secs => {LEASE_SECONDS}) "
                       "where document_id = %s and attempts = %s and done_at is null",
                   (received, wanted.document_id, wanted.attempts))


def all_here(db: Database, wanted: Wanted) -> bool:
    """To be inspected next. False when somebody else goes on with it."""
    return changed(db, "update pull set received = size, attempts = attempts - 1, lease_until = null, "
                       "next_attempt_at = clock_timestamp() "
                       "where document_id = %s and attempts = %s and done_at is null",
                   (wanted.document_id, wanted.attempts))


def pulled(db: Database, wanted: Wanted) -> None:
    """It is part of its dossier, whoever saw to that; the first to say so is believed."""
    changed(db, "update pull set done_at = clock_timestamp(), lease_until = null, last_error = null "
                "where document_id = %s and done_at is null", (wanted.document_id,))


def drop_pulls(db: Database, claimed: Sequence[Wanted]) -> None:
    """The line is away: not a try."""
    with db.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(b"update pull set lease_until = null, attempts = attempts - 1 "
                           b"where document_id = %s and attempts = %s and done_at is null",
                           [(wanted.document_id, wanted.attempts) for wanted in claimed])


def later(db: Database, wanted: Wanted, why: str) -> None:
    """The other side is in trouble: others go first, what has come is kept."""
    changed(db, f"update pull set lease_until = null, last_error = %s, next_attempt_at = clock_timestamp() + {PAUSE} "
                "where document_id = %s and attempts = %s and done_at is null",
            (why[:200], wanted.document_id, wanted.attempts))


def not_pulled(db: Database, wanted: Wanted, why: str, tries: int) -> bool:
    """From its beginning after a pause; parked after so many tries, then True."""
    return bool(db.value(
        "update pull set lease_until = null, last_error = %s, received = 0, refusals = refusals + 1, "
        f"next_attempt_at = clock_timestamp() + {PAUSE}, "
        "parked_at = case when refusals + 1 >= %s then clock_timestamp() end "
        "where document_id = %s and attempts = %s and done_at is null returning parked_at is not null",
        (why[:200], tries, wanted.document_id, wanted.attempts)))



"""The queue of outgoing messages: claimed with a lease and a fencing number, retried after growing pauses, parked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from storage.session import Database

# Longer than any delivery takes; what a killed sender had claimed goes out after it.
LEASE_SECONDS = 15
# After the tenth failure a person has to look.
TRIES = 10

# Per dossier only the oldest unsent message may go, so order holds whatever the number of senders. What goes to other
# installations has lanes of its own (engine.exchange): a line that is cut holds up nobody here.
# What waits behind another message of its dossier is not due: nobody is woken for it.
READY = """o.sent_at is null and o.parked_at is null and o.peer_id is null and o.next_attempt_at <= clock_timestamp()
    and (o.lease_until is null or o.lease_until < clock_timestamp())
    and not exists (select from outbox p where p.dossier_id = o.dossier_id and p.seq < o.seq and p.sent_at is null
      and p.peer_id is null)"""

CLAIM = f"""
with due as (
  select o.message_id from outbox o where {READY}
  order by o.next_attempt_at limit %s for update skip locked)
update outbox o set attempts = o.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
from due where o.message_id = due.message_id
returning o.message_id, o.dossier_id, o.kind, o.sender, o.receiver, o.payload, o.attempts,
  (select a.reach from agency a where a.code = o.receiver) as reach
"""

PARKED = """
select o.message_id, d.code, o.sender, o.receiver, o.attempts, o.last_error, o.parked_at
from outbox o join dossier d on d.id = o.dossier_id
where o.parked_at is not null and o.sent_at is null order by o.parked_at limit %s"""


@dataclass(slots=True)
class Message:
    """`attempts` numbers the lease: only the sender with the newest one may close the row. `reach`: the receiver's."""

    message_id: UUID
    dossier_id: int
    kind: str
    sender: str
    receiver: str
    payload: dict[str, Any]
    attempts: int
    reach: str | None


@dataclass(slots=True)
class Parked:
    message_id: UUID
    code: str
    sender: str
    receiver: str
    attempts: int
    last_error: str | None
    parked_at: datetime


def claim(db: Database, batch: int) -> list[Message]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(CLAIM.encode(), (batch, LEASE_SECONDS)).fetchall()


def anything_due(db: Database) -> bool:
    return bool(db.value(f"select exists (select from outbox o where {READY})"))


def sent(db: Database, message: Message) -> bool:
    """False when another sender holds a newer lease."""
    with db.connection() as connection:
        return connection.execute(b"update outbox set sent_at = clock_timestamp(), lease_until = null "
                                  b"where message_id = %s and attempts = %s and sent_at is null",
                                  (message.message_id, message.attempts)).rowcount == 1


def release(db: Database, messages: Sequence[Message]) -> None:
    """Gives back what was claimed and not tried, so that nobody waits for the lease to run out."""
    with db.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(b"update outbox set lease_until = null "
                           b"where message_id = %s and attempts = %s and sent_at is null",
                           [(message.message_id, message.attempts) for message in messages])


def failed(db: Database, message: Message, why: str) -> bool:
    """Try again after 2, 4, 8 … at most 300 s, give or take half; parked after the tenth, then True."""
    parked = db.value(
        "update outbox set lease_until = null, last_error = %s, "
        "next_attempt_at = clock_timestamp() "
        "+ make_interval(secs => least(300, power(2, attempts)) * (0.5 + random())), "
        "parked_at = case when attempts >= %s then clock_timestamp() end "
        "where message_id = %s and attempts = %s and sent_at is null returning parked_at is not null",
        (why, TRIES, message.message_id, message.attempts))
    return bool(parked)


def received(db: Database, message: Message) -> bool:
    """Whether its hand-off is past waiting to be delivered: delivered before, refused, or recalled meanwhile."""
    return bool(db.value("select state <> 'pending' from handoff where id = %s", (message.message_id,)))


def parked(db: Database, most: int = 100) -> list[Parked]:
    """What waits for a person, the longest first."""
    return db.rows(Parked, PARKED, (most,))

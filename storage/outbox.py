"""The queue of outgoing messages: claimed with a lease and a fencing number, retried with growing pauses, parked in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from storage.session import Database

# A lease outlives any delivery; a sender that died is replaced after it.
LEASE_SECONDS = 60
# After the tenth failure a person has to look (RELIABILITY H4).
TRIES = 10

# Per dossier only the oldest unsent message may go, so order holds whatever the number of senders.
CLAIM = """
with due as (
  select o.message_id from outbox o
  where o.sent_at is null and o.parked_at is null and o.next_attempt_at <= clock_timestamp()
    and (o.lease_until is null or o.lease_until < clock_timestamp())
    and not exists (select from outbox p where p.dossier_id = o.dossier_id and p.seq < o.seq and p.sent_at is null)
  order by o.next_attempt_at limit %s for update skip locked)
update outbox o set attempts = o.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
from due where o.message_id = due.message_id
returning o.message_id, o.dossier_id, o.kind, o.sender, o.receiver, o.payload, o.attempts
"""

DUE = """select exists (select from outbox where sent_at is null and parked_at is null
  and next_attempt_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp()))"""


@dataclass(slots=True)
class Message:
    message_id: UUID
    dossier_id: int
    kind: str
    sender: str
    receiver: str
    payload: dict[str, Any]
    attempts: int


def claim(db: Database, batch: int) -> list[Message]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(CLAIM.encode(), (batch, LEASE_SECONDS)).fetchall()


def anything_due(db: Database) -> bool:
    return bool(db.value(DUE))


def sent(db: Database, message: Message) -> None:
    """Only the sender that holds the newest lease may close the row."""
    with db.connection() as connection:
        connection.execute(b"update outbox set sent_at = clock_timestamp(), lease_until = null "
                           b"where message_id = %s and attempts = %s and sent_at is null",
                           (message.message_id, message.attempts))


def failed(db: Database, message: Message, why: str) -> None:
    """Try again after 2, 4, 8 … at most 300 s, give or take half; park after the tenth."""
    with db.connection() as connection:
        connection.execute(
            b"update outbox set lease_until = null, last_error = %s, "
            b"next_attempt_at = clock_timestamp() + make_interval(secs => least(300, power(2, attempts)) * (0.5 + random())), "
            b"parked_at = case when attempts >= %s then clock_timestamp() end "
            b"where message_id = %s and attempts = %s and sent_at is null",
            (why, TRIES, message.message_id, message.attempts))

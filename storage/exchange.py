"""Messages between installations: queued, claimed and receipted per lane; stored as they arrive; documents to pull.

A lane is all messages of one installation to another about one dossier (the thread), numbered without gaps.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from storage.session import Database

# A message that a killed process held goes on after so long. Who is slower than that sends the same bytes once more.
LEASE_SECONDS = 20
# After so many refusals by the other side a person has to look.
TRIES = 10
LONGEST_PAUSE = 300
# One attempt a minute costs a silent peer nothing, and what waits for it goes on soon after it is back.
LONGEST_SILENCE = 60
# What this process has just told of a peer need not be told again with every message.
_TOLD_AGAIN = 1.0
_told: dict[tuple[str, int, str], float] = {}

FREE = "(lease_until is null or lease_until < clock_timestamp())"
PAUSE = f"make_interval(secs => least({LONGEST_PAUSE}, power(2, least(attempts, 10))) * (0.5 + random()))"
# Of a peer that does not answer nothing is due but one attempt when its time has come.
OPEN = "p.state = 'active' and (p.trouble_since is null or p.retry_at <= clock_timestamp())"
# Only the oldest unsent message of a lane may go; one that is parked holds its lane, and no other.
READY = f"""o.sent_at is null and o.parked_at is null and o.next_attempt_at <= clock_timestamp() and {FREE}
    and not exists (select from outbox e where e.peer_id = o.peer_id and e.thread = o.thread and e.no < o.no
      and e.sent_at is null)"""
_OPEN_PULL = f"l.done_at is null and l.parked_at is null and l.next_attempt_at <= clock_timestamp() and {FREE}"
PULLABLE = f"{_OPEN_PULL} and l.received < l.size"
# All of it is here: it is inspected, whether or not its peer can be reached now.
FETCHED = f"{_OPEN_PULL} and l.received >= l.size"
ARRIVED = f"a.state = 'waiting' and a.next_attempt_at <= clock_timestamp() and {FREE}"

OUTGOING = (f"exists (select from peer p where {OPEN} "
            f"and exists (select from outbox o where o.peer_id = p.id and {READY}))")
PULLS = f"exists (select from pull l join peer p on p.id = l.peer_id where {OPEN} and {PULLABLE})"
ARRIVALS = f"exists (select from arrival a where {ARRIVED}) or exists (select from pull l where {FETCHED})"


@dataclass(slots=True, kw_only=True)
class Line:
    """A peer to which something may go now. `trouble`: it did not answer last time, so one attempt asks for all."""

    id: int
    name: str
    url: str
    trouble: bool


@dataclass(slots=True, kw_only=True)
class Queued:
    """A message to a peer. `attempts` numbers the lease: only the sender with the newest one may close the row."""

    message_id: UUID
    dossier_id: int
    code: str
    seq: int
    kind: str
    sender: str
    receiver: str
    payload: dict[str, Any]
    created_at: datetime
    peer_id: int
    thread: str
    no: int
    envelope: bytes | None
    attempts: int


@dataclass(slots=True, kw_only=True)
class Ends:
    """Agency and unit of who sends and who receives."""

    sender: str
    sender_unit: str
    receiver: str
    receiver_unit: str


def anything_due(db: Database, *, sends: bool = True) -> bool:
    """Without `sends` nothing that goes out."""
    return bool(db.value(f"select {PULLS} or {ARRIVALS} or (%s and {OUTGOING})", (sends,)))


def lines(db: Database, *, sends: bool) -> list[Line]:
    """Peers for which something is due and that may be asked; without `sends` documents only."""
    return db.rows(Line, "select p.id, p.name, p.url, p.trouble_since is not null as trouble "
                         f"from peer p where {OPEN} "
                         f"and (%s and exists (select from outbox o where o.peer_id = p.id and {READY}) "
                         f"  or exists (select from pull l where l.peer_id = p.id and {PULLABLE}))", (sends,))


def probe(db: Database, line: Line) -> bool:
    """Whether we are the one that asks for all whether a silent peer is back; nobody else is for half a minute."""
    return bool(db.value("update peer set retry_at = clock_timestamp() + interval '30 seconds' where id = %s "
                         "and trouble_since is not null and retry_at <= clock_timestamp() returning true", (line.id,)))


def reached(db: Database, peer_id: int) -> None:
    """It answered. Written at most once a minute while all is well."""
    if _just_told(db, peer_id, "reached"):
        return
    with db.connection() as connection:
        connection.execute(b"update peer set reached_at = clock_timestamp(), trouble_since = null, trouble = null, "
                           b"failures = 0, retry_at = null where id = %s and (trouble_since is not null "
                           b"or reached_at is null or reached_at < clock_timestamp() - interval '1 minute')",
                           (peer_id,))


def unreachable(db: Database, line: Line, why: str) -> None:
    """It did not answer: nothing goes to it for 2, 4 … at most 60 seconds, give or take half.

    Of several attempts that met the same silence one counts.
    """
    for told in ("reached", "heard"):
        _told.pop((db.url, line.id, told), None)
    changed(db, "update peer set trouble_since = coalesce(trouble_since, clock_timestamp()), trouble = %s, "
                "failures = failures + 1, retry_at = clock_timestamp() "
                f"+ make_interval(secs => least({LONGEST_SILENCE}, power(2, least(failures + 1, 10))) "
                "* (0.5 + random())) "
                "where id = %s and (trouble_since is null or %s)", (why[:200], line.id, line.trouble))


def heard(db: Database, peer_id: int) -> None:
    """It spoke to us, so it may be asked again now, however long it was silent. Else written at most once a minute."""
    if _just_told(db, peer_id, "heard"):
        return
    with db.connection() as connection:
        connection.execute(b"update peer set heard_at = clock_timestamp(), "
                           b"retry_at = case when trouble_since is not null then least(retry_at, clock_timestamp()) "
                           b"else retry_at end "
                           b"where id = %s and (heard_at is null or heard_at < clock_timestamp() - interval '1 minute' "
                           b"or trouble_since is not null and retry_at > clock_timestamp())", (peer_id,))


def _just_told(db: Database, peer_id: int, what: str) -> bool:
    now = time.monotonic()
    if now < _told.get((db.url, peer_id, what), 0.0):
        return True
    _told[db.url, peer_id, what] = now + _TOLD_AGAIN
    return False


def claim(db: Database, peer_id: int, batch: int) -> list[Queued]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Queued)) as cursor:
        return cursor.execute(f"""
            with due as (select o.message_id from outbox o where o.peer_id = %s and {READY}
                         order by o.next_attempt_at limit %s for update skip locked)
            update outbox o set attempts = o.attempts + 1,
              lease_until = clock_timestamp() + make_interval(secs => {LEASE_SECONDS})
            from due, dossier d where o.message_id = due.message_id and d.id = o.dossier_id
            returning o.message_id, o.dossier_id, d.code, o.seq, o.kind, o.sender, o.receiver, o.payload, o.created_at,
              o.peer_id, o.thread, o.no, o.envelope, o.attempts""".encode(), (peer_id, batch)).fetchall()


def ends(db: Database, queued: Queued) -> Ends | None:
    """From the hand-off it is about, whichever way that crossed; else from our desk to the unit there that last had
    work of it.
    """
    return db.one(Ends, """
        with about as (
          select h.from_unit_id as theirs, h.to_unit_id as ours from handoff h
            join counterpart c on c.handoff_id = h.id and c.peer_id = %(peer)s
          where h.id = (%(handoff)s::text)::uuid
          union all
          select h.to_unit_id, h.from_unit_id from handoff h
            join outbox o on o.message_id = h.id and o.peer_id = %(peer)s
          where h.id = (%(handoff)s::text)::uuid
          union all
          select coalesce(
              (select h.to_unit_id from handoff h where h.dossier_id = d.id and h.to_agency = %(receiver)s
               order by h.seq desc limit 1),
              (select min(u.id) from unit u where u.agency = %(receiver)s)), d.intake_unit_id
          from dossier d where d.id = %(dossier)s)
        select o.agency as sender, o.key as sender_unit, t.agency as receiver, t.key as receiver_unit
        from about b join unit o on o.id = b.ours join unit t on t.id = b.theirs limit 1""",
        {"handoff": queued.payload.get("handoff"), "peer": queued.peer_id, "receiver": queued.receiver,
         "dossier": queued.dossier_id})


def seal(db: Database, queued: Queued, envelope: bytes) -> bool:
    """Keeps the bytes before they are sent. False when another sender holds a newer lease."""
    return changed(db, "update outbox set envelope = %s where message_id = %s and attempts = %s and sent_at is null",
                (envelope, queued.message_id, queued.attempts))


def sent(db: Database, queued: Queued, receipt: bytes, missing_from: int | None) -> bool:
    """With the receipt. Numbers of the lane from `missing_from` on did not come to stay: they are unsent again."""
    with db.transaction() as connection:
        if not connection.execute(
                b"update outbox set sent_at = clock_timestamp(), lease_until = null, last_error = null, receipt = %s "
                b"where message_id = %s and attempts = %s and sent_at is null",
                (receipt, queued.message_id, queued.attempts)).rowcount:
            return False
        if missing_from is not None:
            # at once, but for whom the same is missing again and again
            connection.execute(b"update outbox set sent_at = null, next_attempt_at = clock_timestamp() + make_interval("
                               b"secs => case when attempts < 3 then 0 else power(2, least(attempts, 8)) end), "
                               b"unanswered = 0, unanswered_since = null, owned_at = null "
                               b"where peer_id = %s and thread = %s and no >= %s and no < %s and sent_at is not null",
                               (queued.peer_id, queued.thread, missing_from, queued.no))
    return True


def give_back(db: Database, messages: Sequence[Queued]) -> None:
    """What was claimed and met no answer: nobody waits for the lease to run out, and it does not count as a try."""
    with db.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(b"update outbox set lease_until = null, attempts = attempts - 1 "
                           b"where message_id = %s and attempts = %s and sent_at is null",
                           [(queued.message_id, queued.attempts) for queued in messages])


def later(db: Database, queued: Queued, why: str) -> None:
    """It met an answer that is none: others go first, it is tried again, for ever."""
    changed(db, f"update outbox set lease_until = null, last_error = %s, next_attempt_at = clock_timestamp() + {PAUSE} "
             "where message_id = %s and attempts = %s and sent_at is null",
            (why[:200], queued.message_id, queued.attempts))


def rejected(db: Database, queued: Queued, why: str) -> bool:
    """The other side said no: again after a pause, parked after the tenth time, then True."""
    return bool(db.value(
        f"update outbox set lease_until = null, last_error = %s, next_attempt_at = clock_timestamp() + {PAUSE}, "
        "refusals = refusals + 1, parked_at = case when refusals + 1 >= %s then clock_timestamp() end, "
        "unanswered = 0, unanswered_since = null "
        "where message_id = %s and attempts = %s and sent_at is null returning parked_at is not null",
        (why[:200], TRIES, queued.message_id, queued.attempts)))


def envelope_to(db: Database, peer_id: int, message_id: UUID) -> bytes | None:
    """A message as it was sent to that peer."""
    found: bytes | None = db.value("select envelope from outbox where message_id = %s and peer_id = %s",
                                   (message_id, peer_id))
    return found


def state_of(db: Database, sha256: str) -> str | None:
    """Where the bytes are: `pending` in the spool, else in the store. None: no dossier has them."""
    found: str | None = db.value("select state from document where sha256 = %s order by state = 'stored' desc limit 1",
                                 (sha256,))
    return found


@dataclass(slots=True, kw_only=True)
class Hosted:
    """An agency that works here, with its units."""

    code: str
    name_vi: str
    name_en: str
    level: str
    units: list[dict[str, str]]


def hosted(db: Database) -> list[Hosted]:
    return db.rows(Hosted, """
        select a.code, a.name_vi, a.name_en, a.level, json_agg(json_build_object(
          'key', u.key, 'name_vi', u.name_vi, 'name_en', u.name_en) order by u.key) as units
        from agency a join unit u on u.agency = a.code where a.reach = 'here' group by a.code order by a.code""")


def changed(db: Database, statement: str, params: Sequence[Any]) -> bool:
    with db.connection() as connection:
        return connection.execute(statement.encode(), params).rowcount == 1

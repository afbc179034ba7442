"""How the lines to other installations stand, what is parked on them, and starting it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from storage.peers import NOTED, Deed
from storage.session import Database

# For the bar of every page: what a person must see to; nothing where no other installation is known.
STUCK = """(select case when exists (select from peer) then
    (select count(*) from outbox o where o.parked_at is not null and o.sent_at is null and o.peer_id is not null)
    + (select count(*) from outbox o where o.owned_at is not null and o.sent_at is null and o.parked_at is null)
    + (select count(*) from arrival a where a.state = 'parked')
    + (select count(distinct e.details->>'peer') from event_log e where e.kind = 'shadows_refused'
      and e.at > clock_timestamp() - interval '1 day')
    + (select count(*) from pull l where (l.parked_at is not null or l.owned_at is not null) and l.done_at is null)
    + (select count(*) from peer_key k join peer p on p.id = k.peer_id
      where k.approved_at is null and k.revoked_at is null and p.state <> 'ended') end)"""
# What is counted of a queue; past it the page says "or more".
MOST_COUNTED = 10_000
SHOWN = 50


@dataclass(slots=True, kw_only=True)
class PeerStanding:
    """`queued`: to be sent; `held`: came before one that is missing; `waiting`: to have its effect.

    `shadows_refused_at`: within the last day it told of more dossiers that it did not hand over than are taken.
    """

    id: int
    name: str
    url: str
    state: str
    proposed_by: str
    proposed_at: datetime
    reached_at: datetime | None
    heard_at: datetime | None
    trouble_since: datetime | None
    trouble: str | None
    retry_at: datetime | None
    shadows_refused_at: datetime | None
    queued: int
    held: int
    waiting: int
    pulling: int
    parked: int


@dataclass(slots=True, kw_only=True)
class ParkedRow:
    """`unit_id`: whose it is, None where only the message itself says so (`envelope`). `code`: of the dossier here.
    `tried_on`: it is not parked, the other side never answers it; `at` and `attempts` are of that.

    `about`: the message (or the document's name) in words of the other side's protocol.
    """

    id: UUID
    peer_id: int
    code: str | None
    dossier_id: int | None
    thread: str | None
    about: str
    attempts: int
    why: str | None
    at: datetime
    unit_id: int | None
    envelope: bytes | None
    tried_on: bool


def standings(db: Database) -> list[PeerStanding]:
    most = MOST_COUNTED + 1
    return db.rows(PeerStanding, """
        select p.id, p.name, p.url, p.state, p.proposed_by, p.proposed_at, p.reached_at, p.heard_at,
          p.trouble_since, p.trouble, p.retry_at, q.queued, a.held, a.waiting, l.pulling,
          (select max(e.at) from event_log e where e.kind = 'shadows_refused' and e.details->>'peer' = p.name
            and e.at > clock_timestamp() - interval '1 day') as shadows_refused_at,
          q.parked + a.parked + l.parked as parked
        from peer p
        cross join lateral (
          select (select count(*) from (select from outbox o where o.peer_id = p.id and o.sent_at is null
                    and o.parked_at is null limit %(most)s) o) as queued,
            (select count(*) from outbox o where o.peer_id = p.id and o.parked_at is not null
              and o.sent_at is null) as parked) q
        cross join lateral (
          select count(*) filter (where state = 'held') as held, count(*) filter (where state = 'waiting') as waiting,
            count(*) filter (where state = 'parked') as parked
          from (select a.state from arrival a where a.peer_id = p.id and a.state in ('held', 'waiting', 'parked')
                limit %(most)s) a) a
        cross join lateral (
          select count(*) filter (where l.parked_at is null) as pulling,
            count(*) filter (where l.parked_at is not null) as parked
          from pull l where l.peer_id = p.id and l.done_at is null) l
        order by p.name""", {"most": most})


def parked_outgoing(db: Database) -> list[ParkedRow]:
    """The longest first. The unit is the end of the hand-off that works here, else who received the dossier."""
    return db.rows(ParkedRow, f"""
        select o.message_id as id, o.peer_id, d.code, o.dossier_id, o.thread, o.kind as about,
          case when o.parked_at is null then o.unanswered else o.attempts end as attempts, o.last_error as why,
          coalesce(o.parked_at, o.unanswered_since) as at, null::bytea as envelope, o.parked_at is null as tried_on,
          coalesce(case when t.reach = 'here' then h.to_unit_id when f.reach = 'here' then h.from_unit_id end,
            d.intake_unit_id) as unit_id
        from outbox o join peer p on p.id = o.peer_id join dossier d on d.id = o.dossier_id
        left join handoff h on h.id = (o.payload->>'handoff')::uuid
        left join agency f on f.code = h.from_agency left join agency t on t.code = h.to_agency
        where (o.parked_at is not null or o.owned_at is not null) and o.sent_at is null
        order by coalesce(o.parked_at, o.unanswered_since) limit {SHOWN}""")


def parked_incoming(db: Database) -> list[ParkedRow]:
    """The longest first."""
    return db.rows(ParkedRow, f"""
        select a.message_id as id, a.peer_id, d.code, d.id as dossier_id, a.thread, a.kind as about,
          a.attempts, a.last_error as why, a.received_at as at, null::int as unit_id, a.envelope, false as tried_on
        from arrival a join peer p on p.id = a.peer_id
        left join lateral (
          select d.id, d.code from counterpart c join dossier d on d.id = c.dossier_id
          where c.peer_id = a.peer_id and c.thread = a.thread
          union all select d.id, d.code from outbox o join dossier d on d.id = o.dossier_id and d.code = a.thread
          where o.peer_id = a.peer_id and o.thread = a.thread limit 1) d on true
        where a.state = 'parked' order by a.received_at limit {SHOWN}""")


def parked_documents(db: Database) -> list[ParkedRow]:
    """The longest first."""
    return db.rows(ParkedRow, f"""
        select l.document_id as id, l.peer_id, d.code, l.dossier_id, a.thread, l.name as about,
          case when l.parked_at is null then l.unanswered else l.attempts end as attempts, l.last_error as why,
          coalesce(l.parked_at, l.unanswered_since) as at, null::int as unit_id, a.envelope,
          l.parked_at is null as tried_on
        from pull l join peer p on p.id = l.peer_id join dossier d on d.id = l.dossier_id
        left join arrival a on a.peer_id = l.peer_id and a.message_id = l.message_id
        where (l.parked_at is not null or l.owned_at is not null) and l.done_at is null
        order by coalesce(l.parked_at, l.unanswered_since) limit {SHOWN}""")


_AGAIN: dict[str, LiteralString] = {
    "outgoing": "update outbox set parked_at = null, attempts = 0, refusals = 0, next_attempt_at = clock_timestamp(), "
                "unanswered = 0, unanswered_since = null, owned_at = null where message_id = %s "
                "and (parked_at is not null or owned_at is not null) and sent_at is null and peer_id is not null",
    "here": "update outbox set parked_at = null, attempts = 0, next_attempt_at = clock_timestamp() "
            "where message_id = %s and parked_at is not null and sent_at is null and peer_id is null",
    "incoming": "update arrival set state = 'waiting', attempts = 0, next_attempt_at = clock_timestamp() "
                "where message_id = %s and state = 'parked'",
    "document": "update pull set parked_at = null, attempts = 0, refusals = 0, next_attempt_at = clock_timestamp(), "
                "unanswered = 0, unanswered_since = null, owned_at = null "
                "where document_id = %s and (parked_at is not null or owned_at is not null) and done_at is null",
}
WAYS = frozenset(_AGAIN)


def again(db: Database, way: str, wanted: UUID, deed: Deed) -> bool:
    """It is tried as if it were new. False where it is not parked (any more)."""
    with db.transaction() as connection:
        if not connection.execute(_AGAIN[way], (wanted,)).rowcount:
            return False
        connection.execute(NOTED, (deed.at, deed.actor, deed.kind, Jsonb(dict(deed.details))))
    return True


def give_up(db: Database, message: UUID, deed: Deed) -> bool:
    """A parked message never has its effect; the next of its lane may follow. False where it is not parked (any more).
    """
    with db.transaction() as connection:
        found = connection.execute(b"update arrival set state = 'refused' where message_id = %s and state = 'parked' "
                                   b"returning peer_id", (message,)).fetchone()
        if found is None:
            return False
        connection.execute(b"select pass_lane(%s, %s)", (found[0], message))
        connection.execute(NOTED, (deed.at, deed.actor, deed.kind, Jsonb(dict(deed.details))))
    return True


def dossier_of_document(db: Database, document: UUID) -> str:
    """The code of the dossier that waits for it."""
    return str(db.value("select d.code from pull l join dossier d on d.id = l.dossier_id where l.document_id = %s",
                        (document,)))


def give_up_document(db: Database, document: UUID, deed: Deed) -> bool:
    """It is not asked for any more. A message that has had no effect for want of it never has one; what waits behind
    that may follow. False where the document is not parked (any more).
    """
    with db.transaction() as connection:
        found = connection.execute(
            b"update pull set done_at = clock_timestamp(), lease_until = null "
            b"where document_id = %s and (parked_at is not null or owned_at is not null) and done_at is null "
            b"returning peer_id, message_id", (document,)).fetchone()
        if found is None:
            return False
        if connection.execute(b"update arrival set state = 'refused' where peer_id = %s and message_id = %s "
                              b"and state in ('waiting', 'parked')", found).rowcount:
            connection.execute(b"select pass_lane(%s, %s)", found)
        connection.execute(NOTED, (deed.at, deed.actor, deed.kind, Jsonb(dict(deed.details))))
    return True


@dataclass(slots=True, kw_only=True)
class Stuck:
    """`id`: as its incident names it; `way`: a key of WAYS. `message`: of the other side, to be asked for anew.

    `detail`: as that of its incident, but of the last time it stopped.
    """

    id: UUID
    way: str
    why: str | None
    detail: str
    message: UUID | None


def stuck(db: Database, wanted: Sequence[UUID]) -> list[Stuck]:
    """Those that still do not go on."""
    return db.rows(Stuck, """
        select a.message_id as id, 'incoming' as way, a.last_error as why, a.message_id as message,
          concat_ws(' ', a.message_id, a.kind, a.last_error) as detail from arrival a
        where a.message_id = any(%(ids)s) and a.state = 'parked'
        union all
        select l.document_id, 'document', l.last_error, l.message_id,
          concat(l.document_id, ' ', l.name, ': ', l.last_error) from pull l
        where l.document_id = any(%(ids)s) and (l.parked_at is not null or l.owned_at is not null) and l.done_at is null
        union all
        select o.message_id, case when o.peer_id is null then 'here' else 'outgoing' end, o.last_error, null,
          concat_ws(' ', o.message_id, o.last_error)
        from outbox o where o.message_id = any(%(ids)s) and (o.parked_at is not null or o.owned_at is not null)
          and o.sent_at is null""", {"ids": list(wanted)})


_LOCKED = b"""
with a as materialized (select * from arrival where message_id = %(id)s for share),
  l as materialized (select * from pull where document_id = %(id)s for share),
  o as materialized (select * from outbox where message_id = %(id)s for share)
select 'incoming' from a where a.state = 'parked'
union all
select 'document' from l where (l.parked_at is not null or l.owned_at is not null) and l.done_at is null
union all
select case when o.peer_id is null then 'here' else 'outgoing' end from o
where (o.parked_at is not null or o.owned_at is not null) and o.sent_at is null"""


def way_of_stuck(connection: Connection[tuple[Any, ...]], wanted: UUID | None) -> str | None:
    """Whether it still does not go on: a key of WAYS. As it is now, it stays until the transaction ends."""
    found = connection.execute(_LOCKED, {"id": wanted}).fetchone()
    return None if found is None else str(found[0])


@dataclass(slots=True, kw_only=True)
class Source:
    """A message of another installation that is parked, or whose document is: `code` is our dossier."""

    message_id: UUID
    peer: str
    code: str | None
    envelope: bytes


def source(db: Database, message: UUID) -> Source | None:
    """Of a parked message, or of one that names a parked document."""
    return db.one(Source, """
        select a.message_id, p.name as peer, a.envelope, d.code from arrival a join peer p on p.id = a.peer_id
        left join lateral (
          select d.code from counterpart c join dossier d on d.id = c.dossier_id
          where c.peer_id = a.peer_id and c.thread = a.thread
          union all select d.code from outbox o join dossier d on d.id = o.dossier_id and d.code = a.thread
          where o.peer_id = a.peer_id and o.thread = a.thread limit 1) d on true
        where a.message_id = %(message)s and (a.state = 'parked' or exists (
          select from pull l where l.peer_id = a.peer_id and l.message_id = a.message_id
            and (l.parked_at is not null or l.owned_at is not null) and l.done_at is null))""", {"message": message})

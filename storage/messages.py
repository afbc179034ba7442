"""Notices to citizens and colleagues on their way: claimed with a lease, tried again after growing pauses, parked.

When they are due is told by the business clock they were queued by; leases are the database's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from storage.session import Database

# Longer than a batch may take: what a killed sender had claimed goes out after it.
LEASE_SECONDS = 60
# After the tenth failure a person has to look.
TRIES = 10

READY = """m.sent_at is null and m.parked_at is null and m.closed_at is null and m.next_attempt_at <= %s
    and (m.lease_until is null or m.lease_until < clock_timestamp())"""

CLAIM = f"""
with due as (
  select m.id from message m where {READY} order by m.next_attempt_at limit %s for update skip locked)
update message m set attempts = m.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
from due where m.id = due.id
returning m.id, m.person_id, m.kind, m.channel, m.address, m.language, m.data, m.attempts,
  (select f.quiet_from from preference f where f.person_id = m.person_id) as quiet_from,
  (select f.quiet_until from preference f where f.person_id = m.person_id) as quiet_until"""

FAILED = """update message set lease_until = null, last_error = %(why)s,
  next_attempt_at = %(now)s + make_interval(secs => least(3600, 15 * power(2, attempts)) * (0.5 + random())),
  parked_at = case when attempts >= %(tries)s then %(now)s::timestamptz end
where id = %(id)s and attempts = %(attempts)s and sent_at is null returning parked_at is not null"""

OF_DOSSIER = """select m.kind, m.channel, m.address, p.name as colleague, m.created_at, m.sent_at, m.parked_at,
  m.closed_at, m.closed_why, m.last_error, m.attempts
from message m join dossier d on d.id = m.dossier_id left join person p on p.id = m.person_id
where d.code = %s order by m.created_at desc, m.id limit 200"""

# Those of the units the person works in today.
MINE = """exists (select from membership o where o.person_id = %(person)s and o.unit_id = m.owner_unit_id
  and o.role not in ('courier', 'administrator', 'auditor')
  and (cardinality(o.procedures) = 0 or exists (select from dossier d join procedure_version v on v.id = d.version_id
    where d.id = m.dossier_id and v.procedure = any(o.procedures)))
  and %(today)s >= o.valid_from and (o.valid_to is null or %(today)s <= o.valid_to))"""
FAILING = "m.parked_at is not null and m.sent_at is null and m.closed_at is null"
STUCK = f"""select m.id, d.code, m.kind, m.channel, m.address, m.last_error, m.attempts, m.created_at, m.parked_at
from message m left join dossier d on d.id = m.dossier_id
where {FAILING} and {MINE} order by m.parked_at desc, m.id limit 200"""
HOW_MANY = f"select count(*) from (select from message m where {FAILING} and {MINE} limit 1000) m"
AGAIN = f"""update message m set parked_at = null, attempts = 0, next_attempt_at = %(now)s, lease_until = null
where m.id = any(%(ids)s) and {FAILING} and {MINE}"""
CLOSE = f"""update message m set closed_at = %(now)s, closed_by = %(person)s, closed_why = %(why)s
where m.id = any(%(ids)s) and {FAILING} and {MINE}"""

# What is overdue and either theirs by name or anybody's of their post; one line a channel somebody asked for.
LATE = """
select f.person_id, c.channel,
  case c.channel when 'mail' then f.mail when 'sms' then f.phone else p.login end as address,
  coalesce((select s.language from session s where s.person_id = p.id order by s.seen_at desc limit 1), 'vi')
    as language,
  (select o.unit_id from membership o where o.person_id = p.id and %(today)s >= o.valid_from
    and (o.valid_to is null or %(today)s <= o.valid_to) order by o.id limit 1) as unit_id,
  late.many, late.codes
from preference f join person p on p.id = f.person_id and p.disabled_at is null
cross join unnest(f.channels) as c(channel)
cross join lateral (
  select count(*) as many, (array_agg(w.code order by w.due_at))[:10] as codes from (
    select distinct on (d.code) d.code, w.due_at from membership o
    join work_item w on w.unit_id = o.unit_id and w.role = o.role
    join dossier d on d.id = w.dossier_id
    where o.person_id = p.id and %(today)s >= o.valid_from and (o.valid_to is null or %(today)s <= o.valid_to)
      and (cardinality(o.procedures) = 0 or w.procedure = any(o.procedures))
      and w.closed_at is null and w.available_at is not null and w.due_at < %(now)s
      and (w.claimed_by is null or w.claimed_by = p.id)
    order by d.code, w.due_at) w) late
where 'overdue' <> all (f.unwanted) and late.many > 0"""
# Whoever holds one of the roles today; one line a channel somebody asked for.
OF_ROLES = """
select distinct on (f.person_id, c.channel) f.person_id, c.channel,
  case c.channel when 'mail' then f.mail when 'sms' then f.phone else p.login end as address,
  coalesce((select s.language from session s where s.person_id = p.id order by s.seen_at desc limit 1), 'vi')
    as language, o.unit_id
from membership o join person p on p.id = o.person_id and p.disabled_at is null
join preference f on f.person_id = p.id cross join unnest(f.channels) as c(channel)
where o.role = any(%(roles)s) and %(today)s >= o.valid_from and (o.valid_to is null or %(today)s <= o.valid_to)
  and %(kind)s <> all (f.unwanted)
order by f.person_id, c.channel, o.id"""
QUEUE = b"""insert into message (id, person_id, owner_unit_id, kind, channel, address, language, data, created_at,
  next_attempt_at, attempts) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0) on conflict (id) do nothing"""


@dataclass(slots=True)
class Message:
    """`attempts` numbers the lease: only the sender with the newest one may close the row. Quiet hours are minutes of
    the day of the colleague it is for."""

    id: UUID
    person_id: int | None
    kind: str
    channel: str
    address: str
    language: str
    data: dict[str, Any]
    attempts: int
    quiet_from: int | None
    quiet_until: int | None


@dataclass(slots=True)
class Sent:
    """A message of a dossier as it stands now."""

    kind: str
    channel: str
    address: str
    colleague: str | None
    created_at: datetime
    sent_at: datetime | None
    parked_at: datetime | None
    closed_at: datetime | None
    closed_why: str | None
    last_error: str | None
    attempts: int


@dataclass(slots=True)
class Stuck:
    """One that failed for good; `code` is empty where it is about no dossier."""

    id: UUID
    code: str | None
    kind: str
    channel: str
    address: str
    last_error: str | None
    attempts: int
    created_at: datetime
    parked_at: datetime


@dataclass(slots=True)
class To:
    """A way to reach a colleague."""

    person_id: int
    channel: str
    address: str
    language: str
    unit_id: int | None


@dataclass(slots=True)
class Late(To):
    """How many dossiers are overdue for somebody, and the codes of the first ten."""

    many: int
    codes: list[str]


def claim(db: Database, now: datetime, batch: int) -> list[Message]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(CLAIM.encode(), (now, batch, LEASE_SECONDS)).fetchall()


def anything_due(db: Database, now: datetime) -> bool:
    return bool(db.value(f"select exists (select from message m where {READY})", (now,)))


def sent(db: Database, message: Message, now: datetime) -> bool:
    """False when another sender holds a newer lease."""
    return _one(db, b"update message set sent_at = %s, lease_until = null, last_error = null "
                    b"where id = %s and attempts = %s and sent_at is null", (now, message.id, message.attempts))


def put_off(db: Database, message: Message, until: datetime) -> None:
    """Not tried yet, so it does not count as a try."""
    _one(db, b"update message set next_attempt_at = %s, lease_until = null, attempts = attempts - 1 "
             b"where id = %s and attempts = %s and sent_at is null", (until, message.id, message.attempts))


def park(db: Database, message: Message, why: str, now: datetime) -> None:
    """What trying again would not help."""
    _one(db, b"update message set parked_at = %s, last_error = %s, lease_until = null "
             b"where id = %s and attempts = %s and sent_at is null", (now, why, message.id, message.attempts))


def failed(db: Database, message: Message, why: str, now: datetime) -> bool:
    """Try again after 30, 60, 120 … at most 3,600 s, give or take half; parked after the tenth, then True."""
    return bool(db.value(FAILED, {"why": why, "now": now, "tries": TRIES, "id": message.id,
                                  "attempts": message.attempts}))


def release(db: Database, messages: Sequence[Message]) -> None:
    """Gives back what was claimed and not tried."""
    with db.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(b"update message set lease_until = null, attempts = attempts - 1 "
                           b"where id = %s and attempts = %s and sent_at is null",
                           [(message.id, message.attempts) for message in messages])


def late(db: Database, now: datetime, today: date) -> list[Late]:
    return [found for found in db.rows(Late, LATE, {"now": now, "today": today}) if found.address and found.unit_id]


def of_roles(db: Database, roles: Sequence[str], kind: str, today: date) -> list[To]:
    """Those who want to be told of this."""
    found = db.rows(To, OF_ROLES, {"roles": list(roles), "kind": kind, "today": today})
    return [to for to in found if to.address]


def queued_since(db: Database, kind: str, since: datetime) -> bool:
    """Whether messages of this kind, about no dossier, were queued from then on."""
    return bool(db.value("select exists (select from message where dossier_id is null and kind = %s "
                         "and created_at >= %s)", (kind, since)))


def queue(db: Database, told: Sequence[tuple[UUID, To, dict[str, Any]]], kind: str, now: datetime) -> None:
    """Messages that no act causes, all or none. One that is there already stays as it is."""
    with db.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(QUEUE, [(id_, row.person_id, row.unit_id, kind, row.channel, row.address, row.language,
                                    Jsonb(data), now, now) for id_, row, data in told])


def of_dossier(db: Database, code: str) -> list[Sent]:
    """The newest first; whoever asks has been found to see the dossier."""
    return db.rows(Sent, OF_DOSSIER, (code,))


def stuck(db: Database, person: int, today: date) -> list[Stuck]:
    """What failed for good and belongs to the person's units, the newest first."""
    return db.rows(Stuck, STUCK, {"person": person, "today": today})


def how_many_stuck(db: Database, person: int, today: date) -> int:
    return int(db.value(HOW_MANY, {"person": person, "today": today}))


def again(db: Database, ids: Sequence[UUID], person: int, today: date, now: datetime) -> int:
    """Sent again from the first try on. Those of other units are passed over."""
    return _many(db, AGAIN, {"ids": list(ids), "person": person, "today": today, "now": now})


def close(db: Database, ids: Sequence[UUID], person: int, why: str, today: date, now: datetime) -> int:
    """Nobody tries any more; why is kept."""
    return _many(db, CLOSE, {"ids": list(ids), "person": person, "today": today, "now": now, "why": why})


def _one(db: Database, statement: bytes, params: tuple[Any, ...]) -> bool:
    with db.connection() as connection:
        return connection.execute(statement, params).rowcount == 1


def _many(db: Database, statement: str, params: dict[str, Any]) -> int:
    with db.connection() as connection:
        return connection.execute(statement.encode(), params).rowcount


@dataclass(slots=True)
class Wanted:
    """How somebody wants to be told; minutes of the day between which nothing is sent, or None."""

    mail: str
    phone: str
    channels: list[str]
    unwanted: list[str]
    quiet_from: int | None
    quiet_until: int | None


def wanted(db: Database, person: int) -> Wanted | None:
    return db.one(Wanted, "select mail, phone, channels, unwanted, quiet_from, quiet_until from preference "
                          "where person_id = %s", (person,))


def keep_wanted(db: Database, person: int, told: Wanted) -> None:
    with db.connection() as connection:
        connection.execute(
            b"insert into preference values (%s, %s, %s, %s, %s, %s, %s) on conflict (person_id) do update set "
            b"mail = excluded.mail, phone = excluded.phone, channels = excluded.channels, "
            b"unwanted = excluded.unwanted, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until",
            (person, told.mail, told.phone, told.channels, told.unwanted, told.quiet_from, told.quiet_until))

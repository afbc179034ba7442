"""Items for the national portal on their way, the state of the line, and exceptions.

When something is due is told by the business clock; leases are the database's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from storage.session import Database

# Longer than one item may take: what a killed sender had claimed goes out after it.
LEASE_SECONDS = 60
# So often the portal may leave one item unanswered while it answers others.
ALONE = 5

UNSENT = "i.sent_at is null and i.closed_at is null"
# The first of its dossier that is not done: an exception keeps all behind it. None while the line rests.
READY = f"""{UNSENT} and i.held_at is null and i.next_attempt_at <= %s
    and (i.lease_until is null or i.lease_until < clock_timestamp())
    and not exists (select from portal_item e where e.dossier_id = i.dossier_id and e.no < i.no
      and e.sent_at is null and e.closed_at is null)
    and not exists (select from portal_line l where l.retry_at > %s)"""

CLAIM = f"""
with due as (
  select i.dossier_id, i.no from portal_item i where {READY} order by i.next_attempt_at limit %s
  for update of i skip locked)
update portal_item i set attempts = i.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
from due, dossier d where i.dossier_id = due.dossier_id and i.no = due.no and d.id = i.dossier_id
returning i.dossier_id, i.no, d.code, i.kind, i.status, i.seq, i.at, i.told, i.payload, i.corrections, i.attempts,
  exists (select from portal_item e where e.dossier_id = i.dossier_id and e.kind = 'dossier'
    and e.sent_at is not null) as known"""

# Everything the portal may be told of a dossier; what only came after the act is left to the next item.
FACTS = """
select json_build_object('code', d.code, 'version_id', d.version_id, 'intake_agency', d.intake_agency,
  'channel', d.channel, 'return_way', d.return_way, 'subject', d.subject, 'facts', d.facts, 'status', d.status,
  'submitted_at', d.submitted_at, 'received_at', d.received_at, 'due_at', d.due_at, 'finished_at', d.finished_at,
  'closed_at', d.closed_at,
  'unit', coalesce((select w.unit_id from work_item w where w.dossier_id = d.id and w.closed_at is null
    and w.duty <> 'consult' order by w.no desc limit 1), d.intake_unit_id),
  'applicant', json_build_object('name', a.name, 'id_number', a.id_number, 'phone', a.phone, 'email', a.email),
  'documents', coalesce((select json_agg(f order by f.added_at, f.id) from document f
    where f.dossier_id = d.id and f.replaced_by is null), '[]'),
  'additions', coalesce((select json_agg(json_build_object('no', q.no, 'asked_at', q.asked_at, 'documents', q.documents,
      'person', p.name) order by q.no) from addition q join person p on p.id = q.person_id
    where q.dossier_id = d.id and q.asked_at is not null), '[]'),
  'subject_before', (select i.corrections->>'LoaiDoiTuong' from applicant b
    join portal_item i on i.dossier_id = b.dossier_id and i.corrections ? 'LoaiDoiTuong'
    where b.id_number = a.id_number and a.id_number <> '' order by i.at desc limit 1),
  'corrected', (select jsonb_object_agg(c.key, c.value) from (select distinct on (c.key) c.key, c.value
      from portal_item i, jsonb_each_text(i.corrections) c
      where i.dossier_id = d.id and i.kind = 'dossier' order by c.key, i.no desc) c))::text
from dossier d join applicant a on a.dossier_id = d.id where d.id = %s"""

ENTRY = """select a.actor_name, a.unit_name, a.action, a.from_states, a.at, d.version_id, d.code
from audit a join dossier d on d.id = a.dossier_id where a.dossier_id = %s and a.seq = %s"""

# Managers have those of their own agency's desks; administrators answer for the line, hence for all.
OWN = """exists (select from membership o join unit u on u.id = o.unit_id where o.person_id = %(person)s
  and (o.role = 'administrator' or (o.role = 'manager'
    and u.agency = (select v.agency from unit v where v.id = i.owner_unit_id)))
  and %(today)s >= o.valid_from and (o.valid_to is null or %(today)s <= o.valid_to))"""
HELD = f"i.held_at is not null and {UNSENT}"
# For the bar of every page.
EXCEPTIONAL = f"(select count(*) from (select from portal_item i where {HELD} and {OWN} limit %(most)s) i)"
OWN_EXCEPTIONS = f"""select d.code, i.no, i.kind, i.status, i.at, i.held_at, i.faults, i.corrections, i.owner_unit_id,
  (select count(*) from portal_item e where e.dossier_id = i.dossier_id and e.no > i.no) as behind
from portal_item i join dossier d on d.id = i.dossier_id where {HELD} and {OWN}"""
CORRECT = f"""update portal_item i set corrections = coalesce(i.corrections, '{{}}') || %(corrections)s, held_at = null,
  faults = null, payload = null, sha256 = null, attempts = 0, alone = 0, lease_until = null, next_attempt_at = %(now)s
from dossier d where d.id = i.dossier_id and d.code = %(code)s and i.no = %(no)s and {HELD} and {OWN}"""
CLOSE = f"""update portal_item i set closed_at = %(now)s, closed_by = %(person)s, closed_why = %(why)s
from dossier d where d.id = i.dossier_id and d.code = %(code)s and i.no = %(no)s and {HELD} and {OWN}"""

STANDING = f"""select l.reached_at, l.trouble_since, l.trouble, l.retry_at,
  (select count(*) from portal_item i where {UNSENT}) as queued,
  (select count(*) from portal_item i where {HELD}) as held,
  (select min(i.at) from portal_item i where {UNSENT} and i.held_at is null) as oldest
from portal_line l"""

# By the day of submission, which is indexed by desk.
SHARED = f"""
select count(*) as dossiers, count(*) filter (where exists (
    select from portal_item i where i.dossier_id = d.id and i.kind = 'dossier' and i.sent_at is not null)
  and not exists (select from portal_item i where i.dossier_id = d.id and {UNSENT})) as told
from dossier d where d.intake_unit_id = any(%(units)s) and d.submitted_at >= %(since)s and d.submitted_at < %(until)s
  and d.mirror is null and (%(procedure)s::text is null or exists (
    select from procedure_version v where v.id = d.version_id and v.procedure = %(procedure)s))"""


@dataclass(slots=True)
class Item:
    """`attempts` numbers the lease; `known`: the portal has taken the dossier before."""

    dossier_id: int
    no: int
    code: str
    kind: str
    status: int
    seq: int
    at: datetime
    told: dict[str, Any] | None
    payload: str | None
    corrections: dict[str, str] | None
    attempts: int
    known: bool


@dataclass(slots=True)
class Entry:
    actor_name: str
    unit_name: str
    action: str
    from_states: list[str]
    at: datetime
    version_id: int
    code: str


@dataclass(slots=True)
class Exceptional:
    """An item that waits for a person; `behind`: items of its dossier that wait with it."""

    code: str
    no: int
    kind: str
    status: int
    at: datetime
    held_at: datetime
    faults: list[dict[str, str]]
    corrections: dict[str, str] | None
    owner_unit_id: int
    behind: int


@dataclass(slots=True)
class Standing:
    """`queued` counts exceptions, too; `oldest`: the act of the oldest item that may be sent."""

    reached_at: datetime | None
    trouble_since: datetime | None
    trouble: str | None
    retry_at: datetime | None
    queued: int
    held: int
    oldest: datetime | None


@dataclass(slots=True)
class Shared:
    """Dossiers that were received, and how many of them the portal knows as they stand."""

    dossiers: int
    told: int


def claim(db: Database, now: datetime, batch: int) -> list[Item]:
    with db.connection() as connection, connection.cursor(row_factory=class_row(Item)) as cursor:
        return cursor.execute(CLAIM.encode(), (now, now, batch, LEASE_SECONDS)).fetchall()


def anything_due(db: Database, now: datetime) -> bool:
    return bool(db.value(f"select exists (select from portal_item i where {READY})", (now, now)))


def facts(db: Database, dossier_id: int) -> dict[str, Any]:
    return dict(orjson.loads(db.value(FACTS, (dossier_id,))))


def entry(db: Database, dossier_id: int, seq: int) -> Entry | None:
    return db.one(Entry, ENTRY, (dossier_id, seq))


def freeze(db: Database, item: Item, payload: str, sha256: str) -> bool:
    """What is sent from now on; False when another sender holds a newer lease."""
    return _settle(db, item, b"payload = %s, sha256 = %s", payload, sha256)


def sent(db: Database, item: Item, now: datetime) -> bool:
    """False when another sender holds a newer lease."""
    return _settle(db, item, b"sent_at = %s, lease_until = null", now)


def hold(db: Database, item: Item, faults: Sequence[Mapping[str, str]], now: datetime) -> None:
    """An exception: a person of the unit has to look."""
    _settle(db, item, b"held_at = %s, faults = %s, lease_until = null", now, Jsonb(list(faults)))


def release(db: Database, items: Sequence[Item]) -> None:
    """Claimed and not tried."""
    for item in items:
        _settle(db, item, b"attempts = attempts - 1, lease_until = null")


def unanswered(db: Database, item: Item, now: datetime) -> int:
    """Tried, and the line or the portal failed. Returns how often that happened although others got through since."""
    with db.connection() as connection:
        found = connection.execute(
            b"update portal_item i set lease_until = null, tried_at = %(now)s, "
            b"alone = alone + (exists (select from portal_line l where l.reached_at > i.tried_at))::int, "
            b"next_attempt_at = %(now)s + make_interval(secs => least(300, power(2, least(i.attempts, 9)))) "
            b"where dossier_id = %(dossier)s and no = %(no)s and attempts = %(attempts)s and sent_at is null "
            b"returning alone",
            {"now": now, "dossier": item.dossier_id, "no": item.no, "attempts": item.attempts}).fetchone()
    return int(found[0]) if found else 0


def _settle(db: Database, item: Item, changes: bytes, *values: Any) -> bool:
    with db.connection() as connection:
        return connection.execute(
            b"update portal_item set " + changes + b" where dossier_id = %s and no = %s and attempts = %s "
            b"and sent_at is null", (*values, item.dossier_id, item.no, item.attempts)).rowcount == 1


def reached(db: Database, now: datetime) -> None:
    with db.connection() as connection:
        connection.execute(b"update portal_line set reached_at = %s, trouble_since = null, trouble = null, "
                           b"failures = 0, retry_at = null", (now,))


def away(db: Database, why: str, now: datetime) -> None:
    """Asked again after 2, 4, 8 … at most 300 seconds, give or take half."""
    with db.connection() as connection:
        connection.execute(
            b"update portal_line set trouble_since = coalesce(trouble_since, %(now)s), trouble = %(why)s, "
            b"failures = failures + 1, retry_at = %(now)s + make_interval(secs => "
            b"least(300, power(2, least(failures + 1, 9))) * (0.5 + random()))", {"now": now, "why": why})


def standing(db: Database) -> Standing:
    found = db.one(Standing, STANDING)
    assert found is not None
    return found


def exceptions(db: Database, person: int, today: date) -> list[Exceptional]:
    """The oldest first."""
    return db.rows(Exceptional, f"{OWN_EXCEPTIONS} order by i.held_at, i.dossier_id limit 200",
                   {"person": person, "today": today})


def exception(db: Database, code: str, no: int, person: int, today: date) -> Exceptional | None:
    return db.one(Exceptional, f"{OWN_EXCEPTIONS} and d.code = %(code)s and i.no = %(no)s",
                  {"code": code, "no": no, "person": person, "today": today})


def correct(db: Database, code: str, no: int, person: int, today: date, corrections: Mapping[str, str],
            now: datetime) -> bool:
    with db.connection() as connection:
        return connection.execute(CORRECT.encode(), {
            "code": code, "no": no, "person": person, "today": today, "now": now,
            "corrections": Jsonb(dict(corrections))}).rowcount == 1


def close(db: Database, code: str, no: int, person: int, today: date, why: str, now: datetime) -> bool:
    with db.connection() as connection:
        return connection.execute(CLOSE.encode(), {"code": code, "no": no, "person": person, "today": today, "why": why,
                                                   "now": now}).rowcount == 1


def aliases(db: Database) -> list[tuple[str, list[str]]]:
    """Agencies and their older spellings."""
    with db.connection() as connection:
        return connection.execute(b"select code, aliases from agency where aliases <> '{}'").fetchall()


def tell(db: Database, dossier_id: int, now: datetime, *, reconciliation: bool,
         faults: Sequence[Mapping[str, str]] = ()) -> bool:
    """Queues how a dossier stands; not while something of it waits to be sent, nor what others master.

    With `faults` it goes out only when a person says so.
    """
    with db.transaction() as connection:
        found = connection.execute(b"select tell_portal(%s, %s, %s)", (dossier_id, now, reconciliation)).fetchone()
        if found is None or found[0] is None:
            return False
        if faults:
            connection.execute(b"update portal_item set held_at = %s, faults = %s where dossier_id = %s and no = %s",
                               (now, Jsonb(list(faults)), dossier_id, found[0]))
        return True


def shared(db: Database, units: Sequence[int], procedure: str | None, since: datetime, until: datetime) -> Shared:
    """Of those these units took in, without what another system masters."""
    found = db.one(Shared, SHARED, {"units": list(units), "procedure": procedure, "since": since, "until": until})
    assert found is not None
    return found

"""Who had a paper when, what waits to be confirmed from hand to hand, and incidents with their owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection, RawCursor

from storage import dossiers
from storage.dossiers import Loaded
from storage.session import Database

# Units where the person works with dossiers; those who carry, audit or configure have no list of their own.
_OWN = """(select distinct m.unit_id from membership m where m.person_id = %(person)s
  and m.role not in ('courier', 'auditor', 'administrator')
  and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))"""


# Incidents about a message or a document: its id begins their detail.
MESSAGES = frozenset({"message_parked", "message_unanswered", "document_lost"})

# What a courier whose run is over has not been relieved of; due when the time to confirm has passed since then.
_CARRIED = """select l.barcode, l.dossier_id, l.from_unit_id, l.to_unit_id, l.taken_by, l.taken_at, l.bag_id,
    coalesce((r.confirm_by_unit->>l.to_unit_id::text)::timestamptz, r.confirm_by) as due_at
  from own o join courier_load l on {end} = o.unit_id and l.confirmed_at is null and l.taken_at is not null
    join courier_run r on r.id = l.run_id and r.state = 'arrived'
  where l.missing_at is null"""
_STRANDED = f"{_CARRIED.format(end='l.from_unit_id')} union {_CARRIED.format(end='l.to_unit_id')}"

# How many, for the bar of every page.
TROUBLES = f"""(with own as materialized {_OWN}
  select (select count(*) from own o join incident i on i.unit_id = o.unit_id and i.closed_at is null)
    + (select count(*) from (
      select t.id from own o join transfer t on t.from_unit_id = o.unit_id
        where t.settled_at is null and t.due_at <= %(now)s
      union select t.id from own o join transfer t on t.to_unit_id = o.unit_id
        where t.settled_at is null and t.due_at <= %(now)s) late)
    + (select count(*) from ({_STRANDED}) l where l.due_at <= %(now)s))"""


@dataclass(slots=True)
class Held:
    """A line of a paper's history: in whose hands from `since` on."""

    barcode: str
    no: int
    state: str
    unit_id: int
    person: str | None
    carrier: str | None
    since: datetime
    action: str


@dataclass(slots=True)
class Waiting:
    """A paper that changed hands on one side only. `mine`: the person may confirm it; else he waits for another.

    `carried`: by a courier whose run is over; else it was offered from hand to hand. `bag_id`: the sealed bag it is in.
    """

    barcode: str
    code: str
    from_unit_id: int
    to_unit_id: int
    giver: str
    receiver: str | None
    offered_at: datetime
    due_at: datetime
    mine: bool
    carried: bool
    bag_id: int | None


@dataclass(slots=True)
class Incident:
    """`paper`: its kind, where it is about one; `reported_by`: the unit, None for what the system itself found."""

    id: UUID
    kind: str
    code: str | None
    detail: str
    unit_id: int
    run_id: int | None
    bag_id: int | None
    opened_at: datetime
    own: bool
    paper: str | None
    reported_by: int | None

    @property
    def message(self) -> UUID | None:
        """The message, or document, that it is about."""
        try:
            return UUID(self.detail[:36]) if self.kind in MESSAGES else None
        except ValueError:
            return None


def history(db: Database, dossier_id: int) -> list[Held]:
    return db.rows(Held, """
        select c.barcode, c.no, c.state, c.unit_id, p.name as person, c.carrier, c.since,
          coalesce(a.action, '') as action
        from custody c left join person p on p.id = c.person_id
          left join audit a on a.dossier_id = c.dossier_id and a.seq = c.seq
        where c.dossier_id = %s order by c.barcode, c.no desc""", (dossier_id,))


def waiting(db: Database, person: int, today: date) -> list[Waiting]:
    """Offers from or to the person's units, and what a courier still carries after his run; the oldest first."""
    return db.rows(Waiting, f"""
        with own as materialized {_OWN}
        select t.barcode, d.code, t.from_unit_id, t.to_unit_id, g.name as giver, r.name as receiver, t.offered_at,
          t.due_at, t.to_unit_id in (select unit_id from own) and t.from_person_id <> %(person)s
            and coalesce(t.to_person_id, %(person)s) = %(person)s as mine, false as carried,
          null::bigint as bag_id
        from transfer t join dossier d on d.id = t.dossier_id join person g on g.id = t.from_person_id
          left join person r on r.id = t.to_person_id
        where t.settled_at is null and t.id in (
          select x.id from own o join transfer x on x.from_unit_id = o.unit_id and x.settled_at is null
          union select x.id from own o join transfer x on x.to_unit_id = o.unit_id and x.settled_at is null)
        union all
        select l.barcode, d.code, l.from_unit_id, l.to_unit_id, g.name, null, l.taken_at, l.due_at,
          l.to_unit_id in (select unit_id from own), true, b.id
        from ({_STRANDED}) l join dossier d on d.id = l.dossier_id join person g on g.id = l.taken_by
          left join bag b on b.id = l.bag_id and b.opened_at is null
        order by due_at, barcode limit 200""", {"person": person, "today": today})


def ring(db: Database, now: datetime) -> int:
    """Tells both units of every offer that nobody confirmed in time; returns how many notices."""
    return int(db.value("select ring_transfers(%s)", (now,)))


def incidents(db: Database, person: int, today: date) -> list[Incident]:
    """Open ones of the person's units, and for auditors those of the others, too; the oldest first."""
    return db.rows(Incident, f"""
        select i.id, i.kind, d.code, i.detail, i.unit_id, i.run_id, i.bag_id, i.opened_at, i.unit_id in {_OWN} as own,
          p.kind as paper, coalesce(a.unit_id, b.to_unit_id) as reported_by
        from incident i left join dossier d on d.id = i.dossier_id left join paper p on p.barcode = i.detail
          left join bag b on b.id = i.bag_id
          left join lateral (select x.unit_id from audit x where x.dossier_id = i.dossier_id and x.at = i.opened_at
            and x.unit_id is not null order by x.seq desc limit 1) a on true
        where i.closed_at is null and (i.unit_id in {_OWN} or {dossiers.AUDITED})
        order by i.opened_at, i.id limit 200""",
        {"person": person, "today": today})


def troubles(db: Database, person: int, today: date, now: datetime) -> int:
    """Open incidents of the person's units and what was not confirmed in time there."""
    return int(db.value(f"select {TROUBLES}", {"person": person, "today": today, "now": now}))


def incident(db: Database, wanted: UUID, person: int, today: date) -> Incident | None:
    """`own`: of one of the person's units."""
    return db.one(Incident, f"""
        select i.id, i.kind, d.code, i.detail, i.unit_id, i.run_id, i.bag_id, i.opened_at, i.unit_id in {_OWN} as own,
          null as paper, null::int as reported_by
        from incident i left join dossier d on d.id = i.dossier_id
        where i.id = %(id)s and i.closed_at is null""", {"id": wanted, "person": person, "today": today})


@dataclass(slots=True)
class About:
    """An incident about a message or a document."""

    id: UUID
    detail: str
    open: bool


def about(db: Database, code: str, kind: str, wanted: UUID) -> About | None:
    """The one of that kind, about the message or document of the dossier; an open one before those that are closed."""
    return db.one(About, """
        select i.id, i.detail, i.closed_at is null as open from incident i join dossier d on d.id = i.dossier_id
        where d.code = %s and i.kind = %s and left(i.detail, 36) = %s
        order by i.closed_at nulls first, i.opened_at desc limit 1""", (code, kind, str(wanted)))


def reopen(connection: Connection[tuple[Any, ...]], incident: UUID) -> None:
    """Who closed it and why stays in the record of the dossier."""
    connection.execute(b"update incident set closed_at = null, closed_by = null, closed_why = null "
                       b"where id = %s and closed_at is not null", (incident,))


def owners(db: Database, wanted: Sequence[UUID]) -> dict[UUID, int]:
    """The units with an open incident about these messages or documents, where there is one; the newest counts."""
    with db.connection() as connection:
        found = connection.execute(
            b"select left(detail, 36), unit_id from incident where left(detail, 36) = any(%s) "
            b"and kind in ('message_parked', 'message_unanswered') and closed_at is null order by opened_at",
            ([str(id_) for id_ in wanted],))
        return {UUID(about): unit for about, unit in found}


def reported(db: Database, incident: UUID) -> bool:
    """Open or closed."""
    return bool(db.value("select exists (select from incident where id = %s)", (incident,)))


def close(db: Database, wanted: UUID, person: int, now: datetime, why: str) -> bool:
    """Of an incident that is about no dossier."""
    with db.connection() as connection:
        return connection.execute(
            b"update incident set closed_at = %s, closed_by = %s, closed_why = %s "
            b"where id = %s and closed_at is null and dossier_id is null", (now, person, why, wanted)).rowcount == 1


def load_many(db: Database, codes: Sequence[str], keys: Sequence[str | None], person: int,
              today: date) -> list[Loaded | None]:
    """Several dossiers for acts on their papers, in the order asked for; sent together, answered together."""
    with db.connection() as connection, connection.pipeline():
        asked = [RawCursor(connection).execute(dossiers.LOAD_NUMBERED, (code, person, key, today, True, False))
                 for code, key in zip(codes, keys, strict=True)]
        found = [cursor.fetchone() for cursor in asked]
    return [None if row is None else dossiers.read_loaded(orjson.loads(row[0])) for row in found]


def record_many(db: Database, decisions: Sequence[dict[str, Any]]) -> set[int]:
    """Writes the acts in one transaction; returns the places of those whose dossier moved meanwhile."""
    payload = orjson.dumps(list(decisions), option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
    return set(db.value("select record_acts(%s)", (payload,)))

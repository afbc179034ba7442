"""Absences as they are kept, the posts they are about, and the work that goes back when somebody has a post no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from storage.locks import FAMILY, Job
from storage.session import Database, Row

ZONE = "Asia/Ho_Chi_Minh"
# Ended early: the day of the end is the first that is the person's own again.
IN_FORCE: LiteralString = f"""(select a.id, a.person_id, a.substitute_id, a.first_day, a.units, a.procedures,
  coalesce(least(a.last_day, (a.ended_at at time zone '{ZONE}')::date - 1), a.last_day) as last_day from absence a) a"""
# Everything that was not over before yesterday: what was lent until then stays as it was.
CURRENT: LiteralString = f"""select a.id, a.person_id as person, a.substitute_id as substitute, a.first_day as first,
  a.last_day as last, array(select jsonb_array_elements_text(a.units)::int) as units, a.procedures
from {IN_FORCE} where a.last_day >= %(since)s and a.first_day <= a.last_day order by a.id"""
POSTS: LiteralString = """select m.person_id as person, m.unit_id as unit, m.role, m.valid_from as since,
  m.valid_to as until from membership m join person p on p.id = m.person_id and p.disabled_at is null
where m.for_person_id is null and (m.valid_to is null or m.valid_to >= %(since)s)"""
LENT: LiteralString = """select absence_id as absence, person_id as person, for_person_id as principal,
  unit_id as unit, role, valid_from as since, valid_to as until, procedures from membership
where for_person_id is not null and absence_id = any(%(absences)s)"""
ENTER: LiteralString = """insert into absence (person_id, substitute_id, first_day, last_day, units, procedures,
  reason, entered_by, entered_at)
values (%(person)s, %(substitute)s, %(first)s, %(last)s, %(units)s, %(procedures)s, %(reason)s, %(by)s, %(at)s)
returning id"""
END: LiteralString = "update absence set ended_at = %s, ended_by = %s where id = %s and ended_at is null"
NOTED: LiteralString = "insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)"

LISTED: LiteralString = """select a.id, a.person_id as person, p.name, p.login, a.substitute_id as substitute,
  s.name as substitute_name, a.first_day as first, a.last_day as last,
  array(select jsonb_array_elements_text(a.units)::int) as units, a.procedures, a.reason, a.entered_by,
  e.name as entered_name, a.ended_at
from absence a join person p on p.id = a.person_id join person s on s.id = a.substitute_id
  join person e on e.id = a.entered_by"""
# Of one's own, of those one stands in for, and of everybody who has a post in one of the agencies.
NEAR: LiteralString = f"""{LISTED} where (a.person_id = %(person)s or a.substitute_id = %(person)s or exists (
  select from membership m join unit u on u.id = m.unit_id where m.person_id = a.person_id and m.for_person_id is null
    and u.agency = any(%(agencies)s) and (m.valid_to is null or m.valid_to >= %(today)s)))
  and a.last_day >= %(today)s order by a.first_day, a.id limit 500"""
PEOPLE: LiteralString = """select distinct p.id, p.name, p.login, u.agency from membership m
join person p on p.id = m.person_id and p.disabled_at is null join unit u on u.id = m.unit_id
where m.for_person_id is null and m.role <> all(array['administrator', 'auditor'])
  and m.valid_from <= %(until)s and (m.valid_to is null or m.valid_to >= %(today)s)
  and (%(agencies)s::text[] is null or u.agency = any(%(agencies)s)) order by p.name, p.id, u.agency"""
STOOD_IN_FOR: LiteralString = """select p.name, max(m.valid_to) as until from membership m
join person p on p.id = m.for_person_id where m.person_id = %(person)s and %(today)s between m.valid_from and m.valid_to
group by p.id, p.name order by p.name"""
LOGIN: LiteralString = "select id, name, login, '' as agency from person where login = %s and disabled_at is null"
NAMES: LiteralString = "select p.id, p.name, p.login, '' as agency from person p where p.id = any(%s)"

# Open work that somebody claimed who may not do it any more: he left, or does not stand in for its owner any longer.
# What he took from its owner goes back to that person, if he still has the post.
_HOLDS: LiteralString = """exists (
  select from membership m join person p on p.id = m.person_id and p.disabled_at is null
  where m.person_id = {who} and m.unit_id = w.unit_id and m.role = w.role
    and %(today)s between m.valid_from and coalesce(m.valid_to, 'infinity')
    and (cardinality(m.procedures) = 0 or v.procedure = any(m.procedures)))"""
LOST: LiteralString = f"""
with lost as materialized (
  select d.code, v.procedure, w.dossier_id, w.no, w.unit_id, w.role, w.claimed_by
  from work_item w join dossier d on d.id = w.dossier_id join procedure_version v on v.id = d.version_id
  where w.closed_at is null and w.claimed_at is not null and not {_HOLDS.replace("{who}", "w.claimed_by")}
  order by d.code, w.no limit 500)
select w.code, w.no, w.claimed_by as person, t.owner,
  case when {_HOLDS.replace("{who}", "t.before").replace("v.", "w.")} then t.before end as back_to
from lost w left join lateral (
  select (a.details::jsonb->>'for')::int as owner, (a.details::jsonb->>'from')::int as before from audit a
  where a.dossier_id = w.dossier_id and a.action = 'claim' and a.actor_id = w.claimed_by
    and (a.details::jsonb->>'item')::int = w.no order by a.seq desc limit 1) t on true
order by w.code, w.no"""


@dataclass(slots=True)
class AwayRow:
    id: int
    person: int
    substitute: int
    first: date
    last: date
    units: list[int]
    procedures: list[str]


@dataclass(slots=True)
class PostRow:
    person: int
    unit: int
    role: str
    since: date
    until: date | None


@dataclass(slots=True)
class LentRow:
    absence: int
    person: int
    principal: int
    unit: int
    role: str
    since: date
    until: date
    procedures: list[str]


@dataclass(slots=True)
class Listed:
    id: int
    person: int
    name: str
    login: str
    substitute: int
    substitute_name: str
    first: date
    last: date
    units: list[int]
    procedures: list[str]
    reason: str
    entered_by: int
    entered_name: str
    ended_at: datetime | None


@dataclass(slots=True)
class Named:
    """A person with one of the agencies he works in."""

    id: int
    name: str
    login: str
    agency: str


@dataclass(slots=True)
class StoodInFor:
    name: str
    until: date


@dataclass(slots=True)
class Lost:
    """A claim whose holder has the post no more: in whose place it was made, and whose the work was before."""

    code: str
    no: int
    person: int
    owner: int | None
    back_to: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """An absence as it was asked for; empty `units` and `procedures`: everything."""

    person: int
    substitute: int
    first: date
    last: date
    units: list[int] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)
    reason: str
    by: int
    at: datetime


class Register:
    """The absences, held against every other change until the transaction ends."""

    def __init__(self, connection: Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def absences(self, since: date) -> list[AwayRow]:
        """Those with a day from then on."""
        return self._rows(AwayRow, CURRENT, {"since": since})

    def posts(self, since: date) -> list[PostRow]:
        return self._rows(PostRow, POSTS, {"since": since})

    def lent(self, absences: Sequence[int]) -> list[LentRow]:
        return self._rows(LentRow, LENT, {"absences": list(absences)})

    def enter(self, asked: Entered) -> int:
        told = {name: getattr(asked, name) for name in Entered.__slots__} | {"units": Jsonb(asked.units)}
        found = self._connection.execute(ENTER, told).fetchone()
        assert found is not None
        return int(found[0])

    def end(self, absence: int, by: int, at: datetime) -> bool:
        """False when it was ended before."""
        return self._connection.execute(END, (at, by, absence)).rowcount > 0

    def stand_in(self, absences: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
        """Everything that is lent by these absences, in place of what was."""
        self._connection.execute("select stand_in(%s, %s)", (list(absences), Jsonb(list(rows))))

    def note(self, kind: str, by: int | None, at: datetime, details: dict[str, Any]) -> None:
        self._connection.execute(NOTED, (at, by, kind, Jsonb(details)))

    def _rows(self, row: type[Row], query: LiteralString, params: dict[str, Any]) -> list[Row]:
        with self._connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(query, params).fetchall()


@contextmanager
def opened(db: Database) -> Iterator[Register]:
    """Commits when the block reaches its end. One at a time: two absences may only together make a circle."""
    with db.transaction() as connection:
        connection.execute("select pg_advisory_xact_lock(%s, %s)", (FAMILY, int(Job.ABSENCES)))
        yield Register(connection)


@contextmanager
def looked_at(db: Database) -> Iterator[Register]:
    """To read only, as it stands at each query."""
    with db.connection() as connection:
        yield Register(connection)


def near(db: Database, person: int, agencies: Sequence[str], today: date) -> list[Listed]:
    return db.rows(Listed, NEAR, {"person": person, "agencies": list(agencies), "today": today})


def one(db: Database, absence: int) -> Listed | None:
    return db.one(Listed, f"{LISTED} where a.id = %s", (absence,))


def people(db: Database, agencies: Sequence[str] | None, today: date, until: date) -> list[Named]:
    """Everybody with a post in these agencies, or anywhere; who works in several comes once for each."""
    return db.rows(Named, PEOPLE, {"agencies": None if agencies is None else list(agencies), "today": today,
                                   "until": until})


def names(db: Database, ids: Sequence[int]) -> dict[int, str]:
    return {row.id: row.name for row in db.rows(Named, NAMES, (list(ids),))}


def stood_in_for(db: Database, person: int, today: date) -> list[StoodInFor]:
    """In whose place the person may act today, and until when."""
    return db.rows(StoodInFor, STOOD_IN_FOR, {"person": person, "today": today})


def of_login(db: Database, login: str) -> list[Named]:
    return db.rows(Named, LOGIN, (login,))


def lost_claims(db: Database, today: date) -> list[Lost]:
    return db.rows(Lost, LOST, {"today": today})

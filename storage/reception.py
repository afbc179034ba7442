"""What the counter keeps beside dossiers: forms not finished, what the same person brought before, what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from storage.dossiers import VISIBLE
from storage.session import Database

KEEP_DRAFTS = timedelta(days=7)
MOST_DRAFTS = 50
LATEST = 500

# A form that was received is not kept again: the last save of a page that is left may come after the reception.
SAVE = """
insert into reception_draft (id, person_id, procedure, content, changed_at)
select %(id)s, %(person)s, %(procedure)s, %(content)s::jsonb, %(now)s
where not exists (select from idempotency i where i.actor_id = %(person)s and i.key = %(key)s)
on conflict (id) do update set procedure = excluded.procedure, content = excluded.content,
  changed_at = excluded.changed_at where reception_draft.person_id = excluded.person_id"""
LISTED = """
select id, procedure, content, changed_at from reception_draft where person_id = %s order by changed_at desc limit %s"""
ONE = "select id, procedure, content, changed_at from reception_draft where id = %s and person_id = %s"
RECEIVED_AS = "select reply::json->>'code' from idempotency where actor_id = %s and key = %s"

BEFORE = f"""
select d.code, d.version_id, d.status, d.submitted_at, p.name, p.phone, p.email, p.address
from applicant p join dossier d on d.id = p.dossier_id
where p.id_number = %(id_number)s and {VISIBLE} order by d.submitted_at desc limit %(size)s"""
USUAL = """
select v.procedure from (select version_id from dossier where intake_unit_id = any(%s)
  and mirror is null order by submitted_at desc limit %s) d join procedure_version v on v.id = d.version_id
group by v.procedure order by count(*) desc, v.procedure limit %s"""


@dataclass(slots=True)
class Draft:
    """`content`: {"fields": [[name, text], …]} as the form sent them."""

    id: UUID
    procedure: str
    content: dict[str, Any]
    changed_at: datetime


@dataclass(slots=True)
class Before:
    """A dossier the same ID number handed in earlier, with what its form said of how to reach the person."""

    code: str
    version_id: int
    status: int
    submitted_at: datetime
    name: str
    phone: str
    email: str
    address: str


def save(db: Database, draft: Draft, person: int) -> None:
    """Its writer's own: an id of somebody else's draft changes nothing."""
    told = {"id": draft.id, "person": person, "procedure": draft.procedure, "key": str(draft.id),
            "content": orjson.dumps(draft.content).decode(), "now": draft.changed_at}
    with db.connection() as connection:
        connection.execute(SAVE.encode(), told)


def drafts(db: Database, person: int) -> list[Draft]:
    return db.rows(Draft, LISTED, (person, MOST_DRAFTS))


def draft(db: Database, draft_id: UUID, person: int) -> Draft | None:
    return db.one(Draft, ONE, (draft_id, person))


def drop(db: Database, draft_id: UUID, person: int) -> None:
    with db.connection() as connection:
        connection.execute(b"delete from reception_draft where id = %s and person_id = %s", (draft_id, person))


def sweep(db: Database, now: datetime) -> int:
    with db.connection() as connection:
        return connection.execute(b"delete from reception_draft where changed_at < %s", (now - KEEP_DRAFTS,)).rowcount


def received_as(db: Database, person: int, key: str) -> str | None:
    """The code of the dossier that this form became, if it was received."""
    found = db.value(RECEIVED_AS, (person, key))
    return None if found is None else str(found)


def before(db: Database, id_number: str, person: int, today: date, size: int) -> list[Before]:
    """Only dossiers the caller may see, the latest first."""
    return db.rows(Before, BEFORE, {"id_number": id_number, "person": person, "today": today, "size": size,
                                    "blind": False})


def usual(db: Database, units: Sequence[int], size: int) -> list[str]:
    """Procedures the units take in most, by their latest dossiers."""
    with db.connection() as connection:
        return [row[0] for row in connection.execute(USUAL.encode(), (list(units), LATEST, size)).fetchall()]

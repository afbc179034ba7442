"""Drafts of procedures: rows of `procedure_draft`, with the names of those who wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from storage.session import Database

COLUMNS = ("d.id, d.procedure, d.base_version_id, d.version, d.state, d.created_by, c.name as created_name, "
           "d.created_at, d.changed_by, h.name as changed_name, d.changed_at, d.checked_by, k.name as checked_name, "
           "d.checked_at, d.checked_sha256, d.report, d.published_id")
SOURCE = ("from procedure_draft d join person c on c.id = d.created_by join person h on h.id = d.changed_by "
          "left join person k on k.id = d.checked_by")
HOLDS = ("select exists (select from membership where person_id = %s and role = any(%s) "
         "and cardinality(procedures) = 0 and valid_from <= %s "
         "and (valid_to is null or %s <= valid_to))")


@dataclass(slots=True, kw_only=True)
class Listed:
    id: int
    procedure: str
    base_version_id: int | None
    version: int
    state: str
    created_by: int
    created_name: str
    created_at: datetime
    changed_by: int
    changed_name: str
    changed_at: datetime
    checked_by: int | None
    checked_name: str | None
    checked_at: datetime | None
    checked_sha256: str | None
    report: dict[str, Any] | None
    published_id: int | None


@dataclass(slots=True, kw_only=True)
class Row(Listed):
    content: str


@dataclass(slots=True)
class Change:
    """One change of a draft as the log has it."""

    at: datetime
    name: str
    details: dict[str, Any]


@dataclass(slots=True)
class Published:
    procedure: str
    number: int
    content: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Writing:
    """Who writes, when, and what the log says of it."""

    by: int
    at: datetime
    kind: str
    details: dict[str, Any]


def holds(db: Database, person: int, roles: list[str], on: date) -> bool:
    """Whether the person has one of these roles anywhere on that day."""
    return bool(db.value(HOLDS, (person, roles, on, on)))


def get(db: Database, draft_id: int) -> Row | None:
    return db.one(Row, f"select {COLUMNS}, d.content {SOURCE} where d.id = %s", (draft_id,))


def unfinished(db: Database) -> list[Row]:
    """Those still being written or waiting for approval, the last changed first."""
    return db.rows(Row, f"select {COLUMNS}, d.content {SOURCE} where d.state in ('open', 'checked') "
                        "order by d.changed_at desc, d.id desc")


def version(db: Database, version_id: int) -> Published | None:
    return db.one(Published, "select procedure, number, content from procedure_version where id = %s", (version_id,))


def last_number(db: Database, key: str) -> int:
    return db.value("select coalesce(max(number), 0) from procedure_version where procedure = %s", (key,)) or 0


def keys(db: Database) -> set[str]:
    """Every key a procedure, a bundle or a living draft has."""
    with db.connection() as connection:
        found = connection.execute(
            b"select key from procedure union select bundle from bundle_version "
            b"union select procedure from procedure_draft where state in ('open', 'checked')").fetchall()
    return {str(key) for (key,) in found}


def insert(db: Database, key: str, base: int | None, content: str, writing: Writing) -> int:
    with db.transaction() as connection:
        made = connection.execute(
            b"insert into procedure_draft (procedure, base_version_id, content, version, state, created_by, "
            b"created_at, changed_by, changed_at) values (%s, %s, %s, 1, 'open', %s, %s, %s, %s) returning id",
            (key, base, content, writing.by, writing.at, writing.by, writing.at)).fetchone()
        assert made is not None, "returning gives a row"
        _note(connection, int(made[0]), 1, writing)
    return int(made[0])


def save(db: Database, draft_id: int, seen: int, content: str, writing: Writing) -> bool:
    """False where somebody else was first, or the draft is no longer one. What was checked is open again."""
    with db.transaction() as connection:
        saved = connection.execute(
            b"update procedure_draft set content = %s, version = version + 1, state = 'open', changed_by = %s, "
            b"changed_at = %s, checked_by = null, checked_at = null, checked_sha256 = null, "
            b"report = case when report ? 'imported' then jsonb_build_object('imported', report->'imported') end "
            b"where id = %s and version = %s and state in ('open', 'checked')",
            (content, writing.by, writing.at, draft_id, seen)).rowcount == 1
        if saved:
            _note(connection, draft_id, seen + 1, writing)
    return saved


def discard(db: Database, draft_id: int, seen: int, writing: Writing) -> bool:
    with db.transaction() as connection:
        gone = connection.execute(
            b"update procedure_draft set state = 'discarded', version = version + 1, changed_by = %s, changed_at = %s "
            b"where id = %s and version = %s and state in ('open', 'checked')",
            (writing.by, writing.at, draft_id, seen)).rowcount == 1
        if gone:
            _note(connection, draft_id, seen + 1, writing)
    return gone


def changes(db: Database, draft_id: int, since: int) -> list[Change]:
    """What was changed after version `since`, oldest first."""
    return db.rows(Change, "select e.at, p.name, e.details from event_log e join person p on p.id = e.actor_id "
                           "where e.kind = 'draft_changed' and e.details->>'draft' = %s "
                           "and (e.details->>'version')::int > %s order by e.id limit 50", (str(draft_id), since))


def _note(connection: Connection[tuple[Any, ...]], draft_id: int, number: int, writing: Writing) -> None:
    details = {**writing.details, "draft": draft_id, "version": number}
    connection.execute(b"insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)",
                       (writing.at, writing.by, writing.kind, Jsonb(details)))

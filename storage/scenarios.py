"""Scenarios of procedures, and what a scenario can be recorded from: the record of one dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from storage.session import Database

COLUMNS = ("s.id, s.procedure, s.name, s.content, s.recorded_from, s.created_at, p.name as created_name "
           "from scenario s join person p on p.id = s.created_by where s.removed_at is null")


@dataclass(slots=True)
class Row:
    id: int
    procedure: str
    name: str
    content: dict[str, Any]
    recorded_from: str | None
    created_at: datetime
    created_name: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Writing:
    """Who writes and when: kept in the log with what was done."""

    by: int
    at: datetime


def of_procedure(db: Database, procedure: str) -> list[Row]:
    """In the order they were written."""
    return db.rows(Row, f"select {COLUMNS} and s.procedure = %s order by s.id", (procedure,))


def get(db: Database, scenario_id: int) -> Row | None:
    return db.one(Row, f"select {COLUMNS} and s.id = %s", (scenario_id,))


def add(db: Database, row: tuple[str, str, dict[str, Any], str | None], writing: Writing) -> int:
    """`row`: procedure, name, content, the code of the dossier it was recorded from."""
    procedure, name, content, source = row
    with db.transaction() as connection:
        made = connection.execute(
            b"insert into scenario (procedure, name, content, recorded_from, created_by, created_at) "
            b"values (%s, %s, %s, %s, %s, %s) returning id",
            (procedure, name, Jsonb(content), source, writing.by, writing.at)).fetchone()
        assert made is not None, "returning gives a row"
        _note(connection, "scenario_written", writing, {"scenario": made[0], "procedure": procedure, "from": source})
    return int(made[0])


def change(db: Database, row: Row, name: str, content: dict[str, Any], writing: Writing) -> bool:
    """False where somebody else has changed or removed it since `row` was read."""
    with db.transaction() as connection:
        done = connection.execute(
            b"update scenario set name = %s, content = %s where id = %s and content = %s and removed_at is null",
            (name, Jsonb(content), row.id, Jsonb(row.content))).rowcount
        if done:
            _note(connection, "scenario_changed", writing, {"scenario": row.id, "procedure": row.procedure})
    return bool(done)


def remove(db: Database, row: Row, writing: Writing) -> None:
    with db.transaction() as connection:
        if connection.execute(b"update scenario set removed_at = %s where id = %s and removed_at is null",
                              (writing.at, row.id)).rowcount:
            _note(connection, "scenario_removed", writing, {"scenario": row.id, "procedure": row.procedure})


def note(db: Database, kind: str, writing: Writing, details: dict[str, Any]) -> None:
    with db.connection() as connection:
        _note(connection, kind, writing, details)


def _note(connection: Connection[tuple[Any, ...]], kind: str, writing: Writing, details: dict[str, Any]) -> None:
    connection.execute(b"insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)",
                       (writing.at, writing.by, kind, Jsonb(details)))


# what is recorded


@dataclass(slots=True)
class Recorded:
    """A dossier and its record; no name, no contact and no free text is read."""

    dossier: dict[str, Any]
    audit: list[dict[str, Any]]
    items: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    papers: list[dict[str, Any]]


def codes(db: Database, version_id: int, last: int) -> list[str]:
    """Of the dossiers last received under a version; parts of a bundle depend on others and are left out."""
    with db.connection() as connection:
        found = connection.execute(
            b"select d.code from dossier d where d.version_id = %s "
            b"and not exists (select from bundle_part p where p.dossier_id = d.id) "
            b"order by d.submitted_at desc, d.id desc limit %s", (version_id, last)).fetchall()
    return [str(code) for (code,) in found]


def recorded(db: Database, code: str) -> Recorded | None:
    with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        dossier = cursor.execute(
            b"select d.id, d.code, d.version_id, v.procedure, d.intake_agency, u.agency || '/' || u.key as desk, "
            b"d.channel, d.return_way, d.facts, d.submitted_at, d.status, d.outcome, d.closed_at, d.due_at "
            b"from dossier d join unit u on u.id = d.intake_unit_id join procedure_version v on v.id = d.version_id "
            b"where d.code = %s", (code,)).fetchone()
        if dossier is None:
            return None
        mine = (dossier["id"],)
        return Recorded(
            dossier=dossier,
            audit=cursor.execute(b"select seq, at, actor_id, unit_id, action, from_states, to_states, details::jsonb "
                                 b"from audit where dossier_id = %s order by seq", mine).fetchall(),
            items=cursor.execute(b"select no, state, duty, unit_id, role, handoff_id, opened_at, closed_at, "
                                 b"close_event from work_item where dossier_id = %s order by no", mine).fetchall(),
            clocks=cursor.execute(b"select no, kind, item_no from clock where dossier_id = %s", mine).fetchall(),
            papers=cursor.execute(b"select component, form from document where dossier_id = %s and "
                                  b"added_at = %s", (*mine, dossier["submitted_at"])).fetchall())

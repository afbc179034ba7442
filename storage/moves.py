"""Moves of dossiers between versions: plans with their decision, and what became of each dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from storage.session import Database

# Under a version and not ended, oldest first; by pages, so that thousands need no more memory than one page.
OPEN = "from dossier where version_id = %s and closed_at is null"


@dataclass(slots=True, kw_only=True)
class Migration:
    """`plan` as JSON; `dossiers`: the ids of those that were chosen."""

    id: int
    from_version_id: int
    to_version_id: int
    plan: dict[str, Any]
    decision_no: str
    reason: str
    created_by: int
    created_at: datetime

    @property
    def dossiers(self) -> list[int]:
        return list(self.plan["dossiers"])


@dataclass(slots=True, kw_only=True)
class Listed:
    """A plan in a list, with how its dossiers fared."""

    id: int
    from_number: int
    to_number: int
    decision_no: str
    reason: str
    by: str
    created_at: datetime
    chosen: int
    moved: int
    failed: int
    undone: int


@dataclass(slots=True, kw_only=True)
class Item:
    """One chosen dossier; `state` None: not tried yet. `version`: the dossier's own counter now."""

    dossier_id: int
    code: str
    version_id: int
    version: int
    state: str | None
    why: str | None
    before: dict[str, Any] | None
    moved_seq: int | None
    at: datetime | None
    undone_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Planned:
    from_version_id: int
    to_version_id: int
    plan: dict[str, Any]
    decision_no: str
    reason: str
    created_by: int
    created_at: datetime


def insert(db: Database, told: Planned) -> int:
    """With its entry in the log of what happens outside dossiers, or not at all."""
    with db.transaction() as connection:
        row = connection.execute(
            "insert into migration (from_version_id, to_version_id, plan, decision_no, reason, created_by, created_at) "
            "values (%s, %s, %s, %s, %s, %s, %s) returning id",
            (told.from_version_id, told.to_version_id, Jsonb(told.plan), told.decision_no, told.reason,
             told.created_by, told.created_at)).fetchone()
        assert row is not None, "returning gives a row"
        connection.execute(
            "insert into event_log (at, actor_id, kind, details) values (%s, %s, 'migration_planned', %s)",
            (told.created_at, told.created_by, Jsonb({
                "migration": row[0], "from": told.from_version_id, "to": told.to_version_id,
                "decision_no": told.decision_no, "dossiers": len(told.plan["dossiers"])})))
    return int(row[0])


def get(db: Database, migration_id: int) -> Migration | None:
    return db.one(Migration, "select * from migration where id = %s", (migration_id,))


def of_procedure(db: Database, key: str) -> list[Listed]:
    """The newest first."""
    return db.rows(Listed, """
        select m.id, f.number as from_number, t.number as to_number, m.decision_no, m.reason, p.name as by,
          m.created_at, jsonb_array_length(m.plan->'dossiers') as chosen,
          count(i.*) filter (where i.state = 'moved') as moved, count(i.*) filter (where i.state = 'failed') as failed,
          count(i.*) filter (where i.state = 'undone') as undone
        from migration m join procedure_version f on f.id = m.from_version_id
        join procedure_version t on t.id = m.to_version_id join person p on p.id = m.created_by
        left join migration_item i on i.migration_id = m.id
        where f.procedure = %s group by m.id, f.number, t.number, p.name order by m.id desc""", (key,))


def items(db: Database, migration_id: int) -> list[Item]:
    """Every chosen dossier, in the order of their ids."""
    return db.rows(Item, """
        select d.id as dossier_id, d.code, d.version_id, d.version, i.state, i.why, i.before, i.moved_seq, i.at,
          i.undone_at
        from migration m cross join jsonb_array_elements(m.plan->'dossiers') c
        join dossier d on d.id = c::bigint
        left join migration_item i on i.migration_id = m.id and i.dossier_id = d.id
        where m.id = %s order by d.id""", (migration_id,))


def fail(db: Database, migration_id: int, dossier_id: int, why: str, at: datetime) -> None:
    """What was moved after all, by another run at the same time, stays moved."""
    with db.connection() as connection:
        connection.execute(
            "insert into migration_item (migration_id, dossier_id, state, why, at) values (%s, %s, 'failed', %s, %s) "
            "on conflict (migration_id, dossier_id) do update set why = excluded.why, at = excluded.at "
            "where migration_item.state = 'failed'", (migration_id, dossier_id, why, at))


def count_open(db: Database, version_id: int) -> int:
    return int(db.value(f"select count(*) {OPEN}", (version_id,)))


def open_codes(db: Database, version_id: int, after: int, most: int) -> list[tuple[int, str]]:
    """(id, code) of the dossiers after the one with the id `after`."""
    with db.connection() as connection:
        return connection.execute(f"select id, code {OPEN} and id > %s order by id limit %s".encode(),
                                  (version_id, after, most)).fetchall()


def open_ids(db: Database, version_id: int) -> list[int]:
    with db.connection() as connection:
        return [row[0] for row in connection.execute(f"select id {OPEN} order by id".encode(),
                                                     (version_id,)).fetchall()]


def ids(db: Database, version_id: int, codes: list[str]) -> list[int]:
    """Of those that are under the version."""
    with db.connection() as connection:
        return [row[0] for row in connection.execute(
            b"select id from dossier where version_id = %s and code = any(%s) order by id",
            (version_id, codes)).fetchall()]

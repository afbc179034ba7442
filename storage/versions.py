"""Published versions of procedures: what lists show, publication, retirement, bindings, scenarios, what is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from engine.errors import Conflict, Forbidden
from storage.session import Database


class NotAsChecked(Conflict):
    """The draft was changed after it was checked, or another version was published meanwhile."""

    code = "not_as_checked"
    vi = "Bản thảo không còn đúng như khi được kiểm tra. Hãy kiểm tra lại rồi công bố."
    en = "The draft is no longer as it was checked. Check it again, then publish it."


class SecondPerson(Forbidden):
    """Whoever wrote or checked a draft may not publish it."""

    code = "second_person"
    vi = "Bạn đã soạn hoặc kiểm tra bản này nên không được công bố. Cần một quản trị khác công bố."
    en = "You wrote or checked this draft and so may not publish it. Another administrator must."


@dataclass(slots=True, kw_only=True)
class VersionDetails:
    """A published or retired version as the record has it; `open`: dossiers under it that are not closed."""

    id: int
    procedure: str
    number: int
    sha256: str
    state: str
    valid_from: date
    valid_to: date | None
    decision_no: str | None
    published_at: datetime | None
    checked_by: str | None
    approved_by: str | None
    open: int


@dataclass(slots=True, kw_only=True)
class Publication:
    draft: int
    seen: int
    content: str
    approver: int
    decision_no: str
    begins: date
    at: datetime


_DETAILS = """
select v.id, v.procedure, v.number, v.sha256, v.state, v.valid_from, v.valid_to, v.decision_no, v.published_at,
  c.name as checked_by, a.name as approved_by,
  (select count(*) from dossier d where d.version_id = v.id and d.closed_at is null) as open
from procedure_version v left join person c on c.id = v.checked_by left join person a on a.id = v.approved_by
where v.state <> 'draft'"""


def of_procedure(db: Database, key: str) -> list[VersionDetails]:
    """The newest first."""
    return db.rows(VersionDetails, f"{_DETAILS} and v.procedure = %s order by v.number desc", (key,))


def details(db: Database, version_id: int) -> VersionDetails | None:
    return db.one(VersionDetails, f"{_DETAILS} and v.id = %s", (version_id,))


def open_dossiers(db: Database) -> dict[int, int]:
    """Dossiers that are not closed, by version."""
    with db.connection() as connection:
        return dict(connection.execute(
            "select version_id, count(*) from dossier where closed_at is null group by version_id").fetchall())


def contents(db: Database, version_ids: Sequence[int]) -> dict[int, str]:
    """The canonical text of versions."""
    with db.connection() as connection:
        return dict(connection.execute("select id, content from procedure_version where id = any(%s)",
                                       (list(version_ids),)).fetchall())


def record_check(db: Database, draft: int, seen: int, told: Mapping[str, Any]) -> bool:
    """`told`: person, at, sha256 of what would be published (None: not sound), report. False: the draft has moved."""
    with db.transaction() as connection:
        done = connection.execute(
            "update procedure_draft set report = %(report)s, "
            "  state = case when %(sha256)s::text is null then 'open' else 'checked' end, "
            "  checked_by = case when %(sha256)s::text is null then null else %(person)s end, "
            "  checked_at = case when %(sha256)s::text is null then null else %(at)s end, "
            "  checked_sha256 = %(sha256)s, version = version + 1 "
            "where id = %(draft)s and version = %(seen)s and state in ('open', 'checked')",
            {**told, "report": Jsonb(told["report"]), "draft": draft, "seen": seen}).rowcount == 1
        if done:
            _log(connection, "procedure_checked", told["person"], told["at"],
                 {"draft": draft, "sound": told["sha256"] is not None, "sha256": told["sha256"]})
    return done


def publish(db: Database, told: Publication) -> int:
    """The id of the new version. Raises NotAsChecked or SecondPerson: the database itself sees to both."""
    with _refusals(), db.transaction() as connection:
        row = connection.execute(
            "select publish_version(%s, %s, %s, %s, %s, %s, %s)",
            (told.draft, told.seen, told.content, told.approver, told.decision_no, told.begins, told.at)).fetchone()
        assert row is not None, "the function returns the id or raises"
        made = int(row[0])
        _log(connection, "procedure_published", told.approver, told.at,
             {"draft": told.draft, "version": made, "decision_no": told.decision_no, "from": told.begins.isoformat()})
    return made


def involved(db: Database, draft: int) -> frozenset[int]:
    """Everybody who ever wrote or checked a draft."""
    found = db.value("select writers || created_by || coalesce(checked_by, created_by) from procedure_draft "
                     "where id = %s", (draft,))
    return frozenset(found or ())


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate == "LT409" or isinstance(error, psycopg.errors.UniqueViolation):
            raise NotAsChecked from error
        if error.sqlstate == "LT403":
            raise SecondPerson from error
        raise


def retire(db: Database, version_id: int, ends: date, person: int, at: datetime) -> bool:
    """Nothing is received under it after `ends`. False: it had ended already."""
    with db.transaction() as connection:
        row = connection.execute("select retire_version(%s, %s)", (version_id, ends)).fetchone()
        done = bool(row and row[0])
        if done:
            _log(connection, "procedure_retired", person, at, {"version": version_id, "ends": ends.isoformat()})
    return done


def parties_of(db: Database, version_ids: Sequence[int]) -> dict[str, list[str]]:
    """The procedures that give work to each party, of these versions."""
    found: dict[str, list[str]] = {}
    with db.connection() as connection:
        rows = connection.execute(
            "select distinct party #>> '{}', v.procedure from procedure_version v, "
            "jsonb_path_query(v.content::jsonb, '$.machine.**.party') party where v.id = any(%s) order by 2",
            (list(version_ids),)).fetchall()
    for party, procedure in rows:
        found.setdefault(party, []).append(procedure)
    return found


@dataclass(slots=True, kw_only=True)
class NewBinding:
    """`receiving` None: for what every agency takes in."""

    party: str
    receiving: str | None
    unit_id: int
    since: date


def bind(db: Database, told: NewBinding, person: int, at: datetime) -> None:
    with db.transaction() as connection:
        connection.execute("select bind_party(%s, %s, %s, %s)",
                           (told.party, told.receiving, told.unit_id, told.since))
        _log(connection, "party_bound", person, at,
             {"party": told.party, "receiving": told.receiving, "unit": told.unit_id, "since": told.since.isoformat()})


def _log(connection: Connection[tuple[Any, ...]], kind: str, actor: int, at: datetime, said: dict[str, Any]) -> None:
    connection.execute("insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)",
                       (at, actor, kind, Jsonb(said)))


@dataclass(slots=True, kw_only=True)
class Pending:
    """A file that was uploaded and looked at, not taken over yet."""

    name: str
    content: bytes
    uploaded_at: datetime


def put_pending(db: Database, person: int, name: str, content: bytes, at: datetime) -> None:
    """One a person: a new one takes the place of the one before."""
    with db.connection() as connection:
        connection.execute(
            "insert into pending_import (person_id, name, content, uploaded_at) values (%s, %s, %s, %s) "
            "on conflict (person_id) do update set name = excluded.name, content = excluded.content, "
            "  uploaded_at = excluded.uploaded_at", (person, name, content, at))


def pending(db: Database, person: int) -> Pending | None:
    return db.one(Pending, "select name, content, uploaded_at from pending_import where person_id = %s", (person,))


def drop_pending(db: Database, person: int) -> None:
    with db.connection() as connection:
        connection.execute("delete from pending_import where person_id = %s", (person,))


@dataclass(slots=True, kw_only=True)
class Imported:
    """A draft as it was read from a file; `report` says what of the file was and was not taken over."""

    procedure: str
    base_version_id: int | None
    content: str
    report: dict[str, Any] | None


@dataclass(slots=True, kw_only=True)
class ScenarioRow:
    procedure: str
    name: str
    content: dict[str, Any]


def take_over(db: Database, person: int, at: datetime, drafts: Sequence[Imported], scenarios: Sequence[ScenarioRow],
              seal: str) -> list[int] | None:
    """Every draft and scenario of a file, or none; the ids of the drafts. What was uploaded is dropped with it.

    `seal`: SHA-256 of the file they were read from. None where it is no longer waiting: somebody else was first.
    """
    with db.transaction() as connection:
        dropped = connection.execute("delete from pending_import where person_id = %s "
                                     "and encode(sha256(content), 'hex') = %s", (person, seal)).rowcount
        if not dropped:
            return None
        made = [_draft(connection, person, at, draft) for draft in drafts]
        for row in scenarios:
            connection.execute(
                "insert into scenario (procedure, name, content, created_by, created_at) values (%s, %s, %s, %s, %s)",
                (row.procedure, row.name, Jsonb(row.content), person, at))
        _log(connection, "procedures_imported", person, at,
             {"drafts": made, "procedures": [draft.procedure for draft in drafts], "scenarios": len(scenarios)})
    return made


def _draft(connection: Connection[tuple[Any, ...]], person: int, at: datetime, draft: Imported) -> int:
    row = connection.execute(
        "insert into procedure_draft (procedure, base_version_id, content, version, state, created_by, created_at, "
        "  changed_by, changed_at, report) values (%s, %s, %s, 1, 'open', %s, %s, %s, %s, %s) returning id",
        (draft.procedure, draft.base_version_id, draft.content, person, at, person, at,
         Jsonb(draft.report) if draft.report else None)).fetchone()
    assert row is not None
    return int(row[0])


def scenarios(db: Database, keys: Sequence[str]) -> list[ScenarioRow]:
    """Those of these procedures that were not removed, in the order they were made."""
    return db.rows(ScenarioRow, "select procedure, name, content from scenario where procedure = any(%s) "
                                "and removed_at is null order by procedure, id", (list(keys),))


def bundles(db: Database, on: date) -> dict[str, str]:
    """The canonical text of the bundles in force, by key."""
    with db.connection() as connection:
        return dict(connection.execute(
            "select distinct on (bundle) bundle, content from bundle_version where state = 'published' "
            "and valid_from <= %s and (valid_to is null or valid_to >= %s) order by bundle, number desc",
            (on, on)).fetchall())

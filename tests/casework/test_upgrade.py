"""A database of the release before, with dossiers in flight, goes on under this one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import sql

from engine import alarms, seed
from engine.office import Office
from engine.recomputing import recompute
from engine.verification import verify
from storage.local.machine import Machine
from storage.migrate import configuration, upgrade
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import PROVINCE, Fresh, clone
from tests.journey import Cast, Journey
from tests.recomputing.calendars import closed, publish

BEFORE = "0003"
# Kinds of clocks that the release before knew.
KNOWN = "('dossier', 'step', 'handoff', 'consultation', 'obligation')"


@pytest.fixture
def older(machine: Machine) -> Iterator[Fresh]:
    """An empty database as the release before made it."""
    made = clone(machine)
    with psycopg.connect(made.superuser_url, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public authorization lienthong_owner")
        connection.execute("grant usage on schema public to lienthong_app, lienthong_auditor, lienthong_backup")
    command.upgrade(configuration(made.owner_url), BEFORE)
    yield made
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"drop database {made.owner_url.rsplit('/', 1)[1]} with (force)".encode())


def carry(newer: Fresh, older: Fresh) -> None:
    """What the release before would hold of the same dossiers: its tables, its columns, its kinds of clocks."""
    with psycopg.connect(newer.superuser_url) as source, psycopg.connect(older.superuser_url) as target:
        target.execute("set session_replication_role = replica")
        tables = target.execute("""
            select c.relname, array_agg(a.attname::text order by a.attnum) from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
            group by c.relname""").fetchall()
        for table, columns in tables:
            _copy(source, target, table, columns)
        for (sequence,) in target.execute("select sequencename from pg_sequences where schemaname = 'public'"):
            last = source.execute(sql.SQL("select last_value, is_called from {}").format(sql.Identifier(sequence)))
            target.execute("select setval(%s::regclass, %s, %s)", (sequence, *(last.fetchone() or (1, False))))


def _copy(source: psycopg.Connection, target: psycopg.Connection, table: str, columns: list[str]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    which = sql.SQL(f" where kind in {KNOWN}" if table == "clock" else "")
    if table == "timer":
        which = sql.SQL(f" where (dossier_id, clock_no) in (select dossier_id, no from clock where kind in {KNOWN})")
    if table == "number_series":
        which = sql.SQL(" where series = 'dossier'")
    target.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    with (source.cursor().copy(sql.SQL("copy (select {} from {}{}) to stdout").format(
              names, sql.Identifier(table), which)) as told,
          target.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)) as kept):
        for block in told:
            kept.write(block)


def wrong(office: Office) -> list[str]:
    """Scans are made up in these tests; and whoever ended before was judged by this release, which says so."""
    return [fault for fault in verify(office).faults
            if not fault.startswith("document") and not fault.endswith("its judgement is gone")]


def test_dossiers_in_flight_go_on_after_the_upgrade(start: Start, fresh: Fresh, older: Fresh, store: ObjectStore,
                                                    tmp_path: Path) -> None:
    codes = [start().go_to(state).code for state in ("examining", "police", "returning", "returned")]
    waiting = start()
    waiting.step("request_supplement")
    now = waiting.now
    carry(fresh, older)

    upgrade(older.owner_url)
    seed.seed(older.owner_url, PROVINCE)

    db = Database(older.app_url).open()
    try:
        office = Office(db, store, Spool(tmp_path / "upgraded"))
        assert wrong(office) == []
        journey = Journey(office, Cast(office), now)
        examining, consulting, returning, _ = (Walk(journey, code) for code in codes)
        before = examining.dossier["due_at"]
        publish(office, closed(before.date()))
        assert recompute(office, journey.now).jobs == 1
        assert examining.dossier["due_at"] > before
        assert examining.clocks("dossier")[0]["calendar_no"] == 2
        alarms.sweep(office, before)
        Walk(journey, waiting.code).step("supplement")
        returning.step("return_at_counter")
        for walk in (consulting, examining):
            journey.now += timedelta(days=1)
            walk.go_to("returning")
        assert [len(walk.of("judgement")) for walk in (examining, consulting, returning)] == [1, 1, 0]
        assert wrong(office) == []
    finally:
        db.close()

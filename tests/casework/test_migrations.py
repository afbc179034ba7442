"""The migrations make the tables that the code declares, and making them again changes nothing."""

from __future__ import annotations

import psycopg
from alembic import command
from sqlalchemy import create_engine, inspect

from engine import seed
from storage import migrate
from storage.tables import metadata
from tests.conftest import Fresh

DEFINITIONS = """
select 'column', table_name, column_name, data_type, column_default, is_nullable from information_schema.columns
where table_schema = 'public'
union all select 'function', proname, '', md5(prosrc), '', '' from pg_proc where pronamespace = 'public'::regnamespace
union all select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '', '' from pg_trigger
where not tgisinternal
union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' from pg_constraint
where connamespace = 'public'::regnamespace
union all select 'index', tablename, indexname, indexdef, '', '' from pg_indexes where schemaname = 'public'
order by 1, 2, 3, 4"""


def picture(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(DEFINITIONS.encode()).fetchall()


def test_the_migrations_leave_no_difference_to_the_tables(fresh: Fresh) -> None:
    command.check(migrate.configuration(fresh.owner_url))


def test_every_check_constraint_of_the_tables_is_in_the_database(fresh: Fresh) -> None:
    """Alembic compares neither CHECK constraints nor their texts."""
    engine = create_engine(fresh.owner_url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        made = {constraint["name"]: _plain(str(constraint["sqltext"]))
                for table in metadata.tables for constraint in inspect(engine).get_check_constraints(table)}
    finally:
        engine.dispose()
    declared = {str(constraint.name): _words(str(constraint.sqltext)) for table in metadata.tables.values()
                for constraint in table.constraints if hasattr(constraint, "sqltext")}

    assert made.keys() == declared.keys()
    for name, words in declared.items():
        assert words <= made[name], name


def _plain(text: str) -> set[str]:
    for mark in "()[],'\"":
        text = text.replace(mark, " ")
    return {word.split("::")[0].lower() for word in text.split()}


def _words(text: str) -> set[str]:
    """The names and values of a condition, without its grammar."""
    return {word for word in _plain(text) if word not in {"in", "between", "and", "or", "is", "not", "null"}}


def test_migrating_twice_is_harmless(fresh: Fresh) -> None:
    before = picture(fresh.owner_url)

    migrate.upgrade(fresh.owner_url)

    assert picture(fresh.owner_url) == before


def test_seeding_twice_adds_nothing(fresh: Fresh) -> None:
    def counted() -> list[tuple[int, ...]]:
        with psycopg.connect(fresh.superuser_url) as connection:
            return [connection.execute(f"select count(*) from {table}".encode()).fetchone() or ()
                    for table in ("agency", "unit", "person", "membership", "binding", "procedure_version", "revision")]

    before = counted()
    seed.seed(fresh.owner_url, "soc-trang")

    assert counted() == before


def test_every_reference_to_a_dossier_is_indexed(fresh: Fresh) -> None:
    """Else erasing one, or reading one, walks through the whole table."""
    with psycopg.connect(fresh.owner_url) as connection:
        slow = connection.execute("""
            select c.conrelid::regclass::text from pg_constraint c
            where c.contype = 'f' and c.confrelid = 'dossier'::regclass and not exists (
              select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null)
            order by 1""").fetchall()

    assert [row[0] for row in slow] == []

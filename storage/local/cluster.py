"""Roles and databases of the embedded cluster; run at every start, changes only what is missing.

    lienthong_owner    owns the schema; migrations only
    lienthong_app      the application: no CREATE; its rights on tables come from the migrations
    lienthong_auditor  reads; its rights on tables come from the migrations
    lienthong_backup   reads everything (pg_dump), writes nothing
    prefect, seaweedfs own a database each and see no other
"""

from __future__ import annotations

from enum import StrEnum

import psycopg
from psycopg import sql

from storage.local.secrets import Secrets


class Role(StrEnum):
    OWNER = "lienthong_owner"
    APP = "lienthong_app"
    AUDITOR = "lienthong_auditor"
    BACKUP = "lienthong_backup"
    PREFECT = "prefect"
    SEAWEEDFS = "seaweedfs"


class Database(StrEnum):
    LIENTHONG = "lienthong"
    PREFECT = "prefect"
    SEAWEEDFS = "seaweedfs"


OWNERS = {
    Database.LIENTHONG: Role.OWNER,
    Database.PREFECT: Role.PREFECT,
    Database.SEAWEEDFS: Role.SEAWEEDFS,
}
GUESTS = {
    Database.LIENTHONG: (Role.APP, Role.AUDITOR, Role.BACKUP),
    Database.PREFECT: (Role.BACKUP,),
    Database.SEAWEEDFS: (Role.BACKUP,),
}


def provision(superuser_url: str, secrets: Secrets) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in Role:
            verb = "ALTER" if role in known else "CREATE"
            connection.execute(
                sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
                        "PASSWORD {}").format(sql.Identifier(role), sql.Literal(password_of(role, secrets)))
            )
        connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(Role.BACKUP)))
        made = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for database in Database:
            _furnish(connection, superuser_url, database, exists=database in made)


def password_of(role: Role, secrets: Secrets) -> str:
    found: str = getattr(secrets, role.value)
    return found


def _furnish(connection: psycopg.Connection, superuser_url: str, database: Database, *, exists: bool) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(OWNERS[database])
    if not exists:
        # WAL_LOG would write a copy of the template to the log; a fresh cluster gains nothing from it.
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} STRATEGY FILE_COPY").format(name, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    guests = sql.SQL(", ").join(sql.Identifier(guest) for guest in GUESTS[database])
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, guests))
    with psycopg.connect(superuser_url, dbname=database.value, autocommit=True) as inside:
        inside.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner))
        inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        inside.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(guests))

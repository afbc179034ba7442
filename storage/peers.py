"""Other installations and their keys, and our own public keys. Everything a person does here is in the event log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import LockNotAvailable
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from storage.locks import FAMILY, Job
from storage.session import Database

NOTED: LiteralString = "insert into event_log (at, actor_id, kind, details) values (%s, %s, %s, %s)"


@dataclass(slots=True, kw_only=True)
class PeerRow:
    id: int
    name: str
    title: str
    url: str
    state: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    reached_at: datetime | None
    heard_at: datetime | None
    trouble_since: datetime | None
    trouble: str | None
    failures: int
    retry_at: datetime | None


@dataclass(slots=True, kw_only=True)
class KeyRow:
    """A key of a peer, with the peer's name and state."""

    key_id: str
    peer_id: int
    public: bytes
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    name: str
    state: str


@dataclass(slots=True, kw_only=True)
class OwnRow:
    key_id: str
    public: bytes
    made_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who did what about which installation, for the event log; `actor` None: the machine."""

    kind: str
    actor: int | None
    at: datetime
    details: Mapping[str, Any]


_KEYS = "select k.*, p.name, p.state from peer_key k join peer p on p.id = k.peer_id"


def peers(db: Database) -> list[PeerRow]:
    return db.rows(PeerRow, "select * from peer order by name")


def peer(db: Database, name: str) -> PeerRow | None:
    return db.one(PeerRow, "select * from peer where name = %s", (name,))


@dataclass(slots=True, kw_only=True)
class Called:
    """`title` is the `name` where nobody gave it one. `agencies`: how many work there, one of them by its names."""

    id: int
    name: str
    title: str
    agencies: int
    agency_vi: str
    agency_en: str


def called(db: Database, wanted: Sequence[int]) -> list[Called]:
    return db.rows(Called, """
        select p.id, p.name, p.title, a.agencies, coalesce(a.vi, '') as agency_vi, coalesce(a.en, '') as agency_en
        from peer p cross join lateral (
          select count(*) as agencies, (array_agg(a.name_vi order by a.code))[1] as vi,
            (array_agg(a.name_en order by a.code))[1] as en
          from agency a where a.peer_id = p.id and a.reach = 'peer') a
        where p.id = any(%s)""", (list(wanted),))


def key(db: Database, key_id: str) -> KeyRow | None:
    return db.one(KeyRow, f"{_KEYS} where k.key_id = %s", (key_id,))


def keys(db: Database) -> list[KeyRow]:
    """Of every peer, the oldest first."""
    return db.rows(KeyRow, f"{_KEYS} order by p.name, k.proposed_at")


def own_keys(db: Database) -> list[OwnRow]:
    """The oldest first."""
    return db.rows(OwnRow, "select * from own_key order by made_at")


def signing_key(db: Database) -> str | None:
    """The id of the newest own key that is not retired."""
    found = db.value("select key_id from own_key where retired_at is null order by made_at desc limit 1")
    return None if found is None else str(found)


def own_key(db: Database, key_id: str) -> OwnRow | None:
    return db.one(OwnRow, "select * from own_key where key_id = %s", (key_id,))


@contextmanager
def alone_with_own_keys(db: Database) -> Iterator[Connection[tuple[Any, ...]]]:
    """A transaction that nobody else who makes keys is in."""
    with db.transaction() as connection:
        connection.execute(b"select pg_advisory_xact_lock(%s, %s)", (FAMILY, int(Job.OWN_KEY)))
        yield connection


def newest_own(connection: Connection[tuple[Any, ...]]) -> OwnRow | None:
    with connection.cursor(row_factory=class_row(OwnRow)) as cursor:
        return cursor.execute(b"select * from own_key where retired_at is null "
                              b"order by made_at desc limit 1").fetchone()


def add_own(connection: Connection[tuple[Any, ...]], key_id: str, public: bytes, deed: Deed) -> None:
    """The new one signs from now on; those before it are retired."""
    connection.execute(b"update own_key set retired_at = %s where retired_at is null", (deed.at,))
    connection.execute(b"insert into own_key (key_id, public, made_at) values (%s, %s, %s)", (key_id, public, deed.at))
    _note(connection, deed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    name: str
    title: str
    url: str
    key_id: str
    public: bytes
    login: str


def propose(db: Database, wanted: Proposed, deed: Deed) -> bool:
    """False where a peer of this name, or a key of this id, is known already."""
    with db.transaction() as connection:
        found = connection.execute(
            b"insert into peer (name, title, url, state, proposed_by, proposed_at, failures) "
            b"select %s, %s, %s, 'proposed', %s, %s, 0 where not exists (select from peer_key where key_id = %s) "
            b"on conflict (name) do nothing returning id",
            (wanted.name, wanted.title, wanted.url, wanted.login, deed.at, wanted.key_id)).fetchone()
        if found is None:
            return False
        connection.execute(b"insert into peer_key (key_id, peer_id, public, proposed_by, proposed_at) "
                           b"values (%s, %s, %s, %s, %s)",
                           (wanted.key_id, found[0], wanted.public, wanted.login, deed.at))
        _note(connection, deed)
    return True


def add_key(db: Database, peer_id: int, wanted: Proposed, deed: Deed) -> bool:
    """False where the key is known already."""
    return _done(db, "insert into peer_key (key_id, peer_id, public, proposed_by, proposed_at) "
                     "values (%s, %s, %s, %s, %s) on conflict do nothing",
                 (wanted.key_id, peer_id, wanted.public, wanted.login, deed.at), deed)


def approve(db: Database, peer_id: int, login: str, deed: Deed) -> bool:
    """The peer and the keys that came with it, by somebody who proposed none of them."""
    with db.transaction() as connection:
        done = connection.execute(
            b"update peer set state = 'active', approved_by = %s, approved_at = %s "
            b"where id = %s and state = 'proposed' and proposed_by <> %s", (login, deed.at, peer_id, login)).rowcount
        if not done:
            return False
        connection.execute(b"update peer_key set approved_by = %s, approved_at = %s where peer_id = %s "
                           b"and approved_at is null and revoked_at is null and proposed_by <> %s",
                           (login, deed.at, peer_id, login))
        _note(connection, deed)
    return True


def approve_key(db: Database, key_id: str, login: str, deed: Deed) -> bool:
    return _done(db, "update peer_key set approved_by = %s, approved_at = %s where key_id = %s and approved_at is null "
                     "and revoked_at is null and proposed_by <> %s", (login, deed.at, key_id, login), deed)


def revoke_key(db: Database, key_id: str, login: str, deed: Deed) -> bool:
    return _done(db, "update peer_key set revoked_by = %s, revoked_at = %s where key_id = %s and revoked_at is null",
                 (login, deed.at, key_id), deed)


def move(db: Database, peer_id: int, was: Sequence[str], becomes: str, deed: Deed) -> bool:
    """False where its state is none of `was`. A line that is opened again is tried at once."""
    return _done(db, "update peer set state = %s, trouble_since = null, trouble = null, failures = 0, retry_at = null "
                     "where id = %s and state = any(%s)", (becomes, peer_id, list(was)), deed)


class AtWork(Exception):
    """`count` pieces of work are open at an agency; at least one where somebody is opening it this moment."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def host(db: Database, agency: str, peer_id: int | None, deed: Deed) -> bool:
    """None: the agency works here again. False where there is no such agency.

    Raises AtWork where one that works here would leave work behind: counted and moved in one transaction.
    """
    way = "here" if peer_id is None else "peer"
    with db.connection() as connection:
        try:
            with connection.transaction():
                if peer_id is not None and (left := _left_behind(connection, agency)):
                    raise AtWork(left)
                found = connection.execute(b"select reach_agency(%s, %s, %s, null)", (agency, way, peer_id)).fetchone()
                if found is None or not found[0]:
                    return False
                _note(connection, deed)
        except LockNotAvailable:
            raise AtWork(1) from None
    return True


def _left_behind(connection: Connection[tuple[Any, ...]], agency: str) -> int:
    # sooner than PostgreSQL looks for deadlocks: whoever works must not be the one that is thrown out
    connection.execute(b"set local lock_timeout = '500ms'")
    found = connection.execute(b"select hold_agency(a.code) from agency a where a.code = %s and a.reach = 'here'",
                               (agency,)).fetchone()
    return int(found[0]) if found else 0


def note_outside(db: Database, peer_id: int, agencies: list[dict[str, Any]], units: list[dict[str, Any]],
                 deed: Deed) -> None:
    with db.transaction() as connection:
        connection.execute(b"select note_outside(%s, %s, %s)", (peer_id, Jsonb(agencies), Jsonb(units)))
        _note(connection, deed)


@dataclass(slots=True)
class Person:
    id: int
    name: str


def person(db: Database, login: str) -> Person | None:
    return db.one(Person, "select id, name from person where login = %s and disabled_at is null", (login,))


def login_of(db: Database, person: int) -> str:
    return str(db.value("select login from person where id = %s", (person,)))


def _done(db: Database, statement: LiteralString, params: Sequence[Any], deed: Deed) -> bool:
    with db.transaction() as connection:
        if not connection.execute(statement, params).rowcount:
            return False
        _note(connection, deed)
    return True


def _note(connection: Connection[tuple[Any, ...]], deed: Deed) -> None:
    connection.execute(NOTED, (deed.at, deed.actor, deed.kind, Jsonb(dict(deed.details))))

"""Anchors of all audit heads: what an anchor is made of, where it is kept, and those kept for other installations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from storage.session import Database

# Rows at a time: a million dossiers need no more memory than so many.
PIECE = 5000

_LAST = """left join lateral (select h.seq, h.head from anchored_head h where h.dossier_id = d.id
  order by h.no desc limit 1) h on true"""

HEADS = f"""select d.id, d.code, d.audit_seq as seq, d.audit_head as head, h.seq as was_seq, h.head as was_head,
  case when h.seq <> d.audit_seq
    then (select a.hash from audit a where a.dossier_id = d.id and a.seq = h.seq) end as entry
from dossier d {_LAST} order by d.id"""

# What moved since the last anchor.
MOVED = f"""insert into anchored_head (dossier_id, no, seq, head)
select d.id, %s, d.audit_seq, d.audit_head from dossier d {_LAST} where h.seq is distinct from d.audit_seq"""

HEADS_AT = """select distinct on (dossier_id) dossier_id as id, seq, head from anchored_head where no <= %s
order by dossier_id, no desc"""

GONE = """select h.dossier_id from anchored_head h left join dossier d on d.id = h.dossier_id where d.id is null
order by h.dossier_id limit %s"""

# Chains that do not contain what was anchored of them.
LACKING = """select coalesce(d.code, 'id ' || h.dossier_id) as code, h.no, h.seq, a.hash is null as cut
from anchored_head h left join dossier d on d.id = h.dossier_id
left join audit a on a.dossier_id = h.dossier_id and a.seq = h.seq
where a.hash is distinct from h.head order by h.dossier_id, h.no"""

# One that is not kept there yet, the oldest first. A peer that has none begins with the newest.
UNKEPT = """select a.no, a.at, a.root, a.heads, a.sealed from anchor a
where a.no > coalesce((select max(p.no) from anchor_place p where p.place = %(place)s), %(before)s)
order by a.no limit 50"""

# Made every hour; the newest is to be with the store and with every peer. A clock that was put back is looked at too.
DUE = """(coalesce((select a.at not between %s - interval '1 hour' and %s + interval '1 hour' from anchor a
    order by a.no desc limit 1), true)
  or exists (select from anchor a where a.no = (select max(no) from anchor)
    and (not exists (select from anchor_place p where p.no = a.no and p.place = 'store')
      or exists (select from peer x where x.state = 'active'
        and not exists (select from anchor_place p where p.no = a.no and p.place = x.name)))))"""

STANDING = """
select (select max(no) from anchor) as no,
  (select max(at) from anchor) as made_at,
  (select a.at from anchor a where exists (select from anchor_place p where p.no = a.no) order by a.no desc limit 1)
    as kept_at,
  (select min(approved_at) from peer where state = 'active') as exchanging_since"""


@dataclass(slots=True)
class Head:
    """`was_…`: at the anchor before; `entry`: the hash the chain has now at `was_seq`, where that is not its end."""

    id: int
    code: str
    seq: int
    head: bytes
    was_seq: int | None
    was_head: bytes | None
    entry: bytes | None


@dataclass(slots=True)
class HeadAt:
    id: int
    seq: int
    head: bytes


@dataclass(slots=True)
class AnchorRow:
    no: int
    at: datetime
    root: str
    heads: int
    sealed: bytes


@dataclass(slots=True)
class Lack:
    code: str
    no: int
    seq: int
    cut: bool


@dataclass(slots=True)
class Place:
    no: int
    place: str
    at: datetime
    receipt: bytes | None


@dataclass(slots=True)
class Standing:
    """`kept_at`: of the newest anchor that is also kept outside this database."""

    no: int | None
    made_at: datetime | None
    kept_at: datetime | None
    exchanging_since: datetime | None


@dataclass(slots=True)
class Copy:
    no: int
    sealed: bytes
    receipt: bytes


def told(db: Database) -> str | None:
    """What was last written down about anchors being late."""
    found = db.value("select kind from event_log where kind in ('anchors_late', 'anchors_kept_again') "
                     "order by id desc limit 1")
    return None if found is None else str(found)


def refused(db: Database, at: datetime, details: dict[str, Any]) -> None:
    """Writes down that a peer's anchor was refused; once an hour, however often it sends bad ones."""
    with db.connection() as connection:
        connection.execute(b"insert into event_log (at, actor_id, kind, details) "
                           b"select %(at)s, null, 'anchor_of_peer_refused', %(told)s where not exists ("
                           b"select from event_log where kind = 'anchor_of_peer_refused' "
                           b"and details->>'peer' = %(peer)s and at > %(at)s - interval '1 hour')",
                           {"at": at, "peer": details["peer"], "told": Jsonb(details)})


@contextmanager
def snapshot(db: Database) -> Iterator[Connection[tuple[Any, ...]]]:
    """Everything in it sees the record as it stood at one instant, and may take long."""
    with db.transaction() as connection:
        connection.execute(b"set transaction isolation level repeatable read")
        connection.execute(b"set local statement_timeout = '15min'")
        # the heads of the first anchor are read while they are written: counted before, they would be few enough to be
        # read whole, once for each dossier
        connection.execute(b"set local enable_seqscan = off")
        yield connection


def heads(connection: Connection[tuple[Any, ...]]) -> Iterator[Head]:
    with connection.cursor("heads", row_factory=class_row(Head)) as cursor:
        cursor.itersize = PIECE
        yield from cursor.execute(HEADS.encode())


def heads_at(connection: Connection[tuple[Any, ...]], no: int) -> Iterator[HeadAt]:
    with connection.cursor("heads_at", row_factory=class_row(HeadAt)) as cursor:
        cursor.itersize = PIECE
        yield from cursor.execute(HEADS_AT.encode(), (no,))


def last(connection: Connection[tuple[Any, ...]]) -> AnchorRow | None:
    with connection.cursor(row_factory=class_row(AnchorRow)) as cursor:
        return cursor.execute(b"select * from anchor order by no desc limit 1").fetchone()


def gone(connection: Connection[tuple[Any, ...]], most: int) -> list[int]:
    return [row[0] for row in connection.execute(GONE.encode(), (most,)).fetchall()]


def add(connection: Connection[tuple[Any, ...]], made: AnchorRow) -> None:
    connection.execute(b"insert into anchor (no, at, root, heads, sealed) values (%s, %s, %s, %s, %s)",
                       (made.no, made.at, made.root, made.heads, made.sealed))
    connection.execute(MOVED.encode(), (made.no,))


def unkept(db: Database, place: str, *, newest_only: bool) -> list[AnchorRow]:
    """Anchors that are not kept there yet, the oldest first; of a place without any, all or the newest."""
    before = int(db.value("select coalesce(max(no), 1) - 1 from anchor")) if newest_only else 0
    with db.connection() as connection, connection.cursor(row_factory=class_row(AnchorRow)) as cursor:
        return cursor.execute(UNKEPT.encode(), {"place": place, "before": before}).fetchall()


def kept(db: Database, place: Place) -> None:
    with db.connection() as connection:
        connection.execute(b"insert into anchor_place (no, place, at, receipt) values (%s, %s, %s, %s) "
                           b"on conflict do nothing", (place.no, place.place, place.at, place.receipt))


def standing(db: Database) -> Standing:
    found = db.one(Standing, STANDING)
    assert found is not None
    return found


def every(db: Database) -> Iterator[AnchorRow]:
    """The oldest first."""
    with db.transaction() as connection, connection.cursor("anchors", row_factory=class_row(AnchorRow)) as cursor:
        yield from cursor.execute(b"select * from anchor order by no")


def stored(db: Database) -> Iterator[AnchorRow]:
    """Those the object store has taken, the oldest first."""
    with db.transaction() as connection, connection.cursor("stored", row_factory=class_row(AnchorRow)) as cursor:
        yield from cursor.execute(b"select a.* from anchor a join anchor_place p on p.no = a.no "
                                  b"where p.place = 'store' order by a.no")


def lacking(db: Database, most: int) -> list[Lack]:
    with snapshot(db) as connection, connection.cursor(row_factory=class_row(Lack)) as cursor:
        return cursor.execute(f"{LACKING} limit %s".encode(), (most,)).fetchall()


def covering(db: Database, dossier_id: int) -> AnchorRow | None:
    """The newest anchor that knows of the dossier, if any does."""
    return db.one(AnchorRow, "select * from anchor where no >= (select min(no) from anchored_head "
                             "where dossier_id = %s) order by no desc limit 1", (dossier_id,))


def places(db: Database, no: int) -> list[Place]:
    return db.rows(Place, "select * from anchor_place where no = %s order by place", (no,))


def copies(db: Database, peer_id: int, no: int) -> list[Copy]:
    """Of another installation's anchors: that of this number and the one before, and the newest; the newest first."""
    return db.rows(Copy, "select no, sealed, receipt from anchor_copy where peer_id = %s and (no in (%s, %s) or no = "
                         "(select max(no) from anchor_copy where peer_id = %s)) order by no desc",
                   (peer_id, no, no - 1, peer_id))


def add_copy(db: Database, peer_id: int, copy: Copy, at: datetime) -> bool:
    """False where one of this number came meanwhile."""
    with db.connection() as connection:
        return bool(connection.execute(
            b"insert into anchor_copy (peer_id, no, sealed, receipt, received_at) values (%s, %s, %s, %s, %s) "
            b"on conflict do nothing", (peer_id, copy.no, copy.sealed, copy.receipt, at)).rowcount)

"""Rows beside a letter: remarks, its number, and digests that wait for the signature of a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from storage.session import Database


@dataclass(slots=True)
class Remark:
    id: UUID
    person_id: int
    name: str
    body: str
    at: datetime
    settled_at: datetime | None


@dataclass(slots=True)
class GivenBack:
    """A letter returned to be changed: who said why."""

    name: str
    at: datetime
    reason: str


@dataclass(slots=True)
class Request:
    """`digest` waits for the key of `certificate`; `prepared` is the file's SHA-256."""

    id: UUID
    code: str
    letter_no: int
    kind: str
    person_id: int
    certificate: bytes
    prepared: str
    digest: bytes
    state: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    done_at: datetime | None


def remarks(db: Database, code: str, no: int) -> list[Remark]:
    """Of the letter `no` of a dossier, in the order they were made; whoever calls knows that the reader may see it."""
    return db.rows(Remark, "select c.id, c.person_id, p.name, c.body, c.at, c.settled_at from letter_comment c "
                           "join dossier d on d.id = c.dossier_id join person p on p.id = c.person_id "
                           "where d.code = %s and c.letter_no = %s order by c.at, c.id", (code, no))


def given_back(db: Database, code: str, no: int) -> GivenBack | None:
    """The last time it was; whoever calls knows that the reader may see the letter."""
    return db.one(GivenBack, "select a.actor_name as name, a.at, r.body::jsonb->>'reason' as reason from audit a "
                             "join dossier d on d.id = a.dossier_id "
                             "join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq "
                             "where d.code = %s and a.action = 'return_letter' "
                             "and (a.details::jsonb->>'letter')::int = %s order by a.seq desc limit 1", (code, no))


def names(db: Database, people: list[int]) -> dict[int, str]:
    with db.connection() as connection:
        return dict(connection.execute("select id, name from person where id = any(%s)", (people,)).fetchall())


def take_number(db: Database, dossier: int, no: int, book: str, year: int) -> int:
    """The letter's number in its agency's book; asked again it is the same one."""
    return int(db.value("select take_number(%s, %s, %s, %s)", (dossier, no, book, year)))


def keep_request(db: Database, request: Request, dossier: int) -> None:
    """In place of what waited before for the same letter and person."""
    with db.connection() as connection, connection.transaction():
        connection.execute("delete from signing_request where dossier_id = %s and letter_no = %s and person_id = %s "
                           "and kind = %s and done_at is null", (dossier, request.letter_no, request.person_id,
                                                                 request.kind))
        connection.execute(
            "insert into signing_request (id, dossier_id, letter_no, kind, person_id, certificate, prepared, digest, "
            "state, created_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (request.id, dossier, request.letter_no, request.kind, request.person_id, request.certificate,
             request.prepared, request.digest, orjson.dumps(request.state).decode(), request.created_at,
             request.expires_at))


def request(db: Database, request_id: UUID, person: int) -> Request | None:
    """Of the person who asked for it only."""
    return db.one(Request, "select r.id, d.code, r.letter_no, r.kind, r.person_id, r.certificate, r.prepared, "
                           "r.digest, r.state, r.created_at, r.expires_at, r.done_at from signing_request r "
                           "join dossier d on d.id = r.dossier_id where r.id = %s and r.person_id = %s",
                  (request_id, person))


def request_done(db: Database, request_id: UUID, at: datetime) -> None:
    with db.connection() as connection:
        connection.execute("update signing_request set done_at = %s where id = %s", (at, request_id))

"""Which of our dossiers a message of another installation is about, and what those hold of it already.

A thread is all that two installations say to each other about one dossier; it has the code that its master gave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from storage.session import Database


def handed_out(db: Database, peer_id: int, thread: str, handoff: str) -> str | None:
    """The code of the dossier of ours whose hand-off went to that peer, in this thread, wherever its agency is now."""
    found: str | None = db.value(
        "select d.code from handoff h join dossier d on d.id = h.dossier_id join outbox o on o.message_id = h.id "
        "where h.id = %s and o.peer_id = %s and d.code = %s", (handoff, peer_id, thread))
    return found


def crossed(db: Database, peer_id: int, thread: str, agency: str) -> bool:
    """Whether in this thread a hand-off to that agency went to that peer, or one from that agency came from it."""
    return bool(db.value(
        "select exists (select from outbox o join handoff h on h.id = o.message_id "
        "  where o.peer_id = %(peer)s and o.thread = %(thread)s and h.to_agency = %(agency)s) "
        "or exists (select from counterpart c join handoff h on h.id = c.handoff_id "
        "  where c.peer_id = %(peer)s and c.thread = %(thread)s and h.from_agency = %(agency)s)",
        {"peer": peer_id, "thread": thread, "agency": agency}))


def successor(db: Database, peer_id: int, thread: str, handoff: str) -> str | None:
    """The code of the dossier here that their hand-off opened."""
    found: str | None = db.value(
        "select d.code from counterpart c join dossier d on d.id = c.dossier_id "
        "where c.peer_id = %s and c.thread = %s and c.handoff_id = %s", (peer_id, thread, handoff))
    return found


def taken(db: Database, peer_id: int, thread: str, handoff: str) -> bool:
    """Whether a hand-off of ours, of another peer or of another thread has that id."""
    return bool(db.value(
        "select exists (select from handoff h where h.id = %s and not exists (select from counterpart c "
        "where c.dossier_id = h.dossier_id and c.peer_id = %s and c.thread = %s and c.handoff_id = h.id))",
        (handoff, peer_id, thread)))


def mirrored(db: Database, peer_id: int, thread: str) -> list[str]:
    """The codes of all dossiers here that stand for theirs: its shadow first, then its successors."""
    found: list[str] | None = db.value(
        "select array_agg(d.code order by c.handoff_id nulls first) from counterpart c "
        "join dossier d on d.id = c.dossier_id where c.peer_id = %s and c.thread = %s", (peer_id, thread))
    return found or []


def told_by(db: Database, peer_id: int, message_id: str) -> str | None:
    """The code of the dossier that a message of ours to that peer was about."""
    found: str | None = db.value(
        "select d.code from outbox o join dossier d on d.id = o.dossier_id where o.message_id = %s and o.peer_id = %s",
        (message_id, peer_id))
    return found


def registered(db: Database, handoff: str) -> dict[str, Any] | None:
    """The hand-off, once the receiver has registered it."""
    found: dict[str, Any] | None = db.value(
        "select row_to_json(h) from handoff h where h.id = %s and h.state = 'registered'", (handoff,))
    return found


def hashes(db: Database, code: str) -> set[str]:
    """SHA-256 of all documents the dossier has, or already waits for."""
    return set(db.value(
        "select array_agg(s.sha256) from dossier d cross join lateral (select f.sha256 from document f "
        "  where f.dossier_id = d.id and f.sha256 is not null union all select l.sha256 from pull l "
        "  where l.dossier_id = d.id and l.done_at is null) s where d.code = %s", (code,)) or ())


def document_states(db: Database, documents: Sequence[UUID]) -> dict[UUID, str]:
    """Of those that are known here."""
    with db.connection() as connection:
        return dict(connection.execute(b"select id, state from document where id = any(%s)",
                                       (list(documents),)).fetchall())

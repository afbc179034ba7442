"""What an export of evidence is made of: lanes of signed messages and receipts, and keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from storage.session import Database


@dataclass(slots=True)
class Subject:
    id: int
    code: str
    audit_seq: int
    audit_head: bytes


@dataclass(slots=True)
class Message:
    """`way`: out or in; `state`: of an arrival, or sent, waiting or parked."""

    peer_id: int
    peer: str
    thread: str
    way: str
    no: int
    message_id: UUID
    kind: str
    state: str
    envelope: bytes | None
    receipt: bytes | None


@dataclass(slots=True)
class Known:
    """A public key, ours or a peer's, and from when until when it counts."""

    key_id: str
    public: bytes
    owner: str
    since: datetime
    until: datetime | None


_MESSAGES = """
select o.peer_id, p.name as peer, o.thread, 'out' as way, o.no, o.message_id, o.kind,
  case when o.sent_at is not null then 'sent' when o.parked_at is not null then 'parked' else 'waiting' end as state,
  o.envelope, o.receipt
from outbox o join peer p on p.id = o.peer_id where {outbox}
union all
select a.peer_id, p.name, a.thread, 'in', a.no, a.message_id, a.kind, a.state, a.envelope, a.receipt
from arrival a join peer p on p.id = a.peer_id where {arrival}
order by 2, 3, 4, 5"""

# Both directions of every lane in which anything about the dossier went.
_LANES = """({table}.peer_id, {table}.thread) in (
  select peer_id, thread from outbox where dossier_id = %(dossier)s and peer_id is not null
  union select peer_id, thread from arrival where dossier_id = %(dossier)s
  union select peer_id, thread from counterpart where dossier_id = %(dossier)s)"""


def subject(db: Database, code: str) -> Subject | None:
    return db.one(Subject, "select id, code, audit_seq, audit_head from dossier where code = %s", (code,))


def of_dossier(db: Database, dossier_id: int) -> list[Message]:
    return db.rows(Message, _MESSAGES.format(outbox=_LANES.format(table="o"), arrival=_LANES.format(table="a")),
                   {"dossier": dossier_id})


def of_message(db: Database, message: UUID) -> list[Message]:
    return db.rows(Message, _MESSAGES.format(outbox="o.message_id = %(message)s", arrival="a.message_id = %(message)s"),
                   {"message": message})


def keys(db: Database, ours: str, key_ids: list[str]) -> list[Known]:
    """Of these keys those that are known, ours under the name `ours`."""
    params: dict[str, Any] = {"ours": ours, "ids": key_ids}
    return db.rows(Known, """
        select key_id, public, %(ours)s::text as owner, made_at as since, retired_at as until from own_key
        where key_id = any(%(ids)s)
        union all select k.key_id, k.public, p.name, coalesce(k.approved_at, k.proposed_at), k.revoked_at
        from peer_key k join peer p on p.id = k.peer_id where k.key_id = any(%(ids)s) order by 3, 4""", params)

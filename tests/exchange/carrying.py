"""Two installations in one process and no line between them: messages are carried by hand, one at a time."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from engine import delivery
from engine.casework import outside
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Actor, Order
from engine.casework.scans import Scan
from engine.errors import NotPossibleHere
from engine.exchange import applying, describing
from engine.exchange.canonical import encode
from engine.exchange.envelope import words_of
from engine.exchange.lanes import NotYet
from engine.office import Office
from storage import exchange
from storage.exchange import Queued
from tests.casework.walking import Walk
from tests.journey import Cast, Journey

OUTGOING = """
select o.message_id, o.dossier_id, d.code, o.seq, o.kind, o.sender, o.receiver, o.payload, o.created_at, o.peer_id,
  o.thread, o.no, o.envelope, o.attempts
from outbox o join dossier d on d.id = o.dossier_id
where o.peer_id is not null and o.sent_at is null order by o.created_at, o.seq"""


@dataclass
class Side:
    """An installation: `peer` is the number the other one has here."""

    name: str
    office: Office
    journey: Journey
    owner_url: str
    peer: int = 0

    @property
    def cast(self) -> Cast:
        return self.journey.cast

    def rows(self, query: str, *params: Any) -> list[dict[str, Any]]:
        with self.office.db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), params).fetchall()

    def walk(self, code: str) -> Walk:
        return Walk(self.journey, code)

    def write(self, query: str, *params: Any) -> None:
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(query.encode(), params)

    def meet(self, other: Side, agencies: list[dict[str, Any]]) -> None:
        """`agencies`: the directory of the other side."""
        self.write("insert into peer (name, title, url, state, proposed_by, proposed_at, approved_by, approved_at, "
                   "failures) values (%s, %s, 'https://example.invalid', 'active', 'one', now(), 'two', now(), 0)",
                   other.name, other.name)
        self.peer = self.rows("select id from peer where name = %s", other.name)[0]["id"]
        for row in agencies:
            self.write("select reach_agency(%s, 'peer', %s, null)", row["code"], self.peer)
        units = [{"agency": row["code"], **unit} for row in agencies for unit in row["units"]]
        self.write("select note_outside(%s, %s::jsonb, %s::jsonb)", self.peer, orjson.dumps(agencies).decode(),
                   orjson.dumps(units).decode())

    def directory(self, besides: str) -> list[dict[str, Any]]:
        """The agencies that work here."""
        return [{"code": one.code, "name_vi": one.name_vi, "name_en": one.name_en, "level": one.level,
                 "units": one.units} for one in exchange.hosted(self.office.db) if one.code != besides]


@dataclass
class Message:
    """As it lies on the line."""

    queued: Queued
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return self.queued.kind


class Line:
    """`carry(a, b)` moves what is queued at a to b, gives it its effect there and brings the receipt back."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.log: list[str] = []

    def take(self, sender: Side) -> list[Message]:
        """Everything that is queued, in its order."""
        with sender.office.db.connection() as connection, connection.cursor(
                row_factory=psycopg.rows.class_row(Queued)) as cursor:
            found = cursor.execute(OUTGOING.encode()).fetchall()
        return [Message(queued, self._body(sender, queued)) for queued in found]

    def _body(self, sender: Side, queued: Queued) -> dict[str, Any]:
        content, documents = describing.content_of(sender.office, queued)
        ends = exchange.ends(sender.office.db, queued)
        assert ends is not None
        body = {"protocol": "lienthong-exchange/1", "type": "message", "message": str(queued.message_id),
                "kind": queued.kind, "thread": queued.thread, "no": queued.no,
                "created_at": words_of(queued.created_at),
                "sender": {"installation": sender.name, "agency": ends.sender, "unit": ends.sender_unit},
                "receiver": {"installation": "-", "agency": ends.receiver, "unit": ends.receiver_unit},
                "content": content, "documents": documents}
        encode(body)  # it has one form only
        return body

    def carry(self, sender: Side, receiver: Side, only: Callable[[Message], bool] = lambda message: True) -> list[str]:
        kinds = []
        for message in self.take(sender):
            if only(message):
                self.store(receiver, message)
                self.receipt(sender, message)
                self.effect(receiver, message)
                kinds.append(message.kind)
        return kinds

    def store(self, receiver: Side, message: Message) -> None:
        data = encode(message.body)
        receiver.write(
            "insert into arrival (peer_id, message_id, thread, no, kind, envelope, sha256, received_at, state, "
            "attempts) values (%s, %s, %s, %s, %s, %s, %s, now(), 'waiting', 0) on conflict do nothing",
            receiver.peer, message.queued.message_id, message.queued.thread, message.queued.no, message.kind, data,
            hashlib.sha256(data).hexdigest())

    def receipt(self, sender: Side, message: Message, received_at: datetime | None = None) -> None:
        sender.write("update outbox set sent_at = now(), receipt = 'x' where message_id = %s",
                     message.queued.message_id)
        if message.kind == "handoff":
            try:
                delivery.receive(sender.office, message.queued.receiver, message.queued.payload, sender.journey.now,
                                 received_at or sender.journey.now)
            except NotPossibleHere:
                self.log.append("receipt after the fact")

    def effect(self, receiver: Side, message: Message, now: datetime | None = None) -> None:
        """With its documents pulled where it waits for them."""
        at = now or receiver.journey.now
        arrived = _Arrived(receiver.peer, message.queued.message_id, message.queued.thread, message.kind,
                           hashlib.sha256(encode(message.body)).hexdigest(), at)
        try:
            applying.apply(receiver.office, arrived, message.body, at)
        except NotYet:
            self.log.append("waits for documents")
            self.pull(receiver)
            applying.apply(receiver.office, arrived, message.body, at)

    def pull(self, side: Side) -> int:
        """Every document that is promised comes as it was described."""
        wanted = side.rows("select p.*, d.code from pull p join dossier d on d.id = p.dossier_id "
                           "where p.done_at is null")
        for row in wanted:
            scan = Scan(sha256=row["sha256"], size=row["size"], media_type=row["media_type"], pages=1, quality=None)
            order = Order(code=row["code"], event="attach", actor=MACHINE)
            transact(side.office, order, outside.fill(row["document_id"], scan, {"message": str(row["message_id"])}),
                     side.journey.now)
            side.write("update pull set done_at = now() where document_id = %s", row["document_id"])
        return len(wanted)


@dataclass
class _Arrived:
    peer_id: int
    message_id: uuid.UUID
    thread: str
    kind: str
    sha256: str
    received_at: datetime


def actor(side: Side, member: str) -> Actor:
    return side.cast[member]

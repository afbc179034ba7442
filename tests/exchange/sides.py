"""Two installations side by side: two databases and spools of one machine, a web server each, both as peers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from engine import timekeeper
from engine.casework.orders import Actor
from engine.exchange import keys, peers
from engine.exchange.asking import asking
from engine.exchange.client import Client
from engine.exchange.effects import Applier
from engine.exchange.envelope import unseal
from engine.exchange.lines import Lines
from engine.exchange.peers import Desk
from engine.office import Office
from storage import peers as peer_rows
from storage.objects import ObjectStore
from storage.spool import Spool
from tests.api.web import serving as web_serving
from tests.conftest import Fresh, patient
from tests.journey import MONDAY, Cast, Journey

HERE, POLICE = "soc-trang", "police"
POLICE_AGENCY = "H51.05"
# A drain of a test leaves nothing half done behind its back, however slow the machine.
DONE_WITHIN = 60.0


@dataclass
class Side:
    """`url`: where its web server listens; `rows` looks into its database as its owner."""

    name: str
    office: Office
    fresh: Fresh
    url: str
    cast: Cast = field(init=False)
    journey: Journey = field(init=False)
    lines: Lines = field(init=False)
    applier: Applier = field(init=False)

    def __post_init__(self) -> None:
        self.cast = Cast(self.office)
        self.journey = Journey(self.office, self.cast, MONDAY + timedelta(hours=1))
        self.lines = Lines(self.office, timekeeper.now, inside=True, patience=DONE_WITHIN)
        self.applier = Applier(self.office, timekeeper.now)

    def administrator(self, number: int) -> Desk:
        people = list(dict.fromkeys((one.id, one.name) for one in self.cast.members if one.role == "administrator"))
        return Desk(self.office, Actor(id=people[number][0], name=people[number][1]), MONDAY)

    def befriend(self, name: str, url: str, public: bytes) -> None:
        """Entered by one administrator, approved by the other."""
        peers.propose(self.administrator(0), name, f"Hệ thống {name}", url, keys.as_string(name, public))
        peers.approve(self.administrator(1), name)

    def read_directory(self, name: str) -> None:
        """As `lienthong peer directory` does."""
        peer = peers.known(self.office.db, name)
        path = "/exchange/v1/directory"
        asked = asking(self.office, name, path, timekeeper.now())
        data = Client(name, peer.url, inside=True).get(path, asked)
        body = unseal(data, "directory", peers.key_of(self.office.db)).body
        peers.take_directory(self.administrator(0), peer, body)

    def peer(self) -> peer_rows.PeerRow:
        """The only one."""
        return peer_rows.peers(self.office.db)[0]

    def rows(self, query: str, *params: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.fresh.superuser_url, row_factory=dict_row, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), params)
            return cursor.fetchall() if cursor.description else []

    def hurry(self) -> None:
        """What waits for its next try is due now, and peers in trouble may be asked."""
        self.rows("update outbox set next_attempt_at = clock_timestamp(), lease_until = null where sent_at is null")
        self.rows("update arrival set next_attempt_at = clock_timestamp(), lease_until = null where state = 'waiting'")
        self.rows("update pull set next_attempt_at = clock_timestamp(), lease_until = null where done_at is null")
        self.rows("update peer set retry_at = clock_timestamp() where trouble_since is not null")

    def work(self) -> int:
        """One round of the exchange; how much was done."""
        return self.lines.drain().total() + self.applier.drain().total()


@dataclass
class Pair:
    """`here` masters dossiers, `police` works on them."""

    here: Side
    police: Side

    def settle(self, rounds: int = 8) -> None:
        """Until neither side has anything to do."""
        for _ in range(rounds):
            for side in (self.here, self.police):
                side.rows("update arrival set next_attempt_at = clock_timestamp() where state = 'waiting'")
            if not (self.here.work() + self.police.work()):
                return

    def sent(self) -> list[dict[str, Any]]:
        return self.here.rows("select * from outbox where peer_id is not null order by thread, no")

    def arrived(self) -> list[dict[str, Any]]:
        return self.police.rows("select * from arrival order by thread, no")


def consult(side: Side, **changes: Any) -> str:
    """The code of a dossier about which four agencies are asked, the police among them."""
    journey = side.journey
    code = journey.receive(**changes).code
    journey.register_all(code)
    return ask(side, code)


def ask(side: Side, code: str) -> str:
    side.journey.do(code, "consult", side.cast["H51.01/ngoai-vu:officer"])
    return code


def handoff_to_police(side: Side, code: str) -> UUID:
    found: UUID = side.office.db.value(
        "select h.id from handoff h join dossier d on d.id = h.dossier_id where d.code = %s and h.to_agency = %s "
        "order by h.seq desc limit 1", (code, POLICE_AGENCY))
    return found


@contextmanager
def side(name: str, fresh: Fresh, store: ObjectStore, folder: Path) -> Iterator[Side]:
    db = patient(fresh.app_url)
    office = Office(db, store, Spool(folder / "spool"), name=name, keys=folder / "keys")
    with ExitStack() as undo:
        undo.callback(db.close)
        web = undo.enter_context(web_serving(office, Cast(office)))
        made = Side(name, office, fresh, web.address)
        undo.callback(made.lines.close)
        yield made


def befriend(one: Side, other: Side) -> None:
    for near, far in ((one, other), (other, one)):
        near.befriend(far.name, far.url, keys.own_key(far.office).public)

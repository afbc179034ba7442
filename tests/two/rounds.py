"""Two installations whose processes may die, and one dossier that goes its way between them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from engine import documents, timekeeper
from engine.answering.reaching import reach
from engine.casework.act import act
from engine.casework.orders import Order
from engine.errors import Unavailable
from storage.local.cluster import Role
from tests import samples
from tests.journey import MONDAY, deciding_again
from tests.notifying.partners import Partner, mail_server
from tests.two.dying import Attendant, attended
from tests.two.installation import Installation, forward, installation
from tests.two.peering import hosted_there, introduce
from tests.two.points import DISPATCHER, HERE, THERE, WEB
from tests.two.quiet import at_rest
from tests.two.stories import POLICE, PROVINCE_LEAD, SAID, Desk

# Longer than a lease of a minute, the longest there is: what a dead process held goes on by itself, too.
WITHIN = 240.0
LOOK_EVERY = 0.05

# What a dead process held is free after its lease; a peer that was away is asked again after its pause.
TIME_PASSES = """
update outbox set lease_until = null, next_attempt_at = clock_timestamp() where sent_at is null;
update arrival set lease_until = null, next_attempt_at = clock_timestamp() where state = 'waiting';
update pull set lease_until = null, next_attempt_at = clock_timestamp() where done_at is null;
update message set lease_until = null, next_attempt_at = created_at where sent_at is null;
update peer set retry_at = clock_timestamp() where trouble_since is not null"""
HANDOFFS = """
select h.id, h.state from handoff h join dossier d on d.id = h.dossier_id
where d.code = %s and h.to_agency = 'H51.05' order by h.seq"""
SUCCESSORS = """
select d.code from counterpart c join dossier d on d.id = c.dossier_id
where c.thread = %s and c.handoff_id is not null order by d.id"""
OPINIONS = """
select count(*) from opinion o join dossier d on d.id = o.dossier_id where d.code = %s and o.state = 'police'"""
# An agency with nothing but a mailbox.
CULTURE, MAIL = "H51.08", "van-thu@vanhoa.example.vn"


@dataclass
class Side:
    """One installation: its processes, which may die, and its people."""

    attendant: Attendant
    desk: Desk

    @property
    def at(self) -> Installation:
        return self.desk.at

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        with self.at.office.db.connection() as connection:
            return connection.execute(query.encode(), params).fetchall()

    def time_passes(self) -> None:
        with psycopg.connect(self.at.machine.database_url(Role.OWNER), autocommit=True) as connection:
            connection.execute(TIME_PASSES.encode())

    def scan(self, code: str, component: str, place: str, data: bytes) -> str:
        """The id of the document."""
        told = documents.Upload(code=code, component=component, name="van-ban.pdf", declared_type="",
                                actor=self.desk.person(place), key=str(uuid.uuid4()))
        documents.attach(self.at.office, told, iter([data]), timekeeper.now())
        return str(self.desk.value("select f.id from document f join dossier d on d.id = f.dossier_id "
                                   "where d.code = %s and f.component = %s order by f.added_at desc limit 1",
                                   code, component))


@dataclass
class Pair:
    """`here` masters dossiers, `there` works on them."""

    here: Side
    there: Side
    mailbox: Partner
    clock: Path

    @property
    def sides(self) -> dict[str, Side]:
        return {HERE: self.here, THERE: self.there}

    def time_passes(self) -> None:
        for side in self.sides.values():
            side.time_passes()

    def forward(self, by: timedelta) -> None:
        """For all of them at once."""
        forward(by, self.clock, *(side.attendant.home / "clock.json" for side in self.sides.values()))

    def logs(self) -> str:
        return "\n".join(f"{name} {process}: {side.attendant.tail(process)}" for name, side in self.sides.items()
                         for process in (WEB, DISPATCHER))


@contextmanager
def two(clock: Path) -> Iterator[Pair]:
    """`clock`: what this process reads."""
    with mail_server() as mailbox, installation("tinh", "soc-trang", MONDAY, processes=()) as here, \
            installation("cong-an", "soc-trang-police", MONDAY, processes=()) as there:
        introduce(here, there, MONDAY)
        hosted_there(here, there, "H51.05", MONDAY)
        reach(here.office, CULTURE, "mail", MAIL, "test", MONDAY)
        mails = f"mailto://127.0.0.1:{mailbox.port}?to={{address}}&from=mot-cua@example.vn&mode=insecure"
        with attended(here, NOTIFY_MAIL_URL=mails) as ours, attended(there) as theirs:
            pair = Pair(Side(ours, Desk(here)), Side(theirs, Desk(there)), mailbox, clock)
            # each began at MONDAY when it was set up: what one has done would be in the other's future
            pair.forward(timedelta(0))
            yield pair


@dataclass
class Round:
    """One dossier of `here` about which `there` is asked. `mark`: no other one has the same documents."""

    pair: Pair
    code: str = ""
    mark: str = field(default_factory=lambda: str(uuid.uuid4()))

    def until(self, so: Callable[[], Any], what: str) -> Any:
        """What `so` gives once it is true."""
        ends = time.monotonic() + WITHIN
        while True:
            with suppress(Unavailable):
                if found := so():
                    return found
            self.watch()
            assert time.monotonic() < ends, f"not within {WITHIN} s: {what}\n{self.pair.logs()}"
            time.sleep(LOOK_EVERY)

    def watch(self) -> None:
        """Whatever happens to the processes meanwhile."""

    def do(self, side: Side, code: str, event: str, place: str, **said: Any) -> None:
        deciding_again(lambda: act(side.at.office, self.order(side, code, event, place, **said), timekeeper.now()))

    def order(self, side: Side, code: str, event: str, place: str, **said: Any) -> Order:
        return side.desk.journey.order(code, event, side.desk.person(place), **said)

    def receive(self) -> None:
        """It lies before the lead, registered."""
        here = self.pair.here
        journey = here.desk.journey
        journey.now = timekeeper.now()
        self.code = journey.receive().code
        for handoff, unit, role in self.until(lambda: journey.incoming(self.code), "it lies before the lead"):
            self.do(here, self.code, "register", f"{unit}:{role}", handoff=handoff)

    def ask(self, data: bytes = b"") -> uuid.UUID:
        """With this document. The hand-off."""
        here = self.pair.here
        self.receive()
        here.scan(self.code, "plan", PROVINCE_LEAD, data or samples.small_pdf(mark=self.mark))
        self.do(here, self.code, "consult", PROVINCE_LEAD)
        found: uuid.UUID = self.handoffs()[0][0]
        return found

    def handoffs(self) -> list[tuple[Any, ...]]:
        """To the police: id and state, the first one first."""
        return self.pair.here.rows(HANDOFFS, self.code)

    def successors(self) -> list[str]:
        """Codes, the first one first."""
        return [str(code) for code, in self.pair.there.rows(SUCCESSORS, self.code)]

    def successor(self) -> str:
        """The newest."""
        found: list[str] = self.until(self.successors, "the successor is there")
        return found[-1]

    def stands(self, handoff: uuid.UUID, state: str) -> None:
        self.until(lambda: (handoff, state) in self.handoffs(), f"it is {state} here")

    def answer(self, handoff: uuid.UUID, *, registered: bool = False) -> None:
        """Registered, unless it is, and answered with a document."""
        there, theirs = self.pair.there, self.successor()
        if not registered:
            self.do(there, theirs, "register", POLICE, handoff=handoff)
            self.stands(handoff, "registered")
        result = there.scan(theirs, "result", POLICE, samples.small_pdf(mark=theirs))
        self.do(there, theirs, "answer_task", POLICE, **SAID, documents=(result,))
        self.until(self.opinions, "the opinion is there")

    def opinions(self) -> int:
        """Of the police."""
        return int(self.pair.here.rows(OPINIONS, self.code)[0][0])

    def answer_to(self, send: Callable[[], int]) -> int:
        """The status that comes in the end: whose answer never came, or came too late, asks the same once more."""
        def asked() -> int:
            with suppress(httpx.TransportError):
                status = send()
                return 0 if status == httpx.codes.SERVICE_UNAVAILABLE else status
            return 0

        found: int = self.until(asked, "an answer")
        return found

    def quiet(self) -> None:
        offices = [side.at.office for side in self.pair.sides.values()]
        self.until(lambda: at_rest(*offices), "everything is done")

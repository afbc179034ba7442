"""kill -9 at every named point of a hand-off between two installations: one successor, one effect, both agree."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from engine import documents, timekeeper
from engine.casework.act import act
from engine.casework.orders import Order
from engine.errors import StaleVersion, Unavailable
from engine.settings import settings
from engine.verification import verify
from storage.local.cluster import Role
from tests import samples
from tests.casework.soundness import faults
from tests.journey import MONDAY
from tests.two.dying import DESK, DISPATCHER, HERE, POINTS, THERE, WEB, WENT_ON, Attendant, Point, attended, find
from tests.two.installation import Installation, installation
from tests.two.peering import hosted_there, introduce
from tests.two.stories import POLICE, PROVINCE_LEAD, SAID, Desk

WITHIN = 60.0
LOOK_EVERY = 0.05

# What a dead process held is free after its lease; a peer that was away is asked again after its pause.
TIME_PASSES = """
update outbox set lease_until = null, next_attempt_at = clock_timestamp() where sent_at is null;
update arrival set lease_until = null, next_attempt_at = clock_timestamp() where state = 'waiting';
update pull set lease_until = null, next_attempt_at = clock_timestamp() where done_at is null;
update peer set retry_at = clock_timestamp() where trouble_since is not null"""
OPEN = """
select (select count(*) from outbox where sent_at is null)
  + (select count(*) from arrival where state <> 'applied') + (select count(*) from pull where done_at is null)"""
HANDOFFS = """
select h.id, h.state, h.their_code from handoff h join dossier d on d.id = h.dossier_id
where d.code = %s and h.to_agency = 'H51.05'"""
SUCCESSORS = """
select c.handoff_id, h.state, d.code from counterpart c join dossier d on d.id = c.dossier_id
join handoff h on h.id = c.handoff_id where c.thread = %s"""
MESSAGES = "select no, message_id, kind from outbox where peer_id is not null and thread = %s order by no"
ARRIVALS = "select no, message_id, kind from arrival where thread = %s and state = 'applied' order by no"
# An act that a message caused stands in the record once; each of its documents is an act of its own.
OPINIONS = """
select count(*) from opinion o join dossier d on d.id = o.dossier_id where d.code = %s and o.state = 'police'"""
TWICE = """
select details::jsonb->'proof'->>'message', action from audit
where details::jsonb->'proof' ? 'message' and action <> 'attach'
group by dossier_id, 1, 2 having count(*) > 1"""
FILES = """
select f.sha256, f.state from document f join dossier d on d.id = f.dossier_id
where d.code = %s and f.component = %s and f.replaced_by is null order by f.sha256"""


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

    @property
    def sides(self) -> dict[str, Side]:
        return {HERE: self.here, THERE: self.there}

    def time_passes(self) -> None:
        for side in self.sides.values():
            side.time_passes()

    def logs(self) -> str:
        return "\n".join(f"{name} {process}: {side.attendant.tail(process)}" for name, side in self.sides.items()
                         for process in (WEB, DISPATCHER))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Monday morning in both; PostgreSQL and the object stores stay up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIENTHONG_PEERS_INSIDE", "true")
        settings.cache_clear()
        told = tmp_path_factory.mktemp("time") / "clock.json"
        timekeeper.set_shown(told, MONDAY, 1.0)
        patch.setattr(timekeeper, "_path", str(told))
        with two() as pair:
            yield pair
    settings.cache_clear()


@contextmanager
def two() -> Iterator[Pair]:
    with installation("tinh", "soc-trang", MONDAY, processes=()) as here, \
            installation("cong-an", "soc-trang-police", MONDAY, processes=()) as there:
        introduce(here, there, MONDAY)
        hosted_there(here, there, "H51.05", MONDAY)
        with attended(here) as ours, attended(there) as theirs:
            yield Pair(Side(ours, Desk(here)), Side(theirs, Desk(there)))


@dataclass
class Round:
    """One dossier of `here` about which `there` is asked."""

    pair: Pair
    code: str = ""

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
        """Who is told that something came in between looks at the dossier and decides again."""
        while True:
            with suppress(StaleVersion):
                act(side.at.office, self.order(side, code, event, place, **said), timekeeper.now())
                return

    def order(self, side: Side, code: str, event: str, place: str, **said: Any) -> Order:
        return side.desk.journey.order(code, event, side.desk.person(place), **said)

    def ask(self, data: bytes = b"") -> uuid.UUID:
        """With this document. The hand-off."""
        here = self.pair.here
        journey = here.desk.journey
        journey.now = timekeeper.now()
        self.code = journey.receive().code
        self.until(lambda: journey.incoming(self.code), "it lies before the lead")
        here.desk.register(self.code)
        here.scan(self.code, "plan", PROVINCE_LEAD, data or samples.small_pdf(mark=self.code))
        self.do(here, self.code, "consult", PROVINCE_LEAD)
        found: uuid.UUID = here.rows(HANDOFFS, self.code)[0][0]
        return found

    def successor(self) -> str:
        found = self.until(lambda: self.pair.there.rows(SUCCESSORS, self.code), "the successor is there")
        return str(found[0][2])

    def stands(self, handoff: uuid.UUID, state: str) -> None:
        self.until(lambda: self.pair.here.rows(HANDOFFS, self.code)[0][:2] == (handoff, state), f"it is {state} here")

    def answer(self, handoff: uuid.UUID) -> None:
        """Registered, and answered with a document."""
        there, theirs = self.pair.there, self.successor()
        self.do(there, theirs, "register", POLICE, handoff=handoff)
        self.stands(handoff, "registered")
        result = there.scan(theirs, "result", POLICE, samples.small_pdf(mark=theirs))
        self.do(there, theirs, "answer_task", POLICE, **SAID, documents=(result,))
        self.until(lambda: self.pair.here.rows(OPINIONS, self.code) != [(0,)], "the opinion is there")

    def quiet(self) -> None:
        self.until(lambda: not any(side.desk.value(OPEN) for side in self.pair.sides.values()), "everything is done")


@dataclass
class Deadly(Round):
    """A process dies at `point` on the way, and is started again as soon as it is dead."""

    point: Point = POINTS[0]
    died: bool = field(default=False, init=False)

    def play(self) -> None:
        """Asserts that the point was reached."""
        dying, point = self.pair.sides[self.point.side].attendant, self.point
        if point.process != DESK:
            dying.start(point.process, point)
            self.pair.time_passes()
        try:
            STORIES[point.story](self)
            self.quiet()
            if not self.died:  # its last deed may have left nothing to do
                self.until(lambda: self.died, "it dies")
        finally:
            if not self.died and point.process != DESK:  # nobody else shall meet a process that is armed
                dying.start(point.process)

    def watch(self) -> None:
        point, attendant = self.point, self.pair.sides[self.point.side].attendant
        if self.died or point.process == DESK or attendant.running[point.process].is_alive():
            return
        assert attendant.running[point.process].exitcode == -signal.SIGKILL, attendant.tail(point.process)
        assert attendant.reached == str(point)
        attendant.start(point.process)
        self.died = True
        self.pair.time_passes()

    def do(self, side: Side, code: str, event: str, place: str, **said: Any) -> None:
        """A browser whose answer never came asks the same once more."""
        if self.point.process != DESK or self.point.of != event:
            super().do(side, code, event, place, **said)
            return
        self.quiet()
        order = self.order(side, code, event, place, **said)
        assert side.attendant.act(order, timekeeper.now(), self.point) == -signal.SIGKILL
        assert side.attendant.reached == str(self.point)
        self.died = True
        act(side.at.office, order, timekeeper.now())


def answered(told: Round) -> None:
    told.answer(told.ask())


def large(told: Round) -> None:
    """More than one piece."""
    told.answer(told.ask(samples.pdf(16, sum(told.code.encode()))))


def refused(told: Round) -> None:
    handoff = told.ask()
    told.do(told.pair.there, told.successor(), "refuse_handoff", POLICE, handoff=handoff,
            reason="Không thuộc thẩm quyền")
    told.stands(handoff, "refused")


def recalled(told: Round) -> None:
    handoff = told.ask()
    told.successor()
    told.do(told.pair.here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
    told.stands(handoff, "recalled")


def kept(told: Round) -> None:
    """It was registered before it was asked back, and the line kept that from us."""
    here, there = told.pair.here, told.pair.there
    handoff = told.ask()
    theirs = told.successor()
    here.at.line.part()
    try:
        told.do(there, theirs, "register", POLICE, handoff=handoff)
        told.do(here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
        told.until(lambda: there.rows("select from arrival where thread = %s and kind = 'recall'", told.code),
                   "the recall is there")
    finally:
        here.at.line.mend()
    there.time_passes()
    told.stands(handoff, "registered")
    told.until(lambda: here.rows("select from handoff where id = %s and recall_asked_at is null", handoff),
               "it was kept")


STORIES: dict[str, Callable[[Round], None]] = {
    "answered": answered, "large": large, "refused": refused, "recalled": recalled, "kept": kept,
}


def test_every_point_has_a_name_and_a_function() -> None:
    assert len(POINTS) >= 30
    assert len({str(point) for point in POINTS}) == len(POINTS)
    for point in POINTS:
        place, name = find(point.name)
        assert callable(getattr(place, name))
        assert point.story in STORIES
        assert point.when in ("before", "after")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_killed_there_it_has_its_effect_once(pair: Pair, point: Point) -> None:
    told = Deadly(pair, point=point)
    told.play()
    agree(told, answered=point.story in ("answered", "large"))


def agree(told: Round, *, answered: bool = True) -> None:
    """Of one dossier, from the tables of both sides."""
    here, there, code = told.pair.here, told.pair.there, told.code
    handoffs, successors = here.rows(HANDOFFS, code), there.rows(SUCCESSORS, code)
    assert len(handoffs) == 1
    assert [row[:2] for row in successors] == [row[:2] for row in handoffs], "a successor is missing, or doubled"
    theirs = successors[0][2]
    if handoffs[0][1] == "registered":
        assert handoffs[0][2] == theirs
    for one, other in ((here, there), (there, here)):
        assert one.rows(MESSAGES, code) == other.rows(ARRIVALS, code)
        assert one.rows(TWICE) == []
    assert there.rows(FILES, theirs, "received") == here.rows(FILES, code, "plan")
    if answered:
        assert here.rows(OPINIONS, code) == [(1,)]
        result = there.rows(FILES, theirs, "result")
        assert len(result) == 1
        assert here.rows(FILES, code, "received") == result
    for side, files in ((here, here.rows(FILES, code, "received")), (there, there.rows(FILES, theirs, "received"))):
        for sha256, state in files:
            assert state == "stored"
            side.at.office.store.open_verified(sha256).close()


# A sender, a receiver and a puller that stand still while they hold a lease.
STILL = (
    ("before", HERE, "engine.exchange.client.Client.post", "handoff"),
    ("before", HERE, "storage.exchange.sent", "handoff"),
    ("before", THERE, "engine.exchange.applying.apply", "handoff"),
    ("before", THERE, "engine.exchange.pulling.transact", "attach"),
)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("when", "side", "name", "of"), STILL, ids=[name for _, _, name, _ in STILL])
def test_who_stood_still_past_his_lease_changes_nothing_any_more(pair: Pair, when: str, side: str, name: str,
                                                                 of: str) -> None:
    point = Point(side=side, process=DISPATCHER, when=when, name=name, of=of, by=signal.SIGSTOP)
    told, attendant = Round(pair), pair.sides[side].attendant
    attendant.start(DISPATCHER, point)
    pair.time_passes()
    try:
        handoff = told.ask()
        told.until(lambda: attendant.reached, "it stands still")
        attendant.spawn(DISPATCHER, name="second")
        pair.time_passes()
        told.answer(handoff)
        told.quiet()
        before = standing(told)
        attendant.go_on(DISPATCHER)
        told.until(lambda: attendant.reached == WENT_ON, "it goes on")
        time.sleep(1.0)  # so that whatever it would do after it has been done
        assert standing(told) == before
        agree(told)
    finally:
        attendant.kill("second")
        attendant.start(DISPATCHER)


def standing(told: Round) -> list[Any]:
    """All that a second sender, receiver or puller could spoil."""
    return [side.rows(query) for side in told.pair.sides.values() for query in (
        "select message_id, sent_at, attempts, envelope, receipt from outbox order by message_id",
        "select message_id, state, applied_at from arrival order by message_id",
        "select document_id, done_at, received from pull order by document_id",
        "select code, version, audit_head from dossier order by id")]


@pytest.mark.timeout(240)
def test_two_dispatchers_on_each_side_double_nothing(pair: Pair) -> None:
    rounds = [Round(pair) for _ in range(5)]
    for side in pair.sides.values():
        side.attendant.spawn(DISPATCHER, name="second")
    try:
        handoffs = [told.ask() for told in rounds]
        for told, handoff in zip(rounds, handoffs, strict=True):
            told.answer(handoff)
        rounds[0].quiet()
        for told in rounds:
            agree(told)
    finally:
        for side in pair.sides.values():
            side.attendant.kill("second")


@pytest.mark.timeout(240)
def test_postgresql_dies_while_a_message_is_being_stored(pair: Pair) -> None:
    """Inserted, not committed: the sender gets no receipt, and sends it again."""
    point = Point(side=THERE, process=WEB, when="after", name="storage.arrivals._standing", nth=2, by=signal.SIGSTOP)
    told, there = Round(pair), pair.there
    there.attendant.start(WEB, point)
    try:
        handoff = told.ask()
        told.until(lambda: there.attendant.reached, "it is being stored")
        dead = there.at.pid("postgres")
        os.kill(dead, signal.SIGKILL)
        # its servers live on for a moment and still answer: only another one counts
        told.until(lambda: there.at.pid("postgres") != dead and there.at.machine.postgres.answers(), "another one")
        told.until(lambda: there.rows("select from arrival where thread = %s", told.code) == [],
                   "PostgreSQL is back without it")
        there.attendant.go_on(WEB)
        pair.time_passes()
        told.answer(handoff)
        told.quiet()
        agree(told)
    finally:
        there.attendant.start(WEB)


def test_after_all_of_it_both_records_hold(pair: Pair) -> None:
    for side in pair.sides.values():
        assert faults(side.at.office) == []
        assert verify(side.at.office).faults == []

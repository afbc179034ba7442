"""kill -9 at every named point of a hand-off between two installations: one successor, one effect, both agree."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from engine import documents, timekeeper
from engine.casework.act import act
from engine.settings import settings
from engine.verification import verify
from storage.local.cluster import Role
from tests import samples
from tests.casework.soundness import faults
from tests.journey import MONDAY
from tests.two.dying import DESK, DISPATCHER, HERE, POINTS, THERE, WEB, Attendant, Point, attended, find
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
    """One dossier. `point`: where a process dies on the way; it is started again as soon as it is dead."""

    pair: Pair
    point: Point
    code: str = ""
    died: bool = field(default=False, init=False)

    def play(self) -> None:
        dying, point = self.pair.sides[self.point.side], self.point
        if point.process != DESK:
            dying.attendant.start(point.process, point)
            self._time_passes()
        try:
            self._end(STORIES[point.story])
        finally:
            if not self.died and point.process != DESK:  # nobody else shall meet a process that is armed
                dying.attendant.start(point.process)

    def _end(self, story: Callable[[Round], None]) -> None:
        story(self)
        self.until(lambda: not any(side.desk.value(OPEN) for side in self.pair.sides.values()), "everything is done")
        if not self.died:  # it may be dead and nothing was left to do
            self.until(lambda: self.died, "it dies")

    def until(self, so: Callable[[], Any], what: str) -> Any:
        """What `so` gives once it is true."""
        ends = time.monotonic() + WITHIN
        while not (found := so()):
            self._watch()
            assert time.monotonic() < ends, f"not within {WITHIN} s: {what}\n{self._told()}"
            time.sleep(LOOK_EVERY)
        return found

    def _watch(self) -> None:
        point, attendant = self.point, self.pair.sides[self.point.side].attendant
        if self.died or point.process == DESK:
            return
        child = attendant.running[point.process]
        if child.is_alive():
            return
        assert child.exitcode == -signal.SIGKILL, attendant.tail(point.process)
        assert attendant.reached == str(point)
        attendant.start(point.process)
        self.died = True
        self._time_passes()

    def _time_passes(self) -> None:
        for side in self.pair.sides.values():
            side.time_passes()

    def _told(self) -> str:
        return "\n".join(f"{name} {process}: {side.attendant.tail(process)}" for name, side in self.pair.sides.items()
                         for process in (WEB, DISPATCHER))

    def do(self, side: Side, code: str, event: str, place: str, **said: Any) -> None:
        """A browser whose answer never came asks the same once more."""
        order = side.desk.journey.order(code, event, side.desk.person(place), **said)
        if self.point.process == DESK and self.point.of == event:
            assert side.attendant.act(order, timekeeper.now(), self.point) == -signal.SIGKILL
            assert side.attendant.reached == str(self.point)
            self.died = True
        act(side.at.office, order, timekeeper.now())

    def ask(self, data: bytes) -> uuid.UUID:
        """The hand-off."""
        here = self.pair.here
        journey = here.desk.journey
        journey.now = timekeeper.now()
        self.code = journey.receive().code
        self.until(lambda: journey.incoming(self.code), "it lies before the lead")
        here.desk.register(self.code)
        here.scan(self.code, "plan", PROVINCE_LEAD, data)
        self.do(here, self.code, "consult", PROVINCE_LEAD)
        found: uuid.UUID = here.rows(HANDOFFS, self.code)[0][0]
        return found

    def successor(self) -> str:
        found = self.until(lambda: self.pair.there.rows(SUCCESSORS, self.code), "the successor is there")
        return str(found[0][2])

    def stands(self, handoff: uuid.UUID, state: str) -> None:
        self.until(lambda: self.pair.here.rows(HANDOFFS, self.code)[0][:2] == (handoff, state), f"it is {state} here")


def answered(told: Round, data: bytes = b"") -> None:
    there = told.pair.there
    handoff = told.ask(data or samples.small_pdf(mark=str(uuid.uuid4())))
    theirs = told.successor()
    told.do(there, theirs, "register", POLICE, handoff=handoff)
    told.stands(handoff, "registered")
    result = there.scan(theirs, "result", POLICE, samples.small_pdf(mark=theirs))
    told.do(there, theirs, "answer_task", POLICE, **SAID, documents=(result,))
    here = told.pair.here
    told.until(lambda: here.desk.value("select count(*) from opinion o join dossier d on d.id = o.dossier_id "
                                       "where d.code = %s and o.state = 'police'", told.code), "the opinion is there")


def large(told: Round) -> None:
    """More than one piece."""
    answered(told, samples.pdf(6, told.point.nth))


def refused(told: Round) -> None:
    handoff = told.ask(samples.small_pdf(mark=str(uuid.uuid4())))
    told.do(told.pair.there, told.successor(), "refuse_handoff", POLICE, handoff=handoff,
            reason="Không thuộc thẩm quyền")
    told.stands(handoff, "refused")


def recalled(told: Round) -> None:
    handoff = told.ask(samples.small_pdf(mark=str(uuid.uuid4())))
    told.successor()
    told.do(told.pair.here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
    told.stands(handoff, "recalled")


def kept(told: Round) -> None:
    """It was registered before it was asked back, and the line kept that from us."""
    here, there = told.pair.here, told.pair.there
    handoff = told.ask(samples.small_pdf(mark=str(uuid.uuid4())))
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
    told = Round(pair, point)
    told.play()
    agree(told)


def agree(told: Round) -> None:
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
    if told.point.story in ("answered", "large"):
        assert here.rows("select count(*) from opinion o join dossier d on d.id = o.dossier_id where d.code = %s "
                         "and o.state = 'police'", code) == [(1,)]
        result = there.rows(FILES, theirs, "result")
        assert len(result) == 1
        assert here.rows(FILES, code, "received") == result
    for side, files in ((here, here.rows(FILES, code, "received")), (there, there.rows(FILES, theirs, "received"))):
        for sha256, state in files:
            assert state == "stored"
            side.at.office.store.open_verified(sha256).close()


def test_after_all_of_it_both_records_hold(pair: Pair) -> None:
    for side in pair.sides.values():
        assert faults(side.at.office) == []
        assert verify(side.at.office).faults == []

"""kill -9 at every named point of a hand-off between two installations: one successor, one effect, both agree."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from engine import timekeeper
from engine.casework.act import act
from engine.settings import settings
from engine.verification import verify
from tests.casework.soundness import faults
from tests.journey import MONDAY
from tests.two.agreeing import agree, dossier_agrees
from tests.two.dying import WENT_ON, find
from tests.two.points import DESK, DISPATCHER, HERE, POINTS, THERE, WEB, Point
from tests.two.rounds import Pair, Round, Side, two
from tests.two.tales import TALES


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Monday morning in both; PostgreSQL and the object stores stay up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIENTHONG_PEERS_INSIDE", "true")
        settings.cache_clear()
        told = tmp_path_factory.mktemp("time") / "clock.json"
        timekeeper.set_shown(told, MONDAY, 1.0)
        patch.setattr(timekeeper, "_path", str(told))
        with two(told) as pair:
            yield pair
    settings.cache_clear()


@dataclass
class Deadly(Round):
    """A process dies at `point` on the way, and is started again as soon as it is dead."""

    point: Point = POINTS[0]
    died: bool = field(default=False, init=False)

    def play(self) -> None:
        """Asserts that the point was reached."""
        dying, point = self.pair.sides[self.point.side].attendant, self.point
        if point.process != DESK:
            dying.arm(point.process, point)
        try:
            TALES[point.story](self)
            self.quiet()
            if not self.died:  # its last deed may have left nothing to do
                self.until(lambda: self.died, "it dies")
                self.quiet()
        finally:
            if not self.died and point.process != DESK:  # nobody else shall meet a process that is armed
                dying.start(point.process)

    def watch(self) -> None:
        point, attendant = self.point, self.pair.sides[self.point.side].attendant
        if self.died or point.process == DESK or not attendant.is_dead(point.process):
            return
        assert attendant.reached == str(point)
        attendant.start(point.process)
        self.died = True
        self.pair.time_passes()

    def do(self, side: Side, code: str, event: str, place: str, **said: Any) -> None:
        """A browser whose answer never came asks the same once more."""
        point = self.point
        if self.died or point.process != DESK or point.of != event or side is not self.pair.sides[point.side]:
            super().do(side, code, event, place, **said)
            return
        self.quiet()
        order = self.order(side, code, event, place, **said)
        assert side.attendant.act(order, timekeeper.now(), self.point) == -signal.SIGKILL
        assert side.attendant.reached == str(self.point)
        self.died = True
        act(side.at.office, order, timekeeper.now())


def test_every_point_has_a_name_and_a_function() -> None:
    assert len(POINTS) >= 30
    assert len({str(point) for point in POINTS}) == len(POINTS)
    for point in POINTS:
        place, name = find(point.name)
        assert callable(getattr(place, name))
        assert point.story in TALES
        assert point.when in ("before", "after")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_killed_there_it_has_its_effect_once(pair: Pair, point: Point) -> None:
    told = Deadly(pair, point=point)
    told.play()
    agree(told, point.story)


# A sender, a receiver and a puller that stand still while they hold a lease.
STILL = (
    ("before", HERE, "engine.exchange.client.Client.post", "handoff"),
    ("before", HERE, "storage.exchange.sent", "handoff"),
    ("before", THERE, "engine.exchange.applying.apply", "handoff"),
    ("before", THERE, "engine.exchange.pulling.transact", "attach"),
)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("when", "side", "name", "of"), STILL, ids=[name for _, _, name, _ in STILL])
def test_who_stood_still_past_his_lease_changes_nothing_any_more(pair: Pair, when: str, side: str, name: str,
                                                                 of: str) -> None:
    point = Point(side=side, process=DISPATCHER, when=when, name=name, of=of, by=signal.SIGSTOP)
    told, attendant = Round(pair), pair.sides[side].attendant
    attendant.arm(DISPATCHER, point)
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
        dossier_agrees(told)
    finally:
        attendant.kill("second")
        attendant.start(DISPATCHER)


def standing(told: Round) -> list[Any]:
    """All that a second sender, receiver or puller could spoil; alarms of other dossiers ring meanwhile."""
    codes = [told.code, *told.successors()]
    return [side.rows(query) for side in told.pair.sides.values() for query in (
        "select message_id, sent_at, attempts, envelope, receipt from outbox order by message_id",
        "select message_id, state, applied_at from arrival order by message_id",
        "select document_id, done_at, received from pull order by document_id")] + [
        side.rows("select code, version, audit_head from dossier where code = any(%s) order by id", codes)
        for side in told.pair.sides.values()]


# A sender and a receiver die while they hold a lease; the row is there until its work is done.
HELD = (
    (Point(side=HERE, process=DISPATCHER, when="after", name="engine.exchange.client.Client.post", of="handoff"),
     "select lease_until from outbox where thread = %s and no = 1 and sent_at is null"),
    (Point(side=THERE, process=DISPATCHER, when="before", name="engine.exchange.applying.apply", of="handoff"),
     "select lease_until from arrival where thread = %s and no = 1 and state = 'waiting'"),
)


@pytest.mark.timeout(600)
def test_what_the_dead_held_goes_on_when_their_leases_are_over(pair: Pair) -> None:
    """Nobody ends them in the database here: they are waited for."""
    told, ends = Round(pair), []
    for point, _ in HELD:
        pair.sides[point.side].attendant.arm(DISPATCHER, point)
    handoff = told.ask()
    for point, lease in HELD:
        side = pair.sides[point.side]
        told.until(partial(side.attendant.is_dead, DISPATCHER), "it dies")
        ends.append(side.desk.value(lease, told.code))
        side.attendant.start(DISPATCHER)
    for (point, lease), end in zip(HELD, ends, strict=True):
        side = pair.sides[point.side]
        told.until(partial(_gone, side, lease, told.code), "it is done")
        assert side.desk.value("select clock_timestamp() >= %s", end), "nobody waited for the lease"
    told.answer(handoff)
    told.quiet()
    dossier_agrees(told)


def _gone(side: Side, query: str, code: str) -> bool:
    return side.rows(query, code) == []


@pytest.mark.timeout(600)
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
            dossier_agrees(told)
    finally:
        for side in pair.sides.values():
            side.attendant.kill("second")


@pytest.mark.timeout(600)
def test_postgresql_dies_while_a_message_is_being_stored(pair: Pair) -> None:
    """Inserted, not committed: the sender gets no receipt, and sends it again."""
    point = Point(side=THERE, process=WEB, when="after", name="storage.arrivals._stored", by=signal.SIGSTOP)
    told, there = Round(pair), pair.there
    there.attendant.arm(WEB, point)
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
        dossier_agrees(told)
    finally:
        there.attendant.start(WEB)


def test_after_all_of_it_both_records_hold(pair: Pair) -> None:
    for side in pair.sides.values():
        assert faults(side.at.office) == []
        assert verify(side.at.office).faults == []

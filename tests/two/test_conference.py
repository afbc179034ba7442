"""Two installations on a line that is cut and loses answers: everything arrives once, in order, and is proved."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from engine import timekeeper
from engine.anchoring import evidence, tending
from engine.exchange import keys, verify_evidence
from engine.settings import settings
from engine.verification import verify
from tests.casework.soundness import faults
from tests.journey import MONDAY
from tests.two.agreeing import TWICE
from tests.two.conftest import Plan
from tests.two.installation import Installation, forward, installation
from tests.two.line import Line
from tests.two.peering import hosted_there, introduce
from tests.two.quiet import OPEN, at_rest
from tests.two.stories import STORIES, Desk, Errand, Story, answered

log = structlog.get_logger()

LOOK_EVERY = 0.3


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Monday morning here as in the installations; peers may be on this machine."""
    monkeypatch.setenv("LIENTHONG_PEERS_INSIDE", "true")
    settings.cache_clear()
    told = tmp_path / "clock.json"
    timekeeper.set_shown(told, MONDAY, 1.0)
    monkeypatch.setattr(timekeeper, "_path", str(told))
    yield told
    settings.cache_clear()


@pytest.mark.timeout(2400)
def test_a_bad_line_loses_doubles_and_reorders_nothing(plan: Plan, clock: Path, tmp_path: Path) -> None:
    chance = random.Random(plan.seed)
    log.info("weather", seed=plan.seed)
    with installation("tinh", "soc-trang", MONDAY) as here, \
            installation("cong-an", "soc-trang-police", MONDAY) as there:
        introduce(here, there, MONDAY)
        hosted_there(here, there, "H51.05", MONDAY)
        # each began at MONDAY when it was set up: what one has done would be in the other's future
        forward(timedelta(0), clock, *(side.machine.home / "clock.json" for side in (here, there)))
        errands = [(Errand(Desk(here), Desk(there), number, chance), story) for number, story in
                   enumerate((answered, *STORIES * plan.rounds))]
        stories = [story(errand) for errand, story in errands]
        with bad(here, there, plan, chance) as weather:
            play(stories, plan.within, chance)
            await_quiet(here, there, plan.within)
        weather.was_bad(plan)
        conference = errands[0][0]
        assert "signing" in conference.here.states(conference.code)
        agree(here, there)
        for side in (here, there):
            assert lanes(side) == []
            assert once(side) == []
            assert faults(side.office) == []
            assert verify(side.office).faults == []
        exported(here, there, conference, tmp_path)


@dataclass
class Weather:
    """`cuts`: how long each was, in seconds; `waited`: how much lay on both sides when the long one ended."""

    lines: tuple[Line, ...]
    cuts: list[float] = field(default_factory=list)
    waited: int = 0

    def was_bad(self, plan: Plan) -> None:
        answers, lost = (sum(getattr(line, name) for line in self.lines) for name in ("answers", "lost"))
        log.info("lines", answers=answers, lost=lost, cuts=len(self.cuts), longest=max(self.cuts), waited=self.waited)
        assert max(self.cuts) >= plan.away
        assert self.waited > 0
        assert all(line.lost for line in self.lines)
        assert lost > answers * plan.loss / 2


@contextmanager
def bad(here: Installation, there: Installation, plan: Plan, chance: random.Random) -> Iterator[Weather]:
    """Answers are lost all the time, either way is cut for seconds now and then, both once for long."""
    weather, ended = Weather((here.line, there.line)), threading.Event()
    moments = random.Random(chance.random())

    def rage() -> None:
        long_cut = moments.randrange(1, 4)
        for number in range(1000):
            if ended.wait(moments.uniform(2, 6)):
                return
            cut = weather.lines if number == long_cut else (moments.choice(weather.lines),)
            seconds = plan.away if number == long_cut else moments.uniform(0.5, 3)
            log.info("cut", ways=len(cut), seconds=round(seconds, 1))
            began = time.monotonic()
            for line in cut:
                line.part()
            ended.wait(seconds)
            if number == long_cut:
                weather.waited = sum(rows(side, WAITING)[0][0] for side in (here, there))
            for line in cut:
                line.mend()
            weather.cuts.append(time.monotonic() - began)

    for line in weather.lines:
        line.loss, line.chance = plan.loss, random.Random(moments.random())
    thread = threading.Thread(target=rage)
    thread.start()
    try:
        yield weather
    finally:
        ended.set()
        thread.join()
        for line in weather.lines:
            line.loss = 0.0


def play(stories: list[Story], within: float, chance: random.Random) -> None:
    """Each goes on as soon as what it waits for is so, in any order."""
    began = time.monotonic()
    waiting = [(story, next(story)) for story in stories]
    while waiting:
        assert time.monotonic() - began < within, f"{len(waiting)} of {len(stories)} stories did not end"
        chance.shuffle(waiting)
        still = []
        for story, condition in waiting:
            try:
                still.append((story, next(story) if condition() else condition))
            except StopIteration:
                continue
        waiting = still
        time.sleep(LOOK_EVERY)
    log.info("stories", count=len(stories), seconds=round(time.monotonic() - began))


WAITING = "select count(*) from outbox where peer_id is not null and sent_at is null"


def await_quiet(here: Installation, there: Installation, within: float) -> None:
    until = time.monotonic() + within
    while not at_rest(here.office, there.office):
        assert time.monotonic() < until, [rows(side, OPEN) for side in (here, there)]
        time.sleep(LOOK_EVERY)


def rows(side: Installation, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with side.office.db.connection() as connection:
        return connection.execute(query.encode(), params).fetchall()


# What nobody can prove the other side took, or took itself without a receipt.
UNPROVED = """
select message_id from outbox where peer_id is not null and (sent_at is null or receipt is null or envelope is null)
union all select message_id from arrival where receipt is null or applied_at is null"""
NOT_DELIVERED = """
select h.id from handoff h join agency a on a.code = h.to_agency where a.peer_id is not null and h.state = 'pending'"""
# Of what was pulled, what is not part of its dossier with the bytes that were told.
NOT_WHOLE = """
select l.document_id from pull l left join document f on f.id = l.document_id
where l.done_at is null or f.state is distinct from 'stored' or f.sha256 is distinct from l.sha256"""
SENT = """
select h.id::text from handoff h join agency a on a.code = h.to_agency where a.peer_id is not null"""
TAKEN = "select handoff_id::text from counterpart where handoff_id is not null"
MESSAGES = "select thread, no, message_id::text from outbox where peer_id is not null"
ARRIVALS = "select thread, no, message_id::text from arrival"
STANDING = """
select h.id::text, h.state, h.their_code from handoff h join agency a on a.code = h.to_agency
where a.peer_id is not null"""
THERE = """
select c.handoff_id::text, h.state, d.code, d.closed_at is not null from counterpart c
join dossier d on d.id = c.dossier_id join handoff h on h.id = c.handoff_id"""
WITHDRAWN = "select payload->>'handoff' from outbox where kind = 'withdrawn'"


def agree(here: Installation, there: Installation) -> None:
    """Each hand-off has one successor, each message came once with its number, and both say the same of it."""
    for one, other in ((here, there), (there, here)):
        sent, taken = sorted(rows(one, SENT)), sorted(rows(other, TAKEN))
        assert sent == taken, "a hand-off was lost or doubled"
        assert len(taken) == len(set(taken))
        assert sorted(rows(one, MESSAGES)) == sorted(rows(other, ARRIVALS))
        assert rows(one, "select message_id from outbox where parked_at is not null") == []
        assert [rows(one, query) for query in (UNPROVED, NOT_DELIVERED, NOT_WHOLE)] == [[], [], []]
        theirs = {handoff: (state, code, closed) for handoff, state, code, closed in rows(other, THERE)}
        withdrawn = {handoff for handoff, in rows(one, WITHDRAWN)}
        for handoff, state, their_code in rows(one, STANDING):
            there_state, code, closed = theirs[handoff]
            # what is withdrawn may have been registered there while nobody could say so
            assert closed if handoff in withdrawn else state == there_state, (handoff, state, theirs[handoff])
            assert their_code in (code, None)
            assert their_code == code or state != "registered"


def once(side: Installation) -> list[tuple[Any, ...]]:
    """What a message did twice, or a second answer to what was asked once."""
    return rows(side, TWICE) + rows(side, "select dossier_id, state from opinion group by 1, 2 having count(*) > 1")


def lanes(side: Installation) -> list[str]:
    """What is wrong with the order in which things came to a side."""
    found: list[str] = []
    threads: dict[str, list[tuple[int, Any, str]]] = {}
    for thread, no, at, state in rows(side, "select thread, no, applied_at, state from arrival order by thread, no"):
        threads.setdefault(thread, []).append((no, at, state))
    for thread, told in threads.items():
        instants = [at for _, at, _ in told]
        if [no for no, _, _ in told] != list(range(1, len(told) + 1)):
            found.append(f"{thread}: numbers {[no for no, _, _ in told]}")
        if instants != sorted(instants):
            found.append(f"{thread}: applied at {instants}")
        found += [f"{thread}/{no}: {state}" for no, _, state in told if state != "applied"]
    return found


def exported(here: Installation, there: Installation, conference: Errand, folder: Path) -> None:
    """The evidence of both sides holds for a program that knows nothing of this house."""
    codes = ((here, conference.code), (there, next(iter(conference.seen))))
    trusted = [keys.as_string(side.name, keys.own_key(side.office).public) for side, _ in codes]
    program = folder / "verify_evidence.py"
    program.write_bytes(Path(verify_evidence.__file__).read_bytes())
    for side, _ in codes:
        tending.tend(side.office, tending.by_client, timekeeper.now() + timedelta(hours=2))
    for side, code in codes:
        file = folder / f"{side.name}.zip"
        file.write_bytes(evidence.of_dossier(side.office, code, timekeeper.now()))
        told = subprocess.run([sys.executable, "-I", str(program), str(file), "--trust", *trusted], check=False,
                              capture_output=True, text=True, cwd=folder)
        assert (told.returncode, told.stderr) == (0, ""), told.stdout
        assert told.stdout.splitlines()[-1].startswith("✓")

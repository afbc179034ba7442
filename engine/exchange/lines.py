"""The lines to all peers: several messages and documents at a time to each, one attempt at a time to a silent one.

A peer that answers slowly or never holds up its own line only: the others do not wait for its threads.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Semaphore
from typing import TypeVar

import structlog

from engine.delivery import never
from engine.exchange import pulling, sending
from engine.exchange.client import AT_ONCE, Client, Unreachable
from engine.office import Office
from storage import exchange, pulls
from storage.exchange import Line
from storage.pulls import Wanted

log = structlog.get_logger()

Due = TypeVar("Due")

# More peers than MOST / AT_ONCE at once take turns.
MOST = 32
BATCH = 4
# Whoever pulled a document sees to it himself, as long as no more do than may inspect at once; what was left is seen to
# by others, whatever becomes of its line.
INSPECTORS, KEEPERS, HERE = 4, 2, 0
# People wait for a document to be part of its dossier, nobody for the store to have it: that is seen to when the lines
# are at rest, and by everybody once the first has waited for so long. Well within the lease of the pull.
LATEST = 5.0
# Whoever asked for a drain goes on after so long; what is slow goes on behind his back.
PATIENCE = 2.0
LOOKS_EVERY = 0.1
# Where one thread of a line found nothing due, the others need not look.
QUIET = 0.1


@dataclass(slots=True)
class Lines:
    """One a process. `inside`: peers may be at addresses of our own network. `may_send`: False stops messages, but no
    documents. `clock` tells the instant of what follows from a receipt. `patience`: seconds.
    """

    office: Office
    clock: Callable[[], datetime]
    inside: bool
    may_send: Callable[[], bool] = lambda: True
    patience: float = PATIENCE
    _linked: Linked = field(default_factory=lambda: Linked())
    _places: Semaphore = field(default_factory=lambda: Semaphore(INSPECTORS))
    _clients: dict[int, Client] = field(default_factory=dict)
    _running: dict[int, list[Future[Counter[str]]]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST, thread_name_prefix="line"))

    def drain(self, enough: Callable[[], bool] = never) -> Counter[str]:
        """Sends and pulls what is due until nothing is, or for `patience` more seconds than something ends.

        Raises Unavailable when the database is away.
        """
        total: Counter[str] = Counter()
        sends = self.may_send()
        for line in exchange.lines(self.office.db, sends=sends):
            if self._running.get(line.id) or (line.trouble and not exchange.probe(self.office.db, line)):
                continue
            run = _Run(self.office, self._client(line), line, self.clock, enough, sends, self._linked, self._places)
            self._running[line.id] = [self._threads.submit(run.work) for _ in range(1 if line.trouble else AT_ONCE)]
        self._see_to_ours(enough)
        until = time.monotonic() + self.patience
        while (at_work := self._at_work()) and time.monotonic() < until:
            wait(at_work, timeout=LOOKS_EVERY)
            total += (come := self._collect())
            if come.total():
                until = time.monotonic() + self.patience
            self._see_to_ours(enough)
        return total + self._collect()

    def _see_to_ours(self, enough: Callable[[], bool]) -> None:
        if HERE in self._running or enough():
            return
        taking = INSPECTORS - 1 if pulls.any_fetched(self.office.db) else 0
        if taking or self._linked:
            self._running[HERE] = [*(self._threads.submit(self._keep, enough) for _ in range(KEEPERS)),
                                   *(self._threads.submit(self._take, enough) for _ in range(taking))]

    def _keep(self, enough: Callable[[], bool]) -> Counter[str]:
        done: Counter[str] = Counter()
        while not enough() and (wanted := self._linked.next(LATEST if len(self._running) > 1 else 0.0)):
            pulling.keep(self.office, wanted)
            done["kept"] += 1
        return done

    def _take(self, enough: Callable[[], bool]) -> Counter[str]:
        """What all peers gave and nobody has looked at."""
        done: Counter[str] = Counter()
        while not enough() and (batch := pulls.fetched(self.office.db, 1)):
            for wanted in batch:
                done[told := pulling.take(self.office, wanted, self.clock())] += 1
                if told == "linked":
                    pulling.keep(self.office, wanted)
        return done

    @property
    def holding(self) -> bool:
        """Whether a document is linked here that the store was not given: others see to it when its lease has ended."""
        return bool(self._linked)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _at_work(self) -> list[Future[Counter[str]]]:
        return [one for futures in self._running.values() for one in futures]

    def _collect(self) -> Counter[str]:
        """The tallies of those that have ended; raises what one of them met."""
        total: Counter[str] = Counter()
        ended = {peer: [one for one in futures if one.done()] for peer, futures in self._running.items()}
        for peer, futures in ended.items():
            self._running[peer] = [one for one in self._running[peer] if one not in futures]
            if not self._running[peer]:
                del self._running[peer]
        for one in (one for futures in ended.values() for one in futures):
            total += one.result()
        return total

    def _client(self, line: Line) -> Client:
        """Its connections stay open from one drain to the next."""
        known = self._clients.get(line.id)
        if known is None or known.url != line.url:
            known = self._clients[line.id] = Client(line.name, line.url, inside=self.inside)
        return known


class Linked:
    """What is part of its dossier and not yet in the store, the oldest first. For any number of threads."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Wanted]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, wanted: Wanted) -> None:
        self._waiting.append((time.monotonic(), wanted))

    def next(self, older: float = 0.0) -> Wanted | None:
        """One that has waited for so many seconds."""
        with suppress(IndexError):
            if time.monotonic() - self._waiting[0][0] >= older:
                return self._waiting.popleft()[1]
        return None


@dataclass(slots=True)
class _Run:
    """What the threads of one line share; the first that finds the line away ends it for all."""

    office: Office
    client: Client
    line: Line
    clock: Callable[[], datetime]
    enough: Callable[[], bool]
    sends: bool
    linked: Linked
    places: Semaphore
    away: Event = field(default_factory=Event)
    _turn: Lock = field(default_factory=Lock)
    _quiet: dict[str, float] = field(default_factory=dict)

    def work(self) -> Counter[str]:
        total: Counter[str] = Counter()
        while not (self.enough() or self.away.is_set()):
            done = self._send() if self.sends else Counter[str]()
            done += self._pull()
            if not done.total():
                break
            total += done
        return total

    def _claimed(self, kind: str, claim: Callable[[], list[Due]]) -> list[Due]:
        """Empty, too, where another thread has just found nothing of this kind, and none has done any since."""
        with self._turn:
            if time.monotonic() < self._quiet.get(kind, 0.0):
                return []
            found = claim()
            if not found:
                self._quiet[kind] = time.monotonic() + QUIET
            return found

    def _send(self) -> Counter[str]:
        batch = self._claimed("send", lambda: exchange.claim(self.office.db, self.line.id,
                                                             1 if self.line.trouble else BATCH))
        until, done = time.monotonic() + exchange.LEASE_SECONDS / 2, Counter[str]()
        for place, queued in enumerate(batch):
            if place and (self.enough() or self.away.is_set() or time.monotonic() > until):
                exchange.give_back(self.office.db, batch[place:])
                break
            try:
                done[sending.send(self.office, self.client, self.line, queued, self.clock())] += 1
            except Unreachable as error:
                exchange.give_back(self.office.db, batch[place + error.answered:])
                self._lost(error)
                break
            self._answered()
        if done:  # the next one of its lane may be due now
            self._quiet.pop("send", None)
        return done

    def _pull(self) -> Counter[str]:
        done: Counter[str] = Counter()
        if self.away.is_set():
            return done
        for wanted in self._claimed("pull", lambda: pulls.pulls(self.office.db, self.line.id, 1)):
            try:
                told = pulling.pull(self.office, self.client, self.line, wanted, self.clock())
            except Unreachable as error:
                if not error.answered:
                    pulls.drop_pulls(self.office.db, [wanted])
                self._lost(error)
                break
            done[self._take(wanted) if told == "fetched" else told] += 1
        return done

    def _take(self, wanted: Wanted) -> str:
        """Under the lease of the pull; or it is left to others."""
        if not self.places.acquire(blocking=False):
            return "fetched" if pulls.all_here(self.office.db, wanted) else "superseded"
        try:
            told = pulling.take(self.office, wanted, self.clock())
        finally:
            self.places.release()
        if told == "linked":
            self.linked.add(wanted)
            if old := self.linked.next(LATEST):
                pulling.keep(self.office, old)
        return told

    def _answered(self) -> None:
        """From now on the line is as good as any."""
        self.line.trouble = False

    def _lost(self, error: Unreachable) -> None:
        self.away.set()
        exchange.unreachable(self.office.db, self.line, error.why)
        log.warning("peer_away", peer=self.line.name, why=error.why)


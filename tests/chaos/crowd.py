"""A counter and its offices at work: dossiers are received, registered, consulted on and answered at the same time."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.chaos.journal import Journal
from tests.chaos.people import Person
from tests.journey import CONFERENCE
from tests.samples import small_pdf

SUBMISSION: dict[str, Any] = {
    "procedure": "conference_permit_local", "channel": "direct", "return_way": "counter", "facts": CONFERENCE,
    "applicant": {"name": "Nguyễn Thị Bích Ngọc", "id_number": "094000000001", "phone": "0900000001"},
    "papers": [{"component": "request_letter"}, {"component": "plan"}],
}
OPINIONS = ("foreign_affairs", "police", "agriculture")
# A delivery that takes longer than this is stuck.
STUCK = 180.0
LOOK = 0.4


@dataclass
class Desk:
    """Who receives, and who registers what reaches which agency."""

    receptionist: Person
    lead: Person
    consulted: dict[str, Person]
    arrived: dict[str, dict[str, Any]] = field(default_factory=dict)
    slowest: float = 0.0

    def registrars(self) -> list[Person]:
        return [self.lead, *self.consulted.values()]

    def await_arrival(self, handoff: str) -> dict[str, Any]:
        begun = time.monotonic()
        while handoff not in self.arrived:
            assert time.monotonic() - begun < STUCK, f"hand-off {handoff} was not delivered within {STUCK} s"
            time.sleep(0.05)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return self.arrived[handoff]


class Crowd:
    """`workers` people at a time, each with a dossier of his own, until told that it is enough."""

    def __init__(self, desk: Desk, journal: Journal, workers: int = 6) -> None:
        self.desk, self.journal, self.workers = desk, journal, workers
        self.enough = threading.Event()
        self._over = threading.Event()
        self._numbers = count(1)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Ends when everybody has finished the dossier in hand; raises what went wrong for any of them."""
        with ThreadPoolExecutor(self.workers + 4) as pool:
            watching = [pool.submit(self._watch, person) for person in self.desk.registrars()]
            working = [pool.submit(self._work) for _ in range(self.workers)]
            try:
                yield
            finally:
                self.enough.set()
                for each in working:
                    _settle(each)
                self._over.set()
        for task in (*working, *watching):
            task.result()

    def _work(self) -> None:
        while not self.enough.is_set():
            self._dossier(next(self._numbers))

    def _watch(self, person: Person) -> None:
        """Somebody has an eye on the list of what arrived."""
        while not self._over.is_set():
            for row in person.incoming():
                if row["state"] == "delivered":
                    self.desk.arrived[row["id"]] = row
            self._over.wait(LOOK)

    def _dossier(self, number: int) -> None:
        desk = self.desk
        reply = desk.receptionist.receive({**SUBMISSION, "subject": f"Hội thảo số {number}: {uuid.uuid4()}"})
        if number % 2:
            reply = desk.receptionist.attach(reply["code"], "plan", small_pdf(mark=str(uuid.uuid4()))) | {
                "handoffs": reply["handoffs"]}
        reply = self._register(desk.lead, reply)
        reply = desk.lead.act(reply["code"], "consult", reply["version"])
        for _ in range(len(reply["handoffs"])):
            reply = self._register_next(reply)
        for state in OPINIONS:
            reply = desk.consulted[state].act(reply["code"], "give_opinion", reply["version"], state=state,
                                              verdict="agree", words="Thống nhất")
        self._register(desk.lead, reply)

    def _register(self, person: Person, reply: dict[str, Any]) -> dict[str, Any]:
        for handoff in reply["handoffs"]:
            self.desk.await_arrival(handoff)
            reply = person.act(reply["code"], "register", reply["version"], handoff=handoff)
        return reply

    def _register_next(self, reply: dict[str, Any]) -> dict[str, Any]:
        """The hand-offs of a consultation, each by the agency it went to."""
        handoff, *rest = reply["handoffs"]
        agency = self.desk.await_arrival(handoff)["receiver"]["agency"]
        person = next(person for name, person in self.desk.consulted.items() if AGENCIES[name] == agency)
        done = person.act(reply["code"], "register", reply["version"], handoff=handoff)
        return {**done, "handoffs": rest}


AGENCIES = {"foreign_affairs": "H51.04", "police": "H51.05", "agriculture": "H51.06"}


def _settle(task: Future[None]) -> None:
    while not task.done():
        time.sleep(0.05)


def steadily(journal: Journal, more: int, within: float, alive: Callable[[], bool]) -> float:
    """Waits until `more` acts were acknowledged; how long that took."""
    begun, before = time.monotonic(), journal.acks
    while journal.acks < before + more:
        assert alive(), "the people went home"
        assert time.monotonic() - begun < within, f"no {more} acts within {within} s"
        time.sleep(0.05)
    return time.monotonic() - begun

"""What people on both sides do with one dossier each. A story yields what it waits for and goes on once that is so."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from engine import documents, timekeeper
from engine.casework.orders import Actor, Reply
from engine.errors import NotPossibleHere
from tests.flows.resident import eventually
from tests.journey import deciding_again
from tests.samples import pdf
from tests.two.installation import Installation

Story = Generator[Callable[[], bool], None, None]
PROVINCE_LEAD, RECEPTION, HEAD = "H51.01/ngoai-vu:officer", "H51.02/tiep-nhan:receptionist", "H51.01/lanh-dao:head"
POLICE = "H51.05/chuyen-mon:officer"
FOREIGN = "H51.04/chuyen-mon:officer"
SAID: dict[str, Any] = {"kind": "give_opinion", "verdict": "agree", "words": "Thống nhất"}
QUESTION: dict[str, Any] = {"words": "Cần ý kiến về đoàn khách", "limit": "3 ngày làm việc", "join": "all"}


@dataclass
class Desk:
    """The people of one installation, at the installation's own time."""

    at: Installation
    _scans: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.journey = self.at.journey(timekeeper.now())

    def person(self, place: str) -> Actor:
        return self.at.cast[place]

    def do(self, code: str, event: str, place: str, **said: Any) -> None:
        def once() -> Reply:
            self.journey.now = timekeeper.now()
            return self.journey.do(code, event, self.person(place), **said)

        deciding_again(once)

    def register(self, code: str) -> None:
        """Everything for units that work here; the installation's own dispatcher may be delivering it this moment."""
        eventually(lambda: not self.value(
            "select exists (select from handoff h join dossier d on d.id = h.dossier_id "
            "join agency a on a.code = h.to_agency where d.code = %s and h.state = 'pending' and a.reach = 'here')",
            code))
        for handoff, unit, role in self.journey.incoming(code):
            if unit.startswith("H51.05/") == (self.at.name == "cong-an"):
                self.do(code, "register", f"{unit}:{role}", handoff=handoff)

    def receive(self) -> str:
        self.journey.now = timekeeper.now()
        code = self.journey.receive().code
        self.register(code)
        return code

    def scan(self, code: str, component: str, place: str, seed: int) -> str:
        """The id of the document."""
        told = documents.Upload(code=code, component=component, name=f"van-ban-{seed}.pdf", declared_type="",
                                actor=self.person(place), key=str(uuid.uuid4()))
        documents.attach(self.at.office, told, iter([pdf(2, seed)]), timekeeper.now())
        return str(self.value("select f.id from document f join dossier d on d.id = f.dossier_id where d.code = %s "
                              "and f.component = %s order by f.added_at desc, f.id limit 1", code, component))

    def value(self, query: str, *params: Any) -> Any:
        return self.at.office.db.value(query, params)

    def states(self, code: str) -> set[str]:
        return self.journey.states(code)


class Errand:
    """One dossier of the province about which the police are asked."""

    def __init__(self, here: Desk, there: Desk, number: int, chance: random.Random) -> None:
        self.here, self.there, self.number, self.chance = here, there, number, chance
        self.code = ""
        self.seen: set[str] = set()

    def ask(self, scans: int = 1) -> None:
        self.code = self.here.receive()
        for number in range(scans):
            self.here.scan(self.code, "plan" if number == 0 else "other", PROVINCE_LEAD, 100 * self.number + number)
        self.here.do(self.code, "consult", PROVINCE_LEAD)

    def successor(self) -> str | None:
        """The newest at the police that has not been worked on yet."""
        code: str | None = self.there.value(
            "select d.code from counterpart c join dossier d on d.id = c.dossier_id where c.thread = %s "
            "and c.handoff_id is not null and c.ended_at is null and not d.code = any(%s) order by d.id desc limit 1",
            self.code, list(self.seen))
        return code

    def arrived(self) -> bool:
        return self.successor() is not None

    def take(self) -> str:
        """Its code there; not asked for twice."""
        code = self.taken()
        assert code is not None
        return code

    def taken(self) -> str | None:
        """Where it may be gone again: its code there, if it is there."""
        code = self.successor()
        if code is not None:
            self.seen.add(code)
        return code

    def handoff(self) -> Any:
        return self.here.value("select h.id from handoff h join dossier d on d.id = h.dossier_id where d.code = %s "
                               "and h.to_agency = 'H51.05' order by h.seq desc limit 1", self.code)

    def handed_back(self) -> bool:
        return bool(self.here.value(
            "select exists (select from work_item w join dossier d on d.id = w.dossier_id where d.code = %s "
            "and w.state = 'police' and w.duty = 'resolve' and w.closed_at is null)", self.code))

    def opinion(self) -> bool:
        return bool(self.here.value(
            "select exists (select from opinion o join dossier d on d.id = o.dossier_id where d.code = %s "
            "and o.state = 'police')", self.code))

    def answer(self, theirs: str, documents: int = 0) -> None:
        ids = tuple(self.there.scan(theirs, "result", POLICE, 100 * self.number + 50 + number)
                    for number in range(documents))
        self.there.do(theirs, "answer_task", POLICE, **SAID, documents=ids)


def answered(errand: Errand) -> Story:
    """Asked with two scans, answered with one, the other two agencies as well; up to the signer."""
    errand.ask(scans=2)
    yield errand.arrived
    theirs = errand.take()
    errand.there.register(theirs)
    errand.answer(theirs, documents=1)
    yield errand.opinion
    here = errand.here
    here.register(errand.code)
    for state, agency in (("foreign_affairs", "H51.04"), ("agriculture", "H51.06")):
        here.do(errand.code, "give_opinion", f"{agency}/chuyen-mon:officer", state=state, verdict="agree", words="ok")
    here.register(errand.code)
    here.do(errand.code, "forward", PROVINCE_LEAD)
    here.do(errand.code, "approve", HEAD)


def chained(errand: Errand) -> Story:
    """The police ask the province's foreign affairs in turn, and answer when those have."""
    errand.ask()
    yield errand.arrived
    theirs = errand.take()
    there, here = errand.there, errand.here
    there.register(theirs)
    unit = there.value("select id from unit where agency = 'H51.04' and key = 'chuyen-mon'")
    there.do(theirs, "consult_further", POLICE, **QUESTION, units=(unit,))

    def third() -> str | None:
        found: str | None = here.value("select d.code from counterpart c join dossier d on d.id = c.dossier_id "
                                       "where c.thread = %s", theirs)
        return found

    yield lambda: third() is not None
    asked = third()
    assert asked is not None
    here.register(asked)
    here.do(asked, "answer_task", FOREIGN, kind="answer_consultation", verdict="conditional", words="Cần lưu ý")
    yield lambda: bool(there.value("select exists (select from consultation c join dossier d on d.id = c.dossier_id "
                                   "where d.code = %s and c.verdict = 'conditional')", theirs))
    errand.answer(theirs)
    yield errand.opinion


def refused(errand: Errand) -> Story:
    """Not taken in; the lead sends it again, and now it is answered."""
    errand.ask()
    yield errand.arrived
    theirs = errand.take()
    errand.there.do(theirs, "refuse_handoff", POLICE, handoff=errand.handoff(), reason="Không thuộc thẩm quyền")
    yield errand.handed_back
    errand.here.do(errand.code, "resend", PROVINCE_LEAD, handoff=errand.handoff())
    yield errand.arrived
    again = errand.take()
    errand.there.register(again)
    errand.answer(again)
    yield errand.opinion


def recalled(errand: Errand) -> Story:
    """Asked back at once or after it came, while the police may be taking it in: one of both wins, on both sides."""
    errand.ask(scans=0)
    if errand.chance.random() < 0.5:
        yield errand.arrived
    handoff = errand.handoff()
    errand.here.do(errand.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
    eager = errand.chance.random() < 0.7
    if eager:
        yield lambda: errand.arrived() or errand.handed_back()
    won = False
    theirs = errand.taken() if eager else None
    if theirs is not None:
        try:
            errand.there.do(theirs, "register", POLICE, handoff=handoff)
            won = True
        except NotPossibleHere:
            pass
    if theirs is None or not won:
        yield errand.handed_back
        return
    yield lambda: bool(errand.here.value("select state = 'registered' and recall_asked_at is null from handoff "
                                         "where id = %s", handoff))
    errand.answer(theirs)
    yield errand.opinion


def withdrawn(errand: Errand) -> Story:
    """The applicant takes it back: before it came, before it was taken in, or after."""
    errand.ask()
    stage = errand.chance.randrange(3)
    if stage:
        yield errand.arrived
        theirs = errand.take()
        if stage == 2:
            errand.there.register(theirs)
    errand.here.do(errand.code, "withdraw", RECEPTION, reason="Người nộp rút hồ sơ")
    yield lambda: bool(errand.there.value(
        "select count(*) > 0 and bool_and(c.ended_at is not null) from counterpart c where c.thread = %s", errand.code))


STORIES = (answered, answered, chained, chained, refused, recalled, withdrawn)

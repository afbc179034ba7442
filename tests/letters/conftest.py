"""One dossier at its synthesis, and the people who draft, review, sign and issue its result."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from engine.casework import letters
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars, Reply
from engine.letters import drafting, sealing
from engine.letters.drafting import Asked, LetterView
from engine.office import Office
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey

LEAD, LEADERS, CLERKS = "H51.01/ngoai-vu", "H51.01/lanh-dao", "H51.01/van-thu"


@dataclass
class Desk:
    """`walk` is the dossier; every call moves the clock a minute."""

    walk: Walk

    @property
    def office(self) -> Office:
        return self.walk.office

    def who(self, post: str) -> Actor:
        return self.walk.cast[post]

    @property
    def officer(self) -> Actor:
        return self.who(f"{LEAD}:officer")

    @property
    def head(self) -> Actor:
        return self.who(f"{LEAD}:head")

    @property
    def signer(self) -> Actor:
        return self.who(f"{LEADERS}:signer")

    @property
    def clerk(self) -> Actor:
        return self.who(f"{CLERKS}:clerk")

    def begin(self, template: str = "approval", actor: Actor | None = None) -> int:
        return drafting.begin(self.office, self.walk.code, template, actor or self.officer, str(uuid.uuid4()),
                              self.walk.now)

    def view(self, no: int, actor: Actor | None = None) -> LetterView:
        return drafting.view(self.office, self.walk.code, no, actor or self.officer, self.walk.now)

    def asked(self, no: int, actor: Actor, **more: Any) -> Asked:
        told = {"version": self.view(no, actor).row["version"], "key": str(uuid.uuid4())} | more
        return Asked(code=self.walk.code, no=no, actor=actor, **told)

    def do(self, event: str, no: int, actor: Actor, **told: Any) -> Reply:
        order = Order(code=self.walk.code, event=event, actor=actor, state=letters.place(no), key=str(uuid.uuid4()),
                      particulars=Particulars(**told))
        return act(self.office, order, self.walk.now)

    def sign(self, no: int, actor: Actor | None = None, **more: Any) -> Any:
        return sealing.sign(self.office, self.asked(no, actor or self.signer, **more), self.walk.now)

    def issue(self, no: int, actor: Actor | None = None, **more: Any) -> Any:
        return sealing.issue(self.office, self.asked(no, actor or self.clerk, **more), self.walk.now)

    def at_signing(self) -> int:
        """A result that was drafted and submitted, the dossier being with the signers."""
        no = self.begin()
        self.do("submit_letter", no, self.officer)
        self.do("initial_letter", no, self.head)
        self.walk.go_to("signing")
        self.walk.journey.register_all(self.walk.code)
        return no

    def row(self, no: int) -> dict[str, Any]:
        return next(row for row in self.walk.of("letter", "no") if row["no"] == no)

    def result(self) -> dict[str, Any]:
        return next(row for row in self.walk.of("document") if row["component"] == "result"
                    and row["replaced_by"] is None)


@pytest.fixture
def desk(journey: Journey) -> Desk:
    code = journey.receive("conference_permit_local", facts=FACTS["conference_permit_local"]).code
    return Desk(Walk(journey, code).go_to("synthesis"))

"""What every clause works with: the line to the tested installation, our end of it, and what must hold of answers."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from api.agency import bodies
from api.agency.bodies import Address, Body
from api.agency.kit.desk import Came, Desk
from api.agency.line import Answer, Line
from api.agency.parties import Other, Own
from engine.errors import LienThongError
from engine.exchange.envelope import Kind, unseal
from engine.timekeeper import now


class Failed(Exception):
    """In English: whoever reads it writes an implementation by docs/exchange.md."""

    def __init__(self, expected: str, came: object) -> None:
        super().__init__(f"expected {expected}; came {came}")
        self.expected, self.came = expected, str(came)


class Untested(Exception):
    """Cannot be seen from outside without the other side's help."""


@dataclass(kw_only=True)
class Bench:
    """`wait`: seconds a machine may take to answer by itself; `interactive`: seconds a person may take, 0: none sits
    there."""

    own: Own
    other: Other
    line: Line
    desk: Desk
    home: Address
    target: Address
    wait: float = 60
    interactive: float = 0

    def thread(self) -> str:
        """A code nobody used before."""
        return f"{self.home.agency}-{now():%y%m%d}-{secrets.randbelow(10**9):09d}"

    # what is said

    def progress(self, thread: str, no: int, status: int = 2) -> Body:
        """The message with the least effect: a shadow dossier."""
        return self._message(thread, no, "progress", {
            "dossier": self._dossier(thread), "status": status, "due_at": bodies.instant(), "ended": False,
            "status_name": bodies.named("Đang xử lý (kiểm thử)", "In progress (conformance test)")})

    def handoff(self, thread: str, no: int, documents: tuple[Body, ...] = ()) -> Body:
        return self._message(thread, no, "handoff", {
            "handoff": str(uuid4()), "dossier": self._dossier(thread), "by": self._person(),
            "task": {"step": bodies.named("Cho ý kiến (kiểm thử)", "Give an opinion (conformance test)"),
                     "words": "Hồ sơ của bộ kiểm thử.", "due_at": bodies.instant(), "paper": False,
                     "answers": [{"event": "give_opinion", "name": bodies.named("Cho ý kiến", "Give an opinion"),
                                  "verdict": True, "reason": False}]}}, documents)

    def recall(self, thread: str, no: int, handoff: str) -> Body:
        return self._message(thread, no, "recall", {"handoff": handoff, "by": self._person(), "at": bodies.instant(),
                                                    "reason": "Kiểm thử thu hồi."})

    def further(self, handed: Body, no: int, documents: tuple[Body, ...]) -> Body:
        """Documents that follow a hand-off in its lane."""
        return self._message(handed["thread"], no, "more_documents", {
            "handoff": handed["content"]["handoff"], "by": self._person(), "at": bodies.instant(), "words": ""},
            documents)

    def _message(self, thread: str, no: int, kind: str, content: Body, documents: tuple[Body, ...] = ()) -> Body:
        return bodies.message(self.home, self.target, thread, no, kind, content, documents=documents)

    def _person(self) -> Body:
        return {"name": "Trần Văn Kiểm Thử", "unit": bodies.named("Bộ kiểm thử", "Conformance kit")}

    def _dossier(self, thread: str) -> Body:
        return {"code": thread, "procedure": {"code": "0.000000", "key": "conformance",
                                              "name": bodies.named("Kiểm thử trao đổi", "Conformance test")},
                "subject": "Hồ sơ kiểm thử, không có thật / conformance test, not a real dossier",
                "applicant": {"name": "Nguyễn Thị Kiểm Thử", "id_number": "", "phone": "", "address": ""},
                "facts": [], "received_at": bodies.instant(), "due_at": bodies.instant()}

    def sign(self, body: Body) -> bytes:
        return bodies.signed(self.own.signer, body)

    def send(self, body: Body) -> Answer:
        return self.line.post(self.sign(body))

    # what must hold of what comes back

    def receipt(self, answer: Answer, data: bytes, body: Body) -> Body:
        """The receipt for exactly these bytes."""
        if answer.status != 200:
            raise Failed(f"a receipt{self._prepared(answer)}", answer)
        told = self.opened(answer.data, "receipt")
        wanted = {"message": body["message"], "envelope": hashlib.sha256(data).hexdigest(), "no": body["no"],
                  "sender": self.other.name, "receiver": self.own.name, "thread": body["thread"]}
        for name, value in wanted.items():
            if told[name] != value:
                raise Failed(f"{name} {value!r} in the receipt", repr(told[name]))
        return told

    def _prepared(self, answer: Answer) -> str:
        """What whoever runs the kit may have left out before, when that is what the answer looks like."""
        if answer.code not in ("unknown_key", "not_yours", "unknown_unit"):
            return ""
        return (f" (is the kit's key approved there, does {self.home.agency}/{self.home.unit} work at {self.own.name} "
                f"there, and is there a unit {self.target.agency}/{self.target.unit}?)")

    def stored(self, body: Body, status: str = "stored", expected: int = 0) -> Body:
        """Sent now, and answered with a receipt of this status."""
        data = self.sign(body)
        told = self.receipt(self.line.post(data), data, body)
        if told["status"] != status:
            raise Failed(f"status {status} for number {body['no']}", told["status"])
        if expected and told["expected"] != expected:
            raise Failed(f"expected {expected} after number {body['no']}", told["expected"])
        return told

    def opened(self, data: bytes, kind: Kind) -> Body:
        try:
            return unseal(data, kind, self.other.key_of()).body
        except LienThongError as error:
            raise Failed(f"a signed thing of type {kind}", f"{error.code}: {error.message('en')}") from None

    def refused(self, answer: Answer, status: int, *codes: str, what: str = "") -> None:
        """With a problem+json of this status and one of these codes."""
        if (answer.status, answer.code) not in [(status, code) for code in codes]:
            raise Failed(f"{status} {' or '.join(codes)}{f' ({what})' if what else ''}", answer)

    # what the other side must send by itself

    def awaited(self, thread: str, enough: Callable[[list[Came]], bool], expected: str,
                seconds: float = 0) -> list[Came]:
        """The messages of the thread, once there are enough of them."""
        came = self.desk.messages[thread]
        if not self.desk.wait(lambda: enough(came), seconds or self.wait):
            faults = "; ".join(one.fault for one in self.desk.faulty)
            raise Failed(expected, f"{[one.body['kind'] for one in came]} within {seconds or self.wait:g} s"
                                   f"{f'; not acceptable: {faults}' if faults else ''}")
        return list(came)

    def recalled(self, thread: str, first: int = 1) -> None:
        """Hands off and takes back at once: the other side must answer with `recalled` by itself."""
        handed = self.handoff(thread, first)
        self.stored(handed)
        self.stored(self.recall(thread, first + 1, handed["content"]["handoff"]))

    @staticmethod
    def pause(seconds: float) -> None:
        time.sleep(seconds)

"""The kit's own end of the line: what the tested installation sends is kept, and answered as a clause wishes."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

from api.agency import bodies
from api.agency.bodies import BASE, Address, Body
from api.agency.parties import Other, Own
from api.agency.partner import ranged
from api.agency.serving import Asked, Reply
from engine.errors import LienThongError
from engine.exchange import contents
from engine.exchange.envelope import Kind, seal, unseal

# How a clause answers one request; the second value is the body of the message, or of the request for a document.
Answering = Callable[[Asked, Body], Reply]


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """`fault`: what was wrong with it, empty if nothing was."""

    asked: Asked
    body: Body
    sha256: str
    fault: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass(kw_only=True)
class Desk:
    own: Own
    other: Other
    home: Address
    messages: dict[str, list[Came]] = field(default_factory=lambda: defaultdict(list))
    pulls: dict[str, list[Came]] = field(default_factory=lambda: defaultdict(list))
    documents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    strays: list[Asked] = field(default_factory=list)
    faulty: list[Came] = field(default_factory=list)
    _plans: dict[str, list[Answering]] = field(default_factory=lambda: defaultdict(list))
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def plan(self, about: str, *answers: Answering) -> None:
        """How the next requests about a thread, or a document's hash, are answered; after these as they should be."""
        with self._changed:
            self._plans[about].extend(answers)

    def wait(self, enough: Callable[[], bool], seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(enough, seconds)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path
        if asked.method == "POST" and path == f"{BASE}/messages":
            return self._message(asked)
        if asked.method == "GET" and path.startswith(f"{BASE}/documents/"):
            return self._document(asked)
        if asked.method == "GET" and path in (f"{BASE}/identity", f"{BASE}/directory"):
            return Reply(data=self._directory() if path.endswith("directory") else self._identity())
        if asked.method == "POST" and path == f"{BASE}/anchors":
            return self._anchor(asked)
        with self._changed:
            self.strays.append(asked)
        return Reply(status=404)

    def _message(self, asked: Asked) -> Reply:
        came = self._read(asked, asked.data, "message")
        if came.fault:
            return Reply(status=400)
        if fault := self._unfit(came.body):
            with self._changed:
                self.faulty.append(replace(came, fault=fault))
            return Reply(status=422)
        thread = came.body["thread"]
        with self._changed:
            self.messages[thread].append(came)
            plan = self._plans[thread].pop(0) if self._plans[thread] else None
            self._changed.notify_all()
        return plan(asked, came.body) if plan else Reply(data=self.receipt(came.body, came.sha256))

    def _unfit(self, body: Body) -> str:
        """Why an installation would answer 4xx, empty if it would not."""
        if body["receiver"] != self.home.told():
            return f"{body['kind']} addressed to {body['receiver']}"
        try:
            contents.check(body["kind"], body["content"])
        except LienThongError as error:
            return f"{body['kind']}: {error.message('en')}"
        return ""

    def _document(self, asked: Asked) -> Reply:
        sha256 = asked.path.rpartition("/")[2]
        message = parse_qs(asked.target.partition("?")[2]).get("message", [""])[0]
        came = self._request(asked)
        with self._changed:
            self.pulls[sha256].append(came)
            plan = self._plans[sha256].pop(0) if self._plans[sha256] else None
            self._changed.notify_all()
        if came.fault:
            return Reply(status=401)
        if plan:
            return plan(asked, came.body)
        data = self.documents.get((sha256, message))
        return Reply(status=404) if data is None else ranged(data, asked.headers.get("range", ""))

    def _request(self, asked: Asked) -> Came:
        try:
            data = bodies.from_header(asked.headers.get("exchange-request", ""))
        except ValueError:
            return Came(asked=asked, body={}, sha256="", fault="Exchange-Request is no base64url")
        came = self._read(asked, data, "request")
        told = (came.body.get("method"), came.body.get("path"), came.body.get("sender"), came.body.get("receiver"))
        if not came.fault and told != (asked.method, asked.target, self.other.name, self.own.name):
            return Came(asked=asked, body=came.body, sha256="", fault=f"the request says {told}")
        return came

    def _read(self, asked: Asked, data: bytes, kind: Kind) -> Came:
        try:
            sealed = unseal(data, kind, self.other.key_of())
        except LienThongError as error:
            came = Came(asked=asked, body={}, sha256="", fault=f"{error.code}: {error.message('en')}")
            with self._changed:
                self.faulty.append(came)
            return came
        return Came(asked=asked, body=sealed.body, sha256=sealed.sha256)

    def receipt(self, body: Body, sha256: str, status: str = "", expected: int = 0) -> bytes:
        """True unless told otherwise."""
        seen = sum(came.body["message"] == body["message"] for came in self.messages[body["thread"]])
        return seal(self.own.signer, bodies.receipt(body, sha256, status or ("duplicate" if seen > 1 else "stored"),
                                                    expected or body["no"] + 1, bodies.instant()))

    def _anchor(self, asked: Asked) -> Reply:
        came = self._read(asked, asked.data, "anchor")
        if came.fault:
            return Reply(status=400)
        return Reply(data=seal(self.own.signer, bodies.anchor_receipt(came.body, came.sha256, self.own.name)))

    def _identity(self) -> bytes:
        return seal(self.own.signer, bodies.identity(self.own.name, "Bộ kiểm thử", self.own.signer.key_id))

    def _directory(self) -> bytes:
        return seal(self.own.signer, bodies.directory(self.home, bodies.named("Bộ kiểm thử", "Conformance kit")))

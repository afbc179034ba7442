"""A partner's desk at the line: what comes is checked, stored, answered with a receipt, and applied in order."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs

from api.agency import bodies
from api.agency.bodies import BASE, Address, Body
from api.agency.ledger import Arrived, Ledger
from api.agency.parties import Other, Own
from api.agency.serving import PROBLEM, Asked, Reply
from engine.errors import LienThongError
from engine.exchange import contents
from engine.exchange.envelope import Kind, instant_of, seal, unseal
from engine.timekeeper import now
from procedures.declaration import Text

LARGEST = 256 * 1024
MOST_HELD = 100
LARGEST_NO = 2**31 - 2
REQUESTS_DIFFER = timedelta(minutes=15)
# To what we handed over ourselves: this partner never hands anything over.
ANSWERS = ("registered", "refused", "recalled", "kept", "answered")
_DOCUMENT = re.compile(rf"{BASE}/documents/([0-9a-f]{{64}})")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Problem(Exception):
    """An answer of the table of errors."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail

    def reply(self) -> Reply:
        told = {"type": "about:blank", "title": self.code, "status": self.status, "code": self.code,
                "detail": self.detail}
        return Reply(status=self.status, data=json.dumps(told).encode(), media_type=PROBLEM)


@dataclass(kw_only=True)
class Partner:
    """`hosts`: the agencies of the other side. `after`: seconds until a person here takes up what came. `tell`: what
    happens, in both languages."""

    own: Own
    other: Other
    home: Address
    ledger: Ledger
    tell: Callable[[str, str], None]
    hosts: Callable[[], Collection[str]]
    after: float = 1.5
    title: Text = field(default_factory=lambda: Text(vi="Cơ quan mô phỏng", en="Simulated agency"))

    def answer(self, asked: Asked) -> Reply:
        try:
            return self._route(asked)
        except Problem as problem:
            self.tell(f"Từ chối: {problem.code} ({problem.detail})", f"Refused: {problem.code}")
            return problem.reply()

    def _route(self, asked: Asked) -> Reply:
        if asked.method == "POST" and asked.path == f"{BASE}/messages":
            return Reply(data=self.receive(asked.data))
        if asked.method == "POST" and asked.path == f"{BASE}/anchors":
            return Reply(data=self.keep(asked.data))
        if asked.method == "GET" and asked.path == f"{BASE}/identity":
            return Reply(data=self._identity())
        if asked.method == "GET" and asked.path == f"{BASE}/directory":
            self.check_request(asked)
            return Reply(data=self._directory())
        if asked.method == "GET" and (found := _DOCUMENT.fullmatch(asked.path)):
            self.check_request(asked)
            return self.serve(found[1], asked)
        raise Problem(404, "not_found", "no such thing")

    # messages

    def receive(self, data: bytes) -> bytes:
        """The receipt; raises Problem. Everything is on disk before the receipt is signed."""
        if len(data) > LARGEST:
            raise Problem(413, "too_large", f"{len(data)} bytes")
        body, digest = self.opened(data, "message")
        ids = [one["id"] for one in body["documents"]]
        if body["no"] > LARGEST_NO or len(set(ids)) != len(ids):
            raise Problem(400, "malformed", "no, or a document that is named twice")
        with self.ledger.together():
            self._check_parties(body)
            known = self._known(body, digest)
            if known is None:
                self._check_content(body)
                self.ledger.store(body["message"], body["thread"], body["no"], body["kind"], data, digest)
                self.tell(f"Nhận: {body['kind']} số {body['no']} của {body['thread']}",
                          f"Received: {body['kind']} no {body['no']} of {body['thread']}")
        receipt = self.receipt_for(body, digest, known)
        self.apply(body["thread"])
        return receipt

    def opened(self, data: bytes, kind: Kind) -> tuple[Body, str]:
        try:
            sealed = unseal(data, kind, self.other.key_of())
        except LienThongError as error:
            raise Problem(400 if error.code == "malformed" else 401, error.code, error.message("en")) from None
        return sealed.body, sealed.sha256

    def _check_parties(self, body: Body) -> None:
        sender, receiver = body["sender"], body["receiver"]
        if (receiver["installation"], receiver["agency"]) != (self.own.name, self.home.agency):
            raise Problem(403, "not_for_us", f"{receiver['installation']} {receiver['agency']}")
        if sender["installation"] != self.other.name or sender["agency"] not in self.hosts():
            raise Problem(403, "not_yours", sender["agency"])

    def _known(self, body: Body, digest: str) -> Arrived | None:
        same = self.ledger.by_message(body["message"])
        if same is not None and same.sha256 != digest:
            raise Problem(409, "other_content", "the message came with other bytes")
        if same is None and self.ledger.by_number(body["thread"], body["no"]) is not None:
            raise Problem(409, "other_content", "the number came with another message")
        return same

    def _check_content(self, body: Body) -> None:
        if body["receiver"]["unit"] != self.home.unit:
            raise Problem(422, "unknown_unit", f"{body['receiver']['agency']}/{body['receiver']['unit']}")
        if body["kind"] not in contents.KINDS:
            raise Problem(422, "unknown_kind", body["kind"])
        try:
            contents.check(body["kind"], body["content"])
        except LienThongError as error:
            raise Problem(422, "invalid", error.message("en")) from None
        if body["kind"] in ANSWERS:
            raise Problem(422, "unknown_handoff", str(body["content"]["handoff"]))
        expected = self.ledger.expected(body["thread"])
        if body["no"] > expected and self.ledger.held(body["thread"]) >= MOST_HELD:
            raise Problem(429, "too_many_held", f"{expected} is missing")

    def receipt_for(self, body: Body, digest: str, known: Arrived | None) -> bytes:
        expected = self.ledger.expected(body["thread"])
        status = "duplicate" if known is not None else "held" if body["no"] > expected else "stored"
        at = bodies.instant()
        if known is not None and known.receipt is not None:
            at = json.loads(known.receipt)["body"]["received_at"]
        signed = seal(self.own.signer, bodies.receipt(body, digest, status, expected, at))
        if known is None:
            self.ledger.signed(body["message"], signed)
        return signed

    def apply(self, thread: str) -> None:
        """What has come without a gap, in its order, once."""
        for arrived in self.ledger.applicable(thread):
            with self.ledger.together():
                self._apply(json.loads(arrived.data)["body"])
                self.ledger.applied(arrived.message)

    def _apply(self, body: Body) -> None:
        content = body["content"]
        match body["kind"]:
            case "handoff":
                self.ledger.open_task(content["handoff"], body["thread"], body, time.time() + self.after)
                for one in body["documents"]:
                    self.ledger.want(one["sha256"], body["message"], content["handoff"], one["size"])
            case "more_documents":
                for one in body["documents"]:
                    self.ledger.want(one["sha256"], body["message"], content["handoff"], one["size"])
                self.tell("Bên gửi gửi thêm tài liệu", "The sender sent further documents")
            case "recall":
                self._decide_recall(content)
            case "withdrawn":
                self.ledger.move_task(content["handoff"], "withdrawn")
                self.tell("Việc không cần làm nữa", "The work is not needed any more")
            case "progress":
                self.tell(f"{body['thread']}: {content['status_name']['vi']}",
                          f"{body['thread']}: {content['status_name']['en']}")
            case "resend_wanted":
                self.tell(f"Được đề nghị gửi lại: {content['reason']}", "Asked to send something anew")
            case _:
                pass

    def _decide_recall(self, content: Body) -> None:
        """Here, and nowhere else, it is decided whether the recall came in time."""
        task = self.ledger.task(content["handoff"])
        if task is None:
            return
        if task.state == "delivered":
            self.ledger.move_task(task.handoff, "recalled")
            self.queue(task.told, "recalled", {"handoff": task.handoff, "at": bodies.instant()})
            self.tell("Thu hồi trước khi ký nhận: đã trả", "Recalled before it was registered: given back")
        elif task.state in ("registered", "answered"):
            self.queue(task.told, "kept", {"handoff": task.handoff, "at": bodies.instant(), "by": self.person()})
            self.tell("Thu hồi sau khi ký nhận: giữ lại", "Recalled too late: kept")

    def person(self) -> Body:
        return {"name": "Lê Thị Mô Phỏng", "unit": bodies.named(self.title.vi, self.title.en)}

    def queue(self, told: Body, kind: str, content: Body, attached: Sequence[tuple[Body, bytes]] = ()) -> None:
        """An answer to what `told` brought, signed now and sent until it is receipted."""
        with self.ledger.together():
            no = self.ledger.next_no(told["thread"])
            body = bodies.message(self.home, Address(**told["sender"]), told["thread"], no, kind, content,
                                  documents=tuple(one for one, _ in attached))
            data = seal(self.own.signer, body)
            self.ledger.queue(body["message"], told["thread"], no, kind, data, hashlib.sha256(data).hexdigest())
            for one, content_of_it in attached:
                self.ledger.put(one["sha256"], body["message"], content_of_it)

    # what may be asked for

    def check_request(self, asked: Asked) -> None:
        header = asked.headers.get("exchange-request", "")
        try:
            data = bodies.from_header(header)
        except ValueError:
            raise Problem(400, "malformed", "Exchange-Request is no base64url") from None
        body, _ = self.opened(data, "request")
        if body["receiver"] != self.own.name:
            raise Problem(403, "not_for_us", body["receiver"])
        if body["sender"] != self.other.name:
            raise Problem(403, "not_yours", body["sender"])
        if (body["method"], body["path"]) != (asked.method, asked.target):
            raise Problem(401, "bad_signature", "the request is for something else")
        if abs(now() - instant_of(body["at"])) > REQUESTS_DIFFER:
            raise Problem(401, "bad_signature", "the request is old")

    def serve(self, sha256: str, asked: Asked) -> Reply:
        """Only what one of our messages to the other side names."""
        message = parse_qs(asked.target.partition("?")[2]).get("message", [""])[0]
        data = self.ledger.document(sha256, message)
        if data is None:
            raise Problem(404, "not_found", "no such document in a message to you")
        return ranged(data, asked.headers.get("range", ""))

    def _identity(self) -> bytes:
        return seal(self.own.signer, bodies.identity(self.own.name, self.title.vi, self.own.signer.key_id))

    def _directory(self) -> bytes:
        return seal(self.own.signer, bodies.directory(self.home, bodies.named(self.title.vi, self.title.en)))

    # anchors

    def keep(self, data: bytes) -> bytes:
        body, digest = self.opened(data, "anchor")
        if body["installation"] != self.other.name:
            raise Problem(403, "not_yours", body["installation"])
        with self.ledger.together():
            last = self.ledger.last_anchor()
            if kept := self.ledger.anchor_receipt(digest):
                return kept
            if last is not None and (body["no"], body["previous"]) != (last[0] + 1, last[1]):
                raise Problem(409, "other_content", "not the next anchor")
            receipt = seal(self.own.signer, bodies.anchor_receipt(body, digest, self.own.name))
            self.ledger.keep_anchor(body["no"], digest, data, receipt)
        return receipt


def ranged(data: bytes, wanted: str) -> Reply:
    """One range or all of it; 416 past the end."""
    found = _RANGE.fullmatch(wanted)
    if found is None:
        return Reply(data=data, media_type="application/octet-stream", headers={"accept-ranges": "bytes"})
    first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
    if first > last:
        return Reply(status=416, headers={"content-range": f"bytes */{len(data)}"})
    return Reply(status=206, data=data[first:last + 1], media_type="application/octet-stream",
                 headers={"content-range": f"bytes {first}-{last}/{len(data)}"})


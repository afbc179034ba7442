"""How a partner can behave: as it should, late, refusing, as if its machine were broken, or lying."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from uuid import uuid4

from api.agency import bodies
from api.agency.bodies import BASE, Address
from api.agency.parties import Own, stranger
from api.agency.partner import Partner
from api.agency.serving import Asked, Reply
from engine.exchange.envelope import seal

HANG = 30.0


class Manner(StrEnum):
    PROMPT = "prompt"
    SLOW = "slow"
    REFUSING = "refusing"
    BROKEN = "broken"
    LYING = "lying"


def answering(partner: Partner, manner: Manner) -> Callable[[Asked], Reply]:
    if manner is Manner.SLOW:
        return lambda asked: replace(partner.answer(asked), late=min(partner.after, HANG))
    if manner is Manner.BROKEN:
        return _broken(partner)
    if manner is Manner.LYING:
        return _lying(partner)
    return partner.answer


def _broken(partner: Partner) -> Callable[[Asked], Reply]:
    """Each fifth request is answered as it should be; before that, everything a broken machine does."""
    turns = itertools.cycle((
        ("Trả lỗi 500", "Answers 500", Reply(status=500, data=b"Internal Server Error", media_type="text/plain")),
        ("Trả 200 với nội dung rác", "Answers 200 with rubbish", Reply(data=b"<html>proxy</html>")),
        ("Im lặng", "Hangs", Reply(status=503, late=HANG)),
        ("Cắt kết nối giữa chừng", "Cuts the connection", None), None))

    def answer(asked: Asked) -> Reply:
        if asked.path == f"{BASE}/identity" or (turn := next(turns)) is None:
            return partner.answer(asked)
        vi, en, reply = turn
        partner.tell(f"{vi}: {asked.method} {asked.path}", en)
        # what was cut off had its effect: the same will be asked for again
        return reply or replace(partner.answer(asked), cut=True)

    return answer


def _lying(partner: Partner) -> Callable[[Asked], Reply]:
    """Each fourth receipt is true. Documents never are."""
    other = stranger(partner.own.name)
    turns = itertools.cycle((("Biên nhận cho nội dung khác", "A receipt over other bytes", _over_other_bytes),
                             ("Biên nhận ký bằng khóa lạ", "A receipt by a strange key",
                              lambda own, body: seal(other.signer, body)),
                             ("Biên nhận mang số khác", "A receipt with another number", _other_number), None))

    def answer(asked: Asked) -> Reply:
        reply = partner.answer(asked)
        if reply.status not in (200, 206):
            return reply
        if asked.path.startswith(f"{BASE}/documents/"):
            partner.tell("Gửi tệp với nội dung khác", "Serves a document with other bytes")
            return replace(reply, data=bytes(byte ^ 1 for byte in reply.data))
        if asked.path != f"{BASE}/messages" or (turn := next(turns)) is None:
            return reply
        vi, en, lie = turn
        partner.tell(vi, en)
        return replace(reply, data=lie(partner.own, json.loads(reply.data)["body"]))

    return answer


def _over_other_bytes(own: Own, body: bodies.Body) -> bytes:
    return seal(own.signer, body | {"envelope": hashlib.sha256(b"something else").hexdigest()})


def _other_number(own: Own, body: bodies.Body) -> bytes:
    return seal(own.signer, body | {"no": body["no"] + 1})


def lies(partner: Partner, receiver: Address) -> list[tuple[str, str, bytes]]:
    """Messages nobody asked for: an answer to a hand-off that never was, and a number far ahead."""
    thread = f"{partner.home.agency}-000000-0001"
    spoken = {"handoff": str(uuid4()), "by": partner.person(), "at": bodies.instant()}
    answered = bodies.message(partner.home, receiver, thread, 1, "answered", spoken | {
        "event": "approve", "verdict": "agree", "words": "Đồng ý.", "reason": ""})
    ahead = bodies.message(partner.home, receiver, thread, 9, "kept", spoken)
    return [("Trả lời điều không ai hỏi", "Answers what nobody asked", seal(partner.own.signer, answered)),
            ("Gửi số nhảy cách", "Sends a number far ahead", seal(partner.own.signer, ahead))]

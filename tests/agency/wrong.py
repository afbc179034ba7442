"""Partners that are wrong in one thing each. The kit must find exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from api.agency import bodies
from api.agency.bodies import Body
from api.agency.ledger import Arrived
from api.agency.partner import LARGEST, Partner, Problem, ranged
from api.agency.serving import Asked, Reply
from engine.exchange.envelope import Kind, seal


class TakesBadSignatures(Partner):
    """A bad signature is overlooked, as long as the bytes are in order."""

    def opened(self, data: bytes, kind: Kind) -> tuple[Body, str]:
        try:
            return super().opened(data, kind)
        except Problem as problem:
            if problem.code != "bad_signature" or kind != "message" or len(data) > LARGEST:
                raise
            return _unchecked(data)


class MakesNewReceipts(Partner):
    """A duplicate is receipted as if it had come now."""

    def receipt_for(self, body: Body, digest: str, known: Arrived | None) -> bytes:
        receipt = super().receipt_for(body, digest, known)
        if known is None:
            return receipt
        return seal(self.own.signer, json.loads(receipt)["body"] | {"received_at": bodies.instant()})


class AppliesOutOfOrder(Partner):
    """Nothing is held: what comes is applied, whatever its number."""

    def receipt_for(self, body: Body, digest: str, known: Arrived | None) -> bytes:
        told = json.loads(super().receipt_for(body, digest, known))["body"]
        status = "stored" if told["status"] == "held" else told["status"]
        return seal(self.own.signer, told | {"status": status, "expected": body["no"] + 1})


class TakesOtherContent(Partner):
    """Known by its id alone: other bytes under it are a duplicate to this one."""

    def _known(self, body: Body, digest: str) -> Arrived | None:
        return self.ledger.by_message(body["message"]) or super()._known(body, digest)


class ServesStrangers(Partner):
    """Whoever names a hash gets the document, if it is here."""

    def serve(self, sha256: str, asked: Asked) -> Reply:
        with suppress(Problem):
            return super().serve(sha256, asked)
        data = self.ledger.pulled(sha256)
        if data is None:
            raise Problem(404, "not_found", "")
        return ranged(data, asked.headers.get("range", ""))


class TakesOldRequests(Partner):
    """A signed request is good for ever."""

    def check_request(self, asked: Asked) -> None:
        try:
            super().check_request(asked)
        except Problem as problem:
            if problem.detail != "the request is old":
                raise


class OverlooksMembers(Partner):
    """What it does not know in the content of a message is left alone."""

    def _check_content(self, body: Body) -> None:
        known = {name: value for name, value in body["content"].items() if name != "urgent"}
        super()._check_content(body | {"content": known})


class PullsAgain(Partner):
    """Every document that is named is asked for, whether it is there or not."""

    def _apply(self, body: Body) -> None:
        super()._apply(body)
        for one in body["documents"]:
            self.ledger.got(one["sha256"], b"")


class NamesNoRange(Partner):
    """Gives the part that was asked for, and does not say which it is."""

    def serve(self, sha256: str, asked: Asked) -> Reply:
        return replace(super().serve(sha256, asked), headers={})


class GivesBackTwice(Partner):
    """Says twice that a recall came in time, in two messages."""

    def queue(self, told: Body, kind: str, content: Body, attached: Sequence[tuple[Body, bytes]] = ()) -> None:
        for _ in range(2 if kind == "recalled" else 1):
            super().queue(told, kind, content, attached)


class LeavesOutTheCode(Partner):
    """Registers without a code of its own."""

    def queue(self, told: Body, kind: str, content: Body, attached: Sequence[tuple[Body, bytes]] = ()) -> None:
        super().queue(told, kind, {name: value for name, value in content.items() if name != "code"}, attached)


class AnswersSilently(Partner):
    """An opinion without words."""

    def queue(self, told: Body, kind: str, content: Body, attached: Sequence[tuple[Body, bytes]] = ()) -> None:
        super().queue(told, kind, content | ({"words": ""} if kind == "answered" else {}), attached)


def _unchecked(data: bytes) -> tuple[Body, str]:
    told: dict[str, Any] = json.loads(data)["body"]
    return told, hashlib.sha256(data).hexdigest()

"""Five partners that are wrong in one thing each. The kit must find exactly that."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
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


def _unchecked(data: bytes) -> tuple[Body, str]:
    told: dict[str, Any] = json.loads(data)["body"]
    return told, hashlib.sha256(data).hexdigest()

"""Sends messages to another installation: signed and stored first, the same bytes in every try, until receipted."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import structlog

from engine import delivery
from engine.errors import LienThongError, NotPossibleHere, Unavailable
from engine.exchange import describing
from engine.exchange.canonical import decode
from engine.exchange.client import MESSAGES, Client, Rejected, Unreachable
from engine.exchange.envelope import Sealed, instant_of, seal, unseal, words_of
from engine.exchange.keys import signer
from engine.exchange.peers import key_of
from engine.office import Office
from storage import exchange, unanswered
from storage.exchange import Line, Queued

log = structlog.get_logger()

# Then a message signed with another of our keys may be taken.
OLD_KEY = frozenset({"unknown_key", "revoked_key"})


def send(office: Office, client: Client, line: Line, queued: Queued, now: datetime) -> str:
    """One message, one try: "sent", "held" (there, before one that is missing), "failed", "parked", or "superseded" by
    another sender, who holds a newer lease.

    Raises Unreachable when the line or the other side is away, Unavailable when the database is.
    """
    try:
        data = bytes(queued.envelope) if queued.envelope else _first(office, line, queued)
        if not queued.envelope and not exchange.seal(office.db, queued, data):
            return "superseded"
        receipt = _ask(office, client, line, queued, data)
    except Rejected as error:
        exchange.reached(office.db, line.id)
        return _failed(office, queued, error.reason, now)
    except Unreachable as error:
        if error.answered:
            exchange.later(office.db, queued, error.why)
        if unanswered.note(office.db, "outbox", queued.message_id, error.why, answered=error.answered):
            delivery.give_an_owner(office, queued.message_id, queued.dossier_id, error.why, now, "message_unanswered")
        raise
    except Unavailable:
        raise
    except LienThongError as error:
        return _failed(office, queued, error.code, now)
    except Exception as error:  # noqa: BLE001 - a message that cannot even be written must not hold up the line
        return _failed(office, queued, type(error).__name__, now)
    exchange.reached(office.db, line.id)
    return _receipted(office, queued, receipt, now)


def _first(office: Office, line: Line, queued: Queued) -> bytes:
    """The bytes of the message; kept before anybody sees them."""
    content, documents = describing.content_of(office, queued)
    ends = exchange.ends(office.db, queued)
    if ends is None:
        raise NotPossibleHere(event=queued.kind, event_en=queued.kind, where_vi="chưa biết đơn vị nhận",
                              where_en="no unit to receive it", possible="-", possible_en="-")
    body: dict[str, Any] = {
        "type": "message", "message": str(queued.message_id), "kind": queued.kind, "thread": queued.thread,
        "sender": {"installation": office.name, "agency": ends.sender, "unit": ends.sender_unit},
        "receiver": {"installation": line.name, "agency": ends.receiver, "unit": ends.receiver_unit},
        "no": queued.no, "created_at": words_of(queued.created_at), "content": content, "documents": documents,
    }
    return seal(signer(office), body)


def _ask(office: Office, client: Client, line: Line, queued: Queued, data: bytes) -> Sealed:
    """The receipt for these bytes, or for the same message signed with the key we have now."""
    try:
        return _receipt(office, line, queued, data, client.post(MESSAGES, data))
    except Rejected as error:
        told, own = decode(data), signer(office, anew=True)
        if error.reason not in OLD_KEY or told["key"] == own.key_id:
            raise
        renewed = seal(own, told["body"])
        exchange.seal(office.db, queued, renewed)
        return _receipt(office, line, queued, renewed, client.post(MESSAGES, renewed))


def _receipt(office: Office, line: Line, queued: Queued, data: bytes, answer: bytes) -> Sealed:
    """Anything but that peer's signed word about these very bytes is no answer."""
    try:
        receipt = unseal(answer, "receipt", key_of(office.db))
    except Unavailable:
        raise
    except LienThongError as error:
        raise Unreachable(line.name, f"no receipt: {error.code}", answered=True) from error
    expected = {"message": str(queued.message_id), "envelope": hashlib.sha256(data).hexdigest(), "sender": line.name,
                "receiver": office.name, "thread": queued.thread, "no": queued.no}
    wrong = [name for name, value in expected.items() if receipt.body[name] != value]
    if receipt.key.peer_id != line.id or wrong or receipt.body["expected"] is None:
        raise Unreachable(line.name, f"a receipt for something else: {', '.join(wrong) or 'key'}", answered=True)
    return receipt


def _receipted(office: Office, queued: Queued, receipt: Sealed, now: datetime) -> str:
    if queued.kind == "handoff":
        try:
            received_at = instant_of(receipt.body["received_at"])
            delivery.receive(office, queued.receiver, queued.payload, now, received_at)
        except NotPossibleHere:
            pass  # delivered in an earlier try, or closed here meanwhile: the receipt holds all the same
        except Unavailable:
            raise
        except LienThongError as error:
            exchange.later(office.db, queued, error.code)
            return "failed"
    # also of one whose first receipt was lost, which is a duplicate by now
    held = receipt.body["expected"] < queued.no
    if not exchange.sent(office.db, queued, receipt.data, receipt.body["expected"] if held else None):
        return "superseded"
    log.info("message_sent", peer=queued.peer_id, thread=queued.thread, no=queued.no, kind=queued.kind,
             status=receipt.body["status"])
    return "held" if held else "sent"


def _failed(office: Office, queued: Queued, why: str, now: datetime) -> str:
    parked = exchange.rejected(office.db, queued, why)
    log.warning("message_rejected", peer=queued.peer_id, message=str(queued.message_id), kind=queued.kind,
                attempt=queued.attempts, why=why, parked=parked)
    if parked:
        delivery.give_an_owner(office, queued.message_id, queued.dossier_id, why, now)
    return "parked" if parked else "failed"

"""Carries hand-offs from the outbox to the receiving desk: at least once sent, exactly once effective, in order per dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from engine.casework import handoffs
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order, Particulars
from engine.errors import LienThongError, NotPossibleHere
from engine.office import Office
from storage import outbox
from storage.outbox import Message

log = structlog.get_logger()


@dataclass(slots=True)
class Tally:
    """What one drain did."""

    delivered: int = 0
    repeated: int = 0
    failed: int = 0

    @property
    def seen(self) -> int:
        return self.delivered + self.repeated + self.failed

    def __iadd__(self, other: Tally) -> Tally:
        self.delivered += other.delivered
        self.repeated += other.repeated
        self.failed += other.failed
        return self


def drain(office: Office, now: datetime, *, batch: int = 200) -> Tally:
    """Delivers everything that is due. May run anywhere, any number of times at once."""
    total = Tally()
    while messages := outbox.claim(office.db, batch):
        for message in messages:
            total += deliver(office, message, now)
    return total


def deliver(office: Office, message: Message, now: datetime) -> Tally:
    """One message. A failure keeps the row, to be tried again later; the others are not held up."""
    try:
        receive(office, message.receiver, message.payload, now)
    except NotPossibleHere:
        outbox.sent(office.db, message)
        return Tally(repeated=1)
    except LienThongError as error:
        outbox.failed(office.db, message, error.code)
        log.warning("delivery_failed", message=str(message.message_id), attempt=message.attempts, why=error.code)
        return Tally(failed=1)
    outbox.sent(office.db, message)
    return Tally(delivered=1)


def receive(office: Office, receiver: str, payload: dict[str, Any], now: datetime) -> None:
    """The receiving side, for an agency of this installation: the technical receipt is the commit.

    Raises NotPossibleHere when the hand-off was delivered before, or recalled meanwhile.
    """
    order = Order(code=payload["code"], event="deliver", actor=MACHINE,
                  particulars=Particulars(handoff=UUID(payload["handoff"])))
    transact(office, order, handoffs.deliver, now)
    log.info("handoff_delivered", code=payload["code"], receiver=receiver)

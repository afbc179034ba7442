"""Carries hand-offs from the outbox to the receiving desk: sent at least once, effective once, in order per dossier."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from engine.bundles import advance
from engine.casework import linking, parking
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order, Particulars
from engine.casework.parking import Stopped
from engine.errors import LienThongError, NotPossibleHere
from engine.office import Office
from storage import dossiers, outbox
from storage.outbox import Message
from storage.tables.links import Way

log = structlog.get_logger()

# Few enough to be carried within a fraction of their lease, enough to make the claim cheap.
BATCH = 25


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


def never() -> bool:
    return False


def drain(office: Office, now: datetime, *, batch: int = BATCH, enough: Callable[[], bool] = never) -> Tally:
    """Delivers what is due until nothing is, or `enough` says so. May run anywhere, any number of times at once."""
    total = Tally()
    while not enough() and (messages := outbox.claim(office.db, batch)):
        until = time.monotonic() + outbox.LEASE_SECONDS / 2
        for place, message in enumerate(messages):
            if enough() or time.monotonic() > until:
                outbox.release(office.db, messages[place:])
                break
            total += deliver(office, message, now)
    return total


def deliver(office: Office, message: Message, now: datetime) -> Tally:
    """One message. A failure keeps the row, to be tried again later; the others are not held up.

    Raises Unavailable when the database is away: then nobody's message can go.
    """
    try:
        _carry(office, message, now)
    except NotPossibleHere as error:
        if not outbox.received(office.db, message):
            return _failed(office, message, error.code, now)
        outbox.sent(office.db, message)
        return Tally(repeated=1)
    except LienThongError as error:
        return _failed(office, message, error.code, now)
    except Exception as error:  # noqa: BLE001 - whatever a message breaks, the others must go on
        return _failed(office, message, type(error).__name__, now)
    outbox.sent(office.db, message)
    return Tally(delivered=1)


def _carry(office: Office, message: Message, now: datetime) -> None:
    if message.kind == "bundle":
        # how a part stands has changed: what follows for the others is done here, however often it is delivered
        advance.advance(office, message.payload["bundle"], now)
    elif message.reach != Way.PAPER:  # that goes on its way when somebody prints the slip
        receive(office, message.receiver, message.payload, now)


def receive(office: Office, receiver: str, payload: dict[str, Any], now: datetime,
            received_at: datetime | None = None) -> None:
    """The receiving side, for an agency of this installation: the technical receipt is the commit.

    `received_at`: as the receipt of another installation says.

    Raises NotPossibleHere when the hand-off was delivered before, or recalled meanwhile.
    """
    order = Order(code=payload["code"], event="deliver", actor=MACHINE,
                  particulars=Particulars(handoff=UUID(payload["handoff"])))
    transact(office, order, partial(linking.deliver, received_at=received_at), now)
    log.info("handoff_delivered", code=payload["code"], receiver=receiver)


def _failed(office: Office, message: Message, why: str, now: datetime) -> Tally:
    parked = outbox.failed(office.db, message, why)
    log.warning("delivery_failed", message=str(message.message_id), attempt=message.attempts, why=why, parked=parked)
    if parked:
        give_an_owner(office, message.message_id, message.dossier_id, why, now)
    return Tally(failed=1)


def give_an_owner(office: Office, message: UUID, dossier: int, why: str, now: datetime,
                  kind: str = "message_parked") -> None:
    """Of a message that is parked, or never answered: the unit that sent it."""
    told = {"handoff": str(message), "why": why}
    parking.give_an_owner(office, dossiers.code_of(office.db, dossier),
                          Stopped(about=message, why=why, told=told, kind=kind), now)

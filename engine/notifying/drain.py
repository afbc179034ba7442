"""Sends what is due: at least once, each under one id, tried again after growing pauses, parked with its owner."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock
from typing import Any
from uuid import UUID

import structlog

from engine.casework.messages import OVERDUE, SPACE
from engine.clocks.zone import ZONE
from engine.notifying import channels
from engine.notifying.channels import Letter, NotSent
from engine.notifying.kinds import AGENCIES, KINDS, wording
from engine.notifying.quiet import awake, minutes
from engine.office import Office
from engine.settings import Settings, settings
from storage import links, messages
from storage.messages import Message
from storage.tables.desk import Channel

log = structlog.get_logger()

# A partner that answers nothing takes fifteen seconds a message.
BATCH = 10
# Overdue work is told once a day, from this hour on.
DIGEST_FROM = 7


@dataclass(slots=True)
class Tally:
    """What one drain did. `parked` counts those no channel is set up for, too; `waiting`: put off by quiet hours."""

    sent: int = 0
    failed: int = 0
    parked: int = 0
    waiting: int = 0

    def __iadd__(self, other: Tally) -> Tally:
        self.sent += other.sent
        self.failed += other.failed
        self.parked += other.parked
        self.waiting += other.waiting
        return self


def never() -> bool:
    return False


def drain(office: Office, now: datetime, *, batch: int = BATCH, enough: Callable[[], bool] = never,
          chosen: Settings | None = None) -> Tally:
    """Until nothing is due, or `enough` says so. May run anywhere, any number of times at once."""
    told, total = chosen or settings(), Tally()
    ways = channels.configured(told)
    while not enough() and (claimed := messages.claim(office.db, now, batch)):
        until = time.monotonic() + messages.LEASE_SECONDS / 2
        for place, message in enumerate(claimed):
            if enough() or time.monotonic() > until:
                messages.release(office.db, claimed[place:])
                break
            total += _see_to(office, message, now, ways, told)
    return total


def _see_to(office: Office, message: Message, now: datetime, ways: Mapping[str, str], told: Settings) -> Tally:
    """One message; whatever it breaks, the others go on. Raises Unavailable when the database is away."""
    if message.channel not in ways or message.kind not in KINDS:
        why = channels.NO_CHANNEL if message.channel not in ways else "unknown_kind"
        messages.park(office.db, message, why, now)
        return Tally(parked=1)
    later = _not_before(message, now, told)
    if later > now:
        messages.put_off(office.db, message, later)
        return Tally(waiting=1)
    try:
        data = _with_link(office, message, now, told) if message.kind in AGENCIES else message.data
        subject, body = wording(message.kind, message.channel, message.language, data)
        channels.send(ways[message.channel], Letter(id=message.id, channel=message.channel, address=message.address,
                                                    subject=subject, body=body))
    except NotSent as refusal:
        return _failed(office, message, str(refusal), now)
    except Exception as error:  # noqa: BLE001 - a partner's library may break in any way
        return _failed(office, message, type(error).__name__, now)
    messages.sent(office.db, message, now)
    return Tally(sent=1)


def _with_link(office: Office, message: Message, now: datetime, told: Settings) -> dict[str, Any]:
    """The key is made as it is sent: nobody can read it here, neither before nor after."""
    key = links.mint(office.db, UUID(message.data["handoff"]), message.id, now)
    if key is None:
        raise NotSent("replaced")
    return {**message.data, "link": f"{told.address}/answer/{key}"}


def _failed(office: Office, message: Message, why: str, now: datetime) -> Tally:
    parked = messages.failed(office.db, message, why, now)
    log.warning("notice_not_sent", message=str(message.id), channel=message.channel, attempt=message.attempts, why=why,
                parked=parked)
    return Tally(failed=1, parked=int(parked))


def _not_before(message: Message, now: datetime, told: Settings) -> datetime:
    """Colleagues choose their quiet hours; a webhook disturbs nobody, nor does a mail to an office."""
    if message.channel == Channel.WEBHOOK or message.kind in AGENCIES:
        return now
    if message.person_id is None:
        return awake(now, minutes(told.quiet_from), minutes(told.quiet_until))
    if message.quiet_from is None or message.quiet_until is None:
        return now
    return awake(now, message.quiet_from, message.quiet_until)


def tell_overdue(office: Office, now: datetime) -> int:
    """Queues the day's digest of overdue work for everybody who wants it; again the same day, nothing.

    It goes through all open work of everybody, and this is asked whenever anything is to be sent: hence once a day.
    """
    local = now.astimezone(ZONE)
    if local.hour < DIGEST_FROM:
        return 0
    today = local.date()
    if messages.queued_since(office.db, OVERDUE, datetime.combine(today, clock(), ZONE)):
        return 0
    rows = messages.late(office.db, now, today)
    messages.queue(office.db, [
        (uuid.uuid5(SPACE, f"{OVERDUE}.{today}.{row.person_id}.{row.channel}"), row,
         {"many": row.many, "codes": row.codes}) for row in rows], OVERDUE, now)
    return len(rows)

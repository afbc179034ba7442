"""One look at everything the dispatcher may have to see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import anchors, exchange, messages, outbox, portal, recomputing, timers
from storage.session import Database

# A fresh scan is handed to the store by whoever took it in; only what stayed behind is somebody else's business.
LOOK = f"""
select exists (select from outbox o where {outbox.READY}) as messages,
  exists (select from timer t where {timers.READY})
    or exists (select from bundle b where b.gather_until <= %s and b.closed_at is null) as alarms,
  exists (select from courier_run r where r.state = 'planned' and r.depart_at <= %s)
    or exists (select from transfer t where t.settled_at is null and t.rung_at is null and t.due_at <= %s) as manifests,
  exists (select from document f where f.state = 'pending' and f.added_at <= %s - interval '1 minute') as scans,
  ({recomputing.UNFINISHED}) as calendars,
  exists (select from message m where {messages.READY}) as notices,
  ({exchange.PULLS} or {exchange.ARRIVALS}) as exchange, {exchange.OUTGOING} as outgoing,
  exists (select from portal_item i where {portal.READY}) as portal,
  {anchors.DUE} as anchors"""


@dataclass(frozen=True, slots=True)
class Due:
    messages: bool
    alarms: bool
    manifests: bool
    scans: bool
    calendars: bool
    notices: bool
    exchange: bool
    outgoing: bool
    portal: bool
    anchors: bool


def look(db: Database, now: datetime) -> Due:
    found = db.one(Due, LOOK, (now, now, now, now, now, now, now, now, now, now))
    assert found is not None
    return found

"""Gives messages of other installations their effect: each lane in order, each message once; or a person must look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from engine.casework import parking
from engine.casework.parking import Stopped
from engine.delivery import never
from engine.errors import LienThongError, Unavailable
from engine.exchange import applying
from engine.exchange.canonical import decode
from engine.exchange.lanes import NotYet
from engine.office import Office
from storage import arrivals, events
from storage.arrivals import Arrived

log = structlog.get_logger()

BATCH = 5
# A document that an effect waits for is usually on its way already.
AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Applier:
    """Gives stored messages their effect, each lane in order. `clock`: the instant of each effect."""

    office: Office
    clock: Callable[[], datetime]

    def drain(self, enough: Callable[[], bool] = never) -> Counter[str]:
        """Until nothing is due. May run anywhere, any number of times at once. Raises Unavailable."""
        total: Counter[str] = Counter()
        while not enough() and (batch := arrivals.arrivals(self.office.db, BATCH)):
            for place, arrived in enumerate(batch):
                if enough():
                    arrivals.not_yet(self.office.db, batch[place:], 0)
                    break
                total[self.apply(arrived)] += 1
        return total

    def apply(self, arrived: Arrived) -> str:
        """One message. What it breaks must not hold up the other lanes."""
        office, now = self.office, self.clock()
        try:
            applying.apply(office, arrived, decode(bytes(arrived.envelope))["body"], now)
        except NotYet:
            arrivals.not_yet(office.db, [arrived], AGAIN)
            return "waiting"
        except Unavailable:
            arrivals.not_yet(office.db, [arrived], AGAIN)
            raise
        except LienThongError as error:
            return self._failed(arrived, error.code, now)
        except Exception as error:  # noqa: BLE001 - whatever a message breaks, the others must go on
            return self._failed(arrived, type(error).__name__, now)
        log.info("message_applied", peer=arrived.peer_id, thread=arrived.thread, no=arrived.no, kind=arrived.kind)
        return "applied"

    def _failed(self, arrived: Arrived, why: str, now: datetime) -> str:
        parked = arrivals.not_applied(self.office.db, arrived, why)
        log.warning("message_not_applied", peer=arrived.peer_id, message=str(arrived.message_id), kind=arrived.kind,
                    attempt=arrived.attempts, why=why, parked=parked)
        if parked:
            _give_an_owner(self.office, arrived, why, now)
        return "parked" if parked else "failed"


def _give_an_owner(office: Office, arrived: Arrived, why: str, now: datetime) -> None:
    """An incident of the addressed unit; of what is about no dossier of ours the event log tells the management."""
    addressed = decode(bytes(arrived.envelope))["body"]["receiver"]
    told = {"message": str(arrived.message_id), "kind": arrived.kind, "why": why,
            "unit": f"{addressed['agency']}/{addressed['unit']}"}
    code = arrivals.dossier_of(office.db, arrived.peer_id, arrived.thread)
    stopped = Stopped(about=arrived.message_id, why=f"{arrived.kind} {why}", told=told, place=addressed)
    if code is None or not parking.give_an_owner(office, code, stopped, now):
        events.append(office.db, "message_parked", None, now,
                      {**told, "peer": arrived.peer_id, "thread": arrived.thread})

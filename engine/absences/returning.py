"""What people had taken on goes back when they have the post no more: an absence is over, or somebody has left."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog

from engine.absences import register
from engine.casework import returning
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order
from engine.clocks.zone import ZONE
from engine.errors import LienThongError, Unavailable
from engine.office import Office
from storage import absences as kept

log = structlog.get_logger()


def keep(office: Office, now: datetime) -> Counter[str]:
    """Brings what is lent up to date, then gives back what nobody holds rightly. As often as one likes."""
    return Counter(renewed=int(register.renew(office, now)), given_back=give_back(office, now))


def give_back(office: Office, now: datetime) -> int:
    """How many pieces of work went back. One that fails is told and tried again the next time."""
    done = 0
    for lost in kept.lost_claims(office.db, now.astimezone(ZONE).date()):
        order = Order(code=lost.code, event="give_back", actor=MACHINE)
        try:
            transact(office, order, returning.give_back(lost.no, owner=lost.owner, back_to=lost.back_to), now)
            done += 1
        except returning.NotLost:
            continue
        except Unavailable:
            raise
        except LienThongError as error:
            log.warning("work_not_given_back", code=lost.code, item=lost.no, why=error.code)
    return done

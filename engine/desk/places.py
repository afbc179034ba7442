"""Units, states and people as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from engine.casework import consulting
from engine.casework.mirrors import TASK
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.states.procedure import Procedure
from procedures.declaration import Text


class Lateness(StrEnum):
    """Of a due date: SOON is before the end of the next working day; NOT_COUNTED: no clock runs."""

    OVERDUE = "overdue"
    SOON = "soon"
    ON_TIME = "on_time"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitRef:
    id: int
    name: Text
    agency: str
    agency_name: Text


def unit_ref(catalogue: Catalogue, unit_id: int) -> UnitRef:
    return _shown(catalogue.units[unit_id])


@lru_cache(maxsize=4096)
def _shown(unit: UnitInfo) -> UnitRef:
    return UnitRef(id=unit.id, name=Text(vi=unit.name_vi, en=unit.name_en), agency=unit.agency,
                   agency_name=Text(vi=unit.agency_vi, en=unit.agency_en))


# What another installation masters is not returned to a citizen from here, nor stopped.
_OVER = {
    "returned": Text(vi="Đã kết thúc", en="Ended"),
    "stopped": Text(vi="Đã kết thúc, không trả lời", en="Ended without an answer"),
}


def state_name(procedure: Procedure, state: str) -> Text:
    info = procedure.states.get(state)
    if info is None and state.startswith(consulting.PREFIX):
        return Text(vi="Cho ý kiến (ngoài quy trình)", en="Give an opinion (beyond the procedure)")
    if procedure.key == TASK and state in _OVER:
        return _OVER[state]
    return info.name if info else Text(vi=state, en=state)


def places_shown(procedure: Procedure, states: Sequence[str]) -> list[str]:
    """States somebody would name: finished branches of a consultation are left out while others work."""
    shown = [state for state in states if procedure.states[state].party is not None]
    return shown or [state for state in states if procedure.states[state].branch_of is None] or list(states)


def day_of(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def lateness(due: datetime | None, now: datetime, soon: datetime) -> Lateness:
    if due is None:
        return Lateness.NOT_COUNTED
    if due < now:
        return Lateness.OVERDUE
    return Lateness.SOON if due < soon else Lateness.ON_TIME


def standing(state: str, reach: str, way: str | None, mail: tuple[object, object]) -> str:
    """How a hand-off stands, as it is shown: its state, and for a receiver without the system what really left here.

    `way`: by mail or paper, once a link or slip was made; `mail`: when its newest mail was sent, and parked.
    """
    asked = reach if state == "pending" else way if state == "delivered" else None
    if asked == "mail":
        return "mail_parked" if mail[1] else "mailed" if mail[0] else "mailing"
    if asked == "paper":
        return "to_print" if state == "pending" else "printed"
    return state

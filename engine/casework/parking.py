"""What does not go on has an owner: one incident of the unit that must see to it, as long as the trouble comes back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from engine.casework.act import Decide, transact
from engine.casework.decision import Decision
from engine.casework.orders import MACHINE, Order
from engine.catalogue import Catalogue
from engine.office import Office
from storage import custody
from storage.dossiers import Loaded
from storage.session import Also

log = structlog.get_logger()

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """`about`: the message or document. `why`: as the incident keeps it behind that id; `told`: as the entry does.

    `place`: whose it is, {"agency", "unit"}; without one, of who sent the hand-off of that id, or took the dossier in.
    """

    about: UUID
    why: str
    told: Row
    kind: str = "message_parked"
    place: Row | None = None

    @property
    def detail(self) -> str:
        return f"{self.about} {self.why}"


def give_an_owner(office: Office, code: str, stopped: Stopped, now: datetime) -> bool:
    """Whatever it stops for the next time it is the same trouble: its incident goes on, or is opened again.

    False when the dossier itself cannot be acted on.
    """
    known = custody.about(office.db, code, stopped.kind, stopped.about)
    if known is None:
        return open_as(office, code, uuid.uuid5(stopped.about, stopped.kind), stopped, now)
    if known.open and known.detail == stopped.detail:
        return True
    return _recorded(office, code, _parked(None, stopped), now, partial(custody.reopen, incident=known.id))


def open_as(office: Office, code: str, incident: UUID, stopped: Stopped, now: datetime) -> bool:
    """Once, however many do it at the same moment: `incident` is its id. False as above."""
    return (_recorded(office, code, _parked(incident, stopped), now)
            or custody.reported(office.db, incident))


def _recorded(office: Office, code: str, decide: Decide, now: datetime, also: Also | None = None) -> bool:
    try:
        transact(office, Order(code=code, event="park_message", actor=MACHINE), decide, now, also=also)
    except Exception as error:  # noqa: BLE001 - it may be the dossier itself that cannot be acted on
        log.error("parked_without_owner", code=code, why=type(error).__name__)
        return False
    return True


def _parked(incident: UUID | None, stopped: Stopped) -> Decide:
    """`incident`: of a new one."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        if incident is not None:
            decision.add("incident", {
                "id": str(incident), "kind": stopped.kind, "dossier_id": loaded.id, "run_id": None,
                "unit_id": _owner(decision, stopped), "opened_at": decision.stamp, "detail": stopped.detail})
        decision.audit(order.event, unit=None, details=stopped.told)
        return decision

    return decide


def _owner(decision: Decision, stopped: Stopped) -> int:
    loaded = decision.loaded
    if stopped.place is not None:
        unit = decision.catalogue.unit_at(stopped.place["agency"], stopped.place["unit"])
        return unit.id if unit is not None else loaded.intake_unit_id
    sent = (row["from_unit_id"] for row in loaded.handoffs if row["id"] == str(stopped.about))
    return next(sent, loaded.intake_unit_id)

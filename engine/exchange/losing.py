"""A document that a message of ours promised and nobody here can give any more: whoever sent it is told, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog

from engine.casework.act import Decide, transact
from engine.casework.decision import Decision
from engine.casework.orders import MACHINE, Order
from engine.catalogue import Catalogue
from engine.desk.troubles import LOST
from engine.office import Office
from storage import custody, threads
from storage.dossiers import Loaded

log = structlog.get_logger()

Row = dict[str, Any]


def tell(office: Office, peer_id: int, body: Row, document: Row, why: str, now: datetime) -> None:
    """An incident of the unit that sent it. `body`: of the message to that peer which names the `document`.

    However often they ask, there is one: who closed it has done what could be done.
    """
    incident = uuid5(UUID(body["message"]), document["sha256"])
    code = threads.told_by(office.db, peer_id, body["message"])
    if code is None or custody.reported(office.db, incident):
        return
    told = {"document": document["id"], "message": body["message"], "why": why}
    try:
        transact(office, Order(code=code, event="park_message", actor=MACHINE),
                 _lost(incident, body["sender"], f"{document['id']} {document['name']}: {why}", told), now)
    except Exception as error:  # noqa: BLE001 - it may be the dossier itself that cannot be acted on
        if not custody.reported(office.db, incident):  # else two asked at once
            log.error("lost_without_owner", code=code, document=document["id"], why=type(error).__name__)


def _lost(incident: UUID, sender: Row, detail: str, told: Row) -> Decide:
    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        unit = catalogue.unit_at(sender["agency"], sender["unit"])
        decision.add("incident", {
            "id": str(incident), "kind": LOST, "dossier_id": loaded.id, "run_id": None,
            "unit_id": unit.id if unit else loaded.intake_unit_id, "opened_at": decision.stamp, "detail": detail})
        decision.audit("park_message", unit=None, details=told)
        return decision

    return decide

"""A document that a message of ours promised and nobody here can give any more: whoever sent it is told, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from engine.casework import parking
from engine.casework.parking import Stopped
from engine.desk.troubles import LOST
from engine.office import Office
from storage import custody, threads

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
    parking.open_as(office, code, incident, Stopped(
        about=UUID(document["id"]), why=f"{document['name']}: {why}", told=told, kind=LOST, place=body["sender"]), now)

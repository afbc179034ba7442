"""An incident is closed by the unit that owns it, with a reason; who and when stands in the record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine.casework import custody
from engine.casework.act import transact
from engine.casework.orders import Actor, Order, Particulars, check_words
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.office import Office
from storage import custody as rows
from storage import events


def close(office: Office, wanted: UUID, actor: Actor, why: str, now: datetime, key: str | None = None) -> None:
    """By its owner, with a reason. Raises NotFound for an incident that is closed, or another unit's."""
    found = rows.incident(office.db, wanted, actor.id, now.astimezone(ZONE).date())
    if found is None or not found.own:
        raise NotFound(what="sự việc", what_en="the incident")
    told = Particulars(reason=why)
    if found.code is not None:
        order = Order(code=found.code, event="close_incident", actor=actor, key=key, particulars=told)
        transact(office, order, custody.closing({"id": str(found.id), "kind": found.kind, "detail": found.detail,
                                                 "unit_id": found.unit_id}), now)
        return
    check_words(told, reason=True)
    if rows.close(office.db, found.id, actor.id, now, why):
        events.append(office.db, "incident_closed", actor.id, now,
                      {"incident": str(found.id), "kind": found.kind, "detail": found.detail, "why": why})

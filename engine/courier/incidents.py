"""An incident is closed by the unit that owns it, with a reason; who and when stands in the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from engine.casework import custody
from engine.casework.act import transact
from engine.casework.orders import Actor, Order, Particulars, check_words
from engine.clocks.zone import ZONE
from engine.errors import Conflict, NotFound
from engine.office import Office
from storage import custody as rows
from storage import events, linewatch
from storage.session import Also


class StillStuck(Conflict):
    code = "still_stuck"
    vi = "Chưa khép được vì việc này vẫn đang dừng: hãy {first} trước, rồi mới khép."
    en = "It cannot be closed while this is still stuck: {first_en} first, then close it."


def close(office: Office, wanted: UUID, actor: Actor, why: str, now: datetime, key: str | None = None) -> None:
    """By its owner, with a reason. Raises NotFound for an incident that is closed, or another unit's, StillStuck."""
    found = rows.incident(office.db, wanted, actor.id, now.astimezone(ZONE).date())
    if found is None or not found.own:
        raise NotFound(what="sự việc", what_en="the incident")
    told = Particulars(reason=why)
    if found.code is not None:
        order = Order(code=found.code, event="close_incident", actor=actor, key=key, particulars=told)
        transact(office, order, custody.closing({"id": str(found.id), "kind": found.kind, "detail": found.detail,
                                                 "unit_id": found.unit_id}), now, also=_gone_on(found.message))
        return
    check_words(told, reason=True)
    if rows.close(office.db, found.id, actor.id, now, why):
        events.append(office.db, "incident_closed", actor.id, now,
                      {"incident": str(found.id), "kind": found.kind, "detail": found.detail, "why": why})


def _gone_on(message: UUID | None) -> Also | None:
    """Closed, its incident would leave what is stuck to nobody: what stops meanwhile does so before or after it."""

    def check(connection: Connection[tuple[Any, ...]]) -> None:
        way = linewatch.way_of_stuck(connection, message)
        if way in ("incoming", "document"):
            raise StillStuck(first="Làm lại hoặc Bỏ qua", first_en="try again, or go without it,")
        if way is not None:
            raise StillStuck(first="Gửi lại", first_en="try again")

    return check if message is not None else None

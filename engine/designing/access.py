"""Who may look at procedures as they are made, and who may change them."""

from __future__ import annotations

from datetime import datetime

from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing.drafts import READERS, NotAdministrator, may_write
from engine.errors import NotFound
from engine.office import Office
from storage import drafts as rows


def must_write(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotAdministrator."""
    if not may_write(office, actor, now):
        raise NotAdministrator


def must_read(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotFound for whoever is neither administrator nor head, manager or auditor today."""
    if not rows.holds(office.db, actor.id, list(READERS), now.astimezone(ZONE).date()):
        raise NotFound(what="danh mục thủ tục", what_en="list of procedures")

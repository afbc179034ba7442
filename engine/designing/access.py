"""Who may look at procedures as they are made, and who may change them."""

from __future__ import annotations

from datetime import datetime

from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import WrongRole
from engine.office import Office
from procedures.words import Role
from storage import versions

EDITORS = frozenset({Role.ADMINISTRATOR})
READERS = EDITORS | {Role.HEAD, Role.MANAGER, Role.AUDITOR}


def must_edit(office: Office, actor: Actor, now: datetime) -> None:
    """Raises WrongRole for whoever is no administrator today."""
    _must_be(office, actor, now, EDITORS)


def must_read(office: Office, actor: Actor, now: datetime) -> None:
    """Raises WrongRole for whoever is neither administrator nor head, manager or auditor today."""
    _must_be(office, actor, now, READERS)


def _must_be(office: Office, actor: Actor, now: datetime, roles: frozenset[Role]) -> None:
    if roles.isdisjoint(versions.roles_of(office.db, actor.id, now.astimezone(ZONE).date())):
        only = roles == EDITORS
        raise WrongRole(event="soạn và công bố thủ tục" if only else "xem thủ tục đang soạn",
                        event_en="write and publish procedures" if only else "look at procedures being written",
                        who_vi="quản trị" if only else "quản trị, lãnh đạo, phụ trách, kiểm tra",
                        who_en="administrators" if only else "administrators, heads, managers and auditors")

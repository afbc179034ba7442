"""Who may look at procedures as they are made, and who may write, try and publish them and move dossiers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Forbidden, NotFound
from engine.office import Office
from procedures.words import Role
from storage import drafts

WRITERS = (Role.ADMINISTRATOR,)
READERS = (Role.ADMINISTRATOR, Role.HEAD, Role.MANAGER, Role.AUDITOR)
MENDERS = (Role.ADMINISTRATOR, Role.MANAGER)
WATCHERS = (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR)


class NotAdministrator(Forbidden):
    code = "not_administrator"
    vi = "Chỉ người giữ vai trò quản trị được soạn, diễn tập thủ tục và chuyển hồ sơ sang phiên bản khác."
    en = "Only administrators may write and try procedures and move dossiers to another version."


class NotMender(Forbidden):
    code = "not_mender"
    vi = "Chỉ người giữ vai trò quản trị hoặc quản lý được cho gửi lại."
    en = "Only administrators and managers may start this anew."


def may_write(office: Office, actor: Actor, now: datetime) -> bool:
    return _holds(office, actor, WRITERS, now)


def may_mend(office: Office, actor: Actor, now: datetime) -> bool:
    return _holds(office, actor, MENDERS, now)


def must_mend(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotMender."""
    if not may_mend(office, actor, now):
        raise NotMender


def may_read(office: Office, actor: Actor, now: datetime) -> bool:
    return _holds(office, actor, READERS, now)


def must_write(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotAdministrator."""
    if not may_write(office, actor, now):
        raise NotAdministrator


def must_read(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotFound for whoever is neither administrator nor head, manager or auditor today."""
    if not may_read(office, actor, now):
        raise NotFound(what="danh mục thủ tục", what_en="list of procedures")


def must_watch(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotFound for whoever does not answer for the system running."""
    if not _holds(office, actor, WATCHERS, now):
        raise NotFound(what="trang theo dõi vận hành này", what_en="page for those who watch over the system")


def may_audit(office: Office, actor: Actor, now: datetime) -> bool:
    return _holds(office, actor, (Role.AUDITOR,), now)


def _holds(office: Office, actor: Actor, roles: Iterable[Role], now: datetime) -> bool:
    return drafts.holds(office.db, actor.id, list(roles), now.astimezone(ZONE).date())

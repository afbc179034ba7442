"""Whether the record is anchored as it should be: who is told when not, and what stops when that goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

import structlog

from engine.anchoring.making import EVERY
from engine.casework.messages import SPACE
from engine.clocks.zone import ZONE
from engine.notifying.kinds import ANCHORS_LATE
from engine.office import Office
from engine.settings import settings
from procedures.declaration import Role, Text
from storage import anchors, events, messages

log = structlog.get_logger()

# So long after it was due somebody is told.
ALARM_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """`no`, `made_at`: of the newest anchor; `kept_at`: of the newest that is kept outside the database as well.

    `late`: somebody must look. `stopped`: no message goes to other installations; what they send is taken in.
    """

    no: int | None
    made_at: datetime | None
    kept_at: datetime | None
    late: bool
    stopped: bool


def standing(office: Office, now: datetime) -> Standing:
    """Where nothing was ever anchored, the time counts from the day the first peer was approved."""
    found = anchors.standing(office.db)
    since = found.kept_at or found.exchanging_since
    # a clock that was put back says nothing about how old an anchor is
    doubtful = since is not None and since - now > EVERY
    without = now - since if since is not None else timedelta(0)
    return Standing(no=found.no, made_at=found.made_at, kept_at=found.kept_at,
                    late=doubtful or without > EVERY + ALARM_AFTER,
                    stopped=doubtful or without > settings().without_anchors)


def may_send(office: Office, now: datetime) -> bool:
    return not standing(office, now).stopped


def why_stopped() -> Text:
    hours = settings().without_anchors // timedelta(hours=1)
    return Text(vi=f"Đã hơn {hours} giờ không lưu được mốc niêm phong sổ ghi vết ra ngoài cơ sở dữ liệu; tạm ngừng "
                   "gửi sang hệ thống khác, vẫn nhận bình thường.",
                en=f"For over {hours} hours no anchor of the record could be kept outside the database; sending to "
                   "other installations has stopped, receiving goes on.")


def sends(office: Office, clock: Callable[[], datetime]) -> Callable[[], bool]:
    """What the lines to other installations ask before they send."""
    return lambda: may_send(office, clock())


def tell(office: Office, now: datetime, why: str) -> bool:
    """Writes down once an outage that anchors are late, and once that they are kept again; True when it told.

    Administrators and auditors get a message that they are late.
    """
    found, last = standing(office, now), anchors.told(office.db)
    if found.late and last != "anchors_late":
        log.error("anchors_late", why=why, kept_at=found.kept_at and found.kept_at.isoformat())
        events.append(office.db, "anchors_late", None, now, {
            "why": why, "kept_at": found.kept_at and found.kept_at.isoformat(), "no": found.no})
        _alarm(office, now)
        return True
    if not found.late and last == "anchors_late":
        events.append(office.db, "anchors_kept_again", None, now, {"no": found.no})
        return True
    return False


def _alarm(office: Office, now: datetime) -> None:
    """By the ways each of them has chosen."""
    to = messages.of_roles(office.db, (Role.ADMINISTRATOR, Role.AUDITOR), ANCHORS_LATE, now.astimezone(ZONE).date())
    messages.queue(office.db, [(uuid5(SPACE, f"{ANCHORS_LATE}.{now}.{row.person_id}.{row.channel}"), row, {})
                               for row in to], ANCHORS_LATE, now)

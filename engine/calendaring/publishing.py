"""From a draft to the calendar in force; what it brings is recomputed afterwards, dossier by dossier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.calendaring import wording
from engine.calendaring.drafts import opened, stale
from engine.calendaring.entering import LONGEST, decided
from engine.calendaring.scopes import Scope, as_of, must_read, must_write, read
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotFound, Refused
from engine.office import Office
from engine.recomputing import reach
from procedures.declaration import Text
from storage import calendars as rows
from storage.calendars import CalendarMoved, Publication, Recompute, Version

__all__ = ["CalendarMoved", "Told", "history", "publish", "recompute", "recomputes"]

MOST_VERSIONS = 50
MOST_RECOMPUTES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A version and how it differs from the one before; `first` has none before it."""

    version: Version
    changes: tuple[Text, ...]
    first: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    code: str
    due_at: datetime
    desk: Text


def publish(office: Office, actor: Actor, scope: Scope, seen: int, because: tuple[str, str], now: datetime, *,
            past: bool = False) -> int:
    """The calendar number. `because`: the number of the decision, and a reason in words (may be empty).

    `past`: whoever publishes says that days which are over may count otherwise. Raises NotKeeper, NoCalendarDraft,
    StaleCalendar, CalendarMoved, Invalid (decision, reason, past), Refused.
    """
    must_write(office, actor, now)
    decision, reason = because
    faults = {name: (f"Dài quá {LONGEST} ký tự.", f"Longer than {LONGEST} characters.")
              for name, text in (("decision", decision), ("reason", reason)) if len(text) > LONGEST}
    if not decided(decision):
        faults["decision"] = ("Ghi số quyết định hoặc thông báo (ít nhất 4 ký tự, có chữ số), ví dụ 2345/QĐ-UBND.",
                              "Give the number of the decision or notice (4 characters, one a digit), as 2345/QĐ-UBND.")
    if faults:
        raise Invalid(faults)
    draft = opened(office, actor, scope, now)
    if draft.version != seen:
        raise stale(draft)
    if not draft.changes:
        raise Refused(reason_vi="Bản thảo không khác gì lịch đang áp dụng.",
                      reason_en="The draft does not differ from the calendar in force.")
    found = reach.of_content(office.db, office.fresh_catalogue(), scope.code, draft.content)
    if found.changes_before(now) and not past:
        raise Invalid({"past": ("Lịch mới đổi ngày đã qua: đánh dấu xác nhận rồi áp dụng.",
                                "Days that are over count otherwise: tick to confirm it.")})
    made = rows.publish(office.db, Publication(
        scope=scope.code, seen=seen, content=draft.row.content, base_id=draft.row.base_id, person=actor.id,
        reason=f"{decision}: {reason}" if reason else decision, from_at=found.since, at=now))
    office.fresh_catalogue()
    return made


def history(office: Office, actor: Actor, scope: Scope, now: datetime) -> list[Told]:
    """The newest versions of a scope, the newest first. Raises NotFound."""
    must_read(office, actor, now)
    found = rows.history(office.db, scope.code, MOST_VERSIONS + 1)
    told = []
    for number, version in enumerate(found[:MOST_VERSIONS]):
        before = found[number + 1] if number + 1 < len(found) else None
        # an agency's first version differs from nothing at all, the first shared one is the beginning
        old = read(scope, before.content) if before else None if scope.shared else as_of(office, scope, 0)
        changes = wording.changes(old, read(scope, version.content)) if old else []
        told.append(Told(version=version, changes=tuple(changes), first=before is None))
    return told


def recompute(office: Office, actor: Actor, number: int, now: datetime) -> Recompute:
    """How far the due dates are after a version. Raises NotFound."""
    must_read(office, actor, now)
    found = rows.recompute(office.db, number) if 0 < number < 2**31 else None
    if found is None:
        raise NotFound(what="lần tính lại thời hạn", what_en="recomputation of due dates")
    return found


def told_desks(office: Office, found: Recompute, now: datetime, most: int) -> list[Later]:
    """Dossiers whose date moved later, with the desk that is to tell the citizen; `most` of them."""
    if found.started_at is None:
        return []
    desks = {id_: Text(vi=unit.full_vi, en=unit.full_en) for id_, unit in office.catalogue().units.items()}
    return [Later(code=one.code, due_at=one.due_at, desk=desks[one.unit_id])
            for one in rows.moved_later(office.db, found.started_at, found.finished_at or now, most)]


def recomputes(office: Office, actor: Actor, now: datetime) -> list[Recompute]:
    must_read(office, actor, now)
    return rows.recomputes(office.db, MOST_RECOMPUTES)


def visible(office: Office, actor: Actor, codes: Sequence[str], now: datetime) -> frozenset[str]:
    """Those of the dossiers that the actor may open."""
    return rows.visible(office.db, codes, actor.id, now.astimezone(ZONE).date())

"""Sends what is due, in the order of each dossier, each item once in effect; what a person must mend is held for him.

Trouble of the line is the portal's: nothing is parked for it, and one attempt now and then asks for all.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from engine.catalogue import Catalogue
from engine.delivery import never
from engine.office import Office
from engine.portal import fields, rules
from engine.portal.identifiers import known_as
from engine.portal.line import PROGRESS, SYNCHRONISE, Away, Portal, Rejected, parcel_of
from procedures.entry import text
from storage import portal
from storage.portal import Item

log = structlog.get_logger()

BATCH = 20
# One dossier of a shape that nobody foresaw must not stop all others.
UNFORESEEN = (LookupError, TypeError, ValueError, AttributeError, AssertionError)
UNWRITTEN = text("hệ thống không lập được dữ liệu của mục này; báo quản trị hệ thống",
                 "the system could not write this item; tell the administrator")
SILENT = text("Cổng trả lời các mục khác nhưng không trả lời mục này",
              "the portal answers other items, but not this one")


@dataclass(slots=True)
class Tally:
    """What one drain did. `held`: became an exception."""

    sent: int = 0
    held: int = 0
    away: int = 0


@dataclass(slots=True)
class Ground:
    """What every item of a drain is built with; `reached`: that the portal answers is written down."""

    office: Office
    line: Portal
    catalogue: Catalogue
    aliases: Mapping[str, str]
    now: datetime
    done: Tally = field(default_factory=Tally)
    reached: bool = False


def ground_of(office: Office, line: Portal, now: datetime) -> Ground:
    return Ground(office, line, office.fresh_catalogue(), known_as(portal.aliases(office.db)), now)


def drain(office: Office, line: Portal, now: datetime, *, batch: int = BATCH,
          enough: Callable[[], bool] = never) -> Tally:
    """Until nothing is due, the line is away, or `enough` says so. May run anywhere, any number of times at once."""
    ground = ground_of(office, line, now)
    while not ground.done.away and not enough() and (claimed := portal.claim(office.db, now, batch)):
        until = time.monotonic() + portal.LEASE_SECONDS / 2
        for place, item in enumerate(claimed):
            if ground.done.away or enough() or time.monotonic() > until:
                portal.release(office.db, claimed[place:])
                break
            _see_to(ground, item)
    return ground.done


def _see_to(ground: Ground, item: Item) -> None:
    """One item. Raises Unavailable when the database is away."""
    payload = item.payload or _written(ground, item)
    if payload is None:
        return
    try:
        ground.line.send(payload.encode(), f"{item.code}/{item.no}")
    except Rejected as refusal:
        _reached(ground)
        _hold(ground, item, [_refused(refusal)])
    except Away as trouble:
        _unanswered(ground, item, trouble)
    else:
        _reached(ground)
        ground.done.sent += portal.sent(ground.office.db, item, ground.now)


def _reached(ground: Ground) -> None:
    if not ground.reached:
        portal.reached(ground.office.db, ground.now)
        ground.reached = True


def _written(ground: Ground, item: Item) -> str | None:
    """What is sent now and at every later attempt; None when a person must mend it first, or another sender has it."""
    try:
        told = build(ground, item)
        wrong = rules.faults(item.kind, told)
    except UNFORESEEN as error:
        log.warning("portal_not_written", dossier=item.code, item=item.no, why=type(error).__name__)
        wrong = [{"field": "", "vi": UNWRITTEN.vi, "en": UNWRITTEN.en}]
    if wrong:
        _hold(ground, item, wrong)
        return None
    dossier = item.kind == "dossier"
    payload = parcel_of(SYNCHRONISE if dossier else PROGRESS, [told], updating=dossier and item.known).decode()
    kept = portal.freeze(ground.office.db, item, payload, hashlib.sha256(payload.encode()).hexdigest())
    return payload if kept else None


def build(ground: Ground, item: Item) -> dict[str, Any]:
    db = ground.office.db
    if item.kind == "dossier":
        return fields.dossier(portal.facts(db, item.dossier_id), item, ground.catalogue, ground.aliases)
    entry = portal.entry(db, item.dossier_id, item.seq)
    if entry is None:
        raise LookupError(f"item {item.no} of {item.code} tells of entry {item.seq}, which is not there")
    return fields.progress(item, entry, ground.catalogue)


def _unanswered(ground: Ground, item: Item, trouble: Away) -> None:
    """An item that alone goes unanswered is held after some tries; the others have nothing to do with it."""
    alone = portal.unanswered(ground.office.db, item, ground.now)
    log.warning("portal_away", dossier=item.code, item=item.no, attempt=item.attempts, why=str(trouble))
    if alone >= portal.ALONE:
        _hold(ground, item, [{"field": "", "vi": SILENT.vi, "en": SILENT.en}])
        return
    portal.away(ground.office.db, str(trouble), ground.now)
    ground.done.away += 1


def _refused(refusal: Rejected) -> dict[str, str]:
    """In the portal's own words, which are Vietnamese."""
    said = refusal.words or "không nêu lý do"
    return {"field": refusal.field, "vi": f"Cổng không nhận (mã lỗi {refusal.code}): {said}",
            "en": f"the portal refuses it (error_code {refusal.code}): {refusal.words or 'no reason given'}"}


def _hold(ground: Ground, item: Item, faults: list[dict[str, str]]) -> None:
    portal.hold(ground.office.db, item, faults, ground.now)
    ground.done.held += 1
    log.warning("portal_exception", dossier=item.code, item=item.no, fields=[fault["field"] for fault in faults])

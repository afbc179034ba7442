"""Whom an act makes us write to: citizens about what happens to their dossier, colleagues about what became theirs.

Queued as rows of the act's own transaction, one a channel. Where to is filled in as they are written, from what the
applicant gave and the colleague chose, so that an act decides without knowing any address.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from storage.tables.desk import Channel

if TYPE_CHECKING:
    from engine.casework.decision import Decision

SPACE = UUID("0b8e0f3a-6a5b-5c7e-9a53-6d1c5d0c7a11")
# By the action in the record. What ends a dossier has its own word, so "ready" is for results only.
TO_CITIZENS = {
    "accept": "received", "hold": "received", "request_supplement": "supplement", "request_payment": "payment",
    "extend": "new_date", "refuse": "refused", "stop": "stopped", "withdraw": "stopped",
    "return_at_counter": "handed_over", "send_by_post": "posted", "record_failed_delivery": "undelivered",
}
READY = "ready"
ASSIGNED, MENTIONED, CAME_BACK, OVERDUE = "assigned", "mentioned", "came_back", "overdue"
GIVEN_BACK = frozenset({"refuse_handoff"})
CITIZEN_CHANNELS = (Channel.MAIL, Channel.SMS)


def caused_by(decision: Decision) -> list[dict[str, Any]]:
    """Rows of `message`; the same act decided again gives the same ids."""
    return [*_to_citizen(decision), *_to_colleagues(decision)]


def _to_citizen(decision: Decision) -> Iterator[dict[str, Any]]:
    actions = [row["action"] for row in decision.lists.get("audit", ())]
    kinds = [TO_CITIZENS[action] for action in actions if action in TO_CITIZENS]
    if decision.loaded.finished_at is None and decision.changes.get("finished_at") is not None and not kinds:
        kinds = [READY]
    for kind in kinds:
        data = _told(decision, kind)
        # a bundle is received once, however many parts it has
        once = data["code"] if data["code"] != decision.loaded.code else f"{decision.loaded.code}.{decision.seq}"
        for channel in CITIZEN_CHANNELS:
            yield _row(decision, kind, channel, data, once=once)


def _told(decision: Decision, kind: str) -> dict[str, Any]:
    """What the templates fill in: no names of people, nothing of what is asked for."""
    loaded, catalogue = decision.loaded, decision.catalogue
    desk = catalogue.units[loaded.intake_unit_id]
    data: dict[str, Any] = {"code": loaded.code, "at": desk.full_vi, "at_en": desk.full_en}
    if kind == "received":
        if loaded.bundle is not None:
            data["code"] = loaded.bundle["code"]
        data["due"] = _iso(decision.current("due_at")) if loaded.bundle is None else None
    elif kind == "new_date":
        data["due"] = _iso(decision.current("due_at"))
    elif kind in ("supplement", "payment"):
        clocks = decision.lists.get("clocks", ())
        data["due"] = next((row["due_at"] for row in clocks if row["kind"] == "request"), None)
    if kind == "payment":
        data["amount"] = decision.order.particulars.amount
    if kind == READY:
        data["way"] = loaded.return_way
    return data


def _to_colleagues(decision: Decision) -> Iterator[dict[str, Any]]:
    mine, more = decision.actor.id, decision.more
    given = [(ASSIGNED, row["claimed_by"]) for row in (*more.get("claim", ()), *more.get("forward", ()))]
    named = [(MENTIONED, row["person_id"]) for row in more.get("mention", ())]
    for kind, person in [*given, *named, *_senders(decision)]:
        if person and person != mine:
            for channel in Channel:
                yield _row(decision, kind, channel, {"code": decision.loaded.code, "by": decision.actor.name},
                           person=person, once=f"{decision.loaded.code}.{decision.seq}")


def _senders(decision: Decision) -> list[tuple[str, int | None]]:
    """Whoever sent what was not taken in."""
    if decision.order.event not in GIVEN_BACK:
        return []
    wanted = str(decision.order.particulars.handoff)
    return [(CAME_BACK, row["created_by"]) for row in decision.loaded.handoffs if row["id"] == wanted]


def _row(decision: Decision, kind: str, channel: Channel, data: dict[str, Any], *, once: str,
         person: int | None = None) -> dict[str, Any]:
    return {"id": str(uuid.uuid5(SPACE, f"{once}.{kind}.{person}.{channel}")), "dossier_id": decision.loaded.id,
            "person_id": person, "owner_unit_id": decision.loaded.intake_unit_id, "kind": kind,
            "channel": channel.value, "data": data, "created_at": decision.stamp, "next_attempt_at": decision.stamp}


def _iso(at: Any) -> str | None:
    return at.isoformat() if at is not None else None

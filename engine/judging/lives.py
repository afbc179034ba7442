"""A dossier's life as the record tells it, ready to be cut into pieces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.clocks.booking import Item, Life, Wait
from engine.clocks.marks import MarkKind
from procedures.declaration import Event
from procedures.words import At
from storage.views.timeliness import LifeRow

Row = dict[str, Any]

# What the applicant is waited for, by the act that asked for it.
ASKED_BY = {At.AWAITING_SUPPLEMENT.value: Event.REQUEST_SUPPLEMENT.value,
            At.AWAITING_PAYMENT.value: Event.REQUEST_PAYMENT.value}


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def life_of(row: LifeRow, now: datetime) -> Life | None:
    """From valid receipt to the first end, or to now; None for what was never received."""
    if row.received_at is None:
        return None
    work = [item for item in row.items if item["state"] not in ASKED_BY]
    return Life(received=row.received_at, ended=row.finished_at or now, waits=_waits(row),
                items=[_item(item) for item in work])


def own_clock(row: LifeRow) -> Row | None:
    """The dossier's; under another version of the procedure it may have got another."""
    found = [clock for clock in row.clocks if clock["kind"] == "dossier"]
    return found[-1] if found else None


def _waits(row: LifeRow) -> list[Wait]:
    """The stops of the legal clock; without one, the times the applicant was waited for."""
    clock = own_clock(row)
    if clock is None:
        return [Wait(begins=datetime.fromisoformat(item["opened_at"]), ends=instant(item["closed_at"]),
                     cause=ASKED_BY[item["state"]]) for item in row.items if item["state"] in ASKED_BY]
    found: list[Wait] = []
    begun: Row | None = None
    for mark in clock["marks"]:
        if begun is not None:
            found.append(Wait(begins=datetime.fromisoformat(begun["at"]), ends=datetime.fromisoformat(mark["at"]),
                              cause=begun["reason"]))
        begun = mark if mark["kind"] == MarkKind.STOP else None
    if begun is not None:
        found.append(Wait(begins=datetime.fromisoformat(begun["at"]), ends=None, cause=begun["reason"]))
    return found


def _item(row: Row) -> Item:
    return Item(no=row["no"], unit=row["unit_id"], opened=datetime.fromisoformat(row["opened_at"]),
                delivered=instant(row["delivered_at"]), registered=instant(row["registered_at"]),
                register_due=instant(row["register_due_at"]), closed=instant(row["closed_at"]),
                person=row["closed_by"])

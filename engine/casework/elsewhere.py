"""What an act makes us tell other installations that work on the dossier: that they need not go on, and how it stands.

Rows of the act's own transaction. Who speaks to whom stands in `units`; names and papers are read when it is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.casework.telling import act_name

if TYPE_CHECKING:
    from engine.casework.decision import Decision

Row = dict[str, Any]
OUT = ("pending", "delivered", "registered")
WATCHED = ("status", "due_at", "closed_at")


def message(decision: Decision, kind: str, units: tuple[int, int], told: Row, seq: int) -> Row:
    """`units`: whose words they are, and to whom."""
    sender, receiver = (decision.catalogue.units[number] for number in units)
    return {"message_id": str(uuid.uuid4()), "dossier_id": decision.loaded.id, "seq": seq, "kind": kind,
            "sender": sender.agency, "receiver": receiver.agency, "created_at": decision.stamp,
            "payload": told}


def tell(decision: Decision, kind: str, units: tuple[int, int], told: Row) -> None:
    """Sends it with this act."""
    decision.handoff_seq += 1
    decision.add("outbox", message(decision, kind, units, told, decision.handoff_seq))


def caused_by(decision: Decision) -> list[Row]:
    """Rows of `outbox`, numbered after those that the act itself adds."""
    out = [row for row in decision.loaded.handoffs if _there(row)]
    if not out:
        return []
    told = [*_withdrawn(decision, out), *_progress(decision, out)]
    return [message(decision, kind, units, content, decision.handoff_seq + at)
            for at, (kind, units, content) in enumerate(told, start=1)]


def waiting(decision: Decision) -> set[int]:
    """Units that wait for what another installation does for them."""
    return {row["from_unit_id"] for row in decision.loaded.handoffs if _there(row)}


def at_peer(handoff: Row) -> bool:
    """It went to another installation, wherever its agency works by now: there it is finished, or given back."""
    return handoff.get("went_to") is not None


def _there(handoff: Row) -> bool:
    return handoff["state"] in OUT and at_peer(handoff)


def _withdrawn(decision: Decision, out: list[Row]) -> Iterator[tuple[str, tuple[int, int], Row]]:
    """Its work has closed here, and not by what they told us."""
    closed = set(decision.closed)
    items = {row["handoff_id"]: row["no"] for row in [*decision.loaded.items, *decision.loaded.consulted]}
    for row in out:
        if items.get(row["id"]) in closed and row["id"] not in decision.heard:
            why = decision.order.particulars.reason or act_name(
                decision.procedure, decision.order.event, decision.loaded.states).vi
            yield "withdrawn", _ends(row), {"handoff": row["id"], "at": decision.stamp, "reason": why}


def _progress(decision: Decision, out: list[Row]) -> Iterator[tuple[str, tuple[int, int], Row]]:
    """Once to every agency of an installation."""
    if all(decision.current(name) == getattr(decision.loaded, name) for name in WATCHED):
        return
    due, ended = decision.current("due_at"), decision.current("closed_at") is not None
    for row in {(row["went_to"], row["to_agency"]): row for row in out}.values():
        yield "progress", _ends(row), {"handoff": row["id"], "status": decision.current("status"), "ended": ended,
                                       "due_at": due.isoformat() if due else None}


def _ends(handoff: Row) -> tuple[int, int]:
    return handoff["from_unit_id"], handoff["to_unit_id"]

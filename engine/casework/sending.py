"""Gives a step to the unit that does it: at once inside an agency, by hand-off to another."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from engine.casework import budgets, clocks, elsewhere, papers, requests
from engine.casework.decision import Decision, Row, iso
from engine.catalogue import UnitInfo
from engine.clocks.limits import Limit
from engine.clocks.zone import ZONE
from engine.states.procedure import StateInfo
from procedures.declaration import Expiry, Role, Starts

# Sent, and nobody has registered it yet.
WAITING = ("pending", "delivered")


def open_step(decision: Decision, info: StateInfo, sender: UnitInfo) -> None:
    """A work item for the step's unit; through a hand-off when that unit belongs to another agency."""
    assert info.party is not None
    on = decision.at.astimezone(ZONE).date()
    unit = decision.catalogue.unit_for(info.party, decision.loaded.intake_agency, on)
    hand_over(decision, info, sender, unit)


def hand_over(decision: Decision, info: StateInfo, sender: UnitInfo, unit: UnitInfo) -> None:
    """Opens the item at `unit`, by hand-off if it is another agency's, and books the paper's way.

    The next step of an agency that does not work here has to be told to it as well.
    """
    assert info.role is not None
    if unit.agency == sender.agency and not unit.outside:
        item = decision.open_item(state=info.id, unit=unit, role=info.role)
        budgets.begin(decision, item, info, decision.at)
    else:
        handoff_id = str(uuid.uuid4())
        item = decision.open_item(state=info.id, unit=unit, role=info.role, handoff_id=handoff_id, available=False)
        _send(decision, handoff_id, item, sender, unit, clocks.start_handoff(decision, item))
        budgets.begin_if_due(decision, item, info, decision.at, Starts.SENT)
    requests.begin(decision, item)
    if info.branch_of is None:
        papers.bind(decision, unit)


def open_beside(decision: Decision, place: str, sender: UnitInfo, unit: UnitInfo,
                limit: Limit, expiry: Expiry) -> tuple[Row, datetime]:
    """A question to a unit that no step of the procedure gives work to; returns its item and when an answer is due."""
    if unit.agency == sender.agency:
        item = decision.open_item(state=place, unit=unit, role=Role.OFFICER, duty="consult")
    else:
        handoff_id = str(uuid.uuid4())
        item = decision.open_item(state=place, unit=unit, role=Role.OFFICER, duty="consult", handoff_id=handoff_id,
                                  available=False)
        _send(decision, handoff_id, item, sender, unit, clocks.start_handoff(decision, item))
    due = clocks.start(decision, kind="consultation", counted=(limit, clocks.mode_of(limit)), at=decision.at,
                       reason="consult", item=item, expiry=expiry)
    item["due_at"] = iso(due)
    return item, due


def _send(decision: Decision, handoff_id: str, item: Row, sender: UnitInfo, unit: UnitInfo,
          register_due: datetime) -> None:
    """Stored before it is sent: the hand-off and its message are rows of this very act."""
    decision.handoff_seq += 1
    decision.handoff_ids.append(handoff_id)
    decision.add("handoff", {
        "id": handoff_id, "dossier_id": decision.loaded.id, "seq": decision.handoff_seq, "item_no": item["no"],
        "state": "pending", "from_agency": sender.agency, "from_unit_id": sender.id, "from_role": decision.role,
        "to_agency": unit.agency, "to_unit_id": unit.id, "created_by": decision.actor.id or None,
        "created_at": decision.stamp, "register_due_at": iso(register_due),
    })
    decision.add("outbox", {
        "message_id": handoff_id, "dossier_id": decision.loaded.id, "seq": decision.handoff_seq, "kind": "handoff",
        "sender": sender.agency, "receiver": unit.agency, "created_at": decision.stamp,
        "payload": {"code": decision.loaded.code, "state": item["state"], "handoff": handoff_id},
    })


def close_handoff(decision: Decision, handoff: Row, state: str) -> None:
    """Nobody will register it any more; what has not gone out yet stays here."""
    decision.add("handoff", {**handoff, "state": state, "closed_at": decision.stamp,
                             "closed_by": decision.actor.id or None, "close_seq": decision.seq + 1})
    settle(decision, handoff)


def settle(decision: Decision, handoff: Row) -> None:
    """Its message need not be delivered any more; what goes to another installation goes all the same, in its order."""
    if not elsewhere.at_peer(handoff):
        decision.settled.append(handoff["id"])


def recall_waiting(decision: Decision, closing: Sequence[int]) -> list[str]:
    """The dossier leaves before anybody registered it: hand-offs of the items that close are recalled with it."""
    brought = {row["handoff_id"] for row in decision.loaded.items if row["no"] in closing and row["duty"] == "step"}
    waiting = [row for row in decision.loaded.handoffs if row["id"] in brought and row["state"] in WAITING]
    for handoff in waiting:
        close_handoff(decision, handoff, "recalled")
    return [handoff["id"] for handoff in waiting]

"""Work goes back from whoever has the post no more: to the person it was taken from, else to the whole unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.casework import claims
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order
from engine.catalogue import Catalogue
from engine.errors import Conflict
from storage.dossiers import Loaded

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]


class NotLost(Conflict):
    """Closed, given back or claimed anew since somebody looked."""

    code = "claim_not_lost"
    vi = "Việc này không còn phải trả lại."
    en = "This work need not be given back any more."


def give_back(no: int, *, owner: int | None, back_to: int | None) -> Decide:
    """`owner`: in whose place the work was claimed; `back_to`: who had claimed it before and holds the post."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        item = next((row for row in [*loaded.items, *loaded.consulted] if row["no"] == no), None)
        if item is None or item["claimed_by"] is None or claims.holder(loaded, item) is not None:
            raise NotLost
        decision.add("claim", {"dossier_id": loaded.id, "no": no, "claimed_by": back_to,
                               "claimed_at": decision.stamp if back_to else None})
        details: Row = {"item": no, "state": item["state"], "from": item["claimed_by"]}
        if back_to is not None:
            details["to"] = back_to
        decision.audit("give_back", unit=catalogue.units[item["unit_id"]], before=loaded.states, after=loaded.states,
                       details=details)
        for person in {item["claimed_by"], owner, back_to} - {None}:
            decision.add("mention", {"dossier_id": loaded.id, "seq": decision.seq, "person_id": person,
                                     "at": decision.stamp, "read_at": None})
        if back_to is None:
            decision.add("escalation", {"dossier_id": loaded.id, "clock_no": 0, "kind": "work_returned",
                                        "about": decision.stamp, "unit_id": item["unit_id"], "role": item["role"],
                                        "at": decision.stamp, "due_at": item["due_at"]})
        return decision

    return decide

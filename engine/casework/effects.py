"""What an act leaves behind beside the new state: opinions, payments, lists of what is missing, the paper's way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.casework import competence, leaves, papers, postal, signatures, supplements
from engine.casework.decision import Decision, Row
from engine.catalogue import UnitInfo
from engine.states.procedure import Command, Need


def _keep_opinion(decision: Decision, unit: UnitInfo, details: Row, *, state: str) -> None:
    """`state`: whose opinion it is; with it the work of others may close that nobody waits for any more."""
    told = decision.order.particulars
    item = next(row for row in decision.loaded.items if row["state"] == state)
    details["verdict"] = told.verdict
    decision.add("opinion", {"dossier_id": decision.loaded.id, "item_no": item["no"], "state": item["state"],
                             "verdict": told.verdict, "person_id": decision.actor.id or None, "seq": decision.seq + 1,
                             "at": decision.stamp})


def _ask_payment(decision: Decision, unit: UnitInfo, details: Row) -> None:
    amount = details["amount"] = decision.order.particulars.amount
    decision.add("payment", {"dossier_id": decision.loaded.id, "no": len(decision.loaded.payments) + 1,
                             "amount": amount, "requested_at": decision.stamp})


def _take_payment(decision: Decision, unit: UnitInfo, details: Row) -> None:
    for row in decision.loaded.payments:
        if row["paid_at"] is None:
            decision.add("payment", {**row, "paid_at": decision.stamp, "proof": decision.order.particulars.proof})


def _ask_supplement(decision: Decision, unit: UnitInfo, details: Row) -> None:
    """What consulted units miss is asked with it; what was asked is known when the citizen comes back."""
    decision.changes["supplements"] = decision.loaded.supplements + 1
    details["documents"] = list(dict.fromkeys(decision.order.particulars.documents))
    leaves.use(decision, details)
    rows = decision.loaded.additions
    for row in rows:
        if row["asked_at"] is None:
            decision.add("addition", {**row, "asked_at": decision.stamp})
    gathered = {name for row in rows if row["asked_at"] is None for name in row["documents"]}
    own = [name for name in details["documents"] if name not in gathered]
    if own:
        decision.add("addition", {
            "dossier_id": decision.loaded.id, "no": len(rows) + 1, "unit_id": unit.id, "person_id": decision.actor.id,
            "state": decision.order.state or decision.loaded.states[0], "documents": own, "seq": decision.seq + 1,
            "at": decision.stamp, "asked_at": decision.stamp})


Effect = Callable[[Decision, UnitInfo, dict[str, Any]], None]
# What an act needs as evidence, it also leaves behind, an opinion at the state it was asked from; the ways of
# returning move the paper.
BY_NEED: dict[Need, Effect] = {
    Need.PAYMENT_REQUEST: _ask_payment, Need.PAYMENT_PROOF: _take_payment,
    Need.SUPPLEMENT_LIST: _ask_supplement, Need.SUPPLEMENT: supplements.take,
}
BY_EVENT: dict[str, Effect] = {
    "accept": papers.take_in, "hold": papers.take_in, "return_at_counter": papers.give_out, "send_by_post": postal.send,
    "refuse": competence.name, "confirm_delivery": postal.delivered, "record_failed_delivery": postal.came_back,
}


def effects(command: Command) -> list[Effect]:
    found = [effect for need, effect in BY_NEED.items() if need in command.needs]
    if Need.OPINION in command.needs:
        found.append(partial(_keep_opinion, state=command.state))
    if Need.RESULT_DOCUMENT in command.needs:
        found.append(signatures.keep_wet)
    return found + ([BY_EVENT[command.event]] if command.event in BY_EVENT else [])

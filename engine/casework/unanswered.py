"""The citizen has not handed in in time what he was asked for, and the law lets the dossier be stopped (Form 05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.casework import parts, requests, steps
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Particulars
from engine.clocks.zone import ZONE
from procedures.declaration import At, Event

FORM = "05"


def stop(decision: Decision, row: Row) -> None:
    """By the system, as a head would stop it: the papers go back, and what Form 05 says is kept in the entry.

    Raises NotPossibleHere where the procedure does not know how to stop.
    """
    loaded, due = decision.loaded, datetime.fromisoformat(row["due_at"])
    item = next(item for item in loaded.items if item["no"] == row["item_no"])
    payment, basis = item["state"] == At.AWAITING_PAYMENT, requests.basis(decision, item["state"])
    ground = "chưa thực hiện nghĩa vụ tài chính" if payment else "chưa nộp giấy tờ được yêu cầu bổ sung"
    reason = (f"Hết hạn lúc {due.astimezone(ZONE):%H:%M ngày %d/%m/%Y}, người nộp {ground}"
              + (f"; dừng giải quyết theo {basis}." if basis else "; dừng giải quyết."))
    decision.order = replace(decision.order, event=Event.STOP.value, state=item["state"],
                             particulars=Particulars(reason=reason))
    command = decision.procedure.command(loaded.states, Event.STOP.value, item["state"])
    parts.refuse_alone(decision, command)
    facts = {**loaded.facts, "channel": loaded.channel}
    outcome = decision.procedure.step(loaded.states, loaded.history, command, facts)
    desk = decision.catalogue.units[loaded.intake_unit_id]
    decision.add("notice", {"dossier_id": loaded.id, "clock_no": row["no"], "kind": "stopped_unanswered",
                            "about": row["due_at"], "unit_id": desk.id, "at": decision.stamp})
    steps.follow(decision, command, outcome, desk, {
        "form": FORM, "ground": "payment_not_made" if payment else "supplement_not_handed_in", "clock": row["no"],
        "of": row["kind"], "due": iso(due), "effect": row["expiry"], "basis": basis,
        "asked_at": row["marks"][0]["at"], "within": row["time_limit"],
        **({"amounts": [paid["amount"] for paid in loaded.payments if paid["paid_at"] is None]} if payment else {})})

"""What a timer does to a dossier when it rings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.casework import apologies, budgets, clocks, obligations
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.catalogue import Catalogue
from engine.errors import Conflict
from storage.dossiers import Loaded


class AlreadyFired(Conflict):
    """Another sweep was first, or the clock moved: nothing is left to do."""

    code = "already_fired"


def ring(clock_no: int, kind: str, fires_at: datetime) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    """The decider of one alarm. It has its effect once: the timer it came from must still be the one set."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        row = next((row for row in loaded.clocks if row["no"] == clock_no), None)
        if row is None or row["alarm"] != kind or _instant(row["fires_at"]) != fires_at:
            raise AlreadyFired
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        clock, calendar = clocks.rebuild(row), clocks.calendar_for(decision, row)
        leads = obligations.leads(decision, clock_no) if row["kind"] == "obligation" else ()
        alarm = clocks.next_alarm(clock, calendar, fires_at - timedelta(microseconds=1), leads)
        if alarm is None or alarm.kind != kind or alarm.at != fires_at:
            # the calendar changed since the timer was set: set it anew, ring nothing
            clocks.set_alarm(decision, clock_no, alarm)
            return decision
        _tell(decision, row, kind)
        if row["kind"] == "handoff" and kind == "due":
            _escalate(decision, row)
        clocks.set_alarm(decision, clock_no, clocks.next_alarm(clock, calendar, fires_at, leads))
        decision.audit(f"alarm:{kind}", unit=None, details={"clock": clock_no, "of": row["kind"],
                                                            "due": iso(_instant(row["due_at"])),
                                                            "rang_for": iso(fires_at),
                                                            **apologies.draft(decision, row, kind)})
        return decision

    return decide


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _units_told(decision: Decision, row: Row) -> set[int]:
    """Whoever holds the work, and for the dossier's own clock or a lost hand-off the desk that answers for it."""
    items = [*decision.loaded.items, *decision.loaded.consulted]
    holders = {item["unit_id"] for item in items if row["item_no"] is None or item["no"] == row["item_no"]}
    if row["kind"] == "agency":
        return budgets.at_work(decision, row)
    if row["kind"] == "feedback":
        holders = set()
    lead = obligations.lead_of(decision) if row["kind"] in ("obligation", "feedback") else None
    desk = {decision.loaded.intake_unit_id} if row["kind"] != "step" else set()
    return holders | desk | ({lead.id} if lead else set())


def _tell(decision: Decision, row: Row, kind: str) -> None:
    for unit_id in sorted(_units_told(decision, row)):
        decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": row["no"],
                                "kind": f"{row['kind']}_{kind}", "about": row["due_at"], "unit_id": unit_id,
                                "at": decision.stamp})


def _escalate(decision: Decision, row: Row) -> None:
    """Nobody registered in time: the sender is told, and the step's budget begins all the same."""
    loaded = decision.loaded
    item = next((item for item in [*loaded.items, *loaded.consulted] if item["no"] == row["item_no"]), None)
    if item is None:
        return
    handoff = next(found for found in decision.loaded.handoffs if found["id"] == item["handoff_id"])
    decision.add("handoff", {**handoff, "escalated_at": decision.stamp})
    decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": row["no"], "kind": "handoff_unregistered",
                            "about": row["due_at"], "unit_id": handoff["from_unit_id"], "at": decision.stamp})
    if item["duty"] == "consult":
        return  # its clock began when it was asked
    opened = dict(item)
    if clocks.of_item(decision, item["no"], "step") is None:
        budgets.begin(decision, opened, decision.procedure.states[item["state"]], _instant(row["due_at"]))
    decision.put("change", opened)

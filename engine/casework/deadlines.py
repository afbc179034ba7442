"""What a timer does to a dossier when it rings, and the one extension the law allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.casework.steps import refuse_stale
from engine.catalogue import Catalogue
from engine.clocks.marks import MarkKind
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, Refused, WrongRole
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
        clock, calendar = clocks.rebuild(row), clocks.calendar_of(decision)
        alarm = clocks.next_alarm(clock, calendar, fires_at - timedelta(microseconds=1))
        if alarm is None or alarm.kind != kind or alarm.at != fires_at:
            # the calendar changed since the timer was set: set it anew, ring nothing
            clocks.set_alarm(decision, clock_no, alarm)
            return decision
        _tell(decision, row, kind)
        if row["kind"] == "handoff" and kind == "due":
            _escalate(decision, row)
        clocks.set_alarm(decision, clock_no, clocks.next_alarm(clock, calendar, fires_at))
        decision.audit(f"alarm:{kind}", unit=None, details={"clock": clock_no, "of": row["kind"],
                                                            "due": iso(_instant(row["due_at"])),
                                                            "rang_for": iso(fires_at)})
        return decision

    return decide


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _units_told(decision: Decision, row: Row) -> set[int]:
    """Whoever holds the work, and for the dossier's own clock or a lost hand-off the desk that answers for it."""
    items = decision.loaded.items
    holders = {item["unit_id"] for item in items if row["item_no"] is None or item["no"] == row["item_no"]}
    return holders | ({decision.loaded.intake_unit_id} if row["kind"] != "step" else set())


def _tell(decision: Decision, row: Row, kind: str) -> None:
    for unit_id in sorted(_units_told(decision, row)):
        decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": row["no"], "kind": f"{row['kind']}_{kind}",
                                "about": row["due_at"], "unit_id": unit_id, "at": decision.stamp})


def _escalate(decision: Decision, row: Row) -> None:
    """Nobody registered in time: the sender is told, and the step's budget begins all the same."""
    item = next((item for item in decision.loaded.items if item["no"] == row["item_no"]), None)
    if item is None:
        return
    handoff = next(found for found in decision.loaded.handoffs if found["id"] == item["handoff_id"])
    decision.add("handoff", {**handoff, "escalated_at": decision.stamp})
    decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": row["no"], "kind": "handoff_unregistered",
                            "about": row["due_at"], "unit_id": handoff["from_unit_id"], "at": decision.stamp})
    opened = dict(item)
    clocks.start_step(decision, opened, decision.procedure.states[item["state"]].limit, _instant(row["due_at"]))
    decision.put("change", opened)


def extend(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Apology and new date: once, and no later than one working day before due (Decree 61/2018 art. 19.9)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    refuse_stale(decision, None)
    row = clocks.of_dossier(decision)
    until, reason = order.particulars.new_due, order.particulars.reason.strip()
    unit_id = next((unit for unit, role in loaded.memberships if role in ("head", "manager")), None)
    if unit_id is None:
        raise WrongRole(event="gia hạn", who_vi="lãnh đạo đơn vị hoặc Trung tâm", who_en="a head of unit or of the centre")
    if row is None or loaded.due_at is None:
        raise Refused(reason_vi="Hồ sơ này không có thời hạn đang chạy.", reason_en="No clock runs for this dossier.")
    if any(mark["kind"] == "extend" for mark in row["marks"]):
        raise Refused(reason_vi="Đã hẹn lại một lần; pháp luật chỉ cho hẹn lại một lần (NĐ 61/2018 Điều 19.9).",
                      reason_en="It was extended once; the law allows one new date (Decree 61/2018 art. 19.9).", rule="R17")
    calendar = clocks.calendar_of(decision)
    if calendar.between(decision.at, loaded.due_at) < 8 * 60:
        raise Refused(reason_vi="Phải xin lỗi và hẹn lại chậm nhất một ngày làm việc trước hạn (NĐ 61/2018 Điều 19.9).",
                      reason_en="The apology must come at least one working day before due (art. 19.9).", rule="R17")
    if not reason or until is None or until <= loaded.due_at:
        raise Invalid({"new_due": ("ghi lý do và ngày hẹn mới sau hạn cũ", "give a reason and a date after the old one")})
    clocks.mark(decision, row, MarkKind.EXTEND, "extend",
                until=calendar.close_of(until.astimezone(ZONE).date()))
    decision.raise_version()
    decision.audit("extend", unit=catalogue.units[unit_id], details={"version": decision.version},
                   spoken=order.particulars.spoken())
    return decision

"""Apology and new date: the one extension the law allows (Decree 61/2018 art. 19.9)."""

from __future__ import annotations

from datetime import datetime

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order, text_faults
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.limits import HOURS_A_DAY
from engine.clocks.marks import MarkKind
from engine.clocks.zone import ZONE
from engine.errors import Invalid, Refused, WrongRole
from procedures import policies
from procedures.declaration import Role, Switch
from storage.dossiers import Loaded


def extend(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Apology and new date: once, and no later than one working day before due (Decree 61/2018 art. 19.9)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    refuse_stale(decision, None)
    unit = _responsible(decision)
    row = _extensible(decision)
    until = _new_due(decision)
    due = clocks.mark(decision, row, MarkKind.EXTEND, "extend", until=until)
    for item in loaded.items:
        # a step without a limit of its own shows the date of the dossier
        if _shows_due_of_dossier(decision, item):
            decision.put("change", {**item, "due_at": iso(due)})
    decision.raise_version()
    decision.audit("extend", unit=unit, details={"version": decision.version}, spoken=order.particulars.spoken())
    return decision


def _shows_due_of_dossier(decision: Decision, item: Row) -> bool:
    if item["due_at"] is None or any(row["item_no"] == item["no"] for row in decision.loaded.clocks):
        return False
    return datetime.fromisoformat(item["due_at"]) == decision.loaded.due_at


def _responsible(decision: Decision) -> UnitInfo:
    """The head of the unit that holds the dossier or leads its handling, or the management of the centre."""
    loaded, catalogue, states = decision.loaded, decision.catalogue, decision.procedure.states
    on = decision.at.astimezone(ZONE).date()
    lead = catalogue.unit_for(decision.procedure.declaration.lead, loaded.intake_agency, on).id
    holders = {item["unit_id"] for item in loaded.items if states[item["state"]].branch_of is None}
    for unit, role in loaded.memberships:
        if (role == Role.HEAD and unit in holders | {lead}) or (role == Role.MANAGER and unit == loaded.intake_unit_id):
            return catalogue.units[unit]
    raise WrongRole(event="hẹn lại ngày trả", who_vi="lãnh đạo đơn vị đang xử lý hoặc Trung tâm",
                    who_en="the head of the unit at work or of the centre")


def _extensible(decision: Decision) -> Row:
    loaded, row = decision.loaded, clocks.of_dossier(decision)
    if Switch.EXTEND in decision.procedure.declaration.switch_off:
        raise Refused(reason_vi="Thủ tục này không cho hẹn lại.", reason_en="This procedure allows no new date.")
    if row is None or loaded.due_at is None:
        raise Refused(reason_vi="Hồ sơ này không có thời hạn đang chạy.", reason_en="No clock runs for this dossier.")
    rules = policies.at((loaded.received_at or decision.at).astimezone(ZONE).date())
    if sum(mark["kind"] == MarkKind.EXTEND for mark in row["marks"]) >= rules.max_reappoint:
        raise Refused(reason_vi="Đã hẹn lại rồi; pháp luật chỉ cho hẹn lại một lần (NĐ 61/2018 Điều 19.9).",
                      reason_en="It was extended before; the law allows one new date (art. 19.9).", rule="R17")
    if _too_late(decision, loaded.due_at, rules.apology_lead_days):
        raise Refused(reason_vi="Phải xin lỗi và hẹn lại chậm nhất một ngày làm việc trước hạn (NĐ 61/2018 Điều 19.9).",
                      reason_en="The apology must come at least one working day before due (art. 19.9).", rule="R17")
    return row


def _too_late(decision: Decision, due: datetime, lead: int) -> bool:
    """What is written after closing time counts as written when the office opens again."""
    calendar = clocks.calendar_of(decision)
    taken = calendar.valid_receipt(decision.at)
    same_day = taken.astimezone(ZONE).date() >= due.astimezone(ZONE).date()
    return same_day or calendar.between(taken, due) < lead * HOURS_A_DAY * 60


def _new_due(decision: Decision) -> datetime:
    """The close of the day asked for; every fault of the form at once."""
    told, present = decision.order.particulars, decision.loaded.due_at
    faults = text_faults(told.spoken())
    if not told.reason.strip():
        faults["reason"] = ("ghi rõ lý do", "give the reason")
    if told.new_due is None or told.new_due.tzinfo is None:
        faults["new_due"] = ("ghi ngày hẹn mới", "give the new date")
    else:
        until = clocks.calendar_of(decision).close_of(told.new_due.astimezone(ZONE).date())
        if present is None or until <= present:
            faults["new_due"] = ("ngày hẹn mới phải sau hạn cũ", "the new date must come after the old one")
        if not faults:
            return until
    raise Invalid(faults)

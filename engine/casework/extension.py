"""Apology and new date: the one extension the law allows (Decree 61/2018 art. 19.9)."""

from __future__ import annotations

from datetime import datetime

from engine.casework import apologies, clocks
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order, reason_faults, text_faults
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.marks import MarkKind
from engine.clocks.zone import ZONE
from engine.errors import Invalid, Refused, WrongRole
from procedures.declaration import Role, Switch
from storage.dossiers import Loaded


def extend(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Apology and new date: once, and no later than one working day before due (Decree 61/2018 art. 19.9)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    refuse_stale(decision, None)
    unit = _responsible(decision)
    row, present = _extensible(decision)
    until = _new_due(decision, row, present)
    due = clocks.mark(decision, row, MarkKind.EXTEND, "extend", until=until)
    for item in loaded.items:
        # a step without a limit of its own shows the date of the dossier
        if _shows_due_of_dossier(decision, item):
            decision.put("change", {**item, "due_at": iso(due)})
    decision.raise_version()
    number = apologies.issue(decision, row, present, until)
    decision.audit("extend", unit=unit, details={"version": decision.version, "apology": number},
                   spoken=order.particulars.spoken())
    return decision


def _shows_due_of_dossier(decision: Decision, item: Row) -> bool:
    if item["due_at"] is None or any(row["item_no"] == item["no"] for row in decision.loaded.clocks):
        return False
    return datetime.fromisoformat(item["due_at"]) == decision.loaded.due_at


def _responsible(decision: Decision) -> UnitInfo:
    """The head of a unit that answers for the date, or the management of the centre that took the dossier in."""
    loaded, heads = decision.loaded, apologies.answerable(decision)
    for unit, role in loaded.memberships:
        if (role == Role.HEAD and unit in heads) or (role == Role.MANAGER and unit == loaded.intake_unit_id):
            decision.act_as(unit, role)
            return decision.catalogue.units[unit]
    raise WrongRole(event="hẹn lại ngày trả", event_en="set a new date",
                    who_vi="lãnh đạo đơn vị đang xử lý hoặc Trung tâm",
                    who_en="the head of the unit at work or of the centre")


def _extensible(decision: Decision) -> tuple[Row, datetime]:
    """The dossier's clock and its due date, where the law still allows another one."""
    loaded, row = decision.loaded, clocks.of_dossier(decision)
    if Switch.EXTEND in decision.procedure.declaration.switch_off:
        raise Refused(reason_vi="Thủ tục này không cho hẹn lại.", reason_en="This procedure allows no new date.")
    if row is None or loaded.due_at is None:
        raise Refused(reason_vi="Hồ sơ này không có thời hạn đang chạy.", reason_en="No clock runs for this dossier.")
    rules, law = apologies.rules_of(decision), apologies.basis_of(decision, "R17")
    if apologies.reappointed(row) >= rules.max_reappoint:
        raise Refused(reason_vi=f"Đã hẹn lại rồi; pháp luật chỉ cho hẹn lại một lần ({law}).",
                      reason_en=f"It was extended before; the law allows one new date ({law}).", rule="R17")
    calendar, lead = clocks.calendar_of(decision), rules.apology_lead_days
    if apologies.too_late(calendar, decision.at, loaded.due_at, lead):
        last = f"{apologies.cutoff(calendar, loaded.due_at, lead).astimezone(ZONE):%H:%M %d/%m/%Y}"
        raise Refused(
            reason_vi=f"Phải xin lỗi và hẹn lại chậm nhất một ngày làm việc trước hạn, đến {last} ({law}).",
            reason_en=f"The apology must come at least one working day before due, by {last} ({law}).", rule="R17")
    return row, loaded.due_at


def _new_due(decision: Decision, row: Row, present: datetime) -> datetime:
    """The close of the day asked for; every fault of the form at once."""
    told = decision.order.particulars
    faults = text_faults(told.spoken()) | reason_faults(told.reason)
    if told.new_due is None or told.new_due.tzinfo is None:
        faults["new_due"] = ("ghi ngày hẹn mới", "give the new date")
    else:
        day, calendar = told.new_due.astimezone(ZONE).date(), clocks.calendar_of(decision)
        until, furthest = calendar.close_of(day), apologies.furthest(calendar, row, present)
        off = calendar.why_off(day)
        if until <= present:
            faults["new_due"] = ("ngày hẹn mới phải sau hạn cũ", "the new date must come after the old one")
        elif off is not None:
            # it cannot be changed again: nobody is to be surprised by the date on the letter
            worked = f"{until.astimezone(ZONE):%d/%m/%Y}"
            faults["new_due"] = (f"{day:%d/%m/%Y} là ngày nghỉ ({off.vi}): ghi {worked}",
                                 f"{day:%d/%m/%Y} is a day off ({off.en}): give {worked}")
        elif until > furthest:
            last = f"{furthest.astimezone(ZONE):%d/%m/%Y}"
            faults["new_due"] = (f"không được xa hơn một lần nữa thời hạn của thủ tục: chậm nhất {last}",
                                 f"no further off than the procedure's own limit again: {last} at the latest")
        if not faults:
            return until
    raise Invalid(faults)

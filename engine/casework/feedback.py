"""What citizens say of the handling of a dossier: taken down at the desk, answered by a superior, within a time.

Also after the dossier has closed. Complaints (khiếu nại) and denunciations (tố cáo) have laws of their own and are not
taken down here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.casework.obligations import lead_of
from engine.casework.orders import Faults, Order, text_faults
from engine.casework.staleness import refuse_stale
from engine.casework.telling import FEEDBACK_KINDS, FEEDBACK_OUTCOMES
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.evaluation import due
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotPossibleHere, WrongRole
from procedures import policies
from procedures.declaration import Role, Text
from procedures.policies import Policies
from storage.dossiers import Loaded

PREFIX = "feedback__"
TAKERS = (Role.RECEPTIONIST, Role.RETURNER, Role.MANAGER)


def place(no: int) -> str:
    """Names one in an order, as a state names a step; no state can be called so."""
    return f"{PREFIX}{no}"


def take(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises WrongRole unless the actor is of the desk that took the dossier in; Invalid without kind and words."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = _member(decision, {loaded.intake_unit_id: TAKERS}, "ghi nhận phản ánh, kiến nghị", "take down feedback",
                   ("nơi tiếp nhận hồ sơ", "the desk that took the dossier in"))
    refuse_stale(decision, None)
    _check(order, "kind", FEEDBACK_KINDS, ("chọn loại phản ánh, kiến nghị", "choose what it is"))
    decision.raise_version()
    taken = clocks.calendar_of(decision).valid_receipt(decision.at)
    until = clocks.start(decision, kind="feedback", at=taken, reason="take_feedback",
                         counted=(Limit.parse(_rules(taken).feedback_handle), CountMode.DAY))
    number = len(loaded.feedback) + 1
    decision.add("feedback", {
        "dossier_id": loaded.id, "no": number, "kind": order.particulars.kind, "seq": decision.seq + 1,
        "clock_no": decision.clock_no, "received_by": order.actor.id, "received_at": decision.stamp,
        "due_at": iso(until),
    })
    decision.audit("take_feedback", unit=unit, spoken=order.particulars.spoken(),
                   details={"version": decision.version, "feedback": number, "kind": order.particulars.kind})
    return decision


def answer(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises WrongRole unless the actor manages the desk or heads the lead; Invalid without outcome and words."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    lead = lead_of(decision)
    may: dict[int, tuple[Role, ...]] = {lead.id: (Role.HEAD,)} if lead else {}
    may |= {loaded.intake_unit_id: (Role.MANAGER, *may.get(loaded.intake_unit_id, ()))}
    unit = _member(decision, may, "trả lời phản ánh, kiến nghị", "answer feedback",
                   ("quản lý Trung tâm hoặc lãnh đạo đơn vị chủ trì", "the management of the centre or the head"))
    row = next((row for row in loaded.feedback if place(row["no"]) == order.state), None)
    if row is None or row["answered_at"] is not None:
        refuse_stale(decision, None)
        raise NotPossibleHere(event="trả lời phản ánh, kiến nghị", event_en="answer feedback",
                              where_vi="phản ánh này đã được trả lời", where_en="it was answered before", possible="-")
    refuse_stale(decision, None)
    _check(order, "outcome", FEEDBACK_OUTCOMES, ("chọn kết quả xử lý", "choose the outcome"))
    decision.raise_version()
    within, until = _judged(decision, row)
    clocks.end(decision, clocks.clock_of(decision, row), "answer_feedback")
    decision.add("feedback", {**row, "due_at": iso(until), "outcome": order.particulars.outcome,
                              "answered_by": order.actor.id, "answered_at": decision.stamp,
                              "answer_seq": decision.seq + 1})
    decision.audit("answer_feedback", unit=unit, spoken=order.particulars.spoken(), details={
        "version": decision.version, "feedback": row["no"], "outcome": order.particulars.outcome, "within": within,
        "due": iso(until), "late": decision.at > until})
    return decision


def _judged(decision: Decision, row: Row) -> tuple[str, datetime]:
    """A refusal has less time than an answer: what the answer is says by when it was due."""
    clock = clocks.clock_of(decision, row)
    if decision.order.particulars.outcome != "refused":
        return clock["time_limit"][0], datetime.fromisoformat(clock["due_at"])
    begun = datetime.fromisoformat(clock["marks"][0]["at"])
    within = _rules(begun).feedback_refuse
    return within, due(Limit.parse(within), CountMode.DAY, begun, clocks.calendar_for(decision, clock))


def _rules(at: datetime) -> Policies:
    return policies.at(at.astimezone(ZONE).date())


def _check(order: Order, field: str, known: Mapping[str, Text], wanted: tuple[str, str]) -> None:
    told = order.particulars
    faults: Faults = text_faults(told.spoken())
    if (told.kind if field == "kind" else told.outcome) not in known:
        faults[field] = wanted
    if not told.words.strip():
        faults["words"] = ("ghi nội dung", "write what it says")
    if faults:
        raise Invalid(faults)


def _member(decision: Decision, may: dict[int, tuple[Role, ...]], vi: str, en: str, who: tuple[str, str]) -> UnitInfo:
    for unit, role in decision.loaded.memberships:
        if role in may.get(unit, ()):
            decision.act_as(unit, role)
            return decision.catalogue.units[unit]
    raise WrongRole(event=vi, event_en=en, who_vi=who[0], who_en=who[1])

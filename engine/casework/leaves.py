"""A second request to the citizen (R4): a superior allows it with a reason, another person asks.

Guidance is given once and complete (Decree 61/2018, articles 11(2)(c) and 15(3)); what is asked again counts as late in
the national index.
"""

from __future__ import annotations

from datetime import datetime

from engine.casework import apologies
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order, check_words
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import NotPossibleHere, Refused, WrongRole
from procedures.declaration import Event, Role
from storage.dossiers import Loaded

FORM = "02"


def approve(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises WrongRole, NotPossibleHere where nothing more can be asked or leave was given already, Invalid."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = _superior(decision)
    refuse_stale(decision, None)
    if not may_be_given(decision):
        raise NotPossibleHere(event="Cho phép yêu cầu bổ sung thêm", event_en="allow another request",
                              where_vi="hồ sơ chưa cần hoặc đã được cho phép",
                              where_en="it is not needed here, or was allowed already", possible="-")
    check_words(order.particulars, reason=True)
    decision.raise_version()
    number = len(loaded.leaves) + 1
    decision.add("supplement_leave", {"dossier_id": loaded.id, "no": number, "seq": decision.seq + 1,
                                      "given_by": order.actor.id, "given_at": decision.stamp})
    for told in sorted({item["unit_id"] for item in loaded.items}):
        decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "supplement_allowed",
                                "about": decision.stamp, "unit_id": told, "at": decision.stamp})
    decision.audit("approve_supplement", unit=unit, spoken=order.particulars.spoken(),
                   details={"version": decision.version, "leave": number, "asked_before": loaded.supplements})
    return decision


def may_be_given(decision: Decision) -> bool:
    """Where the citizen could be asked, and may not be asked again without leave."""
    asks = any(command.event == Event.REQUEST_SUPPLEMENT
               for command in decision.procedure.commands(decision.loaded.states))
    return asks and used_up(decision) and decision.procedure.declaration.supplement.max > 0 and unused(decision) is None


def used_up(decision: Decision) -> bool:
    return decision.loaded.supplements >= decision.procedure.declaration.supplement.max


def unused(decision: Decision) -> Row | None:
    return next((row for row in decision.loaded.leaves if row["used_seq"] is None), None)


def check(decision: Decision) -> None:
    """Raises Refused where the citizen was asked before, and no other person allowed to ask again."""
    if not used_up(decision):
        return
    leave = unused(decision)
    if leave is None:
        law = apologies.basis_of(decision, "R4")
        raise Refused(
            reason_vi=f"Đã yêu cầu bổ sung rồi; pháp luật chỉ cho yêu cầu một lần, đầy đủ ({law}). "
                      "Muốn yêu cầu nữa phải được lãnh đạo đơn vị hoặc Trung tâm cho phép, kèm lý do.",
            reason_en=f"A supplement was requested before; the law allows one complete request ({law}). To ask "
                      "again, the head of the unit or the management of the centre must allow it, with a reason.",
            rule="R4")
    if leave["given_by"] == decision.actor.id:
        raise Refused(reason_vi="Người cho phép và người yêu cầu bổ sung thêm phải là hai người khác nhau.",
                      reason_en="Who allowed another request cannot be the one who asks.", rule="R4")


def use(decision: Decision, details: Row) -> None:
    """The request that goes beyond the first: the desk tells the citizen why he is asked again."""
    leave = unused(decision)
    if not used_up(decision) or leave is None:
        return
    loaded = decision.loaded
    decision.add("supplement_leave", {**leave, "used_seq": decision.seq + 1})
    decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "asked_again", "about": decision.stamp,
                            "unit_id": loaded.intake_unit_id, "at": decision.stamp})
    details |= {"leave": leave["no"], "citizen_notice": {"form": FORM, "request": loaded.supplements + 1,
                                                         "allowed_by_entry": leave["seq"]}}


def _superior(decision: Decision) -> UnitInfo:
    """Whoever may promise a new date may allow to ask again: the heads at work and the management of the centre."""
    loaded, heads = decision.loaded, apologies.answerable(decision)
    for unit, role in loaded.memberships:
        if (role == Role.HEAD and unit in heads) or (role == Role.MANAGER and unit == loaded.intake_unit_id):
            decision.act_as(unit, role)
            return decision.catalogue.units[unit]
    raise WrongRole(event="cho phép yêu cầu bổ sung thêm", event_en="allow another request",
                    who_vi="lãnh đạo đơn vị đang xử lý hoặc Trung tâm",
                    who_en="the head of the unit at work or of the centre")

"""What the applicant owes after the result: a clock with reminders until somebody records that it was fulfilled."""

from __future__ import annotations

from datetime import date, datetime, time

from engine.casework import clocks
from engine.casework.decision import Decision, iso
from engine.casework.orders import Order, text_faults
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.limits import Limit
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from engine.states.procedure import Procedure
from procedures import answers
from procedures.declaration import Obligation, Role
from storage.dossiers import Loaded

PREFIX = "obligation__"


def place(no: int) -> str:
    """Names one in an order, as a state names a step; no state can be called so."""
    return f"{PREFIX}{no}"


def begin(decision: Decision) -> None:
    """With the approved result. Nothing begins twice, also when the result is corrected."""
    loaded = decision.loaded
    if loaded.obligations or decision.current("outcome") != "approved":
        return
    facts = {**loaded.facts, "channel": loaded.channel}
    for no, owed in enumerate(_owed(decision, facts), start=1):
        begins = datetime.combine(date.fromisoformat(str(facts[owed.after])), time(), ZONE)
        due = clocks.start_obligation(decision, Limit.parse(owed.within), begins, _leads(owed))
        decision.add("obligation", {"dossier_id": loaded.id, "no": no, "name_vi": owed.name.vi,
                                    "name_en": owed.name.en, "clock_no": decision.clock_no, "due_at": iso(due)})


def _owed(decision: Decision, facts: dict[str, object]) -> list[Obligation]:
    return [owed for owed in answers.obligations(decision.procedure.declaration, facts) if owed.after in facts]


def _leads(owed: Obligation) -> list[Limit]:
    return [Limit.parse(lead) for lead in owed.remind]


def leads(decision: Decision, clock_no: int) -> list[Limit]:
    """When the clock of an obligation reminds; as the procedure says now, found by what it is called."""
    row = next((row for row in decision.loaded.obligations if row["clock_no"] == clock_no), None)
    return [] if row is None else declared_leads(decision.procedure, row["name_vi"])


def declared_leads(procedure: Procedure, name_vi: str) -> list[Limit]:
    owed = next((owed for owed in procedure.declaration.obligations if owed.name.vi == name_vi), None)
    return [] if owed is None else _leads(owed)


def fulfil(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises WrongRole unless the actor belongs to the lead or to the desk; Invalid without the proof."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = _responsible(decision)
    row = next((row for row in loaded.obligations if place(row["no"]) == order.state), None)
    if row is None or row["fulfilled_at"] is not None:
        raise NotPossibleHere(event="ghi nhận nghĩa vụ", event_en="record the obligation", where_vi="nghĩa vụ đã xong",
                              where_en="it was fulfilled before", possible="-")
    refuse_stale(decision, None)
    faults = text_faults(order.particulars.spoken())
    if not order.particulars.proof.strip():
        faults["proof"] = ("ghi số, ngày của văn bản đã nhận", "give number and date of what was received")
    if faults:
        raise Invalid(faults)
    decision.raise_version()
    clocks.end(decision, clocks.clock_of(decision, row), "fulfil_obligation")
    decision.add("obligation", {**row, "fulfilled_at": decision.stamp, "fulfilled_by": decision.actor.id})
    decision.audit("fulfil_obligation", unit=unit, spoken=order.particulars.spoken(),
                   details={"version": decision.version, "obligation": row["no"]})
    return decision


def _responsible(decision: Decision) -> UnitInfo:
    """Whoever examines for the lead, or the desk that took the dossier in."""
    loaded = decision.loaded
    lead = lead_of(decision)
    desk = decision.catalogue.units[loaded.intake_unit_id]
    for unit, roles in ((lead, (Role.OFFICER, Role.HEAD)), (desk, (Role.RECEPTIONIST, Role.MANAGER))):
        for held, role in loaded.memberships:
            if unit is not None and held == unit.id and role in roles:
                decision.act_as(unit.id, role)
                return unit
    raise WrongRole(event="ghi nhận nghĩa vụ", event_en="record the obligation",
                    who_vi="đơn vị chủ trì hoặc nơi tiếp nhận", who_en="the lead unit or the desk")


def lead_of(decision: Decision) -> UnitInfo | None:
    try:
        return decision.catalogue.unit_for(decision.procedure.declaration.lead, decision.loaded.intake_agency,
                                           decision.at.astimezone(ZONE).date())
    except Refused:
        return None

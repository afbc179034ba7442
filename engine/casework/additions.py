"""Requests for additions that stop nothing yet: gathered, so that the citizen is asked once for all of them.

In a bundle the requests of all parts become one letter; in a consultation the lead asks for what the consulted units
miss, too (Decree 61/2018, article 15(3): guidance is given once, complete).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.casework import clocks, consulting, evidence, parts, steps, supplements
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Faults, Order
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.evaluation import due
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE
from engine.errors import Invalid, WrongRole
from engine.states.procedure import Need
from procedures import policies
from procedures.declaration import Event, Phase
from storage.dossiers import Loaded


def waiting(rows: list[Row]) -> list[Row]:
    """Those the citizen was not asked for yet."""
    return [row for row in rows if row["asked_at"] is None]


def places(decision: Decision) -> Iterator[tuple[Row, str]]:
    """Open work of consulted units, with the role of theirs that may propose: those that cannot ask the citizen."""
    loaded, states = decision.loaded, decision.procedure.states
    settled = {row["id"] for row in loaded.handoffs if row["state"] == "registered"}
    for item in [*loaded.items, *loaded.consulted]:
        info = states.get(item["state"])
        consulted = item["duty"] == "consult" or (
            item["duty"] == "step" and info is not None and info.branch_of is not None)
        if consulted and (item["handoff_id"] is None or item["handoff_id"] in settled):
            for role in dict.fromkeys((item["role"], *consulting.ASKERS)):
                if (item["unit_id"], role) in {(unit, held) for unit, held in loaded.memberships}:
                    yield item, role
                    break


def propose(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """A consulted unit says what is missing. Raises WrongRole, Invalid, Refused (R4)."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    found = next(((item, role) for item, role in places(decision) if order.state in (None, item["state"])), None)
    if found is None:
        raise WrongRole(event="đề nghị bổ sung hồ sơ", event_en="propose additions",
                        who_vi="cán bộ của đơn vị được lấy ý kiến, sau khi đã ký nhận",
                        who_en="an officer of a consulted unit that has registered the hand-off")
    item, role = found
    decision.act_as(item["unit_id"], role, item["claimed_by"])
    refuse_stale(decision, item)
    faults: Faults = {}
    for need in (Need.REASON, Need.SUPPLEMENT_LIST):
        evidence.CHECKS[need](decision, catalogue.units[item["unit_id"]], faults)
    if faults:
        raise Invalid(faults)
    _record(decision, item["state"], catalogue.units[item["unit_id"]])
    return decision


def request(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """`request_supplement`: at once for a dossier of its own; in a bundle it is gathered with those of the others."""
    infos = catalogue.procedures[loaded.version_id].states
    if loaded.bundle is None or any(infos[state].phase is Phase.RECEPTION for state in loaded.states):
        return steps.decide(loaded, order, catalogue, now)
    decision, command, unit = steps.permitted(loaded, order, catalogue, now)
    _record(decision, command.state, unit)
    return decision


def _record(decision: Decision, state: str, unit: UnitInfo) -> None:
    decision.raise_version()
    loaded = decision.loaded
    documents = list(dict.fromkeys(decision.order.particulars.documents))
    decision.add("addition", {
        "dossier_id": loaded.id, "no": len(loaded.additions) + 1, "unit_id": unit.id, "person_id": decision.actor.id,
        "state": state, "documents": documents, "seq": decision.seq + 1, "at": decision.stamp,
        "asked_at": None,
    })
    details: Row = {"version": decision.version, "documents": documents}
    if loaded.bundle is not None:
        until = loaded.bundle["gather_until"] or iso(_window(decision))
        parts.write(decision, gather_until=until)
        parts.tell(decision)
        details["gather_until"] = until
    decision.audit("propose_additions", unit=unit, details=details, spoken=decision.order.particulars.spoken())


def _window(decision: Decision) -> datetime:
    """When requests are no longer gathered; no law says how long, the policy is practice."""
    window = Limit.parse(policies.at(decision.at.astimezone(ZONE).date()).gather_window)
    return due(window, CountMode.HOUR, decision.at, clocks.calendar_of(decision))


def bring(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Some of what was asked has come in, the rest is waited for: taken down, no clock moves. Raises Invalid."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    command = decision.procedure.command(loaded.states, Event.SUPPLEMENT, order.state)
    refuse_stale(decision, None)
    unit = steps.acting_unit(decision, command, steps.item_at(loaded, command.state))
    faults: Faults = {}
    supplements.check_known(decision, faults)
    if not order.particulars.documents:
        faults["documents"] = ("đánh dấu giấy tờ vừa nhận", "tick the papers that came in")
    if faults:
        raise Invalid(faults)
    decision.raise_version()
    details: Row = {"version": decision.version}
    supplements.take(decision, unit, details)
    decision.audit("bring_supplement", unit=unit, before=loaded.states, after=loaded.states, details=details)
    return decision


def proposed(loaded: Loaded) -> tuple[str, ...]:
    """What consulted units miss: ticked beforehand when the lead asks the citizen."""
    return tuple(dict.fromkeys(name for row in waiting(loaded.additions) for name in row["documents"]))



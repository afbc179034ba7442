"""Decides that a scan belongs to a dossier. The bytes are safe before; the store may take them later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from engine.casework import parts
from engine.casework.decision import Decision, Row
from engine.casework.evidence import OTHER, RESULT
from engine.casework.orders import Order
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Conflict, Invalid, LienThongError, WrongRole
from engine.states.procedure import StateInfo
from procedures.declaration import Phase, Role
from storage.dossiers import Loaded
from storage.inspection import Verdict
from storage.spool import Spooled

MOST_FILES = 30
# Until it has left the hands of those who draft, sign and issue it. Afterwards only by sending the dossier back.
RESULT_PHASES = (Phase.PROCESSING, Phase.SIGNING)


def attach(component: str, name: str, spooled: Spooled, verdict: Verdict) -> Callable[..., Decision]:
    """The decider of one attachment. A promised scan is filled in; a new result replaces the old, which stays."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        unit = _who_may(decision, component)
        if order.seen_version is not None and component == RESULT:
            refuse_stale(decision, None)
        _check(decision, component)
        decision.raise_version()
        row: Row = {
            "id": str(uuid.uuid4()), "dossier_id": loaded.id, "component": component, "form": "electronic",
            **_promised(decision, component), "name": name, "state": "pending", "reason": None,
            "media_type": str(verdict.media_type), "size": spooled.size, "pages": verdict.pages,
            "sha256": spooled.sha256, "added_by": order.actor.id, "added_at": decision.stamp,
        }
        decision.add("document", row)
        for old in _replaced(decision, component, row["id"]):
            decision.add("document", {**old, "replaced_by": row["id"]})
        parts.tell(decision)
        decision.audit("attach", unit=unit, before=loaded.states, after=loaded.states,
                       details={"document": row["id"], "component": component, "sha256": spooled.sha256,
                                "size": spooled.size, "version": decision.version})
        return decision

    return decide


def may_attach(decision: Decision, component: str) -> bool:
    """Whether the person of this decision may attach such a scan now."""
    try:
        _who_may(decision, component)
        _check(decision, component)
    except LienThongError:
        return False
    return True


def _who_may(decision: Decision, component: str) -> UnitInfo:
    """Whoever holds open work on the dossier; the desk that took it in for everything but the result."""
    loaded, states, result = decision.loaded, decision.procedure.states, component == RESULT
    at_work = {item["unit_id"] for item in loaded.items if not result or _drafts(states[item["state"]])}
    for unit, role in loaded.memberships:
        desk = unit == loaded.intake_unit_id and role in (Role.RECEPTIONIST, Role.RETURNER) and not result
        if desk or (unit in at_work and role not in (Role.AUDITOR, Role.ADMINISTRATOR)):
            return decision.catalogue.units[unit]
    raise WrongRole(event="đính kèm", who_vi="đơn vị đang xử lý hoặc quầy tiếp nhận",
                    who_en="the unit at work or the reception desk")


def _drafts(info: StateInfo) -> bool:
    """A consulted agency gives its opinion; the result is not its to write."""
    return info.phase in RESULT_PHASES and info.branch_of is None


def _check(decision: Decision, component: str) -> None:
    if decision.loaded.closed_at is not None:
        raise Conflict
    known = decision.procedure.declaration.documents
    if component not in known and component not in (RESULT, OTHER):
        raise Invalid({"component": (f"không có thành phần “{component}”", f"there is no document “{component}”")})
    if sum(1 for row in decision.loaded.documents if row["sha256"]) >= MOST_FILES:
        raise Invalid({"file": (f"một hồ sơ có tối đa {MOST_FILES} tệp", f"a dossier has at most {MOST_FILES} files")})


def _promised(decision: Decision, component: str) -> Row:
    for row in decision.loaded.documents:
        if row["component"] == component and row["state"] == "promised":
            return row
    return {}


def _replaced(decision: Decision, component: str, fresh: str) -> list[Row]:
    if component != RESULT:
        return []
    return [row for row in decision.loaded.documents if row["component"] == RESULT and row["id"] != fresh]
            decision.act_as(unit, role)

"""Decides that a scan belongs to a dossier. The bytes are safe before; the store may take them later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from engine.casework.decision import Decision, Row
from engine.casework.orders import Order
from engine.casework.steps import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Conflict, Invalid, WrongRole
from storage.dossiers import Loaded
from storage.inspection import Verdict
from storage.spool import Spooled

RESULT, OTHER = "result", "other"
MOST_FILES = 30


def attach(component: str, name: str, spooled: Spooled, verdict: Verdict) -> Callable[..., Decision]:
    """The decider of one attachment. A scan that was promised is filled in; a new result replaces the old, which stays."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        unit = _who_may(decision, component)
        if order.seen_version is not None and component == RESULT:
            refuse_stale(decision, None)
        _check(decision, component)
        decision.raise_version()
        row: Row = {
            "id": str(uuid.uuid4()), "dossier_id": loaded.id, "component": component, "form": "electronic", "name": name,
            **_promised(decision, component), "state": "pending", "reason": None, "media_type": str(verdict.media_type),
            "size": spooled.size, "pages": verdict.pages, "sha256": spooled.sha256, "added_by": order.actor.id,
            "added_at": decision.stamp,
        }
        row["name"] = name
        decision.add("document", row)
        for old in _replaced(decision, component, row["id"]):
            decision.add("document", {**old, "replaced_by": row["id"]})
        decision.audit("attach", unit=unit, before=loaded.states, after=loaded.states,
                       details={"document": row["id"], "component": component, "sha256": spooled.sha256,
                                "size": spooled.size, "version": decision.version})
        return decision

    return decide


def _who_may(decision: Decision, component: str) -> UnitInfo:
    """Whoever holds open work on the dossier; the desk that took it in for everything but the result."""
    loaded, units = decision.loaded, decision.catalogue.units
    open_units = {item["unit_id"] for item in loaded.items}
    for unit, role in loaded.memberships:
        if unit in open_units and role != "auditor":
            return units[unit]
        if unit == loaded.intake_unit_id and role in ("receptionist", "returner") and component != RESULT:
            return units[unit]
    raise WrongRole(event="đính kèm", who_vi="đơn vị đang xử lý hoặc quầy tiếp nhận",
                    who_en="the unit at work or the reception desk")


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

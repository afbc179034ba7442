"""Decides that a scan belongs to a dossier. The bytes are safe before; the store may take them later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.casework import elsewhere, parts
from engine.casework.decision import Decision, Row
from engine.casework.evidence import OTHER, RESULT
from engine.casework.orders import Order
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, LienThongError, WrongRole
from engine.states.procedure import StateInfo
from procedures.declaration import Phase, Role
from storage.dossiers import Loaded
from storage.inspection import Verdict
from storage.spool import Spooled

MOST_FILES = 30
# Until it has left the hands of those who draft, sign and issue it. Afterwards only by sending the dossier back.
RESULT_PHASES = (Phase.PROCESSING, Phase.SIGNING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """Bytes that are safe: in the spool (`pending`) or in the store. `quality`: what the machine saw on them.

    `reused_from`: the document of an earlier dossier whose bytes these are.
    """

    sha256: str
    size: int
    media_type: str
    pages: int | None
    quality: dict[str, Any] | None
    state: str = "pending"
    reused_from: UUID | None = None

    @classmethod
    def of(cls, spooled: Spooled, verdict: Verdict, quality: dict[str, Any] | None) -> Scan:
        return cls(sha256=spooled.sha256, size=spooled.size, media_type=str(verdict.media_type), pages=verdict.pages,
                   quality=quality)


def attach(component: str, name: str, scan: Scan, replaces: UUID | None = None) -> Callable[..., Decision]:
    """The decider of one attachment. A promised scan is filled in; a new result replaces the old, which stays."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        unit = check(decision, component, replaces)
        if order.seen_version is not None and component == RESULT:
            refuse_stale(decision, None)
        keep(decision, unit, component, name, scan, replaces)
        return decision

    return decide


def keep(decision: Decision, unit: UnitInfo, component: str, name: str, scan: Scan, replaces: UUID | None = None,
         told: Row | None = None) -> None:
    """The rows of a scan that may be attached; `told` goes into its entry."""
    decision.raise_version()
    row: Row = {
        "id": str(uuid.uuid4()), "dossier_id": decision.loaded.id, "component": component, "form": "electronic",
        **_paper(decision, component, replaces), "name": name, "state": scan.state, "reason": None,
        "media_type": scan.media_type, "size": scan.size, "pages": scan.pages,
        "sha256": scan.sha256, "added_by": decision.actor.id or None, "added_at": decision.stamp,
    }
    decision.add("document", row)
    if scan.quality or scan.reused_from:
        decision.add("quality", {"id": row["id"], "quality": scan.quality,
                                 "reused_from": str(scan.reused_from) if scan.reused_from else None})
    for old in replaced(decision, component, row["id"], replaces):
        decision.add("document", {**old, "replaced_by": row["id"]})
    parts.tell(decision)
    details = {"document": row["id"], "component": component, "sha256": scan.sha256, "size": scan.size,
               "version": decision.version, **(told or {})}
    if scan.reused_from:
        details["from"] = str(scan.reused_from)
    if replaces:
        details["replaces"] = str(replaces)
    decision.audit("attach", unit=unit, before=decision.loaded.states, after=decision.loaded.states, details=details)


def may_attach(decision: Decision, component: str) -> bool:
    """Whether the person of this decision may attach such a scan now."""
    try:
        check(decision, component)
    except LienThongError:
        return False
    return True


def check(decision: Decision, component: str, replaces: UUID | None = None) -> UnitInfo:
    """The unit for which the person attaches it. Raises WrongRole, Conflict, Invalid."""
    unit = _who_may(decision, component)
    check_scan(decision, component, replaces)
    if replaces is not None and str(replaces) not in replaceable(decision):
        raise WrongRole(event="thay bản quét", event_en="replace a scan",
                        who_vi="người đã quét, quầy tiếp nhận hoặc đơn vị chủ trì",
                        who_en="whoever scanned it, the reception desk or the unit in charge")
    return unit


def replaceable(decision: Decision) -> frozenset[str]:
    """The scans in whose place the person may put better ones: who is only consulted, those he brought himself."""
    loaded, states = decision.loaded, decision.procedure.states
    working = {item["unit_id"] for item in loaded.items
               if item["duty"] == "resolve" or states[item["state"]].branch_of is None}
    leading = working | elsewhere.waiting(decision) | _gathering(decision)
    whole = any(unit in leading or (unit == loaded.intake_unit_id and role in (Role.RECEPTIONIST, Role.RETURNER))
                for unit, role in loaded.memberships)
    return frozenset(row["id"] for row in loaded.documents if whole or row["added_by"] == decision.actor.id)


def _who_may(decision: Decision, component: str) -> UnitInfo:
    """Whoever holds open work on the dossier; but for the result also the desk that took it in, who gathers opinions,
    and who waits for work that another installation does: it can be sent on there."""
    loaded, states, result = decision.loaded, decision.procedure.states, component == RESULT
    at_work = {item["unit_id"] for item in loaded.items if not result or drafts(states[item["state"]])}
    if not result:
        at_work |= elsewhere.waiting(decision) | _gathering(decision)
    for unit, role in loaded.memberships:
        desk = unit == loaded.intake_unit_id and role in (Role.RECEPTIONIST, Role.RETURNER) and not result
        if desk or (unit in at_work and role not in (Role.AUDITOR, Role.ADMINISTRATOR)):
            decision.act_as(unit, role)
            return decision.catalogue.units[unit]
    raise WrongRole(event="đính kèm", event_en="attach", who_vi="đơn vị đang xử lý hoặc quầy tiếp nhận",
                    who_en="the unit at work or the reception desk")


def _gathering(decision: Decision) -> set[int]:
    """The lead, in whose hands the dossier stays while others give their opinions: he has no open work meanwhile."""
    loaded, states = decision.loaded, decision.procedure.states
    groups = {group for state in loaded.states if (group := states[state].branch_of) is not None}
    parties = {party for group in groups if (party := states[group].party) is not None}
    on = decision.at.astimezone(ZONE).date()
    bound = (decision.catalogue.binding_for(party, loaded.intake_agency, on) for party in parties)
    return {binding.unit_id for binding in bound if binding is not None}


def drafts(info: StateInfo) -> bool:
    """A consulted agency gives its opinion; the result is not its to write."""
    return info.phase in RESULT_PHASES and info.branch_of is None


def check_scan(decision: Decision, component: str, replaces: UUID | None) -> None:
    if decision.loaded.closed_at is not None:
        raise Conflict
    known = decision.procedure.declaration.documents
    if component not in known and component not in (RESULT, OTHER):
        raise Invalid({"component": (f"không có thành phần “{component}”", f"there is no document “{component}”")})
    scans = [row for row in decision.loaded.documents if row["sha256"]]
    if replaces is not None:
        if not any(row["id"] == str(replaces) and row["component"] == component for row in scans):
            raise Invalid({"replaces": ("bản quét cần thay không còn là bản hiện hành",
                                        "the scan to be replaced is not the current one")})
    elif len(scans) >= MOST_FILES:
        raise Invalid({"file": (f"một hồ sơ có tối đa {MOST_FILES} tệp", f"a dossier has at most {MOST_FILES} files")})


def _paper(decision: Decision, component: str, replaces: UUID | None) -> Row:
    """The promised scan, or what a better scan shows as well: an original stays one, in as many copies."""
    if replaces is not None:
        old = next(row for row in decision.loaded.documents if row["id"] == str(replaces))
        return {"form": old["form"], "copies": old["copies"]}
    for row in decision.loaded.documents:
        if row["component"] == component and row["state"] == "promised":
            return row
    return {}


def replaced(decision: Decision, component: str, fresh: str, replaces: UUID | None = None) -> list[Row]:
    if component == RESULT:
        return [row for row in decision.loaded.documents if row["component"] == RESULT and row["id"] != fresh]
    return [row for row in decision.loaded.documents if row["id"] == str(replaces)]

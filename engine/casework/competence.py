"""What was handed in at the wrong place is refused with the desk named that takes it (Decree 61/2018, art. 18(3))."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.casework.decision import Decision
from engine.catalogue import Catalogue, UnitInfo, takes
from engine.errors import Invalid
from procedures.declaration import Role


def desks(catalogue: Catalogue, levels: Collection[str], own_agency: str) -> list[UnitInfo]:
    """Reception desks of other agencies; those of the levels that take in the procedure come first."""
    found = {unit for unit, role in catalogue.staffed if role == Role.RECEPTIONIST}
    return sorted((catalogue.units[unit] for unit in found if catalogue.units[unit].agency != own_agency),
                  key=lambda desk: (not takes(desk, levels), desk.agency, desk.id))


def name(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """Into the entry of the refusal, and from there on Form 03. Raises Invalid for what is no other agency's desk."""
    wanted = decision.order.particulars.unit
    if wanted is None:
        return
    known = {desk.id: desk for desk in desks(decision.catalogue, (), unit.agency)}
    if wanted not in known:
        raise Invalid({"unit": ("chọn bộ phận Một cửa của cơ quan khác", "choose the desk of another agency")})
    details["competent"] = {"unit": wanted, "vi": known[wanted].full_vi, "en": known[wanted].full_en}

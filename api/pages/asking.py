"""Whom an officer may ask beyond the procedure: the units of each agency, and whom the procedure asks later anyway."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from engine.catalogue import Catalogue, UnitInfo
from engine.desk.dossier import DossierView
from engine.desk.way import Standing
from procedures.declaration import Role, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Askable:
    """A unit as it is called inside its agency; `later`: the step at which the procedure asks it."""

    id: int
    name: Text
    later: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    name: Text
    units: list[Askable]


def askable(catalogue: Catalogue, view: DossierView) -> list[Agency]:
    """Units where an officer can answer a question, but not the one that asks."""
    asking = {offer.state for offer in view.offers if offer.event == "consult_further"}
    own = {place.unit.id for place in view.where if place.unit and place.state in asking}
    later = {branch.unit.id: stop.name for stretch in view.way for stop in stretch.stops for branch in stop.branches
             if branch.unit and branch.standing is Standing.TO_COME}
    units = sorted((unit for unit in catalogue.units.values()
                    if (unit.id, Role.OFFICER) in catalogue.staffed and unit.id not in own),
                   key=lambda unit: (unit.agency, unit.id))
    return [Agency(name=Text(vi=found[0].agency_vi, en=found[0].agency_en),
                   units=[Askable(id=unit.id, name=_inside(unit), later=later.get(unit.id)) for unit in found])
            for _, some in groupby(units, key=lambda unit: unit.agency) if (found := list(some))]


def _inside(unit: UnitInfo) -> Text:
    """Many units carry the name of their agency: the heading says it already."""
    return Text(vi=unit.name_vi.removesuffix(f", {unit.agency_vi}"),
                en=unit.name_en.removesuffix(f", {unit.agency_en}"))

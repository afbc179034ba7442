"""Where practice leaves the procedure: consultations beside it, a year back, as a reason for its next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.access import must_read
from engine.casework.orders import Actor
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.office import Office
from procedures.declaration import Text
from storage.views import deviations as views
from storage.views.deviations import Counted

# Asked in every fifth dossier or more often, it belongs into the procedure; a few dossiers say nothing yet.
USUAL_PER_CENT = 20
FEWEST_DOSSIERS = 5
BACK = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """One unit asked beside one procedure. `per_cent` of the procedure's dossiers; `late` answered late or not yet.

    `known`: the newest version has a step for this unit. `usual`: it should have one.
    """

    procedure: str
    name: Text
    unit: Text
    asked: int
    dossiers: int
    per_cent: int
    answered: int
    withdrawn: int
    late: int
    latest: datetime
    known: bool
    usual: bool


def report(office: Office, actor: Actor, now: datetime) -> list[Deviation]:
    """Of the last year, by procedure, the most asked first. Raises WrongRole."""
    must_read(office, actor, now)
    catalogue = office.fresh_catalogue()
    names = {row.procedure: catalogue.listings[row.sha256].name for row in catalogue.versions}
    rows = views.counted(office.db, now - BACK, now)
    at_work = {key: _at_work(catalogue, key, now.astimezone(ZONE).date()) for key in {row.procedure for row in rows}}
    return [_read(row, names[row.procedure], catalogue.units[row.unit_id], row.unit_id in at_work[row.procedure])
            for row in rows]


def _at_work(catalogue: Catalogue, key: str, today: date) -> set[int]:
    """The units that fill a step of the newest version, for whichever agency takes it in."""
    newest = next(row for row in catalogue.versions if row.procedure == key)
    parties = {state.party for state in catalogue.procedures[newest.id].states.values()}
    return {row.unit_id for (party, _), rows in catalogue.bindings.items() if party in parties for row in rows
            if row.valid_from <= today and (row.valid_to is None or today <= row.valid_to)}


def _read(row: Counted, name: Text, unit: UnitInfo, known: bool) -> Deviation:
    per_cent = round(100 * row.dossiers / max(1, row.of_dossiers))
    return Deviation(
        procedure=row.procedure, name=name, unit=Text(vi=unit.full_vi, en=unit.full_en), asked=row.asked,
        dossiers=row.dossiers, per_cent=per_cent, answered=row.answered, withdrawn=row.withdrawn, late=row.late,
        latest=row.latest, known=known,
        usual=not known and row.of_dossiers >= FEWEST_DOSSIERS and per_cent >= USUAL_PER_CENT)

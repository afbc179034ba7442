"""Where practice leaves the procedure: consultations beside it, a year back, as a reason for its next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.access import must_read
from engine.casework.orders import Actor
from engine.office import Office
from procedures.declaration import Text
from storage.views import deviations as views
from storage.views.deviations import Counted

# Asked in every fifth dossier or more often, it belongs into the procedure.
USUAL_PER_CENT = 20
BACK = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """One unit asked beside one procedure. `per_cent` of the procedure's dossiers; `late` answered late or not yet."""

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

    @property
    def usual(self) -> bool:
        return self.per_cent >= USUAL_PER_CENT


def report(office: Office, actor: Actor, now: datetime) -> list[Deviation]:
    """Of the last year, by procedure, the most asked first. Raises WrongRole."""
    must_read(office, actor, now)
    catalogue = office.fresh_catalogue()
    names = {row.procedure: catalogue.listings[row.sha256].name for row in catalogue.versions}
    return [_read(row, names, catalogue.units[row.unit_id].full_vi, catalogue.units[row.unit_id].full_en)
            for row in views.counted(office.db, now - BACK, now)]


def _read(row: Counted, names: dict[str, Text], vi: str, en: str) -> Deviation:
    return Deviation(
        procedure=row.procedure, name=names[row.procedure], unit=Text(vi=vi, en=en), asked=row.asked,
        dossiers=row.dossiers, per_cent=round(100 * row.dossiers / max(1, row.of_dossiers)), answered=row.answered,
        withdrawn=row.withdrawn, late=row.late, latest=row.latest)

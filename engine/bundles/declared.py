"""The bundles in force, with the versions of their procedures that a submission of today is dealt with under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.catalogue import Catalogue, UnitInfo, takes
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import due
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.office import Office
from engine.states.procedure import Procedure
from procedures import bundle as declarations
from procedures import planner
from procedures.bundle import Bundle
from procedures.declaration import CountMode as DeclaredMode
from procedures.declaration import Declaration
from storage import bundles


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """A bundle with the version of each part's procedure, by part."""

    version_id: int
    bundle: Bundle
    versions: Mapping[str, int]
    procedures: Mapping[str, Procedure]

    @property
    def declarations(self) -> dict[str, Declaration]:
        return {part: procedure.declaration for part, procedure in self.procedures.items()}


def in_force(office: Office, catalogue: Catalogue, on: date) -> list[Joined]:
    """Every bundle all of whose procedures are in force."""
    found = []
    for row in bundles.in_force(office.db, on):
        bundle = declarations.restore(row.content)
        try:
            current = {key: catalogue.current(part.procedure, on) for key, part in bundle.parts.items()}
        except NotFound:
            continue
        found.append(Joined(version_id=row.id, bundle=bundle, versions={key: one for key, (one, _) in current.items()},
                            procedures={key: procedure for key, (_, procedure) in current.items()}))
    return found


def offered(office: Office, catalogue: Catalogue, on: date, desks: Sequence[UnitInfo]) -> list[Joined]:
    """Those that one of these desks takes in."""
    return [joined for joined in in_force(office, catalogue, on)
            if any(takes(desk, joined.bundle.received_at) for desk in desks)]


def current(office: Office, catalogue: Catalogue, key: str, on: date) -> Joined:
    """Raises NotFound."""
    for joined in in_force(office, catalogue, on):
        if joined.bundle.bundle == key:
            return joined
    raise NotFound(what=f"hồ sơ liên thông “{key[:80]}”", what_en=f"bundle “{key[:80]}”")


def due_on(calendar: Calendar) -> planner.Due:
    """How the planner counts, on this calendar."""

    def counted(limit: tuple[str, ...], mode: DeclaredMode, received: datetime) -> datetime:
        return due(Limit.parse(limit), CountMode(mode), received, calendar)

    return counted


def provisional(calendar: Calendar, at: datetime | None) -> bool:
    """Whether the date lies in a year whose calendar is not announced."""
    return at is not None and not calendar.announced(at.astimezone(ZONE).year)

"""What publishing a calendar would do to the dossiers in flight, before anybody does it. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from engine.casework.obligations import declared_leads
from engine.catalogue import Catalogue
from engine.clocks.limits import Limit
from engine.errors import LienThongError
from engine.office import Office
from engine.recomputing import reach
from engine.recomputing.reach import Reach
from engine.recomputing.standing import Standing, stand
from engine.timekeeper import now
from procedures.calendars.declaration import CalendarDeclaration, LocalRules
from storage import recomputing as stored
from storage.recomputing import OpenClock

# Open dossiers looked through at a time: a few hundredths of a second of the database's work.
WINDOW = 500
SAMPLES = 50


@dataclass(frozen=True, slots=True)
class Shift:
    """A dossier that moves, by its own date or, where that stays, by the first of its clocks that moves."""

    code: str
    kind: str
    old: datetime
    new: datetime
    subject: str = ""


@dataclass(slots=True)
class Effect:
    """Counts of dossiers. `considered`: with a clock the change can reach; `later` and `earlier` add up to `moved`.

    `confirmed`: their own date is provisional no longer. `failed`: their clocks cannot be computed. `complete` is False
    when there were more dossiers than were looked at. `first`: the earliest date that moves. `from_at`: no clock due
    before it can move, which is what publishing asks for. `past`: days that are over count otherwise; `excused`: are
    overdue now, and would not be.
    """

    from_at: datetime
    considered: int = 0
    moved: int = 0
    later: int = 0
    earlier: int = 0
    confirmed: int = 0
    failed: int = 0
    complete: bool = True
    first: datetime | None = None
    past: bool = False
    excused: int = 0
    samples: list[Shift] = field(default_factory=list)


def preview(office: Office, scope: str, declared: CalendarDeclaration | LocalRules, *, most: int = 50_000,
            at: datetime | None = None) -> Effect:
    """What publishing `declared` for `scope` ('' is the shared calendar) would do now; looks at `most` dossiers."""
    catalogue = office.fresh_catalogue()
    found = reach.of_content(office.db, catalogue, scope, declared)
    at, chosen = at or now(), list[tuple[int, Shift]]()
    effect = Effect(from_at=found.since, past=found.changes_before(at))
    for rows in _dossiers(office, found):
        if effect.considered >= most:
            effect.complete = False
            break
        effect.considered += 1
        try:
            _count(effect, rows, [(row, stand(row, found.calendars[of_whom(row)], at, leads(catalogue, row)))
                                  for row in rows], chosen, at)
        except (LienThongError, LookupError, TypeError, ValueError):
            effect.failed += 1
    subjects = stored.subjects(office.db, [id_ for id_, _ in chosen])
    effect.samples = [replace(shift, subject=subjects.get(id_, "")) for id_, shift in chosen]
    return effect


def of_whom(row: OpenClock) -> str:
    return row.agency or row.intake_agency


def leads(catalogue: Catalogue, row: OpenClock) -> tuple[Limit, ...]:
    """What the clock of an obligation reminds by."""
    return () if row.owed is None else tuple(declared_leads(catalogue.procedures[row.version_id], row.owed))


def _dossiers(office: Office, found: Reach) -> Iterator[list[OpenClock]]:
    after = 0
    while (upto := stored.window(office.db, after, WINDOW)) is not None:
        rows = stored.open_clocks(office.db, after, upto, list(found.calendars), found.since)
        for _, of_one in groupby(rows, key=lambda row: row.id):
            yield list(of_one)
        after = upto


def _count(effect: Effect, rows: list[OpenClock], standings: list[tuple[OpenClock, Standing]],
           chosen: list[tuple[int, Shift]], at: datetime) -> None:
    own = next((standing for row, standing in standings if row.kind == "dossier"), None)
    if own is not None and rows[0].provisional and not own.provisional:
        effect.confirmed += 1
    shift = _leading(standings)
    if shift is None:
        return
    effect.moved += 1
    effect.later += shift.new > shift.old
    effect.earlier += shift.new < shift.old
    effect.excused += shift.kind == "dossier" and shift.old < at <= shift.new
    effect.first = shift.old if effect.first is None else min(effect.first, shift.old)
    if len(chosen) < SAMPLES:
        chosen.append((rows[0].id, shift))


def _leading(standings: list[tuple[OpenClock, Standing]]) -> Shift | None:
    moved = [Shift(row.code, row.kind, row.due_at, standing.due) for row, standing in standings
             if row.due_at is not None and standing.due is not None and standing.due != row.due_at]
    return next((shift for shift in moved if shift.kind == "dossier"), moved[0] if moved else None)

"""Finished work measured one piece after the other, and gathered by unit, step and person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from engine.catalogue import Catalogue
from engine.clocks.judgement import Verdict, against
from engine.clocks.limits import CountMode
from engine.clocks.zone import minute_of
from engine.desk.places import UnitRef, state_name, unit_ref
from engine.judging.figures import Tally, WorkFigures
from procedures.declaration import Text
from storage.views.timeliness import Done


@dataclass(frozen=True, kw_only=True, slots=True)
class OfUnit:
    unit: UnitRef
    figures: WorkFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class OfStep:
    procedure: str
    procedure_name: Text
    step: Text
    figures: WorkFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class OfPerson:
    person: str
    unit: UnitRef
    figures: WorkFigures


class Gathered:
    """A step is one whatever version of its procedure it was done under; it is called as in the newest of them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.units: defaultdict[int, Tally] = defaultdict(Tally)
        self.steps: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
        self.people: defaultdict[tuple[int, int], Tally] = defaultdict(Tally)
        self._versions: dict[tuple[str, str], int] = {}
        self._names: dict[int, str] = {}
        # which calendar counts is looked up once an agency, not three times a row
        self._calendar = cache(catalogue.calendar)
        self._calendar_at = cache(catalogue.calendar_at)

    def take(self, row: Done) -> None:
        measured = self._measured(row)
        step, person = (row.procedure, row.state), (row.person_id, row.unit_id)
        for tally in (self.units[row.unit_id], self.steps[step], self.people[person]):
            tally.add(*measured)
        self._versions[step] = max(row.version_id, self._versions.get(step, 0))
        self._names[row.person_id] = row.person

    def _measured(self, row: Done) -> tuple[Verdict, int, int, int]:
        """Verdict and lateness by the calendar the due date was computed with; office and transit as booked."""
        agency = self.catalogue.units[row.unit_id].agency
        own, desk = self._calendar(agency), self._calendar(row.intake_agency)
        opened, closed = minute_of(row.opened_at), minute_of(row.closed_at)
        taken = opened
        if row.register_due_at is not None:
            taken = minute_of(min(row.register_due_at, row.registered_at or row.register_due_at))
            taken = min(closed, max(opened, taken))
        office = own.worked(closed) - own.worked(taken)
        transit = desk.worked(taken) - desk.worked(opened) if taken > opened else 0
        if row.due_at is None or row.calendar_no is None or row.count_mode is None:
            return Verdict.NOT_JUDGED, 0, office, transit
        due = minute_of(row.due_at)
        late = 0
        if closed > due:
            counted = self._calendar_at(row.agency or row.intake_agency, row.calendar_no)
            late = counted.worked(closed) - counted.worked(due)
        return against(due, closed, CountMode(row.count_mode)), late, office, transit

    def of_units(self) -> list[OfUnit]:
        found = [OfUnit(unit=unit_ref(self.catalogue, unit), figures=tally.figures())
                 for unit, tally in self.units.items()]
        return sorted(found, key=lambda row: (row.unit.agency, row.unit.id))

    def of_steps(self, names: Mapping[str, Text]) -> list[OfStep]:
        found = [OfStep(procedure=procedure, procedure_name=names[procedure], figures=tally.figures(),
                        step=state_name(self.catalogue.procedures[self._versions[procedure, state]], state))
                 for (procedure, state), tally in self.steps.items()]
        return sorted(found, key=lambda row: (row.procedure_name.vi, -row.figures.late, row.step.vi))

    def of_people(self) -> list[OfPerson]:
        found = [OfPerson(person=self._names[person], unit=unit_ref(self.catalogue, unit), figures=tally.figures())
                 for (person, unit), tally in self.people.items()]
        return sorted(found, key=lambda row: (row.unit.agency, row.unit.id, row.person))

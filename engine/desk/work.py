"""My work: what my units have to do, due first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine.casework.words import fold
from engine.catalogue import Catalogue
from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE
from engine.desk.places import Lateness, UnitRef, day_of, lateness, state_name, unit_ref
from engine.office import Office
from engine.workcalendars import SHARED
from procedures.declaration import Text
from storage.views import worklist
from storage.views.finding import patterns
from storage.views.worklist import Asked, Item

LARGEST_PAGE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkRow:
    """One open piece of work. `handoff` is set while somebody must still register it, with who sent it in `sender`.

    `duty`: "step", or "resolve" for a hand-off that came back. `due_at` is this work's own, `dossier_due_at`
    what the citizen was promised.
    """

    code: str
    version: int
    state: str
    state_name: Text
    duty: str
    procedure: str
    procedure_name: Text
    applicant: str
    subject: str
    unit: UnitRef
    role: str
    since: datetime
    due_at: datetime | None
    dossier_due_at: datetime | None
    lateness: Lateness
    handoff: UUID | None
    sender: UnitRef | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkPage:
    """`total` is what the filters leave; the three counts are without the filter for lateness."""

    rows: list[WorkRow]
    page: int
    size: int
    total: int
    overdue: int
    soon: int
    on_time: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def work(office: Office, person_id: int, now: datetime, *, late: bool | Lateness | None = None, search: str = "",
         page: int = 1, size: int = 50) -> WorkPage:
    """`late` True: only what is overdue, False: only what is not; or one lateness. Page 1 is the first."""
    size = min(max(size, 1), LARGEST_PAGE)
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    items = worklist.open_items(office.db, Asked(
        person=person_id, today=day_of(now), now=now, soon=soon, late=late, words=patterns(fold(search)), size=size,
        skip=(max(page, 1) - 1) * size))
    first = items[0]
    on_time = first.everything - first.overdue - first.soon
    total = {None: first.everything, True: first.overdue, False: first.everything - first.overdue,
             Lateness.OVERDUE: first.overdue, Lateness.SOON: first.soon}.get(late, on_time)
    rows = [_row(catalogue, item, now, soon) for item in items if item.code is not None]
    return WorkPage(
        rows=rows, page=max(page, 1), size=size,
        total=total, overdue=first.overdue, soon=first.soon, on_time=on_time)


def _row(catalogue: Catalogue, item: Item, now: datetime, soon: datetime) -> WorkRow:
    procedure = catalogue.procedures[item.version_id]
    waits = item.handoff_state in ("pending", "delivered")
    return WorkRow(
        code=item.code or "", version=item.version, state=item.state, state_name=state_name(procedure, item.state),
        duty=item.duty, procedure=procedure.key, procedure_name=procedure.declaration.name, applicant=item.applicant,
        subject=item.subject, unit=unit_ref(catalogue, item.unit_id), role=item.role, since=item.available_at,
        due_at=item.due_at, dossier_due_at=item.dossier_due_at, lateness=lateness(item.due_at, now, soon),
        handoff=item.handoff_id if waits else None,
        sender=unit_ref(catalogue, item.from_unit_id) if waits and item.from_unit_id is not None else None)


def end_of_next_working_day(now: datetime, calendar: Calendar) -> datetime:
    """What is due before it is due soon; in lists, whose rows are of many agencies, by the shared calendar."""
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return calendar.close_of(day)

"""My work: what my units have to do, due first; who is at it, what others handed over, what I put off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from engine.casework import mirrors
from engine.catalogue import Catalogue
from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE
from engine.desk.mirrored import named
from engine.desk.places import Lateness, UnitRef, day_of, lateness, state_name, unit_ref
from engine.desk.sought import sought
from engine.errors import Invalid
from engine.office import Office
from engine.workcalendars import SHARED
from procedures.declaration import Text
from storage.views import worklist
from storage.views.worklist import Asked, Facet, Item, asked_for

LARGEST_PAGE = 200
MOST_AT_ONCE = 500
LONGEST_SNOOZE = timedelta(days=60)


class Tab(StrEnum):
    """TO_DO: mine to do, claimed by nobody else. MINE: claimed by me. UNIT: the whole unit's, whoever is at it.
    OFFERED: to be registered. SNOOZED: put off by me.
    """

    TO_DO = "todo"
    MINE = "mine"
    UNIT = "unit"
    OFFERED = "offered"
    SNOOZED = "snoozed"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkRow:
    """One open piece of work, number `no` of its dossier. `handoff` is set while somebody must still register it, with
    who sent it in `sender`.

    `duty`: "step", "resolve" for a hand-off that came back, or "consult". `due_at` is this work's own,
    `dossier_due_at` what the citizen was promised. `claimant`: who is at it; `claimed_by_me` includes those I stand in
    for. `snoozed_until`: put off by the reader alone. `asked_by`: who asks for it, of a dossier that another
    installation masters.
    """

    code: str
    no: int
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
    claimant: str | None
    claimed_at: datetime | None
    claimed_by_me: bool
    snoozed_until: datetime | None
    paper: str | None = None
    asked_by: UnitRef | None = None
    # of "resolve": by which act it came back
    came_back: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    key: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What the filters may name: only what there is work of."""

    procedures: list[Choice] = field(default_factory=list)
    steps: list[Choice] = field(default_factory=list)
    agencies: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkPage:
    """`total` is what the filters leave in this tab; the counts by lateness are without the filter for it, `tabs` is
    what the filters leave in each. `snoozed_overdue`: put off and late by now.
    """

    rows: list[WorkRow]
    tab: Tab
    page: int
    size: int
    total: int
    overdue: int
    soon: int
    on_time: int
    tabs: dict[str, int]
    snoozed_overdue: int
    choices: Choices

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """`late` True: only what is overdue, False: only what is not; or one lateness. `procedure` is a key, `step` the id
    of a state, `agency` a code: of who took the dossier in or handed the work over. `chosen`: (code, number) pairs.
    """

    tab: Tab = Tab.TO_DO
    late: bool | Lateness | None = None
    search: str = ""
    procedure: str = ""
    step: str = ""
    agency: str = ""
    chosen: Sequence[tuple[str, int]] | None = None


EVERYTHING = Filters()


def work(office: Office, person_id: int, now: datetime, filters: Filters = EVERYTHING, *, page: int = 1,
         size: int = 50) -> WorkPage:
    """Due first; page 1 is the first."""
    size = min(max(size, 1), LARGEST_PAGE)
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    items = worklist.open_items(office.db, _asked(catalogue, person_id, now, filters, size=size,
                                                  skip=(max(page, 1) - 1) * size, facets=True))
    first = items[0]
    everything = getattr(first, filters.tab.value)
    on_time = everything - first.overdue - first.soon
    total = {None: everything, True: first.overdue, False: everything - first.overdue,
             Lateness.OVERDUE: first.overdue, Lateness.SOON: first.soon}.get(filters.late, on_time)
    return WorkPage(
        rows=[_row(catalogue, item, now, soon) for item in items if item.code is not None], tab=filters.tab,
        page=max(page, 1), size=size, total=total, overdue=first.overdue, soon=first.soon, on_time=on_time,
        tabs={tab.value: getattr(first, tab.value) for tab in Tab}, snoozed_overdue=first.snoozed_overdue,
        choices=_choices(catalogue, first.facets or []))


def some(office: Office, person_id: int, now: datetime, filters: Filters) -> list[Item]:
    """At most MOST_AT_ONCE pieces of work, for doing one thing with all of them."""
    catalogue = office.fresh_catalogue()
    found = worklist.open_items(office.db, _asked(catalogue, person_id, now, filters, size=MOST_AT_ONCE))
    return [item for item in found if item.code is not None]


def rows_of(office: Office, items: Sequence[Item], now: datetime) -> list[WorkRow]:
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    return [_row(catalogue, item, now, soon) for item in items]


def _asked(catalogue: Catalogue, person_id: int, now: datetime, filters: Filters, *, size: int, skip: int = 0,
           facets: bool = False) -> Asked:
    wanted = sought(catalogue, filters.search)
    return Asked(
        person=person_id, today=day_of(now), now=now, soon=end_of_next_working_day(now, catalogue.calendar(SHARED)),
        tab=filters.tab, late=filters.late, words=wanted.words, named=wanted.procedures, rest=wanted.rest,
        procedure=filters.procedure or None, state=filters.step or None, agency=filters.agency or None,
        chosen=filters.chosen, size=size, skip=skip, facets=facets)


def _choices(catalogue: Catalogue, facets: Sequence[Facet]) -> Choices:
    """Each once, by name; a step is one whatever procedure it is of, called as in the first one's newest version.

    What another installation asks for is called as in the lists: as it calls it.
    """
    procedures: dict[str, Text] = {}
    steps: dict[str, Text] = {}
    agencies: dict[str, Text] = {}
    names = {unit.agency: Text(vi=unit.agency_vi, en=unit.agency_en) for unit in catalogue.units.values()}
    newest = {row.procedure: row.id for row in reversed(catalogue.versions)}
    for key, state, intake, sender, name, step in facets:
        procedure = catalogue.procedures[newest[key]]
        named_by = Text(**name) if name else procedure.declaration.name
        procedures.setdefault(asked_for(named_by.vi) if name else key, named_by)
        called = Text(**step) if step and state == mirrors.WORKING else state_name(procedure, state)
        steps.setdefault(asked_for(called.vi) if step and state == mirrors.WORKING else state, called)
        for agency in (intake, sender):
            if agency is not None and agency in names:
                agencies.setdefault(agency, names[agency])
    return Choices(procedures=_sorted(procedures), steps=_sorted(steps), agencies=_sorted(agencies))


def _sorted(found: dict[str, Text]) -> list[Choice]:
    return [Choice(key=key, name=name) for key, name in sorted(found.items(), key=lambda pair: pair[1].vi)]


def _row(catalogue: Catalogue, item: Item, now: datetime, soon: datetime) -> WorkRow:
    procedure = catalogue.procedures[item.version_id]
    called = named(catalogue, procedure, item.state, item.asked)
    return WorkRow(
        code=item.code or "", no=item.no, version=item.version, state=item.state,
        state_name=called.step, duty=item.duty, procedure=procedure.key, asked_by=called.by,
        procedure_name=called.procedure, applicant=item.applicant, subject=item.subject,
        unit=unit_ref(catalogue, item.unit_id), role=item.role, since=item.available_at, due_at=item.due_at,
        dossier_due_at=item.dossier_due_at, lateness=lateness(item.due_at, now, soon),
        handoff=item.handoff_id if item.waits else None,
        sender=unit_ref(catalogue, item.from_unit_id) if item.waits and item.from_unit_id is not None else None,
        claimant=item.claimant, claimed_at=item.claimed_at if item.claimant else None,
        claimed_by_me=bool(item.claimed_by_me), snoozed_until=item.snoozed_until,
        paper=item.paper, came_back=item.came_back)


def snooze(office: Office, person_id: int, items: Sequence[Item], until: date | None, now: datetime) -> None:
    """Until the morning of that day this person does not see the work in his lists; nobody else's change.

    Raises Invalid for a day that is not after today, or is more than sixty days away.
    """
    today = day_of(now)
    if until is None or not today < until <= today + LONGEST_SNOOZE:
        last = today + LONGEST_SNOOZE
        raise Invalid({"until": (f"chọn một ngày sau hôm nay, muộn nhất {last:%d/%m/%Y}",
                                 f"choose a day after today, {last:%d/%m/%Y} at the latest")})
    worklist.snooze(office.db, person_id, [(item.dossier_id, item.no) for item in items],
                    datetime.combine(until, time(0, 0), ZONE))


def wake(office: Office, person_id: int, items: Sequence[Item]) -> None:
    """Back in the lists at once."""
    worklist.wake(office.db, person_id, [(item.dossier_id, item.no) for item in items])


def end_of_next_working_day(now: datetime, calendar: Calendar) -> datetime:
    """What is due before it is due soon; in lists, whose rows are of many agencies, by the shared calendar."""
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return calendar.close_of(day)

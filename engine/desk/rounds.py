"""Courier runs of a day, and the manifest of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.catalogue import Catalogue
from engine.clocks.departures import ready_by
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.errors import NotFound
from engine.office import Office
from storage import runs
from storage.runs import Run
from storage.views import rounds
from storage.views.rounds import Load


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadRow:
    """One paper of a manifest. `state` is the paper's present one, wherever it went after this run. `handed_to`: who
    signed for it at an agency that does not work here; `confirmed_by` recorded it.
    """

    barcode: str
    code: str
    kind: str
    state: str
    sender: UnitRef
    receiver: UnitRef
    taken_at: datetime | None
    taken_by: str | None
    confirmed_at: datetime | None
    confirmed_by: str | None
    handed_to: str | None
    missing_at: datetime | None
    bag_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """`courier`: the person carries; others see the papers that come from or go to their agency. `waiting`: what
    the next run of its route will list, as far as it is ready.
    """

    run: Run
    courier: bool
    lines: list[LoadRow]
    waiting: list[LoadRow]


def courier_runs(office: Office, day: date) -> list[Run]:
    """Times and counts only."""
    return runs.of_day(office.db, day)


def courier_run(office: Office, run_id: int, person_id: int, now: datetime) -> RunView:
    found = runs.one(office.db, run_id)
    if found is None:
        raise NotFound(what="chuyến giao nhận", what_en="the courier run")
    catalogue, today = office.fresh_catalogue(), day_of(now)
    waiting = (rounds.waiting(office.db, found.route_id, ready_by(found.depart_at), person_id, today)
               if _next(found, runs.next_of(office.db)) else [])
    return RunView(run=found, courier=runs.is_courier(office.db, person_id, today),
                   lines=[_line(catalogue, row) for row in rounds.lines(office.db, run_id, person_id, today)],
                   waiting=[_line(catalogue, row) for row in waiting])


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """The next departure of routes that leave no more on a day, and how many papers wait for it or its like."""

    depart_at: datetime
    waiting: int


def coming(office: Office, of_day: Sequence[Run], now: datetime) -> Coming | None:
    """None where every route still leaves on that day, or nothing is planned."""
    leaves = {route: at for route, at in runs.next_of(office.db).items() if at > now}
    later = {route: at for route, at in leaves.items() if not any(run.route_id == route and _next(run, leaves)
                                                                  for run in of_day)}
    if not later:
        return None
    return Coming(depart_at=min(later.values()),
                  waiting=sum(rounds.how_many_wait(office.db, route, ready_by(at)) for route, at in later.items()))


def waiting_for(office: Office, of_day: Sequence[Run]) -> dict[int, int]:
    """How many papers wait for these runs, by the run, where it is the next one of its route."""
    leaves = runs.next_of(office.db)
    return {run.id: rounds.how_many_wait(office.db, run.route_id, ready_by(run.depart_at))
            for run in of_day if _next(run, leaves)}


def _next(run: Run, leaves: Mapping[int, datetime]) -> bool:
    return run.state == "planned" and run.depart_at == leaves.get(run.route_id)


def _line(catalogue: Catalogue, row: Load) -> LoadRow:
    return LoadRow(
        barcode=row.barcode, code=row.code, kind=row.kind, state=row.state,
        sender=unit_ref(catalogue, row.from_unit_id), receiver=unit_ref(catalogue, row.to_unit_id),
        taken_at=row.taken_at, taken_by=row.taken_by, confirmed_at=row.confirmed_at, confirmed_by=row.confirmed_by,
        handed_to=row.handed_to, missing_at=row.missing_at, bag_id=row.bag_id)

"""Runs of the routes: four a working day, a manifest at departure, confirmation on arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.casework import transfers
from engine.casework.orders import Actor
from engine.casework.telling import RUN_STATES
from engine.clocks.departures import ready_by
from engine.clocks.zone import ZONE
from engine.errors import NotFound, NotPossibleHere, WrongRole
from engine.office import Office
from engine.workcalendars import SHARED
from storage import custody, runs
from storage.runs import Line, Run


def plan_ahead(office: Office, now: datetime) -> int:
    """Today and the next working day: what missed today's last run is seen to wait for that day's first.

    A route that is new begins with what is still to come: nobody left before it was drawn up.
    """
    today, calendar = now.astimezone(ZONE).date(), office.fresh_catalogue().calendar(SHARED)
    following = calendar.opening_of(today + timedelta(days=1)).astimezone(ZONE).date()
    return sum(plan(office, day, now) for day in (today, following))


def plan(office: Office, day: date, since: datetime | None = None) -> int:
    """The runs of a working day, none on a day off. Planning again adds nothing."""
    # the working calendar first: a holiday has no runs, a worked Saturday has
    if not office.fresh_catalogue().calendar(SHARED).is_working_day(day):
        return 0
    return sum(runs.plan(office.db, route.id, day, [datetime.combine(day, at, ZONE) for at in sorted(route.departures)],
                         since) for route in runs.routes(office.db))


def draw_due_manifests(office: Office, now: datetime) -> int:
    """Lists what each run that should have left by now takes along; offers nobody confirmed in time are told of."""
    custody.ring(office.db, now)
    listed = 0
    for run in runs.due(office.db, now):
        runs.draw(office.db, run.id, now, ready_by(run.depart_at))
        listed += 1
    return listed


def one(office: Office, run_id: int) -> Run:
    found = runs.one(office.db, run_id)
    if found is None:
        raise NotFound(what="chuyến giao nhận", what_en="the courier run")
    return found


def depart(office: Office, run_id: int, courier: Actor, now: datetime) -> Run:
    """The courier has taken what he found; what he left behind waits for the next run."""
    is_courier(office, courier, now)
    return _moved(office, runs.depart(office.db, run_id, courier.id, now), run_id, "khởi hành", "depart")


def arrive(office: Office, run_id: int, courier: Actor, now: datetime) -> Run:
    """What he still has then is confirmed within working hours of the agency it goes to, as what is given by hand."""
    is_courier(office, courier, now)
    catalogue = office.fresh_catalogue()
    by_unit = {unit: transfers.by_when(now, catalogue.calendar(catalogue.units[unit].agency))
               for unit in {line.to_unit_id for line in runs.lines(office.db, run_id)}}
    shared = transfers.by_when(now, catalogue.calendar(SHARED))
    return _moved(office, runs.arrive(office.db, run_id, now, shared, by_unit), run_id, "kết thúc chuyến", "arrive")


def is_courier(office: Office, courier: Actor, now: datetime) -> None:
    """Raises WrongRole for everybody else."""
    if not runs.is_courier(office.db, courier.id, now.astimezone(ZONE).date()):
        raise WrongRole(event="chuyến giao nhận", event_en="a courier's run",
                        who_vi="nhân viên giao nhận", who_en="a courier")


def _moved(office: Office, moved: bool, run_id: int, vi: str, en: str) -> Run:
    found = one(office, run_id)
    if not moved:
        raise not_now(found, vi, en)
    return found


def not_now(run: Run, vi: str, en: str) -> NotPossibleHere:
    state = RUN_STATES[run.state]
    return NotPossibleHere(event=vi, event_en=en, where_vi=state.vi.lower(), where_en=state.en.lower(), possible="-")


@dataclass(frozen=True, slots=True)
class Manifest:
    run: Run
    lines: list[Line]


def manifest(office: Office, run_id: int) -> Manifest:
    """Codes, barcodes and destinations only: a courier sees no content."""
    return Manifest(one(office, run_id), runs.lines(office.db, run_id))

"""Four runs a working day, their manifests, and the cut-off at 15:00."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta

import pytest

from engine.casework.receive import receive
from engine.clocks.zone import ZONE
from engine.flows.courier_run import courier_run
from engine.office import Office
from tests.flows.ledger import Ledger
from tests.journey import Journey

MONDAY, HOLIDAY, WEDNESDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 29)
WORKED_SATURDAY = date(2026, 8, 22)
FOUR = [time(8, 30), time(10, 30), time(14, 0), time(16, 0)]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def run(instant: datetime) -> None:
    asyncio.run(courier_run.fn(instant))


def departures(ledger: Ledger, day: date) -> list[time]:
    return [moment.astimezone(ZONE).time() for moment in
            ledger.values("select depart_at from courier_run where day = %s order by no", day)]


@pytest.mark.parametrize(("day", "expected"), [
    (MONDAY, FOUR), (HOLIDAY, []), (SUNDAY, []), (WORKED_SATURDAY, FOUR), (SUNDAY - timedelta(days=1), []),
])
def test_runs_are_planned_on_working_days_only(office: Office, ledger: Ledger, day: date, expected: list[time]) -> None:
    run(at(day, 5))
    run(at(day, 6))

    assert departures(ledger, day) == expected


def test_tomorrow_is_planned_too_if_it_is_a_working_day(office: Office, ledger: Ledger) -> None:
    run(at(HOLIDAY, 9))
    assert (departures(ledger, HOLIDAY), departures(ledger, WEDNESDAY)) == ([], FOUR)

    run(at(MONDAY, 9))
    assert (departures(ledger, MONDAY), departures(ledger, HOLIDAY)) == (FOUR, [])


def test_what_is_received_by_15_00_leaves_the_same_day_and_what_comes_later_the_next_working_day(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    run(at(MONDAY, 5))
    in_time = receive(office, journey.submission(), at(MONDAY, 14, 59)).code
    too_late = receive(office, journey.submission(), at(MONDAY, 15, 1)).code

    run(at(MONDAY, 16))
    run(at(WEDNESDAY, 8, 30))

    found = ledger.rows("select d.code, r.day, r.no from courier_load l join courier_run r on r.id = l.run_id "
                        "join dossier d on d.id = l.dossier_id order by l.run_id")
    assert found == [(in_time, MONDAY, 4), (too_late, WEDNESDAY, 1)]


def test_a_manifest_is_drawn_once_however_often_the_flow_runs(office: Office, journey: Journey, ledger: Ledger) -> None:
    run(at(MONDAY, 5))
    receive(office, journey.submission(), at(MONDAY, 8))

    for minute in (30, 31, 45):
        run(at(MONDAY, 8, minute))
        receive(office, journey.submission(), at(MONDAY, 8, minute))

    assert ledger.rows("select r.no, count(*) from courier_load l join courier_run r on r.id = l.run_id "
                       "group by r.no") == [(1, 1)]


def test_manifests_missed_while_everything_was_stopped_are_drawn_afterwards(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    run(at(MONDAY, 5))
    receive(office, journey.submission(), at(MONDAY, 9))

    run(at(WEDNESDAY, 9))

    states = ledger.rows("select day, array_agg(state order by no) from courier_run where day <= %s "
                         "group by day order by day", WEDNESDAY)
    assert states == [(MONDAY, ["listed"] * 4), (WEDNESDAY, ["listed", "planned", "planned", "planned"])]
    assert ledger.value("select r.no from courier_load l join courier_run r on r.id = l.run_id") == 2

"""Alarms ring once, in due order, also late, and one dossier that fails holds up no other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine import alarms
from engine.alarms import Swept
from engine.errors import Unavailable
from engine.office import Office
from storage import housekeeping, sweeps, timers
from storage.local.machine import Machine
from storage.session import Database
from tests.conftest import Fresh
from tests.flows.ledger import Ledger
from tests.journey import Cast, Journey
from tests.wire import Mode, Wire


def in_office(journey: Journey, number: int) -> list[str]:
    """Dossiers that were registered by the lead department, an hour apart."""
    codes = []
    for _ in range(number):
        code = journey.receive().code
        journey.register_all(code)
        journey.now += timedelta(hours=1)
        codes.append(code)
    return codes


def test_alarms_ring_in_due_order_across_dossiers_and_only_once(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    in_office(journey, 5)

    swept = alarms.sweep(office, journey.now + timedelta(days=30))

    rang = ledger.alarms()
    assert swept == Swept(rang=len(rang))
    assert len(rang) >= 5 * 4
    assert [at for *_, at in rang] == sorted(at for *_, at in rang)
    assert len(set(rang)) == len(rang)
    assert alarms.sweep(office, journey.now + timedelta(days=30)) == Swept()


def test_four_sweeps_at_once_ring_each_alarm_once_and_in_order(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    in_office(journey, 8)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: alarms.sweep(office, journey.now + timedelta(days=30)), range(4)))

    rang = ledger.alarms()
    assert sum(swept.rang for swept in done) == len(rang) == len(set(rang))
    assert sum(swept.failed for swept in done) == 0
    assert [at for *_, at in rang] == sorted(at for *_, at in rang)
    assert ledger.value("select count(*) from notice") == ledger.value(
        "select count(*) from (select distinct dossier_id, clock_no, kind, about, unit_id from notice) n")


def test_three_days_of_stop_lose_no_alarm_and_change_no_order(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    codes = in_office(journey, 3)
    begun = journey.now
    for hours in range(0, 24, 2):
        alarms.sweep(office, begun + timedelta(hours=hours))
    before = len(ledger.alarms())

    alarms.sweep(office, begun + timedelta(days=4))

    rang = ledger.alarms()
    late = [at for *_, at in rang[before:]]
    assert late
    assert late == sorted(late)
    assert {code for code, *_ in rang} == set(codes)
    assert len(set(rang)) == len(rang)


def test_a_dossier_that_cannot_ring_is_put_off_and_the_others_ring(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    broken, *whole = in_office(journey, 3)
    ledger.do("update clock set marks = '[{}]' where dossier_id = (select id from dossier where code = %s)", broken)

    swept = alarms.sweep(office, journey.now + timedelta(days=30))

    assert swept.failed >= 1
    assert {code for code, *_ in ledger.alarms()} == set(whole)
    shown = timers.failing(office.db, 10)
    assert {row.code for row in shown} == {broken}
    assert {(row.attempts, row.why) for row in shown} == {(1, "bad_mark")}
    assert ledger.rows("select rang, failed from sweep") == [(swept.rang, swept.failed)]
    put_off = ledger.values("select distinct retry_at > clock_timestamp() from timer where dossier_id = "
                            "(select id from dossier where code = %s)", broken)
    assert put_off == [True]


def test_a_timer_that_stays_after_it_was_seen_to_is_put_off(office: Office, journey: Journey, ledger: Ledger) -> None:
    in_office(journey, 1)
    ledger.do("update timer set kind = 'due'")

    swept = alarms.sweep(office, journey.now + timedelta(days=30), enough=_after(200))

    assert swept.seen < 100
    assert ledger.value("select count(*) from timer where retry_at is null and fires_at < %s",
                        journey.now + timedelta(days=30)) == 0


def test_a_clock_set_back_by_an_hour_between_two_sweeps_rings_nothing_twice(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    in_office(journey, 3)
    third = ledger.values("select fires_at from timer order by fires_at")[2]
    alarms.sweep(office, third)
    before = ledger.alarms()

    alarms.sweep(office, third - timedelta(hours=1))
    assert ledger.alarms() == before
    alarms.sweep(office, third + timedelta(days=30))

    rang = ledger.alarms()
    assert rang[:len(before)] == before
    assert len(set(rang)) == len(rang)
    assert [at for *_, at in rang] == sorted(at for *_, at in rang)
    assert ledger.value("select count(*) from audit a join audit b on b.dossier_id = a.dossier_id "
                        "and b.seq = a.seq + 1 where b.at < a.at") == 0


def test_a_database_that_goes_away_in_the_middle_costs_no_alarm(
        office: Office, journey: Journey, ledger: Ledger, machine: Machine, fresh: Fresh) -> None:
    in_office(journey, 4)
    wire = Wire(machine.ports.postgres)
    cut = Office(Database(fresh.app_url.replace(f":{machine.ports.postgres}/", f":{wire.port}/")).open(), office.store,
                 office.spool)
    late, left = journey.now + timedelta(days=30), iter(range(5))

    def pull() -> bool:
        if next(left, None) is None:
            wire.turn(Mode.CUT)
        return False

    with pytest.raises(Unavailable):
        alarms.sweep(cut, late, enough=pull)
    before = ledger.alarms()
    wire.turn(Mode.PASS)
    alarms.sweep(office, late)
    cut.db.close()
    wire.close()

    rang = ledger.alarms()
    assert 0 < len(before) < len(rang)
    assert len(set(rang)) == len(rang)
    assert [at for *_, at in rang] == sorted(at for *_, at in rang)
    assert timers.waiting(office.db, late).due == 0


def test_a_sweep_leaves_a_row_when_it_had_something_to_do_and_old_rows_go(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    in_office(journey, 1)
    oldest = ledger.value("select min(fires_at) from timer")
    late = oldest + timedelta(hours=2)

    swept = alarms.sweep(office, late)
    alarms.sweep(office, late)

    (row,) = sweeps.newest(office.db, 10)
    assert (row.began_at, row.rang, row.failed, row.lag) == (late, swept.rang, 0, 2 * 3600)
    assert sum(row.kinds.values()) == swept.rang == sum(sweeps.rang_since(office.db, late).values())
    assert housekeeping.forget_sweeps(office.db, late + timedelta(days=30)) == 0
    assert housekeeping.forget_sweeps(office.db, late + timedelta(days=31)) == 1


def _after(times: int) -> Callable[[], bool]:
    left = iter(range(times))
    return lambda: next(left, None) is None


def test_a_hand_off_nobody_registers_in_time_is_escalated_to_its_sender(
        office: Office, journey: Journey, cast: Cast, ledger: Ledger) -> None:
    code = journey.receive().code
    due = ledger.value("select register_due_at from handoff")

    alarms.sweep(office, due - timedelta(minutes=1))
    assert ledger.value("select escalated_at from handoff") is None
    alarms.sweep(office, due)

    assert ledger.value("select escalated_at from handoff") == due
    told = ledger.rows("select u.agency || '/' || u.key from notice n join unit u on u.id = n.unit_id "
                       "where n.kind = 'handoff_unregistered'")
    assert told == [("H51.02/tiep-nhan",)]
    step = "select first_due_at from clock where kind = 'step'"
    begun = ledger.values(step)
    assert len(begun) == 1, "the step's time runs from when it should have been registered"
    journey.now = due + timedelta(hours=5)
    journey.register_all(code)
    assert ledger.values(step) == begun

"""Absences and what they lend in the database: at the counter, at the same moment, and proven afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg
import pytest

from engine import signin, verification
from engine.absences import register
from engine.absences.board import board
from engine.absences.register import AlreadyOver, Asked
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Invalid, WrongRole
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast, Journey

DESK, RETURNER, MANAGER = (f"H51.02/tiep-nhan:{role}" for role in ("receptionist", "returner", "manager"))
OFFICER, HEAD, CLERK = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head", "H51.01/van-thu:clerk"
TODAY = MONDAY.astimezone(ZONE).date()


def asked(person: Actor, substitute: Actor, first: date = TODAY, days: int = 4,
          procedures: tuple[str, ...] = ()) -> Asked:
    return Asked(person=person.id, substitute=substitute.id, first=first, last=first + timedelta(days=days),
                 reason="Nghỉ phép", procedures=procedures)


def test_a_dossier_is_received_in_the_place_of_a_receptionist(office: Office, cast: Cast, journey: Journey) -> None:
    desk, manager = cast[DESK], cast[MANAGER]
    with pytest.raises(WrongRole):
        journey.receive(actor=manager)

    register.enter(office, desk, asked(desk, manager), MONDAY)
    code = journey.receive(actor=manager).code

    names = office.db.value("select array_agg(a.actor_name) from audit a join dossier d on d.id = a.dossier_id "
                            "where d.code = %s and a.action = 'receive'", (code,))
    assert names == [f"{manager.name} (thay {desk.name})"]


def test_who_stands_in_for_one_procedure_takes_in_no_other(office: Office, cast: Cast, journey: Journey) -> None:
    desk, manager = cast[DESK], cast[MANAGER]
    register.enter(office, desk, asked(desk, manager, procedures=("conference_hosting_local",)), MONDAY)

    with pytest.raises(WrongRole):
        journey.receive(actor=manager)

    facts = {**journey.submission().facts, "funding": "Ngân sách tỉnh"}
    journey.receive("conference_hosting_local", actor=manager, facts=facts)


def test_two_absences_at_the_same_moment_make_no_circle(office: Office, cast: Cast) -> None:
    officer, clerk = cast[OFFICER], cast[CLERK]

    def enter(person: Actor, substitute: Actor) -> bool:
        try:
            register.enter(office, person, asked(person, substitute), MONDAY)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda pair: enter(*pair), [(officer, clerk), (clerk, officer)]))

    assert sorted(done) == [False, True]
    assert office.db.value("select count(*) from absence") == 1


def test_ending_before_it_begins_lends_nothing_and_ending_twice_is_refused(office: Office, cast: Cast) -> None:
    officer, clerk = cast[OFFICER], cast[CLERK]
    number = register.enter(office, officer, asked(officer, clerk, TODAY + timedelta(days=3)), MONDAY)
    assert office.db.value("select count(*) from membership where absence_id = %s", (number,)) > 0

    register.end(office, officer, number, MONDAY)

    assert office.db.value("select count(*) from membership where absence_id = %s", (number,)) == 0
    with pytest.raises(AlreadyOver):
        register.end(office, officer, number, MONDAY)
    register.enter(office, officer, asked(officer, clerk, TODAY + timedelta(days=3)), MONDAY)


def test_what_was_lent_until_yesterday_stays_in_the_database_when_it_is_ended(office: Office, cast: Cast) -> None:
    officer, clerk = cast[OFFICER], cast[CLERK]
    number = register.enter(office, officer, asked(officer, clerk), MONDAY)

    register.end(office, officer, number, MONDAY + timedelta(days=2))

    days = office.db.value("select array_agg(distinct valid_to) from membership where absence_id = %s", (number,))
    assert days == [TODAY + timedelta(days=1)]


def test_who_is_signed_in_holds_his_own_posts_first_and_each_once(office: Office, cast: Cast) -> None:
    officer, clerk = cast.member(OFFICER), cast.member(CLERK)
    issued = signin.sign_in(office, clerk.login, DEMO_PASSWORD, "127.0.0.1")
    before = signin.identify(office, issued.token, MONDAY).memberships

    register.enter(office, cast[OFFICER], asked(cast[OFFICER], cast[CLERK]), MONDAY)
    now = signin.identify(office, issued.token, MONDAY).memberships
    later = signin.identify(office, issued.token, MONDAY + timedelta(days=5)).memberships

    assert now[:len(before)] == before
    assert (officer.unit_id, "officer") in now
    assert len(set(now)) == len(now)
    assert later == before


def test_the_board_tells_a_superior_of_his_agency_and_a_colleague_of_his_unit_only(office: Office, cast: Cast) -> None:
    officer, head, clerk, elsewhere = (cast[who] for who in (OFFICER, HEAD, CLERK, "H51.04/chuyen-mon:officer"))
    register.enter(office, officer, asked(officer, clerk), MONDAY)

    (seen,) = board(office, head, MONDAY).others
    (mine,) = board(office, officer, MONDAY).mine
    (borrowed,) = board(office, clerk, MONDAY).standing_in

    assert (seen.reason, seen.may_end, mine.may_end, borrowed.may_end, borrowed.reason) == (
        "Nghỉ phép", True, True, False, "")
    assert [(one.name, one.since, one.until) for one in seen.stands] == [(clerk.name, TODAY, TODAY + timedelta(days=4))]
    assert seen.days[:6] == [True] * 5 + [False]
    shown = board(office, elsewhere, MONDAY)
    assert (shown.mine, shown.standing_in, shown.others) == ([], [], [])


def test_the_proof_finds_what_is_lent_without_right(office: Office, cast: Cast, fresh: Fresh) -> None:
    officer, clerk = cast[OFFICER], cast[CLERK]
    register.enter(office, officer, asked(officer, clerk), MONDAY)
    assert verification.verify(office).faults == []

    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("update membership set valid_to = valid_to + 30 where for_person_id is not null")

    assert [fault.partition(": ")[2] for fault in verification.verify(office).faults] == ["lent without right"]

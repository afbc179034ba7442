"""What goes wrong on the line loses nothing, doubles nothing and changes no order (scenario 11)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.office import Office
from engine.portal.drain import drain
from engine.portal.line import NationalPortal
from engine.portal.reconciling import reconcile
from storage import portal
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.journey import MONDAY
from tests.portal.standin import StandIn

DESK = "H51.21/mot-cua:receptionist"
DOSSIERS, HOURS = 60, 24


def test_a_day_without_the_portal_loses_nothing(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    """300 items of 60 dossiers; from then on one reply of five is lost after it was carried out."""
    npsp.down = True
    walks = [busy(start) for _ in range(DOSSIERS)]
    queued = office.db.value("select count(*) from portal_item")
    assert queued >= 300
    now = walks[0].now
    for _ in range(HOURS * 4):
        now += timedelta(minutes=15)
        assert drain(office, line, now).sent == 0
    assert office.db.value("select count(*) from portal_item where held_at is not null") == 0
    assert portal.standing(office.db).trouble_since < now - timedelta(hours=23)
    assert npsp.calls == 0

    npsp.down, npsp.loses = False, 0.2
    rounds = 0
    while portal.standing(office.db).queued:
        now += timedelta(minutes=6)
        drain(office, line, now)
        rounds += 1
        assert rounds < 400

    assert len(npsp.taken) == queued
    for walk in walks:
        assert [number for code, number, _, _ in npsp.taken if code == walk.code] == list(
            range(1, len(walk.of("portal_item")) + 1))
    npsp.loses = 0.0
    # sent over two days of the office's clock: each of them compares what it sent
    days = {(MONDAY + timedelta(days=ahead)).date() for ahead in range(6)}
    compared = [one for day in sorted(days) if (one := reconcile(office, line, day, now)).compared]
    assert {(one.different, one.missing_there, one.missing_here, one.waiting) for one in compared} == {(0, 0, 0, 0)}
    assert sum(one.equal for one in compared) >= DOSSIERS
    assert sum(one.sent for one in compared) == queued


def busy(start: Start) -> Walk:
    """A dossier with five things to tell."""
    walk = start("test_copies", accept=False)
    walk.step("accept")
    walk.step("request_payment")
    return walk


def test_many_drains_at_once_keep_the_order(start: Start, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    walks = [busy(start) for _ in range(8)]
    npsp.slow = 0.005
    now = walks[-1].now + timedelta(minutes=1)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: drain(office, line, now, batch=3), range(4)))
    told.append(drain(office, line, now))

    assert sum(one.sent for one in told) == office.db.value("select count(*) from portal_item")
    assert sum(one.held for one in told) == 0
    for walk in walks:
        numbers = [number for code, number, _, _ in npsp.taken if code == walk.code]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_sender_that_lost_its_lease_changes_nothing(start: Start, line: NationalPortal, office: Office) -> None:
    walk = start("test_copies")
    now = walk.now + timedelta(minutes=1)
    [item] = portal.claim(office.db, now, 1)
    with office.db.connection() as connection:
        connection.execute(b"update portal_item set lease_until = clock_timestamp() where lease_until is not null")

    [again] = portal.claim(office.db, now, 1)

    assert (again.no, again.attempts) == (item.no, 2)
    assert not portal.freeze(office.db, item, "{}", "")
    assert not portal.sent(office.db, item, now)
    assert portal.sent(office.db, again, now)


def test_an_item_the_portal_never_answers_is_held_alone(start: Start, line: NationalPortal, npsp: StandIn,
                                                         office: Office) -> None:
    walk = start("test_copies")
    npsp.mute_for = walk.code
    now = walk.now
    for _ in range(12):
        other = start("test_copies")
        now = max(now + timedelta(minutes=6), other.now)
        drain(office, line, now)
        now += timedelta(seconds=10)
        drain(office, line, now)

    held = walk.rows("select d.code, i.no, i.faults from portal_item i join dossier d on d.id = i.dossier_id "
                     "where i.held_at is not null")
    assert [(row["code"], row["no"]) for row in held] == [(walk.code, 1)]
    assert "không trả lời mục này" in held[0]["faults"][0]["vi"]
    assert Counter(code for code, _, _, _ in npsp.taken)[walk.code] == 0
    assert len({code for code, _, _, _ in npsp.taken}) >= 11


@pytest.mark.parametrize("answer", [500, b"khong phai JSON", {"error_code": "999"}])
def test_trouble_of_the_line_is_nobodys_exception(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, answer: object) -> None:
    walk = start("test_copies")
    npsp.answers = [answer]  # type: ignore[list-item]
    now = walk.now + timedelta(minutes=1)

    assert drain(office, line, now).away == 1
    assert drain(office, line, now).away == 0, "the line rests before it is tried again"
    assert portal.standing(office.db).trouble is not None
    assert drain(office, line, now + timedelta(minutes=1)).sent == len(walk.of("portal_item"))
    assert portal.standing(office.db).trouble is None



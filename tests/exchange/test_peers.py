"""Other installations: entered by one, approved by another; our own keys: made once, changed, lost."""

from __future__ import annotations

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from engine.casework.called import called
from engine.casework.orders import Actor
from engine.errors import Conflict, Invalid, NotFound, Refused
from engine.exchange import keys, peers
from engine.exchange.envelope import Malformed, RevokedKey, UnknownKey, seal, unseal
from engine.exchange.peers import Desk, WorkOpenHere
from engine.office import Office
from engine.settings import settings
from procedures.declaration import Text
from storage import peers as rows
from tests.conftest import Fresh
from tests.exchange.keyrings import MESSAGE, Keyring
from tests.flows.resident import eventually
from tests.journey import MONDAY, Cast, Journey

THERE = Keyring("ca-mau")
URL = "https://mot-cua.example.org/lienthong"


class Written:
    """Kinds of the event log that tell of peers and keys, the oldest first."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def kinds(self) -> list[str]:
        return list(self.office.db.value("select array_agg(kind order by id) from event_log where kind ~ "
                                         "'^(peer|own_key|agency)'") or [])


@pytest.fixture
def first(office: Office, cast: Cast) -> Desk:
    return _desk(office, cast, 0)


@pytest.fixture
def second(office: Office, cast: Cast) -> Desk:
    return _desk(office, cast, 1)


def _desk(office: Office, cast: Cast, number: int) -> Desk:
    people = list(dict.fromkeys((one.id, one.name) for one in cast.members if one.role == "administrator"))
    return Desk(office, Actor(id=people[number][0], name=people[number][1]), MONDAY)


def propose(desk: Desk, **changes: Any) -> str:
    entry = {"name": "ca-mau", "title": "Tỉnh Cà Mau", "url": URL,
             "key": keys.as_string("ca-mau", THERE.public.public)}
    return peers.propose(desk, **{**entry, **changes})


def test_what_one_entered_counts_when_another_has_approved_it(office: Office, first: Desk, second: Desk) -> None:
    sealed, look = seal(THERE.signer, MESSAGE), peers.key_of(office.db)
    key = propose(first)
    with pytest.raises(UnknownKey):
        unseal(sealed, "message", look)
    with pytest.raises(peers.SecondPersonNeeded):
        peers.approve(first, "ca-mau")

    peers.approve(second, "ca-mau")

    found = unseal(sealed, "message", look).key
    assert (found.key_id, found.owner, found.active) == (key, "ca-mau", True)
    assert Written(office).kinds() == ["peer_proposed", "peer_approved"]
    with pytest.raises(peers.NotInThisState):
        peers.approve(second, "ca-mau")


def test_a_clerk_may_do_nothing_with_peers(office: Office, cast: Cast, first: Desk) -> None:
    propose(first)
    clerk = Desk(office, cast["H51.02/tiep-nhan:receptionist"], MONDAY)
    for act in (lambda: propose(clerk, name="bac-lieu"), lambda: peers.approve(clerk, "ca-mau"),
                lambda: peers.suspend(clerk, "ca-mau"), lambda: peers.revoke_key(clerk, THERE.public.key_id),
                lambda: peers.host(clerk, "H51.05", "")):
        with pytest.raises(peers.NotAdministrator):
            act()


@pytest.mark.parametrize("change", [
    {"name": "Cà Mau"}, {"name": ""}, {"title": " "}, {"url": "http://mot-cua.example.org"}, {"url": "https://127.0.0.1"},
    {"url": "https://10.0.0.7/x"}, {"url": "https://[::1]/"}, {"url": "https://169.254.169.254/"}, {"url": "ftp://x.org"},
    {"url": "https://u:p@mot-cua.example.org"}, {"url": "https://localhost"}, {"url": "https://x.org:99999"},
    {"url": ""}, {"url": "https://mot-cua.example.org/?x=1"}, {"url": "https://2130706433/"},
])
def test_a_wrong_entry_is_refused_before_anything_is_kept(office: Office, first: Desk, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        propose(first, **{"key": THERE.public.public.hex(), **change})
    assert rows.peers(office.db) == []


def test_our_own_name_and_what_is_known_are_refused(office: Office, first: Desk) -> None:
    with pytest.raises(Invalid):
        propose(first, name=office.name, key=THERE.public.public.hex())
    propose(first)
    with pytest.raises(peers.KnownAlready):
        propose(first)
    with pytest.raises(peers.KnownAlready):
        propose(first, name="bac-lieu", key=THERE.public.public.hex())
    with pytest.raises(NotFound):
        peers.approve(first, "nobody")


def test_a_further_key_needs_a_second_person_and_a_revoked_one_is_out_at_once(
        office: Office, first: Desk, second: Desk) -> None:
    propose(first)
    peers.approve(second, "ca-mau")
    newer, look = Keyring("ca-mau", seed=7), peers.key_of(office.db)
    key = peers.add_key(first, "ca-mau", keys.as_string("ca-mau", newer.public.public))
    with pytest.raises(peers.SecondPersonNeeded):
        peers.approve_key(first, key)
    with pytest.raises(UnknownKey):
        unseal(seal(newer.signer, MESSAGE), "message", look)

    peers.approve_key(second, key)
    unseal(seal(newer.signer, MESSAGE), "message", look)
    peers.revoke_key(first, THERE.public.key_id)

    with pytest.raises(RevokedKey):
        unseal(seal(THERE.signer, MESSAGE), "message", look)
    unseal(seal(newer.signer, MESSAGE), "message", look)
    with pytest.raises(peers.NotInThisState):
        peers.revoke_key(second, THERE.public.key_id)


def test_a_peer_is_suspended_resumed_and_ended(office: Office, first: Desk, second: Desk) -> None:
    propose(first)
    with pytest.raises(peers.NotInThisState):
        peers.suspend(first, "ca-mau")
    peers.approve(second, "ca-mau")
    sealed, look = seal(THERE.signer, MESSAGE), peers.key_of(office.db)

    peers.suspend(first, "ca-mau")
    assert not unseal(sealed, "message", look).key.active
    peers.resume(second, "ca-mau")
    assert unseal(sealed, "message", look).key.active
    peers.end(first, "ca-mau")
    assert not unseal(sealed, "message", look).key.active
    with pytest.raises(peers.NotInThisState):
        peers.resume(first, "ca-mau")
    assert Written(office).kinds()[-3:] == ["peer_suspended", "peer_active", "peer_ended"]


def test_an_agency_moves_to_a_peer_and_comes_back(office: Office, first: Desk, second: Desk) -> None:
    propose(first)
    with pytest.raises(peers.NotInThisState):
        peers.host(first, "H51.05", "ca-mau")
    peers.approve(second, "ca-mau")

    peers.host(first, "H51.05", "ca-mau")
    assert {unit.peer is not None for unit in office.catalogue().units.values() if unit.agency == "H51.05"} == {True}
    peers.host(first, "H51.05", "")
    assert {unit.reach for unit in office.catalogue().units.values() if unit.agency == "H51.05"} == {"here"}
    with pytest.raises(NotFound):
        peers.host(first, "H99.99", "ca-mau")


OPEN_THERE = """insert into work_item (dossier_id, no, state, unit_id, role, duty, opened_version, opened_at)
select w.dossier_id, 999, w.state, u.id, w.role, w.duty, w.opened_version, w.opened_at from work_item w, unit u
where u.agency = 'H51.05' order by w.no limit 1"""


def test_work_that_is_opened_while_its_agency_moves_is_not_left_behind(
        fresh: Fresh, journey: Journey, first: Desk, second: Desk) -> None:
    """Two at once: whoever comes second sees what the first did, in either order."""
    propose(first)
    peers.approve(second, "ca-mau")
    journey.receive()
    with psycopg.connect(fresh.superuser_url) as opening, ThreadPoolExecutor(1) as pool:
        opening.execute(OPEN_THERE)  # not committed: nobody else sees it yet
        for pause in (0.0, 0.2):
            moving = pool.submit(peers.host, first, "H51.05", "ca-mau")
            time.sleep(pause)
            if pause:
                opening.commit()
            with pytest.raises(WorkOpenHere):
                moving.result(timeout=60)
        opening.execute("delete from work_item where no = 999")
        opening.commit()
        with psycopg.connect(fresh.app_url) as mover:
            assert mover.execute("select hold_agency('H51.05')").fetchone() == (0,)
            late = pool.submit(opening.execute, OPEN_THERE)
            time.sleep(0.3)
            assert not late.done()
            mover.commit()
            late.result(timeout=60)
        opening.rollback()
    peers.host(first, "H51.05", "ca-mau")


def test_a_dossier_that_is_received_while_its_agency_moves_is_not_left_behind(
        fresh: Fresh, journey: Journey, first: Desk, second: Desk) -> None:
    """The desk decided when the agency still worked here, and is recorded when it does no more."""
    propose(first)
    peers.approve(second, "ca-mau")
    journey.now += timedelta(hours=1)
    with psycopg.connect(fresh.app_url) as mover, ThreadPoolExecutor(1) as pool:
        assert mover.execute("select hold_agency('H51.02')").fetchone() == (0,)
        mover.execute("select reach_agency('H51.02', 'peer', (select id from peer), null)")
        received = pool.submit(journey.receive)
        with psycopg.connect(fresh.superuser_url, autocommit=True) as looking:
            eventually(lambda: looking.execute("select 1 from pg_locks where not granted").fetchone())
        mover.commit()
        with pytest.raises(Conflict):
            received.result(timeout=60)
    with pytest.raises(Refused, match="does not work with this system"):
        journey.receive()
    assert journey.office.db.value("select count(*) from dossier") == 0


def test_an_agency_whose_hand_off_may_come_back_does_not_move(
        fresh: Fresh, journey: Journey, first: Desk, second: Desk) -> None:
    propose(first)
    peers.approve(second, "ca-mau")
    code = journey.receive().code
    out = journey.office.db.value("select to_agency from handoff order by seq limit 1")
    assert out not in (None, "H51.02"), code
    with pytest.raises(WorkOpenHere):
        peers.host(first, "H51.02", "ca-mau")


def test_a_directory_names_agencies_elsewhere_and_takes_none_of_ours(office: Office, first: Desk, second: Desk) -> None:
    propose(first)
    peers.approve(second, "ca-mau")
    peer = peers.known(office.db, "ca-mau")

    def agency(code: str) -> dict[str, Any]:
        return {"code": code, "name": {"vi": "Công an tỉnh Cà Mau", "en": "Police of Cà Mau"}, "level": "province",
                "units": [{"key": "an-ninh", "name": {"vi": "Phòng An ninh", "en": "Security"}}]}
    directory = {"installation": "ca-mau", "agencies": [agency("H12.05"), agency("H51.02")]}
    assert peers.take_directory(first, peer, directory) == 2

    there = {unit.key: unit for unit in office.catalogue().units.values() if unit.agency == "H12.05"}
    assert there["an-ninh"].outside
    assert not any(unit.outside for unit in office.catalogue().units.values() if unit.agency == "H51.02")
    with pytest.raises(Malformed):
        peers.take_directory(first, peer, {**directory, "installation": "soc-trang"})
    with pytest.raises(Malformed):
        peers.take_directory(first, peer, {**directory, "agencies": [agency("H12.05"), agency("H12.05")]})


def test_who_was_given_no_title_is_called_by_the_agencies_that_work_there(office: Office, first: Desk) -> None:
    unit = {"key": "an-ninh", "name": {"vi": "Phòng An ninh", "en": "Security"}}
    agencies = [{"code": code, "name": {"vi": vi, "en": en}, "level": "province", "units": [unit]} for code, vi, en in (
        ("H12.05", "Công an tỉnh Cà Mau", "Police of Cà Mau"), ("H12.06", "Sở Nội vụ Cà Mau", "Home Affairs of Cà Mau"),
        ("H12.07", "Sở Y tế Cà Mau", "Health of Cà Mau"))]
    propose(first, title="ca-mau")
    peer = peers.known(office.db, "ca-mau")
    for known, vi, en in (
            (0, "Hệ thống “ca-mau”", "System “ca-mau”"), (1, "Công an tỉnh Cà Mau", "Police of Cà Mau"),
            (2, "Hệ thống của Công an tỉnh Cà Mau và 1 cơ quan khác", "System of Police of Cà Mau and 1 more agency"),
            (3, "Hệ thống của Công an tỉnh Cà Mau và 2 cơ quan khác",
             "System of Police of Cà Mau and 2 more agencies")):
        peers.take_directory(first, peer, {"installation": "ca-mau", "agencies": agencies[:known]})
        assert called(office.db, [peer.id]) == {peer.id: Text(vi=vi, en=en)}


def test_a_title_is_what_an_installation_is_called_whoever_works_there(office: Office, first: Desk) -> None:
    propose(first, title="Tỉnh Cà Mau")
    peer = peers.known(office.db, "ca-mau")
    assert called(office.db, [peer.id, 999]) == {peer.id: Text(vi="Tỉnh Cà Mau", en="Tỉnh Cà Mau")}


def test_the_first_key_makes_itself_once_however_many_ask(office: Office) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = {signer.key_id for signer in pool.map(lambda _: keys.signer(office, MONDAY), range(12))}

    assert len(made) == 1
    files = list(office.keys.iterdir())
    assert [file.name for file in files] == [f"{made.pop()}.key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(office.keys.stat().st_mode) == 0o700
    assert Written(office).kinds() == ["own_key_made"]


def test_a_new_key_signs_and_the_old_one_still_verifies(office: Office) -> None:
    sealed = seal(keys.signer(office, MONDAY), MESSAGE)
    handed_over = keys.prepare(office)
    assert keys.prepare(office) == handed_over
    assert seal(keys.signer(office), MESSAGE) == sealed

    new = keys.rotate(office, None, MONDAY + timedelta(hours=1))

    assert new.public == handed_over
    assert keys.signer(office).key_id == new.key_id
    assert unseal(seal(keys.signer(office), MESSAGE), "message", keys.own_key_of(office)).key.key_id == new.key_id
    assert unseal(sealed, "message", keys.own_key_of(office)).body == MESSAGE
    assert keys.rotate(office, None, MONDAY + timedelta(hours=2)).key_id != new.key_id


def test_a_rotation_that_was_killed_at_its_end_leaves_nothing_to_trip_over(office: Office) -> None:
    keys.signer(office, MONDAY)
    keys.prepare(office)
    copy = (office.keys / "next.key").read_bytes()
    new = keys.rotate(office, None, MONDAY + timedelta(hours=1))
    (office.keys / "next.key").write_bytes(copy)

    assert keys.rotate(office, None, MONDAY + timedelta(hours=2)).key_id != new.key_id


@pytest.mark.parametrize("content", [None, b"", b"rubbish", b"A" * 44, bytes(32)])
def test_a_private_key_that_is_gone_is_said_and_not_replaced(office: Office, content: bytes | None) -> None:
    known = keys.signer(office, MONDAY).key_id
    path = office.keys / f"{known}.key"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    moved = replace(office, keys=office.keys / ".." / office.keys.name)  # another process: nothing is in its memory

    with pytest.raises(keys.KeyFileMissing):
        keys.signer(moved)
    assert len(rows.own_keys(office.db)) == 1
    assert keys.rotate(moved, None, MONDAY + timedelta(hours=1)).key_id == keys.signer(moved).key_id


def test_inside_addresses_are_for_machines_that_say_so() -> None:
    assert not settings().peers_inside
    assert peers.sound_address("http://127.0.0.1:8700", inside=True)
    assert not peers.sound_address("http://127.0.0.1:8700", inside=False)
    assert peers.sound_address(URL, inside=False)

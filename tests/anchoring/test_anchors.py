"""Hourly anchors of all audit heads: made, kept where nobody can change them, proof against a record cut behind us."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from engine.anchoring import keeping, proving, standing, tending
from engine.anchoring.making import ClockWentBack, HeadsWentBack, make
from engine.anchoring.tree import EMPTY, Tree, leaf, node
from engine.casework.orders import Actor
from engine.exchange import keys, peers
from engine.exchange.canonical import decode
from engine.exchange.client import Rejected
from engine.exchange.envelope import Malformed, UnknownKey, seal, unseal, words_of
from engine.exchange.peers import Desk
from engine.exchange.receiving import OtherContent, Suspended
from engine.office import Office
from engine.verification import verify
from storage import anchors
from storage.local.machine import Machine
from storage.locks import Job, alone
from storage.lost import DocumentCorrupted
from storage.objects import ObjectStore
from storage.peers import PeerRow
from storage.spool import Spool
from tests.conftest import Fresh, clone, patient
from tests.exchange.keyrings import Keyring
from tests.journey import MONDAY, Cast, Journey

HOUR = timedelta(hours=1)
NEXT = MONDAY + HOUR
THERE = Keyring("ca-mau")


def nobody(peer: PeerRow, path: str, data: bytes) -> bytes:
    raise AssertionError("there is no peer")


def as_superuser(fresh: Fresh, statement: str) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement.encode())


def acquainted(office: Office, cast: Cast, ring: Keyring = THERE) -> PeerRow:
    """The other installation, entered and approved."""
    people = list(dict.fromkeys((one.id, one.name) for one in cast.members if one.role == "administrator"))
    first, second = (Desk(office, Actor(id=id_, name=name), MONDAY) for id_, name in people[:2])
    name = ring.public.owner
    peers.propose(first, name, name, "https://mot-cua.example.org", keys.as_string(name, ring.public.public))
    peers.approve(second, name)
    return peers.known(office.db, name)


def told(office: Office, no: int) -> dict[str, object]:
    body: dict[str, object] = decode(bytes(office.db.value("select sealed from anchor where no = %s", (no,))))["body"]
    return body


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33])
def test_the_tree_has_one_root_whichever_way_and_a_path_for_every_leaf(size: int) -> None:
    leaves = [leaf(number, 1, bytes(32)) for number in range(size)]
    tree = Tree()
    for one in leaves:
        tree.add(one)

    def by_the_book(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        split = 1 << ((len(part) - 1).bit_length() - 1)
        return node(by_the_book(part[:split]), by_the_book(part[split:]))
    assert tree.root() == by_the_book(leaves)
    for place, one in enumerate(leaves):
        followed = Tree()
        for at, other in enumerate(leaves):
            followed.add(other, follow=at == place)
        for side, beside in followed.path():
            one = node(beside, one) if side == "left" else node(one, beside)
        assert one == tree.root()


@given(st.integers(1, 9), st.integers(1, 9), st.binary(min_size=32, max_size=32))
def test_another_dossier_entry_or_head_is_another_leaf(dossier: int, seq: int, head: bytes) -> None:
    assert leaf(dossier, seq, head) not in (leaf(dossier + 1, seq, head), leaf(dossier, seq + 1, head),
                                            leaf(dossier, seq, bytes(32 * [head[0] ^ 1])))


def test_with_nothing_to_anchor_an_anchor_is_made_all_the_same(office: Office) -> None:
    assert make(office, MONDAY) == 1
    assert told(office, 1) == {
        "protocol": "lienthong-exchange/1", "type": "anchor", "installation": office.name, "no": 1,
        "at": words_of(MONDAY), "root": EMPTY.hex(), "heads": 0, "previous": "0" * 64}
    assert make(office, MONDAY + timedelta(minutes=59)) is None
    assert make(office, NEXT) == 2
    assert keeping.lock_away(office, NEXT) == 2
    assert list(proving.faults(office)) == []


def test_each_anchor_follows_the_one_before_and_stands_for_every_head(journey: Journey) -> None:
    office = journey.office
    journey.receive()
    make(office, MONDAY)
    journey.receive()
    make(office, NEXT)

    first, second = told(office, 1), told(office, 2)
    assert (first["heads"], second["heads"]) == (1, 2)
    sealed = bytes(office.db.value("select sealed from anchor where no = 1"))
    assert second["previous"] == hashlib.sha256(sealed).hexdigest()
    tree = Tree()
    with office.db.connection() as connection:
        for row in connection.execute("select id, audit_seq, audit_head from dossier order by id").fetchall():
            tree.add(leaf(*row))
    assert second["root"] == tree.root().hex()
    keeping.lock_away(office, NEXT)
    assert verify(office).faults == []


@pytest.mark.parametrize("crime", [
    # the end is cut off and the dossier told so; a whole dossier vanishes; the past is written anew, end and all
    "delete from audit where seq = 3; update dossier set audit_seq = 2, "
    "audit_head = (select hash from audit where seq = 2)",
    "delete from audit; delete from dossier",
    "update audit set hash = sha256(hash); update dossier set audit_head = sha256(audit_head)",
    "update audit set hash = sha256(hash) where seq = 3; update dossier set audit_seq = 4, "
    "audit_head = sha256('x'); insert into audit select dossier_id, 4, at, actor_id, actor_name, unit_id, unit_name, "
    "action, from_states, to_states, details, hash, sha256('x') from audit where seq = 3",
])
def test_a_record_cut_behind_us_is_named_and_gets_no_anchor(journey: Journey, fresh: Fresh, crime: str) -> None:
    office = journey.office
    code = journey.receive().code
    assert office.db.value("select audit_seq from dossier") == 3
    make(office, MONDAY)
    for statement in crime.split("; "):
        as_superuser(fresh, statement)

    with pytest.raises(HeadsWentBack) as refused:
        make(office, NEXT)
    assert code in refused.value.message("en") or "id " in refused.value.message("en")
    assert any(f"entry 3 of {code}" in fault or "entry 3 of id" in fault for fault in proving.faults(office))
    assert office.db.value("select max(no) from anchor") == 1


def test_no_anchor_is_older_than_the_last(office: Office, fresh: Fresh) -> None:
    make(office, NEXT)
    with pytest.raises(ClockWentBack):
        make(office, MONDAY)
    for change in ("(2, '2020-01-01', 'x', 0, '')", "(3, '2030-01-01', 'x', 0, '')", "(2, '2030-01-01', 'x', -1, '')"):
        with psycopg.connect(fresh.app_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(f"insert into anchor (no, at, root, heads, sealed) values {change}".encode())


@pytest.mark.parametrize(("crime", "fault"), [
    ("update anchor set heads = 7 where no = 2", "something else than what was signed"),
    ("update anchor set sealed = sealed || '\\x0a' where no = 2", "signature does not hold"),
    ("delete from anchor where no = 1", "does not follow"),
    ("delete from anchor where no = 2; delete from anchor_place where no = 2", "database does not know"),
    ("update anchored_head set seq = seq + 1", "not those it was made of"),
    ("delete from anchored_head", "not those it was made of"),
    ("update own_key set public = sha256(public)", "signature does not hold"),
    ("insert into anchor_place values (3, 'store', now())", "the store has lost it"),
])
def test_what_is_done_to_anchors_is_found(journey: Journey, fresh: Fresh, crime: str, fault: str) -> None:
    office = journey.office
    journey.receive()
    for hour in range(3):
        make(office, MONDAY + hour * HOUR)
        if hour < 2:
            keeping.lock_away(office, MONDAY)
    assert list(proving.faults(office)) == []
    if "no = 2; " in crime:
        as_superuser(fresh, "delete from anchor where no = 3")
    for statement in crime.split("; "):
        as_superuser(fresh, statement)

    assert any(fault in found for found in proving.faults(office)), list(proving.faults(office))


def test_what_is_locked_away_stays_as_it_was(office: Office, machine: Machine) -> None:
    make(office, MONDAY)
    keeping.lock_away(office, MONDAY)
    told_by = machine.environment()
    bucket, name = told_by["S3_BUCKET"] + "-anchors", keeping.folder(office) + keeping.key(1)
    secrets = machine.secrets
    sealed = bytes(office.db.value("select sealed from anchor"))
    for access, secret in ((told_by["S3_ACCESS_KEY"], told_by["S3_SECRET_KEY"]),
                           (secrets.s3_admin_access_key, secrets.s3_admin_secret_key)):
        client = Minio(told_by["S3_ENDPOINT"], access, secret, secure=False, region="us-east-1")
        kept = next(found for found in client.list_objects(bucket, prefix=name, include_version=True)
                    if not found.is_delete_marker)
        with pytest.raises(S3Error, match="AccessDenied"):
            client.remove_object(bucket, name, version_id=kept.version_id)
        with pytest.raises(S3Error):
            client.set_object_retention(bucket, name, Retention(COMPLIANCE, MONDAY.replace(year=2027)),
                                        version_id=kept.version_id)
        client.remove_object(bucket, name)
        assert office.store.locked_away(name) == sealed
    assert list(proving.faults(office)) == []


@pytest.fixture
def beside(machine: Machine, store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Another installation with a database of its own."""
    made = clone(machine)
    db, folder = patient(made.app_url), tmp_path_factory.mktemp("ca-mau")
    yield Office(db, store, Spool(folder / "spool"), name="ca-mau", keys=folder / "keys")
    db.close()
    with psycopg.connect(machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"drop database {made.owner_url.rsplit('/', 1)[1]} with (force)".encode())


@pytest.fixture
def post(office: Office, cast: Cast, beside: Office) -> Callable[[PeerRow, str, bytes], bytes]:
    """Both know each other; what is posted is kept there."""
    for here, there in ((office, beside), (beside, office)):
        people = Cast(here)
        ring = Keyring(there.name)
        ring.public = keys.own_key(there)
        acquainted(here, people, ring)

    def deliver(peer: PeerRow, path: str, data: bytes) -> bytes:
        assert (peer.name, path) == ("ca-mau", "/exchange/v1/anchors")
        return keeping.keep(beside, data, MONDAY)
    return deliver


def test_every_peer_gets_every_anchor_once_and_in_order(
        office: Office, beside: Office, post: keeping.Post) -> None:
    for hour in range(3):
        make(office, MONDAY + hour * HOUR)
    # one that got to know us late begins with the newest
    assert keeping.send(office, post, MONDAY) == {"sent": 1}
    assert keeping.send(office, post, MONDAY) == {}
    make(office, MONDAY + 3 * HOUR)
    make(office, MONDAY + 4 * HOUR)
    assert keeping.send(office, post, MONDAY) == {"sent": 2}

    assert beside.db.value("select array_agg(no order by no) from anchor_copy") == [3, 4, 5]
    place = anchors.places(office.db, 5)[0]
    assert place.receipt is not None
    assert unseal(place.receipt, "receipt", peers.key_of(office.db)).body["no"] == 5


def test_an_anchor_sent_twice_gets_the_same_receipt_and_another_one_is_refused_and_told(
        office: Office, beside: Office, post: keeping.Post) -> None:
    make(office, MONDAY)
    sealed = bytes(office.db.value("select sealed from anchor"))
    receipt = keeping.keep(beside, sealed, MONDAY)
    assert keeping.keep(beside, sealed, NEXT) == receipt

    body = {name: value for name, value in told(office, 1).items() if name != "protocol"}
    digest = hashlib.sha256(sealed).hexdigest()
    for change in ({"heads": 9}, {"no": 3, "previous": digest}, {"no": 2}, {"no": 2, "previous": "ab" * 32}):
        with pytest.raises(OtherContent):
            keeping.keep(beside, seal(keys.signer(office), {**body, **change}), NEXT)
    keeping.keep(beside, seal(keys.signer(office), {**body, "no": 2, "previous": digest}), NEXT)
    refused = "select count(*) from event_log where kind = 'anchor_of_peer_refused'"
    assert beside.db.value(refused) == 1
    for minutes, written in ((59, 1), (61, 2), (120, 2)):
        with pytest.raises(OtherContent):
            keeping.keep(beside, seal(keys.signer(office), {**body, "heads": minutes}), NEXT + minutes * HOUR / 60)
        assert beside.db.value(refused) == written


def test_only_the_installation_itself_anchors(office: Office, beside: Office, post: keeping.Post) -> None:
    body = {"type": "anchor", "installation": "bac-lieu", "no": 1, "at": words_of(MONDAY), "root": "ab" * 32,
            "heads": 0, "previous": "0" * 64}
    with pytest.raises(Malformed):
        keeping.keep(beside, seal(keys.signer(office), body), MONDAY)
    with pytest.raises(Malformed):
        keeping.keep(beside, seal(keys.signer(office), {**body, "installation": office.name, "no": 2**31}), MONDAY)
    with pytest.raises(UnknownKey):
        keeping.keep(beside, seal(THERE.signer, body), MONDAY)
    with beside.db.connection() as connection:
        connection.execute("update peer set state = 'suspended'")
    with pytest.raises(Suspended):
        keeping.keep(beside, seal(keys.signer(office), {**body, "installation": office.name}), MONDAY)


def test_a_receipt_that_is_not_theirs_or_not_for_this_counts_for_nothing(office: Office, cast: Cast) -> None:
    acquainted(office, cast)
    make(office, MONDAY)
    sealed = bytes(office.db.value("select sealed from anchor"))
    good = {"type": "receipt", "message": None, "envelope": hashlib.sha256(sealed).hexdigest(), "sender": "ca-mau",
            "receiver": office.name, "thread": None, "no": 1, "status": "stored", "expected": None,
            "received_at": words_of(MONDAY)}
    wrong = [b"", b"ok", sealed, seal(keys.signer(office), good), seal(Keyring(seed=9).signer, good),
             *(seal(THERE.signer, {**good, **change}) for change in
               ({"envelope": "ab" * 32}, {"no": 2}, {"sender": "x"}, {"receiver": "x"},
                {"message": "5f0c3f5e-0001-4000-8000-000000000001"}))]
    for receipt in wrong:
        assert keeping.send(office, lambda *_, receipt=receipt: receipt, MONDAY) == {"refused": 1}
    assert anchors.places(office.db, 1) == []
    assert keeping.send(office, lambda *_: seal(THERE.signer, good), MONDAY) == {"sent": 1}


def silent(peer: PeerRow, path: str, data: bytes) -> bytes:
    raise Rejected(peer.name, "suspended")


def test_without_store_and_peers_an_alarm_comes_after_a_quarter_of_an_hour_and_sending_stops_after_four_hours(
        office: Office, cast: Cast) -> None:
    acquainted(office, cast)
    auditor = next(one.id for one in cast.members if one.role == "auditor")
    for person in (auditor, cast["H51.01/ngoai-vu:officer"].id):
        with office.db.connection() as connection:
            connection.execute("insert into preference (person_id, mail, phone, channels, unwanted) "
                               "values (%s, 'a@example.vn', '', '{mail}', '{}')", (person,))
    tending.tend(office, lambda peer, path, data: receipt_for(office, data), MONDAY)
    cut = Office(office.db, ObjectStore("127.0.0.1:9", "key", "secret-secret", "lienthong"), office.spool,
                 name=office.name, keys=office.keys)

    def at(minutes: int) -> tuple[bool, bool]:
        moment = MONDAY + timedelta(minutes=minutes)
        with pytest.raises(tending.NotKept):
            tending.tend(cut, silent, moment)
        found = standing.standing(cut, moment)
        assert found.stopped != standing.may_send(cut, moment)
        return found.late, found.stopped
    assert [at(minutes) for minutes in (60, 75, 76, 150, 240, 241)] == [
        (False, False), (False, False), (True, False), (True, False), (True, False), (True, True)]
    assert noted(office) == ["anchors_late"]
    # one message to who watches over the record and wants to be told, none to others
    assert office.db.value("select array_agg(person_id) from message where kind = 'anchors_late'") == [auditor]

    back = MONDAY + timedelta(minutes=250)
    assert tending.tend(office, lambda peer, path, data: receipt_for(office, data), back)["stored"] == 3
    assert standing.may_send(office, back)
    assert noted(office) == ["anchors_late", "anchors_kept_again"]
    assert list(proving.faults(office)) == []


def receipt_for(office: Office, data: bytes) -> bytes:
    return seal(THERE.signer, {
        "type": "receipt", "message": None, "envelope": hashlib.sha256(data).hexdigest(), "sender": "ca-mau",
        "receiver": office.name, "thread": None, "no": decode(data)["body"]["no"], "status": "stored", "expected": None,
        "received_at": words_of(MONDAY)})


def noted(office: Office) -> list[str]:
    return list(office.db.value("select array_agg(kind order by id) from event_log where kind like 'anchors%%'") or [])


def test_what_one_place_cannot_do_keeps_the_others_from_nothing(office: Office, cast: Cast) -> None:
    acquainted(office, cast)
    with pytest.raises(tending.NotKept):
        tending.tend(office, silent, MONDAY)
    assert [place.place for place in anchors.places(office.db, 1)] == ["store"]
    assert standing.may_send(office, MONDAY + 3 * HOUR)


def test_a_new_installation_may_send_for_four_hours_from_its_first_peer_on(office: Office, cast: Cast) -> None:
    assert standing.may_send(office, MONDAY)
    acquainted(office, cast)
    assert standing.may_send(office, MONDAY + 4 * HOUR)
    assert not standing.may_send(office, MONDAY + timedelta(hours=4, minutes=1))
    assert standing.why_stopped().vi


def test_a_clock_that_was_put_back_is_an_alarm_and_no_licence(office: Office) -> None:
    tending.tend(office, nobody, MONDAY + timedelta(days=30))
    found = standing.standing(office, MONDAY)
    assert (found.late, found.stopped) == (True, True)


def test_the_application_can_change_no_anchor(office: Office, fresh: Fresh) -> None:
    make(office, MONDAY)
    for statement in ("update anchor set heads = 1", "delete from anchor", "truncate anchor cascade",
                      "delete from anchored_head", "update anchor_place set place = 'x'", "delete from anchor_copy"):
        with psycopg.connect(fresh.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
    with psycopg.connect(fresh.owner_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from anchor")


def test_a_kill_between_store_and_database_leaves_one_anchor_and_no_doubt(office: Office) -> None:
    make(office, MONDAY)
    sealed = bytes(office.db.value("select sealed from anchor"))
    office.store.lock_away(keeping.folder(office) + keeping.key(1), sealed, MONDAY + timedelta(days=400))
    assert list(proving.faults(office)) == []

    assert keeping.lock_away(office, MONDAY) == 1
    assert [place.place for place in anchors.places(office.db, 1)] == ["store"]
    with pytest.raises(DocumentCorrupted):
        office.store.lock_away(keeping.folder(office) + keeping.key(1), sealed + b" ", MONDAY + timedelta(days=400))


def test_two_processes_make_one_anchor(office: Office) -> None:
    with alone(office.db, Job.ANCHOR):
        assert make(office, MONDAY) is None
    assert make(office, MONDAY) == 1


def test_instants_are_those_of_the_anchors(office: Office) -> None:
    make(office, MONDAY)
    found = standing.standing(office, MONDAY)
    assert (found.no, found.made_at, found.kept_at) == (1, MONDAY, None)

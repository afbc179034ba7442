"""The object store keeps what it said it keeps, and never makes a clerk wait for a dead machine."""

from __future__ import annotations

import hashlib
import socket
import time
from io import BytesIO
from pathlib import Path

import pytest
from minio import Minio

from engine.errors import LienThongError, Unavailable
from storage.local.machine import Machine
from storage.objects import DocumentAbsent, DocumentCorrupted, ObjectStore, Patience, key_of
from storage.spool import Spool, Spooled
from tests import samples
from tests.scans.conftest import HURRIED, Connect
from tests.scans.door import Door, Trouble

# Far more than our own patience takes here, far less than the SDK's or that of the silent one behind the door.
LONG = 60.0


def spooled(spool: Spool, mark: str) -> Spooled:
    return spool.receive([samples.small_pdf(mark=mark)])


def put(store: ObjectStore, scan: Spooled) -> str:
    return store.put(scan.path, scan.sha256, scan.size, "application/pdf")


def put_in_the_end(store: ObjectStore, scan: Spooled) -> None:
    """A hurried one may have to ask more than once."""
    until = time.monotonic() + LONG
    while True:
        try:
            put(store, scan)
        except Unavailable:
            assert time.monotonic() < until
        else:
            return


def read(store: ObjectStore, scan: Spooled) -> bytes:
    with store.open_verified(scan.sha256) as file:
        return file.read()


@pytest.fixture
def behind(one_machine: Machine) -> Minio:
    """Somebody with the keys who changes things behind the application's back."""
    secrets = one_machine.secrets
    return Minio(one_machine.store.endpoint, secrets.s3_admin_access_key, secrets.s3_admin_secret_key, secure=False)


def test_a_scan_is_stored_under_its_hash_and_comes_back_whole(store: ObjectStore, spool: Spool) -> None:
    scan = spooled(spool, "whole")
    assert not store.exists(scan.sha256)
    key = put(store, scan)
    assert key == f"sha256/{scan.sha256[:2]}/{scan.sha256[2:4]}/{scan.sha256}"
    assert store.exists(scan.sha256)
    assert read(store, scan) == scan.path.read_bytes()


def test_a_scan_of_twenty_megabytes_comes_back_whole(store: ObjectStore, spool: Spool) -> None:
    scan = spool.receive([b"%PDF-", *[hashlib.sha256(bytes([n])).digest() * 32768 for n in range(20)]])
    put(store, scan)
    assert hashlib.sha256(read(store, scan)).hexdigest() == scan.sha256


def test_storing_again_writes_nothing(connect: Connect, door: Door, spool: Spool) -> None:
    store, scan = connect(door.endpoint), spooled(spool, "again")
    put(store, scan)
    assert door.asked.count("PUT") == 1
    put(store, scan)
    assert door.asked.count("PUT") == 1


def test_bytes_that_do_not_match_their_hash_are_not_stored(store: ObjectStore, spool: Spool) -> None:
    scan = spooled(spool, "mismatch")
    scan.path.write_bytes(b"%PDF-" + bytes(scan.size - 5))
    with pytest.raises(DocumentCorrupted):
        put(store, scan)
    assert not store.exists(scan.sha256)


def test_a_store_that_compares_is_believed_and_what_it_refuses_is_looked_at(store: ObjectStore, spool: Spool) -> None:
    good, wrong = spool.receive([b"first"]), spool.receive([b"second"])
    store.put(good.path, good.sha256, good.size, "application/pdf")
    wrong.path.write_bytes(b"Second")
    with pytest.raises(DocumentCorrupted):
        store.put(wrong.path, wrong.sha256, wrong.size, "application/pdf", known=False)
    assert not store.exists(wrong.sha256)


@pytest.mark.parametrize("kept", ["same length", "shorter", "longer", "nothing"])
def test_bytes_changed_behind_its_back_are_never_served_and_a_new_put_heals_them(
    kept: str, store: ObjectStore, spool: Spool, one_machine: Machine, behind: Minio
) -> None:
    scan = spooled(spool, kept)
    put(store, scan)
    good = scan.path.read_bytes()
    bad = {"same length": good[:-1] + b"X", "shorter": good[:-1], "longer": good + b"X", "nothing": b""}[kept]
    behind.put_object(one_machine.settings.s3_bucket, key_of(scan.sha256), BytesIO(bad), len(bad))
    with pytest.raises(DocumentCorrupted):
        store.open_verified(scan.sha256)
    put(store, scan)
    assert read(store, scan) == good


def test_a_scan_that_is_not_there_is_absent(store: ObjectStore) -> None:
    with pytest.raises(DocumentAbsent):
        store.open_verified("0" * 64)


def test_only_a_hash_becomes_a_key(store: ObjectStore, tmp_path: Path) -> None:
    for wrong in ("", "../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 63 + "\n", "0" * 64 + "\n"):
        with pytest.raises(ValueError, match="SHA-256"):
            key_of(wrong)


def test_the_reconciler_sees_every_scan_and_may_remove_one(
    store: ObjectStore, spool: Spool, one_machine: Machine, behind: Minio
) -> None:
    scan = spooled(spool, "listed")
    put(store, scan)
    behind.put_object(one_machine.settings.s3_bucket, "sha256/zz/readme.txt", BytesIO(b"x"), 1)
    found = {key.sha256: key for key in store.keys()}  # noqa: SIM118 - not a dict
    assert found[scan.sha256].size == scan.size
    assert found[scan.sha256].stored_at.tzinfo is not None
    assert all(len(sha256) == 64 for sha256 in found)
    store.remove(scan.sha256)
    assert not store.exists(scan.sha256)


def test_the_probe_puts_reads_and_deletes(store: ObjectStore) -> None:
    assert store.available()
    store.ensure_bucket()
    assert 0 < store.probe() < LONG


def test_wrong_keys_are_unavailable_not_a_crash(one_machine: Machine, spool: Spool) -> None:
    store = ObjectStore(one_machine.store.endpoint, "nobody", "wrong-secret", one_machine.settings.s3_bucket)
    with pytest.raises(Unavailable):
        put(store, spooled(spool, "keys"))
    assert not store.available()


FIRST_LOOK, PUT, READ_BACK = "the first look", "the put", "the reading back"
WHEN = {
    FIRST_LOOK: lambda method, before: before == 0 and method == "GET",
    PUT: lambda method, before: method == "PUT",
    READ_BACK: lambda method, before: before > 0 and method == "GET",
}


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("phase", WHEN)
def test_trouble_while_storing_never_leaves_a_scan_that_cannot_be_read(
    phase: str, trouble: Trouble, connect: Connect, door: Door, spool: Spool
) -> None:
    """It may succeed in spite of the trouble; what it may not do is claim success without the bytes."""
    scan, troubled = spooled(spool, f"{phase} {trouble}"), connect(door.endpoint, HURRIED)
    door.vouches = phase != READ_BACK
    door.set(trouble, WHEN[phase])
    begun = time.monotonic()
    try:
        put(troubled, scan)
    except Unavailable:
        pass
    else:
        assert phase != READ_BACK
        assert read(connect(), scan) == scan.path.read_bytes()
    assert time.monotonic() - begun < LONG
    door.clear()
    put_in_the_end(troubled, scan)
    assert read(connect(), scan) == scan.path.read_bytes()


def test_a_store_that_compares_the_hash_is_not_read_back_and_one_that_does_not_is(
    connect: Connect, door: Door, spool: Spool
) -> None:
    store = connect(door.endpoint)
    put(store, spooled(spool, "it vouches"))
    assert door.asked == ["GET", "PUT"]
    door.vouches = False
    door.asked.clear()
    put(store, spooled(spool, "it does not"))
    assert door.asked == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("megabytes", [0, 20])
def test_bytes_that_change_on_their_way_are_not_kept(
    megabytes: int, connect: Connect, door: Door, spool: Spool
) -> None:
    """Nor are those of a scan that would be sent in parts."""
    scan = spool.receive([samples.small_pdf(mark=f"way {megabytes}"), bytes(megabytes << 20)])
    store = connect(door.endpoint)
    door.alters = True
    with pytest.raises(Unavailable):
        put(store, scan)
    assert not store.exists(scan.sha256)
    door.alters = False
    put(store, scan)
    assert read(store, scan) == scan.path.read_bytes()


@pytest.mark.parametrize("trouble", Trouble)
def test_trouble_while_reading_gives_out_no_byte(trouble: Trouble, connect: Connect, door: Door, spool: Spool) -> None:
    scan = spooled(spool, f"reading {trouble}")
    troubled = connect(door.endpoint, HURRIED if trouble in (Trouble.SILENT, Trouble.DRIP) else None)
    put(connect(), scan)
    door.set(trouble)
    with pytest.raises((Unavailable, DocumentCorrupted)) as error:
        troubled.open_verified(scan.sha256)
    assert isinstance(error.value, LienThongError)
    assert error.value.code == ("document_corrupted" if trouble is Trouble.WRONG else "unavailable")
    door.clear()
    put_in_the_end(troubled, scan)
    assert read(connect(), scan) == scan.path.read_bytes()


def test_a_store_that_is_down_fails_soon(connect: Connect, spool: Spool) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        store, scan = connect(f"127.0.0.1:{closed.getsockname()[1]}"), spooled(spool, "down")
        begun = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            put(store, scan)
        assert time.monotonic() - begun < LONG
        assert refusal.value.data["part_vi"] == "Kho tài liệu"
        assert not store.available()


def test_a_black_hole_costs_a_few_seconds_once_and_nothing_the_next_times(
    connect: Connect, door: Door, spool: Spool
) -> None:
    store, scan = connect(door.endpoint, Patience(rest=LONG)), spooled(spool, "black hole")
    door.set(Trouble.SILENT)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        put(store, scan)
    assert time.monotonic() - begun < LONG
    assert door.asked == ["GET"]
    for _ in range(8):
        with pytest.raises(Unavailable):
            put(store, scan)
    assert door.asked == ["GET"], "nobody asked again"


def test_an_address_that_swallows_packets_fails_soon(connect: Connect, spool: Spool) -> None:
    """A full queue of connections: the kernel drops what comes after, as a dead host does."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        store, scan = connect(f"127.0.0.1:{full.getsockname()[1]}"), spooled(spool, "swallowed")
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            put(store, scan)
        assert time.monotonic() - begun < LONG

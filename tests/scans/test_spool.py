"""Uploads land complete, durable and bounded, or not at all."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import psutil
import pytest

from engine.errors import UnacceptableFile, Unavailable
from storage.lost import DocumentAbsent, DocumentCorrupted
from storage.spool import Spool, in_pieces
from tests import samples


def names(spool_folder: Path) -> list[str]:
    return sorted(path.name for path in spool_folder.iterdir() if path.name != ".lock")


def test_an_upload_is_named_by_its_hash(spool: Spool) -> None:
    data = samples.pdf()
    scan = spool.receive(in_pieces(BytesIO(data), 1000))
    assert scan.sha256 == hashlib.sha256(data).hexdigest() == scan.path.name
    assert scan.size == len(data)
    assert scan.path.read_bytes() == data
    assert scan.path.stat().st_mode & 0o077 == 0


def test_the_same_bytes_again_are_the_same_file(spool: Spool, tmp_path: Path) -> None:
    assert spool.receive([samples.jpeg()]) == spool.receive([samples.jpeg()])
    assert len(names(tmp_path / "spool")) == 1
    assert [scan.size for scan in spool.waiting()] == [len(samples.jpeg())]


def test_too_large_stops_while_streaming(spool: Spool, tmp_path: Path) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024**2
            yield bytes(1024**2)

    before = psutil.Process().memory_info().rss
    with pytest.raises(UnacceptableFile) as refusal:
        spool.receive(endless(), name="phim.pdf")
    assert refusal.value.data["reason"] == "too_large"
    assert refusal.value.message("vi").startswith("Không nhận tệp “phim.pdf”: tệp lớn hơn 25 MB.")
    assert sent == 26 * 1024**2
    assert names(tmp_path / "spool") == []
    assert psutil.Process().memory_info().rss - before < 50 * 1024**2


def test_bytes_changed_on_the_disk_are_not_given_out(spool: Spool) -> None:
    scan = spool.receive([samples.jpeg()])
    with spool.open_verified(scan.sha256) as file:
        assert file.read() == samples.jpeg()
    scan.path.write_bytes(samples.jpeg()[:-1])
    with pytest.raises(DocumentCorrupted):
        spool.open_verified(scan.sha256)
    scan.path.unlink()
    with pytest.raises(DocumentAbsent):
        spool.open_verified(scan.sha256)


def test_the_limit_itself_is_allowed(spool: Spool) -> None:
    assert spool.receive([bytes(10)], limit=10).size == 10
    with pytest.raises(UnacceptableFile):
        spool.receive([bytes(10), b"x"], limit=10)


def test_a_broken_connection_leaves_nothing(spool: Spool, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(1000)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        spool.receive(broken())
    assert names(tmp_path / "spool") == []


def test_what_a_killed_process_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, storage.spool as s\n"
        "def chunks():\n"
        "    yield bytes(5000); print('going', flush=True); sys.stdin.read()\n"
        "s.Spool(pathlib.Path(sys.argv[1])).receive(chunks())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        Spool(tmp_path)
        assert len(names(tmp_path)) == 1, "another process's upload in progress stays"
        process.send_signal(signal.SIGKILL)
    assert len(names(tmp_path)) == 1
    Spool(tmp_path)
    assert names(tmp_path) == []


def test_a_nearly_full_disk_takes_no_new_uploads(tmp_path: Path) -> None:
    full = Spool(tmp_path, least_share=1.01, least_bytes=2**62)
    with pytest.raises(Unavailable) as refusal:
        full.receive([b"x"])
    assert refusal.value.message("vi").startswith("Ổ đĩa")
    assert Spool(tmp_path, least_share=1.01, least_bytes=0).receive([b"x"]).size == 1
    assert Spool(tmp_path, least_share=0.0, least_bytes=2**62).receive([b"x"]).size == 1


def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys, errno, pathlib, storage.spool as s\n"
        "from engine.errors import Unavailable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "s._DISK_ERRORS |= {errno.EFBIG}\n"  # a file-size limit stands in for a full disk
        "spool = s.Spool(pathlib.Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: spool.receive([bytes(100_000)])\n"
        "except Unavailable: print('unavailable')\n"
    )
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True).stdout
    assert said == b"unavailable\n"
    assert names(tmp_path) == []


def test_a_file_just_received_again_is_not_discarded(spool: Spool) -> None:
    scan = spool.receive([samples.jpeg()])
    assert not spool.discard(scan.sha256)
    os.utime(scan.path, (0, 0))
    spool.receive([samples.jpeg()])
    assert not spool.discard(scan.sha256)
    assert scan.path.exists()
    assert spool.discard(scan.sha256, older_than=timedelta(0))
    assert spool.discard(scan.sha256), "gone already"
    assert list(spool.waiting()) == []


def test_many_at_once_do_not_disturb_each_other(spool: Spool) -> None:
    def send(number: int) -> None:
        for mark in range(number, number + 10):
            spool.receive(in_pieces(BytesIO(b"%d" % mark * 5000), 700))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(spool.waiting())
    assert len(found) == 17
    assert all(hashlib.sha256(scan.path.read_bytes()).hexdigest() == scan.sha256 for scan in found)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 64, "A" * 64, "0" * 64 + "\n", "%2e%2e/"])
def test_only_a_hash_becomes_a_path(name: str, spool: Spool) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        spool.path(name)

"""The process that looks at a foreign file can do nothing else, and its end is never ours."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from engine.errors import UnacceptableFile, Unavailable
from storage import inspection_child, quarantine
from storage.inspection import Fault, inspect
from storage.quarantine import Quarantine
from tests import samples

POWERLESS = """
import os, socket
from storage.inspection_child import give_up_powers
give_up_powers()
def attempt(what, act):
    try: act()
    except (OSError, MemoryError) as error: print(what, type(error).__name__)
    else: print(what, "possible")
attempt("read", lambda: open("/etc/hostname"))
attempt("write", lambda: open("/tmp/x", "w"))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", 9)))
attempt("pipe", os.pipe)
attempt("memory", lambda: bytearray(600 * 1024**2))
"""


@pytest.fixture
def one() -> Iterator[Quarantine]:
    place = Quarantine(ahead=1)
    place.prepare()
    yield place
    place.close()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan"
    path.write_bytes(samples.pdf())
    return path


def waiting_child(place: Quarantine) -> psutil.Process:
    """Once it has given up its powers and waits for a file."""
    child = psutil.Process(place._waiting[0].pid)
    while child.rlimit(psutil.RLIMIT_NOFILE) != (3, 3):
        time.sleep(0.01)
    return child


def end_at_work(place: Quarantine, child: psutil.Process, how: signal.Signals) -> None:
    """Once it was taken for a file (it is suspended, so it has not answered yet)."""
    while place._waiting:
        time.sleep(0.01)
    child.send_signal(how)
    with suppress(psutil.NoSuchProcess):  # SIGKILL does not wait for it
        child.resume()


def test_it_can_open_nothing_and_take_no_more_memory() -> None:
    said = subprocess.run([sys.executable, "-I", "-c", POWERLESS], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [
        "read OSError",
        "write OSError",
        "connect OSError",
        "pipe OSError",
        "memory MemoryError",
    ]


def test_it_knows_no_secret_and_no_folder_of_ours(one: Quarantine) -> None:
    os.environ["S3_SECRET_KEY"] = "a secret"
    try:
        with_secret = Quarantine(ahead=1)
        with_secret.prepare()
        child = waiting_child(with_secret)
        assert child.environ().keys() <= {"LC_ALL", "LC_CTYPE", "OPENBLAS_NUM_THREADS"}
        assert child.cwd() == "/"
        assert os.getsid(child.pid) == child.pid
        with_secret.close()
    finally:
        del os.environ["S3_SECRET_KEY"]


@pytest.mark.parametrize(
    ("how", "fault"),
    [(signal.SIGSEGV, Fault.DAMAGED), (signal.SIGXCPU, Fault.BOMB), (signal.SIGABRT, Fault.BOMB)],
)
def test_a_crash_is_a_refusal(how: signal.Signals, fault: Fault, one: Quarantine, scan: Path) -> None:
    child = waiting_child(one)
    child.suspend()
    with ThreadPoolExecutor(1) as other:
        verdict = other.submit(inspect, scan, "a.pdf", quarantine=one)
        end_at_work(one, child, how)
        with pytest.raises(UnacceptableFile) as refusal:
            verdict.result()
    assert refusal.value.data["reason"] == fault


def test_one_killed_by_another_hand_is_not_the_files_fault(one: Quarantine, scan: Path) -> None:
    child = waiting_child(one)
    child.suspend()
    with ThreadPoolExecutor(1) as other:
        verdict = other.submit(inspect, scan, "a.pdf", quarantine=one)
        end_at_work(one, child, signal.SIGKILL)
        assert verdict.result().pages == 1


def test_one_that_hangs_is_ended_and_leaves_no_zombie(scan: Path) -> None:
    place = Quarantine(ahead=1, seconds=0.5)
    place.prepare()
    child = waiting_child(place)
    child.suspend()
    with pytest.raises(UnacceptableFile) as refusal:
        inspect(scan, "a.pdf", quarantine=place)
    assert refusal.value.data["reason"] == Fault.BOMB
    place.close()
    assert not child.is_running()


def test_one_that_died_while_waiting_is_replaced(one: Quarantine, scan: Path) -> None:
    waiting_child(one).kill()
    assert inspect(scan, "a.pdf", quarantine=one).pages == 1


def test_all_come_from_one_that_sees_no_file_and_is_replaced_when_it_dies(one: Quarantine, scan: Path) -> None:
    first, nursery = waiting_child(one), one._nursery
    assert nursery is not None
    assert inspect(scan, "a.pdf", quarantine=one).pages == 1
    assert first.pid != waiting_child(one).pid
    assert one._nursery is nursery
    parent = psutil.Process(nursery._process.pid)
    assert not [child for child in parent.children(recursive=True) if child.status() == psutil.STATUS_ZOMBIE]

    parent.kill()
    parent.wait()
    for _ in range(3):
        assert inspect(scan, "a.pdf", quarantine=one).pages == 1
    assert one._nursery is not nursery


def test_each_is_used_once(one: Quarantine, scan: Path) -> None:
    first = waiting_child(one)
    inspect(scan, "a.pdf", quarantine=one)
    assert not first.is_running()
    assert waiting_child(one).pid != first.pid


def test_a_checker_that_cannot_start_is_unavailable_and_judges_nothing(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for interpreter in ("/nonexistent", "/bin/false"):
        monkeypatch.setattr(sys, "executable", interpreter)
        with pytest.raises(Unavailable) as refusal:
            inspect(scan, "a.pdf", quarantine=Quarantine(ahead=0))
        assert refusal.value.message("vi").startswith("Bộ phận kiểm tra tệp")


def test_when_all_places_are_taken_one_waits_and_then_is_told(scan: Path) -> None:
    place = Quarantine(ahead=0, at_once=1, seconds=0.5)
    with place._places, pytest.raises(Unavailable) as refusal:
        inspect(scan, "a.pdf", quarantine=place)
    assert refusal.value.message("vi").startswith("Bộ phận kiểm tra tệp")
    place.close()


def test_who_waits_is_served_when_a_place_is_free(scan: Path, one: Quarantine) -> None:
    one._places = threading.BoundedSemaphore(1)
    with ThreadPoolExecutor(1) as others:
        with one._places:
            verdict = others.submit(inspect, scan, "a.pdf", quarantine=one)
            with pytest.raises(TimeoutError):
                verdict.result(timeout=0.5)
        assert verdict.result().pages == 1


def test_many_at_once_each_get_their_own_verdict_whatever_is_in_the_files(tmp_path: Path) -> None:
    """Mutants of good files: any verdict or refusal will do, an error will not."""
    dice = random.Random(7)
    files = []
    for number in range(21):
        data = bytearray((samples.small_pdf(3), samples.jpeg(), samples.png())[number % 3])
        for _ in range(dice.randint(1, 30)):
            at = dice.randrange(len(data))
            data[at : at + dice.randint(0, 9)] = dice.randbytes(dice.randint(0, 9))
        files.append(tmp_path / str(number))
        files[-1].write_bytes(data)
    pages = tmp_path / "pages"
    pages.write_bytes(samples.small_pdf(7))

    def judge(path: Path) -> str:
        try:
            return f"{inspect(path).pages} pages"
        except UnacceptableFile as refusal:
            return str(refusal.data["reason"])

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(judge, [*files, pages]))
    assert set(found) <= {"1 pages", "3 pages", "7 pages", *[fault.value for fault in Fault]}
    assert found[-1] == "7 pages"
    assert len(set(found)) >= 3


def test_after_a_fork_both_processes_have_children_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "jpeg").write_bytes(samples.jpeg())
    (tmp_path / "pdf").write_bytes(samples.small_pdf(2))
    code = (
        "import os, sys, pathlib\n"
        "from storage.inspection import inspect, prepare\n"
        "prepare()\n"
        "name = 'pdf' if os.fork() else 'jpeg'\n"
        "print(name, inspect(pathlib.Path(sys.argv[1]) / name).media_type, flush=True)\n"
        "if name == 'pdf': os.wait()\n"
        "os._exit(0)\n"
    )
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert sorted(said.stdout.splitlines()) == ["jpeg image/jpeg", "pdf application/pdf"]


def test_parent_and_child_agree_on_the_word_for_ready() -> None:
    assert quarantine._READY == inspection_child.READY

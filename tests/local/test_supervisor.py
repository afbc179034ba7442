"""Order, replacement and end of children, with toy processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from storage.local.children import LOG_CAP, Step, bear, started, stop_leftovers
from storage.local.supervisor import Phase, Supervisor
from storage.local.trouble import StartFailed
from tests.local.toys import PARENT, STUBBORN, alive, eventually, place, toy


def test_parts_start_after_what_they_need_and_stop_in_reverse(tmp_path: Path) -> None:
    heard: list[tuple[str, Phase]] = []
    parts = [
        toy(tmp_path, "last", after=("step",)),
        Step(name="step", run=lambda: time.sleep(0.2), after=("first",)),
        toy(tmp_path, "first"),
    ]
    supervisor = Supervisor(parts, place(tmp_path), lambda name, phase: heard.append((name, phase)))
    supervisor.start()
    pids = supervisor.pids()
    supervisor.stop()
    assert [name for name, phase in heard if phase is Phase.READY] == ["first", "step", "last"]
    assert [name for name, phase in heard if phase is Phase.STOPPED] == ["last", "first"]
    assert not any(alive(pid) for pid in pids.values())


def test_a_killed_child_is_replaced(tmp_path: Path) -> None:
    supervisor = Supervisor([toy(tmp_path, "web")], place(tmp_path))
    supervisor.start()
    try:
        first = supervisor.pids()["web"]
        os.kill(first, signal.SIGKILL)
        eventually(lambda: supervisor.pids()["web"] != first and alive(supervisor.pids()["web"]))
    finally:
        supervisor.stop()


def test_a_child_that_ignores_the_polite_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    log = tmp_path / "log" / "deaf.log"
    child = toy(tmp_path, "deaf", STUBBORN, grace=0.5, ready=lambda: log.exists() and b"deaf" in log.read_bytes())
    supervisor = Supervisor([child], place(tmp_path))
    supervisor.start()
    pid = supervisor.pids()["deaf"]
    supervisor.stop()
    assert not alive(pid)


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log" / "runner.log"
    child = toy(tmp_path, "runner", PARENT, ready=lambda: log.exists() and b"\n" in log.read_bytes())
    supervisor = Supervisor([child], place(tmp_path))
    supervisor.start()
    grandchild = int(log.read_text())
    assert alive(grandchild)
    supervisor.stop()
    eventually(lambda: not alive(grandchild))


def test_a_first_start_that_fails_says_why_and_leaves_nothing_running(tmp_path: Path) -> None:
    parts = [toy(tmp_path, "good"),
             toy(tmp_path, "bad", "raise SystemExit('no such table')", after=("good",), ready=lambda: False)]
    supervisor = Supervisor(parts, place(tmp_path))
    with pytest.raises(StartFailed) as caught:
        supervisor.start()
    assert "no such table" in caught.value.message("vi")
    assert caught.value.data["service"] == "bad"
    assert not any(alive(pid) for pid in supervisor.pids().values())


def test_a_step_that_fails_stops_the_start(tmp_path: Path) -> None:
    def migrate() -> None:
        raise ValueError("two heads")

    supervisor = Supervisor([toy(tmp_path, "postgres"), Step(name="migrations", run=migrate, after=("postgres",))],
                            place(tmp_path))
    with pytest.raises(StartFailed, match="two heads"):
        supervisor.start()
    assert not any(alive(pid) for pid in supervisor.pids().values())


def test_nobody_waits_for_a_part_that_is_not_essential(tmp_path: Path) -> None:
    optional = replace(toy(tmp_path, "prefect", "raise SystemExit(1)", ready=lambda: False), essential=False)
    heard: list[Phase] = []
    supervisor = Supervisor([optional, toy(tmp_path, "web")], place(tmp_path),
                            lambda name, phase: heard.append(phase) if name == "prefect" else None)
    supervisor.start()
    try:
        eventually(lambda: heard.count(Phase.DIED) >= 2)
    finally:
        supervisor.stop()


def test_a_probe_that_breaks_does_not_leave_its_child_alone(tmp_path: Path) -> None:
    asked: list[int] = []

    def ready() -> bool:
        asked.append(1)
        if len(asked) == 2:
            raise ValueError("half an answer")
        return True

    supervisor = Supervisor([toy(tmp_path, "store", ready=ready)], place(tmp_path))
    supervisor.start()
    try:
        for number in (2, 3):  # the first successor meets the broken probe, and must still be replaced
            before = supervisor.pids()["store"]
            os.kill(before, signal.SIGKILL)
            eventually(lambda before=before: supervisor.pids()["store"] != before)
            eventually(lambda number=number: len(asked) == number)
    finally:
        supervisor.stop()


def test_children_of_a_killed_supervisor_are_found_and_ended(tmp_path: Path) -> None:
    ground = place(tmp_path)
    child = toy(tmp_path, "left")
    left = bear(child, ground)
    # the kernel has not noted the command line yet when it begins to run
    eventually(lambda: psutil.Process(left.process.pid).cmdline() == list(child.argv))
    assert stop_leftovers(ground) == ["left"]
    left.process.wait()
    assert not list(ground.run.glob("*.json"))


def test_a_stranger_who_got_the_number_of_an_old_child_is_left_alone(tmp_path: Path) -> None:
    ground = place(tmp_path)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        born = started(psutil.Process(stranger.pid))
        record = {"name": "postgres", "pid": stranger.pid, "started": born - 60,
                  "argv": psutil.Process(stranger.pid).cmdline(), "stop_signal": 15, "hurried_grace": 1.0}
        (ground.run / "postgres.json").write_text(json.dumps(record))
        assert stop_leftovers(ground) == []
        assert alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_clock_that_was_set_right_hides_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine calls the time of its own start moves with its clock, and every start with it."""
    ground = place(tmp_path)
    child = toy(tmp_path, "left")
    left = bear(child, ground)
    eventually(lambda: psutil.Process(left.process.pid).cmdline() == list(child.argv))
    before, created = psutil.boot_time(), psutil.Process.create_time
    monkeypatch.setattr(psutil, "boot_time", lambda: before + 7200)
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + 7200)
    assert stop_leftovers(ground) == ["left"]
    left.process.wait()


def test_a_log_that_grew_too_long_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    ground = place(tmp_path)
    ground.log_of("web").write_bytes(b"x" * (LOG_CAP + 1))
    born = bear(toy(tmp_path, "web", "print('fresh')"), ground)
    born.wait()
    assert ground.log_of("web").read_text() == "fresh\n"
    assert (ground.log / "web.log.1").stat().st_size == LOG_CAP + 1

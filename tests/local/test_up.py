"""`lienthong up` as people meet it: started, killed in every way, started again, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
import urllib3

from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.local.ports import LOOPBACK
from storage.local.probes import answers
from tests.local.toys import alive, eventually
from tests.machine import fresh_settings, home

SCRIPT = Path(__file__).with_name("up_script.py")
TOGETHER = ("postgres", "store", "prefect", "web")


@dataclass
class House:
    """A home, and whoever supervises it."""

    machine: Machine
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8")

    def up(self) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("wb") as out:
            process = subprocess.Popen([sys.executable, str(SCRIPT), str(self.folder), str(self.machine.ports.web)],
                                       stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.started.append(process)
        return process

    def wait_until_up(self) -> float:
        begun = time.monotonic()
        eventually(lambda: self.machine.address in self.output or self.started[-1].poll() is not None, within=120)
        assert self.machine.address in self.output, self.output
        return time.monotonic() - begun

    def pids(self) -> dict[str, int]:
        records = []
        for path in (self.folder / "run").glob("*.json"):
            with suppress(FileNotFoundError):  # a record goes with its child, also between two looks
                records.append(json.loads(path.read_text()))
        return {record["name"]: record["pid"] for record in records}

    def mine(self) -> list[psutil.Process]:
        """Every process that works for this home, ours or a child of a child."""
        return [process for process in psutil.process_iter(["cmdline", "cwd"])
                if str(self.folder) in " ".join([*(process.info["cmdline"] or []), process.info["cwd"] or ""])]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with home() as folder:
        found = House(machine=Machine(fresh_settings(folder)), folder=folder)
        try:
            yield found
        finally:
            for process in found.mine():
                process.kill()
            for started in found.started:
                started.wait()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Times are told, not asserted: they are the machine's as much as ours."""
    def say(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")
    return say


def test_from_an_empty_home_everything_comes_up(house: House, tell: Callable[[str], None]) -> None:
    begun = time.monotonic()
    house.up()
    house.wait_until_up()
    tell(f"empty home: web, database and store in {time.monotonic() - begun:.1f} s")
    eventually(lambda: answers(LOOPBACK, house.machine.ports.prefect, "/api/health"), within=120)
    tell(f"empty home: Prefect too in {time.monotonic() - begun:.1f} s")
    eventually(lambda: set(TOGETHER) <= set(house.pids()))


def test_prefect_answers_nobody_without_the_password(house: House) -> None:
    url = house.machine.environment()["PREFECT_API_URL"] + "/admin/version"
    assert urllib3.request("GET", url).status == 401
    known = urllib3.make_headers(basic_auth=house.machine.secrets.prefect_auth)
    assert urllib3.request("GET", url, headers=known).status == 200


def test_a_second_up_says_in_one_line_who_is_there(house: House) -> None:
    told = subprocess.run([sys.executable, str(SCRIPT), str(house.folder), str(house.machine.ports.web)],
                          capture_output=True, check=False, timeout=120)
    assert told.returncode == 1
    assert str(house.started[-1].pid) in told.stderr.decode().splitlines()[0]
    assert answers(LOOPBACK, house.machine.ports.web, "/")


@pytest.mark.parametrize("name", ["web", "store", "prefect", "postgres"])
def test_whoever_is_killed_is_replaced(house: House, name: str) -> None:
    first = house.pids()[name]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: house.pids().get(name, first) != first)
    eventually(house.machine.postgres.answers)
    eventually(house.machine.store.answers)
    eventually(lambda: answers(LOOPBACK, house.machine.ports.web, "/"))
    eventually(lambda: answers(LOOPBACK, house.machine.ports.prefect, "/api/health"), within=120)


def test_what_a_killed_supervisor_left_is_taken_over(house: House, tell: Callable[[str], None]) -> None:
    with psycopg.connect(house.machine.database_url(Role.OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    # who lost its database a test ago may be starting again
    eventually(lambda: set(TOGETHER) <= set(house.pids()) and all(map(alive, house.pids().values())))
    before = house.pids()
    house.started[-1].kill()
    house.started[-1].wait()
    assert all(alive(pid) for pid in before.values()), "the children outlive their supervisor"
    house.up()
    tell(f"taken over in {house.wait_until_up():.1f} s")
    assert not any(alive(pid) for pid in before.values())
    with psycopg.connect(house.machine.database_url(Role.OWNER)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_ctrl_c_stops_everything_in_order_and_leaves_nothing(house: House, tell: Callable[[str], None]) -> None:
    process, begun = house.started[-1], time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 0
    tell(f"stopped in {time.monotonic() - begun:.1f} s")
    eventually(lambda: house.mine() == [])
    assert house.pids() == {}
    stopped = [line for line in house.output.splitlines() if "stopped" in line]
    assert "web" in stopped[-5]
    assert "PostgreSQL" in stopped[-2]


def test_a_full_home_is_up_quickly_and_a_second_ctrl_c_does_not_wait(
        house: House, tell: Callable[[str], None]) -> None:
    process = house.up()
    tell(f"up in {house.wait_until_up():.1f} s from a full home")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 0
    eventually(lambda: house.mine() == [])


def test_ctrl_c_during_the_start_leaves_nothing(house: House) -> None:
    process = house.up()
    eventually(lambda: "postgres" in house.pids())
    process.send_signal(signal.SIGINT)
    # who looked away for long met it when it was up
    assert process.wait(timeout=120) == (0 if house.machine.address in house.output else 130)
    eventually(lambda: house.mine() == [])

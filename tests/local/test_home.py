"""Where the home may be, what it holds, what keeps a machine from starting."""

from __future__ import annotations

import os
import socket
import stat
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine.clocks.zone import ZONE
from engine.settings import Settings
from storage.local import secrets
from storage.local.home import Lock, is_short, resolve
from storage.local.machine import Machine, Service
from storage.local.ports import free_first
from storage.local.trouble import AlreadyRunning, HomeUnreachable, PortTaken, SecretsLost
from tests.machine import fresh_settings, home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    with home() as made:
        yield made


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)
    assert secrets.load(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len(bytes.fromhex(first.sse_key)) == 32
    assert first.superuser not in repr(first)


def test_since_when_it_runs_is_told_in_the_time_of_vietnam_wherever_the_machine_thinks_it_is(
        folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    try:
        (folder / "run").mkdir(parents=True)
        begins = datetime.now(ZONE).replace(second=0, microsecond=0)
        with Lock(folder, "here"), pytest.raises(AlreadyRunning) as caught, Lock(folder, "there"):
            pass
        told = datetime.strptime(str(caught.value.data["since"]), "%H:%M %d/%m/%Y").replace(tzinfo=ZONE)
        assert begins <= told <= datetime.now(ZONE)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_lost_secrets_are_not_replaced_by_new_ones_beside_old_data(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("18\n")
    with pytest.raises(SecretsLost):
        secrets.load(tmp_path)


def test_a_service_whose_address_is_set_is_not_started_here(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://app:pw@db.example/lienthong",
                        s3_endpoint="s3.example:443", prefect_api_url="http://prefect.example/api")
    machine = Machine(settings)
    assert machine.ours() == frozenset()
    told = machine.environment()
    assert told["DATABASE_URL"] == told["DATABASE_OWNER_URL"] == "postgresql://app:pw@db.example/lienthong"
    assert told["S3_ENDPOINT"] == "s3.example:443"
    assert told["PREFECT_API_URL"] == "http://prefect.example/api"


def test_our_store_brings_our_postgresql_even_when_the_dossiers_live_elsewhere(folder: Path) -> None:
    settings = Settings(home=folder, database_url="postgresql://app:pw@db.example/lienthong")
    assert Machine(settings).ours({Service.STORE}) == {Service.POSTGRES, Service.STORE}


def test_a_taken_port_is_refused_with_the_service_and_a_way_out(folder: Path) -> None:
    machine = Machine(fresh_settings(folder))
    with socket.create_server(("127.0.0.1", machine.ports.s3)), pytest.raises(PortTaken) as caught:
        machine.start({Service.POSTGRES, Service.STORE})
    message = caught.value.message("vi")
    assert str(machine.ports.s3) in message
    assert "SeaweedFS S3" in message
    assert "LIENTHONG_PORT=" in message
    assert "\n" not in message


@pytest.mark.parametrize(("total", "free", "short"), [
    (100 << 30, 900 << 20, True),    # 0.9 % of 100 GB, less than 1 GB
    (100 << 30, 2 << 30, False),     # 2 %, but 2 GB
    (20 << 30, 900 << 20, False),    # less than 1 GB, but 4.4 %
    (1 << 30, 10 << 20, True),
])
def test_a_nearly_full_disk_is_refused(total: int, free: int, short: bool) -> None:
    assert is_short(total=total, free=free) is short


@as_root
def test_a_chosen_home_behind_a_closed_folder_is_refused_by_name(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(HomeUnreachable) as caught:
        resolve(Settings(home=closed / "home"))
    assert "LIENTHONG_HOME" in caught.value.message("vi")


@as_root
def test_a_home_nobody_chose_moves_out_of_a_closed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIENTHONG_HOME", raising=False)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.chdir(closed)
    found = resolve(Settings())
    assert found.parent == Path("/var/lib")
    assert found == resolve(Settings())


def test_a_free_first_port_has_free_followers() -> None:
    first = free_first()
    with socket.create_server(("127.0.0.1", first + 12)):
        assert first != free_first()

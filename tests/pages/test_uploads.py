"""Files on bad lines: servers that die, lines that break, files that change, sessions that end, pages loaded again."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from engine.office import Office
from storage.faults import LARGEST
from storage.local.machine import Machine
from tests import samples
from tests.conftest import Fresh
from tests.flows.resident import eventually
from tests.journey import Cast, Journey
from tests.machine import free_first
from tests.pages.house import House
from tests.pages.line import Line

DESK = "H51.02/tiep-nhan:receptionist"
MEGABYTE = 1024 * 1024


def noise(megabytes: float) -> bytes:
    """A picture that no machine can make smaller: that many megabytes of PNG."""
    side = int((megabytes * MEGABYTE / 3) ** 0.5)
    picture = Image.frombytes("RGB", (side, side), random.Random(side).randbytes(side * side * 3))
    return samples.saved(picture, "PNG", compress_level=0)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "bản vẽ.png"
    path.write_bytes(noise(24))
    return path


class Server:
    """The web server as a process of its own, always at the same port."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_first()
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(self.port),
             "--log-level", "critical"], env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def server(machine: Machine, fresh: Fresh, home: Path, clock: Path) -> Iterator[Server]:
    made = Server({**os.environ, **machine.environment(), "DATABASE_URL": fresh.app_url, "LIENTHONG_HOME": str(home),
                   "LIENTHONG_CLOCK": str(clock)})
    try:
        yield made
    finally:
        made.kill()


@contextmanager
def house_behind(line: Line, office: Office, cast: Cast, browser: Browser, clock: Path,
                 shots: Path | None) -> Iterator[House]:
    opened = House(line.address, office, cast, browser, clock=clock, shots=shots)
    try:
        yield opened
    finally:
        opened.close()
    assert opened.complaints == []


def begin(house: House, *files: Path) -> Page:
    """On the page of a dossier, the files are chosen and sent."""
    code = Journey(house.office, house.cast, house.at(9)).receive().code
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}")
    send(page, *files)
    return page


def send(page: Page, *files: Path) -> None:
    page.select_option("#component", "plan")
    page.set_input_files("#file", list(files))
    page.get_by_role("button", name="Tải lên").click()


def row(page: Page, file: Path) -> Locator:
    return page.locator(".files li").filter(has_text=file.name)


def reach(page: Page, file: Path, tens: int) -> None:
    """Until the line of the file says so many tens of a hundred, or more: it may be looked at a second later."""
    expect(row(page, file)).to_contain_text(re.compile(f"(^|\\D)[{tens}-9]\\d %"), timeout=60_000)


def arrived(office: Office, file: Path, share: float) -> int:
    """Waits until the server has that share of it, which may be less than the page has sent; how much it has."""
    eventually(lambda: received(office) > share * file.stat().st_size)
    return received(office)


def received(office: Office) -> int:
    return int(office.db.value("select max(received) from upload") or 0)


def kept(house: House) -> list[str]:
    """The hashes of the scans of the last dossier."""
    found = house.office.db.value("select array_agg(sha256) from document where sha256 is not null")
    return list(found or [])


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_server_killed_at_forty_percent_ends_the_upload_by_itself(
        server: Server, office: Office, cast: Cast, browser: Browser, clock: Path, shots: Path | None,
        large: Path) -> None:
    server.start()
    with (Line(server.port, rate=1.5 * MEGABYTE) as line,
          house_behind(line, office, cast, browser, clock, shots) as house):
        page = begin(house, large)
        reach(page, large, 4)
        arrived(office, large, 0.35)
        server.kill()
        expect(row(page, large)).to_contain_text("Mất kết nối, thử lại lần", timeout=60_000)
        house.shot(page, "upload-server-gone")
        before = received(office)
        assert 0.35 < before / large.stat().st_size < 1
        server.start()
        carried = line.carried
        page.wait_for_url("**?did=attach*", timeout=180_000)
        assert kept(house) == [digest(large)]
        # what was there before the end was not sent again
        assert line.carried - carried < large.stat().st_size - before + 3 * MEGABYTE


def test_25_megabytes_get_through_a_line_that_breaks_every_two_seconds(
        server: Server, office: Office, cast: Cast, browser: Browser, clock: Path, shots: Path | None,
        tmp_path: Path) -> None:
    file = tmp_path / "hồ sơ.png"
    file.write_bytes(noise(24.99))
    assert LARGEST - 100_000 < file.stat().st_size <= LARGEST
    server.start()
    with (Line(server.port, rate=1.6 * MEGABYTE) as line,
          house_behind(line, office, cast, browser, clock, shots) as house):
        code = Journey(office, cast, house.at(9)).receive().code
        page = house.person(DESK)
        page.goto(f"/dossiers/{code}")
        line.break_every(2.0)
        send(page, file)
        page.wait_for_url("**?did=attach*", timeout=400_000)
        assert kept(house) == [digest(file)]
        assert line.cuts >= 5


@pytest.fixture
def slow_house(house: House) -> Iterator[House]:
    """The house at the end of a line of one megabyte a second."""
    port = int(house.address.rsplit(":", 1)[1])
    with (Line(port, rate=MEGABYTE) as line,
          house_behind(line, house.office, house.cast, house.browser, house.clock, house.shots) as behind):
        yield behind


def test_a_file_changed_while_it_is_uploaded_is_never_mixed(slow_house: House, tmp_path: Path) -> None:
    file = tmp_path / "đơn.png"
    file.write_bytes(noise(8))
    house = slow_house
    page = begin(house, file)
    reach(page, file, 2)
    file.write_bytes(bytes(reversed(file.read_bytes())))
    expect(row(page, file).get_by_role("alert")).to_contain_text("Tệp đã thay đổi", timeout=60_000)
    house.shot(page, "upload-changed")
    assert kept(house) == []
    page.wait_for_timeout(500)
    assert house.office.db.value("select count(*) from upload") == 0


def test_after_loading_the_page_again_the_same_file_goes_on(slow_house: House, tmp_path: Path) -> None:
    file = tmp_path / "đơn.png"
    file.write_bytes(noise(6))
    house = slow_house
    page = begin(house, file)
    reach(page, file, 4)
    arrived(house.office, file, 0.2)
    page.reload()
    offsets: list[int] = []
    page.on("request", lambda request: offsets.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH" else None)
    send(page, file)
    page.wait_for_url("**?did=attach*", timeout=60_000)
    assert offsets[0] > 0.2 * file.stat().st_size
    assert kept(house) == [digest(file)]


def test_a_session_that_ends_in_the_middle_goes_on_after_signing_in_elsewhere(
        slow_house: House, fresh: Fresh, tmp_path: Path) -> None:
    file = tmp_path / "đơn.png"
    file.write_bytes(noise(6))
    house = slow_house
    page = begin(house, file)
    reach(page, file, 2)
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("delete from session")
    expect(page.locator("[data-told]")).to_contain_text("Phiên làm việc đã hết")
    house.shot(page, "upload-session-ended")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập ở thẻ khác").click()
    house.sign_in(opened.value, house.cast.member(DESK).login)
    page.wait_for_url("**?did=attach*", timeout=60_000)
    assert kept(house) == [digest(file)]


def test_several_files_go_together_and_one_may_be_dropped(slow_house: House, tmp_path: Path) -> None:
    files = [tmp_path / f"trang {number}.png" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(noise(4 + number / 10))
    house = slow_house
    page = begin(house, *files)
    expect(page.get_by_text(re.compile(r"\d %$"))).to_have_count(2)
    house.shot(page, "upload-several")
    page.get_by_role("button", name=f"Bỏ: {files[1].name}").click()
    expect(row(page, files[1])).to_have_count(0)
    page.wait_for_url("**?did=attach*", timeout=60_000)
    assert sorted(kept(house)) == sorted(digest(file) for file in (files[0], files[2]))
    assert house.office.db.value("select count(*) from upload where sha256 is null") == 0

"""The counter without its network: ten dossiers taken in, codes unique, times kept, none lost, none twice."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from engine import timekeeper
from storage.local.machine import Machine
from tests.conftest import Fresh
from tests.machine import free_first
from tests.pages.house import CHROMIUM, House, press
from tests.pages.looks import faults, too_wide
from tests.pages.test_reception import TEXTS

DESK = "H51.02/tiep-nhan:receptionist"
NAME = "Trường Đại học Nông nghiệp số {}"
TEN = 10
# The page may not evaluate strings, so nothing waits in it but what is asked from outside.
SOON = "(async () => {{ while (!({})) await new Promise((done) => setTimeout(done, 50)); }})()"
CODES_KEPT = """new Promise((done) => {
  const asked = indexedDB.open("counter", 1);
  asked.onsuccess = () => {
    const count = asked.result.transaction("codes").objectStore("codes").count();
    count.onsuccess = () => { asked.result.close(); done(count.result); };
  };
})"""
DRAFT_KEPT = """new Promise((done) => {{
  const asked = indexedDB.open("counter", 1);
  asked.onsuccess = () => {{
    const rows = asked.result.transaction("kept").objectStore("kept").getAll();
    rows.onsuccess = () => {{ asked.result.close(); done(JSON.stringify(rows.result).includes("{}")); }};
  }};
}})"""
PAPERS = ("request_letter", "plan")


def counter(house: House, who: str = DESK, **options: object) -> Page:
    """Opened once with a network: the page is kept, codes and forms are there."""
    page = house.person(who, **options)
    page.goto("/receive/offline")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("main[data-ready]")).to_be_attached(timeout=60_000)
    page.evaluate(SOON.format("navigator.serviceWorker.controller"))


def without_network(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("[data-net]")).to_have_text("Mất mạng – vẫn tiếp nhận được.")


def take_in(page: Page, number: int, *, papers: tuple[str, ...] = PAPERS) -> None:
    """Of the conference; by its number and the keyboard."""
    choose(page)
    for name, text in TEXTS.items():
        page.fill(f"[name='{name}']", NAME.format(number) if name == "applicant.name" else text)
    page.select_option("[name='facts.topic_field']", "agriculture")
    for name in ("facts.head_of_state_level", "facts.state_secret"):
        page.check(f"[name='{name}'][value=no]")
    for paper in papers:
        page.check(f"[name=paper][value={paper}]")
    page.keyboard.press("Control+Enter")


def choose(page: Page) -> None:
    page.locator("#search").fill("hoi nghi 2.002312")
    expect(page.locator("[data-procedures] button")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def are(page: Page, state: str, count: int) -> None:
    expect(page.locator(f"tbody tr[data-state={state}]")).to_have_count(count, timeout=60_000)


def take_ten(house: House, page: Page) -> set[str]:
    """One a minute from 9:10 on; the codes."""
    for number in range(TEN):
        house.at(9, 10 + number)
        page.evaluate(f"localStorage.setItem('counter-ahead', {timekeeper.now().timestamp() * 1000} - Date.now())")
        take_in(page, number)
        are(page, "waiting", number + 1)
    return {row.inner_text() for row in page.locator("tbody .code").all()}


def dossiers(house: House) -> list[tuple[str, datetime, str]]:
    with house.office.db.connection() as connection:
        return connection.execute("select d.code, d.received_at, a.name from dossier d join applicant a "
                                  "on a.dossier_id = d.id order by d.code").fetchall()


def check_ten(house: House, printed: set[str]) -> None:
    """Each once, under the code that was printed, in order, at its own minute."""
    found, begun = dossiers(house), house.at(9, 10)
    assert {code for code, _, _ in found} == printed
    assert [name for _, _, name in found] == [NAME.format(number) for number in range(TEN)]
    for number, (_, received, _) in enumerate(found):
        assert timedelta(seconds=-1) < received - begun - timedelta(minutes=number) < timedelta(minutes=1)


def test_ten_receipts_without_a_network_are_ten_dossiers_with_their_own_times(house: House) -> None:
    page = counter(house)
    without_network(page)
    printed = take_ten(house, page)
    house.shot(page, "offline-ten")
    page.reload()
    are(page, "waiting", TEN)
    assert dossiers(house) == []

    house.at(12)
    page.context.set_offline(False)
    are(page, "done", TEN)
    check_ten(house, printed)
    house.shot(page, "offline-synchronised")
    page.locator("tbody a").first.click()
    expect(page.locator("main")).to_contain_text("tiếp nhận khi mất mạng, đồng bộ lúc 23/11/2026 12:00")


@contextmanager
def web(machine: Machine, fresh: Fresh, clock: Path, home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server of its own, so that it can be killed."""
    told = {**os.environ, **machine.environment(), "DATABASE_URL": fresh.app_url, "LIENTHONG_CLOCK": str(clock),
            "LIENTHONG_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port),
                                "--log-level", "critical"], env=told)
    until = time.monotonic() + 180
    try:
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_server_and_a_closed_browser_lose_nothing(
        house: House, machine: Machine, fresh: Fresh, clock: Path, home: Path, tmp_path: Path) -> None:
    """The server dies, ten are taken in, the browser ends, both come back; the person signs in again."""
    port = free_first()
    house.address = f"http://127.0.0.1:{port}"

    def window() -> Page:
        context = house.browser.browser_type.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM, args=["--no-sandbox"], base_url=house.address,
            locale="vi-VN")
        return context.pages[0]

    page = window()
    with web(machine, fresh, clock, home, port) as process:
        house.sign_in(page, house.cast.member(DESK).login)
        page.goto("/receive/offline")
        ready(page)
        process.send_signal(signal.SIGKILL)
        process.wait()
    page.reload()
    expect(page.locator("[data-net]")).to_have_text("Mất mạng – vẫn tiếp nhận được.")
    printed = take_ten(house, page)
    choose(page)
    page.fill("[name='applicant.name']", "Người đang khai dở")
    page.evaluate(SOON.format(f"await {DRAFT_KEPT.format('Người đang khai dở')}"))
    page.context.close()

    page = window()
    page.goto("/receive/offline")
    are(page, "waiting", TEN)
    expect(page.locator("[name='applicant.name']")).to_have_value("Người đang khai dở")
    house.at(12)
    with web(machine, fresh, clock, home, port):
        page.get_by_role("button", name="Đồng bộ ngay").click()
        page.get_by_role("link", name="Đăng nhập để đồng bộ").click()
        page.fill("[name=login]", house.cast.member(DESK).login)
        page.fill("[name=password]", "lien-thong-2026")
        page.click("main button")
        page.wait_for_url("**/receive/offline")
        are(page, "done", TEN)
        page.context.close()
    check_ten(house, printed)


def test_two_tabs_synchronise_every_receipt_once(house: House) -> None:
    page = counter(house)
    without_network(page)
    for number in range(3):
        take_in(page, number)
        are(page, "waiting", number + 1)
    second = page.context.new_page()
    second.goto("/receive/offline")
    are(second, "waiting", 3)
    page.context.set_offline(False)
    for tab in (page, second, page):
        tab.get_by_role("button", name="Đồng bộ ngay").click()
    are(page, "done", 3)
    are(second, "done", 3)
    assert len(dossiers(house)) == 3


def test_when_no_code_is_left_the_paper_book_is_named_and_nothing_is_taken_in(house: House) -> None:
    page = counter(house)
    without_network(page)
    page.evaluate("""new Promise((done) => (indexedDB.open("counter").onsuccess = (event) => {
      const deed = event.target.result.transaction("codes", "readwrite"), rows = deed.objectStore("codes");
      rows.getAllKeys().onsuccess = ({ target }) => target.result.slice(1).forEach((code) => rows.delete(code));
      deed.oncomplete = done;
    }))""")
    take_in(page, 1)
    are(page, "waiting", 1)
    take_in(page, 2)
    expect(page.get_by_role("alert").first).to_contain_text("ghi sổ theo dõi hồ sơ bằng giấy")
    are(page, "waiting", 1)
    expect(page.locator("[name='applicant.name']")).to_have_value(NAME.format(2))
    house.shot(page, "offline-exhausted")


def test_what_the_server_refuses_stays_with_its_reason_and_is_corrected(house: House) -> None:
    page = counter(house)
    without_network(page)
    take_in(page, 1, papers=("plan",))
    are(page, "waiting", 1)
    code = page.locator("tbody .code").inner_text()
    page.context.set_offline(False)
    are(page, "refused", 1)
    expect(page.locator("tbody")).to_contain_text("Còn thiếu giấy tờ")
    house.shot(page, "offline-refused")
    page.reload()
    page.get_by_role("button", name=f"Sửa {code}").click()
    expect(page.locator("[data-errors]")).to_contain_text("Còn thiếu giấy tờ")
    expect(page.locator("[name='applicant.name']")).to_have_value(NAME.format(1))
    page.check("[name=paper][value=request_letter]")
    page.keyboard.press("Control+Enter")
    are(page, "done", 1)
    assert [row[0] for row in dossiers(house)] == [code]


def test_what_the_agency_left_behind_when_it_moved_is_kept_and_sent_once_it_is_back(house: House, fresh: Fresh) -> None:
    page = counter(house)
    without_network(page)
    take_in(page, 1)
    are(page, "waiting", 1)
    code = page.locator("tbody .code").inner_text()
    reach(fresh, "paper")
    page.context.set_offline(False)
    are(page, "moved", 1)
    expect(page.locator("tbody")).to_contain_text("Hồ sơ còn nguyên ở máy này")
    expect(page.locator("[data-codes]")).to_contain_text("không tiếp nhận thêm ở đây")
    page.reload()
    are(page, "moved", 1)
    house.shot(page, "offline-moved")
    page.get_by_role("button", name=f"Xem nội dung {code}").click()
    expect(page.locator("[name='applicant.name']")).to_have_value(NAME.format(1))

    reach(fresh, "here")
    page.get_by_role("button", name="Đồng bộ ngay").click()
    are(page, "done", 1)
    assert [row[0] for row in dossiers(house)] == [code]


def reach(fresh: Fresh, way: str) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("select reach_agency('H51.02', %s, null, null)", (way,))


def test_faults_are_said_before_a_code_is_used(house: House) -> None:
    page = counter(house)
    without_network(page)
    choose(page)
    page.fill("[name='facts.event_date']", "mùa xuân")
    page.fill("[name='applicant.id_number']", "123")
    page.keyboard.press("Control+Enter")
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    for words in ("Ghi họ tên người nộp", "ngày/tháng/năm", "12 chữ số", "chưa trả lời"):
        expect(summary).to_contain_text(words)
    page.check("[name='return_way'][value=post]")
    page.keyboard.press("Control+Enter")
    expect(summary).to_contain_text("Trả qua bưu chính thì ghi địa chỉ")
    summary.get_by_role("link", name="Ghi họ tên").click()
    expect(page.locator("[name='applicant.name']")).to_be_focused()
    are(page, "waiting", 0)


def test_somebody_else_at_the_same_computer_sees_only_that_somebody_has_to_come(house: House) -> None:
    page = counter(house)
    without_network(page)
    take_in(page, 7)
    are(page, "waiting", 1)
    page.evaluate("window.fetch = () => Promise.reject(new TypeError()); 0")  # back online, but not synchronised yet
    page.context.set_offline(False)
    page.goto("/")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    assert page.evaluate("localStorage.getItem('counter-person')") is None
    house.sign_in(page, house.cast.member(f"{DESK}#1").login)
    page.goto("/receive/offline")
    ready(page)
    expect(page.locator("[data-others]")).to_contain_text(house.cast.member(DESK).name)
    assert NAME.format(7) not in page.locator("body").inner_text()
    assert dossiers(house) == []
    house.shot(page, "offline-other")


def test_what_the_browser_keeps_of_the_page_names_nobody(house: House) -> None:
    page = counter(house)
    kept = page.evaluate("""(async () => {
      const found = {};
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const asked of await cache.keys()) {
          found[new URL(asked.url).pathname] = await (await cache.match(asked)).text();
        }
      }
      return found;
    })()""")
    assert {path for path in kept if not path.startswith("/static/")} == {"/receive/offline"}
    person = house.cast.member(DESK)
    assert person.name not in kept["/receive/offline"]
    assert "form_key" not in kept["/receive/offline"]


def test_the_receipt_carries_the_code_as_bars_a_scanner_reads(house: House) -> None:
    page = counter(house)
    without_network(page)
    take_in(page, 1)
    are(page, "waiting", 1)
    code = page.locator("tbody .code").inner_text()
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("[data-list]")).to_be_hidden()
    house.shot(page, "offline-receipt")
    shown = Image.open(io.BytesIO(page.locator("[data-bars]").screenshot(scale="css")))
    assert [found.text for found in zxingcpp.read_barcodes(shown)] == [code]
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_axe_finds_nothing_and_nothing_reaches_past_the_edge(house: House) -> None:
    page = counter(house, bypass_csp=True)
    without_network(page)
    take_in(page, 1)
    are(page, "waiting", 1)
    assert faults(house, page, "offline-list") == []
    choose(page)
    page.keyboard.press("Control+Enter")
    assert faults(house, page, "offline-faults") == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(house, page, "offline-narrow") == []


def test_opening_reception_makes_the_counter_ready(house: House) -> None:
    page = house.person(DESK)
    page.goto("/receive")
    page.evaluate(SOON.format("(await navigator.serviceWorker.getRegistration('/receive/offline'))?.active"))
    page.evaluate(SOON.format("(await indexedDB.databases()).length && localStorage.getItem('counter-person')"))
    page.evaluate(SOON.format(f"await {CODES_KEPT}"))
    page.context.set_offline(True)
    page.goto("/receive/offline")
    take_in(page, 1)
    are(page, "waiting", 1)


def test_the_page_speaks_english_too(house: House) -> None:
    page = house.person(DESK)
    press(page, "English")
    page.goto("/receive/offline")
    ready(page)
    expect(page.locator("[data-net]")).to_have_text("Network is there.")
    page.locator("#search").fill("2.002312")
    expect(page.locator("[data-procedures]")).to_contain_text("conference")
    for words in ("Việc", "Hồ sơ", "Tiếp nhận", "chưa"):
        assert words not in page.locator("main .no-print").first.inner_text()

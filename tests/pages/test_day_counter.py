"""A whole day at the counter of a ward, with the keyboard alone; scanners and the dialog for files are no keys."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from engine import documents, timekeeper
from engine.documents import Upload
from engine.seed import DEMO_PASSWORD
from storage.spool import in_pieces
from tests import samples
from tests.journey import MONDAY, Journey
from tests.pages.counter import BUSINESS, CARD, WARD, Keys, saved, typed
from tests.pages.designing import choose, follow, send, tab_to, tab_to_words, tick, write
from tests.pages.house import House, code_of

COLLEAGUE, RETURNER = f"{WARD}#1", "H51.21/mot-cua:returner"
COPIES = {"copies": 3, "first_pages": 6, "further_pages": 0}
MOST_KEYS = 120


class Day:
    """One window from signing in to signing out."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def seen(self, name: str) -> None:
        self.house.shot(self.page, f"day-{name}")


class Counter(Day):
    """A day with what lay at the desk before: a draft, an earlier scan, and three dossiers to check."""

    def __init__(self, house: House, folder: Path) -> None:
        self.folder = folder
        past = Journey(house.office, house.cast, MONDAY - timedelta(days=3))
        earlier = past.receive("household_business", desk="H51.21/mot-cua", facts=BUSINESS).code
        told = Upload(code=earlier, component="identity", name="căn cước.pdf", declared_type="application/pdf",
                      actor=house.cast[WARD], key="earlier-scan")
        documents.attach(house.office, told, in_pieces(BytesIO(samples.pdf())), past.now)
        leave_a_draft(house)
        morning = Journey(house.office, house.cast, MONDAY)
        self.wrong, self.urgent, self.asked = [_waiting(morning, minutes) for minutes in (10, 0, 20)]
        house.at(9)
        super().__init__(house, house.page())


def _waiting(morning: Journey, minutes: int) -> str:
    morning.now = MONDAY + timedelta(minutes=minutes)
    return morning.receive("certified_copies", desk="H51.21/mot-cua", facts=COPIES, accept=False).code


def leave_a_draft(house: House) -> None:
    """On Friday, an hour before the desk closes."""
    timekeeper.set_shown(house.clock, MONDAY - timedelta(days=3) + timedelta(hours=8), 1.0)
    page = house.person(WARD)
    page.goto("/receive/certified_copies")
    page.fill("[name='applicant.name']", "Thạch Sóc Kha")
    page.fill("[name='applicant.phone']", "0900000003")
    for name, text in COPIES.items():
        page.fill(f"[name='facts.{name}']", str(text))
    saved(page)
    page.context.close()


@pytest.fixture
def day(house: House, tmp_path: Path) -> Counter:
    return Counter(house, tmp_path)


def sign_in(day: Day, who: str) -> None:
    page = day.open("/")
    page.wait_for_url("**/sign-in**")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(day.house.cast.member(who).login)
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")


def to_page(page: Page, words: str) -> None:
    """By the digit that stands before the name of the page in the bar."""
    key = page.locator("nav.places a").filter(has_text=words).first.get_attribute("data-key")
    page.keyboard.press(str(key))
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def scans(page: Page, name: str, folder: Path, *seeds: int) -> None:
    """The dialog for files is the system's own: it is given the files."""
    files = []
    for seed in seeds:
        (folder / f"{name}-{seed}.pdf").write_bytes(samples.pdf(seed=seed))
        files.append(folder / f"{name}-{seed}.pdf")
    page.set_input_files("#file", files)


def taken_in(page: Page) -> str:
    page.wait_for_url("**/dossiers/**")
    expect(page.get_by_role("status").first).to_contain_text("Tiếp nhận hồ sơ")
    return code_of(page)


def test_a_day_at_the_counter(day: Counter) -> None:
    sign_in(day, WARD)
    what_waits(day)
    first = one_with_a_card(day)
    receipt(day, first)
    one_left_on_friday(day)
    third = one_with_papers_kept(day)
    two_scans_at_once(day, third)
    a_supplement(day)
    a_refusal(day)
    a_call(day, first)
    a_word_between_colleagues(day, first)
    the_map_of_keys(day)
    sign_out(day)
    assert day.house.office.db.value("select count(*) from dossier") == 7


def what_waits(day: Counter) -> None:
    """The first row is due first, and one key away."""
    page = day.page
    page.keyboard.press("j")
    first = page.locator("table.work tbody tr").first.locator("a[data-row]")
    expect(first).to_be_focused()
    expect(first).to_have_text(day.urgent)
    day.seen("1-waits")


def one_with_a_card(day: Day) -> str:
    """Counts the keys of one reception; what the card reader types is not pressed by anybody."""
    page, keys = day.page, Keys(day.page)
    keys.press("2")
    page.wait_for_url("**/receive")
    keys.type("sao y")
    keys.press("Enter")
    expect(page.locator("#results a").first).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/receive/certified_copies")
    expect(page.locator("[name='applicant.name']")).to_be_focused()
    typed(page, CARD)
    expect(page.locator("#known")).to_contain_text("Đã đọc thẻ căn cước")
    keys.type("0900000002")
    for _ in range(60):
        keys.press("Enter")
        at = page.evaluate("[document.activeElement.name, document.activeElement.type]")
        if str(at[0]).startswith("facts."):
            keys.type("3") if at[1] == "text" else keys.press("Space")
        if at[0] == "paper":
            keys.press("Space")
        if at[0] in ("channel", "accept"):
            break
    day.seen("2-card")
    keys.press("Control+Enter")
    code = taken_in(page)
    sys.stdout.write(f"keys of one reception: {keys.pressed}\n")
    assert keys.pressed <= MOST_KEYS
    return code


def receipt(day: Day, code: str) -> None:
    """The receipt is what has the focus; its code is read back from the paper."""
    page = day.page
    printing = page.get_by_role("link", name="In giấy tiếp nhận và hẹn trả kết quả")
    expect(printing).to_be_focused()
    day.seen("3-received")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("article.receipt")).to_contain_text(code)
    link = page.get_by_role("link", name="Mở tệp PDF (A5)").get_attribute("href")
    answer = page.request.get(str(link))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    paper = pypdfium2.PdfDocument(answer.body())
    try:
        read = zxingcpp.read_barcodes(paper[0].render(scale=300 / 72).to_pil())
    finally:
        paper.close()
    assert {found.text for found in read} == {code}


def one_left_on_friday(day: Day) -> None:
    page = day.open("/")
    page.keyboard.press("2")
    page.wait_for_url("**/receive")
    follow(page, "Thạch Sóc Kha")
    expect(page.locator("[name='facts.copies']")).to_have_value("3")
    tick(page, "paper", "original_paper")
    send(page)
    taken_in(page)
    assert day.house.office.db.value("select count(*) from reception_draft") == 0


def one_with_papers_kept(day: Day) -> str:
    """A paper that was digitised before is not handed in again; the other is scanned when the scanner works."""
    page = day.open("/receive/civil_status_extract")
    page.keyboard.type("Nguyễn Thị Bích Ngọc")
    write(page, applicant__id_number="094000000001")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="căn cước.pdf")).to_be_visible()
    tick(page, "reuse")
    expect(page.get_by_role("checkbox", name="căn cước.pdf")).to_be_checked()
    tab_to(page, "facts.event")
    page.keyboard.press("Space")
    write(page, facts__person_name="Nguyễn Thị Bích Ngọc", facts__registered_at="UBND phường Sóc Trăng",
          facts__copies="2")
    tick(page, "paper", "declaration")
    write(page, later__declaration="máy quét đang hỏng")
    day.seen("4-kept")
    send(page)
    code = taken_in(page)
    expect(page.locator("#documents")).to_contain_text("lấy từ kho")
    expect(page.locator("#documents")).to_contain_text("máy quét đang hỏng")
    return code


def two_scans_at_once(day: Counter, code: str) -> None:
    page = day.open(f"/dossiers/{code}")
    choose(page, "component", "declaration")
    scans(page, "to khai", day.folder, 11, 12)
    tab_to_words(page, "Tải lên")
    page.keyboard.press("Enter")
    for seed in (11, 12):
        expect(page.locator("#documents .papers")).to_contain_text(f"to khai-{seed}.pdf", timeout=60_000)
    day.seen("5-scans")


def a_supplement(day: Counter) -> None:
    """Form 02, and what was asked for taken in as it comes."""
    page = day.open(f"/dossiers/{day.asked}")
    _open(page, "Yêu cầu bổ sung")
    tick(page, "request_supplement.checking.documents", "copy_to_certify")
    write(page, request_supplement__checking__reason="Thiếu bản sao để chứng thực")
    send(page)
    expect(page.get_by_role("status").first).to_contain_text("bổ sung")
    _form(page, day.asked, 2)
    day.seen("6-asked")
    tick(page, "supplement.awaiting_supplement_at_intake.documents", "copy_to_certify")
    send(page)
    expect(page.get_by_role("status").first).to_contain_text("Nhận hồ sơ bổ sung")
    day.seen("7-supplemented")


def a_refusal(day: Counter) -> None:
    """Form 03 of a dossier that belongs to another desk."""
    page = day.open(f"/dossiers/{day.wrong}")
    _open(page, "Từ chối")
    write(page, refuse__checking__reason="Giấy tờ bị tẩy xóa, không được chứng thực")
    send(page)
    expect(page.locator(".head")).to_contain_text("Không được tiếp nhận")
    _form(page, day.wrong, 3)


def _open(page: Page, words: str) -> None:
    tab_to_words(page, words)
    if page.evaluate("document.activeElement.tagName === 'SUMMARY'"):
        page.keyboard.press("Enter")


def _form(page: Page, code: str, number: int) -> None:
    answer = page.request.get(f"/dossiers/{code}/forms/{number}.pdf")
    assert (answer.status, answer.body()[:5]) == (200, b"%PDF-")


def a_call(day: Day, first: str) -> None:
    """“Where is my dossier?”: by name without accents, by telephone, by what is printed on the paper."""
    page = day.open("/")
    to_page(page, "Tra cứu")
    for words, at_least in (("son thi soc phia", 1), ("0900000002", 1)):
        page.keyboard.press("/") if not _typing(page) else page.keyboard.press("Control+a")
        page.keyboard.type(words)
        expect(page.locator("#results tbody tr")).to_have_count(at_least)
        expect(page.locator("#results tbody tr").first).to_contain_text(first)
    day.seen("8-found")
    page.keyboard.press("Control+a")
    typed(page, f"{first}-S")
    page.wait_for_url(f"**/dossiers/{first}")


def _typing(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement.tagName === 'INPUT'"))


def a_word_between_colleagues(day: Day, code: str) -> None:
    """Somebody names me; I read it among my notices, open the dossier and answer."""
    house = day.house
    journey = Journey(house.office, house.cast, timekeeper.now())
    login = house.cast.member(WARD).login
    journey.do(code, "comment", house.cast[COLLEAGUE], words=f"@{login} người dân hỏi có lấy sớm được không?")
    page = day.open("/")
    to_page(page, "Thông báo")
    day.seen("9-mentioned")
    follow(page, code)
    page.wait_for_url(f"**/dossiers/{code}**")
    _open(page, "Viết trao đổi")
    write(page, comment__words=f"@{house.cast.member(COLLEAGUE).login} được, sau 15 giờ hôm nay.")
    send(page)
    expect(page.locator("section", has=page.locator("#talk"))).to_contain_text("sau 15 giờ hôm nay")
    day.seen("10-answered")


def the_map_of_keys(day: Day) -> None:
    page = day.open("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()


def sign_out(day: Day) -> None:
    page = day.open("/")
    follow(page, "Đăng xuất")
    expect(page.locator("[name=login]")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in"))

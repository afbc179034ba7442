"""What goes wrong at a counter: keys of scanners, lost sessions, no printer, no script, letters written another way."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from engine import timekeeper
from engine.seed import DEMO_PASSWORD
from tests import samples
from tests.casework.walking import Walk
from tests.journey import CONFERENCE, Journey
from tests.pages.counter import typed
from tests.pages.house import House, code_of, press
from tests.pages.looks import faults, too_wide
from tests.pages.test_reception import CHOICES, DESK, FORM, TEXTS, fill
from tests.pages.test_reception_counter import dossiers

RETURNER = "H51.02/tiep-nhan:returner"
NAME = "Nguyễn Thị Bích Ngọc"
SPELLINGS = (NAME, unicodedata.normalize("NFD", NAME), "nguyen thi bich ngoc", "NGUYỄN THỊ BÍCH NGỌC")


@pytest.fixture
def waiting(house: House) -> Walk:
    """A result that lies at the desk."""
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=30))
    walk = Walk(journey, journey.receive(facts=CONFERENCE).code).go_to("returning")
    walk.carry()
    return walk


def end_sessions(house: House) -> None:
    with house.office.db.connection() as connection:
        connection.execute(b"delete from session")


def acts(walk: Walk, name: str) -> int:
    return sum(entry["action"] == name for entry in walk.entries)


@pytest.mark.parametrize("field", ["recipient", "authority", "who"])
def test_a_scanner_hands_nothing_over(house: House, waiting: Walk, field: str) -> None:
    """Whatever is scanned into the sheet by mistake: its Enter is not the word of the clerk."""
    page = house.person(RETURNER)
    page.goto(f"/return/{waiting.code}")
    page.locator(f"[name={field}]").first.focus()
    typed(page, waiting.code)
    page.wait_for_load_state()
    page.wait_for_timeout(500)
    expect(page.get_by_role("button", name="Đã giao, đã ký nhận")).to_be_visible()
    assert waiting.states == {"returning"}


def test_a_result_is_handed_over_once(house: House, waiting: Walk) -> None:
    """A double click, the way back, and the same sheet in two windows."""
    page = house.person(RETURNER)
    page.goto(f"/return/{waiting.code}")
    other = page.context.new_page()
    other.goto(f"/return/{waiting.code}")
    page.get_by_role("button", name="Đã giao, đã ký nhận").dblclick()
    page.wait_for_url("**/rating")
    page.go_back()
    page.wait_for_load_state()
    if page.get_by_role("button", name="Đã giao, đã ký nhận").count():
        press(page, "Đã giao, đã ký nhận")
    other.get_by_role("button", name="Đã giao, đã ký nhận").click()
    other.wait_for_load_state()
    assert acts(waiting, "return_at_counter") == 1
    assert waiting.states == {"returned"}
    assert "Lỗi hệ thống" not in other.content()


def test_a_session_that_ended_over_the_sheet_hands_over_after_signing_in(house: House, waiting: Walk) -> None:
    page = house.person(RETURNER)
    page.goto(f"/return/{waiting.code}")
    page.check("[name=who][value=other]")
    page.fill("[name=recipient]", "Quách Hữu Lợi")
    page.fill("[name=authority]", "Giấy ủy quyền số 12")
    end_sessions(house)
    press(page, "Đã giao, đã ký nhận")
    page.fill("[name=login]", house.cast.member(RETURNER).login)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Giấy ủy quyền số 12")
    assert waiting.states == {"returning"}
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.wait_for_url("**/rating")
    assert acts(waiting, "return_at_counter") == 1


def test_names_are_found_however_they_are_written(house: House, journey: Journey) -> None:
    """Composed, with stacked marks, without any, in capitals; on every page that searches."""
    code = journey.receive(accept=False).code
    page = house.person(DESK)
    for spelling in SPELLINGS:
        for path in ("/find", "/"):
            page.goto(path)
            page.fill("[data-search]", spelling)
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile("search="))
            expect(page.locator("#results")).to_contain_text(code)


@pytest.mark.parametrize("wrong", [
    "<script>alert(1)</script>", "%%%%", "' or 1=1 --", "\u202egnort", "😀" * 20, "9" * 200])
def test_whatever_is_searched_for_is_only_words(house: House, wrong: str) -> None:
    page = house.person(DESK)
    for path in ("/find", "/", "/receive"):
        answer = page.goto(f"{path}?{urlencode({'search': wrong})}")
        assert answer is not None
        assert answer.status == 200, path
        expect(page.locator("[data-search]")).to_have_value(wrong)


def test_wrong_words_stay_in_the_field_with_what_is_wrong(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    wrong = {"facts.event_date": "31/02/2027", "facts.participants": "tám mươi", "applicant.phone": "không có",
             "applicant.email": "ngoc@"}
    for name, text in wrong.items():
        page.fill(f"[name='{name}']", text)
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    page.evaluate("document.querySelector('form[data-main]').noValidate = true")
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.get_by_role("alert")).to_be_focused()
    for name in ("facts.event_date", "facts.participants"):
        field = page.locator(f"[name='{name}']")
        expect(field).to_have_value(wrong[name])
        expect(field).to_have_attribute("aria-invalid", "true")
    assert dossiers(house) == 0


def test_without_a_printer_nothing_waits(house: House, journey: Journey) -> None:
    """The receipt is a file that may be sent or shown; its code stands on the page to be copied by hand."""
    code = journey.receive().code
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}/receipt")
    answer = page.request.get(str(page.get_by_role("link", name="Mở tệp PDF (A5)").get_attribute("href")))
    assert answer.status == 200
    page.evaluate("() => { window.print = () => {}; }")
    press(page, "In trang này")
    expect(page.locator("article.receipt")).to_contain_text(code)
    page.get_by_role("link", name="Tiếp nhận hồ sơ khác").click()
    page.wait_for_url("**/receive")


def test_a_whole_reception_without_a_script(house: House, tmp_path: Path) -> None:
    """Procedure found, form worked out again, draft kept and opened, papers sent, receipt shown, supplement asked."""
    page = house.person(DESK, java_script_enabled=False)
    page.goto("/receive")
    page.get_by_label("Tên, mã, lĩnh vực").fill("2.002312")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cho phép tổ chức hội nghị, hội thảo quốc tế không thuộc").click()
    fill(page)
    press(page, "Tính lại")
    expect(page.locator("[name='facts.topic']")).to_have_value(TEXTS["facts.topic"])
    press(page, "Lưu nháp")
    page.get_by_role("link", name=TEXTS["applicant.name"]).click()
    for name, value in CHOICES.items():
        expect(page.locator(f"[name='{name}'][value={value}]")).to_be_checked()
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    scan = tmp_path / "đơn.pdf"
    scan.write_bytes(samples.pdf())
    page.set_input_files("#file-request_letter", scan)
    press(page, "Tiếp nhận, hẹn trả")
    code = code_of(page)
    expect(page.locator("#documents")).to_contain_text("đơn.pdf")
    page.get_by_role("link", name="In giấy tiếp nhận và hẹn trả kết quả").click()
    expect(page.locator("article.receipt")).to_contain_text(code)
    assert page.request.get(f"/dossiers/{code}/forms/1.pdf").status == 200
    assert dossiers(house) == 1


SEEN = {"work": "/", "form": FORM, "find": "/find?search=bich+ngoc", "dossier": "/dossiers/{code}",
        "receipt": "/dossiers/{code}/receipt", "sheet": "/return/{code}"}


@pytest.mark.parametrize("seen_as", ["contrast", "forced", "zoom", "wall"])
def test_pages_as_other_eyes_and_screens_see_them(house: House, waiting: Walk, seen_as: str) -> None:
    """More contrast, colours of the system, 400 % (a page 320 wide), and a wall of 3840 points."""
    width = {"zoom": 320, "wall": 3840}.get(seen_as, 1280)
    page = house.person(DESK, width=width, height=900, bypass_csp=True)
    if seen_as == "contrast":
        page.emulate_media(contrast="more")
    if seen_as == "forced":
        page.emulate_media(forced_colors="active")
    found: list[object] = []
    for name, path in SEEN.items():
        page.goto(path.format(code=waiting.code))
        found += too_wide(house, page, f"{seen_as}-{name}", width)
        if seen_as == "contrast":
            found += faults(house, page, f"contrast-{name}")
    assert found == []

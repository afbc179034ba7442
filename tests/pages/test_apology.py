"""Form 04 as the head of the unit at work sees it: the draft, the form filled in by keyboard, the sheet of A5."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import alarms, timekeeper
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

HEAD = "H51.01/ngoai-vu:head"
OFFICER = "H51.01/ngoai-vu:officer"


@pytest.fixture
def code(house: House, journey: Journey) -> str:
    """A dossier whose apology was drafted this morning: it is due tomorrow."""
    code = journey.receive().code
    journey.register_all(code)
    due: datetime = house.office.db.value("select due_at from dossier where code = %s", (code,))
    before = due.astimezone(ZONE).date() - timedelta(days=1)
    while not national().is_working_day(before):
        before -= timedelta(days=1)
    timekeeper.set_shown(house.clock, national().opening_of(before) + timedelta(hours=1), 1.0)
    alarms.sweep(house.office, timekeeper.now())
    return code


def test_the_head_issues_the_draft_by_keyboard_and_prints_one_sheet_of_a5(house: House, code: str) -> None:
    page = house.person(HEAD)
    page.goto("/notices")
    expect(page.locator("tbody")).to_contain_text("Có dự thảo xin lỗi và hẹn lại")
    page.goto("/")
    asked = page.locator("section[aria-labelledby=asked]")
    expect(asked).to_contain_text("Phát hành văn bản xin lỗi và hẹn lại")
    assert faults(house, page, "asked") == []
    asked.get_by_role("link", name=code).click()
    expect(page.locator("section[aria-labelledby=apology]")).to_contain_text("Có dự thảo chờ phát hành")
    house.shot(page, "apology-draft")
    form = page.locator("form[action$='/acts/extend']")
    expect(form.get_by_label("Ngày hẹn mới")).to_have_value(
        house.office.db.value("select to_char(proposed_due_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY') "
                              "from apology"))
    form.get_by_label("Lý do").focus()
    page.keyboard.type("Chờ ý kiến của Bộ Ngoại giao.")
    form.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    section = page.locator("section[aria-labelledby=apology]")
    expect(section).to_contain_text("Chờ ý kiến của Bộ Ngoại giao.")
    page.goto("/")
    expect(page.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    expect(page.locator("section[aria-labelledby=asked]")).to_have_count(0)
    page.goto(f"/dossiers/{code}")
    section.get_by_role("link", name="Văn bản xin lỗi (Mẫu 04)").click()
    sheet = page.locator("article.receipt")
    for words in (f"Số: {code}/PXL", "Kính gửi", "Nguyễn Thị Bích Ngọc", "Chờ ý kiến của Bộ Ngoại giao.",
                  "thành thật xin lỗi", "Nơi nhận", house.cast[HEAD].name):
        expect(sheet).to_contain_text(words)
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 1
    assert f"{148 / 25.4 * 72:.0f}".encode() in paper.replace(b".", b" ")
    house.shot(page, "apology-print")


def test_a_second_new_date_is_refused_in_words(house: House, journey: Journey, code: str) -> None:
    page = house.person(HEAD)
    page.goto(f"/dossiers/{code}")
    form = page.locator("form[action$='/acts/extend']")
    form.get_by_label("Lý do").fill("Chờ ý kiến.")
    press(page, "Xin lỗi và hẹn lại ngày trả")
    page.goto(f"/dossiers/{code}")
    expect(page.locator("form[action$='/acts/extend']")).to_have_count(0)
    expect(page.locator(".cannot").first).to_contain_text("pháp luật chỉ cho hẹn lại một lần")


def test_who_may_not_issue_it_reads_who_may_and_a_draft_is_no_letter(house: House, code: str) -> None:
    page = house.person(OFFICER)
    page.goto("/")
    expect(page.locator("section[aria-labelledby=asked]")).to_have_count(0)
    page.goto(f"/dossiers/{code}")
    expect(page.locator("section[aria-labelledby=apology]")).to_contain_text("Lãnh đạo đơn vị đang xử lý")
    page.get_by_role("link", name="Xem dự thảo").click()
    expect(page.get_by_role("status")).to_contain_text("Dự thảo, chưa phát hành")
    expect(page.locator("[data-print]")).to_have_count(0)
    answer = page.goto(f"/dossiers/{code}/apology/2")
    assert answer is not None
    assert answer.status == 404


def test_a_draft_that_lapsed_says_so(house: House, code: str) -> None:
    timekeeper.set_shown(house.clock, timekeeper.now() + timedelta(days=4), 1.0)
    page = house.person(HEAD)
    page.goto("/")
    expect(page.locator("section[aria-labelledby=asked]")).to_have_count(0)
    page.goto(f"/dossiers/{code}")
    expect(page.locator("section[aria-labelledby=apology]")).to_contain_text("không được phát hành")
    expect(page.locator("section[aria-labelledby=apology]")).to_contain_text("Không còn hẹn lại được")


def seen(house: House, code: str, **options: Any) -> Iterator[tuple[str, Page]]:
    page = house.person(HEAD, **options)
    for name, path in (("apology-page", f"/dossiers/{code}"), ("apology-sheet", f"/dossiers/{code}/apology/1")):
        page.goto(path)
        yield name, page


def test_axe_finds_nothing_in_light_and_in_dark(house: House, code: str) -> None:
    assert [fault for name, page in seen(house, code, bypass_csp=True) for fault in faults(house, page, name)] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, code: str) -> None:
    assert [wide for name, page in seen(house, code, width=320, height=640)
            for wide in too_wide(house, page, name)] == []

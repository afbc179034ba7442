"""Entering and ending an absence by keyboard, comments that name somebody, and what the pages say of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import alarms, timekeeper
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

OFFICER, HEAD, CLERK = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head", "H51.01/van-thu:clerk"
DESK = "H51.02/tiep-nhan:receptionist"


@pytest.fixture
def code(house: House, journey: Journey) -> str:
    code = journey.receive().code
    journey.register_all(code)
    return code


def enter(page: Page, first: str, last: str, substitute: str) -> None:
    """Tab to the form, type, choose by letters, send with Enter."""
    page.goto("/absences")
    page.get_by_label("Từ ngày").focus()
    page.keyboard.type(first)
    page.keyboard.press("Tab")
    page.keyboard.type(last)
    page.keyboard.press("Tab")
    page.keyboard.type(substitute)
    page.get_by_label("Lý do").focus()
    page.keyboard.type("Nghỉ phép năm")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_absence_is_entered_by_keyboard_and_the_work_is_done_in_both_names(house: House, code: str) -> None:
    officer, clerk = house.cast.member(OFFICER), house.cast.member(CLERK)
    page = house.person(OFFICER)
    page.get_by_role("link", name="Vắng mặt").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vắng mặt và người thay")
    assert faults(house, page, "absences-empty") == []
    enter(page, "23/11/2026", "22/11/2026", clerk.name)
    expect(page.get_by_role("alert")).to_contain_text("Ngày cuối phải từ ngày đầu trở đi")
    expect(page.get_by_label("Từ ngày")).to_have_value("23/11/2026")
    expect(page.get_by_label("Người thay")).to_have_value(str(clerk.id))
    assert faults(house, page, "absences-wrong") == []
    enter(page, "23/11/2026", "27/11/2026", clerk.name)
    expect(page.locator(".tell[role=status]")).to_contain_text("Đã ghi việc vắng mặt")
    mine = page.locator("section[aria-labelledby=mine]")
    expect(mine).to_contain_text("23/11/2026 – 27/11/2026")
    expect(mine).to_contain_text(f"{clerk.name} thay")
    expect(page.locator(".month td.away")).to_have_count(5)
    assert faults(house, page, "absences") == []

    other = house.person(CLERK)
    expect(other.locator("main")).to_contain_text(f"Bạn đang thay {officer.name} (đến hết 27/11/2026)")
    assert faults(house, other, "work-standing-in") == []
    other.goto(f"/dossiers/{code}")
    other.get_by_role("button", name="Lấy ý kiến").first.press("Enter")
    other.wait_for_load_state()
    expect(other.locator("section[aria-labelledby=record]")).to_be_visible()
    expect(other.locator("section[aria-labelledby=record]")).to_contain_text(f"{clerk.name} (thay {officer.name})")
    other.goto("/absences")
    expect(other.locator("section[aria-labelledby=mine]")).to_contain_text("Tôi thay")
    expect(other.get_by_role("button", name="Kết thúc")).to_have_count(0)

    page.goto("/absences")
    page.get_by_role("button", name="Kết thúc").press("Enter")
    expect(page.locator(".tell[role=status]")).to_contain_text("Đã kết thúc")
    other.goto(f"/dossiers/{code}")
    expect(other.get_by_role("heading", level=1)).not_to_contain_text(code)


def test_a_head_enters_it_for_somebody_and_sees_a_day_on_which_nobody_stands_in(house: House, code: str) -> None:
    officer, clerk = house.cast.member(OFFICER), house.cast.member(CLERK)
    page = house.person(HEAD)
    page.goto("/absences")
    page.get_by_label("Người vắng").select_option(str(officer.id))
    page.get_by_label("Từ ngày").fill("24/11/2026")
    page.get_by_label("Đến hết ngày").fill("25/11/2026")
    page.get_by_label("Người thay").select_option(str(clerk.id))
    page.get_by_label("Lý do").fill("Đi công tác")
    page.get_by_role("button", name="Ghi vắng mặt").press("Enter")
    expect(page.locator(".tell[role=status]")).to_contain_text("Đã ghi việc vắng mặt")
    expect(page.locator("section[aria-labelledby=calendar]")).to_contain_text("Đi công tác")
    house.shot(page, "absences-of-a-unit")

    plain = house.person(CLERK)
    plain.goto("/absences")
    expect(plain.locator("main")).not_to_contain_text("Đi công tác")
    expect(plain.get_by_label("Người vắng")).to_have_count(0)


def test_the_pages_fit_on_a_small_telephone(house: House, code: str) -> None:
    page = house.person(HEAD, width=320, height=700)
    enter(page, "23/11/2026", "27/11/2026", house.cast.member(CLERK).name)
    assert too_wide(house, page, "absences") == []
    page.goto(f"/dossiers/{code}")
    page.locator("summary", has_text="Viết trao đổi").click()
    assert too_wide(house, page, "comments") == []


def test_a_comment_names_a_colleague_who_finds_it_among_the_notices(house: House, code: str) -> None:
    officer = house.cast.member(OFFICER)
    desk = house.person(DESK)
    desk.goto(f"/dossiers/{code}")
    desk.locator("summary", has_text="Viết trao đổi").press("Enter")
    desk.get_by_role("button", name="Gửi trao đổi").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Viết nội dung trao đổi")
    stranger = house.cast.member("H51.07/chuyen-mon:officer")
    words = desk.locator("section[aria-labelledby=talk] textarea")
    words.fill(f"@{stranger.login} xem giúp")
    desk.get_by_role("button", name="Gửi trao đổi").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text(stranger.name)
    words.fill("Người nộp sẽ mang bản gốc chiều nay.\nNhờ anh chờ.")
    desk.locator("summary", has_text="Chọn người cần đọc").press("Enter")
    desk.get_by_label(officer.name).first.check()
    assert faults(house, desk, "comment-form") == []
    desk.get_by_role("button", name="Gửi trao đổi").press("Enter")
    talk = desk.locator("section[aria-labelledby=talk]")
    expect(talk).to_contain_text("Nhờ anh chờ.")
    expect(talk).to_contain_text(officer.name)

    page = house.person(OFFICER)
    expect(page.locator(".places")).to_contain_text("thông báo chưa đọc")
    page.goto("/notices")
    named = page.locator("section[aria-labelledby=mentions]")
    expect(named).to_contain_text("Người nộp sẽ mang bản gốc chiều nay.")
    assert faults(house, page, "mentions") == []
    named.get_by_role("button", name="Tôi đã đọc").press("Enter")
    expect(page.locator("section[aria-labelledby=mentions]")).to_have_count(0)


def test_many_overdue_notices_of_one_dossier_are_one_line(house: House, journey: Journey, code: str) -> None:
    for days in (40, 60, 80):
        timekeeper.set_shown(house.clock, journey.now + timedelta(days=days), 0.0)
        alarms.sweep(house.office, timekeeper.now())
    overdue = house.office.db.value(
        "select count(distinct (clock_no, kind)) from notice where kind like '%%overdue' and unit_id = %s",
        (house.cast.member(HEAD).unit_id,))
    assert overdue > 1

    page = house.person(HEAD)
    page.goto("/notices")
    folded = page.locator("tbody tr").filter(has_text="gộp").filter(has_text="Quá hạn")
    expect(folded).to_have_count(1)
    assert faults(house, page, "notices-folded") == []
    page.get_by_role("button", name="Đánh dấu đã đọc").press("Enter")
    expect(page.locator("main")).to_contain_text("Không có thông báo mới")

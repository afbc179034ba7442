"""What a citizen says at the counter: taken down and answered by keyboard, and listed until it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

DESK, MANAGER = "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:manager"


@pytest.fixture
def code(house: House, journey: Journey) -> str:
    return journey.receive().code


def test_the_desk_takes_it_down_and_the_manager_answers(house: House, code: str) -> None:
    desk = house.person(DESK)
    desk.goto(f"/dossiers/{code}")
    desk.locator("summary", has_text="Ghi nhận phản ánh, kiến nghị, góp ý").press("Enter")
    desk.get_by_role("button", name="Ghi nhận phản ánh, kiến nghị, góp ý").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Chọn loại phản ánh, kiến nghị")
    desk.get_by_label("Phản ánh về cách giải quyết").check()
    desk.get_by_label("Người dân nói gì").fill("Phải đi lại ba lần.")
    desk.get_by_role("button", name="Ghi nhận phản ánh, kiến nghị, góp ý").press("Enter")
    section = desk.locator("section[aria-labelledby=feedback]")
    expect(section).to_contain_text("Phải đi lại ba lần.")
    expect(section).to_contain_text("Chưa trả lời, hạn")
    assert faults(house, desk, "feedback-of-dossier") == []

    manager = house.person(MANAGER)
    manager.goto("/")
    asked = manager.locator("section[aria-labelledby=asked]")
    expect(asked).to_contain_text(code)
    expect(asked).to_contain_text("Trả lời phản ánh, kiến nghị, góp ý")
    assert faults(house, manager, "asked-feedback") == []
    manager.goto("/reports")
    manager.get_by_role("link", name="Phản ánh, kiến nghị").click()
    expect(manager.locator("section[aria-labelledby=waiting]")).to_contain_text(code)
    assert faults(house, manager, "feedback") == []
    manager.get_by_role("link", name=code).click()
    manager.locator("summary", has_text="Trả lời phản ánh, kiến nghị, góp ý").press("Enter")
    manager.get_by_label("Tiếp thu, đã xử lý").check()
    manager.get_by_label("Nội dung trả lời").fill("Xin lỗi ông bà, đã chấn chỉnh.")
    manager.get_by_role("button", name="Trả lời phản ánh, kiến nghị, góp ý").press("Enter")
    expect(manager.locator("section[aria-labelledby=feedback]")).to_contain_text("Xin lỗi ông bà, đã chấn chỉnh.")

    manager.goto("/")
    expect(manager.locator("section[aria-labelledby=asked]")).to_have_count(0)
    manager.goto("/feedback")
    expect(manager.locator("section[aria-labelledby=answered]")).to_contain_text("Tiếp thu, đã xử lý")
    manager.set_viewport_size({"width": 320, "height": 700})
    assert too_wide(house, manager, "feedback") == []


def test_who_sees_none_of_the_dossiers_sees_no_feedback(house: House, code: str) -> None:
    desk = house.person("H51.21/mot-cua:receptionist")
    desk.goto("/feedback")
    expect(desk.locator("main")).to_contain_text("Chưa có phản ánh nào")

"""Messages where people see them: on the dossier, in my preferences, and those that failed with who must act."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.casework.receive import Person, receive
from engine.notifying.drain import drain
from engine.settings import Settings
from storage import messages
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"
WHO = Person(name="Nguyễn Thị Bích Ngọc", id_number="094000000001", phone="0900000001", email="bich.ngoc@example.vn")


def unsent(house: House, journey: Journey) -> str:
    """A dossier whose messages had no way out."""
    code = receive(house.office, journey.submission(applicant=WHO), house.at(9)).code
    drain(house.office, house.at(9, 1), chosen=Settings())
    return code


def test_a_dossier_shows_what_was_sent_to_whom_masked(house: House, journey: Journey) -> None:
    code = unsent(house, journey)
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}")

    told = page.get_by_role("region", name="Tin đã báo")
    expect(told).to_contain_text("Đã tiếp nhận hồ sơ")
    expect(told).to_contain_text("b•••@example.vn")
    expect(told).to_contain_text("chưa cấu hình kênh gửi")
    expect(told).not_to_contain_text(WHO.email)
    assert faults(house, page, "messages-dossier") == []


def test_failed_messages_are_settled_by_keyboard(house: House, journey: Journey) -> None:
    code = unsent(house, journey)
    page = house.person(DESK)
    page.goto("/notices")
    page.get_by_role("link", name="Tin chưa gửi được 2").press("Enter")
    expect(page.get_by_role("row")).to_have_count(3)
    assert faults(house, page, "messages-failed") == []

    press(page, "Gửi lại tin đã chọn")
    page.get_by_role("link", name="Chọn ít nhất một tin.").press("Enter")
    page.get_by_role("checkbox").first.press("Space")
    press(page, "Đóng tin đã chọn")
    expect(page.get_by_role("alert")).to_contain_text("lý do đóng")
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_label("Lý do đóng").fill("Đã gọi điện báo người nộp")
    press(page, "Đóng tin đã chọn")
    expect(page.get_by_role("status").filter(has_text="1 tin đã đóng")).to_be_visible()
    page.get_by_role("checkbox").first.press("Space")
    press(page, "Gửi lại tin đã chọn")
    expect(page.locator("main")).to_contain_text("Mọi tin đều gửi được")

    page.goto(f"/dossiers/{code}")
    expect(page.get_by_role("region", name="Tin đã báo")).to_contain_text("Đã gọi điện báo người nộp")
    assert house.office.db.value("select count(*) from event_log where kind = 'messages_closed'") == 1


@pytest.fixture
def mine(house: House) -> Page:
    page = house.person(DESK)
    page.goto("/")
    page.get_by_role("link", name="tùy chọn nhận tin").press("Enter")
    return page


def test_preferences_are_kept_as_they_were_set(house: House, mine: Page) -> None:
    page = mine
    page.get_by_label("Thư điện tử", exact=True).check()
    page.get_by_label("Thư điện tử (không bắt buộc)").fill("ngoc.han@example.vn")
    page.get_by_label("Được giao việc").uncheck()
    page.get_by_label("Không gửi từ").fill("21h")
    page.get_by_label("đến", exact=False).last.fill("6:30")
    press(page, "Lưu")

    expect(page.get_by_role("status").filter(has_text="Đã lưu")).to_be_visible()
    expect(page.get_by_label("Không gửi từ")).to_have_value("21:00")
    expect(page.get_by_label("Được giao việc")).not_to_be_checked()
    assert faults(house, page, "preferences") == []
    kept = messages.wanted(house.office.db, house.cast[DESK].id)
    assert kept == messages.Wanted(mail="ngoc.han@example.vn", phone="", channels=["mail"], unwanted=["assigned"],
                                   quiet_from=21 * 60, quiet_until=6 * 60 + 30)


def test_wrong_preferences_are_named_with_their_fields(house: House, mine: Page) -> None:
    page = mine
    page.get_by_label("Tin nhắn", exact=True).check()
    page.get_by_label("Không gửi từ").fill("25:00")
    press(page, "Lưu")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Cần sửa 2 chỗ")
    expect(page.get_by_label("Tin nhắn", exact=True)).to_be_checked()
    alert.get_by_role("link").first.press("Enter")
    expect(page.locator("#phone")).to_be_focused()
    assert faults(house, page, "preferences-wrong") == []


def test_these_pages_fit_a_telephone(house: House, journey: Journey) -> None:
    unsent(house, journey)
    page = house.person(DESK, width=320, height=640)
    found = []
    for path, name in (("/preferences", "preferences"), ("/notices/messages", "messages-failed"), ("/keys", "keys")):
        page.goto(path)
        found += too_wide(house, page, name)
    assert found == []

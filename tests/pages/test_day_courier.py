"""Days on the road and behind the desks: a courier with a telephone, a manager, an administrator."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.casework.receive import Person, receive
from engine.notifying.drain import drain
from engine.settings import Settings
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House, press

COURIER, DEPARTMENT = "H51.09/giao-nhan:courier", "H51.03/chuyen-mon:officer"
COMMUNE, MANAGER = "H51.21/mot-cua:receptionist", "H51.02/quan-ly:manager"
DESK, ADMINISTRATOR = "H51.02/tiep-nhan:receptionist", "H51.01/kiem-soat-thu-tuc:administrator"

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def day(house: House) -> Day:
    return Day(house)


def said(page: Page, words: str) -> None:
    expect(page.locator("main .tell[role=status]").first).to_contain_text(words)


def bags(house: House, journey: Journey, many: int) -> list[str]:
    """Barcodes of papers of the commune that are bound for the department, listed on the next run."""
    found = []
    for _ in range(many):
        code = journey.receive("funeral_allowance", desk="H51.21/mot-cua", facts=FACTS["funeral_allowance"]).code
        walk = Walk(journey, code).go_to("examining")
        found += [row["barcode"] for row in walk.of("paper") if row["bound_for_unit_id"] is not None]
    walk.list_on_run()
    timekeeper.set_shown(house.clock, journey.now, 1.0)
    return found


def test_a_run_on_a_telephone_two_bags_one_of_them_missing(day: Day, house: House, journey: Journey) -> None:
    first, second = bags(house, journey, 2)
    page = day.sits_down(COURIER, width=390, height=844)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chuyến giao nhận")
    day.look(page, "courier-runs")
    page.locator("ul.runs li", has_text="2").filter(has=page.locator("dd", has_text="2")).get_by_role(
        "link", name="Mở bảng kê").first.click()
    day.look(page, "courier-listed")
    page.get_by_label("Quét mã giấy tờ").fill("H51.21-261123-9999-S")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("H51.21-261123-9999-S")
    expect(page.get_by_label("Quét mã giấy tờ")).to_have_value("")
    day.look(page, "courier-unknown-code")
    page.get_by_label("Quét mã giấy tờ").press_sequentially(first.lower())
    page.keyboard.press("Enter")
    said(page, "Đã lấy")
    page.get_by_role("button", name=f"Đã lấy {second}").click()
    said(page, f"Đã lấy {second}")
    day.look(page, "courier-taken")
    press(page, "Khởi hành")
    said(page, "Đã khởi hành")
    day.look(page, "courier-under-way")

    receiver = day.sits_down(DEPARTMENT, width=390, height=844)
    receiver.goto(page.url.split("?")[0])
    day.look(receiver, "courier-receiver")
    press(receiver, f"Đã nhận {first}")
    said(receiver, "Đã xác nhận nhận")
    press(receiver, f"Không có trong túi {second}")
    said(receiver, "Đã báo thiếu")
    day.look(receiver, "courier-missing")
    press(page, "Kết thúc chuyến")
    said(page, "Chuyến đã kết thúc")
    day.look(page, "courier-over")
    page.goto("/courier")
    expect(page.locator("ul.runs")).to_contain_text("Báo thiếu")
    assert day.wrong == []


def test_a_manager_reads_reports_and_settles_what_was_not_sent(day: Day, house: House, journey: Journey) -> None:
    who = Person(name="Nguyễn Thị Bích Ngọc", id_number="094000000001", phone="0900000001",
                 email="bich.ngoc@example.vn")
    code = receive(house.office, journey.submission(applicant=who), house.at(9)).code
    drain(house.office, house.at(9, 1), chosen=Settings())
    page = day.sits_down(MANAGER)
    day.look(page, "manager-starts")
    page.goto("/reports")
    day.look(page, "manager-reports")
    addresses = [str(link.get_attribute("href")) for link in page.locator("main dt a").all()]
    assert len(addresses) == 6
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        day.look(page, f"manager{address.replace('/', '-')}")
    page.goto("/book")
    expect(page.locator("main")).to_contain_text(code)
    day.look(page, "manager-book")

    desk = day.sits_down(DESK)
    desk.goto("/notices/messages")
    day.look(desk, "manager-failed-messages")
    desk.get_by_role("checkbox").first.check()
    press(desk, "Gửi lại tin đã chọn")
    said(desk, "1 tin được gửi lại")
    desk.get_by_role("checkbox").first.check()
    desk.get_by_label("Lý do đóng").fill("Đã báo qua điện thoại")
    press(desk, "Đóng tin đã chọn")
    expect(desk.locator("main")).to_contain_text("Mọi tin đều gửi được")
    day.look(desk, "manager-no-message-left")
    assert day.wrong == []


def test_an_administrator_reaches_his_own_pages_and_no_dossier(day: Day, house: House, journey: Journey) -> None:
    code = journey.receive().code
    page = day.sits_down(ADMINISTRATOR)
    places = [str(link.get_attribute("href")) for link in page.locator("nav.places a").all()]
    assert places == ["/procedures", "/calendars", "/reports"]
    for address in (*places, "/absences", "/preferences", "/keys"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        day.look(page, f"administrator{address.replace('/', '-')}")
    closed = (f"/dossiers/{code}", f"/dossiers/{code}/receipt", f"/dossiers/{code}/letters/1",
              "/receive/conference_permit_local", "/courier/1")
    assert {address: page.request.get(address).status for address in closed} == dict.fromkeys(closed, 404)
    for address in ("/", "/find", "/handoffs", "/receive", "/return", "/book", "/notices"):
        assert code not in page.request.get(address).text(), address
    page.goto(f"/dossiers/{code}")
    day.look(page, "administrator-elsewhere")
    assert day.wrong == []

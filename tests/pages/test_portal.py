"""The national portal as managers and administrators see it: trouble, what they must mend, the daily numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from engine.casework.receive import Person, receive
from engine.clocks.zone import ZONE
from engine.portal.drain import drain
from engine.portal.line import NationalPortal
from engine.portal.reconciling import reconcile
from tests.casework.walking import FUNERAL
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide
from tests.portal.conftest import chosen, line, npsp
from tests.portal.standin import StandIn

__all__ = ["chosen", "line", "npsp"]

MANAGER, OFFICER = "H51.02/tiep-nhan:manager", "H51.01/ngoai-vu:officer"
COMPANY = Person(name="Công ty TNHH Lúa Thơm", id_number="2200000001")
NIGHT = datetime(2026, 11, 24, 1, 40, tzinfo=ZONE)


@pytest.fixture
def code(house: House, journey: Journey, line: NationalPortal) -> str:
    """A conference whose applicant may be of three kinds: nobody said which."""
    made = receive(house.office, journey.submission(applicant=COMPANY), house.at(9)).code
    drain(house.office, line, house.at(9, 1))
    return made


def test_an_exception_is_put_right_by_keyboard_and_sent(
        house: House, code: str, line: NationalPortal, npsp: StandIn) -> None:
    page = house.person(MANAGER)
    page.goto("/reports")
    page.get_by_role("link", name="Cổng dịch vụ công quốc gia").press("Enter")
    expect(page.get_by_role("region", name="Cần người xử lý")).to_contain_text("chưa có dữ liệu")
    counted = page.locator("nav.places [href='/portal'] .count")
    expect(counted).to_have_text("1 mục cần xử lý")
    assert faults(house, page, "portal-board") == []

    page.get_by_role("link", name=code).press("Enter")
    press(page, "Gửi lại")
    expect(page.get_by_role("alert")).to_contain_text("Ghi giá trị đúng")
    page.get_by_role("alert").get_by_role("link").press("Enter")
    expect(page.get_by_label("Cá nhân")).to_be_focused()
    assert faults(house, page, "portal-exception") == []
    page.get_by_label("Tổ chức", exact=True).check()
    press(page, "Gửi lại")
    expect(page.get_by_role("status")).to_contain_text("Mục được gửi lại.")
    expect(counted).to_have_count(0)
    expect(page.get_by_role("region", name="Cần người xử lý")).to_contain_text("Không có mục nào.")

    assert drain(house.office, line, house.at(9, 3)).held == 0
    assert npsp.dossiers[code]["LoaiDoiTuong"] == "4"


def test_an_exception_is_closed_with_a_reason_only(house: House, code: str) -> None:
    page = house.person(MANAGER)
    page.goto(f"/portal/{code}/1")
    press(page, "Đóng mục này")
    expect(page.get_by_role("alert")).to_contain_text("lý do")
    page.get_by_label("Lý do đóng").fill("Đã nhập tay trên Cổng")
    press(page, "Đóng mục này")

    expect(page.get_by_role("status")).to_contain_text("Mục đã đóng, không gửi.")
    assert page.goto(f"/portal/{code}/1").status == 404  # type: ignore[union-attr]


def test_trouble_and_the_daily_comparison(
        house: House, journey: Journey, line: NationalPortal, npsp: StandIn) -> None:
    told = receive(house.office, journey.submission("funeral_allowance", desk="H51.21/mot-cua", facts=FUNERAL),
                   house.at(9)).code
    drain(house.office, line, house.at(9, 1))
    npsp.dossiers[told]["TrangThaiHoSo"] = "9"
    reconcile(house.office, line, house.at(9).astimezone(ZONE).date(), NIGHT)
    npsp.down = True
    drain(house.office, line, NIGHT + timedelta(minutes=1))
    page = house.person("H51.21/mot-cua:manager")

    page.goto("/portal")
    expect(page.get_by_role("status")).to_contain_text(
        "Không gửi được từ 24/11/2026 01:41 (đường truyền bị ngắt giữa chừng)")
    expect(page.get_by_role("region", name="Đối soát hằng ngày").get_by_role("row")).to_have_count(2)
    assert faults(house, page, "portal-trouble") == []
    page.get_by_role("link", name="23/11/2026").press("Enter")
    expect(page.get_by_role("table")).to_contain_text("TrangThaiHoSo")
    expect(page.get_by_role("table")).to_contain_text("Đã xếp hàng gửi lại")
    assert faults(house, page, "portal-day") == []


def test_administrators_see_that_something_waits_and_no_content(house: House, code: str, fresh: Fresh) -> None:
    page = house.page()
    who = administrators(house.office, fresh)[0].id
    house.sign_in(page, house.office.db.value("select login from person where id = %s", (who,)))
    page.goto(f"/portal/{code}/1")

    expect(page.locator("main")).to_contain_text("Loại đối tượng")
    expect(page.locator("main")).not_to_contain_text(COMPANY.name)
    assert page.locator(f"main a[href='/dossiers/{code}']").count() == 0


def test_the_others_have_no_such_page(house: House, code: str) -> None:
    page = house.person(OFFICER)
    for path in ("/portal", f"/portal/{code}/1", "/portal/days/2026-11-23"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404


def test_these_pages_fit_a_telephone(house: House, code: str) -> None:
    page = house.person(MANAGER, width=320, height=640)
    found = []
    for path, name in (("/portal", "portal-board"), (f"/portal/{code}/1", "portal-exception"),
                       ("/portal/days/2026-11-23", "portal-day")):
        page.goto(path)
        found += too_wide(house, page, name)
    assert found == []

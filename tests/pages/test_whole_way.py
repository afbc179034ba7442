"""One funeral allowance by hand: commune, department, courier, back to the commune, returned at the counter."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests import samples
from tests.pages.house import House, code_of, press

DESK = "H51.21/mot-cua:receptionist"


def test_an_allowance_goes_from_the_commune_to_the_department_and_back(house: House, tmp_path: Path) -> None:
    code = _received(house, tmp_path)
    _confirmed_by_the_commune(house, code)
    officer = _registered_by_the_department(house, code)
    carried(house, officer, code, run=2, hour=10, paper="S")
    _decided(house, officer, code, tmp_path)
    returner = house.person("H51.21/mot-cua:returner")
    returner.goto("/handoffs")
    press(returner, "Ký nhận")
    expect(returner.get_by_role("status").first).to_contain_text("Đã ghi nhận")
    returner.goto(f"/dossiers/{code}")
    expect(returner.get_by_role("list", name="Chưa làm được")).to_contain_text("chưa giao đến đây")
    house.shot(returner, "way-7-paper-elsewhere")
    carried(house, returner, code, run=3, hour=14, paper="R")
    _returned(house, returner, code)


def _received(house: House, tmp_path: Path) -> str:
    page = house.person(DESK)
    house.shot(page, "way-1-no-work")
    page.get_by_role("link", name="Tiếp nhận").click()
    page.get_by_role("link", name="Hưởng trợ cấp khi người có công").click()
    page.get_by_label("Họ và tên, hoặc tên tổ chức").fill("Lý Thị Ngọc Điệp")
    page.get_by_label("Số định danh cá nhân").fill("094 185 000123")
    page.get_by_label("Điện thoại").fill("0918 000 123")
    page.get_by_role("textbox", name="Địa chỉ").fill("45 Nguyễn Trung Trực, phường Sóc Trăng")
    page.get_by_label("Họ tên người có công đã từ trần").fill("Lý Sà Rinh")
    page.get_by_label("Diện người có công").select_option("war_invalid")
    page.get_by_label("Ngày từ trần").fill("15/11/2026")
    page.get_by_role("radiogroup", name="Người lo mai táng").get_by_label("Thân nhân").check()
    for name in ("declaration", "death_certificate"):
        scan = tmp_path / f"{name}.pdf"
        scan.write_bytes(samples.pdf(seed=len(name)))
        page.set_input_files(f"[name='file.{name}']", scan)
    expect(page.locator("#preview")).to_contain_text("14/12/2026 17:00")
    house.shot(page, "way-2-reception")
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    expect(page.get_by_role("status").first).to_contain_text("Tiếp nhận hồ sơ")
    house.shot(page, "way-3-received")
    page.get_by_role("link", name="In giấy tiếp nhận").click()
    expect(page.get_by_role("heading", name="Giấy tiếp nhận hồ sơ")).to_be_visible()
    return page.url.split("/")[-2]


def _confirmed_by_the_commune(house: House, code: str) -> None:
    officer = house.person("H51.21/van-hoa-xa-hoi:officer")
    officer.keyboard.press("j")
    officer.keyboard.press("Enter")
    expect(officer.get_by_role("heading", level=1)).to_have_text(code)
    press(officer, "Trình lãnh đạo xác nhận")
    expect(officer.get_by_role("status").first).to_contain_text("Trình lãnh đạo xác nhận")
    leader = house.person("H51.21/lanh-dao:signer")
    leader.goto(f"/dossiers/{code}")
    press(leader, "Ký xác nhận, chuyển Sở Nội vụ")
    expect(leader.locator("#where ~ .way [aria-current=step]")).to_contain_text("Sở Nội vụ thẩm định")
    house.deliver()


def _registered_by_the_department(house: House, code: str) -> Page:
    officer = house.person("H51.03/chuyen-mon:officer")
    expect(officer.locator("tbody tr")).to_contain_text("Ký nhận hồ sơ chuyển đến")
    officer.get_by_role("link", name="Chuyển giao").click()
    house.shot(officer, "way-4-incoming")
    press(officer, "Ký nhận")
    officer.goto(f"/dossiers/{code}")
    expect(officer.get_by_role("list", name="Chưa làm được")).to_contain_text("chưa giao đến đây")
    house.shot(officer, "way-5-needs-the-paper")
    return officer


def carried(house: House, receiver: Page, code: str, *, run: int, hour: int, paper: str) -> None:
    """By the courier, from unit to unit, each hand-over confirmed by who received it."""
    house.at(hour, 31)
    house.draw_manifests()
    page = house.person("H51.09/giao-nhan:courier")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chuyến giao nhận")
    house.shot(page, f"courier-{run}-runs")
    page.get_by_role("link", name=f"Mở bảng kê chuyến {run}").click()
    page.get_by_label("Quét mã giấy tờ").fill(f"{code}-{paper}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã lấy")
    press(page, "Khởi hành")
    expect(page.get_by_role("status")).to_contain_text("Đã khởi hành")
    house.shot(page, f"courier-{run}-under-way")
    receiver.goto(page.url.split("?")[0])
    press(receiver, f"Đã nhận {code}-{paper}")
    expect(receiver.get_by_role("status")).to_contain_text("Đã xác nhận nhận")
    press(page, "Kết thúc chuyến")
    expect(page.get_by_role("status")).to_contain_text("Chuyến đã kết thúc")


def _decided(house: House, officer: Page, code: str, tmp_path: Path) -> None:
    officer.goto(f"/dossiers/{code}")
    draft = tmp_path / "quyet-dinh.pdf"
    draft.write_bytes(samples.pdf(seed=9))
    officer.get_by_label("Là giấy tờ nào").select_option("result")
    officer.set_input_files("[name=file]", draft)
    press(officer, "Tải lên")
    officer.wait_for_url("**did=attach**")
    press(officer, "Chuyển bước tiếp theo")
    for who, act in (("H51.03/chuyen-mon:head", "Duyệt, trình ký"), ("H51.03/lanh-dao:signer", "Ký"),
                     ("H51.03/van-thu:clerk", "Cấp số, phát hành")):
        page = house.person(who)
        page.locator("tbody a[data-row]").first.click()
        assert code_of(page) == code
        page.locator("form[data-main] button").get_by_text(act, exact=True).or_(
            page.locator("form[data-main] button", has_text=act)).first.click()
        expect(page.get_by_role("status").first).to_contain_text(act)
    house.shot(page, "way-6-issued")
    house.deliver()


def _returned(house: House, returner: Page, code: str) -> None:
    returner.goto(f"/dossiers/{code}")
    press(returner, "Trả kết quả tại quầy")
    expect(returner.get_by_role("alert")).to_contain_text("Ghi họ tên người nhận")
    returner.get_by_label("Họ tên người đã ký nhận").fill("Lý Thị Ngọc Điệp")
    press(returner, "Trả kết quả tại quầy")
    expect(returner.locator(".head")).to_contain_text("Đã trả kết quả")
    expect(returner.locator(".head")).to_contain_text("Xong đúng hạn")
    expect(returner.locator(".acts")).to_contain_text("Hồ sơ đã kết thúc")
    house.shot(returner, "way-8-returned")

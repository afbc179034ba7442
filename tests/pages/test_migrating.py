"""An administrator moves dossiers to the next version in the browser: chooses, looks, decides, takes one back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine.clocks.zone import ZONE
from tests.conftest import Fresh
from tests.journey import Journey
from tests.migrating.versions import KEY, NEW_BRANCH, publish, written
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"
OFFICER = "H51.01/ngoai-vu:officer"


@pytest.fixture
def codes(house: House, fresh: Fresh) -> list[str]:
    """Three examined, one of them asked about, one under consultation; then version 3 is published."""
    journey = Journey(house.office, house.cast, house.at(9))
    found = [journey.receive().code for _ in range(4)]
    for code in found:
        journey.register_all(code)
    journey.do(found[3], "consult", house.cast[OFFICER])
    publish(fresh, written(changes={"\n        culture:": NEW_BRANCH}))
    house.at(10)
    return found


def looked_at(page: Page) -> None:
    page.goto(f"/procedures/{KEY}")
    page.get_by_role("link", name="Chuyển hồ sơ sang phiên bản khác").click()
    page.get_by_label("Hồ sơ đang theo").select_option(label=_label(page, "Phiên bản 2"))
    page.get_by_label("Chuyển sang").select_option(label=_label(page, "Phiên bản 3"))
    press(page, "Chọn hai phiên bản này")


def _label(page: Page, begins: str) -> str:
    return next(text for text in page.locator("#from option").all_inner_texts() if text.startswith(begins))


def test_dossiers_are_moved_and_one_is_taken_back(house: House, codes: list[str]) -> None:
    page = house.person(ADMINISTRATOR)
    looked_at(page)
    expect(page.get_by_label("Thẩm định hồ sơ")).to_have_value("appraising")
    page.get_by_label("Bước đang làm theo thời hạn").check()
    press(page, "Xem trước từng hồ sơ")
    expect(page.locator("#dossiers tbody tr")).to_have_count(4)
    expect(page.locator("#dossiers")).to_contain_text("Sẽ hỏi thêm: Ý kiến Sở Nội vụ")
    house.shot(page, "migrating-preview")

    page.get_by_role("link", name="Giữ nguyên phiên bản").click()
    expect(page.get_by_text("Không có hồ sơ nào")).to_be_visible()
    page.get_by_role("link", name="Chuyển được").click()
    page.get_by_role("checkbox", name=codes[0]).uncheck()
    press(page, "Chuyển các hồ sơ này")
    expect(page.locator("#errors")).to_contain_text("số quyết định")
    expect(page.get_by_role("checkbox", name=codes[0])).not_to_be_checked()
    expect(page.get_by_role("checkbox", name=codes[1])).to_be_checked()
    page.get_by_label("Số quyết định").fill("12/QĐ-UBND")
    page.get_by_label("Lý do").fill("Sửa quy trình")
    press(page, "Chuyển các hồ sơ này")

    expect(page.get_by_role("status")).to_contain_text("3/3 hồ sơ đã chuyển")
    house.shot(page, "migrating-result")
    page.get_by_role("button", name=f"Hoàn tác {codes[1]}").click()
    expect(page.get_by_role("status")).to_contain_text("2/3 hồ sơ đã chuyển; 1 đã hoàn tác")

    officer = house.person(OFFICER)
    officer.goto(f"/dossiers/{codes[2]}")
    expect(officer.locator("#record + ol li").first).to_contain_text(
        "Chuyển sang phiên bản khác của thủ tục: từ phiên bản 2 sang phiên bản 3, theo 12/QĐ-UBND")
    press(officer, "Gửi lấy ý kiến")
    page.goto(page.url)
    expect(page.get_by_text("đã xử lý tiếp")).to_be_visible()
    press(page, "Hoàn tác mọi hồ sơ còn hoàn tác được")
    expect(page.get_by_role("status")).to_contain_text("1/3 hồ sơ đã chuyển; 2 đã hoàn tác")


def test_a_version_that_has_not_begun_is_told_and_not_offered(house: House, fresh: Fresh) -> None:
    later = house.at(9).astimezone(ZONE).date() + timedelta(days=30)
    coming = publish(fresh, written(changes={"\n        culture:": NEW_BRANCH}), later)
    page = house.person(ADMINISTRATOR)
    page.goto(f"/procedures/{KEY}/migrate")
    assert page.locator("#from option, #to option").evaluate_all(
        "options => options.filter(one => one.textContent.startsWith('Phiên bản 3')).length") == 0
    expect(page.locator("main")).to_contain_text(f"Phiên bản 3 đến ngày {later:%d/%m/%Y} mới áp dụng")
    known = page.locator("#from option").nth(1).get_attribute("value")
    assert page.request.get(f"/procedures/{KEY}/migrate?from={known}&to={coming}").status == 422


def test_with_the_keyboard_alone_and_without_javascript(house: House, codes: list[str]) -> None:
    page = house.person(ADMINISTRATOR, java_script_enabled=False)
    page.goto(f"/procedures/{KEY}/migrate")
    versions = {row.number: str(row.id) for row in house.office.fresh_catalogue().versions if row.procedure == KEY}
    page.focus("#from")
    page.get_by_label("Hồ sơ đang theo").select_option(versions[2])
    page.get_by_label("Chuyển sang").select_option(versions[3])
    press(page, "Chọn hai phiên bản này")
    press(page, "Xem trước từng hồ sơ")
    page.get_by_label("Số quyết định").fill("12/QĐ-UBND")
    page.get_by_label("Lý do").fill("Sửa quy trình")
    page.get_by_label("Lý do").press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("4/4 hồ sơ đã chuyển")


def test_only_administrators_and_only_two_different_versions(house: House, codes: list[str]) -> None:
    head = house.person("H51.01/lanh-dao:head")
    answer = head.request.get(f"/procedures/{KEY}/migrate")
    assert answer.status == 403
    page = house.person(ADMINISTRATOR)
    [old, *_] = [row.id for row in house.office.fresh_catalogue().versions if row.procedure == KEY]
    page.goto(f"/procedures/{KEY}/migrate?from={old}&to={old}")
    expect(page.locator("#errors")).to_contain_text("hai phiên bản khác nhau")
    assert page.request.get("/procedures/never_heard/migrate").status == 404
    assert page.request.get(f"/procedures/{KEY}/migrate/77").status == 404


def test_axe_finds_nothing_and_nothing_reaches_past_a_telephone(house: House, codes: list[str]) -> None:
    page = house.person(ADMINISTRATOR, bypass_csp=True)
    looked_at(page)
    addresses = [page.url]
    press(page, "Xem trước từng hồ sơ")
    addresses.append(page.url)
    press(page, "Chuyển các hồ sơ này")
    found = faults(house, page, "migrating-faults")
    page.get_by_label("Số quyết định").fill("12/QĐ-UBND")
    page.get_by_label("Lý do").fill("Sửa quy trình")
    press(page, "Chuyển các hồ sơ này")
    addresses.append(page.url)
    small = house.person(ADMINISTRATOR, width=320, height=640)
    for number, address in enumerate(addresses):
        page.goto(address)
        found += faults(house, page, f"migrating-{number}")
        small.goto(address)
        assert too_wide(house, small, f"migrating-{number}") == []
    assert found == []
    press(page, "English")
    page.goto(addresses[1])
    for words in ("Hồ sơ", "Chuyển", "Thời hạn", "phiên bản"):
        assert words not in page.locator("main").inner_text()

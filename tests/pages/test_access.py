"""Who gets in and what a stranger sees; languages, addresses, forms without their key."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from engine.seed import DEMO_PASSWORD
from tests.journey import Journey
from tests.pages.house import House, press

DESK = "H51.02/tiep-nhan:receptionist"
# Every role of the province, and the page it starts on.
STARTS = {
    DESK: "Việc của tôi", "H51.01/ngoai-vu:officer": "Việc của tôi", "H51.03/chuyen-mon:head": "Việc của tôi",
    "H51.01/lanh-dao:signer": "Việc của tôi", "H51.01/van-thu:clerk": "Việc của tôi",
    "H51.21/mot-cua:returner": "Việc của tôi", "H51.02/quan-ly:manager": "Việc của tôi",
    "H51.09/giao-nhan:courier": "Chuyến giao nhận",
}


def enter(house: House, page: Page, button: str) -> None:
    page.fill("[name=login]", house.cast.member(DESK).login)
    page.fill("[name=password]", DEMO_PASSWORD)
    press(page, button)


def test_every_role_signs_in_and_out(house: House) -> None:
    page = house.page()
    for who, heading in STARTS.items():
        house.sign_in(page, house.cast.member(who).login)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(page.locator(".bar")).to_contain_text(house.cast[who].name)
        press(page, "Đăng xuất")
        expect(page).to_have_url(re.compile("/sign-in"))
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_wrong_credentials_keep_the_name_and_say_what_to_do(house: House) -> None:
    page = house.page()
    house.sign_in(page, "han.ltn", "sai")
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[name=login]")).to_have_value("han.ltn")
    expect(page.locator("[name=password]")).to_have_value("")
    page.fill("[name=login]", "")
    press(page, "Đăng nhập")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)


def test_signing_in_leads_back_to_where_one_was_going_and_never_elsewhere(house: House) -> None:
    page = house.page()
    for back, path in (("/handoffs", "/handoffs"), ("//evil.example", "/"), ("https://evil.example/", "/"),
                       ("/\\evil.example", "/")):
        page.goto("/sign-in")
        page.locator("main [name=back]").evaluate("(field, value) => field.value = value", back)
        enter(house, page, "Đăng nhập")
        assert page.url == house.address + path
        press(page, "Đăng xuất")
    page.goto("/handoffs")
    expect(page.get_by_role("status")).to_contain_text("Đăng nhập để tiếp tục")
    enter(house, page, "Đăng nhập")
    assert page.url == f"{house.address}/handoffs"


def test_a_stranger_gets_the_same_page_as_for_what_is_not_there(house: House, journey: Journey) -> None:
    code = journey.receive().code
    page = house.person("H51.21/mot-cua:receptionist")
    for path in (f"/dossiers/{code}", f"/dossiers/{code}/receipt", "/dossiers/H51.02-261123-9999"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Không tìm thấy")
        expect(page.locator("main")).to_contain_text("chỉ hiện khi đã được chuyển đến đơn vị bạn")
    house.shot(page, "stranger")


def test_what_is_not_there_is_a_page_too(house: House) -> None:
    page = house.person(DESK)
    for path in ("/nothing", "/courier/999", "/courier/abc", "/receive/nothing", "/documents/x", "/dossiers/%00",
                 "/static/x/none.css", "/?page=x", "/find?search=%00"):
        answer = page.request.get(path)
        assert answer.status == 404, path
        assert "Không tìm thấy" in answer.text()
        assert answer.headers["content-type"].startswith("text/html")
    page.goto("/nothing")
    expect(page.locator("main")).to_contain_text("Kiểm tra lại địa chỉ")
    expect(page.get_by_role("link", name="Đăng nhập")).to_have_count(0)


def test_a_form_without_its_key_does_nothing(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    page = house.person("H51.01/ngoai-vu:officer")
    answer = page.request.post(f"/dossiers/{code}/acts/consult", form={"seen_version": str(journey.version(code))})
    assert answer.status == 403
    assert "Hãy tải lại trang" in answer.text()
    assert journey.states(code) == {"examining"}


def test_the_language_is_kept_for_the_session_and_the_next_sign_in(house: House) -> None:
    page = house.person(DESK)
    press(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Receive").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receive a dossier")
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    enter(house, page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")

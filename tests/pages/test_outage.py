"""The database goes away while somebody works: the page says so, keeps what was typed, and sends it again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.api.test_outage import database_away
from tests.conftest import Fresh
from tests.pages.house import House, press
from tests.pages.test_reception import DESK, FORM, fill


def test_what_was_typed_survives_an_outage_and_is_received_once(house: House, fresh: Fresh) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-request_letter")
    page.check("#paper-plan")
    with database_away(fresh):
        press(page, "Tiếp nhận, hẹn trả")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tạm thời không phục vụ được")
        expect(page.locator("main")).to_contain_text("Nội dung đã nhập vẫn còn")
        house.shot(page, "outage")
    kept = page.locator("main form").evaluate("form => new URLSearchParams(new FormData(form)).toString()")
    for _ in range(100):
        press(page, "Gửi lại")
        if "/dossiers/" in page.url:
            break
        page.wait_for_timeout(500)
    answer = page.request.post(FORM, data=kept, headers={"content-type": "application/x-www-form-urlencoded"},
                               max_redirects=0)
    assert answer.headers["location"].split("?")[0] == page.url.removeprefix(house.address).split("?")[0]
    assert house.office.db.value("select count(*) from dossier") == 1

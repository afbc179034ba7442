"""A session that ends in the middle of a form loses nothing that was typed, and sends nothing under another name."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from engine.casework.receive import receive
from engine.seed import DEMO_PASSWORD
from tests.journey import Journey
from tests.pages.house import House, code_of, press
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"
WHY = "Thiếu kế hoạch tổ chức, đề nghị bổ sung trước thứ Sáu"


def half_typed(house: House, journey: Journey) -> tuple[Page, str]:
    """The form of an act with something typed, and nobody signed in any more."""
    code = receive(house.office, journey.submission(accept=False), house.at(9)).code
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}")
    page.locator("summary", has_text="Từ chối").first.click()
    page.locator("details[open] textarea").first.fill(WHY)
    return page, code


def end_sessions(house: House) -> None:
    with house.office.db.connection() as connection:
        connection.execute(b"delete from session")


def sign_in_here(page: Page, login: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", DEMO_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def refuse(page: Page) -> None:
    page.locator("details[open] button").last.click()
    page.wait_for_load_state()


def acted(house: House, code: str, event: str) -> int:
    return int(house.office.db.value("select count(*) from audit a join dossier d on d.id = a.dossier_id "
                                     "where d.code = %s and a.action = %s", (code, event)))


def test_an_act_is_sent_after_signing_in_again(house: House, journey: Journey) -> None:
    page, code = half_typed(house, journey)
    end_sessions(house)
    refuse(page)
    expect(page.get_by_role("status")).to_contain_text("được giữ lại")
    assert faults(house, page, "sign-in-kept") == []

    page.fill("[name=login]", house.cast.member(DESK).login)
    page.fill("[name=password]", "sai mat khau")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in_here(page, house.cast.member(DESK).login)

    expect(page.get_by_text(WHY)).to_be_visible()
    assert acted(house, code, "refuse") == 0, "nothing is sent before it was looked at again"
    assert faults(house, page, "kept") == []
    press(page, "Gửi")

    assert code_of(page) == code
    assert acted(house, code, "refuse") == 1
    expect(page.get_by_text(WHY).first).to_be_visible()


def test_nobody_else_sends_what_somebody_typed(house: House, journey: Journey) -> None:
    page, code = half_typed(house, journey)
    end_sessions(house)
    refuse(page)

    sign_in_here(page, house.cast.member(DESK + "#1").login)

    expect(page.get_by_role("status")).to_contain_text("của người khác")
    assert WHY not in page.content()
    assert acted(house, code, "refuse") == 0


def test_signing_in_again_in_another_tab_keeps_the_old_form_good(house: House, journey: Journey) -> None:
    page, code = half_typed(house, journey)
    end_sessions(house)
    house.sign_in(page.context.new_page(), house.cast.member(DESK).login)

    refuse(page)

    expect(page.get_by_text(WHY)).to_be_visible()
    assert acted(house, code, "refuse") == 0
    press(page, "Gửi")
    assert acted(house, code, "refuse") == 1


def test_somebody_else_in_another_tab_gets_nothing_of_the_old_form(house: House, journey: Journey) -> None:
    page, code = half_typed(house, journey)
    house.sign_in(page.context.new_page(), house.cast.member(DESK + "#1").login)

    refuse(page)

    assert WHY not in page.content()
    assert acted(house, code, "refuse") == 0


def test_the_page_to_send_again_fits_a_telephone(house: House, journey: Journey) -> None:
    page, _ = half_typed(house, journey)
    end_sessions(house)
    refuse(page)
    page.set_viewport_size({"width": 320, "height": 640})
    narrow = too_wide(house, page, "sign-in-kept")

    sign_in_here(page, house.cast.member(DESK).login)

    assert narrow + too_wide(house, page, "kept") == []

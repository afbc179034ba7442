"""The keyboard alone is enough, and says which keys there are."""

from __future__ import annotations

from playwright.sync_api import expect

from engine.casework.receive import receive
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults

DESK = "H51.02/tiep-nhan:receptionist"


def test_a_question_mark_opens_the_map_and_focus_comes_back(house: House, journey: Journey) -> None:
    receive(house.office, journey.submission(accept=False), house.at(9))
    page = house.person(DESK)
    page.goto("/")
    row = page.locator("a[data-row]").first
    row.focus()

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_contain_text("Ctrl")
    expect(dialog.get_by_role("button", name="Đóng")).to_be_focused()
    assert faults(house, page, "keys-dialog") == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row).to_be_focused()


def test_keys_are_letters_while_somebody_types(house: House) -> None:
    page = house.person(DESK)
    page.goto("/find")
    search = page.locator("[data-search]")
    search.focus()
    page.keyboard.type("j1/?")
    expect(search).to_have_value("j1/?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_an_empty_search_box_is_no_obstacle_to_the_map(house: House) -> None:
    page = house.person(DESK)
    page.goto("/receive")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_keys_can_be_turned_off(house: House) -> None:
    page = house.person(DESK)
    page.goto("/find")
    page.get_by_role("button", name="Tắt phím tắt").press("Enter")
    page.locator("main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Bật phím tắt")).to_be_visible()


def test_without_javascript_the_map_is_a_page(house: House) -> None:
    page = house.person(DESK, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Phím tắt").click()
    expect(page.get_by_role("heading", name="Phím tắt").first).to_be_visible()
    expect(page.locator("main .keymap div")).to_have_count(page.locator("nav.places [data-key]").count() + 7)

"""A whole day at the desk where results are given out, with the keyboard alone; only the scanner types by itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.casework.walking import Walk
from tests.journey import MONDAY, Journey
from tests.pages.counter import Keys, typed
from tests.pages.designing import follow, send, tab_to, tick, write
from tests.pages.house import House
from tests.pages.looks import faults
from tests.pages.test_day_counter import COPIES, RETURNER, Day, sign_in, to_page

AUTHORITY = "Giấy ủy quyền số 12, UBND phường Sóc Trăng chứng thực ngày 20/11/2026"
MOST_KEYS = 12


@pytest.fixture
def results(house: House) -> list[Walk]:
    """Three copies that were certified on Friday, the eldest first."""
    found = []
    for number in range(3):
        journey = Journey(house.office, house.cast, MONDAY - timedelta(days=3) + timedelta(minutes=20 * number))
        walk = Walk(journey, journey.receive("certified_copies", desk="H51.21/mot-cua", facts=COPIES).code)
        found.append(walk.go_to("returning"))
    return found


@pytest.fixture
def day(house: House) -> Day:
    house.at(9)
    return Day(house, house.page())


def test_a_day_at_the_desk_of_results(day: Day, results: list[Walk]) -> None:
    sign_in(day, RETURNER)
    what_waits(day, results)
    to_the_applicant(day, results[0])
    to_somebody_else(day, results[1])
    without_a_slip(day, results[2])
    not_ready(day)
    nothing_left(day)


def what_waits(day: Day, results: list[Walk]) -> None:
    to_page(day.page, "Trả kết quả")
    expect(day.page.get_by_label("Quét giấy hẹn")).to_be_focused()
    expect(day.page.locator(".rows a[data-row]")).to_have_text([walk.code for walk in results])
    assert faults(day.house, day.page, "results-wait") == []


def to_the_applicant(day: Day, walk: Walk) -> None:
    """The slip is scanned, the card is looked at, the original goes back, the citizen rates."""
    page, keys = day.page, Keys(day.page)
    typed(page, walk.code)
    page.wait_for_url(f"**/return/{walk.code}")
    main = page.locator("main")
    expect(main).to_contain_text("Nguyễn Thị Bích Ngọc")
    expect(main).to_contain_text("•••••••••001")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    while page.evaluate("document.activeElement.name") != "originals":
        keys.press("Tab")
    keys.press("Space")
    keys.press("Control+Enter")
    page.wait_for_url("**/rating")
    assert keys.pressed <= MOST_KEYS
    assert walk.states == {"returned"}
    assert faults(day.house, page, "results-rating") == []
    tab_to(page, "score", "5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    assert [row["score"] for row in walk.rows("select score from rating")] == [5]
    follow(page, "Trả kết quả tiếp theo")
    expect(page.get_by_label("Quét giấy hẹn")).to_be_focused()


def to_somebody_else(day: Day, walk: Walk) -> None:
    """Without an authorisation nothing is handed over; what is missing is one key away."""
    page = day.page
    typed(page, f"{walk.code}-R")
    page.wait_for_url(f"**/return/{walk.code}")
    tick(page, "originals")
    tab_to(page, "who")
    page.keyboard.press("ArrowDown")
    send(page)
    expect(page.get_by_role("alert")).to_be_focused()
    assert walk.states == {"returning"}
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=recipient]")).to_be_focused()
    page.keyboard.type("Quách Hữu Lợi")
    write(page, authority=AUTHORITY)
    day.seen("results-other")
    send(page)
    page.wait_for_url("**/rating")
    assert walk.states == {"returned"}


def without_a_slip(day: Day, walk: Walk) -> None:
    """The slip was lost: found by the card's number, returned as before; nobody rates."""
    page = day.open("/")
    to_page(page, "Tra cứu")
    page.keyboard.press("/")
    page.keyboard.type("bich ngoc")
    expect(page.locator("#results")).to_contain_text(walk.code)
    page.keyboard.press("Tab")
    to_row(page, walk.code)
    follow(page, "Trả kết quả theo phiếu")
    page.wait_for_url(f"**/return/{walk.code}")
    tick(page, "originals")
    send(page)
    page.wait_for_url("**/rating")
    follow(page, "Trả kết quả tiếp theo")


def to_row(page: Page, code: str) -> None:
    """Down the rows with `j`, then open it."""
    for _ in range(20):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.textContent") == code:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{code} is not among the rows")


def not_ready(day: Day) -> None:
    """Somebody comes too early, or with a slip nobody can read."""
    journey = Journey(day.house.office, day.house.cast, MONDAY)
    early = journey.receive("certified_copies", desk="H51.21/mot-cua", facts=COPIES).code
    page = day.open("/return")
    typed(page, early)
    page.wait_for_url(f"**/return/{early}")
    expect(page.locator("main")).to_contain_text("chưa đến bước trả kết quả")
    day.seen("results-early")
    day.open("/return")
    typed(page, "8934588063060")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Không có mã hồ sơ")


def nothing_left(day: Day) -> None:
    page = day.open("/return")
    expect(page.locator("main")).to_contain_text("Chưa có kết quả nào chờ trả")
    day.seen("results-none")
    follow(page, "Đăng xuất")
    expect(page.locator("[name=login]")).to_be_visible()
    page.goto("/return")
    expect(page).to_have_url(re.compile("/sign-in"))

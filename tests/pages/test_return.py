"""Returning results at the counter: slip scanned, person checked, signed for, rated; with the keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.designing import tab_to
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

RETURNER = "H51.02/tiep-nhan:returner"


@pytest.fixture
def waiting(house: House) -> Walk:
    """A result that lies at the desk since this morning."""
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=30))
    walk = Walk(journey, journey.receive(facts={
        "topic": "Lúa thơm ST", "topic_field": "agriculture", "event_date": "2027-03-18", "participants": 80,
        "foreign_guests": 12, "head_of_state_level": False, "state_secret": False}).code)
    walk.go_to("returning")
    walk.journey.register_all(walk.code)
    walk.carry()
    return walk


def scan(page: Page, text: str) -> None:
    """As a scanner types: fast, Enter at the end."""
    page.get_by_label("Quét giấy hẹn").focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_result_is_returned_and_rated_with_the_keyboard_alone(house: House, waiting: Walk) -> None:
    page = house.person(RETURNER)
    page.goto("/return")
    expect(page.locator(".rows tbody tr")).to_have_count(1)
    assert faults(house, page, "return-ready") == []
    scan(page, f"{waiting.code}-R")
    page.wait_for_url(f"**/return/{waiting.code}")
    expect(page.locator("main")).to_contain_text("Nguyễn Thị Bích Ngọc")
    expect(page.locator("main")).to_contain_text("•••••••••001")
    assert faults(house, page, "return-sheet") == []
    tab_to(page, "who")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/rating")
    assert waiting.states == {"returned"}
    assert faults(house, page, "return-rating") == []
    tab_to(page, "words")
    page.keyboard.type("Cán bộ hướng dẫn tận tình")
    tab_to(page, "score", "5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà!")).to_be_visible()

    (vote,) = waiting.rows("select * from rating")
    assert (vote["score"], vote["words"]) == (5, "Cán bộ hướng dẫn tận tình")
    assert not {"dossier_id", "person_id", "at"} & set(vote), "nobody learns whose vote it is"
    page.goto(f"/return/{waiting.code}/rating")
    press(page, "Rất không hài lòng")
    page.wait_for_url("**/thanks")
    assert [row["score"] for row in waiting.rows("select * from rating")] == [5], "one vote each"
    page.goto("/return")
    expect(page.locator("main")).to_contain_text("5,0/5")


def test_somebody_else_shows_an_authorisation(house: House, waiting: Walk) -> None:
    page = house.person(RETURNER)
    page.goto(f"/return/{waiting.code}")
    page.check("[name=who][value=other]")
    press(page, "Đã giao, đã ký nhận")
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_count(2)
    assert waiting.states == {"returning"}
    page.fill("[name=recipient]", "Quách Hữu Lợi")
    page.fill("[name=authority]", "Giấy ủy quyền số 12, UBND phường Sóc Trăng chứng thực ngày 20/11/2026")
    press(page, "Đã giao, đã ký nhận")
    page.wait_for_url("**/rating")
    entry = next(row for row in waiting.rows(
        "select r.body from remark r join audit a on a.dossier_id = r.dossier_id and a.seq = r.seq "
        "where a.action = 'return_at_counter'"))
    assert "Quách Hữu Lợi" in str(entry["body"])
    assert "ủy quyền số 12" in str(entry["body"])


def test_what_is_not_ready_says_why_and_a_stranger_learns_nothing(house: House) -> None:
    journey = Journey(house.office, house.cast, timekeeper.now())
    code = journey.receive().code
    page = house.person(RETURNER)
    page.goto(f"/return/{code}")
    expect(page.locator("main")).to_contain_text("chưa đến bước trả kết quả")
    page.goto("/return?slip=khong+co+ma")
    expect(page.get_by_role("alert")).to_contain_text("Không có mã hồ sơ")
    page.goto("/return/H51.02-261123-9999")
    expect(page.locator("main")).to_contain_text("H51.02-261123-9999")
    expect(page.get_by_role("button", name="Đã giao, đã ký nhận")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390])
def test_the_counter_of_results_fits_a_telephone(house: House, waiting: Walk, width: int) -> None:
    page = house.person(RETURNER, width=width, height=800)
    found = []
    for name, address in (("ready", "/return"), ("sheet", f"/return/{waiting.code}"),
                          ("rating", f"/return/{waiting.code}/rating")):
        page.goto(address)
        found += too_wide(house, page, f"return-{name}-{width}", width)
    assert found == []

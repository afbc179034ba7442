"""My work in the browser: whose it is, what it is narrowed to, many at once; by keyboard, and without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from tests.journey import MONDAY, Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

OFFICER = "H51.01/ngoai-vu:officer"
COLLEAGUE = "H51.01/ngoai-vu:officer#1"
HEAD = "H51.01/ngoai-vu:head"
BARE = {"java_script_enabled": False}


@pytest.fixture
def three(journey: Journey) -> list[str]:
    """Registered at the officers' unit."""
    codes = [journey.receive(subject=subject).code for subject in ("Lúa thơm", "Tôm nước lợ", "Hành tím Vĩnh Châu")]
    for code in codes:
        journey.register_all(code)
    return codes


def tab(page: Page, name: str) -> None:
    page.locator(".work-tabs a", has_text=name).click()
    page.wait_for_load_state()


def codes_of(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("table.work a.code").all_inner_texts()]


def many(page: Page, act: str, *codes: str) -> None:
    """Ticks these and asks for the preview."""
    for code in codes:
        page.locator(f"[name=item][value^='{code}/']").check()
    page.select_option("[name=act]", act)
    press(page, "Xem trước")


def test_who_takes_work_on_is_seen_by_colleagues_and_they_are_kept_off(house: House, three: list[str]) -> None:
    stale = house.person(COLLEAGUE, **BARE)  # with JavaScript the page would have told by itself
    stale.goto(f"/dossiers/{three[0]}")
    officer = house.person(OFFICER, **BARE)
    many(officer, "claim", three[0], three[1])
    expect(officer.locator("h1")).to_contain_text("Nhận việc")
    house.shot(officer, "work-preview")
    press(officer, "Nhận việc: 2 việc")
    expect(officer.locator(".tell[role=status]")).to_contain_text("2 việc đã ghi nhận")
    house.shot(officer, "work-result")
    officer.get_by_role("link", name="Quay lại danh sách").click()
    tab(officer, "Tôi đã nhận")
    assert codes_of(officer) == three[:2]

    press(stale, "Gửi lấy ý kiến")
    expect(stale.get_by_role("alert")).to_contain_text(f"{house.cast[OFFICER].name} đang xử lý việc này từ")
    stale.goto("/")
    assert codes_of(stale) == three[2:]
    tab(stale, "Của đơn vị")
    expect(stale.locator("tbody tr").first).to_contain_text(house.cast[OFFICER].name)
    house.shot(stale, "work-unit")

    officer.goto(f"/dossiers/{three[0]}")
    expect(officer.locator("#claims ~ ul")).to_contain_text(house.cast[OFFICER].name)
    house.shot(officer, "work-dossier")
    press(officer, "Gửi lấy ý kiến")
    expect(officer.locator(".tell[data-said]")).to_contain_text("Gửi lấy ý kiến")


def test_a_head_gives_work_to_somebody_and_takes_it_back(house: House, three: list[str]) -> None:
    head = house.person(HEAD, **BARE)
    tab(head, "Của đơn vị")
    many(head, "assign", three[0])
    press(head, "Giao việc: 1 việc")
    expect(head.get_by_role("alert")).to_contain_text("Chọn người được giao việc")
    head.get_by_label(house.cast[COLLEAGUE].name).check()
    press(head, "Giao việc: 1 việc")
    expect(head.locator(".tell[role=status]")).to_contain_text("1 việc đã ghi nhận")
    colleague = house.person(COLLEAGUE)
    tab(colleague, "Tôi đã nhận")
    assert codes_of(colleague) == three[:1]
    head.goto(f"/dossiers/{three[0]}")
    press(head, "Nhả việc")
    expect(head.locator(".claims")).to_contain_text("chưa ai nhận")


def test_one_that_is_refused_stops_no_other_and_nothing_is_done_twice(house: House, journey: Journey,
                                                                     three: list[str]) -> None:
    officer = house.person(OFFICER, **BARE)
    many(officer, "claim", *three)
    journey.do(three[1], "claim", house.cast[COLLEAGUE])
    fields = officer.locator("form[data-main]").evaluate("f => [...new FormData(f)]")
    press(officer, "Nhận việc: 3 việc")
    expect(officer.locator(".tell[role=status]")).to_contain_text("2 việc đã ghi nhận, 1 việc không được")
    expect(officer.locator(".lines").first).to_contain_text(f"{three[1]}: {house.cast[COLLEAGUE].name} đang xử lý")

    body = "&".join(f"{name}={value}" for name, value in fields)
    again = officer.request.post("/bulk/run", data=body,
                                 headers={"content-type": "application/x-www-form-urlencoded"})
    assert again.status == 200
    assert house.office.db.value("select count(*) from audit where action = 'claim'") == 3


def test_the_next_step_is_taken_for_many_where_it_asks_for_nothing(house: House, journey: Journey,
                                                                  three: list[str]) -> None:
    officer = house.person(OFFICER)
    many(officer, "advance", *three)
    expect(officer.locator("main")).to_contain_text("Gửi lấy ý kiến")
    press(officer, "Chuyển bước tiếp theo: 3 việc")
    expect(officer.locator(".tell[role=status]")).to_contain_text("3 việc đã ghi nhận")
    assert all("police" in journey.states(code) for code in three)


def test_what_others_hand_over_is_registered_at_once(house: House, journey: Journey) -> None:
    codes = [journey.receive().code for _ in range(3)]
    officer = house.person(OFFICER, **BARE)
    tab(officer, "Chờ ký nhận")
    assert codes_of(officer) == codes
    officer.get_by_label("Mọi việc theo bộ lọc").check()
    press(officer, "Xem trước")
    press(officer, "Ký nhận hồ sơ chuyển đến: 3 việc")
    expect(officer.locator(".tell[role=status]")).to_contain_text("3 việc đã ghi nhận")
    assert house.office.db.value("select count(*) from handoff where state = 'registered'") == 3


def test_what_is_put_off_comes_back_by_itself_and_is_never_late_in_silence(house: House, three: list[str]) -> None:
    officer = house.person(OFFICER, **BARE)
    many(officer, "snooze", three[0])
    officer.get_by_label("Hoãn đến ngày").fill("23/11/2026")
    press(officer, "Hoãn đến ngày")
    expect(officer.get_by_role("alert")).to_contain_text("Chọn một ngày sau hôm nay")
    officer.get_by_label("Hoãn đến ngày").fill("27/11/2026")
    press(officer, "Hoãn đến ngày")
    officer.goto("/")
    assert codes_of(officer) == three[1:]
    tab(officer, "Đã hoãn")
    expect(officer.locator("tbody")).to_contain_text("Hoãn đến 27/11/2026")
    timekeeper.set_shown(house.clock, MONDAY + timedelta(days=3, hours=2), 1.0)
    officer.goto("/")
    expect(officer.locator(".tell.late")).to_contain_text("1 việc bạn đã hoãn nay quá hạn")
    house.shot(officer, "work-snoozed-late")
    timekeeper.set_shown(house.clock, MONDAY + timedelta(days=4), 1.0)
    officer.goto("/")
    assert codes_of(officer) == three


def test_the_list_is_narrowed_by_procedure_step_agency_and_words_together(house: House, three: list[str]) -> None:
    officer = house.person(OFFICER, **BARE)
    officer.fill("#search", "tổ chức hội nghị TOM")
    officer.locator(".filters summary").click()
    officer.select_option("#procedure", "conference_permit_local")
    officer.select_option("#step", "examining")
    officer.select_option("#agency", "H51.02")
    press(officer, "Tìm")
    assert codes_of(officer) == three[1:2]
    officer.get_by_role("link", name="Bỏ lọc").click()
    assert codes_of(officer) == three


@pytest.mark.parametrize("suffix", ["", "-S", "-R"])
def test_a_code_or_barcode_leads_straight_to_its_dossier(house: House, three: list[str], suffix: str) -> None:
    officer = house.person(OFFICER)
    for path, field in (("/", "#search"), ("/find", "#search")):
        officer.goto(path)
        officer.locator(field).press_sequentially(three[1].lower() + suffix)
        officer.keyboard.press("Enter")
        officer.wait_for_url(f"**/dossiers/{three[1]}")


def test_a_day_of_ticking_goes_by_keyboard_alone(house: House, three: list[str]) -> None:
    officer = house.person(OFFICER)
    officer.locator("#act").focus()
    officer.keyboard.press("Tab")
    officer.keyboard.press("Tab")
    officer.keyboard.press("Space")
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/bulk")
    officer.keyboard.press("Control+Enter")
    officer.wait_for_url("**/bulk/run")
    expect(officer.locator(".tell[role=status]")).to_contain_text("1 việc đã ghi nhận")


def test_the_lists_have_no_fault_and_fit_a_telephone(house: House, journey: Journey, three: list[str]) -> None:
    journey.do(three[0], "claim", house.cast[OFFICER])
    journey.do(three[1], "claim", house.cast[COLLEAGUE])
    wide, narrow = house.person(OFFICER), house.person(OFFICER, width=320)
    found = []
    for page in (wide, narrow):
        for name, path in (("work", "/"), ("work-of-unit", "/?tab=unit"), ("work-none", "/?tab=snoozed"),
                           ("work-claimed", f"/dossiers/{three[0]}")):
            page.goto(path)
            found += faults(house, page, name) if page is wide else too_wide(house, page, name)
        page.goto("/?tab=unit&ticked=1")
        page.select_option("[name=act]", "claim" if page is wide else "let_go")
        press(page, "Xem trước")
        found += faults(house, page, "work-preview") if page is wide else too_wide(house, page, "work-preview")
        press(page, "Nhận việc: " if page is wide else "Nhả việc: ")
        found += faults(house, page, "work-result") if page is wide else too_wide(house, page, "work-result")
    assert found == []

"""A day of a head: remarks and an initial, work given out, leave for a second request, an apology, who is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import alarms, timekeeper
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.letters.conftest import Desk
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House, press

OFFICER, COLLEAGUE, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:officer#1", "H51.01/ngoai-vu:head"

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def day(house: House) -> Day:
    return Day(house)


def said(page: Page, words: str) -> None:
    expect(page.locator("main .tell[role=status]").first).to_contain_text(words)


def shown(house: House, moment: datetime) -> None:
    timekeeper.set_shown(house.clock, moment, 1.0)


def test_a_draft_is_remarked_on_given_back_and_initialled(day: Day, house: House, journey: Journey) -> None:
    walk = Walk(journey, journey.receive().code).go_to("synthesis")
    desk = Desk(walk)
    no = desk.begin()
    desk.do("submit_letter", no, desk.officer)
    shown(house, walk.now)
    head = day.sits_down(HEAD)
    head.goto(f"/dossiers/{walk.code}")
    head.locator("section[aria-labelledby=letters-head] ul a").first.click()
    head.get_by_label("Nội dung góp ý").fill("Thêm căn cứ pháp lý.\nSửa tên hội thảo.")
    press(head, "Góp ý")
    day.look(head, "head-remark")
    head.locator("summary", has_text="Trả lại để sửa").click()
    head.locator("#return_letter-reason, [name='return_letter.reason']").first.fill("Xem góp ý")
    press(head, "Trả lại để sửa")
    said(head, "Trả lại văn bản để sửa")

    officer = day.sits_down(OFFICER)
    officer.goto(f"/dossiers/{walk.code}/letters/{no}")
    expect(officer.locator("section[aria-labelledby=remarks]")).to_contain_text("Thêm căn cứ pháp lý.")
    day.look(officer, "head-returned-to-officer")
    officer.get_by_label("Tên văn bản").fill("Quyết định cho phép tổ chức hội thảo")
    press(officer, "Lưu")
    officer.get_by_role("button", name="Khép").click()
    press(officer, "Trình ký")
    expect(officer.locator("main")).to_contain_text("Chờ ký")
    head.goto(f"/dossiers/{walk.code}/letters/{no}")
    press(head, "Ký nháy")
    said(head, "Ký nháy văn bản")
    day.look(head, "head-initialled")
    assert desk.row(no)["initialled_by"] == house.cast[HEAD].id
    assert day.wrong == []


def test_work_is_given_to_somebody_and_the_late_is_seen_first(day: Day, house: House, journey: Journey) -> None:
    codes = [journey.receive(subject=subject).code for subject in ("Lúa thơm", "Tôm nước lợ")]
    for code in codes:
        journey.register_all(code)
    house.at(9)
    head = day.sits_down(HEAD)
    day.look(head, "head-starts")
    head.locator(".work-tabs a", has_text="Của đơn vị").click()
    head.wait_for_load_state()
    head.locator(f"[name=item][value^='{codes[0]}/']").check()
    head.select_option("[name=act]", "assign")
    press(head, "Xem trước")
    head.get_by_label(house.cast[COLLEAGUE].name).check()
    day.look(head, "head-assign")
    press(head, "Giao việc: 1 việc")
    said(head, "1 việc đã ghi nhận")

    shown(house, journey.now + timedelta(days=7))
    alarms.sweep(house.office, timekeeper.now())
    head.goto("/?tab=unit&due=overdue")
    expect(head.locator("tbody tr.overdue")).to_have_count(2)
    expect(head.locator("tbody")).to_contain_text(house.cast[COLLEAGUE].name)
    day.look(head, "head-overdue")
    head.goto("/notices")
    expect(head.locator("tbody")).to_contain_text("quá hạn")
    day.look(head, "head-notices")
    head.goto("/reports")
    day.look(head, "head-reports")
    assert day.wrong == []


def test_a_second_request_to_the_citizen_is_allowed_with_a_reason(day: Day, house: House, journey: Journey) -> None:
    walk = Walk(journey, journey.receive().code).go_to("examining")
    walk.step("request_supplement")
    walk.step("supplement")
    walk.go_to("examining")
    shown(house, walk.now)
    head = day.sits_down(HEAD)
    head.goto(f"/dossiers/{walk.code}")
    head.locator("summary", has_text="Cho phép yêu cầu bổ sung thêm một lần").click()
    form = head.locator("form[action$='/acts/approve_supplement']")
    day.look(head, "head-second-request")
    form.get_by_role("button").click()
    expect(head.get_by_role("alert")).to_contain_text("lý do")
    head.locator("form[action$='/acts/approve_supplement']").get_by_label("Lý do").fill("Có tình tiết mới")
    head.locator("form[action$='/acts/approve_supplement'] button").click()
    said(head, "Cho phép yêu cầu bổ sung thêm một lần")

    officer = day.sits_down(OFFICER)
    officer.goto(f"/dossiers/{walk.code}")
    officer.locator("summary", has_text="Yêu cầu bổ sung, hoàn thiện").click()
    form = officer.locator("form[action$='/acts/request_supplement']")
    form.get_by_role("checkbox").first.check()
    form.get_by_label("Lý do").fill("Bổ sung danh sách khách mời")
    day.look(officer, "head-second-request-form")
    form.get_by_role("button").click()
    said(officer, "Yêu cầu bổ sung")
    assert walk.states == {"awaiting_supplement"}
    assert day.wrong == []


def test_an_apology_is_issued_before_the_date_passes(day: Day, house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    due: datetime = house.office.db.value("select due_at from dossier where code = %s", (code,))
    shown(house, national().opening_of(working_day_before(due.astimezone(ZONE).date())) + timedelta(hours=1))
    alarms.sweep(house.office, timekeeper.now())
    head = day.sits_down(HEAD)
    day.look(head, "head-asked")
    head.locator("section[aria-labelledby=asked]").get_by_role("link", name=code).click()
    form = head.locator("form[action$='/acts/extend']")
    form.get_by_label("Lý do").fill("Chờ ý kiến của cơ quan phối hợp.")
    day.look(head, "head-apology")
    form.get_by_role("button").click()
    expect(head.locator("section[aria-labelledby=apology]")).to_contain_text("Chờ ý kiến của cơ quan phối hợp.")
    head.locator("section[aria-labelledby=apology]").get_by_role("link", name="Văn bản xin lỗi (Mẫu 04)").click()
    expect(head.locator("article.receipt")).to_contain_text(f"Số: {code}/PXL")
    day.look(head, "head-apology-sheet")
    assert day.wrong == []


def working_day_before(on: date) -> date:
    before = on - timedelta(days=1)
    while not national().is_working_day(before):
        before -= timedelta(days=1)
    return before

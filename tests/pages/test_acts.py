"""What is done on a dossier's page when somebody else was first, something is missing, or a hand-off comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from engine import timekeeper
from tests import samples
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

OFFICER = "H51.01/ngoai-vu:officer"


def test_who_was_first_is_named_and_nothing_typed_is_lost(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{code}")
    page.locator("summary", has_text="Trình từ chối giải quyết").click()
    page.locator("form[action$='/acts/propose_rejection']").get_by_label("Lý do").fill("Không đủ điều kiện.")
    journey.do(code, "consult", house.cast["H51.01/ngoai-vu:officer#1"])
    press(page, "Trình từ chối giải quyết")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text(f"{house.cast['H51.01/ngoai-vu:officer#1'].name} đã “Gửi lấy ý kiến” lúc")
    house.shot(page, "act-stale")
    alert.get_by_role("link", name="Tải lại hồ sơ").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".stop.now")).to_contain_text("Lấy ý kiến các cơ quan")


def test_the_same_form_sent_twice_is_one_act(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{code}")
    fields = page.locator("form[data-main]").evaluate("form => Object.fromEntries(new FormData(form))")
    for _ in range(2):
        answer = page.request.post(f"/dossiers/{code}/acts/consult", form=fields, max_redirects=0)
        assert answer.status == 303
    done = house.office.db.value("select count(*) from audit where action = 'consult'")
    assert done == 1


def test_an_opinion_needs_a_verdict_and_words(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    journey.do(code, "consult", house.cast[OFFICER])
    journey.register_all(code)
    page = house.person("H51.05/chuyen-mon:officer")
    page.goto(f"/dossiers/{code}")
    page.get_by_label("Nội dung ý kiến").fill("Đề nghị bổ sung phương án bảo vệ.")
    press(page, "Cho ý kiến")
    expect(page.get_by_role("alert")).to_contain_text("Chọn một ý kiến")
    expect(page.get_by_label("Nội dung ý kiến")).to_have_value("Đề nghị bổ sung phương án bảo vệ.")
    house.shot(page, "act-opinion")
    page.get_by_label("Đồng ý có điều kiện").check()
    press(page, "Cho ý kiến")
    expect(page.get_by_role("status").first).to_contain_text("Cho ý kiến")
    expect(page.locator("section[aria-labelledby=opinions]")).to_contain_text("Đồng ý có điều kiện")


def test_a_refused_hand_off_comes_back_to_its_sender_who_sends_it_again(house: House, journey: Journey) -> None:
    code = journey.receive().code
    officer = house.person(OFFICER)
    officer.goto("/handoffs")
    officer.get_by_text("Không nhận").first.click()
    press(officer, "Không nhận, trả về nơi gửi")
    expect(officer.get_by_role("alert")).to_contain_text("lý do")
    officer.goto("/handoffs")
    officer.get_by_text("Không nhận").first.click()
    officer.get_by_label("Lý do không nhận").fill("Thiếu trang 2 của công văn.")
    press(officer, "Không nhận, trả về nơi gửi")
    desk = house.person("H51.02/tiep-nhan:receptionist")
    expect(desk.locator("tbody")).to_contain_text("Hồ sơ bị trả về: chuyển lại")
    desk.goto("/handoffs")
    house.shot(desk, "handoff-came-back")
    desk.get_by_role("link", name="Chuyển lại").click()
    expect(desk.locator("ol.record").first).to_contain_text("Thiếu trang 2 của công văn.")
    press(desk, "Chuyển lại hồ sơ")
    expect(desk.get_by_role("status").first).to_contain_text("Chuyển lại hồ sơ")
    house.deliver()
    officer.goto("/handoffs")
    press(officer, "Ký nhận")
    expect(officer.get_by_role("status")).to_contain_text("Đã ghi nhận")
    assert journey.states(code) == {"examining"}


def test_a_hand_off_may_be_recalled_until_it_is_registered(house: House, journey: Journey) -> None:
    journey.receive()
    desk = house.person("H51.02/tiep-nhan:receptionist")
    desk.goto("/handoffs")
    desk.get_by_text("Thu hồi").first.click()
    desk.get_by_label("Lý do thu hồi").fill("Gửi nhầm nơi.")
    press(desk, "Thu hồi")
    expect(desk.locator("section[aria-labelledby=outgoing]")).to_contain_text("Đã thu hồi")
    desk.goto("/")
    expect(desk.locator("tbody")).to_contain_text("Hồ sơ đã thu hồi: chuyển lại")


def test_what_others_have_is_listed_due_first_for_whoever_gave_it_to_them(house: House, journey: Journey) -> None:
    journey.receive(subject="Tôm nước lợ")
    code = journey.receive(subject="Lúa thơm").code
    journey.register_all(code)
    journey.do(code, "consult", journey.cast[OFFICER])
    journey.register_all(code)
    desk = house.person("H51.02/tiep-nhan:receptionist", java_script_enabled=False)
    desk.goto("/handoffs")
    desk.get_by_role("link", name="Đang chờ nơi khác").click()
    lines = desk.locator("tbody tr").all_inner_texts()
    assert ["Tôm nước lợ" in line for line in lines] == [True, False]
    assert "ký nhận trước" in lines[0]
    assert "Đang chờ nơi họ hỏi" in lines[1]

    house.at(23)
    timekeeper.set_shown(house.clock, timekeeper.now() + timedelta(days=90), 1.0)
    officer = house.person(OFFICER)
    officer.get_by_role("link", name="Đang chờ nơi khác").click()
    officer.wait_for_url("**/handoffs/waiting")
    rows = officer.locator("tbody tr")
    assert rows.count() == 3
    assert officer.locator("tbody tr.overdue").count() == 3
    police = rows.filter(has_text="Công an tỉnh")
    expect(police).to_contain_text("Đã ký nhận")
    expect(police).to_contain_text("xong trước")
    assert faults(house, officer, "waiting-for-others") == []
    officer.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(house, officer, "waiting-for-others") == []
    officer.keyboard.press("j")
    officer.keyboard.press("Enter")
    officer.wait_for_url(f"**/dossiers/{code}")


def test_files_go_up_without_javascript_too_and_come_back_as_attachments(
        house: House, journey: Journey, tmp_path: Path) -> None:
    code = journey.receive().code
    page = house.person("H51.02/tiep-nhan:receptionist", java_script_enabled=False)
    page.goto(f"/dossiers/{code}")
    press(page, "Tải lên")
    expect(page.get_by_role("alert")).to_contain_text("Chọn ít nhất một tệp")
    content = samples.small_pdf(mark="công văn")
    (tmp_path / "công văn.pdf").write_bytes(content)
    page.set_input_files("[name=file]", tmp_path / "công văn.pdf")
    press(page, "Tải lên")
    link = page.locator("#documents a[download]")
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.body() == content
    assert answer.headers["content-disposition"].startswith("attachment")


def test_an_extension_asks_for_a_date_as_it_is_written_here(house: House, journey: Journey) -> None:
    code = journey.receive().code
    page = house.person("H51.02/tiep-nhan:manager")
    page.goto(f"/dossiers/{code}")
    page.get_by_text("Xin lỗi và hẹn lại ngày trả").first.click()
    page.get_by_label("Ngày hẹn mới").fill("28/12/2026")
    page.locator("form[action$='/acts/extend']").get_by_label("Lý do").fill("Chờ ý kiến bộ, ngành.")
    press(page, "Xin lỗi và hẹn lại ngày trả")
    expect(page.locator("section[aria-labelledby=due]")).to_contain_text("28/12/2026 17:00")
    expect(page.locator("section[aria-labelledby=due]")).to_contain_text("Hạn ban đầu")


def test_a_new_date_that_no_calendar_has_is_refused_for_what_is_wrong_with_it(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    page = house.person("H51.01/ngoai-vu:head")
    page.goto(f"/dossiers/{code}")
    form = page.locator("form", has=page.locator("[name$='.new_due']"))
    form.locator("xpath=ancestor-or-self::details").first.locator("summary").click()
    form.locator("[name$='.new_due']").fill("31/02/2027")
    form.locator("[name$='.reason']").fill("Chờ ý kiến Bộ Ngoại giao")
    form.get_by_role("button").first.click()

    expect(page.get_by_role("alert")).to_contain_text("Không có ngày 31/02/2027")

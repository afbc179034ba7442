"""Reception in the browser: with the keyboard alone, without JavaScript, with wrong answers, with bad files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests import samples
from tests.journey import Journey
from tests.pages.house import House, code_of, press

DESK = "H51.02/tiep-nhan:receptionist"
FORM = "/receive/conference_permit_local"
TEXTS = {
    "applicant.name": "Trường Đại học Nông nghiệp Ngã Bảy", "applicant.phone": "0900000001",
    "facts.topic": "Lúa thơm ST", "facts.event_date": "18/03/2027", "facts.participants": "1.200",
    "facts.foreign_guests": "12",
}
CHOICES = {"facts.head_of_state_level": "no", "facts.state_secret": "no"}


def fill(page: Page) -> None:
    for name, text in TEXTS.items():
        page.fill(f"[name='{name}']", text)
    page.select_option("[name='facts.topic_field']", "agriculture")
    for name, value in CHOICES.items():
        page.check(f"[name='{name}'][value={value}]")


def scan(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_a_dossier_is_received_with_the_keyboard_alone(house: House) -> None:
    page = house.person(DESK)
    page.keyboard.press("2")
    page.wait_for_url("**/receive")
    page.get_by_role("link", name="Cho phép tổ chức hội nghị, hội thảo quốc tế không thuộc").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{FORM}")
    for name, text in TEXTS.items():
        _tab_to(page, name)
        page.keyboard.type(text)
        if name == "facts.topic":
            _tab_to(page, "facts.topic_field")
            page.keyboard.press("ArrowDown")
    for name in CHOICES:
        _tab_to(page, name)
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    for component in ("request_letter", "plan"):
        _tab_to(page, "paper", component)
        page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/dossiers/**")
    expect(page.get_by_role("status").first).to_contain_text("Tiếp nhận hồ sơ")
    expect(page.locator(".facts").get_by_text("1200", exact=True)).to_be_visible()


def test_a_procedure_is_found_among_thousands_without_accents(house: House) -> None:
    page = house.person(DESK, java_script_enabled=False)
    page.goto("/receive")
    page.get_by_label("Tên, mã, lĩnh vực").fill("hoi nghi thu tuong 2.002312")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=**")
    expect(page.locator("#results .papers a")).to_have_count(1)
    expect(page.locator("#results .papers a")).to_contain_text("không thuộc thẩm quyền của Thủ tướng")

    page.goto("/receive?search=xyz")
    expect(page.locator("main")).to_contain_text("Không có thủ tục nào khớp “xyz”")


def _tab_to(page: Page, name: str, value: str | None = None) -> None:
    """As a finger on the Tab key gets there."""
    for _ in range(60):
        at = page.evaluate("[document.activeElement.name, document.activeElement.value]")
        if at[0] == name and value in (None, at[1]):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")


def test_without_javascript_one_form_takes_the_dossier_and_its_files(house: House, tmp_path: Path) -> None:
    page = house.person(DESK, java_script_enabled=False)
    page.goto(FORM)
    expect(page.locator("#preview")).to_contain_text("22/12/2026 17:00")
    fill(page)
    page.check("#paper-request_letter")
    page.set_input_files("[name='file.plan']", [scan(tmp_path, "de-an.pdf", samples.small_pdf()),
                                                scan(tmp_path, "trang.jpg", samples.jpeg()),
                                                scan(tmp_path, "hong.pdf", samples.truncated(samples.pdf()))])
    press(page, "Tính lại")
    expect(page.locator("[name='facts.topic']")).to_have_value("Lúa thơm ST")
    page.set_input_files("[name='file.plan']", [scan(tmp_path, "de-an.pdf", samples.small_pdf()),
                                                scan(tmp_path, "trang.jpg", samples.jpeg()),
                                                scan(tmp_path, "hong.pdf", samples.truncated(samples.pdf()))])
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    expect(page.get_by_text("có tệp chưa được nhận")).to_be_visible()
    expect(page.get_by_text("tệp bị hỏng hoặc chưa đầy đủ")).to_be_visible()
    assert sorted(page.locator("#documents a[download]").all_inner_texts()) == ["de-an.pdf", "trang.jpg"]


def test_wrong_answers_come_back_together_and_what_was_typed_stays(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.fill("[name='applicant.name']", "")
    page.fill("[name='applicant.id_number']", "12")
    page.fill("[name='facts.event_date']", "31/11/2026")
    press(page, "Tiếp nhận, hẹn trả")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    expect(page).to_have_title("Cần sửa: Tiếp nhận: Cho phép tổ chức hội nghị, hội thảo quốc tế không thuộc thẩm quyền "
                               "của Thủ tướng Chính phủ · Liên Thông")
    summary.get_by_role("link", name="Ngày khai mạc").click()
    field = page.locator("[name='facts.event_date']")
    expect(field).to_be_focused()
    expect(field).to_have_value("31/11/2026")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name='facts.topic_field']")).to_have_value("agriculture")
    house.shot(page, "reception-errors")
    assert _dossiers(house) == 0


def test_by_post_the_address_is_asked_for_at_its_field_and_nothing_typed_is_lost(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    page.check("[name='return_way'][value=post]")
    press(page, "Tiếp nhận, hẹn trả")
    page.get_by_role("alert").get_by_role("link", name="địa chỉ nhận").click()
    address = page.locator("[name='applicant.address']")
    expect(address).to_be_focused()
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name='return_way'][value=post]")).to_be_checked()
    expect(page.locator("#paper-plan")).to_be_checked()
    for name, text in TEXTS.items():
        expect(page.locator(f"[name='{name}']")).to_have_value(text)
    house.shot(page, "reception-post-address")
    address.fill("Khóm 3, phường Mỹ Xuyên")
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    assert _dossiers(house) == 1


def test_missing_papers_are_named_and_the_way_to_them(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-request_letter")
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.get_by_role("alert")).to_contain_text("Đề án tổ chức (Mẫu số 01)")
    page.get_by_role("link", name="Đến phần giấy tờ").click()
    expect(page.locator("#paper-request_letter")).to_be_checked()
    press(page, "Ghi nhận để kiểm tra")
    page.wait_for_url("**/dossiers/**")
    page.locator("summary", has_text="Yêu cầu bổ sung, hoàn thiện").click()
    expect(page.get_by_role("list", name="Chưa làm được")).to_contain_text("Đề án tổ chức")
    house.shot(page, "reception-checking")


def test_the_right_procedure_is_offered_when_another_is_asked_for(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("[name='facts.state_secret'][value=yes]")
    press(page, "Tiếp nhận, hẹn trả")
    page.get_by_role("alert").get_by_role("link", name="Cho phép tổ chức").first.click()
    page.wait_for_url("**/receive/conference_permit_pm")


def test_papers_asked_for_follow_the_answers(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    paper = page.locator("[data-paper=hosting_approval] [data-need]")
    expect(paper).to_have_text("nếu có")
    page.check("[name='facts.hosting_approved'][value=yes]")
    expect(paper).to_have_text("bắt buộc")


def test_a_file_that_is_refused_leaves_the_others_in_place(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-request_letter")
    page.set_input_files("[name='file.plan']", [scan(tmp_path, "de-an.pdf", samples.small_pdf()),
                                                scan(tmp_path, "hong.pdf", samples.truncated(samples.pdf()))])
    expect(page.locator("#paper-plan")).to_be_checked()
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.locator(".files .fault")).to_contain_text("tệp bị hỏng")
    expect(page.get_by_text("✓ Đã tải lên")).to_have_count(1)
    house.shot(page, "reception-one-file-refused")
    page.get_by_role("link", name="Mở hồ sơ để tải lại").click()
    expect(page.locator("#documents a[download]")).to_have_text(["de-an.pdf"])
    assert _dossiers(house) == 1


def test_more_than_25_megabytes_is_refused_before_it_is_sent(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    page.set_input_files("[name='file.plan']", scan(tmp_path, "lon.pdf", b"%PDF-1.7" + bytes(26 * 1024 * 1024)))
    expect(page.locator(".files .fault")).to_contain_text("quá 25 MB")
    press(page, "Tiếp nhận, hẹn trả")
    told = page.locator("[data-told]")
    expect(told).to_be_focused()
    expect(told).to_contain_text("Chưa gửi: hãy bỏ hoặc chọn lại tệp không nhận được: lon.pdf")
    assert _dossiers(house) == 0


def test_what_is_no_scan_is_said_at_once_and_a_picture_is_shown(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    page.set_input_files("[name='file.plan']", [
        scan(tmp_path, "trang.pdf", b"<html><script>1</script></html>"), scan(tmp_path, "anh.png", samples.png()),
        scan(tmp_path, "de-an.pdf", samples.small_pdf())])
    expect(page.locator(".files .fault")).to_have_text(["Không phải PDF, JPEG hay PNG nên không nhận."])
    expect(page.locator(".files canvas")).to_have_count(1)


def test_corrections_keep_the_files_that_were_chosen(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.fill("[name='applicant.name']", "")
    page.check("#paper-request_letter")
    page.set_input_files("[name='file.plan']", scan(tmp_path, "de-an.pdf", samples.small_pdf()))
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page.locator(".files")).to_contain_text(["de-an.pdf"])
    page.fill("[name='applicant.name']", TEXTS["applicant.name"])
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    expect(page.locator("#documents a[download]")).to_have_text(["de-an.pdf"])


def test_an_upload_that_is_cut_off_goes_on_by_itself(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-request_letter")
    page.set_input_files("[name='file.plan']", scan(tmp_path, "de-an.pdf", samples.small_pdf()))
    cut = _cut_first(page)
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    assert cut == ["aborted"]
    expect(page.locator("#documents a[download]")).to_have_text(["de-an.pdf"])
    assert code_of(page) == "H51.02-261123-0001"


def _cut_first(page: Page) -> list[str]:
    cut: list[str] = []

    def handle(route: Any) -> None:
        if cut:
            route.continue_()
        else:
            cut.append("aborted")
            route.abort("connectionreset")

    page.route("**/api/v1/uploads/*", handle)
    return cut


def test_what_was_wrong_before_is_gone_once_the_dossier_stands(house: House, tmp_path: Path) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-request_letter")
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.get_by_role("alert")).to_contain_text("bản quét có thể tải lên sau; hoặc chọn “Ghi nhận để kiểm tra”")
    page.set_input_files("[name='file.plan']", scan(tmp_path, "hong.pdf", samples.truncated(samples.pdf())))
    expect(page.locator("[data-paper=plan] .files")).to_contain_text(" kB")
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.locator("[data-told]")).to_contain_text("Hồ sơ đã được ghi nhận")
    expect(page.locator("#errors")).to_have_count(0)


def test_the_fee_stays_on_the_dossier_and_its_receipt_with_who_pays_less(house: House) -> None:
    business = {"business_name": "Quán Sóc Kha", "business_address": "Số 5 đường Hùng Vương", "fee_group": "none",
                "business_line": "Ăn uống", "capital": 50_000_000, "family_members": 1}
    journey = Journey(house.office, house.cast, house.at(9))
    page = house.person("H51.21/mot-cua:receptionist")
    code = journey.receive("household_business", desk="H51.21/mot-cua", facts=business, channel="online").code
    page.goto(f"/dossiers/{code}")
    expect(page.locator("[aria-labelledby=asked]")).to_contain_text("50.000 đ (thay cho 100.000 đ: Nộp trực tuyến)")
    page.goto(f"/dossiers/{code}/receipt")
    expect(page.locator(".receipt")).to_contain_text("50.000 đ (giảm từ 100.000 đ: Nộp trực tuyến)")
    expect(page.locator(".receipt")).to_contain_text("Cộng: 50.000 đ")


def _dossiers(house: House) -> int:
    return int(house.office.db.value("select count(*) from dossier"))


def test_a_form_larger_than_any_is_answered_with_a_page(house: House) -> None:
    answer = httpx.post(f"{house.address}{FORM}", files={"file.plan": ("lon.pdf", bytes(27 * 1024 * 1024))})
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "Quá lớn" in answer.text

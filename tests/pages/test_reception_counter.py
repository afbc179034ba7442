"""The counter's own ways: a minute by keyboard, cards, scanners, drafts, the same form sent twice."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from io import BytesIO

import pytest
from playwright.sync_api import expect

from engine import documents, timekeeper
from engine.documents import Upload
from engine.seed import DEMO_PASSWORD
from storage import reception
from storage.spool import in_pieces
from tests import samples
from tests.journey import Journey
from tests.pages.counter import BUSINESS, CARD, WARD, Keys, saved, typed
from tests.pages.house import House, code_of, press
from tests.pages.looks import faults, too_wide
from tests.pages.test_reception import CHOICES, DESK, FORM, TEXTS, fill


def dossiers(house: House) -> int:
    return int(house.office.db.value("select count(*) from dossier"))


def kept(house: House) -> int:
    return int(house.office.db.value("select count(*) from reception_draft"))


def test_a_dossier_is_received_in_less_than_a_minute_of_keys(house: House) -> None:
    """From the list of procedures to the receipt; the card reader types by itself."""
    page = house.person(WARD)
    keys = Keys(page)
    page.goto("/")
    keys.press("2")
    page.wait_for_url("**/receive")
    expect(page.get_by_label("Tên, mã, lĩnh vực")).to_be_focused()
    keys.type("sao y")
    keys.press("Enter")
    expect(page.locator("#results a").first).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/receive/certified_copies")
    page.locator("[name='applicant.name']").focus()
    typed(page, CARD)
    expect(page.locator("#known")).to_contain_text("Đã đọc thẻ căn cước")
    keys.type("0900000002")
    for _ in range(80):
        keys.press("Enter")
        at = page.evaluate("[document.activeElement.name, document.activeElement.type]")
        if str(at[0]).startswith("facts."):
            keys.type("3") if at[1] == "text" else keys.press("Space")
        if at[0] == "paper":
            keys.press("Space")
        if at[0] in ("channel", "accept"):
            break
    keys.press("Control+Enter")
    page.wait_for_url("**/dossiers/**")
    assert dossiers(house) == 1
    assert keys.pressed <= 120, keys.pressed


def test_procedures_are_found_while_typing_and_chosen_with_arrows(house: House) -> None:
    page = house.person(DESK)
    page.goto("/receive")
    expect(page.locator("#usual")).to_have_count(0)
    page.keyboard.type("hoi thao")
    # the list of the last letter: it would take the focus away
    expect(page).to_have_url(re.compile("search=hoi.thao$"))
    expect(page.locator("#results .papers a")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#results .papers a").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Tên, mã, lĩnh vực")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#results .papers a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/receive/conference_*")


def test_a_card_fills_the_applicant_and_is_checked(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    page.locator("[name='applicant.id_number']").focus()
    typed(page, CARD.replace("|Nữ|", "|Nam|").replace("12041988", "12041990"))
    expect(page.locator("#known")).to_contain_text("số cho năm sinh 1988, thẻ ghi 1990")
    expect(page.locator("#known")).to_contain_text("không hợp với giới tính “Nam”")
    expect(page.locator("[name='applicant.name']")).to_have_value("Sơn Thị Sóc Phia")
    expect(page.locator("[name='applicant.id_number']")).to_have_value("094188000002")
    expect(page.locator("[name='applicant.address']")).to_have_value("Ấp Phước Hòa, xã Mỹ Xuyên")
    assert page.url.endswith(FORM) or "draft=" in page.url
    assert dossiers(house) == 0


def test_without_javascript_a_scanner_never_sends_and_the_server_reads_the_card(house: House) -> None:
    page = house.person(DESK, java_script_enabled=False)
    page.goto(FORM)
    page.locator("[name='subject']").focus()
    typed(page, CARD)
    page.wait_for_url("**/preview")
    expect(page.locator("[name='applicant.name']")).to_have_value("Sơn Thị Sóc Phia")
    expect(page.locator("[name='subject']")).to_have_value("")
    assert dossiers(house) == 0


def test_earlier_dossiers_of_the_same_person_are_offered(house: House) -> None:
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=3))
    code = journey.receive().code
    page = house.person(DESK)
    page.goto(FORM)
    page.fill("[name='applicant.id_number']", "094000000001")
    page.keyboard.press("Tab")
    expect(page.locator("#known").get_by_role("link", name=code)).to_be_visible()
    page.get_by_role("button", name="Dùng liên hệ này").click()
    expect(page.locator("[name='applicant.phone']")).to_have_value("0900000001")
    assert faults(house, page, "reception-known") == []


def test_a_form_survives_a_power_cut_and_is_its_writers_own(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    page.check("#paper-plan")
    page.fill("[name='later.plan']", "máy quét đang hỏng")
    saved(page)
    page.context.close()

    page = house.person(DESK)
    page.goto("/receive")
    assert faults(house, page, "reception-drafts") == []
    page.get_by_role("link", name=TEXTS["applicant.name"]).click()
    expect(page.locator("[name='facts.topic']")).to_have_value("Lúa thơm ST")
    expect(page.locator("#paper-plan")).to_be_checked()
    expect(page.locator("[name='later.plan']")).to_have_value("máy quét đang hỏng")
    address = page.url
    stranger = house.person(f"{DESK}#1")
    stranger.goto("/receive")
    expect(stranger.locator("#drafts")).to_have_count(0)
    stranger.goto(address)
    expect(stranger.locator("[name='facts.topic']")).to_have_value("")

    page.check("#paper-request_letter")
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    assert kept(house) == 0
    (row,) = [row for row in house.office.db.value(
        "select json_agg(d) from document d where component = 'plan'")]
    assert (row["reason"], row["copies"]) == ("máy quét đang hỏng", 1)
    page.goto(address)
    page.wait_for_url(f"**/dossiers/{code_of(page)}")


def test_a_draft_is_kept_without_javascript_and_thrown_away(house: House) -> None:
    page = house.person(DESK, java_script_enabled=False)
    page.goto(FORM)
    page.fill("[name='applicant.name']", "Thạch Sóc Kha")
    press(page, "Lưu nháp")
    page.wait_for_url("**/receive?did=draft")
    page.get_by_role("button", name="Bỏ bản nháp: Thạch Sóc Kha").click()
    page.wait_for_url("**did=discard")
    assert kept(house) == 0


def test_old_drafts_are_swept(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    page.fill("[name='applicant.name']", "Kim Sa Rinh")
    saved(page)
    assert reception.sweep(house.office.db, timekeeper.now() + timedelta(days=6)) == 0
    assert reception.sweep(house.office.db, timekeeper.now() + timedelta(days=8)) == 1


def test_a_double_click_the_back_button_and_two_tabs_make_one_dossier(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Tiếp nhận, hẹn trả").dblclick()
    page.wait_for_url("**/dossiers/**")
    code = code_of(page)
    press(other, "Tiếp nhận, hẹn trả")
    other.wait_for_url("**/dossiers/**")
    assert (code_of(other), dossiers(house)) == (code, 1)
    page.go_back()
    if "/receive/" in page.url:
        press(page, "Tiếp nhận, hẹn trả")
        page.wait_for_url("**/dossiers/**")
    assert dossiers(house) == 1


def test_what_was_received_and_then_changed_is_another_dossier_only_when_sent_again(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    other.fill("[name='applicant.name']", "Lâm Hoàng Phúc")
    press(other, "Tiếp nhận, hẹn trả")
    expect(other.get_by_role("alert")).to_contain_text(f"đã được tiếp nhận thành hồ sơ {code_of(page)}")
    assert dossiers(house) == 1
    press(other, "Tiếp nhận, hẹn trả")
    other.wait_for_url("**/dossiers/**")
    assert dossiers(house) == 2


def test_pasted_rich_text_and_stacked_marks_become_plain_composed_letters(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    name = "Nguyễn Thị Bích Ngọc"
    page.fill("[name='applicant.name']", unicodedata.normalize("NFD", name))
    page.locator("[name='subject']").focus()
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.setData("text/html", "<b>Hội&nbsp;thảo</b><br>lúa\\u200b thơm");
      data.setData("text/plain", "Hội\\u00a0thảo lúa\\u200b thơm");
      const field = document.activeElement;
      if (field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })))
        document.execCommand("insertText", false, data.getData("text/plain"));
    }""")
    for component in ("request_letter", "plan"):
        page.check(f"#paper-{component}")
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/dossiers/**")
    stored = house.office.db.value(
        "select p.name || '|' || d.subject from applicant p join dossier d on d.id = p.dossier_id")
    assert stored == f"{name}|Hội thảo lúa thơm"


@pytest.mark.parametrize("width", [320, 390])
def test_reception_fits_a_telephone(house: House, width: int) -> None:
    page = house.person(DESK, width=width, height=800)
    found = []
    for name, address in (("choose", "/receive"), ("form", FORM)):
        page.goto(address)
        found += too_wide(house, page, f"reception-{name}-{width}", width)
    assert found == []


def test_every_choice_of_the_form_is_said(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    assert faults(house, page, "reception-form") == []
    assert set(CHOICES) <= {field.get_attribute("name") for field in page.locator("input[type=radio]").all()}


def test_a_paper_that_was_digitised_before_is_used_again(house: House) -> None:
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=3))
    first = journey.receive("household_business", desk="H51.21/mot-cua", facts=BUSINESS).code
    told = Upload(code=first, component="identity", name="căn cước.pdf", declared_type="application/pdf",
                  actor=house.cast[WARD], key="first-scan")
    documents.attach(house.office, told, in_pieces(BytesIO(samples.pdf())), journey.now)
    page = house.person(WARD)
    page.goto("/receive/civil_status_extract")
    page.fill("[name='applicant.name']", "Nguyễn Thị Bích Ngọc")
    page.fill("[name='applicant.id_number']", "094000000001")
    page.keyboard.press("Tab")
    page.get_by_role("checkbox", name="căn cước.pdf").check()
    page.wait_for_timeout(600)
    expect(page.get_by_role("checkbox", name="căn cước.pdf")).to_be_checked()
    assert faults(house, page, "reception-reuse") == []
    page.check("[name='facts.event'][value=birth]")
    page.fill("[name='facts.person_name']", "Nguyễn Thị Bích Ngọc")
    page.fill("[name='facts.registered_at']", "UBND phường Sóc Trăng")
    page.fill("[name='facts.copies']", "2")
    press(page, "Ghi nhận để kiểm tra")
    page.wait_for_url("**/dossiers/**")
    row = house.office.db.value("select to_json(f) from document f join dossier d on d.id = f.dossier_id "
                                "where d.code = %s and f.component = 'identity'", (code_of(page),))
    assert row["reused_from"] is not None


def test_a_session_that_ends_over_the_form_loses_nothing(house: House) -> None:
    page = house.person(DESK)
    page.goto(FORM)
    fill(page)
    saved(page)
    with house.office.db.connection() as connection:
        connection.execute(b"delete from session")
    page.fill("[name='subject']", "Gõ sau khi hết phiên")
    expect(page.locator("[data-draft]")).to_contain_text("Phiên làm việc đã kết thúc")
    press(page, "Lưu nháp")
    page.fill("[name=login]", house.cast.member(DESK).login)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.wait_for_url("**/receive?did=draft")
    page.get_by_role("link", name=TEXTS["applicant.name"]).click()
    expect(page.locator("[name='subject']")).to_have_value("Gõ sau khi hết phiên")
    expect(page.locator("[name='facts.topic']")).to_have_value("Lúa thơm ST")
    assert dossiers(house) == 0

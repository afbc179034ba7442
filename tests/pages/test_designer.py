"""The designer in the browser: with the keyboard alone, two at once, hostile words, for every eye."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.casework.orders import Actor
from engine.designing import drafts
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import MONDAY
from tests.pages.designing import define_six_steps
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

LOGIN = "select login from person where id = %s"


@pytest.fixture
def logins(house: House, fresh: Fresh) -> tuple[str, str]:
    """Two administrators."""
    first, second = administrators(house.office, fresh)
    return house.office.db.value(LOGIN, (first.id,)), house.office.db.value(LOGIN, (second.id,))


def writer(house: House, login: str, **options: object) -> Page:
    page = house.page(**options)
    house.sign_in(page, login)
    return page


def test_a_procedure_of_six_steps_is_written_with_the_keyboard_alone(house: House, logins: tuple[str, str]) -> None:
    page = writer(house, logins[0])
    address = define_six_steps(page)
    expect(page.get_by_role("status").last).to_contain_text("Bản thảo đã đầy đủ")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cấp phép đào đường đô thị")
    house.shot(page, "designer-whole")
    by = Actor(id=house.office.db.value("select created_by from procedure_draft"), name="")
    draft = drafts.open_for(house.office, by, int(address.rsplit("/", 1)[1]), MONDAY)
    assert draft.faults == ()
    assert draft.declaration is not None
    assert [key for _, key, _ in draft.declaration.machine.steps()] == [
        "kiem_tra_ho_so", "tham_dinh", "y_kien_cong_an", "y_kien_ve_nong_nghiep", "tong_hop", "ky_giay_phep",
        "tra_giay_phep"]
    page.goto(f"{address}/steps")
    expect(page.locator("main")).to_contain_text("khi độ sâu đào (cm) lớn hơn 100")
    house.shot(page, "designer-steps")
    expect(page.locator("svg.diagram")).to_contain_text("Thẩm định")


@pytest.fixture
def begun(house: House, logins: tuple[str, str]) -> tuple[Page, str]:
    """A draft that is a copy of a procedure in force, and whoever made it at its page."""
    page = writer(house, logins[0])
    page.goto("/procedures/drafts/new")
    _copy(page)
    return page, page.url.split("?")[0]


def _copy(page: Page) -> None:
    value = page.locator("#version option", has_text="Cho phép tổ chức hội nghị").first.get_attribute("value")
    page.select_option("#version", value)
    press(page, "Bắt đầu soạn")
    expect(page.get_by_role("alert")).to_contain_text("phiên bản mới của thủ tục đó, hay một thủ tục khác")
    page.check("[name=made][value=next]")
    press(page, "Bắt đầu soạn")


def test_a_form_that_was_saved_says_what_is_missing_with_links_to_the_fields(
        house: House, logins: tuple[str, str]) -> None:
    page = writer(house, logins[0], java_script_enabled=False)
    page.goto("/procedures/drafts/new")
    press(page, "Bắt đầu soạn")
    expect(page.get_by_role("alert")).to_contain_text("Chưa có tên thủ tục")
    page.fill("[name='name.vi']", "Cấp lại biển số nhà")
    press(page, "Bắt đầu soạn")
    expect(page.get_by_role("status")).to_contain_text("Đã tạo bản thảo")
    missing = page.locator("section", has=page.locator("#missing"))
    expect(missing).to_contain_text("Thông tin chung: thiếu tên tiếng Anh")
    expect(missing).to_contain_text("giai đoạn Giải quyết chưa có bước nào")
    missing.get_by_role("link", name="thiếu tên tiếng Anh").first.click()
    field = page.locator("[name='name.en']")
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    expect(page.locator(".hint", has_text="Phần này cần")).to_contain_text("thiếu tên lĩnh vực tiếng Việt")
    page.fill("[name='codes.0.code']", "1.23")
    press(page, "Lưu")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = str(field.get_attribute("aria-describedby"))
    expect(page.locator(f"#{described}")).to_contain_text("Thiếu tên tiếng Anh")
    field.fill("House number sign")
    press(page, "Lưu")
    expect(page.get_by_role("status")).to_have_text("Đã lưu.")
    expect(page.locator("#codes-0-code-wrong")).to_contain_text("1.001193")
    expect(page.locator("[name='codes.0.code']")).to_have_value("1.23")


def test_rows_are_moved_with_buttons_and_the_focus_goes_with_them(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/facts")
    before = page.locator("tbody a[data-row]").all_inner_texts()
    page.get_by_role("button", name=f"Đưa xuống: {before[0]}").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("tbody a[data-row]").all_inner_texts()[:2] == [before[1], before[0]]
    expect(page.locator("tr:focus")).to_contain_text(before[0])
    page.keyboard.press("Tab")
    expect(page.locator("tr:focus-within a[data-row]")).to_have_text(before[0])


def test_what_is_in_use_is_not_removed_and_a_new_id_goes_everywhere(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/facts?edit=facts.foreign_guests")
    press(page, "Bỏ: Số khách nước ngoài")
    expect(page.get_by_role("alert")).to_contain_text("Ý kiến Công an tỉnh")
    page.locator("summary", has_text="Mã trong hệ thống").click()
    for wanted in ("open", "Khách", "a__b"):
        page.fill("[name=key]", wanted)
        press(page, "Đổi mã")
        expect(page.get_by_role("alert")).to_be_visible()
        page.locator("details", has=page.locator("[name=key]")).evaluate("part => (part.open = true)")
    page.fill("[name=key]", "khach_nuoc_ngoai")
    press(page, "Đổi mã")
    page.goto(address)
    expect(page.get_by_role("status").last).to_contain_text("Bản thảo đã đầy đủ")
    page.goto(f"{address}/facts?edit=facts.khach_nuoc_ngoai")
    expect(page.locator("[name='label.vi']")).to_have_value("Số khách nước ngoài")


def test_two_administrators_at_once(house: House, begun: tuple[Page, str], logins: tuple[str, str]) -> None:
    page, address = begun
    other = writer(house, logins[1])
    for window in (page, other):
        window.goto(f"{address}/results?add=1")
    other.fill("[name='name.vi']", "Bản sao")
    other.fill("[name='name.en']", "Copy")
    press(other, "Lưu")
    page.fill("[name='name.vi']", "Giấy phép")
    page.fill("[name='name.en']", "Permit")
    press(page, "Lưu")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Có người vừa sửa trước bạn")
    expect(alert).to_contain_text("Thêm trong “Kết quả”: “Bản sao”")
    expect(page.locator("[name='name.vi']")).to_have_value("Giấy phép")
    house.shot(page, "designer-stale")
    press(page, "Lưu")
    expect(page.locator("tbody")).to_contain_text("Bản sao")
    expect(page.locator("tbody")).to_contain_text("Giấy phép")


HOSTILE = "</td><script>document.title='x'</script>\"'{{7*7}}"


def test_markup_and_programs_are_shown_as_words(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/steps?add=processing")
    page.fill("[name='name.vi']", HOSTILE)
    page.fill("[name='name.en']", HOSTILE)
    page.locator("[name='when.text']").evaluate("field => { field.closest('details').open = true }")
    page.fill("[name='when.text']", "__import__('os').system('x') or topic.x")
    press(page, "Lưu")
    for path in ("", "/steps"):
        page.goto(f"{address}{path}")
        expect(page.locator("main")).to_contain_text("</td><script>")
        assert page.title().startswith(("Bản thảo", "Các bước"))
        assert page.locator("main script").count() == 0
    page.get_by_role("link", name="không được dùng").first.click()
    expect(page.locator("#when-wrong")).to_contain_text("chỉ dùng tên dữ kiện")
    expect(page.locator("[name='when.text']")).to_have_value("__import__('os').system('x') or topic.x")
    key = page.locator("main [name=form_key]").first.input_value()
    long = " or ".join(["foreign_guests > 0"] * 20_000)
    fields = {"form_key": key, "seen_version": page.locator("main [name=seen_version]").first.input_value(),
              "message.vi": "x", "message.en": "x", "basis": "x", "when.text": long}
    answer = page.request.post(f"{address}/checks", form=fields)
    assert answer.status == 200
    page.goto(address)
    expect(page.locator("main")).to_contain_text("dài quá 500 ký tự")


def test_an_answer_that_cannot_be_is_refused_at_its_condition(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/documents?add=1")
    page.fill("[name='name.vi']", "Văn bản đồng ý")
    page.select_option("[name='when.0.fact']", label="Số khách nước ngoài")
    page.fill("[name='when.0.value']", "50 m2")
    press(page, "Lưu")
    expect(page.locator("#when-wrong")).to_contain_text("cần một số nguyên, chỉ ghi chữ số, không phải “50 m2”")
    expect(page.locator("[name='when.0.value']")).to_have_value("50 m2")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/limits")
    page.fill("[name='limit.0.amount']", "mười")
    press(page, "Lưu")
    expect(page.locator("#limit-wrong")).to_contain_text("Ghi số nguyên từ 1 đến 9999")
    expect(page.locator("[name='limit.0.amount']")).to_have_value("mười")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(1)


def test_an_address_that_only_takes_forms_leads_to_the_page_of_its_form(
        house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    for path, form in (("/publish", "/check"), ("/discard", ""), ("/steps/move", "/steps"),
                       ("/facts/remove", "/facts")):
        page.goto(f"{address}{path}")
        assert page.url == f"{address}{form}"


def test_what_was_typed_is_not_left_behind_without_a_question(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/results?add=1")
    page.fill("[name='name.vi']", "Giấy phép")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Các bước", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Các bước")
    assert asked == ["beforeunload"]


def test_conditions_are_built_from_rows_and_read_as_sentences(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/documents?add=1")
    page.fill("[name='name.vi']", "Văn bản đồng ý của Bộ")
    page.fill("[name='name.en']", "Consent of the ministry")
    page.select_option("[name='when.0.fact']", label="Số khách nước ngoài")
    page.select_option("[name='when.0.compared']", label="từ … trở lên")
    page.fill("[name='when.0.value']", "50")
    page.select_option("[name='when.1.fact']", label="Lĩnh vực của nội dung")
    page.fill("[name='when.1.value']", "Khoa học, công nghệ")
    press(page, "Lưu")
    row = page.locator("tr:focus")
    expect(row).to_contain_text("khi số khách nước ngoài từ 50 trở lên và lĩnh vực của nội dung là "
                                "“Khoa học, công nghệ”")
    row.get_by_role("link").click()
    expect(page.locator("[name='when.1.value']")).to_have_value("Khoa học, công nghệ")
    expect(page.locator("[name='when.text']")).to_have_value("foreign_guests >= 50 and topic_field == 'science'")


def test_only_administrators_write(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    path = address.removeprefix(house.address)
    key = page.locator("main [name=form_key]").first.input_value()
    head = house.person("H51.01/lanh-dao:head")
    head.goto(path)
    expect(head.get_by_role("heading", level=1)).to_contain_text("Cho phép tổ chức hội nghị")
    expect(head.get_by_text("Hủy bản thảo")).to_have_count(0)
    for part in ("head", "facts", "steps", "switches", "facts?edit=facts.topic"):
        head.goto(f"{path}/{part}")
        expect(head.locator("main button")).to_have_count(0)
    key = head.locator("header [name=form_key]").first.input_value()
    for part in ("head", "facts", "facts/remove", "steps", "steps/move", "discard"):
        form = {"form_key": key, "seen_version": "1", "at": "", "add": "processing", "name.vi": "x", "label.vi": "x",
                "move": "machine.processing.examining:up"}
        if part == "facts/remove":
            form["at"] = "facts.topic"
        assert head.request.post(f"{path}/{part}", form=form).status == 403, part
    assert head.request.get("/procedures/drafts/new").status == 403
    clerk = house.person("H51.02/tiep-nhan:receptionist")
    for part in ("", "/steps", "/facts"):
        assert clerk.request.get(f"{path}{part}").status == 404
    for odd in ("/procedures/drafts/0", "/procedures/drafts/99999999999", "/procedures/drafts/x", f"{path}/nothing",
                f"{path}/steps?edit=machine.processing.nobody", f"{path}/facts?edit=facts.topic.label"):
        assert page.request.get(odd).status in (404, 200), odd
    assert house.office.db.value("select version from procedure_draft") == 1


def test_a_draft_is_given_up_only_after_a_second_question(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(address)
    page.get_by_text("Hủy bản thảo này").click()
    press(page, "Đồng ý hủy")
    expect(page.get_by_role("status")).to_have_text("Đã hủy bản thảo.")
    assert house.office.db.value("select state from procedure_draft") == "discarded"


def looks(page: Page, address: str) -> Iterator[str]:
    """Every page of the designer, forms open, details unfolded."""
    for path in ("", "/head", "/facts", "/facts?edit=facts.topic_field", "/documents?add=1", "/checks?edit=checks.0",
                 "/fees", "/limits", "/cases", "/results", "/obligations", "/parties", "/steps", "/steps?add=signing",
                 "/steps?add=group", "/steps?edit=machine.processing.consulting.parallel.police", "/transitions",
                 "/switches"):
        page.goto(f"{address}{path}")
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        yield path or "whole"
    page.goto("/procedures/drafts/new")
    yield "new"
    page.goto(f"{address}/steps?add=processing")
    page.fill("[name='name.vi']", "Bước còn thiếu")
    with page.expect_navigation():
        page.locator("form[data-main] .buttons button").first.click()
    page.goto(address)
    yield "missing"
    page.locator("section", has=page.locator("#missing")).get_by_role("link").first.click()
    yield "faulty"


def test_axe_finds_nothing_in_light_and_in_dark(house: House, logins: tuple[str, str]) -> None:
    page = writer(house, logins[0], bypass_csp=True)
    page.goto("/procedures/drafts/new")
    _copy(page)
    assert [fault for name in looks(page, page.url.split("?")[0]) for fault in faults(house, page, _file(name))] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, logins: tuple[str, str]) -> None:
    page = writer(house, logins[0], width=320, height=640)
    page.goto("/procedures/drafts/new")
    _copy(page)
    assert [wide for name in looks(page, page.url.split("?")[0]) for wide in too_wide(house, page, _file(name))] == []


def _file(name: str) -> str:
    return f"designer-{name.strip('/').replace('/', '-').replace('?', '-')[:40]}"


def test_english_pages_have_no_vietnamese_words_of_ours(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    press(page, "English")
    for name in looks(page, address):
        for words in ("Thêm", "Lưu", "Chỉ khi", "bắt buộc", "Bước", "Thời hạn", "khi ", "Chọn"):
            said = page.locator("main").inner_text().replace("Bước còn thiếu", "")
            assert words not in said, (name, words)


def test_forty_steps_are_drawn_at_once(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    places = {f"s{at}": {"name": {"vi": f"Bước {at}", "en": f"Step {at}"}, "party": "lead", "role": "officer",
                         "when": "foreign_guests > 0"} for at in range(40)}
    content = json.loads(house.office.db.value("select content from procedure_draft"))
    content["machine"]["processing"] |= places
    with house.office.db.connection() as connection:
        connection.execute(b"update procedure_draft set content = %s", (json.dumps(content),))
    started = time.process_time()
    assert page.request.get(f"{address}/steps").status == 200
    assert time.process_time() - started < 20.0


def test_exceptions_quorums_and_new_functions_need_no_ids(house: House, begun: tuple[Page, str]) -> None:
    page, address = begun
    page.goto(f"{address}/transitions?add=1")
    page.select_option("[name=from]", label="Tổng hợp ý kiến, dự thảo văn bản trả lời")
    page.fill("[name='name.vi']", "Hỏi lại các cơ quan")
    page.fill("[name='name.en']", "Ask again")
    page.select_option("[name=to]", label="Lấy ý kiến các cơ quan")
    page.check("[name=reason]")
    press(page, "Lưu")
    expect(page.locator("tr:focus")).to_contain_text(
        "Khi ở bước “Tổng hợp ý kiến, dự thảo văn bản trả lời”, việc “Hỏi lại các cơ quan” "
        "dẫn đến “Lấy ý kiến các cơ quan”")
    page.goto(f"{address}/steps?edit=machine.processing.consulting")
    page.select_option("[name=join]", "at_least")
    press(page, "Lưu")
    page.get_by_role("link", name="Lấy ý kiến các cơ quan").first.click()
    expect(page.locator("#at_least-wrong")).to_contain_text("Chưa ghi cần bao nhiêu ý kiến")
    page.fill("[name=at_least]", "2")
    press(page, "Lưu")
    expect(page.locator("tr:focus")).to_contain_text("cần ít nhất 2 ý kiến")
    page.goto(f"{address}/steps?add=branch:consulting")
    page.fill("[name='name.vi']", "Ý kiến Hội nghề nghiệp")
    page.fill("[name='name.en']", "Opinion of the association")
    page.select_option("[name=role]", "officer")
    page.locator("summary", has_text="Chi tiết khác").click()
    page.fill("[name='new_party.vi']", "Hội nghề nghiệp")
    page.fill("[name='new_party.en']", "Professional association")
    press(page, "Lưu")
    expect(page.locator("tr:focus")).to_contain_text("Hội nghề nghiệp · Chuyên viên")
    page.goto(address)
    expect(page.get_by_role("status").last).to_contain_text("Bản thảo đã đầy đủ")
    page.get_by_role("link", name="Sao thành bản thảo khác").click()
    page.check("[name=made][value=other]")
    page.fill("[name='name.vi']", "Thủ tục khác")
    press(page, "Bắt đầu soạn")
    expect(page.get_by_role("alert")).to_contain_text("Ghi tên tiếng Anh của thủ tục mới")
    page.fill("[name='name.en']", "Another procedure")
    press(page, "Bắt đầu soạn")
    expect(page.locator("main")).to_contain_text("thu_tuc_khac")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thủ tục khác")
    expect(page.locator("main")).to_contain_text("Hỏi lại các cơ quan")

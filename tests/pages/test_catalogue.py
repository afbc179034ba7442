"""The catalogue in the browser: found, read, checked, published by a second person, compared, taken out and in."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing import drafts
from engine.designing.drafts import Beginning, Draft, Edit
from procedures.bpmn import export
from procedures.declaration import Text, canonical, load_library, parse
from tests.casework.publishing import COPIES
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import MONDAY, Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

KEY = "conference_permit_local"
LIBRARY = load_library()
FIRST = LIBRARY[KEY].version
HEAD = "H51.03/chuyen-mon:head"
TODAY = MONDAY.astimezone(ZONE).date()


@pytest.fixture
def people(house: House, fresh: Fresh) -> tuple[Actor, Actor]:
    return administrators(house.office, fresh)


def at(house: House, person: Actor, **options: Any) -> Page:
    page = house.page(**options)
    house.sign_in(page, house.office.db.value("select login from person where id = %s", (person.id,)))
    return page


def drafted(house: House, writer: Actor, **change: Any) -> Draft:
    version = house.office.db.value("select id from procedure_version where procedure = %s", (KEY,))
    made = drafts.create(house.office, writer, Beginning(version_id=version), MONDAY)
    if not change:
        return made

    def apply(data: dict[str, Any]) -> str:
        data.update(change)
        return "name"

    return drafts.change(house.office, writer, made.id, 1, Edit(apply, Text(vi="Sửa", en="Changed")), MONDAY)


def test_procedures_are_found_without_accents_by_whoever_may_read_them(
        house: House, journey: Journey, people: tuple[Actor, Actor]) -> None:
    journey.receive()
    page = house.person(HEAD)
    page.get_by_role("link", name="Thủ tục").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thủ tục")
    page.fill("#search", "hoi nghi dia phuong khong thuoc tham quyen")
    page.fill("#search", "khong thuoc tham quyen thu tuong cho phep")
    press(page, "Tìm")
    row = page.locator("tbody tr").filter(has_text=KEY)
    expect(row).to_have_count(1)
    expect(row).to_contain_text(LIBRARY[KEY].name.vi)
    expect(row.locator("td[data-label='Đang mở']")).to_have_text("1")
    expect(page.get_by_role("link", name="Soạn thủ tục mới")).to_have_count(0)
    expect(at(house, people[0]).get_by_role("heading", level=1)).to_have_text("Thủ tục")


def test_a_stranger_finds_no_catalogue(house: House) -> None:
    page = house.person("H51.02/tiep-nhan:receptionist")
    for path in ("", f"/{KEY}", f"/{KEY}/versions/{FIRST}", "/parties", "/parties/centre", "/export.zip",
                 f"/{KEY}/versions/{FIRST}/export.yaml", "/difference?old=v1&new=v2"):
        assert page.request.get(f"/procedures{path}").status == 404, path
    assert page.request.get("/procedures/import").status == 403
    assert page.get_by_role("link", name="Thủ tục").count() == 0


def test_a_version_reads_as_sentences_with_its_picture_and_files(house: House) -> None:
    page = house.person(HEAD)
    page.goto(f"/procedures/{KEY}")
    expect(page.locator(".catalogue-words")).to_contain_text("Người nộp:")
    expect(page.locator("svg.diagram")).to_contain_text("Chỉ khi")
    expect(page.locator("svg.diagram")).not_to_contain_text("foreign_guests")
    page.get_by_role("link", name=f"Phiên bản {FIRST}").click()
    expect(page.get_by_role("heading", name="Ai làm gì, theo thứ tự nào")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Chờ đủ ý kiến của mọi cơ quan được hỏi.")
    expect(page.locator("svg.diagram")).to_be_visible()
    for ending in ("yaml", "bpmn", "scxml"):
        answer = page.request.get(f"/procedures/{KEY}/versions/{FIRST}/export.{ending}")
        assert answer.ok
        assert f'filename="{KEY}-{FIRST}.{ending}"' in answer.headers["content-disposition"]
        assert answer.headers["content-disposition"].startswith("attachment")
    taken = page.request.get(f"/procedures/{KEY}/versions/{FIRST}/export.yaml").text()
    assert canonical(parse(taken, "taken.yaml")) == canonical(LIBRARY[KEY])
    assert json.loads(page.request.get("/procedures/schema.json").text())["title"]
    with zipfile.ZipFile(io.BytesIO(page.request.get(f"/procedures/export.zip?key={KEY}").body())) as packed:
        assert packed.namelist() == [f"{KEY}.yaml"]
    for path in (f"/{KEY}/versions/{FIRST}/export.exe", f"/{KEY}/versions/999", "/nothing_there", "/Bad-Key",
                 "/export.zip?key=nothing_there", "/difference?old=x&new=d1", "/difference?old=v1&new=d999"):
        assert page.request.get(f"/procedures{path}").status == 404, path


def test_a_draft_is_checked_and_published_by_a_second_person(house: House, people: tuple[Actor, Actor]) -> None:
    draft = drafted(house, people[0], limit="25 working days")
    writer = at(house, people[0])
    writer.goto(f"/procedures/drafts/{draft.id}/check")
    expect(writer.locator("main")).to_contain_text("Chưa kiểm tra")
    press(writer, "Kiểm tra")
    expect(writer.get_by_role("status").first).to_contain_text("Đã kiểm tra")
    expect(writer.locator("main")).to_contain_text("Bạn không công bố được bản này")
    expect(writer.get_by_role("button", name="Công bố phiên bản")).to_have_count(0)
    second = at(house, people[1])
    second.get_by_role("link", name="Đã kiểm tra, chờ người khác công bố").click()
    second.get_by_role("link", name="Xem khác gì phiên bản trước").click()
    expect(second.locator(".catalogue-differences")).to_contain_text(
        "Thời hạn giải quyết đổi từ 20 ngày làm việc thành 25 ngày làm việc.")
    second.goto(f"/procedures/drafts/{draft.id}/check")
    expect(second.get_by_role("button", name="Kiểm tra lại")).to_have_count(0)
    press(second, "Công bố phiên bản")
    expect(second.get_by_role("alert").get_by_role("link")).to_have_count(2)
    second.fill("[name=decision_no]", "2345/QĐ-UBND")
    second.fill("[name=valid_from]", "22/11/2026")
    press(second, "Công bố phiên bản")
    expect(second.get_by_role("alert")).to_contain_text("không được ở quá khứ")
    expect(second.locator("[name=decision_no]")).to_have_value("2345/QĐ-UBND")
    second.fill("[name=valid_from]", "24/11/2026")
    press(second, "Công bố phiên bản")
    expect(second).to_have_url(re.compile(f"/procedures/{KEY}/versions/{FIRST + 1}"))
    expect(second.get_by_role("status").first).to_contain_text("Đã công bố")
    expect(second.locator(".head")).to_contain_text(people[1].name)
    second.goto(f"/procedures/{KEY}")
    expect(second.locator("tbody tr")).to_have_count(2)
    expect(second.locator("tbody tr").first).to_contain_text("Sắp áp dụng")
    second.get_by_role("link", name="Chuyển hồ sơ sang phiên bản khác").click()
    expect(second).to_have_url(re.compile(f"/procedures/{KEY}/migrate"))
    expect(second.get_by_role("heading", level=1)).not_to_have_text("Không tìm thấy")


def test_the_writer_cannot_publish_by_sending_the_form_himself(house: House, people: tuple[Actor, Actor]) -> None:
    draft = drafted(house, people[0], limit="25 working days")
    page = at(house, people[0])
    page.goto(f"/procedures/drafts/{draft.id}/check")
    press(page, "Kiểm tra")
    key = page.locator("main [name=form_key]").first.get_attribute("value")
    seen = page.locator("main [name=seen_version]").first.get_attribute("value")
    answer = page.request.post(f"/procedures/drafts/{draft.id}/publish", form={
        "form_key": str(key), "seen_version": str(seen), "decision_no": "1", "valid_from": "24/11/2026"})
    assert answer.status == 403
    assert "Cần một quản trị khác công bố" in answer.text()


def test_what_blocks_publication_leads_to_its_section(house: House, people: tuple[Actor, Actor]) -> None:
    draft = drafted(house, people[0])

    def unbind(data: dict[str, Any]) -> str:
        data["machine"]["processing"]["examining"]["party"] = "nobody_knows"
        data["name"]["en"] = ""
        return "name"

    drafts.change(house.office, people[0], draft.id, 1, Edit(unbind, Text(vi="Sửa", en="Changed")), MONDAY)
    page = at(house, people[0])
    page.goto(f"/procedures/drafts/{draft.id}/check")
    press(page, "Kiểm tra")
    expect(page.get_by_role("heading", name="Phải sửa trước khi công bố (1)")).to_be_visible()
    page.locator(".catalogue-findings.red a").click()
    expect(page).to_have_url(re.compile(f"/procedures/drafts/{draft.id}/head"))
    assert page.request.get(f"/procedures/drafts/{draft.id}/summary").status == 422
    assert page.request.get(f"/procedures/drafts/{draft.id}/export.bpmn").status == 422
    assert "nobody_knows" in page.request.get(f"/procedures/drafts/{draft.id}/export.yaml").text()


def test_a_party_nobody_fills_is_found_and_bound(house: House, people: tuple[Actor, Actor]) -> None:
    draft = drafted(house, people[0])

    def own(data: dict[str, Any]) -> str:
        data["machine"]["processing"]["examining"]["party"] = "fresh_party"
        data["parties"] = {"fresh_party": {"vi": "Vai mới", "en": "New party"}}
        return "name"

    drafts.change(house.office, people[0], draft.id, 1, Edit(own, Text(vi="Sửa", en="Changed")), MONDAY)
    page = at(house, people[0])
    page.goto(f"/procedures/drafts/{draft.id}/check")
    press(page, "Kiểm tra")
    expect(page.locator(".catalogue-findings.red")).to_contain_text("Vai mới")
    page.get_by_role("link", name="Phân công đơn vị fresh_party").click()
    press(page, "Ghi phân công")
    expect(page.get_by_role("alert")).to_be_visible()
    unit = house.cast.unit("H51.01/ngoai-vu")
    page.select_option("[name=unit]", str(unit))
    page.fill("[name=since]", "23/11/2026")
    press(page, "Ghi phân công")
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi phân công")
    expect(page.locator("tbody")).not_to_contain_text("Chưa có")
    page.goto(f"/procedures/drafts/{draft.id}/check")
    press(page, "Kiểm tra lại")
    expect(page.get_by_role("status").first).to_contain_text("Đã kiểm tra")


def test_a_version_is_retired(house: House, people: tuple[Actor, Actor]) -> None:
    page = at(house, people[0])
    page.goto(f"/procedures/{KEY}/versions/{FIRST}")
    page.get_by_text("Ngừng tiếp nhận theo phiên bản này").click()
    press(page, "Ngừng tiếp nhận")
    expect(page.get_by_role("alert")).to_contain_text("Ghi ngày tiếp nhận cuối cùng")
    page.fill("[name=ends]", "22/11/2026")
    press(page, "Ngừng tiếp nhận")
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi ngày ngừng tiếp nhận")
    expect(page.locator(".head")).to_contain_text("Đã kết thúc")
    desk = house.person("H51.02/tiep-nhan:receptionist")
    assert desk.request.get(f"/receive/{KEY}").status == 404


def chosen(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_files_become_drafts_after_a_look(house: House, people: tuple[Actor, Actor], tmp_path: Path) -> None:
    page = at(house, people[0], java_script_enabled=False)
    page.get_by_role("link", name="Nhập từ tệp").click()
    press(page, "Xem trước")
    expect(page.get_by_role("alert")).to_contain_text("Chọn một tệp")
    page.set_input_files("#file", chosen(tmp_path, "a.zip", b"PK nothing"))
    press(page, "Xem trước")
    expect(page.get_by_role("alert")).to_contain_text("tệp nén bị hỏng")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("copies.yaml", COPIES)
        archive.writestr("broken.yaml", COPIES.replace("role: officer", "role: cook", 1))
    page.set_input_files("#file", chosen(tmp_path, "hai.zip", packed.getvalue()))
    press(page, "Xem trước")
    expect(page.locator(".catalogue-items")).to_contain_text("Chứng thực bản sao")
    expect(page.locator(".catalogue-items .refused")).to_contain_text("Dòng 28")
    press(page, "Nhập thành 1 bản thảo")
    expect(page).to_have_url(re.compile(r"/procedures/drafts/\d+/check"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chứng thực bản sao")
    drawn = export(LIBRARY[KEY]).replace(KEY.encode(), b"drawn_permit")
    page.goto("/procedures/import")
    page.set_input_files("#file", chosen(tmp_path, "ve.bpmn", drawn))
    press(page, "Xem trước")
    press(page, "Bỏ tệp này")
    expect(page.locator(".catalogue-items")).to_have_count(0)
    assert house.office.db.value("select count(*) from procedure_draft") == 1


def test_markup_in_a_procedure_is_shown_as_text(house: House, people: tuple[Actor, Actor]) -> None:
    marked = {"vi": "<script>alert(1)</script><b>Đậm</b>", "en": "<script>alert(1)</script>"}
    draft = drafted(house, people[0], name=marked)
    page = at(house, people[0])
    for path in ("check", "summary", "difference"):
        page.goto(f"/procedures/drafts/{draft.id}/{path}")
        assert page.locator("main script, main b").count() == 0
        expect(page.locator("main")).to_contain_text("<script>alert(1)</script>")


def pages(house: House, people: tuple[Actor, Actor], **options: Any) -> Iterator[tuple[str, Page]]:
    """Each page of the catalogue with something on it."""
    drafts.create(house.office, people[0], Beginning(name_vi="Thủ tục dang dở", name_en="Unfinished"), MONDAY)
    draft = drafted(house, people[0], limit="25 working days")
    page = at(house, people[0], **options)
    page.goto(f"/procedures/drafts/{draft.id - 1}/check")
    press(page, "Kiểm tra")
    yield "red", page
    page.goto(f"/procedures/drafts/{draft.id}/check")
    press(page, "Kiểm tra")
    yield "checked", page
    for name, path in (("list", ""), ("coming", "?standing=coming"), ("procedure", f"/{KEY}"),
                       ("version", f"/{KEY}/versions/{FIRST}"), ("summary", f"/drafts/{draft.id}/summary"),
                       ("difference", f"/drafts/{draft.id}/difference"), ("parties", "/parties"),
                       ("party", "/parties/centre"), ("import", "/import")):
        page.goto(f"/procedures{path}")
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        yield name, page
    page.set_input_files("#file", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": COPIES.encode()})
    press(page, "Xem trước")
    yield "preview", page
    second = at(house, people[1], **options)
    second.goto(f"/procedures/drafts/{draft.id}/check")
    press(second, "Công bố phiên bản")
    yield "faults", second


def test_axe_finds_nothing_in_light_and_in_dark(house: House, people: tuple[Actor, Actor]) -> None:
    assert [fault for name, page in pages(house, people, bypass_csp=True)
            for fault in faults(house, page, f"catalogue-{name}")] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, people: tuple[Actor, Actor]) -> None:
    assert [wide for name, page in pages(house, people, width=320, height=640)
            for wide in too_wide(house, page, f"catalogue-{name}")] == []


def test_english_pages_are_english(house: House, people: tuple[Actor, Actor]) -> None:
    page = at(house, people[0])
    press(page, "English")
    for path in ("", "/parties", "/import", f"/{KEY}"):
        page.goto(f"/procedures{path}")
        for words in ("Thủ tục", "Phiên bản", "Bản thảo", "Áp dụng", "Đơn vị"):
            assert words not in page.locator("main").inner_text(), (path, words)


def test_the_whole_of_it_by_keyboard(house: House, people: tuple[Actor, Actor]) -> None:
    draft = drafted(house, people[0], limit="25 working days")
    page = at(house, people[0])
    page.goto(f"/procedures/drafts/{draft.id}/check")
    _tab_to(page, "Kiểm tra")
    page.keyboard.press("Enter")
    page.wait_for_url("**?did=check")
    second = at(house, people[1])
    second.goto(f"/procedures/drafts/{draft.id}/check")
    _tab_to(second, "decision_no")
    second.keyboard.type("9/QĐ-UBND")
    second.keyboard.press("Tab")
    second.keyboard.type(f"{TODAY + timedelta(days=2):%d/%m/%Y}")
    second.keyboard.press("Enter")
    second.wait_for_url("**?did=published")


def _tab_to(page: Page, wanted: str) -> None:
    """The field of that name, or the button that says so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        name, text = page.evaluate("[document.activeElement.name ?? '', document.activeElement.textContent.trim()]")
        if wanted in (name, text):
            return
    raise AssertionError(f"Tab never reaches {wanted}")

"""Work that comes from another installation, and what was sent to one, on the pages of the people at both ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from engine.settings import Settings
from tests import samples
from tests.api.web import serving
from tests.casework.conftest import Start, start
from tests.exchange.pairs import Pair, pair, police_office, police_template
from tests.exchange.test_shadow import THREAD, hear, told
from tests.exchange.test_successor import LEAD, OFFICER, incoming, successor
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

__all__ = ["pair", "police_office", "police_template", "start"]


def looked(house: House, who: str, plain: Page, name: str) -> None:
    """The page that `plain` shows: axe finds nothing in light and dark, and it fits a telephone."""
    page = house.person(who)
    page.goto(plain.url)
    assert faults(house, page, name) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(house, page, name) == []


@pytest.fixture
def police_house(pair: Pair, browser: Browser, home: Path, clock: Path, shots: Path | None) -> Iterator[House]:
    side = pair.police
    with serving(side.office, side.cast, Settings(home=home)) as web:
        open_house = House(web.address, side.office, side.cast, browser, clock=clock, shots=shots)
        try:
            yield open_house
        finally:
            open_house.close()
    assert open_house.complaints == []


def test_the_officer_registers_and_answers_without_a_script_and_the_lead_sees_it(
        pair: Pair, start: Start, police_house: House, house: House) -> None:
    asked = start().go_to("examining")
    asked.do("consult", asked.cast[LEAD])
    asked.attach("other")
    lead = house.person(LEAD, java_script_enabled=False)
    lead.goto("/handoffs")
    assert "đang gửi, chưa có xác nhận" in lead.inner_text("main")
    pair.sync()
    pair.line.pull(pair.police)
    theirs = successor(pair)

    page = police_house.person(OFFICER, java_script_enabled=False)
    page.goto("/handoffs")
    assert theirs.code in page.inner_text("main")
    row = page.get_by_role("row").filter(has_text=theirs.code).inner_text()
    assert "Hệ thống của Văn phòng Ủy ban nhân dân tỉnh và " in row
    assert "soc-trang" not in row
    assert "Ý kiến Công an tỉnh" in row
    assert asked.procedure.declaration.name.vi in row
    assert "Việc do hệ thống khác gửi đến" not in row
    looked(police_house, OFFICER, page, "handoffs-from-elsewhere")
    page.get_by_role("button", name="Ký nhận").click()
    for address in (f"/find?search={asked.code}", "/"):
        page.goto(address)
        row = page.get_by_role("row").filter(has_text=theirs.code).inner_text()
        assert "Ý kiến Công an tỉnh" in row
        assert asked.procedure.declaration.name.vi in row
    assert "theo đề nghị của Phòng Ngoại vụ" in row
    looked(police_house, OFFICER, page, "work-from-elsewhere")
    choices = page.locator(".filters option").all_text_contents()
    assert "Việc do hệ thống khác gửi đến" not in choices
    page.goto("/")
    for label, wanted in (("procedure", asked.procedure.declaration.name.vi), ("step", "Ý kiến Công an tỉnh")):
        page.locator("details.filters").evaluate("one => one.open = true")
        page.select_option(f"#{label}", label=wanted)
    page.locator("form.finder button").click()
    assert theirs.code in page.inner_text("#results")
    assert page.locator("#procedure option:checked").inner_text() == asked.procedure.declaration.name.vi
    page.goto(f"/dossiers/{theirs.code}")
    words = page.inner_text("main")
    assert asked.code in words
    assert "hệ thống khác quản lý" in words
    head = page.inner_text("header.head")
    assert asked.procedure.declaration.name.vi in head
    assert "Phòng Ngoại vụ" in head
    assert "Ý kiến Công an tỉnh" in words
    assert "do Văn phòng Ủy ban nhân dân tỉnh gửi" in page.inner_text("#documents")
    looked(police_house, OFFICER, page, "successor")

    form = page.locator("form[action$='/acts/answer_task']").first
    assert form.get_by_role("checkbox").count() == 0, "what the asker sent is not offered to be sent back"
    assert page.locator("#component option:checked").inner_text() == "Văn bản trả lời"
    form.locator("input[type=file]").set_input_files(
        {"name": "tra-loi.pdf", "mimeType": "application/pdf", "buffer": samples.small_pdf(mark="trả lời")})
    form.locator("button").click()
    assert "Chọn một ý kiến" in page.inner_text("#errors")
    form = page.locator("form[action$='/acts/answer_task']").first
    assert form.get_by_label("tra-loi.pdf").is_checked()
    anew = police_house.person(OFFICER).request.get(f"/dossiers/{theirs.code}").text()
    assert anew.count(" checked> tra-loi.pdf") == 1
    looked(police_house, OFFICER, page, "answer-with-its-letter")
    pair.sync()
    lead.goto("/handoffs/waiting")
    row = lead.get_by_role("row").filter(has_text="hệ thống").inner_text()
    assert all(told in row for told in (asked.code, "Công an tỉnh", "Đã ký nhận", theirs.code))
    form.get_by_label("Đồng ý", exact=True).check()
    form.get_by_label("Nội dung ý kiến").fill("Thống nhất, không vướng mắc")
    form.locator("button").click()
    assert "Đã ghi nhận" in page.inner_text("main")
    assert "Đã trả lời" in page.inner_text("header.head")
    assert "Đã trả kết quả" not in page.inner_text("main")
    page.goto(f"/find?search={asked.code}")
    assert "Đã trả lời" in page.get_by_role("row").filter(has_text=theirs.code).inner_text()
    pair.sync()

    lead.goto(f"/dossiers/{asked.code}")
    words = lead.inner_text("main")
    assert "Thống nhất, không vướng mắc" in words
    assert "tra-loi" in lead.inner_text("#documents")
    assert theirs.code in words
    assert "không trả lời đúng hạn" not in words
    branches = [" ".join(one.split()) for one in lead.locator(".branches li").all_inner_texts()]
    assert [one for one in branches if "Ý kiến Công an tỉnh" in one and "(đã xong) Đồng ý, 23/11/2026" in one], branches
    assert len(branches) == 3
    looked(house, LEAD, lead, "answered-elsewhere")


def test_a_recall_that_was_asked_is_shown_until_it_is_decided_and_after_it_there(
        pair: Pair, start: Start, police_house: House, house: House) -> None:
    asked = start().go_to("examining")
    asked.do("consult", asked.cast[LEAD])
    pair.sync()
    asked.do("recall", asked.cast[LEAD], handoff=asked.asked("H51.05"), reason="Gửi nhầm")

    page = house.person(LEAD, java_script_enabled=False)
    page.goto("/handoffs")
    assert "đã yêu cầu thu hồi, chờ bên nhận" in page.inner_text("main")
    looked(house, LEAD, page, "recall-asked")
    page.goto(f"/dossiers/{asked.code}?did=recall")
    assert "Đã ghi nhận: Yêu cầu bên nhận trả lại hồ sơ đã chuyển" in page.inner_text("main")
    told = page.locator("section[aria-labelledby=where] .tell").filter(has_text="Công an tỉnh").inner_text()
    assert "chờ trả lời" in told
    assert "Lý do: Gửi nhầm." in told
    assert "Có thể: -" not in page.inner_text("main")
    handed = page.locator("section[aria-labelledby=handed] li").filter(has_text="đã yêu cầu thu hồi").inner_text()
    assert " · đã yêu cầu thu hồi" in " ".join(handed.split())
    looked(house, LEAD, page, "recall-asked-dossier")
    pair.sync()
    page.goto("/handoffs")
    assert "đã yêu cầu thu hồi" not in page.inner_text("main")
    assert "Chuyển lại" in page.inner_text("main")

    theirs = successor(pair)
    page = police_house.person(OFFICER, java_script_enabled=False)
    page.goto(f"/dossiers/{theirs.code}")
    assert "Bên gửi đã thu hồi" in page.inner_text("header.head")
    for wrong in ("Xong đúng hạn", "Dừng xử lý", "Bên nhận trả lại"):
        assert wrong not in page.inner_text("main")
    told = page.locator("section[aria-labelledby=where] .tell").inner_text()
    assert told.startswith("Bên gửi đã thu hồi, 23/11/2026")
    assert told.endswith("Lý do: Gửi nhầm")
    looked(police_house, OFFICER, page, "recalled-there")
    page.goto(f"/find?search={asked.code}")
    assert "Kết thúc, không trả lời" in page.get_by_role("row").filter(has_text=theirs.code).inner_text()


def test_a_refusal_stands_where_it_is_decided_with_who_refused_and_why(
        pair: Pair, start: Start, house: House) -> None:
    asked = start().go_to("examining")
    asked.do("consult", asked.cast[LEAD])
    pair.sync()
    theirs = successor(pair)
    theirs.do("refuse_handoff", theirs.cast[OFFICER], handoff=incoming(theirs), reason="Không thuộc thẩm quyền")
    pair.sync()

    page = house.person(LEAD, java_script_enabled=False)
    page.goto(f"/dossiers/{asked.code}")
    told = page.locator("section[aria-labelledby=where] .tell").filter(has_text="Ý kiến Công an tỉnh").inner_text()
    assert "Công an tỉnh không nhận" in told
    assert "Lý do: Không thuộc thẩm quyền." in told
    assert "Phòng Ngoại vụ, Văn phòng Ủy ban nhân dân tỉnh chuyển lại" in told
    form = page.locator("form[action$='/acts/resend']")
    assert "Lý do: Không thuộc thẩm quyền" in form.text_content()
    handed = page.locator("section[aria-labelledby=handed] li").filter(has_text="Nơi nhận từ chối")
    assert "Không thuộc thẩm quyền" in handed.inner_text()
    cannot = page.locator("#acts .cannot").first.inner_text()
    assert "Có thể: chuyển lại hồ sơ." in cannot
    assert "trả lại" not in cannot
    looked(house, LEAD, page, "refused-elsewhere")


def test_a_shadow_is_found_by_the_code_it_has_there_and_offers_nothing(pair: Pair, house: House) -> None:
    hear(pair, told(1))

    page = house.person(LEAD, java_script_enabled=False)
    page.goto(f"/find?search={THREAD}")
    assert "Thạch Thị Mỹ" in page.inner_text("main")
    page.goto(f"/dossiers/{pair.province.rows('select code from dossier')[0]['code']}")
    words = page.inner_text("main")
    assert "Ở đây chỉ xem và trao đổi." in words
    assert THREAD in words
    assert page.locator("#acts form").count() == 0
    looked(house, LEAD, page, "shadow")

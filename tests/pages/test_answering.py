"""Without an account somebody answers by a link; a clerk enters what came back on paper. Keyboard alone, no modules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.answering.reaching import reach
from storage import links
from tests import samples
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.designing import tab_to
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

CULTURE, LEAD = "H51.08", "H51.01/ngoai-vu:officer"


def asked(house: House, way: str) -> Walk:
    """The Department of Culture is asked beside the procedure."""
    reach(house.office, CULTURE, way, "van-thu@vanhoa.example.vn" if way == "mail" else "", "test", timekeeper.now())
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(minutes=30))
    walk = Walk(journey, journey.receive().code)
    journey.register_all(walk.code)
    walk.attach("request_letter", house.cast[LEAD])
    walk.do("consult_further", house.cast[LEAD], words="Cần ý kiến về chuyên môn\nTrả lời bằng văn bản",
            limit="3 ngày làm việc", join="all", units=(house.cast.unit("H51.08/chuyen-mon"),))
    return walk


def handoff(walk: Walk) -> dict[str, object]:
    return next(row for row in walk.handoffs if row["to_agency"] == CULTURE)


def address(walk: Walk) -> str:
    """As the mail has it."""
    told, db = UUID(str(handoff(walk)["id"])), walk.office.db
    return f"/answer/{links.mint(db, told, links.mail_of(db, told), walk.now)}"


def signed(page: Page) -> None:
    page.fill("[name=name]", "Huỳnh Thị Mỹ Duyên")
    page.fill("[name=position]", "Phó Giám đốc")


def test_the_link_is_signed_for_and_answered_without_our_modules_on_a_telephone(house: House, tmp_path: Path) -> None:
    walk = asked(house, "mail")
    path = address(walk)
    paper = tmp_path / "van-ban.pdf"
    paper.write_bytes(samples.pdf())
    page = house.page(java_script_enabled=False, width=320, height=640)

    page.goto(path)
    expect(page.locator("main")).to_contain_text("Cần ý kiến về chuyên môn")
    expect(page.locator("main")).to_contain_text("Nguyễn Thị Bích Ngọc")
    press(page, "Ký nhận")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    signed(page)
    press(page, "Ký nhận")
    expect(page.get_by_role("status")).to_be_visible()
    assert handoff(walk)["state"] == "registered"

    press(page, "Gửi trả lời")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    page.check("[name=verdict][value=conditional]")
    page.fill("[name=words]", "Đồng ý, bổ sung phiên dịch")
    signed(page)
    page.set_input_files("[name=file]", paper)
    press(page, "Gửi trả lời")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã gửi trả lời, xin cảm ơn")
    expect(page.locator("main")).not_to_contain_text("không dùng để trả lời nữa")
    expect(page.locator("main")).to_contain_text("Đồng ý, bổ sung phiên dịch")
    expect(page.locator("main")).not_to_contain_text("Nguyễn Thị Bích Ngọc")
    assert page.locator("main form").count() == 0
    assert walk.of("consultation")[0]["verdict"] == "conditional"
    page.goto(path)
    expect(page.locator("main")).to_contain_text("không dùng để trả lời nữa")


def test_the_link_looks_well_everywhere(house: House) -> None:
    walk = asked(house, "mail")
    path = address(walk)
    page, phone = house.page(), house.page(width=320, height=640)
    for opened, name in ((page, "answer-asked"), (phone, "answer-asked")):
        opened.goto(path)
        assert (too_wide(house, phone, name) if opened is phone else faults(house, page, name)) == []
    press(page, "Ký nhận")
    assert faults(house, page, "answer-faulty") == []
    signed(page)
    press(page, "Ký nhận")
    assert faults(house, page, "answer-taken") == []
    phone.goto(path)
    assert too_wide(house, phone, "answer-taken") == []
    page.check("[name=verdict][value=agree]")
    page.fill("[name=words]", "Đồng ý")
    signed(page)
    press(page, "Gửi trả lời")
    assert faults(house, page, "answer-answered") == []
    phone.goto(path)
    assert too_wide(house, phone, "answer-answered") == []
    assert page.locator("script").count() == 0
    assert "noindex" in str(page.locator("meta[name=robots]").get_attribute("content"))


def test_a_link_that_opens_nothing_says_so_in_both_languages_and_no_more(house: House) -> None:
    walk = asked(house, "mail")
    path = address(walk)
    page = house.page()
    answer = page.goto(path[:-1] + ("x" if path[-1] != "x" else "y"))
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("main")).to_contain_text("Liên kết không dùng được")
    expect(page.locator("main")).to_contain_text("This link does not work")
    assert walk.code not in page.content()
    assert faults(house, page, "answer-wrong") == []

    walk.do("recall", house.cast[LEAD], handoff=handoff(walk)["id"], reason="Gửi nhầm")
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 410
    expect(page.locator("main")).to_contain_text("Đã thu hồi")
    assert walk.code not in page.content()


def test_not_taken_in_by_the_link(house: House) -> None:
    walk = asked(house, "mail")
    page = house.page()
    page.goto(address(walk))
    page.get_by_text("Không nhận hồ sơ này").click()
    press(page, "Không nhận, trả về nơi gửi")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(3)
    page.fill("[name='refuse.name']", "Huỳnh Thị Mỹ Duyên")
    page.fill("[name='refuse.position']", "Phó Giám đốc")
    page.fill("[name='refuse.reason']", "Không thuộc thẩm quyền")
    press(page, "Không nhận, trả về nơi gửi")
    expect(page.locator("main")).to_contain_text("Đã trả về nơi gửi")
    assert handoff(walk)["state"] == "refused"


def test_the_documents_are_read_by_the_link_and_by_nothing_else(house: House) -> None:
    walk = asked(house, "mail")
    path = address(walk)
    page = house.page()
    page.goto(path)
    link = page.locator("a[download]").first
    expect(link).to_be_visible()
    document = str(link.get_attribute("href"))
    wrong = page.request.get(document.replace(path, path[:-1] + ("x" if path[-1] != "x" else "y")))
    assert wrong.status == 404
    walk.do("recall", house.cast[LEAD], handoff=handoff(walk)["id"], reason="Gửi nhầm")
    assert page.request.get(document).status == 404


def test_a_slip_is_printed_scanned_and_entered_with_the_keyboard_alone(house: House) -> None:
    walk = asked(house, "paper")
    slip = f"{walk.code}-H{handoff(walk)['seq']}"
    page = house.person(LEAD)
    page.goto("/answers")
    expect(page.locator("#unprinted")).to_contain_text("(1)")
    counted = page.locator("nav.places [href='/answers'] .count")
    expect(counted).to_have_text("1 phiếu chưa in hoặc thư chưa gửi được")
    assert faults(house, page, "answers-waiting") == []
    with page.expect_response("**/answers/print") as printed:
        page.evaluate("fetch('/answers/print', {method: 'POST', body: new FormData("
                      "document.querySelector('form[action=\"/answers/print\"]'))})")
    assert printed.value.status == 200
    assert printed.value.headers["content-type"] == "application/pdf"
    assert handoff(walk)["state"] == "delivered"
    page.goto("/handoffs")
    expect(page.locator("main")).to_contain_text("Phiếu đã in, chờ ký nhận")

    page.goto("/answers")
    expect(page.locator("#awaited")).to_contain_text("(1)")
    assert faults(house, page, "answers-awaited") == []
    page.get_by_label("Quét mã vạch").focus()
    page.keyboard.type(slip)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/answers/{slip}")
    assert faults(house, page, "answers-slip") == []
    tab_to(page, "event", "answer_consultation")
    page.keyboard.press("Space")
    tab_to(page, "verdict", "agree")
    page.keyboard.press("Space")
    tab_to(page, "words")
    page.keyboard.type("Đồng ý")
    tab_to(page, "name")
    page.keyboard.type("Huỳnh Thị Mỹ Duyên")
    tab_to(page, "position")
    page.keyboard.type("Phó Giám đốc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã ghi nhận trả lời")
    expect(page.locator("main")).to_contain_text("Phiếu này đã được trả lời lúc")
    assert faults(house, page, "answers-answered") == []
    assert walk.of("consultation")[0]["verdict"] == "agree"
    page.goto(f"/answers?slip={slip}")
    expect(page.locator("main")).to_contain_text("Phiếu này đã được trả lời lúc")


@pytest.mark.parametrize("place", ["/answers", "slip"])
def test_the_desk_fits_on_a_telephone_and_works_without_our_modules(house: House, place: str) -> None:
    walk = asked(house, "paper")
    slip = f"{walk.code}-H{handoff(walk)['seq']}"
    page = house.person(LEAD, java_script_enabled=False, width=320, height=640)
    page.goto("/answers" if place == "/answers" else f"/answers/{slip}")
    if place == "slip":
        press(page, "Ghi nhận trả lời")
        expect(page.get_by_role("alert")).to_be_visible()
    house.shot(page, f"phone-{place.strip('/')}")
    assert page.locator("main").bounding_box()["width"] <= 320  # type: ignore[index]


def test_other_units_find_no_slip(house: House) -> None:
    walk = asked(house, "paper")
    slip = f"{walk.code}-H{handoff(walk)['seq']}"
    page = house.person("H51.07/chuyen-mon:officer")
    page.goto(f"/answers?slip={slip}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.request.get(f"/answers/{slip}").status == 404
    for who, many in (("H51.01/kiem-soat-thu-tuc:auditor", 0), (LEAD, 1)):
        page = house.person(who)
        page.goto(f"/dossiers/{walk.code}")
        expect(page.locator(f"a[href='/answers/{slip}']")).to_have_count(many)

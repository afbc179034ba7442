"""Every page, light and dark: no fault axe can find, nothing past the edge of a telephone, light enough to load."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import alarms, timekeeper
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"
OFFICER = "H51.01/ngoai-vu:officer"


@pytest.fixture
def codes(house: House, journey: Journey) -> dict[str, str]:
    """Dossiers at different places: under consultation, waiting to be registered, late, checked at the desk."""
    journey.now -= timedelta(days=40)
    found = {"late": journey.receive().code}
    journey.now += timedelta(days=40)
    found["consulted"] = journey.receive().code
    journey.register_all(found["consulted"])
    journey.do(found["consulted"], "consult", house.cast[OFFICER])
    journey.register_all(found["consulted"])
    journey.do(found["consulted"], "give_opinion", house.cast["H51.05/chuyen-mon:officer"], state="police",
               verdict="disagree", words="Chưa có phương án bảo vệ.")
    found["fresh"] = journey.receive().code
    found["checked"] = journey.receive(accept=False, papers=()).code
    house.at(10, 31)
    house.draw_manifests()
    alarms.sweep(house.office, timekeeper.now())
    return found


def pages(house: House, codes: dict[str, str], **options: Any) -> Iterator[tuple[str, Page]]:
    """Each page as somebody sees it who has use for it."""
    nobody = house.page(**options)
    nobody.goto("/sign-in")
    yield "sign-in", nobody
    desk = house.person(DESK, **options)
    for name, path in (("work", "/"), ("choose", "/receive"), ("form", "/receive/conference_permit_local"),
                       ("handoffs", "/handoffs"), ("notices", "/notices"), ("find", "/find?search=lua+thom"),
                       ("empty", "/?search=xyz"), ("checked", f"/dossiers/{codes['checked']}"),
                       ("receipt", f"/dossiers/{codes['fresh']}/receipt"),
                       ("stranger", "/dossiers/H51.02-261123-9999")):
        desk.goto(path)
        yield name, desk
    desk.goto("/receive/conference_permit_local")
    press(desk, "Tiếp nhận, hẹn trả")
    yield "faults", desk
    officer = house.person(OFFICER, **options)
    for name, path in (("officer", "/"), ("incoming", "/handoffs"), ("consulted", f"/dossiers/{codes['consulted']}"),
                       ("late", f"/dossiers/{codes['late']}")):
        officer.goto(path)
        officer.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        yield name, officer
    courier = house.person("H51.09/giao-nhan:courier", **options)
    yield "runs", courier
    courier.get_by_role("link", name="Mở bảng kê chuyến 2").click()
    yield "manifest", courier


def test_axe_finds_nothing_in_light_and_in_dark(house: House, codes: dict[str, str]) -> None:
    assert [fault for name, page in pages(house, codes, bypass_csp=True)
            for fault in faults(house, page, name)] == []


def test_a_fault_would_be_found_in_either(house: House) -> None:
    page = house.page(bypass_csp=True)
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').innerHTML += "
                  "'<img src=\"data:,\"><p style=\"color: #777; background: #888\">nhạt</p>'")
    assert {fault[1:3] for fault in faults(house, page, "spoilt")} == {
        ("dark", "color-contrast"), ("light", "color-contrast"), ("light", "image-alt")}


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, codes: dict[str, str]) -> None:
    assert [wide for name, page in pages(house, codes, width=320, height=640)
            for wide in too_wide(house, page, name)] == []


def test_english_pages_have_no_vietnamese_left(house: House, codes: dict[str, str]) -> None:
    """What people wrote and what units are called may stay; the words of the pages may not."""
    page = house.person(DESK)
    press(page, "English")
    for path in ("/", "/receive", "/handoffs", "/courier", "/notices", f"/dossiers/{codes['fresh']}"):
        page.goto(path)
        for words in ("Việc", "Hồ sơ đang", "Tiếp nhận", "Giấy tờ", "Thời hạn", "Chuyển giao", "chưa"):
            assert words not in page.locator("main").inner_text(), (path, words)


def test_the_first_page_is_light(house: House) -> None:
    page = house.page()
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}))
    page.goto("/sign-in", wait_until="networkidle")
    assert len(sizes) <= 8
    assert sum(sizes.values()) < 100_000
    assert len({url for url in sizes if url.endswith(".woff2")}) == 2
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'ỡ')")


def test_assets_may_be_kept_for_ever_and_carry_their_content_in_their_address(house: House) -> None:
    page = house.page()
    page.goto("/sign-in")
    address = str(page.locator("link[rel=stylesheet]").get_attribute("href"))
    answer = page.request.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert page.request.get("/static/old/lienthong.css").headers["cache-control"] == "no-cache"


def test_the_receipt_is_one_sheet_of_a5(house: House, codes: dict[str, str]) -> None:
    page = house.person(DESK)
    page.goto(f"/dossiers/{codes['fresh']}/receipt")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 1
    width = 148 / 25.4 * 72
    assert f"{width:.0f}".encode() in paper.replace(b".", b" ")


def test_keys_walk_the_list_and_can_be_turned_off(house: House, codes: dict[str, str]) -> None:
    page = house.person(OFFICER)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tbody tr").first.locator("a[data-row]")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("khong co gi")
    expect(page.get_by_text("Không có việc nào khớp")).to_be_visible()
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.press("Escape")
    press(page, "Tắt phím tắt")
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")


def test_filters_by_due_date(house: House, codes: dict[str, str]) -> None:
    page = house.person(OFFICER)
    page.get_by_role("link", name="Quá hạn").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Quá hạn")
    expect(page.locator("tbody tr")).to_contain_text(codes["late"])


def test_the_bar_says_when_the_clock_is_not_the_real_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    page = house.page()
    page.goto("/sign-in")
    assert "Đồng hồ trình diễn, không phải giờ thật: 23/11/2026 09:0" in page.locator("header.bar").inner_text()
    monkeypatch.setattr(timekeeper, "_path", "")
    page.goto("/sign-in")
    assert "trình diễn" not in page.locator("header.bar").inner_text()

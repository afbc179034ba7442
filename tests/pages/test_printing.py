"""Forms as PDF from the browser: by keyboard, one or many, without a printer; the tracking book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"


@pytest.fixture
def code(house: House, journey: Journey) -> str:
    return journey.receive().code


def test_the_receipt_is_a_pdf_first_and_a_page_still(house: House, code: str) -> None:
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}/receipt")
    link = page.get_by_role("link", name="Mở tệp PDF (A5)")
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="mau-01-{code}.pdf"'
    assert "no-store" in answer.headers["cache-control"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.body().startswith(b"%PDF-1.7")
    expect(page.locator("article.receipt")).to_contain_text(code)
    house.shot(page, "receipt-page")


def test_forms_that_are_there_are_links_and_the_others_say_why(house: House, code: str) -> None:
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}")
    page.get_by_role("link", name="Biểu mẫu, nhãn").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.nth(2)).to_contain_text("Chưa có: chưa có việc từ chối")
    assert page.request.get(f"/dossiers/{code}/forms/3.pdf").status == 404
    for link in page.locator("main a[href*='.pdf']").all():
        assert page.request.get(str(link.get_attribute("href"))).status == 200


def test_strangers_get_no_form(house: House, code: str) -> None:
    page = house.person("H51.22/mot-cua:receptionist")
    for path in ("forms", "forms/1.pdf", "label.pdf"):
        assert page.request.get(f"/dossiers/{code}/{path}").status == 404, path
    assert house.page().request.get(f"/dossiers/{code}/forms/1.pdf", max_redirects=0).status in (303, 401)


def test_many_are_printed_at_once_and_a_wrong_form_comes_back_filled_in(house: House, journey: Journey,
                                                                         code: str) -> None:
    page = house.person(DESK)
    page.goto("/print")
    page.get_by_label("Mã hồ sơ").fill(" ")
    press(page, "Lập tệp PDF")
    expect(page.get_by_role("alert")).to_contain_text("Chọn từ 1 đến 200 hồ sơ")
    other = journey.receive().code
    key = page.locator("input[name=form_key]").first.get_attribute("value") or ""
    for form in ("1", "labels", "roll"):
        answer = page.request.post("/print", form={"form_key": key, "form": form, "codes": f"{code}\n{other} H51.02-1"})
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf"), form


def test_the_book_shows_its_lines_and_becomes_a_pdf(house: House, code: str) -> None:
    page = house.person(DESK)
    page.goto("/book")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(code)
    page.get_by_label("Từ ngày").fill("hôm qua")
    press(page, "Xem")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Từ ngày").fill("24/11/2026")
    press(page, "Xem")
    expect(page.locator("main")).to_contain_text("Không có hồ sơ nào trong những ngày này")
    answer = page.request.get("/book.pdf?desk=H51.02/2026")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert page.request.get("/book.pdf?desk=H51.21/2026").status == 404
    officer = house.person("H51.01/ngoai-vu:officer")
    officer.goto("/book")
    expect(officer.locator("main")).to_contain_text("Chưa có sổ nào")


def seen(house: House, code: str, **options: Any) -> Iterator[tuple[str, Page]]:
    page = house.person(DESK, **options)
    for name, path in (("forms", f"/dossiers/{code}/forms"), ("print", "/print"), ("book", "/book")):
        page.goto(path)
        yield name, page


def test_axe_finds_nothing_in_light_and_in_dark(house: House, code: str) -> None:
    assert [fault for name, page in seen(house, code, bypass_csp=True) for fault in faults(house, page, name)] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, code: str) -> None:
    assert [wide for name, page in seen(house, code, width=320, height=640)
            for wide in too_wide(house, page, name)] == []

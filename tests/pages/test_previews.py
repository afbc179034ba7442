"""Scans are looked at without leaving the browser: small pictures, pages, larger ones, and what is wrong with them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from engine import documents
from engine.errors import WrongRole
from tests import samples
from tests.conftest import Fresh
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"
STRANGER = "H51.21/mot-cua:receptionist"


def dossier(house: House) -> str:
    return Journey(house.office, house.cast, house.at(9)).receive().code


def upload(page: Page, code: str, folder: Path, content: bytes, name: str = "đề án.pdf") -> None:
    file = folder / name
    file.write_bytes(content)
    page.goto(f"/dossiers/{code}")
    page.select_option("#component", "plan")
    page.set_input_files("#file", file)
    press(page, "Tải lên")
    page.wait_for_url("**?did=attach*")


def crooked() -> bytes:
    """Two pages: one lies askew, one is empty."""
    with Image.open(BytesIO(samples.jpeg())) as page:
        askew = page.convert("L").rotate(-3, Image.Resampling.BICUBIC, fillcolor=240)
    out = BytesIO()
    askew.save(out, "PDF", save_all=True, append_images=[Image.new("L", askew.size, 245)], resolution=150)
    return out.getvalue()


def shown(page: Page, selector: str) -> bool:
    return bool(page.locator(selector).first.evaluate(
        "async (image) => { await image.decode(); return image.naturalWidth > 0; }"))


def test_a_scan_is_looked_at_page_by_page_and_larger(house: House, tmp_path: Path) -> None:
    page, code = house.person(DESK), dossier(house)
    upload(page, code, tmp_path, samples.pdf(pages=3))
    page.locator("#documents").scroll_into_view_if_needed()
    assert shown(page, ".scan-small img")
    house.shot(page, "scans-on-the-dossier")
    page.get_by_role("link", name="Xem đề án.pdf").click()
    expect(page).to_have_title("đề án.pdf · H51.02-261123-0001 · Liên Thông")
    expect(page.locator(".scan-pages img")).to_have_count(3)
    assert shown(page, ".scan-pages img")
    expect(page.get_by_role("img", name="Trang 3")).to_be_attached()
    assert faults(house, page, "scan") == []
    page.get_by_role("link", name="Lớn", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**?zoom=large")
    width = page.locator(".scan-pages img").first.evaluate("(image) => image.getBoundingClientRect().width")
    assert 1590 <= width <= 1610
    house.shot(page, "scan-large")
    page.get_by_role("link", name=f"Hồ sơ {code}").click()
    page.wait_for_url(f"**/dossiers/{code}#documents")


def test_what_the_machine_saw_is_said_and_the_scan_is_replaced(house: House, tmp_path: Path) -> None:
    page, code = house.person(DESK), dossier(house)
    upload(page, code, tmp_path, crooked())
    hint = page.locator(".scan-hint")
    expect(hint).to_contain_text("Trang trắng (trang 2)")
    expect(hint).to_contain_text("Bị nghiêng (trang 1: ")
    expect(hint).to_contain_text("Độ phân giải thấp (trang 1, 2: 150 dpi)")
    house.shot(page, "scans-hints")
    assert faults(house, page, "scan-hints") == []
    with page.expect_file_chooser() as asked:
        hint.get_by_role("link", name="Quét lại").click()
    better = tmp_path / "quét lại.jpg"
    better.write_bytes(samples.jpeg())
    asked.value.set_files(better)
    press(page, "Tải lên")
    page.wait_for_url("**?did=attach*")
    plans = page.locator("#documents .papers > li").filter(has_text="Đề án tổ chức")
    expect(plans.filter(has_text="quét lại.jpg")).to_have_count(1)
    expect(plans.filter(has_text="đề án.pdf").locator(".tag")).to_have_text("đã thay")


def test_who_is_consulted_is_not_asked_to_scan_again_what_the_centre_scanned(
        house: House, tmp_path: Path) -> None:
    journey, page = Journey(house.office, house.cast, house.at(9)), house.person(DESK)
    code = journey.receive().code
    upload(page, code, tmp_path, crooked())
    expect(page.locator(".scan-hint")).to_contain_text("Quét lại")
    journey.register_all(code)
    journey.do(code, "consult", house.cast["H51.01/ngoai-vu:officer"])
    journey.register_all(code)

    consulted = house.person("H51.05/chuyen-mon:officer")
    consulted.goto(f"/dossiers/{code}")

    expect(consulted.locator(".scan-hint")).to_contain_text("Trang trắng (trang 2)")
    expect(consulted.locator("#documents")).not_to_contain_text("Quét lại")
    expect(consulted.locator("#documents")).not_to_contain_text("Thay bản quét đã có")
    plan = house.office.db.value("select id from document where component = 'plan' and replaced_by is null")
    better = documents.Upload(code=code, component="plan", name="mới.jpg", declared_type="", key="better",
                              actor=house.cast["H51.05/chuyen-mon:officer"], replaces=plan)
    with pytest.raises(WrongRole):
        documents.attach(house.office, better, iter([samples.jpeg()]), journey.now)


def test_without_javascript_a_scan_is_replaced_by_the_form(house: House, tmp_path: Path) -> None:
    page, code = house.person(DESK, java_script_enabled=False), dossier(house)
    for name, place in (("cũ.jpg", "Đề án tổ chức (Mẫu số 01)"), ("mới.jpg", "Đề án tổ chức (Mẫu số 01): cũ.jpg")):
        file = tmp_path / name
        file.write_bytes(samples.jpeg(seed=len(place)))
        page.goto(f"/dossiers/{code}")
        page.select_option("#component", label=place)
        page.set_input_files("#file", file)
        press(page, "Tải lên")
    expect(page.locator("#documents .papers > li").filter(has_text="cũ.jpg")).to_contain_text("đã thay")


def test_pages_fit_a_telephone(house: House, tmp_path: Path) -> None:
    page, code = house.person(DESK, width=320, height=700), dossier(house)
    upload(page, code, tmp_path, crooked())
    assert too_wide(house, page, "scans") == []
    page.get_by_role("link", name="Xem đề án.pdf").click()
    assert shown(page, ".scan-pages img")
    assert too_wide(house, page, "scan") == []
    page.get_by_role("link", name="Rất lớn").click()
    page.wait_for_url("**?zoom=huge")
    assert too_wide(house, page, "scan-huge") == []


def test_a_page_that_was_read_is_on_record_and_strangers_find_nothing(
        house: House, fresh: Fresh, tmp_path: Path) -> None:
    page, code = house.person(DESK), dossier(house)
    upload(page, code, tmp_path, samples.pdf())
    address = str(page.get_by_role("link", name="Xem đề án.pdf").get_attribute("href"))
    stranger = house.person(STRANGER)

    def readings() -> int:
        with psycopg.connect(fresh.owner_url) as connection:
            found = connection.execute("select count(*) from event_log where kind = 'document_read'").fetchone()
            assert found is not None
            return int(found[0])

    before = readings()
    assert page.request.get(f"{address}/pages/1.webp?size=small").headers["content-type"] == "image/webp"
    assert readings() == before
    answer = page.request.get(f"{address}/pages/1.webp")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
    assert "no-store" in answer.headers["cache-control"]
    assert readings() == before + 1
    wrong = ("/pages/2.webp", "/pages/0.webp", "/pages/301.webp", "/pages/1.webp?size=gigantic", "?zoom=x")
    assert {page.request.get(address + there).status for there in wrong} == {404}
    there = ("", "/pages/1.webp", "/pages/1.webp?size=small", "/file")
    assert {stranger.request.get(address + one).status for one in there} == {404}

"""Days of a signer and a clerk: refused with a reason, signed here or by a token, numbered, issued, replaced."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.letters.conftest import Desk
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House, press
from tests.signing.held import token

OFFICER = "H51.01/ngoai-vu:officer"
SIGNER, CLERK = "H51.01/lanh-dao:signer", "H51.01/van-thu:clerk"

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def day(house: House) -> Day:
    return Day(house)


@pytest.fixture
def desk(house: House, journey: Journey) -> Desk:
    """A dossier with the signers; `desk.at_signing` drafted, submitted and initialled its result."""
    desk = Desk(Walk(journey, journey.receive().code).go_to("synthesis"))
    assert desk.at_signing() == 1
    timekeeper.set_shown(house.clock, desk.walk.now, 1.0)
    return desk


def said(page: Page, words: str) -> None:
    expect(page.locator("main .tell[role=status]").first).to_contain_text(words)


def stepped(page: Page, code: str, event: str) -> None:
    page.goto(f"/dossiers/{code}")
    page.locator(f"form[action$='/acts/{event}'] button").first.click()
    said(page, "Đã ghi nhận")


def test_a_result_is_refused_changed_signed_numbered_issued_and_replaced(day: Day, desk: Desk) -> None:
    code = desk.walk.code
    signer = day.sits_down(SIGNER)
    day.look(signer, "signer-work")
    signer.locator("table.work a.code").first.click()
    day.look(signer, "signer-dossier")
    signer.get_by_role("link", name="Đến phần Văn bản, kết quả").press("Enter")
    signer.locator("section[aria-labelledby=letters-head] ul a").first.click()
    letter = signer.url
    signer.locator("summary", has_text="Trả lại để sửa").click()
    press(signer, "Trả lại để sửa")
    expect(signer.get_by_role("alert")).to_contain_text("lý do")
    signer.get_by_role("alert").get_by_role("link").click()
    expect(signer.get_by_label("Lý do").first).to_be_focused()
    day.look(signer, "signer-without-reason")
    signer.get_by_label("Lý do").first.fill("Thiếu căn cứ pháp lý")
    press(signer, "Trả lại để sửa")
    said(signer, "Trả lại văn bản để sửa")
    day.look(signer, "signer-returned")

    officer = day.sits_down(OFFICER)
    officer.goto("/notices")
    expect(officer.locator("tbody")).to_contain_text("Văn bản trình ký bị trả lại để sửa")
    officer.goto(letter)
    expect(officer.locator("main .tell.warn").first).to_contain_text("Thiếu căn cứ pháp lý")
    officer.get_by_label("Căn cứ").fill("Căn cứ Nghị định 61/2018/NĐ-CP;")
    day.look(officer, "signer-officer-mends")
    press(officer, "Trình ký")
    said(officer, "Trình ký văn bản")
    signer.goto(letter)
    expect(signer.locator("main")).to_contain_text("Căn cứ Nghị định 61/2018/NĐ-CP;")
    signer.get_by_label("KT. (ký thay)").check()
    day.look(signer, "signer-signs")
    signer.get_by_role("button", name="Ký văn bản").click()
    said(signer, "Ký văn bản")
    day.look(signer, "signer-signed")
    stepped(signer, code, "sign")

    clerk = day.sits_down(CLERK)
    day.look(clerk, "clerk-work")
    clerk.locator("table.work a.code").first.click()
    day.look(clerk, "clerk-dossier")
    clerk.goto(letter)
    day.look(clerk, "clerk-letter")
    clerk.get_by_role("button", name="Lấy số, ký của cơ quan, phát hành").click()
    said(clerk, "phát hành")
    expect(clerk.locator("main")).to_contain_text("01/QĐ")
    day.look(clerk, "clerk-issued")
    clerk.get_by_role("link", name="Kiểm tra chữ ký").click()
    said(clerk, "Hợp lệ")
    day.look(clerk, "clerk-checked")
    first = desk.result()
    replaced(day, clerk, letter)
    assert (desk.row(1)["number"], desk.row(2)["replaces"], desk.row(2)["state"]) == (1, 1, "draft")
    assert any(row["id"] == first["id"] for row in desk.walk.of("document"))
    assert day.wrong == []


def replaced(day: Day, page: Page, letter: str) -> None:
    """The issued letter stays as it is; another is begun in its place."""
    page.goto(letter)
    if page.get_by_role("button", name="Soạn văn bản thay thế").count() == 0:
        page = day.sits_down(OFFICER)
        page.goto(letter)
    press(page, "Soạn văn bản thay thế")
    page.goto(letter)
    expect(page.locator("main")).to_contain_text("01/QĐ")
    day.look(page, "clerk-replaced")


def test_a_token_signs_what_the_house_never_sees_the_key_of(day: Day, desk: Desk, house: House) -> None:
    trusted = house.office.spool.folder.parent / "trust" / "token.pem"
    with token("rsa", trusted) as held:
        signer = day.sits_down(SIGNER)
        signer.goto(f"/dossiers/{desk.walk.code}/letters/1")
        signer.get_by_label("Thiết bị ký số hoặc dịch vụ ký từ xa").check()
        signer.locator("summary", has_text="Tệp cho thiết bị ký số").click()
        signer.get_by_label("Chứng thư số của thiết bị").set_input_files(
            {"name": "token.cer", "mimeType": "application/pkix-cert", "buffer": held.certificate})
        signer.get_by_role("button", name="Ký văn bản").click()
        expect(signer.get_by_role("heading", level=1)).to_contain_text("Chờ chữ ký")
        day.look(signer, "signer-waits-for-token")
        digest = b64decode(signer.locator("section code").first.inner_text())
        signer.get_by_label("Chữ ký (Base64)").fill("AAAA")
        press(signer, "Nhận chữ ký")
        expect(signer.get_by_role("alert")).to_contain_text("không khớp")
        day.look(signer, "signer-wrong-signature")
        signer.get_by_label("Chữ ký (Base64)").fill(b64encode(held.sign(digest)).decode())
        signer.get_by_role("button", name="Nhận chữ ký").click()
    said(signer, "Ký văn bản")
    stepped(signer, desk.walk.code, "sign")
    assert [one["adapter"] for one in desk.walk.of("signature", "at")] == ["deferred"]
    assert day.wrong == []

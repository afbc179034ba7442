"""A result in the browser: drafted by the officer, reviewed and initialled by the head, signed, numbered and issued."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from engine import timekeeper
from engine.letters import layout
from engine.signing import port, trust
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey
from tests.letters.conftest import Desk
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide
from tests.signing.held import token

LEAD, LEADERS, CLERKS = "H51.01/ngoai-vu", "H51.01/lanh-dao", "H51.01/van-thu"
PATIENCE = 60_000


@pytest.fixture
def walk(house: House, journey: Journey) -> Walk:
    """A dossier whose result is to be written."""
    code = journey.receive("conference_permit_local", facts=FACTS["conference_permit_local"]).code
    walk = Walk(journey, code).go_to("synthesis")
    timekeeper.set_shown(house.clock, walk.now, 1.0)
    return walk


def opened(house: House, who: str, path: str, **options: Any) -> Page:
    page = house.person(who, **options)
    page.set_default_timeout(PATIENCE)
    page.goto(path)
    return page


def test_a_result_goes_from_draft_to_issue_through_four_hands(house: House, walk: Walk) -> None:
    dossier = f"/dossiers/{walk.code}"
    officer = opened(house, f"{LEAD}:officer", dossier)
    officer.get_by_label("Soạn văn bản theo mẫu").select_option("approval")
    press(officer, "Soạn văn bản")
    letter = officer.url.split(house.address)[-1]
    officer.get_by_label("Chức vụ của người ký").fill("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")
    press(officer, "Lưu")
    house.shot(officer, "letter-draft")
    assert officer.request.get(f"{letter.split('?')[0]}/draft.pdf").body().startswith(b"%PDF")
    press(officer, "Trình ký")
    expect(officer.locator("main")).to_contain_text("Chờ ký")

    head = opened(house, f"{LEAD}:head", letter)
    head.get_by_label("Nội dung góp ý").fill("Thêm căn cứ pháp lý.")
    press(head, "Góp ý")
    press(head, "Khép")
    press(head, "Ký nháy")
    expect(head.locator("main .tell[role=status]")).to_contain_text("Ký nháy văn bản")

    walk.go_to("signing")
    walk.journey.register_all(walk.code)
    signer = opened(house, f"{LEADERS}:signer", letter)
    house.shot(signer, "letter-sign")
    signer.get_by_role("button", name="Ký văn bản").click(timeout=PATIENCE)
    expect(signer.locator("main .tell[role=status]")).to_contain_text("Ký văn bản", timeout=PATIENCE)
    walk.step("sign")

    clerk = opened(house, f"{CLERKS}:clerk", letter)
    clerk.get_by_role("button", name="Lấy số, ký của cơ quan, phát hành").click()
    expect(clerk.locator("main .tell[role=status]")).to_contain_text("phát hành", timeout=PATIENCE)
    expect(clerk.locator("main")).to_contain_text("01/QĐ")
    house.shot(clerk, "letter-issued")

    clerk.get_by_role("link", name="Kiểm tra chữ ký").click()
    expect(clerk.locator("main .tell[role=status]")).to_contain_text("Hợp lệ", timeout=PATIENCE)
    house.shot(clerk, "letter-checked")
    clerk.goto(dossier)
    clerk.locator("form[action$='/acts/issue'] button").first.click()
    expect(clerk.locator("main .tell[role=status]")).to_contain_text("Đã ghi nhận", timeout=PATIENCE)
    assert walk.states == {"returning"}


def test_two_who_write_at_once_lose_no_word(house: House, walk: Walk) -> None:
    officer = opened(house, f"{LEAD}:officer", f"/dossiers/{walk.code}")
    press(officer, "Soạn văn bản")
    other = opened(house, f"{LEAD}:officer#1", officer.url)
    other.get_by_label("Tên văn bản").fill("Tên của người kia")
    press(other, "Lưu")
    officer.get_by_label("Tên văn bản").fill("Tên của tôi")
    press(officer, "Lưu")

    expect(officer.get_by_role("alert")).to_contain_text("đã sửa văn bản này sau khi bạn mở")
    expect(officer.get_by_label("Tên văn bản")).to_have_value("Tên của tôi")
    expect(officer.locator("section[aria-labelledby=theirs]")).to_contain_text("Tên của người kia")
    press(officer, "Lưu")
    expect(officer.get_by_role("heading", level=1)).to_have_text("Tên của tôi")


def test_a_signed_file_that_was_changed_is_not_valid_on_the_page(house: House, walk: Walk) -> None:
    page = opened(house, f"{LEAD}:officer", "/signatures/check")
    press(page, "Kiểm tra")
    expect(page.get_by_role("alert")).to_contain_text("Chọn một tệp PDF")
    page.get_by_label("Tệp PDF đã ký").set_input_files(
        {"name": "giay.pdf", "mimeType": "application/pdf", "buffer": changed(house, walk)})
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator("main .tell[role=status]")).to_contain_text("Không hợp lệ", timeout=PATIENCE)
    expect(page.locator("main .tell[role=status]")).to_contain_text("bị thêm hoặc sửa sau khi ký")
    house.shot(page, "letter-altered")


def test_the_signature_of_a_token_is_pasted_into_the_page(house: House, walk: Walk) -> None:
    desk = Desk(walk)
    no = desk.at_signing()
    trusted = house.office.spool.folder.parent / "trust" / "token.pem"
    with token("rsa", trusted) as held:
        page = opened(house, f"{LEADERS}:signer", f"/dossiers/{walk.code}/letters/{no}", bypass_csp=True)
        page.get_by_label("Thiết bị ký số hoặc dịch vụ ký từ xa").check()
        page.get_by_role("button", name="Ký văn bản").click()
        expect(page.get_by_role("alert")).to_contain_text("Chọn tệp chứng thư số")
        page.get_by_label("Chứng thư số của thiết bị").set_input_files(
            {"name": "token.cer", "mimeType": "application/pkix-cert", "buffer": held.certificate})
        page.get_by_role("button", name="Ký văn bản").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Chờ chữ ký", timeout=PATIENCE)
        assert faults(house, page, "letters-waiting") == []
        digest = b64decode(page.locator("section code").first.inner_text())
        page.get_by_label("Chữ ký (Base64)").fill("AAAA")
        press(page, "Nhận chữ ký")
        expect(page.get_by_role("alert")).to_contain_text("không khớp")
        page.get_by_label("Chữ ký (Base64)").fill(b64encode(held.sign(digest)).decode())
        page.get_by_role("button", name="Nhận chữ ký").click()
    expect(page.locator("main .tell[role=status]")).to_contain_text("Ký văn bản", timeout=PATIENCE)
    assert desk.row(no)["state"] == "signed"


def changed(house: House, walk: Walk) -> bytes:
    """A signed file with something added behind its signature."""
    keys = trust.keys(house.office)
    assert keys is not None
    key = keys.of_person(1, "Lê Thị Thùy Dương")
    issuer = {"agency": "Văn phòng", "above": "", "place": "Sóc Trăng"}
    sheets = layout.sheets({"body": "Cho phép."}, "Quyết định", issuer, walk.code, draft=False)
    signed = port.sign(layout.to_be_signed(sheets), port.PERSON, key, walk.now)
    assert isinstance(signed, bytes)
    writer, out = IncrementalPdfFileWriter(BytesIO(signed)), BytesIO()
    writer.root["/Added"] = writer.add_object(generic.DictionaryObject())
    writer.update_root()
    writer.write(out)
    return out.getvalue()


def seen(house: House, walk: Walk, **options: Any) -> Iterator[tuple[str, Page]]:
    page = opened(house, f"{LEAD}:officer", f"/dossiers/{walk.code}", **options)
    yield "letters-dossier", page
    press(page, "Soạn văn bản")
    letter = page.url
    yield "letters-draft", page
    press(page, "Trình ký")
    yield "letters-submitted", page
    walk.go_to("signing")
    walk.journey.register_all(walk.code)
    yield "letters-to-sign", opened(house, f"{LEADERS}:signer", letter, **options)
    page.goto("/signatures/check")
    yield "letters-check", page


def test_axe_finds_nothing_in_light_and_in_dark(house: House, walk: Walk) -> None:
    assert [fault for name, page in seen(house, walk, bypass_csp=True) for fault in faults(house, page, name)] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, walk: Walk) -> None:
    assert [wide for name, page in seen(house, walk, width=320, height=640)
            for wide in too_wide(house, page, name)] == []

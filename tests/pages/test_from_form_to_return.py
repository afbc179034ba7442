"""With the keyboard alone: a procedure from an empty form, tried, published by a second person, used to its end."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests import samples
from tests.pages.designing import choose, define_six_steps, follow, send, tab_to, write
from tests.pages.house import House, code_of
from tests.pages.looks import faults
from tests.pages.test_whole_way import carried

WRITER = "H51.01/kiem-soat-thu-tuc:administrator"
SECOND = f"{WRITER}#1"
NAME = "Cấp phép đào đường đô thị"
# Shallow digging: the police alone is consulted.
WAY = ("Chuyển bước tiếp theo – Thẩm định", "Cho ý kiến – Ý kiến Công an", "Chuyển bước tiếp theo – Tổng hợp",
       "Ký – Ký giấy phép", "Trả kết quả tại quầy – Trả giấy phép")


def test_a_procedure_is_written_tried_published_used_and_its_dossier_returned(house: House, tmp_path: Path) -> None:
    writer = house.person(WRITER)
    draft = define_six_steps(writer)
    expect(writer.locator("svg.diagram")).to_contain_text("Ý kiến Công an")
    assert faults(house, writer, "define-steps") == []
    _tried(house, writer, draft)
    _checked(house, writer, draft)
    _published(house, draft)
    code = _received(house)
    _worked_on(house, code, tmp_path)
    _returned(house, code)


def _tried(house: House, page: Page, draft: str) -> None:
    page.goto(f"{draft}/scenarios")
    follow(page, "Tạo kịch bản")
    write(page, name="Đào nông, đồng ý")
    write(page, facts__do_sau_dao_cm="50")
    send(page)
    for act in WAY:
        _add(page, act)
    expect(page.locator("main")).to_contain_text("Đã trả kết quả")
    assert faults(house, page, "define-scenario") == []
    house.shot(page, "define-scenario")
    page.goto(f"{draft}/scenarios")
    follow(page, "Chạy tất cả")
    expect(page.get_by_role("status")).to_have_text("Đạt 1 trong 1 kịch bản.")


def _add(page: Page, act: str) -> None:
    """The act of that name among those that are possible, with the arrow keys."""
    tab_to(page, "act")
    for _ in range(30):
        words = page.evaluate("document.activeElement.closest('label').innerText")
        if words.strip().startswith(act):
            send(page)
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{act} is not offered: {page.locator('main').inner_text()}")


def _checked(house: House, page: Page, draft: str) -> None:
    page.goto(f"{draft}/check")
    follow(page, "Kiểm tra")
    expect(page.get_by_role("status").first).to_contain_text("Đã kiểm tra")
    expect(page.get_by_role("button", name="Công bố phiên bản")).to_have_count(0)
    assert faults(house, page, "define-checked") == []


def _published(house: House, draft: str) -> None:
    page = house.person(SECOND)
    page.goto(f"{draft}/check")
    assert faults(house, page, "define-second") == []
    write(page, decision_no="2345/QĐ-UBND", valid_from="23/11/2026")
    follow(page, "Công bố phiên bản")
    expect(page.get_by_role("status").first).to_contain_text("Đã công bố")
    assert faults(house, page, "define-published") == []


def _received(house: House) -> str:
    page = house.person("H51.02/tiep-nhan:receptionist")
    page.goto("/receive")
    follow(page, NAME)
    write(page, **{"applicant__name": "Công ty Cấp nước Ngã Bảy", "applicant__phone": "0900000001",
                   "facts__do_sau_dao_cm": "50"})
    tab_to(page, "paper", "don_de_nghi_cap_phep")
    page.keyboard.press("Space")
    send(page)
    page.wait_for_url("**/dossiers/**")
    expect(page.get_by_role("status").first).to_contain_text("Tiếp nhận hồ sơ")
    return code_of(page)


def _worked_on(house: House, code: str, tmp_path: Path) -> None:
    lead = "H51.01/ngoai-vu:officer"
    house.deliver()
    _act(house, lead, code, "Ký nhận hồ sơ chuyển đến", "Chuyển bước tiếp theo")
    house.deliver()
    police = house.person("H51.05/chuyen-mon:officer")
    police.goto(f"/dossiers/{code}")
    follow(police, "Ký nhận hồ sơ chuyển đến")
    tab_to(police, "give_opinion.y_kien_cong_an.verdict")
    police.keyboard.press("Space")
    write(police, give_opinion__y_kien_cong_an__words="Không có ý kiến khác")
    send(police)
    house.deliver()
    _result(house, lead, code, tmp_path)
    _act(house, "H51.01/lanh-dao:signer", code, "Ký")
    house.deliver()


def _act(house: House, who: str, code: str, *acts: str) -> None:
    page = house.person(who)
    for act in acts:
        page.goto(f"/dossiers/{code}")
        follow(page, act)
        expect(page.get_by_role("status").first).to_contain_text(act)


def _result(house: House, who: str, code: str, tmp_path: Path) -> None:
    """The dialog that picks a file is the system's own: it is given the file, the rest is keys."""
    page = house.person(who)
    page.goto(f"/dossiers/{code}")
    if page.get_by_role("button", name="Ký nhận hồ sơ chuyển đến").count():
        follow(page, "Ký nhận hồ sơ chuyển đến")
    scan = tmp_path / "giay-phep.pdf"
    scan.write_bytes(samples.pdf(seed=4))
    choose(page, "component", "result")
    page.set_input_files("[name=file]", scan)
    follow(page, "Tải lên")
    page.goto(f"/dossiers/{code}")
    follow(page, "Chuyển bước tiếp theo")


def _returned(house: House, code: str) -> None:
    page = house.person("H51.02/tiep-nhan:returner")
    page.goto(f"/dossiers/{code}")
    if page.get_by_role("button", name="Ký nhận hồ sơ chuyển đến").count():
        follow(page, "Ký nhận hồ sơ chuyển đến")
        page.goto(f"/dossiers/{code}")
    carried(house, page, code, run=2, hour=10, paper="R")
    page.goto(f"/dossiers/{code}")
    house.shot(page, "define-returning")
    write(page, return_at_counter__tra_giay_phep__recipient="Nguyễn Thị Bích Ngọc")
    send(page)
    expect(page.locator(".head")).to_contain_text("Đã trả kết quả")

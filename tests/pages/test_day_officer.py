"""A day of an officer: what came in, whose it is, scans, opinions, a draft; and the day of a substitute."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from tests import samples
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House, press

OFFICER, COLLEAGUE, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:officer#1", "H51.01/ngoai-vu:head"
DESK, CLERK = "H51.02/tiep-nhan:receptionist", "H51.01/van-thu:clerk"
POLICE, RECORDS = "H51.05/chuyen-mon:officer", "H51.05/ho-so-nghiep-vu"
SUBJECTS = ("Lúa thơm", "Tôm nước lợ", "Hành tím Vĩnh Châu")

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def day(house: House) -> Day:
    return Day(house)


@pytest.fixture
def three(journey: Journey) -> list[str]:
    """Handed over by the desk, not registered yet."""
    return [journey.receive(subject=subject).code for subject in SUBJECTS]


def said(page: Page, words: str) -> None:
    expect(page.locator("main .tell[role=status]").first).to_contain_text(words)


def scanned(house: House, code: str, folder: Path) -> None:
    """A scan of two pages, by the desk."""
    file = folder / "đề án.pdf"
    file.write_bytes(samples.pdf(pages=2))
    page = house.person(DESK)
    page.goto(f"/dossiers/{code}")
    page.select_option("#component", "plan")
    page.set_input_files("#file", file)
    press(page, "Tải lên")
    page.wait_for_url("**?did=attach*", timeout=PATIENCE)


def test_a_morning_from_the_list_to_the_first_opinions(day: Day, house: House, three: list[str],
                                                       tmp_path: Path) -> None:
    scanned(house, three[0], tmp_path)
    page = day.sits_down(OFFICER)
    page.locator(".work-tabs a", has_text="Chờ ký nhận").click()
    page.wait_for_load_state()
    day.look(page, "officer-offered")
    page.get_by_label("Mọi việc theo bộ lọc").check()
    press(page, "Xem trước")
    day.look(page, "officer-register-preview")
    press(page, "Ký nhận hồ sơ chuyển đến: 3 việc")
    said(page, "3 việc đã ghi nhận")
    day.look(page, "officer-registered")

    page.goto("/")
    day.look(page, "officer-work")
    page.fill("#search", "tom nuoc lo")
    press(page, "Tìm")
    expect(page.locator("table.work a.code")).to_have_text([three[1]])
    page.goto("/")
    put_off(page, three[2], day)
    claimed(page, three[0])
    page.goto(f"/dossiers/{three[0]}")
    day.look(page, "officer-dossier")
    page.get_by_role("link", name="Xem đề án.pdf").click()
    expect(page.locator(".scan-pages img")).to_have_count(2)
    day.look(page, "officer-scan")

    page.goto(f"/dossiers/{three[0]}")
    named_a_colleague(page, house, day)
    press(page, "Gửi lấy ý kiến")
    said(page, "Gửi lấy ý kiến")
    day.look(page, "officer-consulting")
    other = day.sits_down(COLLEAGUE)
    other.goto("/notices")
    expect(other.locator("section[aria-labelledby=mentions]")).to_contain_text("Anh xem giúp phụ lục 2")
    day.look(other, "officer-notices")
    assert day.wrong == []


def put_off(page: Page, code: str, day: Day) -> None:
    page.locator(f"[name=item][value^='{code}/']").check()
    page.select_option("[name=act]", "snooze")
    press(page, "Xem trước")
    page.get_by_label("Hoãn đến ngày").fill("27/11/2026")
    day.look(page, "officer-snooze")
    press(page, "Hoãn đến ngày")
    said(page, "1 việc đã ghi nhận")
    page.goto("/?tab=snoozed")
    expect(page.locator("tbody")).to_contain_text("Hoãn đến 27/11/2026")


def claimed(page: Page, code: str) -> None:
    page.goto(f"/dossiers/{code}")
    press(page, "Nhận việc")
    said(page, "Nhận việc")


def named_a_colleague(page: Page, house: House, day: Day) -> None:
    page.locator("summary", has_text="Viết trao đổi").click()
    words = page.locator("section[aria-labelledby=talk] textarea")
    words.fill(f"@{house.cast.member(COLLEAGUE).login} Anh xem giúp phụ lục 2.")
    day.look(page, "officer-comment")
    press(page, "Gửi trao đổi")
    expect(page.locator("section[aria-labelledby=talk]")).to_contain_text("Anh xem giúp phụ lục 2.")


def test_an_afternoon_of_questions_beside_the_procedure_a_draft_and_a_colleague(day: Day, house: House,
                                                                             journey: Journey) -> None:
    walk = Walk(journey, journey.receive().code).go_to("synthesis")
    timekeeper.set_shown(house.clock, walk.now, 1.0)
    page = day.sits_down(OFFICER)
    page.goto(f"/dossiers/{walk.code}")
    page.locator("summary", has_text="Lấy ý kiến ngoài quy trình").click()
    form = page.locator("form[action$='/acts/consult_further']")
    form.get_by_role("group", name="Sở Tư pháp").get_by_label("Phòng Hành chính và Bổ trợ tư pháp").check()
    form.get_by_label("Nội dung cần lấy ý kiến").fill("Nội dung trưng bày có cần thẩm định không?")
    day.look(page, "officer-asks")
    form.get_by_label("Bước này không chờ").or_(form.get_by_label("Không chờ")).first.check()
    form.get_by_role("button").click()
    expect(page.locator("[aria-labelledby=further]")).to_contain_text("Nội dung trưng bày có cần thẩm định không?")

    page.get_by_label("Soạn văn bản theo mẫu").select_option("approval")
    press(page, "Soạn văn bản")
    day.look(page, "officer-draft")
    page.get_by_label("Chức vụ của người ký").fill("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")
    press(page, "Lưu")
    press(page, "Trình ký")
    expect(page.locator("main")).to_contain_text("Chờ ký")
    day.look(page, "officer-submitted")
    page.goto(f"/dossiers/{walk.code}")
    day.look(page, "officer-synthesis")
    page.locator("form[data-main] button").click()
    expect(page.locator("main .tell[role=status]").first).to_contain_text("Đã ghi nhận")
    assert walk.states == {"reviewing"}
    page.goto("/handoffs")
    day.look(page, "officer-handoffs")
    assert day.wrong == []


def test_what_came_to_the_wrong_division_is_passed_on_within_the_agency(day: Day, house: House,
                                                                        journey: Journey) -> None:
    walk = Walk(journey, journey.receive().code).go_to("police")
    page = day.sits_down(POLICE)
    page.goto(f"/dossiers/{walk.code}")
    page.locator("summary", has_text="Chuyển đơn vị khác trong cơ quan").click()
    form = page.locator("form[action$='/acts/pass_on']")
    form.get_by_label("Phòng Hồ sơ nghiệp vụ").check()
    form.get_by_label("Lý do").fill("Thuộc lĩnh vực của phòng kia")
    day.look(page, "officer-pass-on")
    form.get_by_role("button").click()
    said(page, "Đã ghi nhận")
    assert walk.items["police"]["unit_id"] == house.cast.unit(RECORDS)
    there = day.sits_down(f"{RECORDS}:officer")
    expect(there.locator("table.work")).to_contain_text(walk.code)
    assert day.wrong == []


def test_the_day_of_a_substitute_is_told_in_both_names(day: Day, house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    away, here = house.cast.member(OFFICER), house.cast.member(CLERK)
    head = day.sits_down(HEAD)
    head.goto("/absences")
    head.get_by_label("Người vắng").select_option(str(away.id))
    head.get_by_label("Từ ngày").fill("23/11/2026")
    head.get_by_label("Đến hết ngày").fill("25/11/2026")
    head.get_by_label("Người thay").select_option(str(here.id))
    head.get_by_label("Lý do").fill("Đi công tác")
    press(head, "Ghi vắng mặt")
    said(head, "Đã ghi việc vắng mặt")
    day.look(head, "officer-absence")

    page = day.sits_down(CLERK)
    expect(page.locator("main")).to_contain_text(f"Bạn đang thay {away.name}")
    day.look(page, "officer-substitute-work")
    page.goto(f"/dossiers/{code}")
    press(page, "Gửi lấy ý kiến")
    said(page, "Gửi lấy ý kiến")
    record = page.locator("section[aria-labelledby=record]")
    expect(record).to_contain_text(f"{here.name} (thay {away.name})")
    day.look(page, "officer-substitute-record")
    assert day.wrong == []

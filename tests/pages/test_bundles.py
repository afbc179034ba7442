"""A bundle in the browser: one form, one receipt, one page, with and without JavaScript, nothing for axe to find."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from playwright.sync_api import Page, expect

from engine import delivery, timekeeper
from engine.bundles import advance
from engine.clocks.zone import ZONE
from engine.recomputing import recompute
from tests import samples
from tests.bundles.folder import DESK, FACTS, Folder, open_folder
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide
from tests.recomputing.calendars import closed, publish

CLERK = f"{DESK}:receptionist"
FORM = "/receive/bundles/land_certificate"
WRITTEN = {"term_ended_on": "15/10/2013"}


def fill(page: Page) -> None:
    page.fill("[name='applicant.name']", "Thạch Sóc Kha")
    for name, value in FACTS["land_certificate"].items():
        field = page.locator(f"[name='facts.{name}']")
        if isinstance(value, bool):
            page.check(f"[name='facts.{name}'][value={'yes' if value else 'no'}]")
        elif field.first.get_attribute("type") == "radio":
            page.check(f"[name='facts.{name}'][value='{value}']")
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(WRITTEN.get(name, str(value)))


@pytest.mark.parametrize("scripts", [True, False])
def test_one_form_takes_three_procedures_and_one_receipt_says_so(house: House, scripts: bool) -> None:
    page = house.person(CLERK, java_script_enabled=scripts)
    page.goto("/receive")
    page.get_by_role("link", name="trên cùng một Giấy chứng nhận").click()
    page.wait_for_url(f"**{FORM}")
    fill(page)
    for kind in ("land_application", "land_certificate", "identity_paper", "proof_of_change"):
        page.check(f"#paper-{kind}")
    assert page.locator("#paper-land_certificate").count() == 1
    page.set_input_files("[name='file.identity_paper']",
                         {"name": "cccd.pdf", "mimeType": "application/pdf", "buffer": samples.small_pdf()})
    expect(page.locator("[data-paper=identity_paper]").get_by_role("status")).to_have_text(["cccd.pdf"] * scripts)
    press(page, "Tiếp nhận, hẹn trả")
    page.wait_for_url("**/bundles/**")
    expect(page.get_by_role("row")).to_have_count(4)
    expect(page.locator(".bundle-table")).to_contain_text("Chờ phần")
    house.shot(page, f"bundle-{scripts}")

    page.get_by_role("link", name="In giấy tiếp nhận").click()
    page.wait_for_url("**/receipt")
    receipt = page.locator(".receipt")
    assert receipt.inner_text().count("Bản gốc Giấy chứng nhận đã cấp") == 1
    expect(receipt).to_contain_text("ngày 17/12/2026")
    house.shot(page, "bundle-receipt")


def test_a_forgotten_paper_is_named_with_its_parts_and_what_was_typed_stays(house: House) -> None:
    page = house.person(CLERK, java_script_enabled=False)
    page.goto(FORM)
    fill(page)
    press(page, "Tiếp nhận, hẹn trả")

    expect(page.get_by_role("alert")).to_contain_text("Đính chính")
    expect(page.locator("[name='applicant.name']")).to_have_value("Thạch Sóc Kha")


def test_every_fault_is_said_at_once_with_links(house: House) -> None:
    page = house.person(CLERK, java_script_enabled=False)
    page.goto(FORM)
    press(page, "Tiếp nhận, hẹn trả")

    links = page.get_by_role("alert").get_by_role("link")
    expect(links.first).to_be_visible()
    assert links.count() > 5


def asked(house: House) -> Folder:
    """Two parts have asked, and the citizen got one letter."""
    journey = Journey(house.office, house.cast, timekeeper.now())
    folder = open_folder(journey, "land_certificate")
    for part in ("change_info", "correct"):
        walk = folder[part].go_to("examining")
        walk.journey.register_all(walk.code)
        walk.step("request_supplement", "examining", documents=("identity",), reason="Bản chụp mờ")
    delivery.drain(house.office, journey.now)
    advance.advance(house.office, folder.code, journey.now)
    return folder


def test_the_supplement_is_taken_in_once_by_keyboard_alone(house: House) -> None:
    folder = asked(house)
    house.at(15)
    page = house.person(CLERK)
    page.goto(f"/bundles/{folder.code}")
    expect(page.locator("main")).to_contain_text("Bản chụp mờ")

    page.keyboard.press("Control+Enter")
    page.wait_for_url("**did=supplement")

    assert folder["change_info"].states == folder["correct"].states == {"examining"}
    page.goto(f"/dossiers/{folder['correct'].code}")
    expect(page.locator(".bundle-box")).to_contain_text("Đăng ký biến động")
    page.get_by_role("link", name=folder.code).first.click()
    page.wait_for_url(f"**/bundles/{folder.code}")


def test_finished_parts_are_returned_first_when_the_citizen_asks(house: House) -> None:
    journey = Journey(house.office, house.cast, timekeeper.now())
    folder = open_folder(journey, "land_certificate")
    folder["change_info"].go_to("returning")
    page = house.person(CLERK)
    page.goto(f"/bundles/{folder.code}")
    press(page, "Công dân đề nghị nhận trước")
    page.wait_for_url("**did=partial")

    assert folder.row["partial_at"] is not None


def test_the_receipt_of_a_bundle_printed_again_keeps_the_first_promise(house: House) -> None:
    folder = open_folder(Journey(house.office, house.cast, timekeeper.now()), "land_certificate")
    page = house.person(CLERK)
    page.goto(f"/bundles/{folder.code}/receipt")
    expect(page.locator(".receipt")).not_to_contain_text("Nay là")
    publish(house.office, closed(date(2026, 12, 1)))
    recompute(house.office, timekeeper.now())
    page.reload()
    first, moved = (f"{datetime.fromisoformat(folder.row[name]).astimezone(ZONE):%d/%m/%Y}"
                    for name in ("first_due_at", "due_at"))

    assert first != moved
    expect(page.locator(".receipt")).to_contain_text(f"ngày {first}")
    expect(page.locator(".receipt")).to_contain_text(f"Nay là 17 giờ 00 phút, ngày {moved} vì")


def test_strangers_see_nothing_and_other_agencies_only_their_part(house: House) -> None:
    folder = asked(house)
    stranger = house.person("H51.02/tiep-nhan:receptionist")
    assert stranger.goto(f"/bundles/{folder.code}").status == 404  # type: ignore[union-attr]
    officer = house.person("H51.06.01.02/nghiep-vu:officer")
    officer.goto(f"/bundles/{folder.code}")
    # the third part waits at the desk and has not reached the land office
    expect(officer.locator(".bundle-table a")).to_have_count(2)
    assert officer.goto(f"/bundles/{folder.code}/receipt").status == 404  # type: ignore[union-attr]


def test_axe_finds_nothing(house: House) -> None:
    folder = asked(house)
    page = house.person(CLERK)
    for number, address in enumerate(("/receive", FORM, f"/bundles/{folder.code}", f"/bundles/{folder.code}/receipt",
                                     f"/dossiers/{folder['correct'].code}")):
        page.goto(address)
        assert faults(house, page, f"bundles-{number}") == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone_and_english_is_english(house: House) -> None:
    folder = asked(house)
    page = house.person(CLERK, width=320, height=640)
    press(page, "English")
    for number, address in enumerate((FORM, f"/bundles/{folder.code}", f"/dossiers/{folder['correct'].code}")):
        page.goto(address)
        assert too_wide(house, page, f"bundles-{number}") == []
        for words in ("Các phần", "Tiếp nhận,", "Giấy tờ đã", "Chờ phần", "Đang gom"):
            assert words not in page.locator("main").inner_text(), (address, words)

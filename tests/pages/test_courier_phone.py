"""The courier's telephone: scanned without a network, sent once, each as of its own moment; no content on it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.courier import bags
from tests.casework.walking import FACTS, Walk
from tests.custody.conftest import Round
from tests.journey import Journey
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House
from tests.pages.looks import faults

COURIER, OFFICER = "H51.09/giao-nhan:courier", "H51.03/chuyen-mon:officer"
SOON = "(async () => {{ while (!({})) await new Promise((done) => setTimeout(done, 50)); }})()"

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def papers(house: House, journey: Journey) -> list[str]:
    """Three barcodes on the next run, whose time it is now."""
    found = []
    for _ in range(3):
        code = journey.receive("funeral_allowance", desk="H51.21/mot-cua", facts=FACTS["funeral_allowance"]).code
        walk = Walk(journey, code).go_to("examining")
        found += [row["barcode"] for row in walk.of("paper") if row["bound_for_unit_id"] is not None]
    walk.list_on_run()
    timekeeper.set_shown(house.clock, journey.now, 1.0)
    return found


def telephone(house: House) -> Page:
    page = house.person(COURIER, width=390, height=844)
    page.goto("/courier/phone")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("main[data-ready]")).to_be_attached(timeout=60_000)
    page.evaluate(SOON.format("navigator.serviceWorker.controller"))


def scan(page: Page, barcode: str) -> None:
    """As a hand scanner types."""
    page.get_by_label("Quét hoặc gõ mã").press_sequentially(barcode.lower())
    page.keyboard.press("Enter")
    expect(page.locator("[data-told]")).to_contain_text(barcode)


def between(page: Page, above: str, below: str) -> float:
    """What is free between two things on the screen; less than nothing where one covers the other."""
    first, second = page.locator(above).bounding_box(), page.locator(below).bounding_box()
    assert first is not None, above
    assert second is not None, below
    return second["y"] - first["y"] - first["height"]


def are(page: Page, state: str, count: int) -> None:
    expect(page.locator(f"li[data-way=take][data-line={state}]")).to_have_count(count, timeout=60_000)


def taken(house: House) -> list[tuple[str, datetime]]:
    with house.office.db.connection() as connection:
        return connection.execute("select barcode, taken_at from courier_load where taken_at is not null "
                                  "order by barcode").fetchall()


def test_scanned_without_a_network_sent_once_at_its_own_time(house: House, papers: list[str]) -> None:
    day = Day(house)
    page = telephone(house)
    day.look(page, "courier-phone")
    page.context.set_offline(True)
    expect(page.locator("[data-net]")).to_contain_text("Mất mạng")
    begun = timekeeper.now()
    for number, barcode in enumerate(papers[:2]):
        timekeeper.set_shown(house.clock, begun + timedelta(minutes=5 * number), 1.0)
        page.evaluate(f"localStorage.setItem('courier-ahead', {timekeeper.now().timestamp() * 1000} - Date.now())")
        scan(page, barcode)
    scan(page, "H51.02-261123-9999-S")
    expect(page.locator("[data-told]")).to_contain_text("không có trong bảng kê")
    scan(page, papers[0])
    expect(page.locator("[data-told]")).to_contain_text("đã lấy rồi")
    page.reload()
    are(page, "waiting", 2)
    day.look(page, "courier-phone-offline")
    assert taken(house) == []

    timekeeper.set_shown(house.clock, begun + timedelta(hours=1), 1.0)
    page.context.set_offline(False)
    are(page, "taken", 2)
    expect(page.locator("[data-waiting]")).to_contain_text("Mọi lượt quét đã gửi")
    found = taken(house)
    assert [barcode for barcode, _ in found] == papers[:2]
    for number, (_, at) in enumerate(found):
        # a hand and its browser take a moment, less than to the next scan
        assert timedelta(seconds=-1) < at - begun - timedelta(minutes=5 * number) < timedelta(minutes=4)
    page.get_by_role("button", name=f"Đã lấy {papers[2]}").click()
    are(page, "taken", 3)
    assert house.office.db.value("select count(*) from audit where action = 'take_paper'") == 3
    assert day.wrong == []


def test_a_sealed_bag_is_one_row_and_taken_whole_without_a_network(house: House, journey: Journey) -> None:
    carried = Round(journey)
    inside, alone = carried.received(2), carried.received(1)
    run = carried.listed()
    line = carried.line(run, inside[0])
    timekeeper.set_shown(house.clock, carried.now(), 1.0)
    bags.seal(house.office, run.id, (line.from_unit_id, line.to_unit_id), "np-0007",
              house.cast["H51.02/tiep-nhan:receptionist"], carried.now(), inside)
    page = telephone(house)
    are(page, "open", 2)
    expect(page.locator("main")).to_contain_text("Túi niêm phong NP-0007: 2 giấy tờ")
    expect(page.locator("main")).not_to_contain_text(inside[0])
    assert faults(house, page, "courier-phone-bag") == []
    page.context.set_offline(True)
    scan(page, inside[0])
    expect(page.locator("[data-told]")).to_contain_text("nằm trong túi NP-0007")
    assert between(page, "[data-scan] .button.big", "[data-told]") >= 10
    page.get_by_role("button", name="Đã lấy túi NP-0007").click()
    expect(page.locator("[data-told]")).to_contain_text("Đã lấy túi NP-0007, 2 giấy tờ.")
    expect(page.get_by_role("button", name="Đã lấy túi")).to_have_count(0)
    assert taken(house) == []
    page.context.set_offline(False)
    are(page, "taken", 1)
    assert [barcode for barcode, _ in taken(house)] == sorted(inside)
    scan(page, alone[0])
    are(page, "taken", 2)


def test_two_tabs_send_every_scan_once(house: House, papers: list[str]) -> None:
    page = telephone(house)
    page.context.set_offline(True)
    for barcode in papers:
        scan(page, barcode)
    second = page.context.new_page()
    second.goto("/courier/phone")
    are(second, "waiting", 3)
    page.context.set_offline(False)
    for tab in (page, second):
        tab.get_by_role("button", name="Gửi ngay").click()
    are(page, "taken", 3)
    assert house.office.db.value("select count(*) from audit where action = 'take_paper'") == 3


def test_nothing_of_a_dossier_is_on_the_telephone_and_nobody_else_gets_the_list(
        house: House, papers: list[str]) -> None:
    page = telephone(house)
    shown = page.request.get("/courier/phone/day").text() + page.content()
    assert papers[0] in shown
    for secret in ("Nguyễn Thị Bích Ngọc", "094000000001", "Kim Sa Rinh", "mai táng"):
        assert secret not in shown
    assert house.person(OFFICER).request.get("/courier/phone/day").status == 404

"""Bags, incidents, hand-over and routes on their pages: by who does them, on a desk and on a telephone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import courier, timekeeper
from engine.answering.reaching import reach
from engine.courier import bags
from tests.custody.conftest import Round
from tests.journey import Journey
from tests.pages.day import PATIENCE, Day
from tests.pages.house import House, press

COURIER, DESK, MANAGER = "H51.09/giao-nhan:courier", "H51.02/tiep-nhan:receptionist", "H51.02/quan-ly:manager"
AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def carried(house: House, journey: Journey) -> Round:
    return Round(journey)


def tick(house: House, carried: Round) -> None:
    timekeeper.set_shown(house.clock, carried.now(), 1.0)


def somebody(house: House, unit: int) -> str:
    """A post of the unit."""
    found = next(member for member in house.cast.members if member.unit_id == unit)
    return f"{found.unit}:{found.role}"


def said(page: Page, words: str) -> None:
    expect(page.locator("main .tell[role=status]").first).to_contain_text(words)


def test_a_bag_is_sealed_taken_counted_and_its_incidents_closed(house: House, carried: Round) -> None:
    day, papers = Day(house), carried.received(4)
    run = carried.listed()
    line = carried.lines(run)[0]
    tick(house, carried)

    desk = day.sits_down(DESK)
    desk.goto(f"/courier/{run.id}")
    press(desk, "Niêm phong túi")
    expect(desk.get_by_role("alert")).to_contain_text("số niêm phong")
    desk.get_by_label("Số niêm phong").fill("np-0042")
    press(desk, "Niêm phong túi")
    said(desk, "Đã niêm phong túi")
    day.look(desk, "bag-sealed")
    for address in (f"/courier/{run.id}/manifest.pdf", "/courier/bags/1/manifest.pdf", "/courier/bags/1/label.pdf"):
        assert desk.request.get(address).body().startswith(b"%PDF"), address

    carrier = day.sits_down(COURIER, width=390, height=844)
    carrier.goto(f"/courier/{run.id}")
    press(carrier, "Đã lấy túi NP-0042")
    said(carrier, "Đã lấy túi NP-0042")
    expect(carrier.get_by_role("button", name="Đã lấy túi")).to_have_count(0)
    receiver = day.sits_down(somebody(house, line.to_unit_id), width=390, height=844)
    receiver.goto(f"/courier/{run.id}")
    expect(receiver.get_by_role("link", name="Mở túi, đếm giấy tờ NP-0042")).to_be_visible()
    press(carrier, "Khởi hành")
    receiver.reload()
    expect(receiver.get_by_role("button", name="Đã nhận")).to_have_count(0)
    day.look(receiver, "bag-to-open")
    receiver.goto(f"/dossiers/{papers[0].rpartition('-')[0]}")
    expect(receiver.get_by_role("button", name="Xác nhận đã nhận bản giấy")).to_have_count(0)
    receiver.locator("#documents").get_by_role("link", name="chuyến 1").click()
    receiver.get_by_role("link", name="Mở túi, đếm giấy tờ NP-0042").click()
    receiver.get_by_label("Số niêm phong thấy trên túi").fill("NP-0042")
    receiver.get_by_label("Niêm phong bị rách").check()
    press(receiver, "Mở túi, ghi nhận")
    expect(receiver.get_by_role("alert")).to_contain_text("Chưa đếm giấy tờ nào")
    receiver.get_by_label(papers[0]).check()
    receiver.get_by_label("Hoặc quét từng giấy tờ").fill("\n".join([*papers[1:3], "H51.02-261123-9999-S"]).lower())
    day.look(receiver, "bag-counted")
    press(receiver, "Mở túi, ghi nhận")
    expect(receiver.get_by_role("alert")).to_contain_text("1 giấy tờ trong bảng kê chưa đếm thấy")
    expect(receiver.get_by_label(papers[0])).to_be_checked()
    expect(receiver.locator("label", has_text="chưa đếm thấy")).to_contain_text(papers[3])
    assert {carried.paper(code)["state"] for code in papers} == {"carried"}
    day.look(receiver, "bag-one-not-counted")
    press(receiver, "Đã tìm lại, báo thiếu 1 giấy tờ")
    expect(receiver.locator("main")).to_contain_text("3 giấy tờ đã nhận, 1 thiếu, 1 chưa ghi nhận")
    expect(receiver.locator("main")).to_contain_text("Niêm phong không như khi đóng túi")
    day.look(receiver, "bag-opened")

    desk.goto("/incidents")
    expect(desk.get_by_role("heading", level=2).first).to_contain_text("(2)")
    day.look(desk, "incidents")
    desk.locator("summary", has_text=papers[3]).click()
    press(desk, "Khép sự việc")
    expect(desk.get_by_role("alert")).to_contain_text("lý do")
    desk.locator("li", has_text=papers[3]).get_by_label("Đã xử lý thế nào").fill("Tìm thấy ở túi khác")
    press(desk, "Khép sự việc")
    said(desk, "Đã khép sự việc")
    expect(desk.get_by_role("heading", level=2).first).to_contain_text("(1)")
    desk.locator("summary", has_text="NP-0042").click()
    desk.locator("li", has_text="NP-0042").get_by_label("Đã xử lý thế nào").fill("Thay dây niêm phong")
    press(desk, "Khép sự việc")
    expect(desk.locator("main")).to_contain_text("Không có sự việc nào")
    desk.goto("/find?search=Bích+Ngọc")
    expect(desk.locator("main")).to_contain_text("Thiếu bản giấy")
    assert day.wrong == []


def test_a_paper_goes_from_hand_to_hand_and_its_dossier_says_who_had_it(house: House, carried: Round) -> None:
    day, paper = Day(house), carried.received()[0]
    tick(house, carried)
    code = paper.rpartition("-")[0]
    unit = carried.paper(paper)["bound_for_unit_id"]
    desk = day.sits_down(DESK)
    desk.goto(f"/dossiers/{code}")
    desk.locator("summary", has_text="Giao tay bản giấy").click()
    form = desk.locator("details.act", has_text="Giao tay bản giấy")
    control = form.locator(f"select, input[type=radio][value='{unit}']").first
    if control.evaluate("node => node.tagName") == "SELECT":
        control.select_option(str(unit))
    else:
        control.check()
    form.get_by_role("button", name="Giao tay bản giấy").click()
    expect(desk.locator("#documents")).to_contain_text("chờ xác nhận")
    day.look(desk, "paper-offered")

    receiver = day.sits_down(somebody(house, unit))
    receiver.goto("/incidents")
    day.look(receiver, "paper-awaited")
    press(receiver, f"Đã nhận {paper}")
    said(receiver, "Đã xác nhận nhận giấy tờ")
    desk.reload()
    desk.locator("summary", has_text="Đã qua tay ai").click()
    expect(desk.locator("ol.custody li")).to_have_count(2)
    expect(desk.locator("ol.custody li").first).to_contain_text("Xác nhận đã nhận bản giấy")
    day.look(desk, "paper-history")
    assert day.wrong == []


def test_an_auditor_reads_bags_and_incidents_of_others_and_has_no_button_there(house: House, carried: Round) -> None:
    day, papers = Day(house), carried.received(3)
    run = carried.listed()
    line = carried.lines(run)[0]
    bag = bags.seal(house.office, run.id, (line.from_unit_id, line.to_unit_id), "NP-0044",
                    carried.at(line.from_unit_id), carried.now(), papers[:2])
    bags.take(house.office, bag.id, carried.carrier, carried.now())
    carried.do("take_paper", papers[2], carried.carrier)
    carried.depart(run)
    bags.open_bag(house.office, bag.id, "NP-0044", papers[:1], carried.at(line.to_unit_id), carried.now(), broken=True)
    tick(house, carried)

    page = day.sits_down(AUDITOR)
    expect(page).to_have_url(re.compile(r"/find$"))
    page.get_by_role("link", name="Giao nhận").first.click()
    page.get_by_role("link", name="Sự việc, giấy tờ chờ xác nhận").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["Sự việc đang mở (2)"])
    expect(page.locator("main li", has_text=papers[1])).to_contain_text("phụ trách")
    expect(page.locator("main form")).to_have_count(0)
    day.look(page, "incidents-audited")
    page.locator("main li", has_text="NP-0044").get_by_role("link", name="chuyến giao nhận").click()
    expect(page.locator("main .loads", has_text=papers[2])).to_have_count(1)
    expect(page.locator("main form")).to_have_count(0)
    page.get_by_role("link", name="NP-0044", exact=True).first.click()
    expect(page.locator("main")).to_contain_text("Niêm phong không như khi đóng túi")
    expect(page.get_by_role("link", name="In nhãn túi")).to_have_count(0)
    expect(page.locator("main form")).to_have_count(0)
    day.look(page, "bag-audited")
    assert day.wrong == []


def test_a_bag_that_has_not_left_is_opened_again_by_its_sender(house: House, carried: Round) -> None:
    day, paper = Day(house), carried.received()[0]
    run = carried.listed()
    tick(house, carried)
    desk = day.sits_down(DESK)
    desk.goto(f"/courier/{run.id}")
    desk.get_by_label("Số niêm phong").fill("NP-0007")
    press(desk, "Niêm phong túi")
    desk.goto(f"/dossiers/{paper.rpartition('-')[0]}")
    expect(desk.locator("summary", has_text="Giao tay bản giấy")).to_have_count(0)
    desk.goto(f"/courier/{run.id}")
    desk.get_by_role("link", name="Mở ra, chưa giao").click()
    day.look(desk, "bag-of-the-sender")
    desk.get_by_label("Số niêm phong thấy trên túi").fill("NP-0007")
    press(desk, "Mở túi, lấy giấy tờ ra")
    expect(desk.get_by_role("status").last).to_contain_text("Đã lấy giấy tờ ra khỏi túi")
    desk.goto(desk.url.removesuffix("/open"))
    expect(desk.get_by_role("heading", name="Đã lấy ra khỏi túi (1)")).to_be_visible()
    expect(desk.locator("ul.loads")).to_have_text(paper)
    day.look(desk, "bag-unpacked")
    desk.goto(f"/dossiers/{paper.rpartition('-')[0]}")
    expect(desk.locator("summary", has_text="Giao tay bản giấy")).to_have_count(1)
    assert day.wrong == []


def test_a_bag_for_an_agency_without_a_system_is_shown_as_handed_over(house: House, carried: Round) -> None:
    reach(house.office, "H51.01", "paper", "", "test", carried.now())
    day, paper = Day(house), carried.received()[0]
    run = carried.listed()
    line = carried.line(run, paper)
    bag = bags.seal(house.office, run.id, (line.from_unit_id, line.to_unit_id), "NP-0008",
                    carried.at(line.from_unit_id), carried.now())
    bags.take(house.office, bag.id, carried.carrier, carried.now())
    carried.depart(run)
    carried.arrive(run)
    tick(house, carried)
    desk = day.sits_down(DESK)
    desk.goto(f"/courier/{run.id}")
    expect(desk.locator("section[aria-labelledby=bags-head]")).to_contain_text("Đang niêm phong")
    desk.get_by_role("link", name="NP-0008").first.click()
    day.look(desk, "bag-for-outside")
    desk.locator("form[action$='/signed']").get_by_role("link", name=paper.rpartition("-")[0]).click()
    desk.locator("details:has(form[action$='/confirm_paper']) > summary").click()
    desk.get_by_label("Họ tên người đã ký nhận").fill("Sơn Thị Sóc Phia")
    desk.locator("form[action$='/confirm_paper']").get_by_role("button").click()
    desk.wait_for_load_state()
    desk.locator("summary", has_text="Đã qua tay ai").click()
    expect(desk.locator("#documents ul.papers > li > .small").first).to_contain_text("(Sơn Thị Sóc Phia), từ")
    expect(desk.locator("ol.custody li").first).to_contain_text("(Sơn Thị Sóc Phia): ")
    expect(desk.locator("main")).to_contain_text("Người đã ký nhận: Sơn Thị Sóc Phia")
    desk.goto(f"/courier/{run.id}")
    expect(desk.locator("section[aria-labelledby=bags-head]")).to_contain_text("Đã giao ngoài hệ thống")
    expect(desk.locator("ul.loads").last).to_contain_text(
        f"người ký nhận Sơn Thị Sóc Phia; ghi nhận {carried.cast[DESK].name}")
    day.look(desk, "run-handed-over-outside")
    desk.get_by_role("link", name="NP-0008").first.click()
    said(desk, "người ký nhận Sơn Thị Sóc Phia")
    day.look(desk, "bag-handed-over-outside")
    assert day.wrong == []


def test_one_signature_on_the_manifest_is_recorded_once_for_all_papers_of_a_bag(house: House, carried: Round) -> None:
    reach(house.office, "H51.01", "paper", "", "test", carried.now())
    day, papers = Day(house), carried.received(3)
    run = carried.listed()
    line = carried.line(run, papers[0])
    bag = bags.seal(house.office, run.id, (line.from_unit_id, line.to_unit_id), "NP-0009",
                    carried.at(line.from_unit_id), carried.now())
    tick(house, carried)
    desk = day.sits_down(DESK)
    desk.goto(f"/courier/bags/{bag.id}")
    expect(desk.get_by_role("button", name="Ghi nhận đã ký")).to_have_count(0)
    bags.take(house.office, bag.id, carried.carrier, carried.now())
    carried.depart(run)
    desk.reload()
    press(desk, "Ghi nhận đã ký")
    expect(desk.get_by_role("alert")).to_contain_text("Đánh dấu giấy tờ đã có chữ ký")
    expect(desk.get_by_role("alert")).to_contain_text("Ghi họ tên người đã ký nhận")
    desk.get_by_label("Họ tên người đã ký nhận").fill("Sơn Thị Sóc Phia")
    desk.get_by_label(papers[0]).check()
    day.look(desk, "bag-to-sign-for")
    press(desk, "Ghi nhận đã ký")
    said(desk, "1 giấy tờ đã ghi nhận người ký")
    expect(desk.get_by_label(papers[0])).to_have_count(0)
    desk.get_by_label("Họ tên người đã ký nhận").fill("Sơn Thị Sóc Phia")
    desk.get_by_label("Đã ký nhận đủ 2 giấy tờ").check()
    press(desk, "Ghi nhận đã ký")
    said(desk, "Đã giao ngoài hệ thống")
    expect(desk.locator("main")).to_contain_text("2 giấy tờ đã ghi nhận người ký")
    expect(desk.get_by_role("button", name="Ghi nhận đã ký")).to_have_count(0)
    day.look(desk, "bag-signed-for")
    assert {carried.paper(code)["carrier"] for code in papers} == {"Sơn Thị Sóc Phia"}
    assert day.wrong == []


def test_what_goes_with_the_next_run_is_seen_before_its_manifest_is_drawn(house: House, carried: Round) -> None:
    day, papers = Day(house), carried.received(2)
    courier.plan_ahead(house.office, carried.now())
    carried.journey.now += timedelta(minutes=5)
    tick(house, carried)
    desk = day.sits_down(DESK)
    desk.goto("/courier")
    runs = desk.locator("ul.runs li")
    expect(runs.first).to_contain_text("Đang chờ chuyến này")
    expect(runs.first.locator("dd").last).to_have_text("2")
    expect(runs.last.locator("dd")).to_have_text(["lập lúc 16:00"])
    day.look(desk, "courier-planned")
    runs.first.get_by_role("link", name="Xem chuyến").click()
    expect(desk.locator("ul.loads .barcode")).to_have_text(papers)
    day.look(desk, "courier-waiting")
    assert day.wrong == []


def test_after_the_last_run_the_next_one_is_named_with_what_waits_for_it(house: House, carried: Round) -> None:
    day = Day(house)
    courier.plan_ahead(house.office, carried.now())
    carried.journey.now = carried.now().replace(hour=11)
    courier.draw_due_manifests(house.office, carried.now())
    carried.received(2)
    tick(house, carried)
    desk = day.sits_down(DESK)
    desk.goto("/courier")
    expect(desk.locator("p.tell")).to_contain_text("đang chờ chuyến ấy: 2 giấy tờ")
    desk.get_by_role("link", name="25/11/2026 08:30").click()
    expect(desk.locator("ul.runs li").first).to_contain_text("Đang chờ chuyến này")
    day.look(desk, "courier-next")
    assert day.wrong == []


def test_routes_are_kept_by_who_manages_the_desk(house: House, carried: Round) -> None:
    day = Day(house)
    tick(house, carried)
    manager = day.sits_down(MANAGER)
    manager.goto("/courier/routes")
    press(manager, "Lập tuyến")
    expect(manager.get_by_role("alert")).to_contain_text("Cần sửa 2 chỗ")
    manager.get_by_label("Tên tuyến", exact=True).fill("Tuyến ven sông")
    manager.get_by_label("Điểm dừng theo thứ tự").fill("H51.02/tiep-nhan\nH51.03/chuyen-mon")
    press(manager, "Lập tuyến")
    expect(manager.locator("section", has_text="Tuyến ven sông")).to_contain_text("chuyến tới 23/11/2026 08:30")
    day.look(manager, "courier-routes")
    press(manager, "Ngừng tuyến này Tuyến ven sông")
    expect(manager.locator("main")).not_to_contain_text("Tuyến ven sông")
    desk = day.sits_down(DESK)
    desk.goto("/courier/routes")
    expect(desk.get_by_role("button", name="Lập tuyến")).to_have_count(0)
    assert day.wrong == []

"""Who asks says what silence means, who is asked reads it, and afterwards all see what was taken for an answer."""

from __future__ import annotations

from datetime import timedelta

from engine import alarms
from engine.casework.consulting import place
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults

LEAD, LEAD_HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
JUSTICE, JUSTICE_HEAD = "H51.13/chuyen-mon:officer", "H51.13/chuyen-mon:head"


def test_silence_is_chosen_told_taken_and_shown(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)
    house.at(10)

    asking = house.person(LEAD)
    asking.goto(f"/dossiers/{code}")
    asking.locator("summary", has_text="Lấy ý kiến ngoài quy trình").click()
    form = asking.locator("form[action$='/acts/consult_further']")
    form.get_by_role("group", name="Sở Tư pháp").get_by_label("Phòng Hành chính và Bổ trợ tư pháp").check()
    form.get_by_label("Nội dung cần lấy ý kiến").fill("Có ý kiến gì về nội dung trưng bày không?")
    form.get_by_label("Chờ đủ mọi ý kiến").check()
    assert form.get_by_label("Báo lãnh đạo đơn vị được hỏi").is_checked()
    form.get_by_label("Coi như đồng ý").check()
    form.get_by_role("button").click()
    assert "Ghi căn cứ pháp lý để coi im lặng là đồng ý" in asking.locator("#errors").inner_text()
    assert faults(house, asking, "consult-silence-refused") == []
    form.get_by_role("textbox", name="Căn cứ pháp lý").fill("khoản 5 Điều 19")
    assert form.get_by_label("Phòng Hành chính và Bổ trợ tư pháp").is_checked()
    form.get_by_role("button").click()
    assert "thì coi như đồng ý" in asking.locator("[aria-labelledby=further]").inner_text()

    house.deliver()
    asked = house.person(JUSTICE)
    walk = Walk(journey, code)
    asked.goto(f"/dossiers/{code}")
    asked.get_by_role("button", name="Ký nhận hồ sơ chuyển đến").click()
    assert "Đến hạn không có ý kiến thì coi như đồng ý" in asked.locator("#acts").inner_text()
    assert faults(house, asked, "consult-silence-asked") == []

    alarms.sweep(house.office, walk.items[place(1)]["due_at"] + timedelta(minutes=1))
    asking.goto(f"/dossiers/{code}")
    told = asking.locator("[aria-labelledby=further]").inner_text()
    assert "không trả lời đúng hạn" in told
    assert "Hệ thống" in told
    assert faults(house, asking, "consult-silence-taken") == []
    asking.goto("/notices")
    assert "hệ thống ghi nhận theo luật" in asking.locator("main").inner_text()
    assert faults(house, asking, "notices-silence") == []


def test_a_head_finds_what_is_reported_to_heads_and_counts_it(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)
    walk = Walk(journey, code)
    alarms.sweep(house.office, walk.items["examining"]["due_at"] + timedelta(minutes=1))

    head, officer = house.person(LEAD_HEAD), house.person(LEAD)
    head.goto("/notices")
    officer.goto("/notices")

    assert "Báo lãnh đạo: Bước xử lý – đến hạn" in head.locator("main").inner_text()
    assert "Báo lãnh đạo" not in officer.locator("main").inner_text()

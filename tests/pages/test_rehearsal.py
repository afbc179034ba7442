"""An administrator clicks a scenario together, records a dossier, runs all of them, and compares with what was."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.designing import drafts
from engine.designing.drafts import Beginning, Edit
from engine.office import Office
from procedures.declaration import Text
from tests.casework.walking import FACTS, Walk
from tests.journey import Cast, Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"
CONFERENCE = "conference_permit_local"
Drafted = Callable[..., str]


@pytest.fixture
def drafted(office: Office, cast: Cast) -> Drafted:
    """The address of the scenarios of a draft made from the version in force."""

    def make(edit: Callable[[dict[str, Any]], None] | None = None) -> str:
        now, actor = timekeeper.now(), cast[ADMINISTRATOR]
        version = office.fresh_catalogue().current(CONFERENCE, now.date())[0]
        draft = drafts.create(office, actor, Beginning(version_id=version), now)
        if edit is not None:
            def apply(data: dict[str, Any]) -> str:
                edit(data)
                return ""
            draft = drafts.change(office, actor, draft.id, draft.version, Edit(apply, Text(vi="Sửa", en="Edit")), now)
        return f"/procedures/drafts/{draft.id}/scenarios"

    return make


def shorter(data: dict[str, Any]) -> None:
    data["limit"] = "10 working days"


def begin(page: Page, address: str, name: str = "Hồ sơ đủ") -> None:
    """The form of what comes in, filled in."""
    page.goto(f"{address}/new")
    page.fill("[name=name]", name)
    for fact, value in FACTS[CONFERENCE].items():
        field = page.locator(f"[name='facts.{fact}']").first
        if isinstance(value, bool):
            page.locator(f"[name='facts.{fact}'][value={'yes' if value else 'no'}]").check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "radio":
            page.locator(f"[name='facts.{fact}'][value='{value}']").check()
        else:
            field.fill(str(value))
    press(page, "Bắt đầu")


def step(page: Page, act: str) -> None:
    page.locator(f"[name=act][value='{act}']").check()
    press(page, "Thêm bước")


def walked(journey: Journey) -> Walk:
    walk = Walk(journey, journey.receive(facts=FACTS[CONFERENCE]).code)
    for _ in range(40):
        if walk.dossier["closed_at"] is None:
            journey.now += timedelta(hours=5)
            walk.go_on()
    assert walk.dossier["closed_at"] is not None
    return walk


def test_a_scenario_is_clicked_together_on_a_draft_and_runs_again(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR, java_script_enabled=False), drafted()
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Chưa có kịch bản nào")

    begin(page, address)
    expect(page.locator("#step-0")).to_contain_text("Thẩm định hồ sơ")
    expect(page.locator("#step-0")).to_contain_text("Phòng Ngoại vụ")
    step(page, "consult examining")
    expect(page.locator("#step-1")).to_contain_text("Ý kiến Công an tỉnh")
    for branch in ("foreign_affairs", "police", "agriculture"):
        step(page, f"give_opinion {branch}")
    expect(page.locator("#step-4")).to_contain_text("Tổng hợp ý kiến")
    expect(page.locator("#step-4 summary")).to_contain_text("Kỳ vọng: 4")

    page.goto(address)
    press_link(page, "Chạy tất cả")
    expect(page.get_by_role("status")).to_have_text("Đạt 1 trong 1 kịch bản.")


def press_link(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def test_who_may_not_is_tried_and_the_refusal_can_be_expected(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    begin(page, address)
    page.locator("[name=keep]").uncheck()
    page.locator("summary", has_text="Chi tiết khác").click()
    page.locator("[name=who]").select_option("centre receptionist")
    step(page, "consult examining")

    refused = page.locator("#step-1")
    expect(refused).to_contain_text("bị từ chối")
    expect(refused).to_contain_text("thuộc về Chuyên viên")
    expect(page.locator(".head")).to_contain_text("Không đạt")

    refused.locator("summary").click()
    refused.locator("[name=aspect][value=refused]").check()
    refused.get_by_role("button", name="Lưu kỳ vọng").click()
    expect(page.locator(".head .state")).to_have_text("Đạt")
    page.locator("#step-1 summary").click()
    page.locator("#step-1").get_by_role("button", name="Bỏ từ bước này").click()
    expect(page.get_by_role("status")).to_have_text("Đã bỏ bước.")
    expect(page.locator("#step-1")).to_have_count(0)


def test_what_expects_nothing_says_so_and_what_happened_can_be_accepted(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    page.goto(f"{address}/new")
    day, month, year = map(int, page.locator("[name=received]").input_value().split("/"))
    assert date(year, month, day).weekday() < 5
    begin(page, address)
    expect(page.locator(".head .state")).to_have_text("Chưa có kỳ vọng")
    press(page, "Lấy kết quả của mọi bước làm kỳ vọng")
    expect(page.locator(".head .state")).to_have_text("Đạt")

    scenario = page.url.partition("?")[0].rpartition("/")[2]
    page.goto(f"{drafted(shorter)}/{scenario}")
    expect(page.locator(".head .state")).to_have_text("Không đạt")
    press(page, "Lấy kết quả này làm kỳ vọng bước 0")
    expect(page.locator(".head .state")).to_have_text("Đạt")


def test_wrong_entries_come_back_with_what_was_typed(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    page.goto(f"{address}/new")
    page.fill("[name=received]", "hôm qua")
    page.fill("[name='facts.participants']", "nhiều")
    press(page, "Bắt đầu")

    expect(page.get_by_role("alert")).to_contain_text("Đặt tên cho kịch bản.")
    expect(page.get_by_role("alert")).to_contain_text("Ghi ngày nhận")
    expect(page.locator("[name=received]")).to_have_value("hôm qua")
    expect(page.locator("[name='facts.participants']")).to_have_value("nhiều")


def test_what_comes_in_is_changed_and_its_steps_stay(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    begin(page, address)
    step(page, "consult examining")
    page.locator("#step-0 summary").click()
    press_link(page, "Sửa hồ sơ nhận vào")
    expect(page.locator("[name='facts.topic']")).to_have_value(FACTS[CONFERENCE]["topic"])
    page.fill("[name=received]", "01/12/2026")
    press(page, "Lưu và xem")

    expect(page.locator("#step-0")).to_contain_text("01/12/2026")
    expect(page.locator("#step-1")).to_contain_text("Gửi lấy ý kiến")
    expect(page.locator("#step-1 .wrong")).to_contain_text("Chờ hạn trả")


def test_somebody_else_who_was_first_is_not_overwritten(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    begin(page, address)
    other = house.person(f"{ADMINISTRATOR}#1")
    other.goto(page.url.split("?")[0])
    step(other, "consult examining")
    step(page, "stop examining")

    expect(page.get_by_role("alert")).to_contain_text("Có người vừa sửa")
    expect(page.locator("#step-1")).to_contain_text("Gửi lấy ý kiến")


def test_a_real_dossier_is_recorded_and_shows_what_a_draft_would_change(house: House, drafted: Drafted,
                                                                       journey: Journey) -> None:
    walk = walked(journey)
    page, address = house.person(ADMINISTRATOR), drafted(shorter)
    page.goto(address)
    press(page, "Ghi thành kịch bản")
    expect(page.get_by_role("alert")).to_contain_text("Ghi mã hồ sơ")
    page.fill("[name=code]", walk.code.lower())
    press(page, "Ghi thành kịch bản")

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Ghi từ hồ sơ {walk.code}")
    expect(page.locator("#wrong").locator("..")).to_contain_text("Chờ hạn trả")
    expect(page.locator("main")).not_to_contain_text("Nguyễn Thị Bích Ngọc")

    page.goto(f"{address}/replay")
    expect(page.get_by_role("row", name=re.compile(walk.code))).to_contain_text("Chờ hạn trả")
    expect(page.locator("dl.sheet")).to_contain_text("Khác hạn")
    house.shot(page, "replay")


def test_who_is_no_administrator_may_look_at_most(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted()
    begin(page, address)
    number = page.url.split("?")[0].rsplit("/", 1)[1]

    head = house.person("H51.01/ngoai-vu:head")
    head.goto(f"{address}/{number}")
    expect(head.locator("#step-0")).to_be_visible()
    expect(head.get_by_role("button", name="Thêm bước")).to_have_count(0)
    answer = head.goto(f"{address}/new")
    assert answer is not None
    assert answer.status == 403
    desk = house.person("H51.02/tiep-nhan:receptionist")
    answer = desk.goto(f"{address}/{number}")
    assert answer is not None
    assert answer.status == 404


def test_an_incomplete_draft_says_so(house: House, drafted: Drafted) -> None:
    page, address = house.person(ADMINISTRATOR), drafted(lambda data: data.pop("name"))
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Bản thảo còn thiếu nội dung nên chưa diễn tập được.")
    page.goto(f"{address}/replay")
    expect(page.locator("main")).to_contain_text("Bản thảo còn thiếu nội dung")
    answer = page.goto(f"{address}/new")
    assert answer is not None
    assert answer.status == 409


def test_axe_finds_nothing_and_nothing_is_wider_than_a_telephone(house: House, drafted: Drafted,
                                                                 journey: Journey) -> None:
    walk = walked(journey)
    page, address = house.person(ADMINISTRATOR, bypass_csp=True), drafted(shorter)
    page.goto(address)
    page.fill("[name=code]", walk.code)
    press(page, "Ghi thành kịch bản")
    recorded = page.url.split("?")[0]
    begin(page, address)
    clicked = page.url.split("?")[0]
    faulty = f"{address}/new"
    found: list[tuple[str, ...]] = []
    for name, path in (("list", f"{address}?run=all"), ("new", faulty), ("recorded", recorded), ("clicked", clicked),
                       ("replay", f"{address}/replay"), ("reception", f"{clicked}/reception")):
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, name
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        found += faults(house, page, f"rehearsal-{name}")
        page.set_viewport_size({"width": 360, "height": 740})
        assert too_wide(house, page, f"rehearsal-{name}", most=360) == []
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []

"""Pages follow what others do: by themselves, without taking anything out of anybody's hands."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.casework.act import act
from engine.casework.receive import receive
from engine.office import Office
from storage.views import pulse
from tests.journey import Cast, Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

DESK = "H51.02/tiep-nhan:receptionist"
WITHIN = 60_000
WORDS = "Đã xem, còn thiếu chữ ký của đơn vị phối hợp"


def opened(house: House, journey: Journey, **options: bool) -> tuple[Page, str]:
    code = receive(house.office, journey.submission(accept=False), house.at(9)).code
    page = house.person(DESK, **options)
    page.goto(f"/dossiers/{code}")
    return page, code


def accepted(house: House, journey: Journey, code: str) -> str:
    """By a colleague at the same desk; returns his name."""
    colleague = house.cast[DESK + "#1"]
    act(house.office, journey.order(code, "accept", colleague), timekeeper.now())
    return colleague.name


def test_a_dossier_that_moves_is_shown_as_it_is_now(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    page.locator("ol.record").scroll_into_view_if_needed()
    page.get_by_text("Viết trao đổi").focus()
    before = page.evaluate("[document.activeElement.textContent.trim(), scrollY]")
    assert before[0] == "Viết trao đổi"
    who = accepted(house, journey, code)

    expect(page.locator("#live")).to_contain_text(who, timeout=WITHIN)

    expect(page.locator("ol.record li").first).to_contain_text(who)
    after = page.evaluate("[document.activeElement.textContent.trim(), scrollY]")
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) < 100, "only what the message above takes"
    assert faults(house, page, "live-dossier") == []


def test_what_was_confirmed_stays_when_the_page_follows_the_machine(house: House, journey: Journey) -> None:
    page, _ = opened(house, journey)
    page.locator("form[action$='/acts/accept'] button").click()
    told = page.locator("[data-said]")
    expect(told).to_contain_text("Tiếp nhận")
    before = told.inner_text()
    house.deliver()

    expect(page.locator("#live")).to_contain_text("trang đã cập nhật", timeout=WITHIN)

    expect(told).to_have_count(1)
    assert told.inner_text() == before
    assert told.evaluate("one => one.previousElementSibling.matches('header.head')")
    expect(page.locator("ol.record")).to_contain_text("Hệ thống chuyển đến nơi nhận")


def test_what_is_being_typed_is_left_alone_until_it_is_asked_for(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    page.locator("summary", has_text="Từ chối").first.click()
    field = page.locator("details[open] textarea").first
    field.fill(WORDS)
    who = accepted(house, journey, code)

    expect(page.locator("#live")).to_contain_text(f"thay đổi bởi {who}", timeout=WITHIN)
    expect(field).to_have_value(WORDS)
    expect(page.locator("ol.record")).not_to_contain_text(who)
    page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(house, page, "live-bar") == []
    page.get_by_role("button", name="Xem lại").click()

    expect(page.locator("ol.record")).to_contain_text(who)
    expect(page.get_by_text(WORDS)).to_be_visible()


def test_what_was_typed_moves_over_into_the_same_form(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    page.locator("summary", has_text="góp ý").first.click()
    page.locator("details[open] textarea").first.fill(WORDS)
    accepted(house, journey, code)
    version = page.locator("details[open] [name=seen_version]").get_attribute("value")

    page.get_by_role("button", name="Xem lại").click(timeout=WITHIN)

    form = page.locator("details[open]").filter(has=page.locator("textarea"))
    expect(form.locator("textarea").first).to_have_value(WORDS)
    expect(form.locator("[name=seen_version]").first).not_to_have_value(version or "")


def test_a_work_list_takes_in_what_arrives(house: House, journey: Journey) -> None:
    receive(house.office, journey.submission(accept=False), house.at(9))
    page = house.person(DESK)
    page.goto("/")
    first = page.locator("#results a[data-row]").first
    first.focus()
    focused = first.text_content()

    code = receive(house.office, journey.submission(accept=False), timekeeper.now()).code

    expect(page.locator("#results")).to_contain_text(code, timeout=WITHIN)
    expect(page.locator("#live")).to_contain_text("Danh sách đã cập nhật")
    assert page.evaluate("document.activeElement.textContent") == focused


def test_a_page_told_to_stand_still_does(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    page.get_by_role("button", name="Tắt tự cập nhật").click()
    expect(page.get_by_role("button", name="Bật tự cập nhật")).to_be_visible()
    who = accepted(house, journey, code)

    page.wait_for_timeout(7000)

    expect(page.locator("ol.record")).not_to_contain_text(who)
    page.get_by_role("button", name="Bật tự cập nhật").click()
    expect(page.locator("ol.record")).to_contain_text(who, timeout=WITHIN)


def test_an_open_page_keeps_no_session_alive(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    with house.office.db.connection() as connection:
        connection.execute(b"update session set seen_at = seen_at - interval '10 minutes'")
    seen = house.office.db.value("select seen_at from session")

    for path in (f"/dossiers/{code}/pulse", "/pulse"):
        assert page.request.get(path).status == 200

    assert house.office.db.value("select seen_at from session") == seen
    page.request.get("/")
    assert house.office.db.value("select seen_at from session") != seen


def test_an_unchanged_page_is_answered_with_nothing(house: House, journey: Journey) -> None:
    page, code = opened(house, journey)
    for path in (f"/dossiers/{code}/pulse", "/pulse"):
        tag = page.request.get(path).headers["etag"]
        again = page.request.get(path, headers={"if-none-match": tag})
        assert (again.status, again.body()) == (304, b"")
    stranger = house.person("H51.01/ngoai-vu:officer")
    assert stranger.request.get(f"/dossiers/{code}/pulse").status == 404


@pytest.mark.parametrize("query", [pulse.OF_UNITS, pulse.OF_DOSSIER])
def test_asking_reads_indexes_only(office: Office, journey: Journey, cast: Cast, query: str) -> None:
    code = journey.receive().code
    told = {"code": code, "person": cast[DESK].id, "today": journey.now.date(), "blind": False}
    with office.db.connection() as connection:
        connection.execute(b"set enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(f"explain {query}".encode(), told).fetchall())
        connection.execute(b"reset enable_seqscan")
    for table in ("work_item", "audit", "dossier"):
        assert f"Seq Scan on {table}" not in plan, plan


def test_a_list_sees_arrivals_claims_and_what_is_done(office: Office, journey: Journey, cast: Cast) -> None:
    clerk, today = cast[DESK], journey.now.date()

    def look() -> pulse.UnitsPulse:
        return pulse.of_units(office.db, clerk.id, today)

    marks = [look()]
    code = receive(office, journey.submission(accept=False), journey.now).code
    marks.append(look())
    for event in ("claim", "let_go", "accept"):
        journey.now += timedelta(minutes=1)
        act(office, journey.order(code, event, clerk, state="checking"), journey.now)
        marks.append(look())
    assert all(one != other for one, other in itertools.pairwise(marks)), marks

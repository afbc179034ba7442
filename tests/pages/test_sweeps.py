"""Whether alarms ring, as managers, administrators and auditors see it: alive or silent, late, failing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from engine import alarms, timekeeper
from storage import sweeps
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

MANAGER = "H51.02/tiep-nhan:manager"
OFFICER = "H51.01/ngoai-vu:officer"
SILENT = "Không nhắc hạn"


@pytest.fixture
def codes(house: House, journey: Journey, fresh: Fresh) -> list[str]:
    """Two dossiers, five days later: the alarms of the one rang, those of the other cannot."""
    found = []
    for _ in range(2):
        found.append(journey.receive().code)
        journey.register_all(found[-1])
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update clock set marks = '[{}]' where dossier_id = "
                           "(select id from dossier where code = %s)", (found[1],))
    timekeeper.set_shown(house.clock, journey.now + timedelta(days=5), 1.0)
    alarms.sweep(house.office, timekeeper.now())
    return found


def silence(fresh: Fresh, seconds: int) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update heartbeat set at = clock_timestamp() - make_interval(secs => %s)", (seconds,))


def test_a_manager_sees_that_it_runs_what_rang_and_which_dossier_fails(
        house: House, codes: list[str], fresh: Fresh) -> None:
    sweeps.beat(house.office.db, "may-chu:42")
    page = house.person(MANAGER)
    expect(page.get_by_text(SILENT)).to_have_count(0)
    page.goto("/reports")
    sweeps.beat(house.office.db, "may-chu:42")
    page.get_by_role("link", name="Theo dõi nhắc hạn").click()
    expect(page.get_by_role("status").first).to_contain_text("Đang nhắc hạn")
    expect(page.locator("section[aria-labelledby=now]")).to_contain_text("may-chu:42")
    expect(page.locator("section[aria-labelledby=today]")).to_contain_text("Đến hạn")
    row = page.locator("section[aria-labelledby=failing] tbody tr")
    expect(row.first).to_contain_text(codes[1])
    expect(row.first).to_contain_text("Lỗi: bad_mark")
    swept = page.locator("section[aria-labelledby=sweeps] tbody tr")
    expect(swept).to_have_count(1)
    rang = house.office.db.value("select count(*) from audit where action like 'alarm:%%'", ())
    expect(swept).to_contain_text(str(rang))
    house.shot(page, "sweeps")
    expect(row.first.get_by_role("link")).to_have_attribute("href", f"/dossiers/{codes[1]}")


def test_a_minute_without_a_look_is_red_on_the_page_and_on_the_managers_home(
        house: House, codes: list[str], fresh: Fresh) -> None:
    sweeps.beat(house.office.db, "may-chu:42")
    page = house.person(MANAGER)
    silence(fresh, 61 * 60)
    page.reload()
    alarm = page.get_by_role("status").filter(has_text=SILENT)
    expect(alarm).to_contain_text("1 giờ 1 phút")
    house.shot(page, "sweeps-home")
    page.get_by_role("link", name="Theo dõi nhắc hạn").click()
    expect(page.get_by_role("status").filter(has_text=SILENT)).to_be_visible()
    expect(page.locator(".tell.late svg")).to_have_count(1)
    officer = house.person(OFFICER)
    expect(officer.get_by_text(SILENT)).to_have_count(0)


def test_what_is_due_and_not_rung_shows_how_late_it_is(house: House, journey: Journey) -> None:
    code = journey.receive().code
    journey.register_all(code)
    first = house.office.db.value("select min(fires_at) from timer")
    timekeeper.set_shown(house.clock, first + timedelta(hours=2, minutes=5), 0.0)
    page = house.person(MANAGER)
    page.goto("/reports/sweeps")
    expect(page.locator("section[aria-labelledby=now]")).to_contain_text("2 giờ 5 phút")
    expect(page.get_by_role("status").first).to_contain_text("Chưa có lần kiểm tra nào")


def test_an_administrator_sees_it_without_a_way_into_dossiers_and_others_see_nothing(
        house: House, codes: list[str], fresh: Fresh) -> None:
    admin, _ = administrators(house.office, fresh)
    page = house.page()
    house.sign_in(page, house.office.db.value("select login from person where id = %s", (admin.id,)))
    page.goto("/reports/sweeps")
    expect(page.locator("section[aria-labelledby=failing]")).to_contain_text(codes[1])
    expect(page.locator("section[aria-labelledby=failing] a")).to_have_count(0)
    officer = house.person(OFFICER)
    answer = officer.goto("/reports/sweeps")
    assert answer is not None
    assert answer.status == 404


def seen(house: House, fresh: Fresh, **options: Any) -> Iterator[tuple[str, Page]]:
    page = house.person(MANAGER, **options)
    yield "sweeps-home", page
    page.goto("/reports/sweeps")
    yield "sweeps-silent", page
    sweeps.beat(house.office.db, "may-chu:42")
    page.reload()
    yield "sweeps-alive", page


def test_axe_finds_nothing_in_light_and_in_dark(house: House, codes: list[str], fresh: Fresh) -> None:
    assert [fault for name, page in seen(house, fresh, bypass_csp=True) for fault in faults(house, page, name)] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, codes: list[str], fresh: Fresh) -> None:
    assert [wide for name, page in seen(house, fresh, width=320, height=640)
            for wide in too_wide(house, page, name)] == []

"""The counter without its network: ten dossiers taken in, codes unique, times kept, none lost, none twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from engine import timekeeper
from engine.seed import DEMO_PASSWORD
from tests.pages.house import House
from tests.pages.looks import faults, too_wide
from tests.pages.test_reception import TEXTS

DESK = "H51.02/tiep-nhan:receptionist"
NAME = "Trường Đại học Nông nghiệp số {}"
TEN = 10


def counter(house: House, who: str = DESK, **options: object) -> Page:
    """Opened once with a network: the page is kept, codes and forms are there."""
    page = house.person(who, **options)
    page.goto("/receive/offline")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("main[data-ready]")).to_be_attached()
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def take_in(page: Page, number: int, *, papers: tuple[str, ...] = ("request_letter", "plan")) -> None:
    """Of the conference; by name as a person would find it."""
    page.locator("#search").fill("hoi nghi 2.002312")
    expect(page.locator("[data-procedures] button")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for name, text in TEXTS.items():
        page.fill(f"[name='{name}']", NAME.format(number) if name == "applicant.name" else text)
    page.select_option("[name='facts.topic_field']", "agriculture")
    for name in ("facts.head_of_state_level", "facts.state_secret"):
        page.check(f"[name='{name}'][value=no]")
    for paper in papers:
        page.check(f"[name=paper][value={paper}]")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-kept]")).to_contain_text("Đã ghi nhận")


def rows(page: Page, state: str) -> int:
    return page.locator(f"tbody tr[data-state={state}]").count()


def dossiers(house: House) -> list[tuple[str, datetime, str]]:
    with house.office.db.connection() as connection:
        return connection.execute("select d.code, d.received_at, a.name from dossier d join applicant a "
                                  "on a.dossier_id = d.id order by d.code").fetchall()


def test_ten_receipts_without_a_network_are_ten_dossiers_with_their_own_times(house: House) -> None:
    page = counter(house)
    page.context.set_offline(True)
    expect(page.locator("[data-net]")).to_have_text("Mất mạng – vẫn tiếp nhận được.")
    for number in range(TEN):
        house.at(9, 10 + number)
        page.evaluate(f"localStorage.setItem('counter-ahead', {timekeeper.now().timestamp() * 1000} - Date.now())")
        take_in(page, number)
    assert rows(page, "waiting") == TEN
    house.shot(page, "offline-ten")
    page.reload()
    expect(page.locator("tbody tr[data-state=waiting]")).to_have_count(TEN)
    printed = {row.inner_text() for row in page.locator("tbody .code").all()}
    assert dossiers(house) == []

    house.at(12)
    page.context.set_offline(False)
    expect(page.locator("tbody tr[data-state=done]")).to_have_count(TEN, timeout=30_000)
    found = dossiers(house)
    assert {code for code, _, _ in found} == printed
    assert [name for _, _, name in found] == [NAME.format(number) for number in range(TEN)]
    begun = house.at(9, 10)
    for number, (_, received, _) in enumerate(found):
        assert timedelta(0) <= received - begun - timedelta(minutes=number) < timedelta(minutes=1)
    house.shot(page, "offline-synchronised")

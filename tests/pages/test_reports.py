"""Every report is found from one page, by those who may read it."""

from __future__ import annotations

import pytest

from tests.pages.house import House
from tests.pages.looks import faults


@pytest.mark.parametrize(("member", "watches"), [
    ("H51.01/kiem-soat-thu-tuc:administrator", True), ("H51.02/quan-ly:manager", True), ("H51.01/lanh-dao:head", False),
])
def test_each_report_opens_for_whom_it_is_listed(house: House, member: str, *, watches: bool) -> None:
    reader = house.person(member)
    reader.goto("/")
    reader.get_by_role("navigation").get_by_role("link", name="Báo cáo").click()

    listed = [link.get_attribute("href") for link in reader.locator("main dt a").all()]
    assert ("/reports/sweeps" in listed) is watches
    assert len(listed) == 3 + 3 * watches
    for address in listed:
        answer = reader.goto(str(address))
        assert answer is not None
        assert answer.status == 200, address


def test_axe_finds_nothing_in_light_and_in_dark(house: House) -> None:
    reader = house.person("H51.02/quan-ly:manager")
    reader.goto("/reports")
    assert faults(house, reader, "reports") == []


def test_a_receptionist_has_no_reports(house: House) -> None:
    clerk = house.person("H51.02/tiep-nhan:receptionist")
    answer = clerk.goto("/reports")
    assert answer is not None
    assert answer.status == 404
    assert clerk.get_by_role("navigation").get_by_role("link", name="Báo cáo").count() == 0

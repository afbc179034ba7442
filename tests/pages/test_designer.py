"""The designer in the browser: with the keyboard alone, two at once, hostile words, for every eye."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.designing import drafts
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import MONDAY
from tests.pages.designing import define_six_steps
from tests.pages.house import House

LOGIN = "select login from person where id = %s"


@pytest.fixture
def logins(house: House, fresh: Fresh) -> tuple[str, str]:
    """Two administrators."""
    first, second = administrators(house.office, fresh)
    return house.office.db.value(LOGIN, (first.id,)), house.office.db.value(LOGIN, (second.id,))


def writer(house: House, login: str, **options: object) -> Page:
    page = house.page(**options)
    house.sign_in(page, login)
    return page


def test_a_procedure_of_six_steps_is_written_with_the_keyboard_alone(house: House, logins: tuple[str, str]) -> None:
    page = writer(house, logins[0])
    address = define_six_steps(page)
    expect(page.get_by_role("status").last).to_contain_text("Bản thảo đã đầy đủ")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cấp phép đào đường đô thị")
    house.shot(page, "designer-whole")
    by = house.office.db.value("select created_by from procedure_draft")
    actor = house.cast.office.db.value("select name from person where id = %s", (by,))
    draft = drafts.open_for(house.office, drafts.Actor(id=by, name=actor), int(address.rsplit("/", 1)[1]), MONDAY)
    assert draft.faults == ()
    assert draft.declaration is not None
    assert [key for _, key, _ in draft.declaration.machine.steps()] == [
        "kiem_tra_ho_so", "tham_dinh", "y_kien_cong_an", "y_kien_ve_nong_nghiep", "tong_hop", "ky_giay_phep",
        "tra_giay_phep"]
    page.goto(f"{address}/steps")
    expect(page.locator("main")).to_contain_text("khi độ sâu đào (cm) lớn hơn 100")
    house.shot(page, "designer-steps")
    expect(page.locator("svg.diagram")).to_contain_text("Thẩm định")

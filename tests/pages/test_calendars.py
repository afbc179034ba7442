"""Calendars in the browser: a year that can be read, a storm closure from its decision to the date on a dossier."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from api.pages.calendars import publishing
from engine import timekeeper
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.recomputing.job import recompute
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"
DESK = "H51.02/tiep-nhan:receptionist"
MANAGER = "H51.02/tiep-nhan:manager"
AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"
SCOPES = ("/calendars", "/calendars/shared", "/calendars/H51.21", "/calendars/shared/versions")
STORM = {"date": "01/12/2026", "vi": "Phòng, chống bão số 9", "basis": "2345/QĐ-UBND"}


def begun(page: Page, scope: str = "shared") -> None:
    page.goto(f"/calendars/{scope}")
    press(page, "Sửa lịch này")


def fill(page: Page, **given: str) -> None:
    for name, text in given.items():
        page.fill(f"[name={name}]", text)


def closure(page: Page, **given: str) -> None:
    page.get_by_role("link", name="Thêm ngày").click()
    page.select_option("[name=kind]", "closure")
    fill(page, **(STORM | given))
    press(page, "Lưu vào bản thảo")


def test_readers_read_and_strangers_find_nothing(house: House) -> None:
    manager = house.person(MANAGER)
    for address in SCOPES:
        assert manager.goto(address).status == 200, address  # type: ignore[union-attr]
        expect(manager.get_by_role("button", name="Sửa lịch này")).to_have_count(0)
    stranger = house.person(DESK)
    for address in SCOPES:
        assert stranger.request.get(address).status == 404, address
    assert stranger.get_by_role("link", name="Lịch", exact=True).count() == 0
    assert manager.request.get("/calendars/H51.99").status == 404
    assert manager.request.get("/calendars/nowhere").status == 404
    assert manager.request.get("/calendars/changes/77").status == 404


def test_a_year_says_every_day_in_words_and_by_sign(house: House) -> None:
    page = house.person(AUDITOR)
    page.goto("/calendars/shared?year=2026")
    expect(page.locator(".lead")).to_contain_text("249 ngày làm việc")
    assert page.locator(".calendar-month").count() == 12
    november = page.locator(".calendar-month").nth(10)
    expect(november.locator("td.off")).to_have_text("24L, Nghỉ lễ, tết, Ngày Văn hóa Việt Nam")
    expect(page.locator(".calendar-month").nth(7).locator("td.worked")).to_contain_text("Làm bù cho ngày 31/8/2026")
    assert november.locator("td.rest").count() == 9
    november.get_by_role("link").click()
    expect(page.locator("#row-2026-11-24")).to_contain_text("Nghị quyết 28/2026/QH16")
    page.get_by_role("link", name="2027 →").click()
    expect(page.locator("main")).to_contain_text("Năm 2027 chưa công bố")
    expect(page.locator("#row-2027-05-03")).to_contain_text("tính sẵn cho năm chưa công bố")


def test_a_storm_closure_from_its_decision_to_the_date_of_a_dossier(house: House, journey: Journey) -> None:
    """By keyboard alone."""
    codes = [journey.receive().code for _ in range(3)]
    page = house.person(ADMINISTRATOR)
    page.goto("/calendars")
    enter(page, "link", "Lịch chung")
    enter(page, "button", "Sửa lịch này")
    enter(page, "link", "Thêm ngày")
    enter(page, "button", "Lưu vào bản thảo")
    expect(page.locator("#errors")).to_contain_text("Ghi số quyết định hoặc thông báo làm căn cứ")
    expect(page.locator("#errors")).to_be_focused()
    for name, text in STORM.items():
        page.focus(f"[name={name}]")
        page.keyboard.type(text)
    page.focus("[name=kind]")
    page.keyboard.press("End")
    enter(page, "button", "Lưu vào bản thảo")
    expect(page.locator("#changes + ul")).to_contain_text(
        "Thêm 01/12/2026 Đóng cửa theo quyết định: Phòng, chống bão số 9 (2345/QĐ-UBND)")
    expect(page.locator("#row-2026-12-01")).to_contain_text(house.cast.member(ADMINISTRATOR).name)
    enter(page, "link", "Xem ảnh hưởng, xác nhận")
    expect(page.locator(".calendar-count")).to_have_text("3")
    expect(page.locator("main")).to_contain_text("3 lùi lại, 0 sớm lên")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody")).to_contain_text(codes[0])
    house.shot(page, "calendar-effect")
    enter(page, "button", "Áp dụng lịch mới")
    expect(page.locator("#errors")).to_contain_text("Ghi số quyết định")
    page.focus("[name=decision]")
    page.keyboard.type("2345/QĐ-UBND")
    enter(page, "button", "Áp dụng lịch mới")
    expect(page.get_by_role("status")).to_contain_text("Lịch mới đã áp dụng")
    expect(page.locator("main")).to_contain_text("chờ tính lại")

    recompute(house.office, timekeeper.now())
    enter(page, "link", "Xem lại tiến độ")
    expect(page.locator("#how-far")).to_contain_text("đã xong")
    expect(page.locator("main")).to_contain_text("3 hồ sơ")
    expect(page.locator("#later + table tbody tr")).to_have_count(3)
    house.shot(page, "calendar-recomputed")

    desk = house.person(DESK)
    desk.goto(f"/dossiers/{codes[0]}")
    desk.locator(f"main a[href='/dossiers/{codes[0]}/clocks/1']").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Vì sao ngày này?")
    expect(desk.locator("main")).to_contain_text("Phòng, chống bão số 9")
    expect(desk.locator("main")).to_contain_text("2345/QĐ-UBND")
    house.shot(desk, "calendar-why")


def enter(page: Page, role: str, name: str) -> None:
    """Reached by focus and opened by Enter, never by the mouse."""
    found = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    found.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()


@pytest.mark.parametrize(("field", "given", "words"), [
    ("date", {"date": "24/11/2026"}, "Đã có dòng cho ngày này"),
    ("date", {"date": "31/11/2026"}, "Ghi ngày, ví dụ"),
    ("date", {"date": "01/12/2031"}, "năm tiếp theo thêm được là 2028"),
    ("until", {"until": "30/11/2026"}, "Ngày cuối phải sau ngày đầu"),
    ("until", {"date": "31/12/2026", "until": "02/01/2027"}, "phải trong năm 2026"),
    ("sessions", {"sessions": "07:00-11:30"}, "Ngày nghỉ không có phiên làm việc"),
    ("basis", {"basis": ""}, "Ghi số quyết định"),
    ("vi", {"vi": ""}, "Ghi tên hoặc lý do"),
])
def test_what_cannot_be_is_refused_at_its_field(house: House, field: str, given: dict[str, str], words: str) -> None:
    page = house.person(ADMINISTRATOR)
    begun(page)
    closure(page, **given)
    expect(page.locator(f"#{field}-wrong")).to_contain_text(words)
    expect(page.locator("[name=basis]")).to_have_value(given.get("basis", STORM["basis"]))
    page.locator("#errors a").first.click()
    expect(page.locator(f"#{field}")).to_be_focused()


def test_hours_of_an_agency_from_a_date_on(house: House) -> None:
    page = house.person(ADMINISTRATOR)
    begun(page, "H51.21")
    page.get_by_role("link", name="Đổi giờ làm việc từ một ngày").click()
    fill(page, since="01/12/2026", basis="12/QĐ-UBND", mon="07:00-11:30, 11:00-17:00", sat="7h30")
    press(page, "Lưu vào bản thảo")
    expect(page.locator("#mon-wrong")).to_contain_text("không chồng lên nhau")
    expect(page.locator("#sat-wrong")).to_contain_text("không phải giờ làm việc")
    for name in ("mon", "tue", "wed", "thu", "fri"):
        fill(page, **{name: "7h30-11h30; 13:00-17:00"})
    fill(page, sat="07:30-11:00")
    press(page, "Lưu vào bản thảo")
    expect(page.locator("#hours ~ table")).to_contain_text("Thứ Hai đến Thứ Sáu: 07:30-11:30, 13:00-17:00")
    page.get_by_role("link", name="Xem ảnh hưởng, xác nhận").click()
    fill(page, decision="12/QĐ-UBND", reason="Trực sáng thứ Bảy")
    press(page, "Áp dụng lịch mới")
    page.goto("/calendars/H51.21?year=2026")
    saturday = page.locator(".calendar-month").nth(11).locator("td").filter(has_text=re.compile("^5$"))
    expect(saturday).to_have_class("work")
    expect(page.locator("#hours ~ table tr").nth(1)).to_contain_text("chính lịch này")
    page.goto("/calendars/H51.21/versions")
    expect(page.locator("main")).to_contain_text("12/QĐ-UBND: Trực sáng thứ Bảy")
    expect(page.locator("main")).to_contain_text("Thêm giờ làm việc từ 01/12/2026")


def test_a_ward_inherits_the_half_day_above_it_and_its_own_closure_wins(house: House) -> None:
    """H51.21 stands under H51.01; the centre H51.02 has nothing of its own."""
    page = house.person(ADMINISTRATOR)
    begun(page, "H51.01")
    closure(page, date="30/11/2026", until="01/12/2026", basis="10/QĐ-UBND")
    page.get_by_role("link", name="Thêm ngày").click()
    page.select_option("[name=kind]", "half_day")
    fill(page, date="04/12/2026", sessions="07:00-11:30", vi="Hội nghị toàn tỉnh", basis="11/QĐ-UBND")
    press(page, "Lưu vào bản thảo")
    page.goto("/calendars/H51.01/draft/effect")
    fill(page, decision="10/QĐ-UBND")
    press(page, "Áp dụng lịch mới")
    begun(page, "H51.21")
    page.get_by_role("link", name="Thêm ngày").click()
    page.select_option("[name=kind]", "worked")
    fill(page, date="01/12/2026", vi="Phường trực tiếp dân", basis="3/QĐ-UBND")
    press(page, "Lưu vào bản thảo")
    page.goto("/calendars/H51.21/draft/effect")
    fill(page, decision="3/QĐ-UBND")
    press(page, "Áp dụng lịch mới")

    page.goto("/calendars/H51.21?year=2026")
    expect(page.locator("#row-2026-11-30")).to_contain_text("Văn phòng Ủy ban nhân dân tỉnh")
    expect(page.locator("#row-2026-12-01")).to_contain_text("chính lịch này")
    expect(page.locator("#row-2026-12-01")).to_contain_text("thay cho “Phòng, chống bão số 9”")
    expect(page.locator("#row-2026-12-04")).to_contain_text("07:00-11:30")
    page.goto("/calendars/H51.02?year=2026")
    expect(page.locator("#row-2026-11-30")).to_contain_text("30/11/2026–01/12/2026")
    catalogue = house.office.fresh_catalogue()
    ward, centre, police = (catalogue.calendar(code) for code in ("H51.21", "H51.02", "H51.05"))
    assert [one.is_working_day(date(2026, 12, 1)) for one in (ward, centre, police)] == [True, False, True]
    assert [len(one.sessions(date(2026, 12, 4))) for one in (ward, centre, police)] == [1, 1, 2]
    page.goto("/calendars")
    row = page.locator("tbody tr").filter(has=page.locator("a[href='/calendars/H51.21']").first).first
    expect(row).to_contain_text("Văn phòng Ủy ban nhân dân tỉnh, Lịch chung")


def test_the_proposal_is_edited_and_confirmed_with_the_notice(house: House) -> None:
    page = house.person(ADMINISTRATOR)
    begun(page)
    press(page, "Đề xuất năm 2027")
    expect(page.get_by_role("status")).to_contain_text("Đã đưa đề xuất năm 2027")
    expect(page.locator("#row-2027-02-05")).to_contain_text("05/02/2027–09/02/2027")
    expect(page.locator("#row-2027-02-10")).to_contain_text("10/02/2027–11/02/2027")
    page.get_by_role("link", name="Xác nhận năm 2027").click()
    page.get_by_label("Đã công bố").check()
    press(page, "Lưu vào bản thảo")
    expect(page.locator("#sources-wrong")).to_contain_text("Ghi số thông báo")
    fill(page, sources="9999/TB-BNV")
    press(page, "Lưu vào bản thảo")
    expect(page.locator("#changes + ul")).to_contain_text("Xác nhận năm 2027 đã công bố: 9999/TB-BNV")
    page.get_by_role("link", name="Xem ảnh hưởng, xác nhận").click()
    fill(page, decision="9999/TB-BNV")
    press(page, "Áp dụng lịch mới")
    assert house.office.fresh_catalogue().calendar("").announced(2027)
    page.goto("/calendars/shared?year=2027")
    expect(page.locator("main")).to_contain_text("Năm đã công bố theo 9999/TB-BNV")


def test_what_was_looked_at_in_part_says_so(house: House, journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        journey.receive()
    monkeypatch.setattr(publishing, "LOOKED_AT", 1)
    page = house.person(ADMINISTRATOR)
    begun(page)
    closure(page)
    page.goto("/calendars/shared/draft/effect")
    expect(page.locator("#effect ~ p").first).to_contain_text("1 hồ sơ đang giải quyết dời hạn")
    expect(page.locator("main")).to_contain_text("các số trên mới là một phần")


def test_a_day_that_is_over_is_changed_with_a_tick(house: House) -> None:
    page = house.person(ADMINISTRATOR)
    yesterday = timekeeper.now().astimezone(ZONE).date() - timedelta(days=1)
    while yesterday.weekday() >= 5:
        yesterday -= timedelta(days=1)
    begun(page)
    closure(page, date=f"{yesterday:%d/%m/%Y}")
    page.goto("/calendars/shared/draft/effect")
    expect(page.locator(".tell.warn")).to_contain_text("0 hồ sơ đang quá hạn sẽ thành trong hạn")
    fill(page, decision="2345/QĐ-UBND")
    press(page, "Áp dụng lịch mới")
    expect(page.locator("#past-wrong")).to_contain_text("đánh dấu xác nhận")
    page.get_by_label("Tôi xác nhận thay đổi ngày đã qua").check()
    press(page, "Áp dụng lịch mới")
    expect(page.get_by_role("status")).to_contain_text("Lịch mới đã áp dụng")
    page.goto("/calendars/shared")
    expect(page.locator("td[aria-current=date]")).to_have_count(1)


def test_who_may_only_read_gets_no_form_and_odd_addresses_no_failure(house: House) -> None:
    page, manager = house.person(ADMINISTRATOR), house.person(MANAGER)
    begun(page)
    assert manager.request.get("/calendars/shared/draft").status == 200
    for form in ("row", "hours", "years/2027"):
        assert manager.request.get(f"/calendars/shared/draft/{form}").status == 403, form
    for odd in ("draft/row?at=2026-01-06", "draft/hours?at=2026-01-06", "draft/years/1", "draft?year=99999"):
        assert page.request.get(f"/calendars/shared/{odd}").status == 404, odd
    assert page.request.get("/calendars/H51.21/draft/years/2027").status == 409
    key = page.locator("[name=form_key]").first.get_attribute("value") or ""
    for year in ("999999999", "0", "", "2026"):
        sent = {"form_key": key, "seen_version": "1", "year": year}
        assert page.request.post("/calendars/shared/draft/proposal", form=sent).status == 422, year
    for day in ("31/12/9999", "01/01/0001"):
        sent = {"form_key": key, "seen_version": "1", "date": day, "until": "31/12/9999", "kind": "closure",
                "vi": "x", "basis": "x"}
        assert page.request.post("/calendars/shared/draft/row", form=sent).status == 422, day


def test_a_year_without_its_holidays_is_not_confirmed(house: House) -> None:
    page = house.person(ADMINISTRATOR)
    begun(page)
    page.goto("/calendars/shared/draft/years/2027")
    page.get_by_label("Đã công bố").check()
    fill(page, sources="9999/TB-BNV")
    press(page, "Lưu vào bản thảo")
    expect(page.locator("#errors")).to_contain_text("Chưa có dòng cho: 1/1 Tết Dương lịch")


def test_somebody_else_was_first(house: House, fresh: Fresh) -> None:
    first, second = (at(house, person) for person in administrators(house.office, fresh))
    begun(first)
    second.goto("/calendars/shared/draft")
    second.get_by_role("link", name="Thêm ngày").click()
    closure(first)
    second.select_option("[name=kind]", "closure")
    fill(second, **(STORM | {"date": "02/12/2026"}))
    press(second, "Lưu vào bản thảo")
    expect(second.locator("#errors")).to_contain_text("đã sửa lịch này lúc")
    expect(second.locator("[name=date]")).to_have_value("02/12/2026")
    press(second, "Lưu vào bản thảo")
    expect(second.locator("#changes")).to_contain_text("(2)")

    first.goto("/calendars/shared/draft/effect")
    second.goto("/calendars/shared/draft/effect")
    fill(second, decision="2345/QĐ-UBND")
    press(second, "Áp dụng lịch mới")
    expect(second.get_by_role("status")).to_contain_text("đã áp dụng")
    fill(first, decision="2345/QĐ-UBND")
    press(first, "Áp dụng lịch mới")
    expect(first.locator("main")).to_contain_text("Bản thảo lịch này không còn")


def at(house: House, person: Actor) -> Page:
    page = house.page()
    house.sign_in(page, house.office.db.value("select login from person where id = %s", (person.id,)))
    return page


def test_from_december_on_the_missing_notice_is_told(house: House) -> None:
    warning = "Lịch nghỉ lễ, tết năm 2027 chưa được xác nhận"
    page, manager = house.person(ADMINISTRATOR), house.person(MANAGER)
    page.goto("/calendars")
    expect(page.locator("main")).not_to_contain_text(warning)
    timekeeper.set_shown(house.clock, datetime(2026, 12, 1, 8, tzinfo=ZONE) - timedelta(hours=7, minutes=30), 1.0)
    for who in (page, manager):
        who.goto("/sign-in")
    page, manager, desk = house.person(ADMINISTRATOR), house.person(MANAGER), house.person(DESK)
    for who, address in ((page, "/procedures"), (page, "/calendars"), (manager, "/"), (manager, "/calendars")):
        who.goto(address)
        expect(who.locator("main")).to_contain_text(warning)
        who.emulate_media(media="print")
        expect(who.get_by_text(warning)).to_be_hidden()
        who.emulate_media(media="screen")
    desk.goto("/")
    expect(desk.locator("main")).not_to_contain_text(warning)


def test_axe_finds_nothing_and_nothing_reaches_past_a_telephone(house: House, journey: Journey) -> None:
    journey.receive()
    page = house.person(ADMINISTRATOR, bypass_csp=True)
    begun(page)
    closure(page)
    press(page, "Đề xuất năm 2027")
    small = house.person(ADMINISTRATOR, width=320, height=640)
    found = []
    for number, address in enumerate((
            "/calendars", "/calendars/shared?year=2026", "/calendars/H51.21?year=2027", "/calendars/shared/versions",
            "/calendars/shared/draft?year=2026", "/calendars/shared/draft/row?at=2026-12-01",
            "/calendars/shared/draft/hours", "/calendars/shared/draft/years/2027", "/calendars/shared/draft/effect")):
        page.goto(address)
        found += faults(house, page, f"calendar-{number}")
        small.goto(address)
        assert too_wide(house, small, f"calendar-{number}") == []
    page.goto("/calendars/shared/draft/row")
    press(page, "Lưu vào bản thảo")
    found += faults(house, page, "calendar-faults")
    page.goto("/calendars/shared/draft/effect")
    fill(page, decision="2345/QĐ-UBND")
    press(page, "Áp dụng lịch mới")
    recompute(house.office, timekeeper.now())
    page.reload()
    found += faults(house, page, "calendar-change")
    assert found == []
    press(page, "English")
    for address in ("/calendars", "/calendars/shared?year=2027"):
        page.goto(address)
        for words in ("Lịch làm việc", "Kế thừa", "Tháng", "ngày làm việc"):
            assert words not in page.locator("main").inner_text()

"""The report on time limits as people read it: counted, listed, one dossier minute by minute; with the keyboard too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide

AUDITOR, HEAD = "H51.01/kiem-soat-thu-tuc:auditor", "H51.01/ngoai-vu:head"
PERIOD = "since=2026-08-01&until=2026-11-30"


@pytest.fixture
def codes(house: House) -> dict[str, str]:
    """One early, one put off and ready by the new date, one in flight."""
    begun = house.at(9) - timedelta(days=60)
    early = Walk(Journey(house.office, house.cast, begun), "")
    early.code = early.journey.receive().code
    early.go_to("returning")
    late = Walk(Journey(house.office, house.cast, begun), "")
    late.code = late.journey.receive().code
    due = late.dossier["due_at"]
    late.do("extend", house.cast[HEAD], reason="Chờ xác minh",
            new_due=national().close_of((due + timedelta(days=10)).date()))
    late.go_to("issuing")
    late.journey.now = due + timedelta(days=5)
    late.go_to("returning")
    flying = Walk(Journey(house.office, house.cast, house.at(9)), "")
    flying.code = flying.journey.receive().code
    house.at(16)
    return {"early": early.code, "late": late.code, "flying": flying.code}


def test_from_the_list_of_reports_to_the_dossier_that_was_late(house: House, codes: dict[str, str]) -> None:
    auditor = house.person(AUDITOR)
    auditor.goto("/reports")
    auditor.get_by_role("link", name="Thời hạn giải quyết").click()
    assert "Chưa có hồ sơ nào kết thúc trong kỳ" in auditor.locator("main").inner_text()

    auditor.get_by_label("Từ ngày").fill("01/08/2026")
    auditor.get_by_role("button", name="Xem").press("Enter")
    total = auditor.locator("[aria-labelledby=total]").inner_text()
    assert "2 hồ sơ" in total
    assert "50,00 %" in total
    assert "1 xong trong hạn hẹn lại, vẫn tính trễ so với hạn ban đầu" in total
    assert "Phòng Ngoại vụ" in auditor.locator("[aria-labelledby=units]").inner_text()
    assert faults(house, auditor, "timeliness") == []

    auditor.locator("[aria-labelledby=total]").get_by_role("link", name="Trễ hạn 1").click()
    assert auditor.get_by_label("Đánh giá").input_value() == "late"
    rows = auditor.locator("tbody tr")
    assert rows.count() == 1
    assert "hẹn lại vẫn tính là trễ hạn" in rows.inner_text()
    assert "so với hẹn lại: không trễ" in rows.inner_text()
    assert faults(house, auditor, "timeliness-dossiers") == []

    auditor.get_by_role("link", name=codes["late"]).click()
    verdict = auditor.locator("[aria-labelledby=verdict]").inner_text()
    assert "Hạn ban đầu" in verdict
    assert "Hạn hẹn lại" in verdict
    assert "xin lỗi và hẹn lại, không được tính khi đánh giá" in verdict
    assert "/ 20 ngày làm việc" in verdict
    assert "Hạn dùng để đánh giá" not in verdict
    assert "Trễ hạn" in verdict
    pieces = auditor.locator("[aria-labelledby=pieces]").inner_text()
    assert "Đang chuyển giữa các cơ quan" in pieces
    assert "Phòng Ngoại vụ" in pieces
    assert faults(house, auditor, "timeliness-dossier") == []


def test_a_dossier_in_flight_says_how_it_stands(house: House, codes: dict[str, str]) -> None:
    clerk = house.person("H51.02/tiep-nhan:receptionist")
    clerk.goto(f"/dossiers/{codes['flying']}")
    clerk.get_by_role("link", name="Ai giữ hồ sơ, bao lâu").click()
    told = clerk.locator("main").inner_text()
    assert "Tình trạng đến lúc này" in told
    assert "Đã đến, chưa ký nhận" in told
    assert "Đúng hạn" not in told
    assert faults(house, clerk, "timeliness-flying") == []


def test_a_date_that_a_supplement_moved_stands_beside_the_first_with_its_reason(house: House) -> None:
    walk = Walk(Journey(house.office, house.cast, house.at(9) - timedelta(days=60)), "")
    walk.code = walk.journey.receive().code
    first = walk.dossier["first_due_at"].astimezone(ZONE)
    walk.step("request_supplement", documents=("plan",), reason="Thiếu chữ ký")
    walk.journey.now += timedelta(days=7)
    walk.step("supplement")
    moved = walk.dossier["due_at"].astimezone(ZONE)
    walk.go_to("returning")
    house.at(16)
    auditor = house.person(AUDITOR)
    auditor.goto(f"/dossiers/{walk.code}/time")
    verdict = auditor.locator("[aria-labelledby=verdict]").inner_text()
    assert f"{first:%d/%m/%Y}" in verdict.partition("Hạn dùng để đánh giá")[0]
    assert f"{moved:%d/%m/%Y}" in verdict.partition("Hạn dùng để đánh giá")[2]
    assert "tính lại từ đầu (" in verdict
    auditor.goto(f"/reports/timeliness/dossiers?{PERIOD}")
    assert "dời đến" in auditor.locator("tbody").inner_text()


def test_what_is_wrong_with_the_period_is_said_at_its_field(house: House) -> None:
    auditor = house.person(AUDITOR, java_script_enabled=False)
    answer = auditor.goto("/reports/timeliness?since=31/02/2026&until=hôm+nay")
    assert answer is not None
    assert answer.status == 422
    assert auditor.locator("#errors a").all_inner_texts() == ["Không có ngày 31/02/2026", "Ghi ngày như 20/11/2026"]
    assert auditor.get_by_label("Từ ngày").input_value() == "31/02/2026"
    assert auditor.get_by_label("Từ ngày").get_attribute("aria-invalid") == "true"
    auditor.goto("/reports/timeliness/dossiers?since=2026-11-10&until=2026-11-01&verdict=late")
    assert "Ngày cuối phải từ ngày đầu trở đi" in auditor.locator("#errors").inner_text()


def test_the_report_is_not_for_everybody(house: House) -> None:
    clerk = house.person("H51.02/tiep-nhan:receptionist")
    for path in ("/reports/timeliness", "/reports/timeliness/dossiers"):
        answer = clerk.goto(path)
        assert answer is not None
        assert answer.status == 404


def test_it_fits_a_telephone_and_is_there_in_english(house: House, codes: dict[str, str]) -> None:
    auditor = house.person(AUDITOR, width=320, height=640)
    wide = []
    for name, path in (("timeliness", f"/reports/timeliness?{PERIOD}"),
                       ("timeliness-dossiers", f"/reports/timeliness/dossiers?{PERIOD}"),
                       ("timeliness-dossier", f"/dossiers/{codes['late']}/time")):
        auditor.goto(path)
        wide += too_wide(house, auditor, name)
    assert wide == []
    auditor.get_by_role("button", name="English").click()
    told = auditor.locator("main").inner_text()
    assert "On the way between agencies" in told
    assert "First due date" in told

"""An officer asks a unit the procedure does not know, the unit answers, the report counts it."""

from __future__ import annotations

from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults

LEAD = "H51.01/ngoai-vu:officer"
CULTURE = "H51.08/chuyen-mon:officer"


def test_a_question_beside_the_procedure_is_asked_answered_and_counted(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)
    house.at(10)

    asking = house.person(LEAD)
    asking.goto(f"/dossiers/{code}")
    asking.locator("summary", has_text="Lấy ý kiến ngoài quy trình").click()
    form = asking.locator("form[action$='/acts/consult_further']")
    form.get_by_label("Sở Văn hóa, Thể thao và Du lịch: Phòng Quản lý văn hóa").check()
    form.get_by_label("Nội dung cần lấy ý kiến").fill("Có cần thẩm định nội dung trưng bày không?")
    form.get_by_label("Chờ đủ mọi ý kiến").check()
    house.shot(asking, "consult-further")
    form.get_by_role("button").click()
    assert "Có cần thẩm định nội dung trưng bày không?" in asking.locator("[aria-labelledby=further]").inner_text()
    assert "Còn chờ ý kiến của Phòng Quản lý văn hóa" in asking.locator("#acts").inner_text()
    house.deliver()

    asked = house.person(CULTURE)
    assert "Ký nhận hồ sơ chuyển đến" in asked.locator("main").inner_text()
    asked.goto(f"/dossiers/{code}")
    asked.get_by_role("button", name="Ký nhận hồ sơ chuyển đến").click()
    form = asked.locator("form[action$='/acts/answer_consultation']")
    form.get_by_label("Đồng ý", exact=True).check()
    form.get_by_label("Nội dung ý kiến").fill("Không cần thẩm định.")
    form.get_by_role("button").click()
    assert faults(house, asked, "consulting-answered") == []

    asking.goto(f"/dossiers/{code}")
    assert "Không cần thẩm định." in asking.locator("main").inner_text()
    assert "Còn chờ ý kiến" not in asking.locator("#acts").inner_text()
    auditor = house.person("H51.01/kiem-soat-thu-tuc:auditor")
    auditor.goto("/reports/deviations")
    row = auditor.locator("tbody tr").inner_text()
    assert "Phòng Quản lý văn hóa" in row
    assert "1 (100 %)" in row
    assert "nên đưa vào quy trình" in row
    assert faults(house, auditor, "deviations") == []


def test_the_report_is_not_for_everybody(house: House) -> None:
    clerk = house.person("H51.02/tiep-nhan:receptionist")

    answer = clerk.goto("/reports/deviations")

    assert answer is not None
    assert answer.status == 404

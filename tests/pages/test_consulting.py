"""An officer asks a unit the procedure does not know, the unit answers, the report counts it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.casework.walking import Walk
from tests.journey import Journey
from tests.pages.day import Day
from tests.pages.house import House, press
from tests.pages.looks import faults

LEAD = "H51.01/ngoai-vu:officer"
JUSTICE, POLICE = "H51.13/chuyen-mon:officer", "H51.05/chuyen-mon:officer"
ASKED = "Khách lưu trú ở đâu?\nAi bảo vệ?"
QUESTIONS = "section[aria-labelledby=questions]"


def test_a_question_beside_the_procedure_is_asked_answered_and_counted(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)
    for _ in range(4):
        journey.receive()
    house.at(10)

    asking = house.person(LEAD)
    asking.goto(f"/dossiers/{code}")
    asking.locator("summary", has_text="Lấy ý kiến ngoài quy trình").click()
    form = asking.locator("form[action$='/acts/consult_further']")
    units = form.get_by_role("group", name="Danh sách đơn vị")
    assert units.get_by_label("Phòng Ngoại vụ").count() == 0
    assert "sẽ được hỏi ở bước" in units.get_by_role("group", name="Công an tỉnh").inner_text()
    form.get_by_label("Tìm đơn vị").fill("bo tro tu phap")
    assert units.get_by_role("group", name="Công an tỉnh").count() == 0
    units.get_by_role("group", name="Sở Tư pháp").get_by_label("Phòng Hành chính và Bổ trợ tư pháp").check()
    form.get_by_label("Nội dung cần lấy ý kiến").fill("Có cần thẩm định nội dung trưng bày không?")
    form.get_by_label("Chờ đủ mọi ý kiến").check()
    house.shot(asking, "consult-further")
    form.get_by_role("button").click()
    assert "Có cần thẩm định nội dung trưng bày không?" in asking.locator("[aria-labelledby=further]").inner_text()
    assert "Còn chờ ý kiến của Phòng Hành chính và Bổ trợ tư pháp" in asking.locator("#acts").inner_text()
    house.deliver()

    asked = house.person(JUSTICE)
    assert "Ký nhận hồ sơ chuyển đến" in asked.locator("main").inner_text()
    asked.goto(f"/dossiers/{code}")
    expect(asked.locator(QUESTIONS)).to_contain_text("Có cần thẩm định nội dung trưng bày không?")
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
    assert "Phòng Hành chính và Bổ trợ tư pháp" in row
    assert "1 (20 %)" in row
    assert "nên đưa vào quy trình" in row
    assert faults(house, auditor, "deviations") == []


def test_a_consulted_officer_reads_what_he_was_asked_right_above_his_acts(house: House) -> None:
    day, journey = Day(house), Journey(house.office, house.cast, house.at(9))
    walk = Walk(journey, journey.receive().code).go_to("examining")
    house.at(10)
    asking = house.person(LEAD)
    asking.goto(f"/dossiers/{walk.code}")
    asking.locator("form[data-main]").get_by_label("Nội dung cần lấy ý kiến").fill(ASKED)
    press(asking, "Gửi lấy ý kiến")
    house.deliver()
    asking.goto(f"/dossiers/{walk.code}")
    handed = asking.locator("section[aria-labelledby=handed]")
    expect(handed.get_by_text("Khách lưu trú ở đâu?")).to_have_count(1)
    together = handed.get_by_role("listitem").filter(has_text="Khách lưu trú ở đâu?")
    assert all(agency in together.inner_text() for agency in ("Công an tỉnh", "Sở Ngoại vụ", "Sở Nông nghiệp"))
    assert "Trung tâm Phục vụ hành chính công" not in together.inner_text()
    assert faults(house, asking, "asked-together") == []
    expect(asking.locator(QUESTIONS)).to_have_count(0)

    page = day.sits_down(POLICE)
    page.goto(f"/dossiers/{walk.code}")
    reads(page, house.cast.member(LEAD).name)
    day.look(page, "asked-to-register")
    answered_without_scripts(house, walk.code)
    page.goto(f"/dossiers/{walk.code}")
    expect(page.locator(QUESTIONS)).to_have_count(0)
    assert day.wrong == []


def reads(page: Page, lead: str) -> None:
    panel = page.locator(QUESTIONS)
    expect(panel.locator(".said-words")).to_have_text(ASKED, use_inner_text=True)
    expect(panel).to_contain_text(f"{lead}, Phòng Ngoại vụ")
    expect(page.locator(f"{QUESTIONS} + #acts")).to_have_count(1)


def answered_without_scripts(house: House, code: str) -> None:
    plain = house.person(POLICE, java_script_enabled=False)
    plain.goto(f"/dossiers/{code}")
    press(plain, "Ký nhận hồ sơ chuyển đến")
    expect(plain.locator(f"{QUESTIONS} + #acts")).to_have_count(1)
    expect(plain.locator(QUESTIONS)).to_contain_text("trả lời trước 08/12/2026 17:00")
    form = plain.locator("form[data-main]")
    form.get_by_label("Đồng ý", exact=True).check()
    form.get_by_label("Nội dung ý kiến").fill("Không vướng.")
    form.get_by_role("button").click()
    expect(plain.locator(QUESTIONS)).to_have_count(0)


def test_two_questions_are_told_apart_by_whoever_asked_and_whoever_is_asked(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)
    for member, words in ((JUSTICE, "Cần thẩm định?"), (POLICE, "Ai bảo vệ?"), (POLICE, "Có phong tỏa đường?")):
        journey.do(code, "consult_further", journey.cast[LEAD], units=(house.cast.unit(member.split(":")[0]),),
                   words=words, limit="3 working days", join="none")
    house.at(10)
    asking = house.person(LEAD)
    asking.goto(f"/dossiers/{code}")
    for act in ("Thu hồi hồ sơ đã chuyển", "Rút yêu cầu lấy ý kiến"):
        named(asking.locator("#acts summary", has_text=act).all_inner_texts(),
              "Bổ trợ tư pháp", "Ai bảo vệ?", "Có phong tỏa đường?")
        named(asking.locator("#acts button", has_text=act).all_text_contents(),
              "Bổ trợ tư pháp", "Ai bảo vệ?", "Có phong tỏa đường?")
    house.deliver()

    asked = house.person(POLICE)
    asked.goto(f"/dossiers/{code}")
    for act in ("Ký nhận hồ sơ chuyển đến", "Không nhận", "Nhận việc"):
        named(asked.locator("main button", has_text=act).all_text_contents(),
              "bên hỏi Phòng Ngoại vụ: Ai bảo vệ?", "bên hỏi Phòng Ngoại vụ: Có phong tỏa đường?")
    assert faults(house, asked, "two-questions") == []


def named(shown: list[str], *words: str) -> None:
    """One of those shown for each of the words, in any order."""
    assert sorted(word for text in shown for word in words if word in text) == sorted(words)
    assert len(shown) == len(words)


def test_an_opinion_keeps_its_lines(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    walk = Walk(journey, journey.receive().code).go_to("examining")
    walk.do("consult_further", walk.cast[LEAD], units=(house.cast.unit(JUSTICE.split(":")[0]),), words="Hỏi?",
            limit="3 working days", join="none")
    journey.register_all(walk.code)
    walk.do("answer_consultation", walk.cast[JUSTICE], state="consultation__1", verdict="agree", words=ASKED)
    walk.do("consult", walk.cast[LEAD])
    journey.register_all(walk.code)
    walk.do("give_opinion", walk.cast[POLICE], state="police", verdict="agree", words=ASKED)
    house.at(10)
    page = house.person(LEAD)
    page.goto(f"/dossiers/{walk.code}")
    for place in ("[aria-labelledby=opinions]", "[aria-labelledby=further]"):
        assert ASKED in page.locator(place).inner_text()
    assert [ASKED in text for text in page.locator("[id^=entry-]", has_text="Ai bảo vệ?").all_inner_texts()] == [
        True, True]


def test_a_unit_that_the_procedure_has_is_not_proposed_for_it(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    for code in [journey.receive().code for _ in range(5)]:
        journey.register_all(code)
        journey.do(code, "consult_further", journey.cast[LEAD], units=(house.cast.unit("H51.05/chuyen-mon"),),
                   words="Hỏi trước", limit="3 working days", join="none")
    house.at(10)
    auditor = house.person("H51.01/kiem-soat-thu-tuc:auditor")
    auditor.goto("/reports/deviations")
    row = auditor.locator("tbody tr").inner_text()
    assert "5 (100 %)" in row
    assert "quy trình đã có đơn vị này" in row
    assert "nên đưa vào quy trình" not in row


def test_the_report_is_not_for_everybody(house: House) -> None:
    clerk = house.person("H51.02/tiep-nhan:receptionist")

    answer = clerk.goto("/reports/deviations")

    assert answer is not None
    assert answer.status == 404

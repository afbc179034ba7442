"""Each form once what it tells of has happened, with what was recorded, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image

from engine import alarms
from engine.casework.keys import access_key
from engine.casework.orders import Actor
from engine.casework.receive import Paper
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotFound
from engine.printing import forms
from engine.printing.forms import NotYet, Printed
from tests.casework.variants import SUPPLEMENT, conference
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey
from tests.printing import pdfa
from tests.printing.conftest import Look, Start, text_of

DESK = "H51.02/tiep-nhan:receptionist"
HEAD = "H51.01/ngoai-vu:head"
STRANGER = "H51.22/mot-cua:receptionist"


def printed(walk: Walk, no: int, nth: int | None = None, who: str = DESK) -> Printed:
    found = forms.form(walk.office, walk.code, no, walk.cast[who], walk.now, nth=nth)
    assert pdfa.faults(found.pdf) == []
    return found


def codes_in(picture: Image.Image) -> dict[str, str]:
    """By kind, what a scanner reads."""
    return {found.format.name: found.text for found in zxingcpp.read_barcodes(picture)}


def has(text: str, *wanted: str) -> None:
    flat = " ".join(text.split())
    assert [words for words in wanted if words not in flat] == [], flat


def test_form_01_says_what_was_taken_in_and_promised(start: Start, look: Look) -> None:
    walk = start()

    paper = printed(walk, 1)

    (page,) = look(paper.pdf, "form-01")
    assert codes_in(page) == {"QRCode": walk.code, "Code128": walk.code}
    key = access_key(bytes(walk.of("applicant")[0]["commit_key"]), walk.code)
    due = walk.dossier["due_at"].astimezone(ZONE)
    has(text_of(paper.pdf), "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", walk.code, key, "Nguyễn Thị Bích Ngọc",
        "Hội thảo quốc tế về lúa thơm", "0900000001", f"{due:%H giờ %M phút, ngày %d/%m/%Y}",
        "Sổ năm 2026, số thứ tự 01", "Nhận tại quầy", "Sóc Trăng, ngày 23 tháng 11 năm 2026", "Bản chính",
        walk.cast[DESK].name, f"{walk.code}/TNHS", "Độc lập – Tự do – Hạnh phúc")
    width, height = page.size
    assert (round(width / 300 * 25.4), round(height / 300 * 25.4)) == (148, 210)


def test_form_01_counts_the_copies(start: Start) -> None:
    names = ("request_letter", "plan")
    walk = start(papers=(Paper(component=names[0]), Paper(component=names[1], form="copy", copies=3)))

    has(text_of(printed(walk, 1).pdf), "Bản chính 01", "Bản sao 03")


def test_form_02_tells_what_is_missing_until_when_and_what_the_limit_does(start: Start, look: Look) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement", reason="Kế hoạch thiếu dự toán", documents=("plan", "request_letter"))

    paper = printed(walk, 2)

    (page,) = look(paper.pdf, "form-02")
    assert codes_in(page) == {"QRCode": walk.code, "Code128": walk.code}
    names = walk.procedure.declaration.documents
    has(text_of(paper.pdf), "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Kế hoạch thiếu dự toán", names["plan"].name.vi,
        names["request_letter"].name.vi, "lần thứ 1", "thẩm định", "Điều 19 khoản 4", "/HDHS")


def test_form_02_asks_once_for_what_all_miss(start: Start) -> None:
    walk = start().go_to("police")
    walk.do("propose_additions", walk.holder("police"), state="police", documents=("plan",), reason="Thiếu danh sách")
    walk.do("request_supplement", walk.cast["H51.01/ngoai-vu:officer"], documents=("request_letter",),
            reason="Thiếu chữ ký")

    names = walk.procedure.declaration.documents
    has(text_of(printed(walk, 2).pdf), names["plan"].name.vi, names["request_letter"].name.vi)


def test_form_02_at_the_desk_is_of_another_stage(start: Start) -> None:
    walk = start(accept=False)
    walk.step("request_supplement", reason="Thiếu kế hoạch", documents=("plan",))

    has(text_of(printed(walk, 2).pdf), "kiểm tra khi tiếp nhận", "Điều 17", "bắt đầu tính khi hồ sơ đầy đủ")


def test_form_03_names_the_reason_of_the_refusal(start: Start, look: Look) -> None:
    walk = start(accept=False)
    with pytest.raises(NotYet) as refusal:
        printed(walk, 3)
    assert "chưa có việc từ chối" in refusal.value.message("vi")
    walk.step("refuse", reason="Không thuộc thẩm quyền")

    paper = printed(walk, 3)

    look(paper.pdf, "form-03")
    has(text_of(paper.pdf), "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "Không thuộc thẩm quyền", "/TCHS")


def test_form_03_names_the_desk_that_is_competent(start: Start) -> None:
    walk = start(accept=False)
    other = walk.cast.member(STRANGER)
    walk.step("refuse", reason="Nộp không đúng nơi", unit=other.unit_id)

    has(text_of(printed(walk, 3).pdf), "Cơ quan có thẩm quyền", "Ủy ban nhân dân phường Mỹ Xuyên", "Điều 18 khoản 3")


def test_a_rejection_is_printed_once_it_is_the_result(start: Start) -> None:
    walk = start().go_to("examining")
    walk.step("propose_rejection", reason="Trái quy định về an ninh")
    with pytest.raises(NotYet):
        printed(walk, 3)
    walk.go_to("returning")

    has(text_of(printed(walk, 3).pdf), "Trái quy định về an ninh", "Thủ trưởng cơ quan", "Điều 19 khoản 8")


def test_form_04_is_the_apology_that_was_issued_and_form_01_shows_the_date_it_became(start: Start, look: Look) -> None:
    walk = start().go_to("examining")
    day = walk.dossier["due_at"].astimezone(ZONE).date() - timedelta(days=1)
    while not national().is_working_day(day):
        day -= timedelta(days=1)
    walk.journey.now = national().opening_of(day)
    alarms.sweep(walk.office, walk.now)
    with pytest.raises(NotYet):
        printed(walk, 4)
    walk.do("extend", walk.cast[HEAD], reason="Chờ ý kiến Bộ Ngoại giao",
            new_due=walk.dossier["due_at"] + timedelta(days=7))

    paper = printed(walk, 4)

    look(paper.pdf, "form-04")
    new = walk.dossier["due_at"].astimezone(ZONE)
    has(text_of(paper.pdf), "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN", "Chờ ý kiến Bộ Ngoại giao", "thành thật xin lỗi",
        f"{new:%H giờ %M phút, ngày %d/%m/%Y}", walk.cast[HEAD].name, "Nơi nhận", "/PXL")
    first = walk.dossier["first_due_at"].astimezone(ZONE)
    receipt = printed(walk, 1)
    look(receipt.pdf, "form-01-moved")
    has(text_of(receipt.pdf), f"{first:%H giờ %M phút, ngày %d/%m/%Y}", f"{new:%H giờ %M phút, ngày %d/%m/%Y}, vì",
        "cơ quan đã xin lỗi và hẹn lại (Chờ ý kiến Bộ Ngoại giao)")


@pytest.mark.parametrize(("event", "words"), [("stop", "Dừng giải quyết từ"), ("withdraw", "rút hồ sơ")])
def test_form_05_tells_why_it_ended_and_what_becomes_of_papers(start: Start, look: Look, event: str,
                                                               words: str) -> None:
    walk = start().go_to("examining")
    walk.do(event, walk.cast[HEAD if event == "stop" else DESK], reason="Người tổ chức không còn")

    paper = printed(walk, 5)

    look(paper.pdf, f"form-05-{event}")
    has(text_of(paper.pdf), "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "Người tổ chức không còn", words, f"{walk.code}-S",
        "khiếu nại")


def test_form_05_of_the_machine_names_the_time_that_was_over_and_the_law(journey: Journey, fresh: Fresh,
                                                                        look: Look) -> None:
    walk = conference(journey, fresh, (SUPPLEMENT, 'supplement: {max: 1, within: 10 days, expiry: return, '
                                                   'expiry_basis: "Luật Mẫu, Điều 20"}\n')).go_to("examining")
    walk.step("request_supplement")
    due = walk.clocks("request")[0]["due_at"]
    has(text_of(printed(walk, 2).pdf), f"trước {due.astimezone(ZONE):%H giờ %M phút, ngày %d/%m/%Y}")
    walk.journey.now = due + timedelta(days=1)
    alarms.sweep(walk.office, walk.now)

    paper = printed(walk, 5)

    look(paper.pdf, "form-05-machine")
    has(text_of(paper.pdf), "quá hạn bổ sung hồ sơ", "Luật Mẫu, Điều 20",
        "Trung tâm Phục vụ hành chính công tỉnh".upper())


def test_form_06_has_a_row_for_every_hand_over_from_the_record(start: Start, look: Look) -> None:
    walk = start().go_to("returning")
    walk.step("return_at_counter")

    paper = printed(walk, 6)

    pages = look(paper.pdf, "form-06")
    assert codes_in(pages[0])["QRCode"] == walk.code
    text = text_of(paper.pdf)
    for item in walk.of("work_item", "no"):
        has(text, walk.office.catalogue().units[item["unit_id"]].full_vi)
    for handoff in walk.handoffs:
        if handoff["registered_at"]:
            has(text, f"{handoff['registered_at'].astimezone(ZONE):%H:%M %d/%m/%Y}")
    has(text, "Sớm hạn", "Đã tiếp nhận", "Đã trả kết quả", "Người nhận kết quả", "Người nộp hồ sơ")


def test_strangers_are_told_nothing_and_unknown_forms_do_not_exist(start: Start) -> None:
    walk = start()
    for no in (0, 7, 8):
        with pytest.raises(NotFound):
            printed(walk, no)
    with pytest.raises(NotFound):
        printed(walk, 1, who=STRANGER)
    with pytest.raises(NotFound):
        forms.available(walk.office, walk.code, walk.cast[STRANGER], walk.now)
    with pytest.raises(NotYet):
        printed(walk, 1, nth=2)


def test_what_can_be_printed_is_listed_and_why_the_rest_cannot(start: Start) -> None:
    walk = start()

    found = {one.no: one for one in forms.available(walk.office, walk.code, walk.cast[DESK], walk.now)}

    assert [no for no, one in found.items() if one.why is None] == [1, 6]
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_many_are_one_file_and_those_left_out_are_named(start: Start, look: Look) -> None:
    walks = [start() for _ in range(3)]
    unaccepted = start(accept=False)
    walk = walks[0]
    codes = [*(one.code for one in walks), unaccepted.code, "H51.02-261123-9999", walks[0].code, "\x00"]

    found = forms.batch(walk.office, codes, 1, walk.cast[DESK], walk.now)

    pages = look(found.pdf, "batch")
    assert len(pages) == 4
    assert found.left_out == (unaccepted.code, "H51.02-261123-9999", "\x00")
    has(text_of(found.pdf), "Không in được 3 hồ sơ")
    assert [codes_in(page).get("QRCode") for page in pages] == [None, *(one.code for one in walks)]
    for wrong in ([], [f"H51.02-261123-{n:04d}" for n in range(201)]):
        with pytest.raises(Invalid):
            forms.batch(walk.office, wrong, 1, walk.cast[DESK], walk.now)


@pytest.mark.parametrize("roll", [False, True])
def test_labels_carry_the_code(start: Start, look: Look, roll: bool) -> None:
    walks = [start() for _ in range(3)]

    found = forms.label(walks[0].office, [*(one.code for one in walks), "H51.02-261123-9999"],
                        Actor(id=walks[0].cast[DESK].id, name=""), walks[0].now, roll=roll)

    pages = look(found.pdf, "labels-roll" if roll else "labels-sheet")
    read = {code.text for page in pages for code in zxingcpp.read_barcodes(page)}
    assert read == {one.code for one in walks}
    assert len(pages) == (3 if roll else 1)

"""The post and pay-out as clerks use them: scanned one after the other, with the keyboard, in light and dark."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import timekeeper
from engine.casework import payouts
from engine.casework.orders import Actor
from engine.casework.submission import Person
from engine.post import intake, paying
from tests.casework.walking import FUNERAL, Walk
from tests.journey import Journey, Member
from tests.pages.house import House, code_of, press
from tests.pages.looks import faults, too_wide

DESK, RETURNER, WARD = "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:returner", "H51.21/mot-cua"
SLIP = "EH200000001VN"


@pytest.fixture
def waiting(house: House) -> Walk:
    """A result that is to be sent by post; the dossier was taken in without a network and without an address."""
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=30))
    walk = Walk(journey, journey.receive_offline(
        return_way="post", applicant=Person(name="Nguyễn Thị Bích Ngọc")).code)
    walk.go_to("returning").carry()
    return walk


def typed(page: Page, label: str, text: str, *, enter: bool = False) -> None:
    page.get_by_label(label).first.fill(text)
    if enter:
        page.get_by_label(label).first.press("Enter")
        page.wait_for_load_state()


def test_what_the_postal_worker_brings_is_listed_signed_and_entered(house: House) -> None:
    page = house.person(DESK)
    page.goto("/post")
    typed(page, "Nhân viên bưu chính giao hồ sơ", "Đặng Văn Út")
    press(page, "Lập biên bản giao nhận")
    page.get_by_label("Thủ tục").select_option("conference_permit_local")
    press(page, "Chọn")
    expect(page.get_by_label("Số phiếu gửi")).to_be_focused()
    typed(page, "Số phiếu gửi", SLIP)
    press(page, "Ghi vào biên bản")
    expect(page.locator("#errors")).to_contain_text("người gửi")
    expect(page.get_by_label("Số phiếu gửi")).to_have_value(SLIP)
    typed(page, "Người gửi", "Thạch Sóc Kha")
    typed(page, "Tiền phí nhận kèm", "200.000")
    for box in page.locator("#papers input").all():
        box.check()
    press(page, "Ghi vào biên bản")
    assert faults(house, page, "post-intake") == []
    expect(page.locator("main table")).to_contain_text("200.000 đ")
    house.at(14, 0)
    typed(page, "Giờ ký hôm nay", "15:30")
    press(page, "Hai bên đã ký")
    expect(page.locator("#errors")).to_contain_text("tương lai")
    typed(page, "Giờ ký hôm nay", "13:45")
    press(page, "Hai bên đã ký")
    expect(page.locator("main")).to_contain_text("23/11/2026 13:45")
    house.at(16, 30)
    page.get_by_role("link", name="Nhập hồ sơ").click()

    expect(page.locator("[name='applicant.name']")).to_have_value("Thạch Sóc Kha")
    expect(page.get_by_label("Số phiếu gửi bưu chính")).to_have_value(SLIP)
    assert faults(house, page, "post-reception") == []
    for name, value in (("topic", "Lúa thơm ST"), ("event_date", "18/03/2027"), ("participants", "80"),
                        ("foreign_guests", "12")):
        page.fill(f"[name='facts.{name}']", value)
    page.locator("[name='facts.topic_field']").select_option("agriculture")
    for name in ("head_of_state_level", "state_secret"):
        page.locator(f"[name='facts.{name}'][value=no]").check()
    press(page, "Tiếp nhận, hẹn trả")
    expect(page.locator("#errors")).to_contain_text("ghi địa chỉ nhận")
    expect(page.get_by_label("Số phiếu gửi bưu chính")).to_have_value(SLIP)
    page.fill("[name='applicant.address']", "Khóm 3, phường Mỹ Xuyên")
    press(page, "Tiếp nhận, hẹn trả")
    code = code_of(page)
    received = house.office.db.value("select received_at from dossier where code = %s", (code,))
    assert f"{received:%H:%M}" == "06:45"  # UTC
    page.goto(f"/receive/conference_permit_local?slip={SLIP}")
    assert code_of(page) == code
    page.goto(f"/find?search={SLIP}")
    expect(page.locator("main")).to_contain_text(code)


def test_the_form_says_what_its_slip_lacks(house: House) -> None:
    page, lacking = house.person(DESK), "EH200000003VN"
    clerk = house.cast[DESK]
    number = intake.open_record(house.office, clerk, "Đặng Văn Út", "", timekeeper.now())
    intake.add(house.office, number, clerk, intake.Brought(
        slip=lacking, sender="Thạch Sóc Kha", procedure="conference_permit_local", papers=("request_letter",),
        lacking="chữ ký trên đề án"), timekeeper.now())
    intake.sign(house.office, number, None, clerk, timekeeper.now())

    page.goto(f"/receive/conference_permit_local?slip={lacking}")

    expect(page.locator("main")).to_contain_text("còn thiếu: Đề án tổ chức (Mẫu số 01); chữ ký trên đề án")
    assert faults(house, page, "post-lacking") == []


def test_a_result_is_handed_over_tried_twice_and_comes_back(house: House, waiting: Walk) -> None:
    page = house.person(RETURNER)
    page.goto("/post")
    expect(page.locator("main")).to_contain_text(waiting.code)
    assert faults(house, page, "post-overview") == []
    typed(page, "Nhân viên bưu chính", "Đặng Văn Út")
    typed(page, "Nhân viên bưu chính", "Đặng Văn Út", enter=True)
    typed(page, "1. Quét giấy kết quả", f"{waiting.code}-R", enter=True)
    expect(page.get_by_label("2. Quét phiếu gửi")).to_be_focused()
    typed(page, "Thu hộ khi phát", "150.000")
    typed(page, "2. Quét phiếu gửi", SLIP, enter=True)
    expect(page.locator("#errors")).to_contain_text("chưa có địa chỉ: ghi địa chỉ gửi, hoặc để người nộp nhận tại quầy")
    for label, kept in (("1. Quét giấy kết quả", f"{waiting.code}-R"), ("2. Quét phiếu gửi", SLIP),
                        ("Thu hộ khi phát", "150.000")):
        expect(page.get_by_label(label)).to_have_value(kept)
    assert faults(house, page, "post-no-address") == []
    typed(page, "Địa chỉ gửi", "Khóm 3, phường Mỹ Xuyên", enter=True)
    expect(page.locator("main")).to_contain_text("Đã giao bưu chính")
    expect(page.get_by_label("1. Quét giấy kết quả")).to_be_focused()
    assert faults(house, page, "post-batch") == []
    page.goto("/post")
    typed(page, "Quét phiếu gửi", SLIP.lower(), enter=True)
    for _ in range(2):
        page.get_by_label("Phát không thành").first.check()
        page.get_by_label("Lý do phát không thành").select_option("absent")
        press(page, "Ghi nhận")
    expect(page.locator("main")).to_contain_text("Đang chuyển hoàn")
    expect(page.locator("[name=event][value=attempt]")).to_have_count(0)
    assert faults(house, page, "post-item") == []
    page.get_by_label("Đã chuyển hoàn về quầy").check()
    press(page, "Ghi nhận")
    expect(page.locator("main")).to_contain_text("Đã chuyển hoàn")
    page.goto("/post")
    expect(page.locator("section[aria-labelledby=to-send]")).to_contain_text("hỏi lại người nhận trước khi gửi")
    page.goto(f"/dossiers/{waiting.code}")
    expect(page.locator("#post")).to_contain_text(SLIP)
    assert faults(house, page, "post-dossier") == []
    assert next(row for row in waiting.of("paper") if row["kind"] == "result")["state"] == "held"


def decided_allowance(house: House) -> tuple[Walk, Member]:
    """A dossier that was decided, and who may order what it grants."""
    journey = Journey(house.office, house.cast, timekeeper.now() - timedelta(days=40))
    facts = {**FUNERAL, "date_of_death": "2026-09-01"}
    walk = Walk(journey, journey.receive("funeral_allowance", desk=WARD, facts=facts).code).go_to("returned")
    examined = next(row["unit_id"] for row in walk.of("work_item", "no") if row["state"] == "examining")
    return walk, next(one for one in house.cast.members if (one.unit_id, one.role) == (examined, "officer"))


def test_an_allowance_is_ordered_visited_and_carried_over(house: House) -> None:
    walk, officer = decided_allowance(house)
    page = house.page()
    house.sign_in(page, officer.login)
    page.goto(f"/dossiers/{walk.code}")
    form = page.locator("form[action$='/order_payout']")
    if not form.is_visible():
        page.locator("details:has(form[action$='/order_payout']) > summary").click()
    assert faults(house, page, "payout-dossier") == []
    form.get_by_label("Người nhận tiền").fill("Lâm Hoàng Phúc")
    form.get_by_label("Số tiền").fill("20.350.000")
    form.get_by_label("Trợ cấp mai táng").check()
    form.get_by_label("Tiền mặt tại nhà").check()
    form.get_by_label("Địa chỉ chi trả").fill("12 Tôn Đức Thắng")
    form.get_by_role("button").click()
    page.wait_for_load_state()
    expect(page.locator("#post")).to_contain_text("20.350.000 đ")
    page.get_by_role("link", name="danh sách tháng 12/2026").click()
    expect(page.locator("main")).to_contain_text("Lâm Hoàng Phúc")
    counted = page.locator("nav.places [href='/payouts'] .count")
    expect(counted).to_have_text("1 khoản chưa chuyển danh sách")
    assert faults(house, page, "payouts") == []
    press(page, "Chuyển danh sách")
    expect(counted).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Đã chuyển danh sách")
    expect(page.locator("main dl.facts")).to_contain_text("Sở Nội vụ, ")
    clerk = house.cast[f"{WARD}:returner"]
    walk.journey.now = timekeeper.now()
    for _ in range(2):
        walk.do("record_payout", clerk, state=payouts.place(1), outcome="absent",
                names=("Trần Quốc Thái", "Ngô Thúy Vy"))
    page.reload()
    expect(page.locator("main")).to_contain_text("chuyển sang 01/2027")
    with page.expect_download() as told:
        page.get_by_role("link", name="Tải danh sách").click()
    assert told.value.suggested_filename == "chi-tra-2026-12.csv"
    page.goto("/payouts?month=khong")
    expect(page.locator("#errors")).to_contain_text("12/2026")
    _passed_to_an_heir_and_closed(house, page, walk)


def test_two_orders_of_one_dossier_are_told_apart(house: House) -> None:
    walk, officer = decided_allowance(house)
    who = Actor(id=officer.id, name=officer.name)
    for kind, recipient, amount in (("funeral", "Lâm Hoàng Phúc", 20_350_000),
                                    ("one_time", "Lâm Thị Bé Năm", 6_105_000)):
        walk.do("order_payout", who, kind=kind, recipient=recipient, amount=amount, way="counter")
    paying.pass_on(house.office, payouts.list_month(walk.now.date()), who, walk.now)
    page = house.person(f"{WARD}:returner")
    page.goto(f"/dossiers/{walk.code}")
    forms = page.locator("form[action$='/record_payout']")
    expect(forms).to_have_count(2)
    for form in page.locator("details:has(form[action$='/record_payout']) > summary").all():
        form.click()
    assert faults(house, page, "payout-two-orders") == []
    second = forms.filter(has_text="Lệnh số 2")
    expect(second).to_contain_text("6.105.000 đ")
    expect(second).to_contain_text("Lâm Thị Bé Năm")
    expect(forms.filter(has_text="Lệnh số 1")).to_contain_text("20.350.000 đ")
    second.get_by_label("Điểm chỉ").check()
    second.get_by_role("button", name="lệnh số 2").click()
    page.wait_for_load_state()
    expect(forms).to_have_count(1)
    expect(forms).to_contain_text("Lệnh số 1")
    expect(page.locator("main")).to_contain_text("Lập lệnh chi trả trợ cấp (lệnh số 2)")
    assert [visit["payout_no"] for visit in walk.of("payout_visit")] == [2]


def test_the_death_of_a_recipient_waits_on_the_desk_of_who_ordered_the_payment(house: House) -> None:
    walk, officer = decided_allowance(house)
    who = Actor(id=officer.id, name=officer.name)
    walk.do("order_payout", who, kind="funeral", recipient="Lâm Hoàng Phúc", amount=20_350_000, way="counter")
    paying.pass_on(house.office, payouts.list_month(walk.now.date()), who, walk.now)
    page = house.page()
    house.sign_in(page, officer.login)
    page.goto("/handoffs/waiting")
    expect(page.locator("tbody tr")).to_contain_text("trả tiền, báo lại trước 19/11/2026")
    walk.do("record_payout", house.cast[f"{WARD}:returner"], outcome="died")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(0)

    page.goto("/notices")
    expect(page.locator("tbody")).to_contain_text("Người nhận trợ cấp đã mất")
    page.goto("/")
    asked = page.locator("section[aria-labelledby=asked]")
    expect(asked).to_contain_text("chuyển lệnh chi cho người thừa kế, hoặc khép lệnh (lệnh số 1)")
    assert faults(house, page, "payout-died") == []
    asked.get_by_role("link", name=walk.code).click()
    page.locator("details:has(form[action$='/close_payout']) > summary").click()
    page.get_by_label("Số trích lục khai tử").fill("45/2026")
    press(page, "khép lệnh chi")
    page.goto("/")
    expect(asked).to_have_count(0)


def _passed_to_an_heir_and_closed(house: House, page: Page, walk: Walk) -> None:
    page.goto(f"/dossiers/{walk.code}")
    page.locator("details:has(form[action$='/pass_payout']) > summary").click()
    form = page.locator("form[action$='/pass_payout']")
    form.get_by_label("Họ tên người thừa kế").fill("Lâm Thị Bé Năm")
    form.get_by_label("Tiền mặt tại nhà").check()
    form.get_by_label("Số giấy tờ chứng minh").fill("Văn bản thỏa thuận 12/2026")
    form.get_by_role("button").click()
    expect(page.locator("#errors")).to_contain_text("Số định danh gồm 12 chữ số")
    expect(form.get_by_label("Họ tên người thừa kế")).to_have_value("Lâm Thị Bé Năm")
    assert faults(house, page, "payout-heir") == []
    form.get_by_label("Số định danh").fill("094000000077")
    form.get_by_label("Địa chỉ chi trả").fill("Khóm 3, phường Mỹ Xuyên")
    form.get_by_role("button").click()
    page.wait_for_load_state()
    expect(page.locator("#post")).to_contain_text("chuyển cho người thừa kế Lâm Thị Bé Năm, •••••••••077")
    assert "094000000077" not in page.content()
    page.locator("details:has(form[action$='/close_payout']) > summary").click()
    form = page.locator("form[action$='/close_payout']")
    form.get_by_label("Số trích lục khai tử").fill("45/2026")
    form.get_by_role("button").click()
    page.wait_for_load_state()
    expect(page.locator("#post")).to_contain_text("khép lệnh chi")
    record = page.locator("[id^=entry-]")
    expect(record.filter(has_text="khép lệnh chi")).to_contain_text("Trích lục khai tử: 45/2026")
    expect(record.filter(has_text="chuyển lệnh chi cho")).to_contain_text("Giấy tờ thừa kế: Văn bản thỏa thuận")
    expect(record.filter(has_text="Người nhận vắng mặt")).to_have_count(2)
    expect(record.filter(has_text="Biên lai")).to_have_count(0)
    expect(page.locator("#post")).to_contain_text("Lệnh đã khép không mở lại")
    expect(page.locator("form[action$='/record_payout']")).to_have_count(0)
    assert faults(house, page, "payout-closed") == []


def test_the_pages_fit_on_a_telephone_in_both_languages(house: House, waiting: Walk) -> None:
    page = house.person(RETURNER, width=320, height=640)
    found = []
    for language in ("vi", "en"):
        for name, path in (("overview", "/post"), ("payouts", "/payouts")):
            page.goto(path)
            found += too_wide(house, page, f"post-{name}-{language}")
        if language == "vi":
            page.get_by_role("button", name="English").click()
            page.wait_for_load_state()
    assert found == []


@pytest.mark.parametrize("path", ["/post", "/post/intakes/1", "/post/batches/1", "/post/items/X", "/payouts",
                                  "/payouts.csv", "/post/intakes/1/record.pdf"])
def test_nobody_sees_them_without_signing_in(house: House, path: str) -> None:
    page = house.page()

    page.goto(path)

    expect(page.locator("[name=password]")).to_be_visible()

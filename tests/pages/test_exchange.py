"""The lines to other installations: approved by a second person, parked things with an owner, started anew by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from api.agency import bodies
from api.agency.kit.bench import Bench
from api.agency.kit.desk import Desk as KitDesk
from api.agency.line import Line
from api.agency.parties import other
from engine import documents, timekeeper
from engine.exchange import keys, peers, receiving
from engine.exchange.effects import Applier
from engine.exchange.peers import Desk
from engine.office import Office
from storage import shadows
from tests.agency.standing import KIT, Ends
from tests.agency.test_ourselves import TARGET
from tests.conftest import Fresh
from tests.journey import Cast, Journey
from tests.pages.house import House, press
from tests.pages.looks import faults, too_wide
from tests.samples import small_pdf

MANAGER = "H51.02/tiep-nhan:manager"
OFFICER = "H51.01/ngoai-vu:officer"
PARKED = "attempts = 10, last_error = '{why}'"


@dataclass
class Watch:
    """`code`: a dossier of ours that is out at the peer; `successor`: one the peer masters."""

    fresh: Fresh
    first: str
    second: str
    code: str
    successor: str

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.fresh.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def noted(self, kind: str) -> list[dict[str, Any]]:
        return [row[0] for row in self.rows(f"select details from event_log where kind = '{kind}' order by id")]


def administrator(cast: Cast, number: int) -> str:
    """As House.person wants it: two different people."""
    people: dict[int, str] = {}
    for one in cast.members:
        if one.role == "administrator" and one.id not in people:
            same = [other.id for other in cast.members if other.unit == one.unit and other.role == one.role]
            people[one.id] = f"{one.unit}:administrator#{same.index(one.id)}"
    return list(people.values())[number]


@pytest.fixture
def watch(office: Office, cast: Cast, journey: Journey, fresh: Fresh) -> Watch:
    """A message to the peer, one from it and a document of its are parked."""
    ends = Ends()
    first, second = administrator(cast, 0), administrator(cast, 1)
    desk = Desk(office, cast[first], timekeeper.now())
    peers.propose(desk, KIT.installation, "Công an tỉnh", "https://trao-doi.example.gov.vn", ends.kit.handed_over)
    peers.approve(Desk(office, cast[second], timekeeper.now()), KIT.installation)
    peers.host(desk, KIT.agency, KIT.installation)
    code = journey.receive().code
    journey.register_all(code)
    journey.do(code, "consult", cast[OFFICER])
    successor = came(office, ends)
    made = Watch(fresh, first, second, code, successor)
    made.rows(f"update outbox set parked_at = clock_timestamp(), {PARKED.format(why='unknown_unit')} "
              "where peer_id is not null")
    made.rows(f"update arrival set state = 'parked', {PARKED.format(why='conflict')} where kind = 'progress'")
    made.rows(f"update pull set parked_at = clock_timestamp(), {PARKED.format(why='SHA-256 00')}")
    return made


def came(office: Office, ends: Ends) -> str:
    """A hand-off with a document, which is applied, and a word on how it stands, which is not."""
    peer = other("http://127.0.0.1:1", keys.as_string(office.name, keys.own_key(office).public))
    target = bodies.Address(installation=office.name, agency=TARGET.agency, unit=TARGET.unit)
    bench = Bench(own=ends.kit, other=peer, line=Line(ends.kit, peer), home=KIT, target=target,
                  desk=KitDesk(own=ends.kit, other=peer, home=KIT))
    thread = bench.thread()
    named = bodies.document("ab" * 32, 1000, name="cong-van.pdf")
    receiving.receive(office, bench.sign(bench.handoff(thread, 1, (named,))), timekeeper.now())
    Applier(office, timekeeper.now).drain()
    receiving.receive(office, bench.sign(bench.progress(thread, 2)), timekeeper.now())
    return str(office.db.value("select d.code from dossier d join counterpart c on c.dossier_id = d.id "
                               "where c.thread = %s", (thread,)))


def section(page: Page, name: str) -> Any:
    return page.locator(f"section[aria-labelledby={name}]")


def test_a_manager_sees_what_is_parked_whose_it_is_and_why_and_tries_it_again(house: House, watch: Watch) -> None:
    page = house.person(MANAGER)
    page.goto("/reports")
    expect(page.locator("nav.places [href='/exchange'] .count")).to_have_text("3 mục cần xử lý")
    page.get_by_role("link", name="Trao đổi với hệ thống khác").click()
    row = section(page, "peers").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Công an tỉnh")
    expect(row).to_contain_text("Đang trao đổi")
    out = section(page, "outgoing").locator("li")
    expect(out).to_contain_text("không có đơn vị nhận")
    expect(out).to_contain_text(watch.code)
    expect(out).to_contain_text("Phòng Ngoại vụ")
    expect(section(page, "incoming").locator("li")).to_contain_text("tình trạng hồ sơ")
    expect(section(page, "incoming").locator("li")).to_contain_text("Phòng Ngoại vụ")
    expect(section(page, "documents").locator("li")).to_contain_text("nội dung tệp không khớp")
    expect(section(page, "documents").locator("li")).to_contain_text("ở trang Sự việc")
    house.shot(page, "exchange-parked")

    press(page, "Gửi lại")
    expect(page.get_by_role("status")).to_contain_text("được ghi vào nhật ký")
    expect(section(page, "outgoing")).to_contain_text("Không có gì bị dừng")
    query = "select attempts, parked_at, sent_at from outbox where peer_id is not null and kind = 'handoff'"
    assert watch.rows(query) == [(0, None, None)]
    section(page, "incoming").get_by_role("button", name="Làm lại").click()
    section(page, "documents").get_by_role("button", name="Làm lại").click()
    assert watch.rows("select state, attempts from arrival where kind = 'progress'") == [("waiting", 0)]
    assert watch.rows("select parked_at, attempts from pull") == [(None, 0)]
    assert [told["way"] for told in watch.noted("exchange_tried_again")] == ["outgoing", "incoming", "document"]


def test_last_contact_tells_when_we_reached_them_and_when_they_last_spoke(
        house: House, cast: Cast, watch: Watch) -> None:
    page = house.person(MANAGER)

    def told() -> str:
        page.goto("/exchange")
        cell = section(page, "peers").locator("td[data-label='Liên lạc lần cuối']")
        return " ".join(cell.inner_text().split())
    heard = watch.rows("select to_char(heard_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY HH24:MI') from peer")[0][0]
    assert told() == f"gửi tới – nhận từ {heard}"
    watch.rows("update peer set reached_at = '2026-11-20T03:15Z'")
    assert told() == f"gửi tới 20/11/2026 10:15 nhận từ {heard}"


def test_of_a_peer_that_never_spoke_no_contact_is_told(house: House, cast: Cast) -> None:
    ends = Ends()
    peers.propose(Desk(house.office, cast[administrator(cast, 0)], timekeeper.now()), KIT.installation, "Công an tỉnh",
                  "https://trao-doi.example.gov.vn", ends.kit.handed_over)
    peers.approve(Desk(house.office, cast[administrator(cast, 1)], timekeeper.now()), KIT.installation)
    page = house.person(MANAGER)
    page.goto("/exchange")
    cell = section(page, "peers").locator("td[data-label='Liên lạc lần cuối']")
    assert cell.inner_text().split() == ["gửi", "tới", "–", "nhận", "từ", "–"]


def test_a_manager_asks_the_people_there_for_it_anew_and_says_why(house: House, watch: Watch) -> None:
    page = house.person(MANAGER)
    page.goto("/exchange")
    documents = section(page, "documents")
    documents.locator("summary").click()
    documents.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_role("alert")).to_contain_text("Ghi rõ lý do")
    section(page, "documents").get_by_label("Vì sao cần gửi lại").fill("Tệp công văn tải về bị hỏng.")
    section(page, "documents").get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_role("status")).to_contain_text("gửi đề nghị")
    (payload, receiver), = watch.rows("select payload, receiver from outbox where kind = 'resend_wanted'")
    assert payload["reason"] == "Tệp công văn tải về bị hỏng."
    assert payload["message"] == str(watch.rows("select message_id from pull")[0][0])
    assert receiver == KIT.agency
    acts = watch.rows(f"select action from audit a join dossier d on d.id = a.dossier_id "
                      f"where d.code = '{watch.successor}' order by a.seq")
    assert acts[-1] == ("ask_to_resend",)


def test_a_second_administrator_compares_the_digits_and_approves(house: House, watch: Watch, office: Office) -> None:
    new = Ends().partner
    public = keys.from_string(new.handed_over)
    desk = Desk(office, house.cast[watch.first], timekeeper.now())
    peers.propose(desk, new.name, "Sở Tài chính", "https://tai-chinh.example.gov.vn", new.handed_over)
    page = house.person(watch.first)
    page.goto("/exchange")
    expect(section(page, "waiting")).to_contain_text(keys.fingerprint(public))
    expect(section(page, "waiting")).to_contain_text("Bạn đã khai báo")
    expect(page.get_by_role("button", name="Phê duyệt")).to_have_count(0)

    page = house.person(watch.second)
    page.goto("/exchange")
    press(page, "Phê duyệt")
    expect(page.get_by_role("alert")).to_contain_text("Đối chiếu dãy số")
    page.get_by_label("Đã đọc dãy số này").check()
    house.shot(page, "exchange-approve")
    press(page, "Phê duyệt")
    expect(page.get_by_role("status")).to_contain_text("Đã phê duyệt")
    assert watch.rows(f"select state from peer where name = '{new.name}'") == [("active",)]
    assert watch.noted("peer_approved")[-1]["peer"] == new.name


def test_auditors_read_officers_see_nothing_and_nobody_forges_a_form(house: House, watch: Watch) -> None:
    auditor = next(f"{one.unit}:auditor" for one in house.cast.members if one.role == "auditor")
    page = house.person(auditor)
    page.goto("/exchange")
    expect(section(page, "outgoing").locator("li")).to_have_count(1)
    expect(section(page, "outgoing").get_by_role("button")).to_have_count(0)
    for who, status in ((OFFICER, 404), (auditor, 200)):
        page = house.person(who)
        assert page.goto("/exchange").status == status  # type: ignore[union-attr]
        page.goto("/preferences")
        key = page.locator("input[name=form_key]").first.input_value()
        parked = watch.rows("select message_id from outbox where parked_at is not null")[0][0]
        answer = page.request.post(f"/lines/outgoing/{parked}/again", form={"form_key": key})
        assert answer.status == 403
    assert watch.rows("select count(*) from outbox where parked_at is not null") == [(1,)]
    assert json.dumps(watch.noted("exchange_tried_again")) == "[]"


def test_a_cut_line_is_told_with_its_time(house: House, watch: Watch) -> None:
    watch.rows("update peer set trouble_since = '2026-11-23 01:40Z', trouble = 'timeout', failures = 3, "
               "retry_at = '2026-11-23 02:02Z'")
    page = house.person(MANAGER)
    page.goto("/exchange")
    expect(section(page, "peers").locator("tbody tr")).to_contain_text("Mất liên lạc")
    expect(section(page, "peers").locator("tbody tr")).to_contain_text("từ 23/11/2026 08:40")


def test_a_peer_that_tells_of_too_many_dossiers_is_given_to_the_administrators(house: House, watch: Watch) -> None:
    shadows.refused(house.office.db, KIT.installation, datetime.now(UTC), 1000)
    page = house.person(watch.first)
    page.goto("/exchange")
    expect(section(page, "peers").locator("tbody tr")).to_contain_text("quản trị hệ thống hỏi bên kia")
    expect(page.locator("nav.places [href='/exchange'] .count")).to_have_text("4 mục cần xử lý")
    assert faults(house, page, "exchange-shadows") == []
    phone = house.person(watch.second, width=320, height=700)
    phone.goto("/exchange")
    assert too_wide(house, phone, "exchange-shadows") == []


def test_that_the_record_is_not_anchored_and_what_stops_then_is_told(house: House, watch: Watch) -> None:
    page = house.person(MANAGER)
    page.goto("/exchange")
    expect(page.get_by_text("Mốc niêm phong")).to_have_count(0)
    watch.rows("update peer set approved_at = approved_at - interval '80 minutes'")
    page.reload()
    expect(page.get_by_text("Mốc niêm phong sổ ghi vết lưu trễ")).to_be_visible()
    watch.rows("update peer set approved_at = approved_at - interval '3 hours'")
    page.reload()
    expect(page.get_by_text("tạm ngừng gửi sang hệ thống khác")).to_be_visible()
    assert faults(house, page, "exchange-stopped") == []


def test_axe_finds_nothing_and_it_fits_on_a_telephone(house: House, watch: Watch) -> None:
    page = house.person(MANAGER)
    page.goto("/exchange")
    page.locator("summary").first.click()
    assert faults(house, page, "exchange") == []
    phone = house.person(watch.second, width=320, height=700)
    phone.goto("/exchange")
    assert too_wide(house, phone, "exchange") == []


def test_a_document_that_came_later_is_sent_on_from_the_dossiers_page(house: House, watch: Watch) -> None:
    told = documents.Upload(code=watch.code, component="plan", name="ban-ve-moi.pdf", declared_type="",
                            actor=house.cast[OFFICER], key="further")
    documents.attach(house.office, told, iter([small_pdf(mark="moi")]), timekeeper.now())
    page = house.person(OFFICER, width=390)
    page.goto(f"/dossiers/{watch.code}")
    form = page.locator("form[action$='/acts/send_documents']")
    page.locator("summary", has_text="Gửi thêm tài liệu").click()
    assert faults(house, page, "send-documents") == []
    assert too_wide(house, page, "send-documents", 390) == []

    form.get_by_role("button").click()
    page.wait_for_load_state()
    expect(page.get_by_text("chọn ít nhất một tài liệu").first).to_be_visible()
    form.get_by_label("ban-ve-moi.pdf").check()
    form.get_by_role("button").click()
    page.wait_for_load_state()

    assert watch.rows("select count(*) from outbox where kind = 'more_documents'") == [(1,)]
    expect(page.get_by_text("Gửi thêm tài liệu cho bên nhận").first).to_be_attached()


def test_what_is_never_answered_is_shown_as_tried_on(house: House, watch: Watch) -> None:
    watch.rows("update outbox set parked_at = null, unanswered = 12, owned_at = clock_timestamp(), "
               "unanswered_since = clock_timestamp() - interval '2 hours', last_error = 'HTTP 500' "
               "where peer_id is not null")
    page = house.person(MANAGER)
    page.goto("/exchange")
    expect(page.get_by_text("vẫn tự gửi lại")).to_be_visible()
    assert faults(house, page, "tried-on") == []
    press(page, "Gửi lại")
    assert watch.rows("select unanswered, owned_at from outbox where peer_id is not null") == [(0, None)]

"""A message that does not go on: the unit in charge reads what it needs and does it, where the incident is shown."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import delivery, timekeeper
from engine.courier import incidents
from tests.pages.house import House
from tests.pages.looks import faults, too_wide
from tests.pages.test_exchange import OFFICER, Watch, watch

__all__ = ["watch"]

STRANGER = "H51.08/chuyen-mon:officer"


def given(watch: Watch, detail: str, code: str, kind: str = "message_parked") -> UUID:
    """The incident of the officer's unit, as the machine opens it when a message is parked."""
    incident = uuid.uuid4()
    watch.rows("insert into incident (id, kind, dossier_id, unit_id, opened_at, detail) "
               f"select '{incident}', '{kind}', d.id, u.id, clock_timestamp(), '{detail}' "
               f"from dossier d, unit u where d.code = '{code}' and u.agency = 'H51.01' and u.key = 'ngoai-vu'")
    return incident


def came(watch: Watch) -> tuple[str, str]:
    """The parked message of the peer, and the thread it is in."""
    found: tuple[Any, str] = watch.rows("select message_id, thread from arrival where state = 'parked'")[0]
    return str(found[0]), found[1]


def opened(house: House) -> Page:
    page = house.person(OFFICER)
    page.goto("/incidents")
    return page


def line(page: Page, words: str) -> Locator:
    return page.locator("section[aria-labelledby=open] li").filter(has_text=words)


def test_the_sender_reads_what_an_outgoing_message_needs_and_sends_it_again(house: House, watch: Watch) -> None:
    message, dossier = watch.rows("select message_id, dossier_id from outbox where parked_at is not null")[0]
    delivery.give_an_owner(house.office, message, dossier, "unknown_unit", timekeeper.now())
    page = opened(house)
    row = line(page, "không có đơn vị nhận")
    expect(row).to_contain_text("Quản trị hai bên cập nhật danh bạ")
    expect(row.get_by_text("Bỏ qua")).to_have_count(0)
    expect(row.locator("form[action$='/close']")).to_have_count(0)

    row.get_by_role("button", name="Gửi lại").click()

    expect(page.get_by_role("status")).to_contain_text("được ghi vào nhật ký")
    gone_on = line(page, "Không còn dừng")
    expect(gone_on.locator("form[action$='/close']")).to_have_count(1)
    assert watch.rows(f"select attempts, parked_at from outbox where message_id = '{message}'") == [(0, None)]
    assert watch.noted("exchange_tried_again")[0]["way"] == "outgoing"


def test_what_came_and_nobody_needs_is_left_out_with_a_reason_and_the_next_goes_on(
        house: House, watch: Watch) -> None:
    message, thread = came(watch)
    given(watch, f"{message} progress conflict", watch.successor)
    watch.rows("insert into arrival (peer_id, message_id, thread, no, kind, envelope, sha256, received_at, state, "
               "attempts) select peer_id, gen_random_uuid(), thread, no + 1, kind, envelope, sha256, received_at, "
               f"'held', 0 from arrival where message_id = '{message}'")
    page = opened(house)
    row = line(page, "không khớp với tình trạng")
    expect(row).to_contain_text("Bỏ qua, nêu lý do")
    row.locator("summary", has_text="Bỏ qua").click()
    house.shot(page, "incident-parked")
    row.get_by_role("button", name="Bỏ qua tin này").click()
    expect(page.get_by_role("alert").first).to_contain_text("Ghi rõ lý do")
    assert watch.rows(f"select state from arrival where message_id = '{message}'") == [("parked",)]

    row.get_by_label("Vì sao bỏ qua").fill("Hồ sơ đã trả lời, không cần tình trạng này nữa.")
    row.get_by_role("button", name="Bỏ qua tin này").click()

    expect(page.get_by_role("status")).to_contain_text("khép sự việc")
    states = watch.rows(f"select state from arrival where thread = '{thread}' and kind = 'progress' order by no")
    assert states == [("refused",), ("waiting",)]
    assert watch.noted("message_given_up")[0]["reason"].startswith("Hồ sơ đã trả lời")
    acts = watch.rows("select action from audit a join dossier d on d.id = a.dossier_id "
                      f"where d.code = '{watch.successor}' order by a.seq")
    assert acts[-1] == ("close_incident",)


def test_who_is_in_charge_asks_the_other_side_for_it_anew(house: House, watch: Watch) -> None:
    message, _ = came(watch)
    given(watch, f"{message} progress conflict", watch.successor)
    page = opened(house)
    row = line(page, "không khớp với tình trạng")
    row.locator("summary", has_text="Đề nghị gửi lại").click()
    row.get_by_label("Vì sao cần gửi lại").fill("Tình trạng không khớp hồ sơ ở đây.")
    assert faults(house, page, "incident-asked") == []
    assert too_wide(house, page, "incident-asked", 1280) == []
    row.get_by_role("button", name="Gửi đề nghị").click()

    expect(page.get_by_role("status")).to_contain_text("Đã gửi đề nghị")
    (payload,), = watch.rows("select payload from outbox where kind = 'resend_wanted'")
    assert payload["message"] == message


def test_who_sent_a_document_that_is_lost_here_reads_what_can_be_done_and_closes_it(
        house: House, watch: Watch) -> None:
    given(watch, f"{uuid.uuid4()} Đề án (Mẫu 01) - scan0.pdf: document_absent", watch.successor, "document_lost")
    page = opened(house)
    row = line(page, "Mất bản lưu của tài liệu đã gửi sang hệ thống khác")
    expect(row).to_contain_text("Đề án (Mẫu 01) - scan0.pdf: kho tài liệu không còn tệp này")
    expect(row).to_contain_text("rồi Gửi thêm tài liệu")
    expect(row.get_by_role("link", name=watch.successor)).to_have_count(1)
    expect(row.get_by_role("button", name="Làm lại")).to_have_count(0)
    row.locator("summary", has_text="Khép").click()
    expect(row.get_by_text("người nộp")).to_have_count(0)
    row.get_by_label("Đã xử lý thế nào").fill("Đã gửi bản quét khác.")
    row.get_by_role("button", name="Khép sự việc").click()
    expect(line(page, "Mất bản lưu")).to_have_count(0)


def test_nobody_closes_what_is_still_stuck_and_its_owner_is_told_what_comes_first(house: House, watch: Watch) -> None:
    message, _ = came(watch)
    incident = given(watch, f"{message} progress conflict", watch.successor)
    page = opened(house)
    expect(line(page, "không khớp với tình trạng")).to_have_count(1)
    expect(page.locator("form[action$='/close']")).to_have_count(0)
    key = page.locator("input[name=form_key]").first.input_value()
    answer = page.request.post(f"/incidents/{incident}/close",
                               form={"form_key": key, f"reason.{incident}": "Đã gọi điện"})
    assert answer.status == 409
    assert "hãy Làm lại hoặc Bỏ qua trước" in answer.text()
    assert watch.rows(f"select closed_at from incident where id = '{incident}'") == [(None,)]


@pytest.mark.parametrize("what", ["again", "anew", "without"])
def test_people_of_other_units_do_nothing_about_it(house: House, watch: Watch, what: str) -> None:
    message, _ = came(watch)
    incident = given(watch, f"{message} progress conflict", watch.successor)
    page = house.person(STRANGER)
    page.goto("/preferences")
    key = page.locator("input[name=form_key]").first.input_value()
    answer = page.request.post(f"/incidents/{incident}/{what}",
                               form={"form_key": key, f"{what}.{incident}": "Không phải việc của tôi"})
    assert answer.status == 404
    assert came(watch)[0] == message


def test_what_went_on_meanwhile_says_so_and_is_closed_with_words(house: House, watch: Watch) -> None:
    message, _ = came(watch)
    incident = given(watch, f"{message} progress conflict", watch.successor)
    watch.rows(f"update arrival set state = 'waiting' where message_id = '{message}'")
    page = opened(house)
    row = line(page, "Không còn dừng")
    expect(row).to_have_count(1)
    expect(row.get_by_role("button", name="Làm lại")).to_have_count(0)
    incidents.close(house.office, incident, house.cast[OFFICER], "Đã tự chạy lại", timekeeper.now())
    page.reload()
    expect(line(page, "Không còn dừng")).to_have_count(0)

"""“Why this date?”: reached by the keyboard, understood without seeing, complete on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from api.pages.clocks import blocks
from engine import timekeeper
from engine.clocks import Clock, CountMode, Limit, explain, national
from engine.desk.clocks import ClockLine
from engine.recomputing import recompute
from tests.conftest import Fresh
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults, too_wide
from tests.recomputing.calendars import STORM, closed, publish

DESK, OFFICER, HEAD = "H51.02/tiep-nhan:receptionist", "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
WHY = "Vì sao ngày này?"


@pytest.fixture
def many(house: House, journey: Journey) -> str:
    """Stopped for a supplement when most of its time was used, begun anew: nearly two months of days."""
    journey.now -= timedelta(days=40)
    code = journey.receive().code
    journey.register_all(code)
    journey.now += timedelta(days=18)
    journey.do(code, "request_supplement", house.cast[OFFICER], reason="Thiếu lý lịch báo cáo viên",
               documents=("other",))
    journey.now += timedelta(days=9)
    journey.register_all(code)
    journey.do(code, "supplement", house.cast[DESK], state="awaiting_supplement", documents=("other",))
    return code


@pytest.fixture
def extended(house: House, journey: Journey, many: str) -> str:
    """With an apology besides."""
    code = many
    journey.now += timedelta(days=5)
    journey.register_all(code)
    due = house.office.db.value("select due_at from dossier where code = %s", (code,))
    journey.do(code, "extend", house.cast[HEAD], new_due=due + timedelta(days=14), reason="Chờ ý kiến Bộ Ngoại giao")
    return code


@pytest.fixture
def plain(house: House, journey: Journey) -> str:
    code = journey.receive().code
    journey.register_all(code)
    return code


@pytest.fixture
def moved(house: House, plain: str) -> str:
    """A storm closes a day that had counted."""
    publish(house.office, closed(date(2026, 12, 1)), why="Nghỉ tránh bão số 15")
    recompute(house.office, timekeeper.now())
    return plain


def open_why(house: House, code: str, who: str = OFFICER, **options: object) -> Page:
    """From the dossier's page, by the link beside its due date."""
    page = house.person(who, **options)
    page.goto(f"/dossiers/{code}")
    page.locator("section[aria-labelledby=due] a.why").click()
    page.wait_for_load_state()
    return page


def test_by_keyboard_from_the_due_date_to_its_arithmetic_and_back(house: House, plain: str) -> None:
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{plain}")
    link = page.locator("section[aria-labelledby=due] a.why")
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_load_state()

    expect(page.get_by_role("heading", level=1)).to_have_text(WHY)
    expect(page.locator(".clock-answer")).to_contain_text("Hạn là 17:00 thứ Ba 22/12/2026: 20 ngày làm việc kể từ")
    expect(page.locator(".clock-line.of-due")).to_contain_text("Cộng: 20 ngày làm việc = thời hạn 20 ngày làm việc")
    expect(page.locator("main")).to_contain_text("Ngày Văn hóa Việt Nam (Nghị quyết 28/2026/QH16)")
    page.get_by_role("link", name="dòng thời gian").first.click()
    expect(page.locator("#entry-2")).to_contain_text("Tiếp nhận hồ sơ")


def test_every_due_date_on_the_dossiers_page_says_why(house: House, plain: str) -> None:
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{plain}")

    links = page.locator("a.why")
    expect(links).to_have_count(2)
    page.locator(".way a.why").click()
    expect(page.locator(".clock-head")).to_contain_text("Bước: Thẩm định hồ sơ")
    expect(page.locator("main")).to_contain_text("thực tiễn, không phải luật định")
    page.get_by_role("link", name="Mọi thời hạn của hồ sơ").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Đã kết thúc")
    page.get_by_role("link", name=f"{WHY} Ký nhận hồ sơ chuyển đến").click()
    expect(page.locator(".clock-answer")).to_contain_text("đúng hạn")


def test_a_stop_a_restart_and_an_apology_are_told_with_their_acts(house: House, extended: str) -> None:
    page = open_why(house, extended)

    lines = page.locator(".clock-line")
    expect(lines.filter(has_text="Dừng từ")).to_contain_text("Yêu cầu bổ sung, hoàn thiện")
    expect(lines.filter(has_text="Dừng từ")).to_contain_text("Thiếu lý lịch báo cáo viên")
    expect(lines.filter(has_text="Tính lại từ đầu từ")).to_contain_text("Sau khi bổ sung, tính lại từ đầu")
    expect(lines.filter(has_text="Hẹn lại từ")).to_contain_text("Chờ ý kiến Bộ Ngoại giao")
    history = page.locator("section[aria-labelledby=changes] li")
    expect(history.first).to_contain_text("Bắt đầu")
    expect(history.nth(1)).to_contain_text("Không có hạn khi đang dừng")
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator(".clock-line.of-due")).to_contain_text("Hạn:")


def test_the_pages_tell_an_entry_by_its_number_and_a_limit_that_began_anew(house: House, many: str) -> None:
    page = open_why(house, many)
    link = page.get_by_role("link", name="dòng thời gian, mục").last
    number = link.inner_text().rsplit(" ", 1)[1]
    link.click()
    expect(page.locator(f"#entry-{number}")).to_contain_text(f"mục {number} ·")
    expect(page.locator("section[aria-labelledby=due]")).to_contain_text("Tính lại từ đầu")
    page.goto(f"/dossiers/{many}/clocks")
    expect(page.locator("tbody tr").first).to_contain_text("tính lại từ")
    page.goto(f"/dossiers/{many}/receipt")
    expect(page.locator(".receipt")).to_contain_text("vì thời hạn tính lại từ đầu sau khi người nộp bổ sung hồ sơ.")


def test_while_it_is_stopped_the_dossier_says_for_what_and_why_it_would_be_due_then(
        house: House, journey: Journey, plain: str) -> None:
    journey.do(plain, "request_supplement", house.cast[OFFICER], reason="Thiếu lý lịch", documents=("other",))
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{plain}")
    expect(page.locator("section[aria-labelledby=where]")).to_contain_text("Chờ người nộp bổ sung: Tài liệu khác.")
    page.goto(f"/dossiers/{plain}/receipt")
    expect(page.locator(".receipt")).to_contain_text("17 giờ 00 phút, ngày 22/12/2026")
    expect(page.locator(".receipt")).to_contain_text("Nay tạm dừng tính thời hạn, chờ người nộp bổ sung")
    page.goto(f"/dossiers/{plain}")
    page.locator("section[aria-labelledby=due] a.why").click()
    expect(page.locator(".clock-answer")).to_contain_text("Chưa có hạn")


def test_the_receipt_printed_again_keeps_the_first_promise(house: House, moved: str) -> None:
    page = house.person(OFFICER)
    page.goto(f"/dossiers/{moved}/receipt")
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("Trả kết quả lúc 17 giờ 00 phút, ngày 22/12/2026", use_inner_text=True)
    expect(receipt).to_contain_text("Nay là 17 giờ 00 phút, ngày 23/12/2026 vì lịch làm việc thay đổi "
                                    "(Nghỉ tránh bão số 15).")


def test_a_storm_is_named_with_its_decision_and_the_date_it_moved(house: House, moved: str) -> None:
    page = open_why(house, moved)

    expect(page.locator(".clock-answer")).to_contain_text("Hạn là 17:00 thứ Tư 23/12/2026")
    expect(page.locator("tr", has_text="01/12/2026")).to_contain_text(f"Nghỉ tránh bão ({STORM})")
    expect(page.locator("section[aria-labelledby=ground]")).to_contain_text("phiên bản 2")
    expect(page.locator("section[aria-labelledby=ground]")).to_contain_text("22/12/2026 17:00 (không bao giờ thay đổi)")
    last = page.locator("section[aria-labelledby=changes] li").last
    expect(last).to_contain_text("23/12/2026 17:00: Lịch làm việc thay đổi")
    expect(last).to_contain_text("Nghỉ tránh bão số 15")


def test_without_javascript_many_days_are_folded_by_month_and_complete_on_paper(house: House, many: str) -> None:
    page = open_why(house, many, java_script_enabled=False)

    months = page.locator("details.more")
    assert months.count() >= 3
    closed_months = page.locator("details.more:not([open])")
    assert closed_months.count() >= 1
    expect(closed_months.first.locator("summary")).to_contain_text("cộng đến đây")
    hidden = closed_months.first.locator("tbody tr").first
    expect(hidden).not_to_be_visible()
    page.get_by_role("link", name="Mở mọi tháng").click()
    expect(page.locator("details.more:not([open])")).to_have_count(0)
    page.go_back()
    page.emulate_media(media="print")
    expect(page.locator("details.more:not([open])").first.locator("tbody tr").first).to_be_visible()
    expect(page.locator("header.bar")).not_to_be_visible()
    expect(page.locator(".print-only")).to_contain_text("người in")
    expect(page.locator(".clock-head")).to_contain_text(many)
    house.shot(page, "print-clock")


def test_years_of_days_are_months_whose_sums_add_up() -> None:
    """Five years: no month is missing, each total is the one before and what its month counted."""
    clock = Clock.started(Limit.parse("60 months"), CountMode.DAY, datetime(2021, 11, 23, 1, tzinfo=UTC))
    lines = [ClockLine(kind=line.kind, vi=line.vi, en=line.en, day=line.day, measure=line.measure, amount=line.amount,
                       total=line.total, basis=line.basis, mark=None, cause=None, rule=None)
             for line in explain(clock, national())]

    months = [block for block in blocks(lines, unfolded=False) if block.days]

    assert len(months) == 61
    assert [block.shown for block in months] == [False] * 60 + [True]
    assert sum(len(block.lines) for block in months) == sum(line.day is not None for line in lines)
    assert sum(line.amount for block in months for line in block.lines) == months[-1].lines[-1].total == 1826
    assert months[1].title is not None
    assert months[1].title.vi == "Tháng 12/2021: +31 ngày, bỏ qua 0 ngày, cộng đến đây 38 ngày"
    assert all(block.shown for block in blocks(lines, unfolded=True))


def test_the_printed_annex_is_whole(house: House, many: str, tmp_path: Path) -> None:
    """Pages of A4, each line of the page on them."""
    page = open_why(house, many)
    lines = page.locator(".clock-sums tbody tr").count()
    target = (house.shots or tmp_path) / "clock.pdf"
    page.pdf(path=target, format="A4")

    assert lines > 45
    assert target.stat().st_size > 10_000


def test_a_date_that_does_not_follow_is_an_alarm_on_the_page(house: House, plain: str, fresh: Fresh) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update clock set due_at = due_at + interval '1 day' where kind = 'dossier'")

    page = open_why(house, plain)

    expect(page.locator("[role=alert]")).to_contain_text("không ra đúng ngày đang lưu")


def test_english_says_the_same(house: House, plain: str) -> None:
    page = open_why(house, plain)
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()

    expect(page.get_by_role("heading", level=1)).to_have_text("Why this date?")
    expect(page.locator(".clock-answer")).to_contain_text("Due 17:00 Tuesday 22/12/2026: 20 working days from")
    expect(page.locator(".clock-line.of-due")).to_contain_text("Sum: 20 working days = the limit of 20 working days")


def seen(house: House, code: str, **options: object) -> Iterator[tuple[str, Page]]:
    page = open_why(house, code, **options)
    yield "clock", page
    page.goto(f"/dossiers/{code}/clocks")
    yield "clocks", page
    page.goto(f"/dossiers/{code}")
    yield "clock-dossier", page


def test_axe_finds_nothing_in_light_and_in_dark(house: House, many: str) -> None:
    assert [fault for name, page in seen(house, many, bypass_csp=True) for fault in faults(house, page, name)] == []


def test_nothing_reaches_past_the_edge_of_a_small_telephone(house: House, many: str) -> None:
    assert [wide for name, page in seen(house, many, width=320, height=640)
            for wide in too_wide(house, page, name)] == []


def test_a_stranger_and_an_unknown_number_find_nothing(house: House, plain: str) -> None:
    page = house.person("H51.21/mot-cua:receptionist")
    for path in (f"/dossiers/{plain}/clocks", f"/dossiers/{plain}/clocks/1"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
    officer = house.person(OFFICER)
    answer = officer.goto(f"/dossiers/{plain}/clocks/99")
    assert answer is not None
    assert answer.status == 404

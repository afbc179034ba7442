"""The arithmetic as people read it, and `lienthong due`."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.due import due_lines
from engine.clocks import MarkKind, explain, national
from engine.clocks.faults import BadLimit, OutsideCalendar
from engine.clocks.ledger import LineKind
from engine.errors import Invalid
from tests.clocks.moments import DAY, HOUR, at, clock, day


def test_v1_by_days_names_every_day() -> None:
    lines = explain(clock("3 working days", DAY, ("start", "2026-11-20 09:00")), national())
    days = {line.day: line for line in lines if line.day}
    counted = [one for one, line in days.items() if line.kind is LineKind.COUNTED]
    assert counted == [day("2026-11-23"), day("2026-11-25"), day("2026-11-26")]
    assert "Nghị quyết 28/2026/QH16" in days[day("2026-11-24")].vi
    assert "Điều 147" in days[day("2026-11-20")].vi
    assert "Điều 111" in days[day("2026-11-21")].vi
    assert days[day("2026-11-24")].basis == "Nghị quyết 28/2026/QH16"
    assert lines[-1].vi == "Cộng: 3 ngày làm việc = thời hạn 3 ngày làm việc. Hạn: 17:00 thứ Năm 26/11/2026"
    assert lines[-1].en == "Sum: 3 working days = the limit of 3 working days. Due: 17:00 Thursday 26/11/2026"
    assert lines[-1].ends == at("2026-11-26 17:00")


def test_v7_by_hours_shows_the_stop_its_cause_and_the_remainder() -> None:
    waited = (
        clock("7 working days", HOUR, ("start", "2026-11-02 08:00"))
        .marked(MarkKind.STOP, at("2026-11-04 10:00"), "yêu cầu bổ sung số 12")
        .marked(MarkKind.RESUME, at("2026-11-10 09:00"), "đã bổ sung đủ")
    )
    lines = explain(waited, national())
    (stop,) = [line for line in lines if line.kind is LineKind.STOPPED]
    assert stop.vi == (
        "Dừng từ 10:00 thứ Tư 04/11/2026 đến 09:00 thứ Ba 10/11/2026, không tính 31 giờ, còn lại 38 giờ làm việc: "
        "yêu cầu bổ sung số 12"
    )
    assert (stop.begins, stop.ends, stop.mark) == (at("2026-11-04 10:00"), at("2026-11-10 09:00"), 1)
    assert sum(line.amount for line in lines) == 7 * 480
    assert lines[-2].total == 7 * 480
    assert (lines[-2].begins, lines[-2].ends) == (at("2026-11-16 07:00"), at("2026-11-16 17:00"))
    assert lines[-1].vi == "Cộng: 56 giờ = thời hạn 7 ngày làm việc. Hạn: 17:00 thứ Hai 16/11/2026"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("7 working days", "4 working days not counted, 6 working days left"),
        ("12 days", "6 days not counted, 11 days left"),
        ("1 month", "6 days not counted, 29 days left"),
    ],
)
def test_a_stop_is_told_in_what_is_being_counted(limit: str, said: str) -> None:
    waited = clock(limit, DAY, ("start", "2026-11-02 08:00"), ("stop", "2026-11-04 10:00"),
                   ("resume", "2026-11-10 09:00"))  # fmt: skip
    (stop,) = [line for line in explain(waited, national()) if line.kind is LineKind.STOPPED]
    assert said in stop.en


def test_a_stop_after_the_limit_was_used_up_says_so() -> None:
    late = clock("1 working day", DAY, ("start", "2026-11-02 08:00"), ("stop", "2026-11-05 08:00"))
    lines = explain(late, national())
    assert "khi đã hết thời hạn" in lines[-2].vi
    assert (lines[-2].ends, lines[-1].ends) == (None, at("2026-11-03 17:00"))


def test_the_days_off_before_the_opening_it_counts_from_have_their_basis() -> None:
    lines = explain(clock("1 working day", HOUR, ("start", "2026-04-24 17:20")), national())
    assert [(line.day, line.amount) for line in lines[1:4]] == [
        (day("2026-04-25"), 0), (day("2026-04-26"), 0), (day("2026-04-27"), 0)]  # fmt: skip
    assert "Giỗ Tổ Hùng Vương" in lines[2].vi
    assert lines[4].day == day("2026-04-28")


def test_the_parts_of_a_limit_are_summed_apart() -> None:
    lines = explain(clock(["5 working days", "1 month"], DAY, ("start", "2026-11-02 08:00")), national())
    assert lines[-1].vi.startswith("Cộng: 5 ngày làm việc + 30 ngày = thời hạn 5 ngày làm việc + 1 tháng. Hạn:")


def test_a_worked_saturday_says_why_it_counted() -> None:
    lines = explain(clock("1 working day", DAY, ("start", "2026-08-21 14:00")), national())
    saturday = next(line for line in lines if line.day == day("2026-08-22"))
    assert (saturday.kind, saturday.vi) == (LineKind.COUNTED, "Làm bù cho ngày 31/8/2026 (Thông báo 9441/TB-BNV)")


def test_a_last_day_that_is_off_shows_its_move() -> None:
    lines = explain(clock("12 days", DAY, ("start", "2026-12-22 09:00")), national())
    assert "Điều 148" in lines[-2].vi
    assert "tạm tính: lịch nghỉ năm 2027 chưa công bố, khi công bố sẽ tính lại" in lines[-1].vi


def test_a_receipt_after_hours_says_when_it_was() -> None:
    first = explain(clock("1 working day", HOUR, ("start", "2026-04-24 17:20")), national())[0]
    assert first.vi.startswith("Tiếp nhận hợp lệ lúc 07:00 thứ Ba 28/04/2026 (thực tế 17:20 thứ Sáu 24/04/2026")


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ((), "Chưa bắt đầu tính thời hạn"),
        ((("start", "2026-11-02 08:00"), ("stop", "2026-11-03 08:00")),
         "Đang dừng: chưa có hạn, còn lại 3 ngày làm việc"),
        ((("start", "2026-11-02 08:00"), ("stop", "2026-11-03 08:00"), ("end", "2026-11-04 08:00")),
         "Kết thúc khi đang dừng: không có hạn, còn lại 3 ngày làm việc"),
    ],
)
def test_without_a_due_date_it_says_so(marks: tuple[tuple[str, str], ...], said: str) -> None:
    line = explain(clock("3 working days", DAY, *marks), national())[-1]
    assert (line.kind, line.vi) == (LineKind.WAITING, said)


def test_an_extension_and_the_end_are_lines() -> None:
    extended = clock("3 working days", DAY, ("start", "2026-11-02 08:00")).marked(
        MarkKind.EXTEND, at("2026-11-04 10:00"), "mưa bão", at("2026-11-20 10:00")
    )
    lines = explain(extended.marked(MarkKind.END, at("2026-11-19 10:00"), "đã trả"), national())
    said = [line.vi for line in lines if line.kind is LineKind.MARK]
    assert said[1] == "Hẹn lại từ 10:00 thứ Tư 04/11/2026 đến 17:00 thứ Sáu 20/11/2026: mưa bão"
    assert lines[-1].vi == "Theo hạn đã hẹn lại. Hạn: 17:00 thứ Sáu 20/11/2026"
    assert said[2] == "Kết thúc lúc 10:00 thứ Năm 19/11/2026: đã trả"


def test_the_command_prints_both_ways_of_counting() -> None:
    lines = due_lines("2026-11-20 09:00", "3 working days")
    text = "\n".join(lines)
    assert "Hạn: 17:00 thứ Năm 26/11/2026" in text
    assert "Hạn: 09:00 thứ Năm 26/11/2026" in text
    assert "24/11/2026  Thứ Ba" in text


def test_the_command_prints_one_way_in_english() -> None:
    text = "\n".join(due_lines("20/11/2026 09:00", "3 ngày làm việc", mode="hour", language="en"))
    assert "Due: 09:00 Thursday 26/11/2026" in text
    assert "(DAY)" not in text


def test_what_is_counted_in_one_way_only_is_printed_once_with_what_is_true_of_it() -> None:
    hours = "\n".join(due_lines("2026-11-20 09:00", "16 working hours"))
    assert "Theo giờ: tính từng phút trong giờ làm việc" in hours
    assert (hours.count("Hạn:"), "Theo ngày" in hours) == (1, False)
    assert "(DAY)" in "\n".join(due_lines("2026-11-20 09:00", "3 working days", mode="DAY"))


def test_the_command_says_when_it_counts_by_the_files_that_came_with_the_software() -> None:
    assert "lịch kèm theo phần mềm" in due_lines("2026-11-20 09:00", "3 working days")[0]
    assert "lịch kèm theo phần mềm" not in due_lines("2026-11-20 09:00", "3 working days", calendar=national())[0]


@pytest.mark.parametrize(("written", "vi", "en"), [
    ("31/02/2026", "không có ngày 31/02/2026", "1 entry is not right: there is no 31/02/2026"),
    ("2026-11-31 09:00", "không có ngày 31/11/2026", "there is no 31/11/2026"),
    ("20/11/26", "ghi năm đủ bốn chữ số", "with four digits"),
    ("hôm qua", "không phải là thời điểm", "is not an instant"),
])
def test_a_date_that_is_none_is_refused_for_what_is_wrong_with_it(written: str, vi: str, en: str) -> None:
    with pytest.raises(Invalid) as refused:
        due_lines(written, "3 working days")
    assert vi in refused.value.message("vi")
    assert en in refused.value.message("en")


def test_a_day_off_that_counts_in_a_limit_of_calendar_days_says_so() -> None:
    lines = explain(clock("5 days", DAY, ("start", "2026-11-20 09:00")), national())
    saturday = next(line for line in lines if line.day == day("2026-11-21"))
    assert (saturday.amount, saturday.vi.endswith("): vẫn tính"), saturday.en.endswith("): counts all the same")) == (
        1, True, True)


def test_the_command_takes_a_date_alone_and_other_zones() -> None:
    assert "07:00 thứ Sáu 20/11/2026" in due_lines("20-11-2026", "1 tháng")[3]
    assert "09:00 thứ Sáu 20/11/2026" in due_lines("2026-11-20T02:00:00+00:00", "1 working day")[3]


def test_the_command_takes_an_agencys_calendar(tmp_path: Path) -> None:
    file = tmp_path / "ward.yaml"
    file.write_text(
        "code: H51.21\nvi: Lịch của phường\nen: The ward's calendar\n"
        "days:\n  - {date: 2026-11-23, kind: closure, vi: Bão số 14, en: Storm, basis: Quyết định 01/QĐ-UBND}\n",
        encoding="utf-8",
    )
    text = "\n".join(due_lines("2026-11-20 09:00", "3 working days", mode="DAY", calendar=str(file)))
    assert "Bão số 14 (Quyết định 01/QĐ-UBND)" in text
    assert "Hạn: 17:00 thứ Sáu 27/11/2026" in text


@pytest.mark.parametrize(
    "content", ["- a list", "code: [", "code: x\nvi: x\nen: x\nunknown: 1\n", "\x00", "code: x", "days: off\n"]
)
def test_an_unusable_calendar_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        due_lines("2026-11-20 09:00", "3 working days", calendar=str(file))
    assert "\n" not in refused.value.message("vi")


def test_bad_words_on_the_command_line_are_refused(tmp_path: Path) -> None:
    for received in ("yesterday", "", "2026-13-45", "20/11", "\x00"):
        with pytest.raises(Invalid):
            due_lines(received, "3 working days")
    with pytest.raises(Invalid):
        due_lines("2026-11-20", "3 working days", mode="WEEK")
    with pytest.raises(Invalid):
        due_lines("2026-11-20", "3 working days", calendar=str(tmp_path / "missing.yaml"))
    with pytest.raises(BadLimit):
        due_lines("2026-11-20", "1000 years")
    for far in ("2020-11-20", "9999-12-31", "0001-01-01"):
        with pytest.raises(OutsideCalendar):
            due_lines(far, "3 working days")

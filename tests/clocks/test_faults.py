"""What a calendar, a limit or a record may not say, refused in both languages with what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engine.clocks import Clock, Limit, Mark, MarkKind, due, national
from engine.clocks.faults import BadLimit, BadMark, NaiveInstant, OutsideCalendar
from engine.errors import LienThongError
from procedures.calendars.declaration import CalendarDeclaration, DayRule, LocalRules, YearRules
from procedures.calendars.library import read_local
from procedures.reading import DeclarationError, in_words
from tests.clocks.moments import DAY, at, clock, off

ROW = {"date": "2026-10-15", "vi": "Bão", "en": "Storm", "basis": "QĐ 1"}


def sessions(*written: str) -> dict[str, object]:
    return {**ROW, "kind": "worked", "sessions": list(written)}


def shared(**changes: object) -> dict[str, object]:
    return {**national().declaration.model_dump(), **changes}


def hours(*since: str) -> list[dict[str, object]]:
    return [{"since": day, "basis": "QĐ", "week": [{"days": ["mon"], "sessions": ["07:00-11:30"]}]} for day in since]


@pytest.mark.parametrize(
    ("model", "given", "vi", "en"),
    [
        (DayRule, sessions("07:00-11:30", "11:00-17:00"), "hãy sửa 07:00-11:30 và 11:00-17:00", "must not overlap"),
        (DayRule, sessions("13:30-17:00", "07:00-11:30"), "phải theo thứ tự", "must be in order"),
        (DayRule, sessions("11:30-07:00"), "giờ mở phải trước giờ đóng", "must open before it closes"),
        (DayRule, sessions("7 giờ"), "ghi như 07:00-11:30, không phải “7 giờ”", "written like 07:00-11:30"),
        (DayRule, {**ROW, "kind": "half_day"}, "15/10/2026: làm nửa ngày thì phải ghi ca", "name its sessions"),
        (DayRule, {**ROW, "kind": "closure", "until": "2028-01-01"}, "trong vòng một năm", "within a year"),
        (DayRule, {**ROW, "kind": "closure", "basis": ""}, "không được để trống", "at least 1 character"),
        (LocalRules, {"code": "x", "vi": "x", "en": "x", "days": [off("2026-10-15"), off("2026-10-14", "2026-10-16")]},
         "ngày 15/10/2026 được khai hai lần", "15/10/2026 is declared twice"),
        (LocalRules, {"code": "x", "vi": "x", "en": "x", "hours": hours("2026-10-01", "2026-10-01")},
         "cùng bắt đầu từ 01/10/2026", "begin on 01/10/2026"),
        (YearRules, {"year": 2026, "announced": True}, "phải ghi số thông báo", "name its notice"),
        (YearRules, {"year": 2027, "announced": False, "days": [off("2026-10-15")]},
         "ngày 15/10/2026 không thuộc năm 2027", "not a day of 2027"),
        (CalendarDeclaration, shared(years=[{"year": 2026, "announced": False}, {"year": 2028, "announced": False}]),
         "các năm phải liền nhau", "without a gap"),
        (CalendarDeclaration, shared(hours=hours("2022-01-01")), "phải có từ 01/01/2021", "must begin by 01/01/2021"),
        (CalendarDeclaration, shared(fixed=[{"month": 2, "day": 29, "made_up": False, "vi": "a", "en": "a",
                                             "basis": "b"}]), "không có ngày 29/2 hằng năm", "no 29/2 every year"),
    ],
)  # fmt: skip
def test_a_calendar_that_makes_no_sense_is_refused_in_words(model: Any, given: object, vi: str, en: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(given)
    (told,) = [in_words(detail) for detail in refused.value.errors()]
    assert vi in told[0]
    assert en in told[1]


def test_a_calendar_file_is_refused_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "ward.yaml"
    file.write_text(
        "code: H51.21\nvi: Phường\nen: Ward\ndays:\n"
        "  - {date: 2026-10-15, kind: half_day, vi: a, en: a, basis: b}\n"
        "  - {date: 15/10/2026, kind: closure, vi: a, en: a, basis: b}\n",
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as refused:
        read_local(file)
    assert [(fault.file, fault.line) for fault in refused.value.faults] == [("ward.yaml", 5), ("ward.yaml", 6)]
    file.write_bytes(b"vi: \xff\xfe")
    with pytest.raises(DeclarationError):
        read_local(file)


def naive() -> datetime:
    return at("2026-11-20 09:00").replace(tzinfo=None)


@pytest.mark.parametrize(
    ("wrong", "fault", "advice"),
    [
        (lambda: Limit.parse("0 working days"), BadLimit, "phải lớn hơn 0"),
        (lambda: Limit.parse("1000 years"), BadLimit, "hãy ghi số nguyên và đơn vị"),
        (lambda: Limit.parse("365000 days"), BadLimit, "dài nhất là 10 năm"),
        (lambda: due(Limit.parse("1 day"), DAY, at("2020-12-31 09:00"), national()), OutsideCalendar, "báo quản trị"),
        (lambda: due(Limit.parse("1 day"), DAY, at("9999-12-31 23:59"), national()), OutsideCalendar, "31/12/9999"),
        (lambda: due(Limit.parse("1 day"), DAY, at("1999-06-01 09:00"), national()), OutsideCalendar, "01/06/1999"),
        (lambda: due(Limit.parse("1 day"), DAY, naive(), national()), NaiveInstant, "ghi kèm, ví dụ +07:00"),
        (lambda: Mark(kind=MarkKind.START, at=naive()), NaiveInstant, "ghi kèm, ví dụ +07:00"),
        (lambda: national().between(naive(), at("2026-11-20 09:00")), NaiveInstant, "ghi kèm, ví dụ +07:00"),
        (lambda: clock("1 day", DAY, ("start", "2026-11-20 09:00"), ("stop", "2026-11-20 08:00")), BadMark,
         "08:00:00 20/11/2026 có trước mốc liền trước, 09:00:00 20/11/2026; hãy kiểm tra giờ của máy"),
        (lambda: Clock.started(Limit.parse("1 day"), DAY, at("2026-11-20 09:00"))
         .marked(MarkKind.EXTEND, at("2026-11-20 10:00"), "", at("2026-11-20 09:30")), BadMark, "sau lúc hẹn lại"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_words(
    wrong: Callable[[], object], fault: type[LienThongError], advice: str
) -> None:
    with pytest.raises(fault) as refused:
        wrong()
    assert advice in refused.value.message("vi")
    assert refused.value.message("en") != refused.value.message("vi")

"""What makes the play fail, without playing it."""

from __future__ import annotations

from collections import Counter

from api.demo import report, verdict
from api.demo.cast import Cast
from api.demo.report import Sums
from api.demo.run import cases_of
from api.demo.script import End


def test_a_missing_kind_of_event_is_named() -> None:
    events = Counter(dict.fromkeys(verdict.EVENTS + verdict.MORE_EVENTS, 1))
    assert verdict.missing_events(events, short=False) == []
    del events["recall"]
    assert verdict.missing_events(events, short=False) == ["thiếu sự kiện / missing event: recall"]


def test_every_number_that_differs_is_named_with_its_agency() -> None:
    wanted = report.expected(cases_of(small=True))
    got = report.expected(cases_of(small=True))
    cast = Cast("soc-trang")
    assert report.differences(wanted, got, cast) == []
    got["H51.02"].late += 1
    assert report.differences(wanted, got, cast) == [
        "bảng / table: Trung tâm Phục vụ hành chính công tỉnh, Trễ hạn (late): 2, kịch bản / script: 1"]


def test_what_is_returned_is_on_time_late_or_without_a_limit() -> None:
    sums = Sums()
    sums.count(End.RETURNED, late=False, rejected=False)
    sums.count(End.RETURNED, late=True, rejected=False)
    sums.count(End.RETURNED, late=None, rejected=True)
    sums.count(End.OPEN, late=None, rejected=False)
    assert sums == Sums(received=4, returned=3, on_time=1, late=1, no_limit=1, rejected=1, open=1)


def test_the_script_asks_only_for_people_and_steps_that_exist() -> None:
    cast = Cast("soc-trang")
    for case in cases_of(small=False):
        assert cast.on_duty(cast.desks_of(case)[0], 0)
        for turn in case.turns:
            assert cast.desk_of(case, turn.at) is not None, (case.name, turn.at)

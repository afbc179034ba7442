"""What makes the play fail, without playing it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from api.demo import legal, report, verdict
from api.demo.cast import Cast
from api.demo.closing import Closing, Dues
from api.demo.report import Sums
from api.demo.run import cases_of
from api.demo.script import STORM, End, at
from storage.calendars import Recompute


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


def test_every_judgement_that_differs_is_named_with_its_agency() -> None:
    wanted, got, cast = legal.expected(cases_of(small=True)), legal.expected(cases_of(small=True)), Cast("soc-trang")
    assert legal.differences(wanted, got, cast) == []
    got["H51.22"]["early"] -= 1
    got["H51.22"]["late"] += 1
    assert legal.differences(wanted, got, cast) == [
        "đánh giá / judgement: Ủy ban nhân dân phường Mỹ Xuyên, Sớm hạn (early): 0, kịch bản / script: 1",
        "đánh giá / judgement: Ủy ban nhân dân phường Mỹ Xuyên, Trễ hạn (late): 2, kịch bản / script: 1"]


def test_a_closure_moves_what_lies_behind_it_and_nothing_else() -> None:
    before, behind, later = (at(date(2026, month, day), "17:00") for month, day in ((11, 27), (12, 2), (12, 4)))
    dues = {"A": before, "B": behind}
    assert closing(dues, {"A": before, "B": later}).faults() == []
    assert [fault[0] for fault in closing(dues, {"A": behind, "B": later}).faults()] == ["A"]
    assert [fault[0] for fault in closing({"B": behind, "C": later}, {"B": behind, "C": behind}).faults()] == ["B", "C"]
    assert ["không hạn nào dời" in fault for fault in closing({"A": before}, {"A": before}).faults()] == [True]
    assert "tính lại chưa xong" in closing(dues, {"A": before, "B": later}, finished=False).faults()[0]


def closing(before: Dues, after: Dues, *, finished: bool = True) -> Closing:
    when = STORM.published
    job = Recompute(calendar_no=2, scope=STORM.agency, number=1, reason=STORM.decision, from_at=when, cursor=1,
                    considered=2, moved=1, failed=0, started_at=when, finished_at=when if finished else None,
                    last_error=None, entered_at=when, last_dossier=1)
    return Closing(closure=STORM, number=2, job=job, before=before, after=after)


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

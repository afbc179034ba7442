"""Judgements of real dossiers: what is written when their time ends, and that later acts change nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.clocks.booking import Stay
from engine.clocks.calendar import national
from engine.clocks.judgement import Ground, Verdict
from engine.judging.dossier import DossierTime, dossier_time
from engine.recomputing import recompute
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.recomputing.calendars import closed, publish

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
HEAD, AUDITOR = "H51.01/ngoai-vu:head", "H51.01/kiem-soat-thu-tuc:auditor"
DAY = timedelta(days=1)


def judged(walk: Walk) -> dict[str, Any]:
    (row,) = walk.of("judgement")
    return row


def told(walk: Walk) -> DossierTime:
    return dossier_time(walk.office, walk.code, walk.cast[AUDITOR], walk.now)


def put_off(walk: Walk, until: datetime) -> None:
    """On a day off nobody may be told to come."""
    walk.do("extend", walk.cast[HEAD], reason="Chờ xác minh", new_due=national().close_of(until.date()))


def test_a_result_within_the_limit_is_early_and_nothing_is_judged_before(start: Start) -> None:
    walk = start("test_copies")
    assert walk.of("judgement") == []
    assert told(walk).final is False

    walk.go_to("returning")

    row = judged(walk)
    assert (row["end_kind"], row["national"], row["local"], row["grounds"]) == ("result", "on_time", "early", [])
    assert row["due_original"] == row["due_new"] == walk.dossier["due_at"]
    assert row["ended_at"] == walk.dossier["finished_at"]
    assert (row["allowed"], row["extended"]) == (2 * 480, False)


def test_who_collects_late_is_not_our_lateness(start: Start) -> None:
    walk = start("test_copies").go_to("returning")
    before = judged(walk)
    walk.journey.now += 30 * DAY
    walk.step("return_at_counter")
    assert judged(walk) == before
    assert "Trả kết quả" not in {work.holder.step.vi for work in told(walk).works}


def test_what_is_corrected_after_the_result_was_ready_keeps_its_first_end(start: Start) -> None:
    walk = start("test_copies").go_to("returning")
    before = judged(walk)
    walk.step("send_back", reason="Sai tên")
    walk.journey.now += 30 * DAY
    walk.go_to("returning")
    assert judged(walk) == before
    assert told(walk).ended_at == before["ended_at"]


def test_a_result_after_the_due_date_is_late_by_working_time(start: Start) -> None:
    walk = start("test_copies").go_to("signing")
    due = walk.dossier["due_at"]
    walk.journey.now = due + 3 * DAY
    walk.go_to("returning")
    row = judged(walk)
    assert (row["national"], row["local"], row["grounds"]) == ("late", "late", [Ground.AFTER_DUE])
    assert row["late_original"] == national().between(due, row["ended_at"]) > 0


def test_a_second_request_for_a_supplement_counts_late_in_the_national_index(start: Start) -> None:
    walk = start("test_copies")
    for _ in range(2):
        walk.step("request_supplement")
        walk.journey.now += 7 * DAY
        walk.step("supplement")
    walk.go_to("returning")

    row = judged(walk)
    assert (row["supplements"], row["local"]) == (2, "early")
    assert (row["national"], row["grounds"], row["late_original"]) == ("late", [Ground.SUPPLEMENTS], 0)
    found = told(walk)
    assert found.totals[Stay.STOPPED] > 9 * 480
    assert {piece.cause.vi for piece in found.pieces if piece.stay is Stay.STOPPED and piece.cause} == {
        "Chờ công dân bổ sung hồ sơ"}


def test_one_request_does_not_count_late_and_the_time_of_the_citizen_is_nobodys(start: Start) -> None:
    walk = start("test_copies")
    walk.step("request_supplement")
    walk.journey.now += 7 * DAY
    walk.step("supplement")
    walk.go_to("returning")
    row, found = judged(walk), told(walk)
    assert (row["national"], row["local"]) == ("on_time", "early")
    assert row["worked"] == found.minutes - found.totals[Stay.STOPPED]
    assert sum(work.office for work in found.works) < 480


def test_an_extension_is_late_against_the_promise_and_on_time_against_the_new_date(start: Start) -> None:
    walk = start()
    promised = walk.dossier["due_at"]
    put_off(walk, promised + 10 * DAY)
    walk.go_to("issuing")
    walk.journey.now = promised + 5 * DAY
    walk.go_to("returning")

    row = judged(walk)
    assert row["due_original"] == row["due_judged"] == promised
    assert row["due_new"] == walk.dossier["due_at"]
    (move,) = told(walk).moves
    assert (move.due_at, move.excuses) == (walk.dossier["due_at"], False)
    assert (row["local"], row["national"], row["grounds"]) == ("late", "late", [Ground.EXTENDED])
    assert row["late_original"] > row["late_new"] == 0


def test_a_supplement_moves_the_date_that_judges_and_never_the_first(start: Start) -> None:
    walk = start()
    first = walk.dossier["first_due_at"]
    walk.step("request_supplement", documents=("plan",), reason="Thiếu chữ ký")
    walk.journey.now += 7 * DAY
    walk.step("supplement")
    moved = walk.dossier["due_at"]
    found = told(walk)
    assert found.judgement is not None
    assert (found.judgement.due_original, found.judgement.due_judged) == (first, moved)
    walk.go_to("returning")
    row, found = judged(walk), told(walk)
    assert first < moved == row["due_judged"] == row["due_new"]
    assert (row["due_original"], row["local"], row["national"]) == (first, "early", "on_time")
    (move,) = found.moves
    assert (move.due_at, move.excuses) == (moved, True)
    assert "tính lại từ đầu" in move.why.vi
    assert found.limit is not None
    assert found.limit.vi.endswith("ngày làm việc")


def test_a_closed_day_moves_the_date_that_judges_and_says_why(start: Start) -> None:
    walk = start().go_to("examining")
    first = walk.dossier["first_due_at"]
    publish(walk.office, closed(first.date()))
    recompute(walk.office, walk.now)
    moved = walk.dossier["due_at"]
    walk.go_to("issuing")
    walk.journey.now = max(walk.now, first + timedelta(hours=16))
    walk.go_to("returning")
    row = judged(walk)
    assert first < row["ended_at"] <= moved
    assert (row["due_original"], row["due_judged"], row["due_new"]) == (first, moved, moved)
    assert (row["local"], row["national"], row["extended"]) == ("on_time", "on_time", False)
    (move,) = told(walk).moves
    assert (move.due_at, move.excuses) == (moved, True)
    assert "lịch làm việc thay đổi (" in move.why.vi


def test_an_extension_that_was_not_needed_leaves_the_dossier_on_time(start: Start) -> None:
    walk = start()
    put_off(walk, walk.dossier["due_at"] + 10 * DAY)
    walk.go_to("returning")
    row = judged(walk)
    assert (row["extended"], row["local"], row["national"]) == (True, "early", "on_time")


def test_withdrawn_while_waiting_is_judged_by_the_moment_of_the_request(start: Start) -> None:
    walk = start()
    walk.step("request_supplement", documents=("plan",), reason="Thiếu chữ ký")
    walk.journey.now += 90 * DAY
    walk.step("withdraw")
    row = judged(walk)
    assert (row["end_kind"], row["national"], row["local"], row["late_original"]) == (
        "withdrawn", "on_time", "early", 0)


def test_a_dossier_stopped_after_its_due_date_is_late(start: Start) -> None:
    walk = start()
    walk.journey.now = walk.dossier["due_at"] + DAY
    walk.do("stop", walk.cast["H51.02/quan-ly:manager"], reason="Không còn căn cứ")
    assert (judged(walk)["end_kind"], judged(walk)["local"]) == ("stopped", "late")


def test_a_rejection_is_a_result_within_the_limit(start: Start) -> None:
    walk = start()
    walk.step("propose_rejection", reason="Không đủ điều kiện")
    walk.go_to("returning")
    assert (judged(walk)["end_kind"], judged(walk)["local"]) == ("rejected", "early")


def test_what_was_never_received_is_not_judged(start: Start) -> None:
    walk = start(accept=False)
    walk.do("refuse", walk.holder("checking"), reason="Không thuộc thẩm quyền")
    assert walk.dossier["closed_at"] is not None
    assert walk.of("judgement") == []
    assert told(walk).judgement is None


def test_a_dossier_that_was_promised_no_date_is_not_judged_but_its_time_is_known(start: Start) -> None:
    walk = start("conference_hosting_local").go_to("returning")
    row, found = judged(walk), told(walk)
    assert (row["national"], row["local"], row["due_original"], row["allowed"]) == (
        "not_judged", "not_judged", None, None)
    assert row["worked"] == found.minutes > 0


def test_transit_is_booked_to_nobody_and_the_office_to_who_did_the_work(start: Start) -> None:
    walk = start()
    walk.journey.now += timedelta(hours=2)
    walk.step("consult")
    found = told(walk)
    first = found.pieces[0]
    assert (first.stay, first.cause and first.cause.en) == (Stay.TRANSIT, "Delivered, not registered yet")
    assert found.totals[Stay.TRANSIT] >= 120
    examining = next(work for work in found.works if work.holder.person is not None and work.closed_at is not None
                     and work.transit > 0)
    assert examining.office < 10
    assert examining.holder.unit.agency == "H51.01"


def test_a_step_is_judged_by_its_own_limit(start: Start) -> None:
    walk = start("test_copies")
    walk.journey.now = datetime(2026, 11, 23, 16, 0, tzinfo=VIETNAM).astimezone(UTC)
    walk.step("forward")
    found = told(walk)
    comparing = next(work for work in found.works if work.holder.step.vi == "Đối chiếu")
    assert (comparing.verdict, comparing.holder.person) == (Verdict.LATE, walk.entries[-1]["actor_name"])
    assert comparing.late == comparing.office - 3 * 60
    assert found.judgement is not None
    assert found.judgement.local is not Verdict.LATE

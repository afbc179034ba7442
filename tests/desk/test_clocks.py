"""Why a due date is that date: what is shown of a clock adds up, and names who did what and by which text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import alarms, desk
from engine.casework.orders import Actor
from engine.clocks import ZONE, Clock, CountMode, Limit, MarkKind, evaluate, explain, national
from engine.clocks.ledger import LineKind
from engine.clocks.limits import HOURS_A_DAY, Part, Unit
from engine.clocks.marks import ClockState
from engine.desk.clocks import ClockLine, ClockRow, Why
from engine.desk.places import Lateness
from engine.errors import NotFound
from engine.recomputing import recompute
from tests.casework.conftest import start
from tests.casework.variants import SUPPLEMENT, conference, copies
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey
from tests.recomputing.calendars import STORM, at_agency, closed, notice_of_2027, publish

__all__ = ["start"]

DAY = timedelta(days=1)
MACHINE: Actor | None = None
DESK, OFFICER, HEAD = "H51.02/tiep-nhan:receptionist", "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
Start = Callable[..., Walk]


def rows(walk: Walk) -> list[ClockRow]:
    return desk.clocks_of(walk.office, walk.code, MACHINE, walk.now).clocks


def why(walk: Walk, kind: str = "dossier", nth: int = -1) -> Why:
    number = [row.no for row in rows(walk) if row.kind == kind][nth]
    return desk.why_due(walk.office, walk.code, number, MACHINE, walk.now)


def marks(view: Why) -> list[tuple[str, str, int | None]]:
    """Each mark with the act behind it."""
    return [(str(line.mark), line.cause.action if line.cause else "", line.cause.seq if line.cause else None)
            for line in view.lines if line.mark is not None]


def counted(lines: list[ClockLine]) -> int:
    """What the days came to since the clock last began anew."""
    total = 0
    for line in lines:
        total = 0 if line.mark == MarkKind.RESTART else total + line.amount
    return total


def supplemented(walk: Walk) -> None:
    walk.journey.now += 2 * DAY
    walk.step("request_supplement", reason="Thiếu lý lịch khoa học của báo cáo viên")
    walk.journey.now += 6 * DAY
    walk.step("supplement")


def test_the_date_the_citizen_was_given_is_explained_from_the_law_to_the_last_day(start: Start) -> None:
    walk = start()

    view = why(walk)

    assert view.agrees
    assert view.computed_due_at == view.clock.due_at == walk.dossier["due_at"]
    assert view.answer.vi.startswith("Hạn là 17:00 thứ Ba 22/12/2026: 20 ngày làm việc kể từ 08:00 thứ Hai 23/11/2026")
    assert "bỏ qua 9 ngày nghỉ" in view.answer.vi
    assert any("06/2020/QĐ-TTg" in basis for basis in view.source.basis)
    assert not view.source.practice
    assert "Điều 147, 148" in view.way.vi
    assert [(part.scope, part.number) for part in view.calendar.parts] == [("", 1)]
    assert counted(view.lines) == 20
    assert view.lines[-1].kind is LineKind.DUE
    off = next(line for line in view.lines if line.day == date(2026, 11, 24))
    assert (off.kind, off.amount, off.basis) == (LineKind.SKIPPED, 0, "Nghị quyết 28/2026/QH16")


def test_every_clock_is_listed_with_whose_it_is_and_how_it_stands(start: Start) -> None:
    walk = start().go_to("examining")

    found = {(row.kind, row.state): row for row in rows(walk)}

    assert set(found) == {("dossier", ClockState.RUNNING), ("handoff", ClockState.ENDED), ("step", ClockState.RUNNING)}
    step = found["step", ClockState.RUNNING]
    assert (step.name.vi, step.unit and step.unit.agency) == ("Bước: Thẩm định hồ sơ", "H51.01")
    assert found["handoff", ClockState.ENDED].lateness is Lateness.ON_TIME
    for kind in ("dossier", "handoff", "step"):
        assert why(walk, kind).agrees


def test_a_stop_names_who_asked_and_the_restart_by_which_rule(start: Start) -> None:
    walk = start().go_to("examining")
    supplemented(walk)

    view = why(walk)

    entries = {row["action"]: row["seq"] for row in walk.entries}
    assert marks(view) == [("start", "accept", entries["accept"]),
                           ("stop", "request_supplement", entries["request_supplement"]),
                           ("restart", "supplement", entries["supplement"])]
    stop = next(line for line in view.lines if line.mark == MarkKind.STOP)
    assert stop.cause is not None
    assert stop.cause.words["reason"] == "Thiếu lý lịch khoa học của báo cáo viên"
    assert "ngoại vụ" in stop.cause.unit.lower()
    again = next(line for line in view.lines if line.mark == MarkKind.RESTART)
    assert again.rule is not None
    assert "tính lại từ đầu" in again.rule.vi
    assert "Điều 19 khoản 4" in again.rule.vi
    assert (counted(view.lines), view.agrees) == (20, True)
    assert [(change.kind, change.due_at is None) for change in view.changes] == [
        ("start", False), ("stop", True), ("restart", False)]
    assert view.clock.anew_at == next(change.cause.at for change in view.changes if change.kind == "restart")
    assert view.clock.first_due_at == view.changes[0].due_at != view.clock.due_at


def test_while_it_is_stopped_the_answer_says_so_and_what_going_on_now_would_give(start: Start) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement")
    walk.journey.now += DAY

    view = why(walk)

    assert (view.clock.state, view.clock.due_at, view.agrees) == (ClockState.STOPPED, None, True)
    assert view.clock.due_if_resumed is not None
    assert view.answer.vi.startswith("Chưa có hạn")
    assert f"{view.clock.due_if_resumed.day:02}/12/2026" in view.answer.vi
    assert view.lines[-1].kind is LineKind.WAITING


def test_what_resumes_adds_up_over_the_stop(start: Start) -> None:
    walk = start("test_copies").go_to("comparing")
    walk.step("request_supplement")
    walk.journey.now += 3 * DAY
    walk.step("supplement")

    view = why(walk)

    assert [mark for mark, _, _ in marks(view)] == ["start", "stop", "resume"]
    assert (counted(view.lines), view.agrees) == (2 * HOURS_A_DAY * 60, True)
    resumed = next(line for line in view.lines if line.mark == MarkKind.RESUME)
    assert resumed.rule is not None
    assert "tính tiếp phần còn lại (phiên bản 1 của thủ tục)" in resumed.rule.vi


def test_an_extension_names_its_apology_and_keeps_the_first_date(start: Start) -> None:
    walk = start().go_to("examining")
    first = walk.dossier["due_at"]
    walk.do("extend", walk.cast[HEAD], new_due=first + 7 * DAY, reason="Chờ ý kiến Bộ Ngoại giao")

    view = why(walk)

    assert (view.agrees, view.clock.first_due_at) == (True, first)
    assert "xin lỗi" in view.answer.vi
    assert "trước đó hạn là 17:00 thứ Ba 22/12/2026" in view.answer.vi
    assert [change.kind for change in view.changes] == ["start", "extend"]
    assert view.changes[-1].cause.words["reason"] == "Chờ ý kiến Bộ Ngoại giao"


def test_an_apology_that_a_storm_overtook_is_said_to_be(start: Start) -> None:
    walk = start().go_to("examining")
    day = (walk.dossier["due_at"] + 7 * DAY).astimezone(ZONE)
    walk.do("extend", walk.cast[HEAD], new_due=day, reason="Chờ ý kiến Bộ Ngoại giao")
    promised = walk.dossier["due_at"]
    publish(walk.office, closed(day.date()))
    recompute(walk.office, walk.now)

    view = why(walk)

    assert view.agrees
    assert view.clock.due_at is not None
    assert view.clock.due_at > promised
    assert "theo lịch mới hạn là ngày muộn hơn" in view.answer.vi
    assert [change.kind for change in view.changes] == ["start", "extend", "calendar"]


def test_a_changed_calendar_is_in_the_arithmetic_and_in_the_history(start: Start) -> None:
    walk = start().go_to("examining")
    before = walk.dossier["due_at"]
    number = publish(walk.office, closed(date(2026, 12, 1)), why="Bão số 15, Quyết định 12/QĐ-UBND")

    waiting = why(walk)
    recompute(walk.office, walk.now)
    view = why(walk)

    assert (waiting.clock.due_at, waiting.agrees, waiting.calendar.newer) == (before, True, True)
    assert (view.agrees, view.calendar.number, view.calendar.newer) == (True, number, False)
    assert view.clock.due_at is not None
    assert view.clock.due_at > before == view.clock.first_due_at
    line = next(line for line in view.lines if line.day == date(2026, 12, 1))
    assert (line.kind, line.basis) == (LineKind.SKIPPED, STORM)
    assert [(change.kind, change.due_at, change.calendar_no) for change in view.changes] == [
        ("start", before, 1), ("calendar", view.clock.due_at, number)]
    assert view.calendars[str(number)].reason == "Bão số 15, Quyết định 12/QĐ-UBND"


def test_a_closure_of_one_agency_counts_for_its_work_only(start: Start) -> None:
    walk = start().go_to("police")
    unit = walk.items["police"]["unit_id"]
    agency = walk.office.fresh_catalogue().units[unit].agency
    publish(walk.office, at_agency(agency, date(2026, 11, 25)), scope=agency)
    recompute(walk.office, walk.now)

    number = next(row.no for row in rows(walk) if row.unit and row.unit.agency == agency and row.kind == "step")
    step, whole = desk.why_due(walk.office, walk.code, number, MACHINE, walk.now), why(walk)

    assert [part.scope for part in step.calendar.parts] == ["", agency]
    assert any(line.basis == STORM for line in step.lines)
    assert [part.scope for part in whole.calendar.parts] == [""]
    assert not any(line.basis == STORM for line in whole.lines)
    assert step.agrees
    assert whole.agrees


def test_an_ended_clock_keeps_the_calendar_it_had(start: Start) -> None:
    walk = start().go_to("examining")
    before = why(walk, "handoff")
    publish(walk.office, closed(date(2026, 11, 23)))
    recompute(walk.office, walk.now)

    after = why(walk, "handoff")

    assert (after.clock.due_at, after.lines, after.calendar.number) == (before.clock.due_at, before.lines, 1)
    assert (after.agrees, after.calendar.newer) == (True, True)


def test_a_date_in_a_year_nobody_announced_says_what_would_confirm_it(start: Start) -> None:
    walk = start()
    walk.journey.now = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
    late = Walk(walk.journey, walk.journey.receive().code)

    view = why(late)
    publish(late.office, notice_of_2027())
    recompute(late.office, late.now)
    confirmed = why(late)

    assert view.clock.provisional
    assert view.awaits is not None
    assert "lịch nghỉ năm 2027" in view.awaits.vi
    assert (confirmed.clock.provisional, confirmed.awaits, confirmed.agrees) == (False, None, True)
    assert confirmed.changes[-1].kind in ("calendar", "confirmed")


def test_parts_one_after_the_other_are_counted_each_in_its_way(start: Start) -> None:
    walk = start("funeral_allowance")

    view = why(walk)

    parts = [line.vi for line in view.lines if line.kind is LineKind.PART]
    assert parts == ["Phần 1/2: 5 ngày làm việc", "Phần 2/2: 12 ngày"]
    assert view.agrees
    assert "cả ngày nghỉ cũng tính" in view.way.vi


def test_a_step_nobody_registered_began_when_the_time_to_register_was_over(start: Start) -> None:
    walk = start()
    walk.journey.now = walk.handoffs[0]["register_due_at"] + timedelta(minutes=5)
    alarms.sweep(walk.office, walk.now)

    view = why(walk, "step")

    assert "hết thời gian ký nhận" in view.begins.vi
    assert (view.source.practice, view.source.basis, view.agrees) == (True, [], True)


def test_a_stored_date_that_does_not_follow_is_said_not_shown_silently(start: Start, fresh: Fresh) -> None:
    walk = start()
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update clock set due_at = due_at + interval '1 day' where kind = 'dossier'")
    try:
        view = why(walk)
    finally:
        with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
            connection.execute("update clock set due_at = due_at - interval '1 day' where kind = 'dossier'")

    assert not view.agrees
    assert view.computed_due_at == walk.dossier["due_at"]


def told(walk: Walk, action: str) -> tuple[str, str]:
    """What the record calls an act, and what it was about, on the dossier's page."""
    seen = desk.dossier(walk.office, walk.code, walk.cast[OFFICER], walk.now).timeline
    entry = next(entry for entry in reversed(seen) if entry.action == action)
    return entry.name.vi, entry.about.vi if entry.about else ""


def test_the_record_names_the_papers_that_were_asked_for_and_what_is_still_awaited(start: Start) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement", documents=("plan", "other"))

    about = told(walk, "request_supplement")[1]
    waiting = desk.dossier(walk.office, walk.code, walk.cast[OFFICER], walk.now).awaited
    walk.step("supplement")

    assert about.endswith("; Tài liệu khác")
    assert about.split("; ")[0] == walk.procedure.declaration.documents["plan"].name.vi
    assert waiting is not None
    assert waiting.vi == about
    assert desk.dossier(walk.office, walk.code, walk.cast[OFFICER], walk.now).awaited is None


def test_what_rang_is_recorded_with_whose_time_it_is_and_when_it_was_due(start: Start) -> None:
    walk = start()
    due = walk.clocks("handoff")[0]["due_at"]
    alarms.sweep(walk.office, due + 3 * DAY)

    assert told(walk, "alarm:overdue")[0] == f"Ký nhận – quá hạn (hạn {due.astimezone(ZONE):%d/%m/%Y %H:%M})"
    assert told(walk, "expired:escalate")[0].startswith("Bước xử lý – hết hạn: đã báo")


def test_dates_computed_again_are_recorded_as_they_were_and_are_with_the_decision(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(date(2026, 12, 1)), why="Bão số 15, Quyết định 12/QĐ-UBND")
    recompute(walk.office, walk.now)

    assert told(walk, "recompute_dues")[1] == (
        "Hồ sơ 22/12/2026 17:00 → 23/12/2026 17:00, vì Bão số 15, Quyết định 12/QĐ-UBND")


def test_what_the_procedure_notes_of_its_limit_stands_with_the_source(journey: Journey, fresh: Fresh) -> None:
    note = "Thời hạn do tỉnh quy định."
    walk = copies(journey, fresh, ("count_mode: HOUR\n",
                                   f"count_mode: HOUR\nlimit_note: {{vi: {note}, en: Set by the province.}}\n"))
    walk.go_to("comparing")

    source = why(walk).source
    assert source.note is not None
    assert source.note.vi == note


def test_strangers_see_no_clock_and_a_number_no_clock_has_is_not_found(start: Start) -> None:
    walk = start()
    stranger = walk.cast["H51.21/mot-cua:receptionist"]

    for read in (lambda: desk.clocks_of(walk.office, walk.code, stranger, walk.now),
                 lambda: desk.why_due(walk.office, walk.code, 1, stranger, walk.now),
                 lambda: desk.why_due(walk.office, walk.code, 99, walk.cast[DESK], walk.now)):
        with pytest.raises(NotFound):
            read()


def test_the_dossiers_page_knows_the_clock_behind_each_date(start: Start) -> None:
    walk = start().go_to("examining")

    view = desk.dossier(walk.office, walk.code, walk.cast[OFFICER], walk.now)

    kinds = {row.no: row.kind for row in rows(walk)}
    assert {name: kinds[no] for name, no in view.clock_nos.items()} == {"dossier": "dossier", "examining": "step"}
    assert view.clock is not None
    assert view.clock.no == view.clock_nos["dossier"]


def test_the_machine_itself_sees_every_dossier(start: Start) -> None:
    walk = start()

    seen = desk.clocks_of(walk.office, walk.code, walk.cast[DESK], walk.now)
    assert desk.clocks_of(walk.office, walk.code, MACHINE, walk.now) == seen


def test_the_clocks_beside_the_dossiers_own_say_whose_they_are_and_by_what_rule(journey: Journey, fresh: Fresh) -> None:
    limits = SUPPLEMENT + "agency_limits: [{party: lead, limit: 3 working days}]\n"
    walk = conference(journey, fresh, (SUPPLEMENT, limits.replace("max: 1", "max: 1, within: 10 days")))
    walk.go_to("examining")
    agency = why(walk, "agency")
    walk.step("request_supplement")
    walk.journey.register_all(walk.code)
    request = why(walk, "request")

    assert agency.clock.name.vi == "Các bước liền nhau của một cơ quan: Văn phòng Ủy ban nhân dân tỉnh"
    assert (agency.begins.vi, agency.source.practice) == ("Từ khi ký nhận hồ sơ chuyển đến", True)
    assert request.clock.name.vi == "Người nộp bổ sung hoặc nộp tiền: Chờ công dân bổ sung hồ sơ"
    assert request.source.words.vi.startswith("Phiên bản")
    assert "cả ngày nghỉ cũng tính" in request.way.vi
    for row in rows(walk):
        assert desk.why_due(walk.office, walk.code, row.no, MACHINE, walk.now).agrees


def test_an_online_submission_is_answered_by_the_common_rule(journey: Journey, fresh: Fresh) -> None:
    journey.now = journey.now.astimezone(ZONE).replace(hour=22)
    walk = copies(journey, fresh, channel="online", accept=False)

    view = why(walk, "answer")

    assert (view.source.basis, view.agrees) == (["Nghị định 45/2020/NĐ-CP"], True)
    assert view.clock.limit.vi == "8 giờ làm việc"
    assert "mở cửa lại" in view.begins.vi


AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LIMITS = st.builds(lambda count, unit: f"{count} {unit}", st.integers(1, 25),
                   st.sampled_from(("working days", "working hours", "days")))


@st.composite
def lives(draw: Any) -> Clock:
    """A clock with stops, resumptions and restarts, none of them after its due date is long past."""
    parts = draw(st.lists(LIMITS, min_size=1, max_size=2))
    clock = Clock.started(Limit.parse(parts), draw(st.sampled_from(CountMode)),
                          AT + timedelta(minutes=draw(st.integers(0, 60 * 24 * 200))))
    at = clock.marks[0].at
    for kind in draw(st.sampled_from(((), ("stop",), ("stop", "resume"), ("stop", "restart"),
                                      ("stop", "resume", "stop", "restart", "stop", "resume")))):
        at += timedelta(minutes=draw(st.integers(0, 60 * 24 * 4)))
        clock = clock.marked(MarkKind(kind), at)
    return clock


@settings(max_examples=500, deadline=None)
@given(lives())
def test_the_lines_of_any_clock_come_to_its_due_date(clock: Clock) -> None:
    """Each total is the one before plus what its day added; the parts make up the limit."""
    calendar, lines = national(), explain(clock, national())
    stands, totals, total = evaluate(clock, calendar), [0], 0
    for line in lines:
        if line.mark is not None and clock.marks[line.mark].kind in (MarkKind.START, MarkKind.RESTART):
            totals, total = [0], 0
        if line.kind is LineKind.PART and total:
            totals, total = [*totals, 0], 0
        if line.day is not None:
            total += line.amount
            assert line.total == total
            totals[-1] = total
    if stands.due is None:
        assert lines[-1].kind is LineKind.WAITING
        return
    assert totals == [_whole(part, clock.mode) for part in clock.limit.parts]
    assert (lines[-1].kind, lines[-1].ends) == (LineKind.DUE, stands.due)
    assert stands.due.astimezone(ZONE).date() in {line.day for line in lines}


def _whole(part: Part, mode: CountMode) -> int:
    """Days, or minutes where hours of work are counted."""
    if part.unit is Unit.WORKING_HOUR:
        return part.amount * 60
    hours = part.unit is Unit.WORKING_DAY and mode is CountMode.HOUR
    return part.amount * HOURS_A_DAY * 60 if hours else part.amount

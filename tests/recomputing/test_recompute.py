"""Every due date in flight follows a published calendar; nothing else of a dossier does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import psycopg

from engine import alarms
from engine.audit import verify_chain
from engine.casework.clocks import rebuild
from engine.clocks.alarms import reminders
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import Limit
from engine.recomputing import preview, recompute
from engine.verification import verify
from storage import recomputing as stored
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.recomputing.calendars import at_agency, closed, notice_of_2027, publish

DAY = timedelta(days=1)
STORM_DAY = date(2026, 12, 1)
LEAD = "H51.01/ngoai-vu:officer"


def entries(walk: Walk) -> list[dict]:
    return [json.loads(row["details"]) for row in walk.entries if row["action"] == "recompute_dues"]


def right(walk: Walk) -> bool:
    """Every open clock is due when the newest calendar says."""
    catalogue, agency = walk.office.fresh_catalogue(), walk.dossier["intake_agency"]
    return all(row["due_at"] == evaluate(rebuild(row), catalogue.calendar(row["agency"] or agency)).due
               for row in walk.of("clock") if row["ended_at"] is None)


def test_a_closure_moves_the_date_and_what_shows_it(start: Start) -> None:
    walk = start().go_to("examining")
    before, version = walk.dossier, walk.dossier["version"]
    number = publish(walk.office, closed(STORM_DAY))

    done = recompute(walk.office, walk.now)

    after = walk.dossier
    assert (done.considered, done.changed, done.jobs) == (1, 1, 1)
    assert after["due_at"] > before["due_at"]
    assert (after["first_due_at"], after["version"]) == (before["first_due_at"], version)
    assert right(walk)
    clock = walk.clocks("dossier")[0]
    assert (clock["due_at"], clock["calendar_no"]) == (after["due_at"], number)
    told = entries(walk)
    assert [told[0]["calendar"], told[0]["provisional"]] == [number, False]
    assert told[0]["clocks"] == [[clock["no"], "dossier", before["due_at"].isoformat(), after["due_at"].isoformat()]]
    assert verify_chain(walk.code, walk.entries, bytes(after["audit_head"]), after["audit_seq"]) is None
    notice = walk.of("notice")
    assert [(row["kind"], row["about"], row["unit_id"]) for row in notice] == [
        ("due_moved_later", after["due_at"], before["intake_unit_id"])]
    job = walk.rows("select * from calendar_recompute")[0]
    assert (job["considered"], job["moved"], job["failed"], job["last_error"]) == (1, 1, 0, None)
    assert job["finished_at"] is not None


def test_a_second_pass_does_nothing(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(STORM_DAY))
    recompute(walk.office, walk.now)
    seq = walk.dossier["audit_seq"]

    assert recompute(walk.office, walk.now).jobs == 0
    with_new_job = publish(walk.office, closed(STORM_DAY))
    assert recompute(walk.office, walk.now).changed == 0
    assert (walk.dossier["audit_seq"], with_new_job) == (seq, 3)


def test_a_step_with_a_limit_of_its_own_and_its_work_move(start: Start) -> None:
    walk = start().go_to("examining")
    before = walk.items["examining"]["due_at"]
    publish(walk.office, closed(date(2026, 11, 25)))

    recompute(walk.office, walk.now)

    assert walk.items["examining"]["due_at"] == walk.clocks("step")[-1]["due_at"] > before
    assert right(walk)


def test_a_step_without_a_limit_goes_on_showing_the_dossiers_date(start: Start) -> None:
    walk = start("test_copies").go_to("drafting")
    assert walk.items["drafting"]["due_at"] == walk.dossier["due_at"]
    publish(walk.office, closed(walk.dossier["due_at"].date()))

    recompute(walk.office, walk.now)

    assert walk.items["drafting"]["due_at"] == walk.dossier["due_at"]
    assert right(walk)


def test_the_time_to_register_and_an_opinion_asked_for_move_where_they_are_shown(start: Start) -> None:
    walk = start().go_to("examining")
    unit = walk.cast.unit("H51.05/chuyen-mon")
    walk.do("consult_further", walk.cast[LEAD], units=(unit,), words="Ý kiến?", join="all", limit="3 working days")
    before = walk.of("consultation")[0]["due_at"]
    publish(walk.office, closed(date(2026, 11, 23), date(2026, 11, 25)))

    recompute(walk.office, walk.now)

    clock = next(row for row in walk.clocks("consultation"))
    assert walk.of("consultation")[0]["due_at"] == clock["due_at"] > before
    item = next(row for row in walk.of("work_item") if row["duty"] == "consult")
    assert item["due_at"] == clock["due_at"]
    sent = next(row for row in walk.handoffs if row["state"] == "delivered")
    waiting = next(row for row in walk.clocks("handoff") if row["item_no"] == sent["item_no"])
    assert sent["register_due_at"] == waiting["due_at"]
    assert right(walk)


def test_what_has_ended_never_changes(start: Start) -> None:
    closed_one = start().go_to("examining")
    closed_one.do("stop", closed_one.cast["H51.02/tiep-nhan:manager"], reason="Dừng")
    finished = start().go_to("returning")
    before = [(walk.dossier, walk.of("clock", "no"), walk.of("audit", "seq")) for walk in (closed_one, finished)]
    publish(finished.office, closed(date(2026, 11, 25), STORM_DAY))

    recompute(finished.office, finished.now)

    for walk, (_, rows, told) in zip((closed_one, finished), before, strict=True):
        ended = [row for row in rows if row["ended_at"] is not None]
        assert [row for row in walk.of("clock", "no") if row["ended_at"] is not None] == ended
        assert walk.of("audit", "seq")[:len(told)] == told
    assert closed_one.dossier == before[0][0]
    assert finished.dossier["due_at"] == before[1][0]["due_at"]


def test_a_provisional_date_is_confirmed_when_the_year_is_announced(start: Start) -> None:
    walk = start()
    walk.journey.now = datetime(2026, 12, 28, 8, tzinfo=UTC)
    walk = start()
    before = walk.dossier
    assert before["due_provisional"]
    number = publish(walk.office, notice_of_2027())

    recompute(walk.office, walk.now)

    assert (walk.dossier["due_provisional"], walk.dossier["due_at"]) == (False, before["due_at"])
    assert entries(walk) == [{"calendar": number, "clocks": [], "provisional": False}]
    assert walk.of("notice") == []
    assert walk.clocks("dossier")[0]["calendar_no"] == number


def test_the_desk_is_told_when_the_announced_year_moves_the_date_later_and_the_history_is_kept(start: Start) -> None:
    start()
    journey = start().journey
    journey.now = datetime(2026, 12, 28, 8, tzinfo=UTC)
    walk = start()
    before = walk.dossier
    publish(walk.office, notice_of_2027(date(2027, 1, 4)))

    recompute(walk.office, walk.now)

    assert walk.dossier["due_at"] > before["due_at"]
    assert not walk.dossier["due_provisional"]
    assert walk.dossier["first_due_at"] == before["first_due_at"]
    assert entries(walk)[0]["clocks"][0][1:3] == ["dossier", before["due_at"].isoformat()]
    assert [row["kind"] for row in walk.of("notice")] == ["due_moved_later"]


def test_a_clock_that_stands_still_has_no_date_to_move(start: Start) -> None:
    walk = start()
    walk.step("request_supplement")
    walk.journey.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    publish(walk.office, closed(STORM_DAY))

    recompute(walk.office, walk.now)

    assert walk.dossier["due_at"] is None
    assert entries(walk) == []
    walk.step("supplement")
    assert right(walk)


def test_only_those_whose_calendar_it_is_are_moved(start: Start) -> None:
    province, ward = start(), start("test_copies")
    code = ward.dossier["intake_agency"]
    before = province.dossier["due_at"], ward.dossier["due_at"]
    publish(ward.office, at_agency(code, ward.dossier["due_at"].date()), scope=code)

    done = recompute(ward.office, ward.now)

    assert done.considered == 1
    assert province.dossier["due_at"] == before[0]
    assert ward.dossier["due_at"] > before[1]
    assert right(ward)
    assert right(province)


def test_the_alarms_ring_by_the_new_date_and_each_once(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(STORM_DAY))
    recompute(walk.office, walk.now)

    alarms.sweep(walk.office, walk.dossier["due_at"] - timedelta(minutes=1))
    rung = [(row["action"], json.loads(row["details"])) for row in walk.entries if row["action"].startswith("alarm:")]
    assert ("alarm:due", "dossier") not in [(action, told["of"]) for action, told in rung]
    alarms.sweep(walk.office, walk.dossier["due_at"])

    due = [row for row in walk.entries if row["action"] == "alarm:due" and '"of":"dossier"' in row["details"]]
    assert len(due) == 1
    assert walk.dossier["due_at"].isoformat() in due[0]["details"]


def test_a_date_that_moves_into_the_past_rings_at_once(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(date(2026, 11, 26), date(2026, 11, 27)))
    recompute(walk.office, walk.now)
    late = walk.items["examining"]["due_at"] - timedelta(hours=1)
    publish(walk.office, closed())

    recompute(walk.office, late)
    told = [(row["unit_id"], row["about"]) for row in walk.of("notice") if row["kind"] == "due_moved_earlier"]
    assert told == [(walk.cast.unit("H51.01/ngoai-vu"), walk.dossier["due_at"])]
    alarms.sweep(walk.office, late)

    assert walk.items["examining"]["due_at"] < late
    rung = [row for row in walk.entries if row["action"] == "alarm:due" and '"of":"step"' in row["details"]]
    assert len(rung) == 1


def test_a_date_that_moves_before_its_alarm_still_rings_when_the_sweep_comes_first(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(date(2026, 11, 26), date(2026, 11, 27)))
    recompute(walk.office, walk.now)
    alarms.sweep(walk.office, walk.items["examining"]["due_at"] - timedelta(minutes=1))
    late = walk.items["examining"]["due_at"]
    publish(walk.office, closed())

    assert alarms.sweep(walk.office, late).failed > 0
    recompute(walk.office, late)
    alarms.sweep(walk.office, late)

    assert walk.items["examining"]["due_at"] < late
    rung = [json.loads(row["details"]) for row in walk.entries if row["action"] == "alarm:due"]
    assert [told["due"] for told in rung if told["of"] == "step"] == [walk.items["examining"]["due_at"].isoformat()]


def test_an_obligation_and_its_reminders_move_also_when_its_dossier_has_closed(start: Start) -> None:
    walk, ended = start().go_to("returning"), start().go_to("returned")
    before, kept = walk.of("obligation")[0]["due_at"], ended.dossier
    publish(walk.office, closed(before.date(), year=2027))

    recompute(walk.office, walk.now)

    owed, clock = walk.of("obligation")[0], walk.clocks("obligation")[0]
    assert owed["due_at"] == clock["due_at"] > before
    declared = walk.procedure.declaration.obligations[0]
    alarm = reminders(rebuild(clock), walk.office.fresh_catalogue().calendar(""),
                      [Limit.parse(lead) for lead in declared.remind])[0]
    assert [row["fires_at"] for row in walk.of("timer") if row["clock_no"] == clock["no"]] == [alarm.at]
    assert ended.of("obligation")[0]["due_at"] == owed["due_at"]
    assert right(ended)
    assert {name: value for name, value in ended.dossier.items() if not name.startswith("audit")} == {
        name: value for name, value in kept.items() if not name.startswith("audit")}
    assert [fault for fault in verify(walk.office).faults if not fault.startswith("document")] == []


def test_feedback_on_a_closed_dossier_is_answered_by_the_new_date(start: Start) -> None:
    walk = start().go_to("returned")
    walk.do("take_feedback", walk.cast["H51.02/tiep-nhan:receptionist"], kind="complaint", words="Phải đi lại ba lần.")
    before = walk.of("feedback")[0]["due_at"]
    publish(walk.office, closed(before.date()))

    recompute(walk.office, walk.now)

    assert walk.of("feedback")[0]["due_at"] == walk.clocks("feedback")[0]["due_at"] > before
    assert [fault for fault in verify(walk.office).faults if not fault.startswith("document")] == []


def test_a_limit_without_effect_moves_and_stays_silent(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    clock = walk.clocks("dossier")[0]
    with psycopg.connect(fresh.superuser_url) as connection:
        which = (walk.id, clock["no"])
        connection.execute("update clock set expiry = 'nothing' where dossier_id = %s and no = %s", which)
        connection.execute("delete from timer where dossier_id = %s and clock_no = %s", which)
    publish(walk.office, closed(STORM_DAY))

    recompute(walk.office, walk.now)

    assert walk.dossier["due_at"] > clock["due_at"]
    assert clock["no"] not in {row["clock_no"] for row in walk.of("timer")}


def test_two_publications_in_a_row_end_under_the_last(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(STORM_DAY))
    publish(walk.office, closed(STORM_DAY, date(2026, 12, 2)))

    done = recompute(walk.office, walk.now)

    assert (done.jobs, len(entries(walk))) == (2, 1)
    assert right(walk)
    assert not stored.unfinished(walk.office.db)


def test_a_preview_says_what_then_happens_and_writes_nothing(start: Start) -> None:
    walks = [start() for _ in range(3)]
    walks[0].step("request_supplement")
    before = walks[1].dossier
    told = preview(walks[0].office, "", closed(STORM_DAY))
    assert walks[1].dossier == before

    assert (told.considered, told.moved, told.later, told.earlier, told.confirmed) == (3, 2, 2, 0, 0)
    assert (told.complete, told.first) == (True, before["due_at"])
    assert told.from_at == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    publish(walks[0].office, closed(STORM_DAY))
    recompute(walks[0].office, walks[0].now)
    found = {shift.code: (shift.old, shift.new, shift.subject) for shift in told.samples}
    assert found == {walk.code: (before["due_at"], walk.dossier["due_at"], walk.dossier["subject"])
                     for walk in walks[1:]}


def test_a_preview_says_how_many_dossiers_a_change_of_past_days_excuses(start: Start) -> None:
    walk = start()
    start().journey.now += 3 * DAY
    start()
    due = walk.dossier["due_at"]
    day = due.date()

    assert [(told.past, told.excused) for told in (
        preview(walk.office, "", closed(day), at=due + timedelta(hours=hours)) for hours in (-1, 1, 15))] == [
            (False, 0), (False, 2), (True, 2)]


def test_a_preview_that_did_not_look_at_all_says_so(start: Start) -> None:
    walk = start()
    start()

    assert not preview(walk.office, "", closed(STORM_DAY), most=1).complete
    assert preview(walk.office, "", closed(STORM_DAY), most=2).complete


def test_a_change_of_words_alone_moves_nothing(start: Start) -> None:
    walk = start()
    shared = closed()
    told = preview(walk.office, "", shared.model_copy(update={"vi": "Lịch khác"}))

    assert (told.moved, told.first, told.samples) == (0, None, [])

"""The short play ends as written, and whoever touches the record behind its back is found out."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from api.demo.run import Performance, bundles_of, cases_of
from api.demo.script import End, Shown, at
from api.demo.verdict import Verdict
from engine.printing import forms
from tests.demo.tampering import Tamperer

# The first test waits for the whole play.
pytestmark = pytest.mark.timeout(900)

DOSSIER = "(select id from dossier where code = '{code}')"


@pytest.fixture
def tamperer(performance: Performance) -> Tamperer:
    return Tamperer(performance.stage)


def faults(performance: Performance) -> list[str]:
    return performance.judge().faults


def code_of(performance: Performance, name: str) -> str:
    return next(each.code for each in performance.player.playing.values() if each.case.name == name)


def test_a_short_day_ends_as_written_and_the_record_proves_it(performance: Performance) -> None:
    assert faults(performance) == []
    assert performance.close() == 0


def test_the_day_is_told_dossier_by_dossier(performance: Performance, verdict: Verdict) -> None:
    with performance.out.capture() as captured:
        performance.out.quiet = False
        performance.show(verdict)
        performance.out.quiet = True
    told = captured.get()
    for playing in performance.player.playing.values():
        assert told.count(f"{playing.code} · ") == 1
    for code in performance.player.received:
        assert f"{code} · Đổi thông tin, đính chính" in told
    assert "3 phần, đã khép lại" in told
    for words in ("TRỄ HẠN", "TỪ CHỐI TIẾP NHẬN", "ĐÃ RÚT", "ĐÃ DỪNG", "không chấp thuận", "Thu hồi hồ sơ đã chuyển",
                  "Thời hạn theo luật", "đóng cửa 30/11 đến 01/12", "Đánh giá thời hạn", "Ở bộ phận Một cửa",
                  "chưa cấu hình kênh gửi"):
        assert words in told


def test_the_same_script_gives_the_same_times_on_every_machine(verdict: Verdict) -> None:
    ways = {way.case.name: way for way in verdict.ways}
    assert [f"{step.at:%d/%m %H:%M} {step.agency}" for step in ways["late"].steps] == [
        "19/10 08:05 Trung tâm", "19/10 08:30 VP UBND tỉnh", "19/10 09:30 Sở Ngoại vụ", "19/10 09:30 Công an tỉnh",
        "02/11 08:00 Sở NN&MT", "25/11 07:30 VP UBND tỉnh", "25/11 07:45 VP UBND tỉnh", "25/11 08:15 VP UBND tỉnh",
        "25/11 08:45 VP UBND tỉnh", "25/11 11:00 Trung tâm"]


def test_a_storm_moves_the_dates_behind_it_and_the_history_says_why(performance: Performance) -> None:
    (closing,) = performance.player.closings
    moved, stayed = code_of(performance, "by_post"), code_of(performance, "household")

    assert closing.moved == {moved: (at(date(2026, 12, 14), "17:00"), at(date(2026, 12, 16), "17:00"))}
    assert stayed in closing.before
    auditor = performance.player.cast.auditor
    number = performance.api.get(auditor, f"/dossiers/{moved}")["clock"]["no"]
    why = performance.api.get(auditor, f"/dossiers/{moved}/clocks/{number}")
    change = next(change for change in why["changes"] if change["kind"] == "calendar")
    assert (change["calendar_no"], change["cause"]["action"]) == (closing.number, "recompute_dues")
    assert why["calendars"][str(closing.number)]["reason"] == "3120/QĐ-UBND: Phòng, chống bão số 15"


def test_legal_time_is_seen_in_the_play(verdict: Verdict) -> None:
    ways = {way.case.name: way for way in verdict.ways}
    assert set().union(*(way.shows for way in ways.values())) == set(Shown)
    assert {name for name, way in ways.items() if Shown.TACIT in way.shows} == {"asked_further"}
    assert {name for name, way in ways.items() if Shown.DRAFTED in way.shows} == {"household"}
    assert {name for name, way in ways.items() if Shown.ASKED_AGAIN in way.shows} == {"supplemented"}
    assert {name for name, way in ways.items() if Shown.ANSWERED in way.shows} == {"late"}


def test_everybody_is_judged_as_the_script_means(verdict: Verdict) -> None:
    kept = verdict.time_kept
    assert {agency: +counts for agency, counts in kept.agencies.items()} == {
        "H51.02": {"early": 7, "late": 1, "not_judged": 4, "asked_again": 1}, "H51.21": {"early": 6},
        "H51.22": {"early": 1, "on_time": 1, "late": 1, "extended": 1}}


def test_the_desks_work_as_the_script_means(verdict: Verdict) -> None:
    desk = verdict.desk
    assert desk.faults == []
    assert (desk.letters, desk.offline, desk.papers[forms.BOOK]) == (1, 2, 3)
    assert {no: desk.papers[no] for no in forms.FORMS} == {1: 5, 2: 2, 3: 2, 4: 1, 5: 2, 6: 5}
    assert desk.messages["parked"] > 20
    assert desk.messages["sent"] == 0


def test_agencies_without_a_system_answer_by_a_link_and_on_paper(performance: Performance) -> None:
    timeline = performance.api.get(performance.player.cast.auditor,
                                   f"/dossiers/{code_of(performance, 'asked_further')}")["timeline"]
    told = [str(entry["who"]) for entry in timeline if entry["action"] == "answer_consultation"]
    assert sorted(who.partition(" (")[0] for who in told) == ["Huỳnh Thị Mỹ Xuyến", "Hệ thống", "Ngô Quang Vinh"]
    assert sum("theo văn bản giấy, do" in who for who in told) == 1


def test_what_came_by_post_was_submitted_when_the_record_was_signed(performance: Performance,
                                                                    tamperer: Tamperer) -> None:
    code = code_of(performance, "by_post")
    submitted, signed = tamperer.one(
        "select d.submitted_at, i.signed_at from dossier d join post_intake_line l on l.dossier_id = d.id "
        f"join post_intake i on i.id = l.intake_id where d.code = '{code}'")
    assert submitted == signed


def test_an_allowance_is_paid_at_the_second_visit_once(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "paper_missing")
    visits, paid = tamperer.one(f"select visits, paid_on from payout where dossier_id = {DOSSIER.format(code=code)}")
    assert (visits, paid) == (2, date(2026, 11, 27))


def test_the_record_is_anchored_outside_the_database(verdict: Verdict) -> None:
    assert verdict.anchor > 1


def test_the_officer_who_is_away_is_stood_in_for_under_both_names(performance: Performance) -> None:
    code = code_of(performance, "written")
    timeline = performance.api.get(performance.player.cast.auditor, f"/dossiers/{code}")["timeline"]
    told = {entry["action"]: entry["who"] for entry in timeline}
    assert told["claim"] == "Đoàn Thị Thu Hà (thay Trần Quốc Thái)"
    assert told["consult"] == "Trần Quốc Thái"
    assert told["initial_letter"] == "Mai Thanh Tùng"


def test_what_came_in_without_a_network_has_its_own_time_and_code(performance: Performance) -> None:
    code = code_of(performance, "offline_first")
    header = performance.api.get(performance.player.cast.auditor, f"/dossiers/{code}")["header"]
    assert datetime.fromisoformat(header["received_at"]) == at(date(2026, 11, 25), "07:06")
    assert code.startswith("H51.21-261125-")


def test_a_number_taken_from_a_letter_and_a_seal_from_its_file_are_named(performance: Performance,
                                                                         tamperer: Tamperer) -> None:
    code = code_of(performance, "written")
    letter = f"dossier_id = {DOSSIER.format(code=code)} and no = 1"
    with tamperer.row("letter", "number = 9", letter):
        assert any(f"letter {code} no. 1" in fault for fault in faults(performance))
    with tamperer.row("signature", "sha256 = repeat('0', 64)",
                      f"kind = 'agency' and dossier_id = {DOSSIER.format(code=code)}"):
        assert f"letter {code} no. 1: the agency did not sign its file" in faults(performance)


def test_a_line_taken_out_of_a_tracking_book_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "late")
    with tamperer.row("book_entry", "no = 99", f"dossier_id = {DOSSIER.format(code=code)}"):
        assert any(fault.startswith("book of H51.02 2026") for fault in faults(performance))


def test_a_verdict_made_better_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "late")
    with tamperer.row("judgement", "local = 'on_time'", f"dossier_id = {DOSSIER.format(code=code)}"):
        found = faults(performance)
    assert any(fault.startswith(f"{code} (late): đánh giá / judged on_time") for fault in found)
    assert any(fault.startswith("đánh giá / judgement: Trung tâm") and "(late): 0" in fault for fault in found)


def test_feedback_that_nobody_answered_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "late")
    with tamperer.row("feedback", "answered_at = null", f"dossier_id = {DOSSIER.format(code=code)}"):
        assert any(fault.startswith(f"{code} (late): thiếu / missing: Phản ánh") for fault in faults(performance))


def test_an_edited_audit_entry_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "stopped")
    with tamperer.row("audit", "actor_name = 'Người khác'", f"dossier_id = {DOSSIER.format(code=code)} and seq = 4"):
        assert f"audit {code} entry 4: entry was changed" in faults(performance)
        assert performance.close() == 1
    assert faults(performance) == []


def test_a_removed_audit_entry_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "refused")
    with tamperer.row("audit", "seq = 99", f"dossier_id = {DOSSIER.format(code=code)} and seq in (3, 99)"):
        assert any(fault.startswith(f"audit {code} entry 3") for fault in faults(performance))


def test_other_bytes_under_a_document_are_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "late")
    sha256, component, document = tamperer.one(
        f"select sha256, component, id from document where dossier_id = {DOSSIER.format(code=code)} "
        "and component = 'plan'")
    with tamperer.bytes_of(str(sha256), b"%PDF-1.4 something else"):
        found = [fault for fault in faults(performance) if str(document) in fault]
        assert len(found) == 1
        assert code in found[0]
        assert str(component) in found[0]
    assert faults(performance) == []


def test_an_unsent_message_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "by_post")
    message = tamperer.one(f"select message_id from outbox where dossier_id = {DOSSIER.format(code=code)} limit 1")[0]
    # parked, so that the dispatcher does not simply carry it again
    with tamperer.row("outbox", "sent_at = null, parked_at = now()", f"message_id = '{message}'"):
        assert f"outbox {code} message {message}: not delivered" in faults(performance)


def test_a_dossier_that_nobody_holds_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "rejected")
    with tamperer.row("dossier", "closed_at = null", f"code = '{code}'"):
        assert f"dossier {code}: nobody holds it" in faults(performance)


def test_a_late_dossier_made_timely_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "late")
    with tamperer.row("dossier", "due_at = due_at + interval '30 days'", f"code = '{code}'"):
        found = faults(performance)
    assert any(fault.startswith(f"{code} (late)") for fault in found)
    assert any(fault.startswith("bảng / table") and "on time" in fault for fault in found)


def test_the_due_date_of_a_finished_dossier_is_still_recomputed(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "recalled")
    with tamperer.row("clock", "due_at = due_at + interval '1 hour'",
                      f"dossier_id = {DOSSIER.format(code=code)} and kind = 'dossier'"):
        found = faults(performance)
    assert any(code in fault and "follows from the record" in fault for fault in found)


@pytest.mark.parametrize("change", ["marks = jsonb_set(marks, '{0,at}', '\"2026-10-20T01:00:00+00:00\"')",
                                    "marks = marks - 0", "marks = '[{}]'"])
def test_marks_changed_in_a_clock_are_named(performance: Performance, tamperer: Tamperer, change: str) -> None:
    code = code_of(performance, "late")
    with tamperer.row("clock", change, f"dossier_id = {DOSSIER.format(code=code)} and kind = 'dossier'"):
        assert any("its marks are not those of the audit" in fault and code in fault for fault in faults(performance))


def test_an_audit_entry_made_unreadable_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code = code_of(performance, "withdrawn")
    with tamperer.row("audit", "details = '\"marks\" {'", f"dossier_id = {DOSSIER.format(code=code)} and seq = 2"):
        assert any(fault.startswith(f"audit {code} entry 2") for fault in faults(performance))


def test_a_document_pointed_at_other_bytes_of_the_store_is_named(performance: Performance, tamperer: Tamperer) -> None:
    code, other = code_of(performance, "late"), code_of(performance, "recalled")
    plan = "component = 'plan' and dossier_id = " + DOSSIER
    sha256 = tamperer.one(f"select sha256 from document where {plan.format(code=other)}")[0]
    with tamperer.row("document", f"sha256 = '{sha256}'", plan.format(code=code)):
        found = faults(performance)
    assert any(fault.startswith(f"document {code}: plan") and "not what was attached" in fault for fault in found)


def test_the_long_day_has_sixty_dossiers_of_fourteen_procedures_and_three_bundles() -> None:
    cases = cases_of(small=False)
    assert len(cases) >= 60
    assert len({case.procedure for case in cases}) == 14
    assert [len(bundle.cases) for bundle in bundles_of(small=False)] == [3, 4, 4]
    assert {case.end for case in cases} == set(End)
    assert {case.desk for case in cases} == {"H51.02", "H51.21", "H51.22"}
    assert len({case.name for case in cases}) == len(cases)
    assert cases_of(small=False) == cases

"""Scenarios on procedures under trial: what follows each step, what was expected else, and never a database."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from engine.catalogue import Catalogue
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE
from engine.errors import Refused, Unavailable
from engine.rehearsal.play import Play, play
from engine.rehearsal.scenario import Expect, Scenario, Step, Told, Who, later
from procedures.declaration import Declaration, canonical
from tests.casework.walking import FACTS

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE)
CONFERENCE = "conference_permit_local"


def scenario(*steps: Step, **changes: Any) -> Scenario:
    given = {"name": "Cấp phép hội nghị", "received": MORNING, "facts": FACTS[CONFERENCE], "steps": steps}
    return Scenario(**{**given, **changes})


def altered(declaration: Declaration, **changes: Any) -> Declaration:
    return Declaration.model_validate(json.loads(canonical(declaration)) | changes)


CONSULTED = tuple(Step(does="give_opinion", state=state, after="1 working day")
                  for state in ("foreign_affairs", "police", "agriculture"))
TO_SIGNING = (Step(does="consult", after="1 working hour"), *CONSULTED, Step(does="forward", after="1 working day"),
              Step(does="approve", after="1 working hour"))
TO_THE_END = (*TO_SIGNING, Step(does="sign"), Step(does="issue"), Step(does="return_at_counter"))


@pytest.mark.parametrize("span", ["999999999 days", "999999999 hours", "40000 days", "999999999 working days"])
def test_a_wait_nobody_lives_to_is_refused_in_words(province: Catalogue, library: dict[str, Declaration],
                                                    span: str) -> None:
    trial = scenario(Step(does="wait", after=span))
    with pytest.raises(Refused) as refused:
        play(library[CONFERENCE], trial, province)
    assert refused.value.message("vi") != refused.value.message("en")


def test_the_database_is_never_asked(province: Catalogue, library: dict[str, Declaration]) -> None:
    with pytest.raises(Unavailable):
        _ = province.procedures[10**6]

    result = play(library[CONFERENCE], scenario(*TO_THE_END), province)

    assert result.failures == []
    assert result.steps[-1].states == ("returned",)
    assert result.steps[-1].outcome == "approved"


def test_what_is_to_go_by_post_is_tried_like_any_other(province: Catalogue, library: dict[str, Declaration]) -> None:
    by_post = scenario(*TO_THE_END[:-1], Step(does="send_by_post"), return_way="post")

    result = play(library[CONFERENCE], by_post, province)

    assert result.failures == []
    assert result.steps[-1].states == ("posting",)


def test_after_every_step_it_says_where_the_dossier_is_and_who_has_it(province: Catalogue,
                                                                      library: dict[str, Declaration]) -> None:
    received, consulted = play(library[CONFERENCE], scenario(TO_SIGNING[0]), province).steps

    assert [place.vi for place in received.places] == ["Thẩm định hồ sơ"]
    assert (received.status, received.held[0].path, received.held[0].registered) == (2, "H51.01/ngoai-vu", True)
    assert {held.path for held in consulted.held} == {"H51.04/chuyen-mon", "H51.05/chuyen-mon", "H51.06/chuyen-mon"}
    assert consulted.sent_to == ("H51.04/chuyen-mon", "H51.05/chuyen-mon", "H51.06/chuyen-mon")
    assert consulted.by is not None
    assert consulted.by.vi.startswith("Chuyên viên – Phòng Ngoại vụ")


def test_what_was_expected_else_is_told_in_words_and_the_rest_goes_on(province: Catalogue,
                                                                      library: dict[str, Declaration]) -> None:
    wrong = Expect(states=("synthesis",), status=9, due=MORNING, held_by={"police": "H51.06/chuyen-mon"},
                   sent_to=(), closed=True)
    steps = (TO_SIGNING[0].model_copy(update={"expect": wrong}), *TO_SIGNING[1:])

    result = play(library[CONFERENCE], scenario(*steps), province)

    assert not result.passed
    assert {failed.kind for _, failed in result.failures} == {"states", "status", "due", "held_by", "sent_to", "closed"}
    assert {number for number, _ in result.failures} == {1}
    words = {failed.kind: failed.words.vi for _, failed in result.failures}
    assert words["states"].startswith("Chờ hồ sơ ở bước “Tổng hợp ý kiến")
    assert words["status"] == "Chờ tình trạng “Đã xử lý xong”, nhưng là “Đang xử lý”."
    assert "08:00 23/11/2026" in words["due"]
    assert result.left == 0


def test_what_failed_at_many_steps_is_told_once(province: Catalogue, library: dict[str, Declaration]) -> None:
    late = Expect(due=MORNING)
    steps = tuple(step.model_copy(update={"expect": late}) for step in TO_SIGNING)

    result = play(library[CONFERENCE], scenario(*steps), province)

    assert [(number, failed.kind, times) for number, failed, times in result.told] == [(1, "due", len(steps))]


def test_time_passes_and_alarms_ring_in_their_order(province: Catalogue, library: dict[str, Declaration]) -> None:
    waited = Step(does="wait", who="machine", after="60 days")

    step = play(library[CONFERENCE], scenario(waited), province).steps[1]

    rang = [name.vi for name in step.rang]
    # the step has two working days: half is used when one is left, before four fifths are
    assert rang[:4] == ["Cảnh báo: còn một ngày làm việc", "Cảnh báo: đã dùng 80 % thời hạn", "Đến hạn", "Quá hạn"]
    assert "step_due" in step.notices
    assert step.at == MORNING + timedelta(days=60)


def test_a_refusal_may_be_expected_and_stops_everything_when_it_was_not(province: Catalogue,
                                                                        library: dict[str, Declaration]) -> None:
    early = Step(does="sign", expect=Expect(refused="not_possible_here"))
    assert play(library[CONFERENCE], scenario(early, TO_SIGNING[0]), province).passed

    stopped = play(library[CONFERENCE], scenario(Step(does="sign"), TO_SIGNING[0]), province)
    assert (len(stopped.steps), stopped.left, stopped.passed) == (2, 1, False)
    assert stopped.failures[0][1].words.vi.startswith("Bị từ chối ngoài dự kiến: Không thể “Ký” khi hồ sơ đang ở")

    other = play(library[CONFERENCE], scenario(Step(does="sign", expect=Expect(refused="four_eyes"))), province)
    assert "lý do khác (not_possible_here)" in other.failures[0][1].words.vi
    done = play(library[CONFERENCE], scenario(TO_SIGNING[0].model_copy(update={"expect": Expect(refused="refused")})),
                province)
    assert "nhưng lại làm được" in done.failures[0][1].words.vi


def test_nobody_signs_what_he_examined(province: Catalogue, library: dict[str, Declaration]) -> None:
    """The same human being in two posts."""
    examiner = Who(party="lead", role="officer", person="mot_nguoi")
    signer = Who(party="ppc", role="signer", person="mot_nguoi")
    steps = (TO_SIGNING[0].model_copy(update={"who": examiner}), *TO_SIGNING[1:],
             Step(does="sign", who=signer, expect=Expect(refused="four_eyes")), Step(does="sign"))

    result = play(library[CONFERENCE], scenario(*steps), province)

    assert result.failures == []


def test_what_is_done_by_hand_does_not_happen_by_itself(province: Catalogue, library: dict[str, Declaration]) -> None:
    steps = (Step(does="consult", expect=Expect(refused="not_registered")), Step(does="register", state="examining"),
             Step(does="consult"))
    assert play(library[CONFERENCE], scenario(*steps, by_hand=("register",)), province).failures == []

    unwritten = (*TO_SIGNING, Step(does="sign", expect=Expect(refused="missing_document")),
                 Step(does="attach", told=Told(component="result")), Step(does="sign"))
    assert play(library[CONFERENCE], scenario(*unwritten, by_hand=("result",)), province).failures == []


def test_a_reception_that_is_refused_leaves_nothing_to_play(province: Catalogue,
                                                            library: dict[str, Declaration]) -> None:
    missing = scenario(TO_SIGNING[0], papers={})
    result = play(library[CONFERENCE], missing, province)
    assert (result.steps[0].code, result.left) == ("missing_document", 1)

    expected = scenario(papers={}, expect=Expect(refused="missing_document"))
    assert play(library[CONFERENCE], expected, province).passed


def test_a_draft_with_a_party_nobody_fills_is_played_with_a_stand_in(province: Catalogue,
                                                                     library: dict[str, Declaration]) -> None:
    data = json.loads(canonical(library[CONFERENCE]))
    data["parties"] = {"patrons": {"vi": "Hội bảo trợ", "en": "Patrons"}}
    data["machine"]["processing"]["examining"]["party"] = "patrons"

    result = play(Declaration.model_validate(data), scenario(TO_SIGNING[0]), province)

    assert [party.vi for party in result.stand_ins] == ["Hội bảo trợ"]
    assert result.steps[0].held[0].unit.vi == "Hội bảo trợ, chưa phân công"
    assert result.passed


def test_a_changed_draft_shows_its_new_dates(province: Catalogue, library: dict[str, Declaration]) -> None:
    before = play(library[CONFERENCE], scenario(), province).steps[0].due
    after = play(altered(library[CONFERENCE], limit="5 working days"), scenario(), province).steps[0].due

    assert before is not None
    # the 24th of November is a holiday
    assert after == datetime(2026, 12, 1, 17, 0, tzinfo=ZONE)
    assert after < before


def test_what_is_possible_next_is_said_with_who_may_do_it(province: Catalogue,
                                                          library: dict[str, Declaration]) -> None:
    trial = Play(library[CONFERENCE], scenario(*TO_SIGNING), province)
    trial.through()

    acts = {act.event: act for act in trial.possible()}

    assert acts["sign"].why is None
    assert acts["sign"].by is not None
    assert acts["sign"].by.vi.startswith("Người ký")
    assert next(iter(acts)) == "sign"
    assert {"send_back", "stop", "withdraw"} <= set(acts)


def test_every_procedure_of_the_library_can_be_clicked_through_to_an_end(province: Catalogue,
                                                                         library: dict[str, Declaration]) -> None:
    """As an administrator would: always the first act that completes a step."""
    played = 0
    for key, declaration in library.items():
        if key not in FACTS:
            continue
        trial = scenario(facts=FACTS[key])
        for _ in range(40):
            rehearsal = Play(declaration, trial, province)
            last = rehearsal.through().steps[-1]
            assert last.code is None, (key, last)
            acts = [act for act in rehearsal.possible() if act.why is None]
            if last.closed or not acts:
                break
            trial = trial.model_copy(update={"steps": (*trial.steps, Step(does=acts[0].event, state=acts[0].state,
                                                                           after="2 working hours"))})
        assert last.closed, (key, [act.event for act in acts], last)
        played += 1
    assert played >= 5


def test_spans_of_time_follow_the_working_calendar() -> None:
    friday = datetime(2026, 11, 27, 16, 0, tzinfo=ZONE)
    assert later(friday, "2 working hours", national()) == datetime(2026, 11, 30, 8, 0, tzinfo=ZONE)
    assert later(friday, "1 working day", national()) == datetime(2026, 11, 30, 16, 0, tzinfo=ZONE)
    assert later(friday, "90 minutes", national()) == friday + timedelta(minutes=90)
    assert later(friday, "3 days", national()) == friday + timedelta(days=3)


@pytest.mark.parametrize("wrong", [{"after": "soon"}, {"who": "somebody"}, {"does": "Ký tên"}, {"unknown": 1}])
def test_what_no_scenario_can_say_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Step.model_validate({"does": "sign"} | wrong)


def test_time_that_passes_brings_what_the_procedure_says_of_its_limits(province: Catalogue,
                                                                       library: dict[str, Declaration]) -> None:
    told = json.loads(canonical(library[CONFERENCE]))
    for body in told["machine"]["processing"]["consulting"]["parallel"].values():
        body |= {"expiry": "tacit_yes", "expiry_basis": "khoản 3 Điều 7 (minh họa)"}
    waiting = Step(does="wait", after="20 days", expect=Expect(states=("synthesis",)))

    result = play(Declaration.model_validate(told), scenario(
        TO_SIGNING[0], waiting, Step(does="forward"), expect=None), province)

    assert result.failures == []
    assert "tacit_answer" in result.steps[2].notices
    assert [held.registered for held in result.steps[2].held] == [True], "what was handed over is registered"
    assert result.steps[-1].states == ("reviewing",)


def test_an_answer_after_the_silence_is_refused_in_a_rehearsal_too(province: Catalogue,
                                                                   library: dict[str, Declaration]) -> None:
    told = json.loads(canonical(library[CONFERENCE]))
    told["machine"]["processing"]["consulting"]["parallel"]["police"] |= {
        "expiry": "tacit_no", "expiry_basis": "khoản 3 Điều 7 (minh họa)"}
    late = Step(does="give_opinion", state="police", after="20 days", expect=Expect(refused="not_possible_here"))

    result = play(Declaration.model_validate(told), scenario(TO_SIGNING[0], late), province)

    assert result.failures == []

"""Supplements: whether the limit starts again or goes on, and when the citizen may be asked a second time (R4, R12)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine import desk
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from tests.casework.conftest import Start
from tests.casework.staff import join
from tests.casework.variants import SUPPLEMENT, conference
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey

DAY = timedelta(days=1)
HEAD, MANAGER, OFFICER = "H51.01/ngoai-vu:head", "H51.02/tiep-nhan:manager", "H51.01/ngoai-vu:officer"
DESK = "H51.02/tiep-nhan:receptionist"


def asked_once(walk: Walk) -> Walk:
    walk.go_to("examining")
    walk.step("request_supplement")
    walk.step("supplement")
    return walk.go_to("examining")


@pytest.mark.parametrize(("rule", "again"), [("", "restart"), (", after: restart", "restart"),
                                             (", after: resume", "resume")])
def test_sector_law_says_how_the_limit_goes_on_else_the_policy(journey: Journey, fresh: Fresh, rule: str,
                                                               again: str) -> None:
    walk = asked_once(conference(journey, fresh, (SUPPLEMENT, f"supplement: {{max: 1{rule}}}\n")))

    assert walk.marks == ["start", "stop", again]


def test_before_acceptance_no_clock_of_the_dossier_runs(start: Start) -> None:
    walk = start(accept=False)
    walk.step("request_supplement")
    walk.journey.now += 21 * DAY
    walk.step("supplement")

    assert walk.of("clock") == walk.clocks("step")  # the budget of the desk's own step
    walk.step("accept")
    assert walk.marks == ["start"]
    assert walk.dossier["received_at"] == walk.now


def test_a_second_request_needs_leave_by_another_person_and_the_citizen_is_told_why(start: Start) -> None:
    walk = asked_once(start())
    with pytest.raises(Refused) as refusal:
        walk.step("request_supplement")
    assert refusal.value.data["rule"] == "R4"

    walk.do("approve_supplement", walk.cast[HEAD], reason="Phát sinh tình tiết mới")
    walk.step("request_supplement")

    assert (walk.states, walk.dossier["supplements"]) == ({"awaiting_supplement"}, 2)
    request = next(entry for entry in reversed(walk.entries) if entry["action"] == "request_supplement")
    allowed = next(entry for entry in walk.entries if entry["action"] == "approve_supplement")
    (leave,) = walk.of("supplement_leave")
    assert (leave["seq"], leave["used_seq"]) == (allowed["seq"], request["seq"])
    assert allowed["actor_id"] != request["actor_id"]
    assert json.loads(request["details"])["citizen_notice"] == {
        "form": "02", "request": 2, "allowed_by_entry": allowed["seq"]}
    assert {row["unit_id"] for row in walk.of("notice") if row["kind"] == "asked_again"} == {
        walk.dossier["intake_unit_id"]}
    manager = walk.cast["H51.02/tiep-nhan:manager"]
    told = [row for row in desk.notices(walk.office, manager.id, walk.now) if row.kind == "asked_again"]
    assert [row.about for row in told] == [None], "it speaks of no due date"


def test_each_leave_is_for_one_request(start: Start) -> None:
    walk = asked_once(start())
    walk.do("approve_supplement", walk.cast[HEAD], reason="Phát sinh tình tiết mới")
    with pytest.raises(NotPossibleHere):
        walk.do("approve_supplement", walk.cast[MANAGER], reason="Lần nữa")
    walk.step("request_supplement")
    walk.step("supplement")
    walk.go_to("examining")

    with pytest.raises(Refused):
        walk.step("request_supplement")
    walk.do("approve_supplement", walk.cast[MANAGER], reason="Người nộp đề nghị")
    walk.step("request_supplement")

    assert walk.dossier["supplements"] == 3


def test_who_allows_it_is_not_who_asks(start: Start, fresh: Fresh) -> None:
    walk = asked_once(start())
    officer = walk.cast.member(OFFICER)
    join(fresh, officer.id, officer.unit_id, "head")
    walk.do("approve_supplement", walk.cast[OFFICER], reason="Tự cho phép")

    with pytest.raises(Refused, match="cannot be the one who asks") as refusal:
        walk.do("request_supplement", walk.cast[OFFICER], state="examining", documents=("other",), reason="Thiếu")

    assert refusal.value.data["rule"] == "R4"
    assert walk.states == {"examining"}


def test_leave_is_given_by_a_superior_with_a_reason_where_it_is_needed(start: Start) -> None:
    walk = start().go_to("examining")
    with pytest.raises(NotPossibleHere):
        walk.do("approve_supplement", walk.cast[HEAD], reason="Chưa cần")
    asked_once(walk)

    with pytest.raises(WrongRole):
        walk.do("approve_supplement", walk.cast[OFFICER], reason="Cần hỏi thêm")
    with pytest.raises(Invalid) as refusal:
        walk.do("approve_supplement", walk.cast[HEAD])
    assert set(refusal.value.fields) == {"reason"}


def test_leave_is_offered_to_whoever_may_give_it(start: Start) -> None:
    walk = asked_once(start())

    def offered(who: str) -> dict[str, bool]:
        view = desk.dossier(walk.office, walk.code, walk.cast[who], walk.now)
        return {offer.event: offer.permitted for offer in view.offers}

    assert offered(HEAD)["approve_supplement"]
    assert (offered(OFFICER)["approve_supplement"], offered(OFFICER)["request_supplement"]) == (False, False)
    walk.do("approve_supplement", walk.cast[HEAD], reason="Phát sinh tình tiết mới")
    assert offered(OFFICER)["request_supplement"]
    assert "approve_supplement" not in offered(HEAD)


def test_before_acceptance_the_management_of_the_centre_allows_it(start: Start) -> None:
    walk = start(accept=False)
    walk.step("request_supplement")
    walk.step("supplement")
    with pytest.raises(Refused):
        walk.step("request_supplement")

    walk.do("approve_supplement", walk.cast[MANAGER], reason="Giấy tờ nộp lại không đọc được")
    walk.step("request_supplement")

    assert walk.states == {"awaiting_supplement_at_intake"}


def test_the_dossier_goes_on_only_once_everything_that_was_asked_is_here(start: Start) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement", documents=("plan", "request_letter"), reason="Thiếu chữ ký và chương trình")
    walk.journey.register_all(walk.code)
    clerk = walk.cast[DESK]
    with pytest.raises(Invalid) as refusal:
        walk.do("supplement", clerk, state="awaiting_supplement")
    assert refusal.value.fields["documents"][0] == (
        "còn thiếu: Đề án tổ chức (Mẫu số 01); Công văn xin phép tổ chức")

    walk.do("bring_supplement", clerk, documents=("plan",))

    assert walk.states == {"awaiting_supplement"}, "part of it moves nothing"
    assert walk.marks == ["start", "stop"]
    offer = next(offer for offer in desk.dossier(walk.office, walk.code, clerk, walk.now).offers
                 if offer.event == "supplement")
    assert (set(offer.asked), offer.ticked) == ({"plan", "request_letter"}, ("plan",))
    with pytest.raises(Invalid) as refusal:
        walk.do("supplement", clerk, state="awaiting_supplement")
    assert refusal.value.fields["documents"][0] == "còn thiếu: Công văn xin phép tổ chức"

    walk.attach("request_letter", clerk)
    walk.do("supplement", clerk, state="awaiting_supplement")

    assert walk.marks == ["start", "stop", "restart"]
    came = json.loads(next(entry for entry in reversed(walk.entries) if entry["action"] == "supplement")["details"])
    assert set(came["documents"]) == {"plan", "request_letter"}


def test_what_was_handed_in_before_the_request_is_no_answer_to_it(start: Start) -> None:
    walk = start().go_to("examining")
    walk.attach("plan", walk.cast[DESK])
    walk.journey.now += timedelta(minutes=1)
    walk.step("request_supplement", documents=("plan",), reason="Đề án thiếu chương trình")
    walk.journey.register_all(walk.code)

    with pytest.raises(Invalid):
        walk.do("supplement", walk.cast[DESK], state="awaiting_supplement")
    with pytest.raises(Invalid) as refusal:
        walk.do("bring_supplement", walk.cast[DESK], documents=("no_such_paper",))
    assert set(refusal.value.fields) == {"documents"}
    with pytest.raises(WrongRole):
        walk.do("bring_supplement", walk.cast[OFFICER], documents=("plan",))

"""Who of a unit is at a piece of work: one at a time, until he gives it back, loses the post, or a head decides."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from engine.casework.claims import AlreadyYours, Claimed, Unclaimed
from engine.casework.orders import MACHINE, Actor, Reply
from engine.errors import Invalid, NotRegistered, StaleVersion, WrongRole
from tests.casework.conftest import Start
from tests.casework.racing import race
from tests.casework.staff import change, join, leave
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import MONDAY

OFFICER, COLLEAGUE = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:officer#1"
HEAD = "H51.01/ngoai-vu:head"
CONTROL = "H51.01/kiem-soat-thu-tuc"


@pytest.fixture
def walk(start: Start) -> Walk:
    return start().go_to("examining")


def claimant(walk: Walk) -> int | None:
    found: int | None = walk.items["examining"]["claimed_by"]
    return found


def test_what_somebody_took_on_nobody_else_works_on(walk: Walk) -> None:
    officer, colleague = walk.cast[OFFICER], walk.cast[COLLEAGUE]
    before = walk.dossier["version"]
    walk.do("claim", officer, state="examining")
    assert claimant(walk) == officer.id
    assert walk.dossier["version"] == before

    with pytest.raises(Claimed) as refusal:
        walk.do("consult", colleague)

    assert refusal.value.message().startswith(f"{officer.name} đang xử lý việc này từ")
    walk.do("consult", officer)
    told = [row["action"] for row in walk.entries if row["action"] != "deliver"]
    assert told[-3:] == ["claim", "refused", "consult"]


def test_unclaimed_work_is_done_by_anybody_of_the_post(walk: Walk) -> None:
    walk.do("consult", walk.cast[COLLEAGUE])
    assert "examining" not in walk.states


def test_of_two_who_take_the_same_work_one_has_it_and_the_other_is_told_who(start: Start) -> None:
    walk = start().go_to("examining")
    officers = [walk.cast[OFFICER], walk.cast[COLLEAGUE]]
    for _ in range(20):
        replies = race(walk, *(walk.order("claim", officer, state="examining") for officer in officers))
        won = next(number for number, reply in enumerate(replies) if isinstance(reply, Reply))
        lost = replies[1 - won]
        assert isinstance(lost, Claimed)
        assert lost.data["who"] == officers[won].name
        assert claimant(walk) == officers[won].id
        walk.do("let_go", officers[won], state="examining")
        assert claimant(walk) is None


def test_who_decided_before_a_colleague_took_it_on_is_refused_and_loses_nothing(walk: Walk) -> None:
    """Two tabs: the version is the same, the work is not his any more."""
    stale = walk.order("consult", walk.cast[COLLEAGUE])
    walk.do("claim", walk.cast[OFFICER], state="examining")
    with pytest.raises(Claimed):
        walk.act(stale)
    mine = walk.order("consult", walk.cast[OFFICER])
    walk.do("let_go", walk.cast[OFFICER], state="examining")
    walk.act(mine)


@pytest.mark.parametrize("who", [HEAD, "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:manager"])
def test_only_who_has_the_post_takes_work_on(walk: Walk, who: str) -> None:
    with pytest.raises(WrongRole):
        walk.do("claim", walk.cast[who], state="examining")


def test_taking_on_twice_or_giving_back_what_nobody_has_is_said(walk: Walk) -> None:
    officer = walk.cast[OFFICER]
    with pytest.raises(Unclaimed):
        walk.do("let_go", officer, state="examining")
    walk.do("claim", officer, state="examining")
    with pytest.raises(AlreadyYours):
        walk.do("claim", officer, state="examining")


def test_a_colleague_does_not_give_back_for_others_a_head_does(walk: Walk) -> None:
    walk.do("claim", walk.cast[OFFICER], state="examining")
    with pytest.raises(WrongRole):
        walk.do("let_go", walk.cast[COLLEAGUE], state="examining")
    walk.do("let_go", walk.cast[HEAD], state="examining")
    assert claimant(walk) is None


def test_a_head_assigns_and_whoever_holds_it_may_hand_it_to_a_colleague(walk: Walk) -> None:
    officer, colleague = walk.cast[OFFICER], walk.cast[COLLEAGUE]
    walk.do("assign", walk.cast[HEAD], state="examining", person=officer.id)
    assert claimant(walk) == officer.id
    walk.do("assign", officer, state="examining", person=colleague.id)
    assert claimant(walk) == colleague.id
    with pytest.raises(WrongRole):
        walk.do("assign", officer, state="examining", person=officer.id)
    entry = [row for row in walk.entries if row["action"] == "assign"][-1]
    assert json.loads(entry["details"])["to"] == colleague.id


def test_work_is_given_only_to_who_holds_the_post_today(walk: Walk, fresh: Fresh) -> None:
    head, colleague = walk.cast[HEAD], walk.cast[COLLEAGUE]
    for person in (walk.cast["H51.01/lanh-dao:signer"].id, 99_999, None):
        with pytest.raises(Invalid) as refusal:
            walk.do("assign", head, state="examining", person=person)
        assert set(refusal.value.fields) == {"person"}
    leave(fresh, colleague.id, date(2026, 11, 22))
    with pytest.raises(Invalid):
        walk.do("assign", head, state="examining", person=colleague.id)


def test_the_claim_of_somebody_who_left_keeps_nobody_off(walk: Walk, fresh: Fresh) -> None:
    walk.do("claim", walk.cast[OFFICER], state="examining")
    leave(fresh, walk.cast[OFFICER].id, date(2026, 11, 22))
    walk.do("claim", walk.cast[COLLEAGUE], state="examining")
    assert claimant(walk) == walk.cast[COLLEAGUE].id


def test_who_stands_in_works_on_what_the_absent_one_took_on(walk: Walk, fresh: Fresh) -> None:
    officer, colleague = walk.cast[OFFICER], walk.cast[COLLEAGUE]
    walk.do("claim", officer, state="examining")
    change(fresh, "insert into absence (person_id, substitute_id, first_day, last_day, units, reason, entered_by, "
                  "entered_at) values (%s, %s, %s, %s, '[]', 'Phép', %s, now())",
           officer.id, colleague.id, MONDAY.date(), MONDAY.date() + timedelta(days=3), officer.id)
    change(fresh, "insert into membership (person_id, unit_id, role, valid_from, valid_to, for_person_id, absence_id) "
                  "select %s, %s, 'officer', %s, %s, %s, max(id) from absence",
           colleague.id, walk.cast.member(OFFICER).unit_id, MONDAY.date(), MONDAY.date() + timedelta(days=3),
           officer.id)
    walk.do("consult", colleague)
    assert "examining" not in walk.states


def test_withdrawal_and_stop_do_not_wait_for_whoever_is_at_it(walk: Walk) -> None:
    walk.do("claim", walk.cast[OFFICER], state="examining")
    walk.do("withdraw", walk.cast["H51.02/tiep-nhan:receptionist"], reason="Người nộp xin rút")


def test_the_machine_gives_back_what_somebody_absent_had(walk: Walk) -> None:
    walk.do("claim", walk.cast[OFFICER], state="examining")
    walk.do("let_go", MACHINE, state="examining", version=None)
    assert claimant(walk) is None
    assert walk.entries[-1]["actor_id"] is None


def test_a_step_that_comes_again_is_nobodys(walk: Walk) -> None:
    walk.do("claim", walk.cast[OFFICER], state="examining")
    walk.do("request_supplement", walk.cast[OFFICER], documents=("plan",), reason="Thiếu")
    assert all(item["claimed_by"] is None for item in walk.items.values())


@pytest.fixture
def controllers(walk: Walk, fresh: Fresh) -> Actor:
    """An officer of another unit of the same agency."""
    member = walk.cast.member(f"{CONTROL}:auditor")
    join(fresh, member.id, member.unit_id, "officer")
    walk.office.fresh_catalogue()
    return Actor(id=member.id, name=member.name)


def test_work_is_passed_on_inside_the_agency_with_a_reason_and_its_clock_goes_on(
        walk: Walk, controllers: Actor) -> None:
    officer, unit = walk.cast[OFFICER], walk.cast.unit(CONTROL)
    before, clocks = walk.items["examining"], walk.clocks("step")
    version = walk.dossier["version"]
    walk.do("claim", officer, state="examining")
    with pytest.raises(Invalid) as refusal:
        walk.do("pass_on", officer, state="examining", unit=unit)
    assert set(refusal.value.fields) == {"reason"}
    stale = walk.order("consult", officer)

    walk.do("pass_on", officer, state="examining", unit=unit, reason="Thuộc lĩnh vực của phòng kia")

    after = walk.items["examining"]
    assert (after["unit_id"], after["claimed_by"], after["due_at"]) == (unit, None, before["due_at"])
    assert walk.clocks("step") == clocks
    assert walk.dossier["version"] == version + 1
    with pytest.raises((StaleVersion, WrongRole)):
        walk.act(stale)
    with pytest.raises(WrongRole):  # seen still, but not his to do any more
        walk.do("consult", officer)
    walk.do("consult", controllers)
    assert "examining" not in walk.states


def test_it_is_passed_on_to_no_unit_that_could_not_do_it_nor_to_another_agency(walk: Walk) -> None:
    for unit in (walk.cast.unit("H51.01/van-thu"), walk.cast.unit("H51.04/chuyen-mon"), 99_999, None):
        with pytest.raises(Invalid) as refusal:
            walk.do("pass_on", walk.cast[HEAD], state="examining", unit=unit, reason="Nhầm phòng")
        assert set(refusal.value.fields) == {"unit"}


def test_what_is_not_registered_yet_is_not_passed_on(start: Start, fresh: Fresh) -> None:
    walk = start()
    with pytest.raises(NotRegistered):
        walk.do("pass_on", walk.cast[OFFICER], state="examining", unit=walk.cast.unit(CONTROL), reason="Nhầm")


def test_an_opinion_beside_the_procedure_is_claimed_too(walk: Walk) -> None:
    unit = walk.cast.unit("H51.03/chuyen-mon")
    walk.do("consult_further", walk.cast[OFFICER], state="examining", units=(unit,), words="Hỏi thêm", join="all",
            limit="2 working days")
    walk.journey.register_all(walk.code)
    first, second = walk.member(unit, "officer", 0), walk.member(unit, "officer", 1)
    walk.do("claim", first, state="consultation__1")
    with pytest.raises(Claimed):
        walk.do("answer_consultation", second, state="consultation__1", verdict="agree", words="Đồng ý")
    walk.do("answer_consultation", first, state="consultation__1", verdict="agree", words="Đồng ý")

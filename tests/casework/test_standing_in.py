"""Absence and substitution on dossiers: who acts for whom, four eyes across it, and work that goes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.absences import register, returning
from engine.absences.register import Asked, NotTheirSuperior
from engine.casework.claims import Claimed
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import FourEyes, Invalid, NotFound, WrongRole
from tests.casework.conftest import Start
from tests.casework.staff import change, disable, join, leave
from tests.casework.walking import Walk
from tests.conftest import Fresh

OFFICER, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
CHIEF, LEADER, CLERK = "H51.01/lanh-dao:head", "H51.01/lanh-dao:signer", "H51.01/van-thu:clerk"


def today(walk: Walk) -> date:
    return walk.now.astimezone(ZONE).date()


def away(walk: Walk, person: Actor, substitute: Actor, days: int = 5, by: Actor | None = None, **more: object) -> int:
    asked = Asked(person=person.id, substitute=substitute.id, first=today(walk),
                  last=today(walk) + timedelta(days=days), reason="Nghỉ phép năm", **more)  # type: ignore[arg-type]
    return register.enter(walk.office, by or person, asked, walk.now)


def newest(walk: Walk, action: str) -> dict[str, object]:
    return next(row for row in reversed(walk.of("audit", "seq")) if row["action"] == action)


def test_what_a_substitute_does_is_recorded_with_both_names(start: Start) -> None:
    walk = start().go_to("examining")
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    walk.journey.register_all(walk.code)
    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)

    away(walk, officer, clerk)
    walk.do("consult", clerk)

    entry = newest(walk, "consult")
    assert entry["actor_id"] == clerk.id
    assert entry["actor_name"] == f"{clerk.name} (thay {officer.name})"
    assert f'"for":{officer.id}' in str(entry["details"])
    done = [row for row in walk.of("work_item", "no") if row["state"] == "examining"]
    assert (done[-1]["closed_by"], done[-1]["closed_for"]) == (clerk.id, officer.id)


def test_ones_own_post_goes_before_one_that_is_lent(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    join(fresh, clerk.id, walk.cast.member(OFFICER).unit_id, "officer")
    away(walk, officer, clerk)

    walk.do("consult", clerk)

    assert newest(walk, "consult")["actor_name"] == clerk.name


def test_substitute_equals_previous_approver_is_refused(start: Start) -> None:
    """Issue 5, shown by 6: who approved does not sign in the signer's place."""
    walk = start().go_to("signing")
    chief, leader = walk.cast[CHIEF], walk.cast[LEADER]
    walk.attach("result")
    away(walk, leader, chief)

    with pytest.raises(FourEyes):
        walk.do("sign", chief)

    assert "signing" in walk.states
    assert '"why":"four_eyes"' in str(newest(walk, "refused")["details"])


def test_who_examined_does_not_approve_in_the_heads_place(start: Start) -> None:
    walk = start().go_to("reviewing")
    officer, chief = walk.cast[OFFICER], walk.cast[CHIEF]
    away(walk, chief, officer)

    with pytest.raises(FourEyes):
        walk.do("approve", officer)
    walk.do("send_back", officer, reason="Bổ sung căn cứ")


def test_who_was_stood_in_for_does_not_sign_what_was_examined_in_his_place(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    absence = away(walk, officer, clerk)
    walk.do("consult", clerk)
    register.end(walk.office, officer, absence, walk.now)
    join(fresh, officer.id, walk.cast.member(LEADER).unit_id, "signer")
    walk.go_to("signing")
    walk.attach("result")

    with pytest.raises(FourEyes):
        walk.do("sign", officer)


def test_the_principal_who_examined_bars_his_substitute_from_signing_for_him(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("signing")
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    join(fresh, officer.id, walk.cast.member(LEADER).unit_id, "signer")
    walk.attach("result")
    away(walk, officer, clerk)

    with pytest.raises(FourEyes):
        walk.do("sign", clerk)


def test_a_chain_of_three(start: Start) -> None:
    """Issue 5, shown by 6: officer, head and clerk, each away with the next as substitute."""
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, head, clerk, leader = (walk.cast[who] for who in (OFFICER, HEAD, CLERK, LEADER))
    away(walk, officer, head)
    away(walk, head, clerk)
    third = away(walk, clerk, leader, days=0)
    with pytest.raises(Invalid) as refusal:
        away(walk, leader, officer)
    assert list(refusal.value.fields) == ["substitute"]
    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)

    walk.do("consult", leader)

    assert newest(walk, "consult")["actor_name"] == f"{leader.name} (thay {officer.name})"
    register.end(walk.office, clerk, third, walk.now)
    away(walk, leader, officer)


def test_return_of_work(start: Start) -> None:
    """Issue 5, shown by 6: what the substitute took on goes back when the absence ends."""
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    walk.do("claim", officer)
    absence = away(walk, officer, clerk)
    walk.do("claim", clerk)
    item = next(row for row in walk.of("work_item", "no") if row["closed_at"] is None)
    assert item["claimed_by"] == clerk.id

    assert returning.give_back(walk.office, walk.now) == 0
    register.end(walk.office, officer, absence, walk.now)
    assert returning.give_back(walk.office, walk.now) == 1
    assert returning.give_back(walk.office, walk.now) == 0

    item = next(row for row in walk.of("work_item", "no") if row["closed_at"] is None)
    assert item["claimed_by"] == officer.id
    entry = newest(walk, "give_back")
    assert (entry["actor_id"], entry["actor_name"]) == (None, "Hệ thống")
    told = {row["person_id"] for row in walk.of("mention", "person_id")}
    assert told == {officer.id, clerk.id}
    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)


def test_work_of_who_leaves_goes_back_to_the_unit(start: Start, fresh: Fresh) -> None:
    """DOMAIN 11, scenario 16: no access on the evening of the day, open work back with the unit."""
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer = walk.cast[OFFICER]
    walk.do("claim", officer)
    leave(fresh, officer.id, today(walk) - timedelta(days=1))

    with pytest.raises(NotFound):
        walk.do("consult", officer)
    assert returning.give_back(walk.office, walk.now) == 1

    item = next(row for row in walk.of("work_item", "no") if row["closed_at"] is None)
    assert item["claimed_by"] is None
    assert [row["kind"] for row in walk.of("notice", "id")][-1] == "work_returned"


def test_who_is_disabled_lends_and_borrows_nothing_from_that_moment(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    away(walk, officer, clerk)

    disable(fresh, officer.id)

    assert walk.office.db.value("select count(*) from membership where for_person_id is not null") == 0
    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)
    assert not register.renew(walk.office, walk.now)


def test_a_post_that_is_shortened_is_lent_no_longer_and_what_is_left_is_lent_again(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    away(walk, officer, clerk, days=5)

    change(fresh, "update membership set valid_to = %s where person_id = %s and for_person_id is null",
           today(walk) + timedelta(days=2), officer.id)

    lent = "select max(valid_to) from membership where for_person_id = %s"
    assert walk.office.db.value(lent, (officer.id,)) is None
    assert register.renew(walk.office, walk.now)
    assert walk.office.db.value(lent, (officer.id,)) == today(walk) + timedelta(days=2)


def test_a_substitute_for_one_procedure_sees_and_does_nothing_of_others(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    away(walk, officer, clerk, procedures=("funeral_allowance",))

    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)


def test_who_may_enter_it_and_what_is_refused(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    officer, head, clerk = walk.cast[OFFICER], walk.cast[HEAD], walk.cast[CLERK]
    elsewhere = walk.cast["H51.04/chuyen-mon:officer"]
    with pytest.raises(NotTheirSuperior):
        away(walk, officer, clerk, by=clerk)
    faults: list[list[str]] = []
    for person, substitute, by, days in ((officer, elsewhere, officer, 1), (officer, officer, officer, 1),
                                         (officer, head, head, 1), (officer, clerk, officer, -1)):
        with pytest.raises(Invalid) as refusal:
            away(walk, person, substitute, days, by=by)
        faults.append(list(refusal.value.fields))
    assert faults == [["substitute"], ["substitute"], ["substitute"], ["last"]]

    absence = away(walk, officer, elsewhere, by=head)
    with pytest.raises(NotTheirSuperior):
        register.end(walk.office, clerk, absence, walk.now)
    with pytest.raises(NotFound):
        register.end(walk.office, walk.cast["H51.07/chuyen-mon:officer"], absence, walk.now)
    with pytest.raises(Invalid) as refusal:
        away(walk, officer, clerk)
    assert list(refusal.value.fields) == ["first"]
    with pytest.raises(Invalid) as refusal:
        register.enter(walk.office, clerk, Asked(person=clerk.id, substitute=head.id, first=today(walk) - timedelta(1),
                                                 last=today(walk), reason=""), walk.now)
    assert list(refusal.value.fields) == ["reason", "first"]


def test_an_absence_that_begins_later_lends_nothing_before(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    register.enter(walk.office, officer, Asked(person=officer.id, substitute=clerk.id, reason="Đi học",
                                               first=today(walk) + timedelta(days=1),
                                               last=today(walk) + timedelta(days=1)), walk.now)

    with pytest.raises((WrongRole, NotFound)):
        walk.do("consult", clerk)
    walk.journey.now += timedelta(days=1)
    walk.do("consult", clerk)
    assert newest(walk, "consult")["actor_name"].endswith(f"(thay {officer.name})")  # type: ignore[attr-defined]


def test_an_absence_that_is_over_by_its_date_gives_work_back_at_the_next_look(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    away(walk, officer, clerk, days=1)
    walk.do("claim", clerk)

    assert returning.keep(walk.office, walk.now + timedelta(days=1)) == {"renewed": 0, "given_back": 0}
    walk.journey.now += timedelta(days=2)
    assert returning.keep(walk.office, walk.now) == {"renewed": 0, "given_back": 1}

    item = next(row for row in walk.of("work_item", "no") if row["closed_at"] is None)
    assert item["claimed_by"] is None
    assert {row["person_id"] for row in walk.of("mention", "person_id")} == {officer.id, clerk.id}
    walk.do("consult", officer)


def test_what_the_absent_person_has_taken_on_is_done_in_his_place_by_a_colleague_of_the_same_post(
        start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    walk.journey.register_all(walk.code)
    officer, clerk = walk.cast[OFFICER], walk.cast[CLERK]
    join(fresh, clerk.id, walk.cast.member(OFFICER).unit_id, "officer")
    walk.do("claim", officer)
    with pytest.raises(Claimed):
        walk.do("consult", clerk)

    away(walk, officer, clerk)
    walk.do("consult", clerk)

    assert newest(walk, "consult")["actor_name"] == f"{clerk.name} (thay {officer.name})"

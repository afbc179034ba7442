"""The lists of work: what is whose, what is left out, how it is found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from engine import desk
from engine.desk.work import Filters, Tab, WorkPage, snooze, some
from engine.errors import Invalid
from engine.office import Office
from tests.casework.staff import change, leave
from tests.conftest import Fresh
from tests.journey import Cast, Journey

OFFICER, COLLEAGUE, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:officer#1", "H51.01/ngoai-vu:head"

Look = Callable[..., WorkPage]


@pytest.fixture
def look(office: Office, cast: Cast, journey: Journey) -> Look:
    def looked(who: str, **filters: object) -> WorkPage:
        return desk.work(office, cast[who].id, journey.now, Filters(**filters))  # type: ignore[arg-type]

    return looked


@pytest.fixture
def three(journey: Journey) -> list[str]:
    codes = [journey.receive(subject=subject).code for subject in ("Lúa thơm", "Tôm nước lợ", "Hành tím Vĩnh Châu")]
    for code in codes:
        journey.register_all(code)
    return codes


def codes(page: WorkPage) -> list[str]:
    return [row.code for row in page.rows]


def test_claimed_work_leaves_the_list_of_others_and_stays_in_the_units(look: Look, journey: Journey,
                                                                     three: list[str]) -> None:
    journey.do(three[0], "claim", journey.cast[OFFICER])
    assert codes(look(OFFICER)) == three
    assert codes(look(OFFICER, tab=Tab.MINE)) == three[:1]
    assert codes(look(COLLEAGUE)) == three[1:]
    unit = look(COLLEAGUE, tab=Tab.UNIT)
    assert codes(unit) == three
    assert [(row.claimant, row.claimed_by_me) for row in unit.rows][:2] == [
        (journey.cast[OFFICER].name, False), (None, False)]
    assert unit.tabs == {"todo": 2, "mine": 0, "unit": 3, "offered": 0, "snoozed": 0}


def test_the_claim_of_who_left_counts_for_nothing(look: Look, journey: Journey, three: list[str],
                                                 fresh: Fresh) -> None:
    journey.do(three[0], "claim", journey.cast[OFFICER])
    leave(fresh, journey.cast[OFFICER].id, date(2026, 11, 22))
    page = look(COLLEAGUE)
    assert codes(page) == three
    assert page.rows[0].claimant is None


def test_a_head_sees_the_work_of_the_whole_unit_and_has_none_of_it_to_do(look: Look, three: list[str]) -> None:
    assert codes(look(HEAD)) == []
    assert codes(look(HEAD, tab=Tab.UNIT)) == three


def test_who_takes_in_the_units_post_sees_what_is_to_be_registered(look: Look, journey: Journey) -> None:
    code = journey.receive().code
    assert codes(look(HEAD, tab=Tab.OFFERED)) == [code]
    assert codes(look(OFFICER, tab=Tab.OFFERED)) == codes(look(OFFICER)) == [code]
    journey.register_all(code)
    assert look(OFFICER, tab=Tab.OFFERED).rows == []
    assert codes(look(OFFICER)) == [code]


def test_who_stands_in_for_some_procedures_sees_the_work_of_no_other(look: Look, journey: Journey, three: list[str],
                                                                    fresh: Fresh) -> None:
    clerk = journey.cast["H51.01/van-thu:clerk"]
    unit, person = journey.cast.unit("H51.01/ngoai-vu"), journey.cast[OFFICER].id
    change(fresh, "insert into absence (person_id, substitute_id, first_day, last_day, units, reason, entered_by, "
                  "entered_at) values (%s, %s, '2026-11-23', '2026-11-30', '[]', 'Phép', %s, now())",
           person, clerk.id, person)
    change(fresh, "insert into membership (person_id, unit_id, role, valid_from, valid_to, for_person_id, absence_id, "
                  "procedures) select %s, %s, 'officer', '2026-11-23', '2026-11-30', %s, max(id), "
                  "'{conference_hosting_local}' from absence", clerk.id, unit, person)
    assert codes(look("H51.01/van-thu:clerk")) == []
    change(fresh, "update membership set procedures = '{conference_permit_local}' where for_person_id = %s", person)
    assert codes(look("H51.01/van-thu:clerk")) == three
    journey.do(three[0], "claim", journey.cast[OFFICER])
    assert codes(look("H51.01/van-thu:clerk", tab=Tab.MINE)) == three[:1]


def test_what_is_put_off_is_out_of_sight_for_one_person_until_its_day(office: Office, look: Look, journey: Journey,
                                                                     three: list[str]) -> None:
    me = journey.cast[OFFICER].id
    number = look(OFFICER).rows[0].no
    items = some(office, me, journey.now, Filters(chosen=[(three[0], number)], tab=Tab.UNIT))
    assert [item.code for item in items] == three[:1]
    snooze(office, me, items, journey.now.date() + timedelta(days=3), journey.now)
    assert codes(look(OFFICER)) == three[1:]
    assert codes(look(COLLEAGUE)) == three
    assert [row.snoozed_until for row in look(OFFICER, tab=Tab.SNOOZED).rows] == [
        datetime.fromisoformat("2026-11-26T00:00+07:00")]
    journey.now += timedelta(days=3)
    assert codes(look(OFFICER)) == three


@pytest.mark.parametrize("days", [0, -1, 61])
def test_nothing_is_put_off_to_today_or_for_ever(office: Office, journey: Journey, days: int) -> None:
    with pytest.raises(Invalid):
        snooze(office, journey.cast[OFFICER].id, [], journey.now.date() + timedelta(days=days), journey.now)


def test_filters_hold_together_and_name_what_there_is(look: Look, three: list[str]) -> None:
    page = look(OFFICER, procedure="conference_permit_local", step="examining", agency="H51.02", search="tom")
    assert codes(page) == three[1:2]
    assert [choice.key for choice in page.choices.procedures] == ["conference_permit_local"]
    assert [choice.key for choice in page.choices.steps] == ["examining"]
    for name, wrong in (("procedure", "birth_registration"), ("step", "signing"), ("agency", "H51.05"),
                        ("search", "khong co")):
        assert codes(look(OFFICER, **{name: wrong})) == []


@pytest.mark.parametrize("text", [
    "tổ chức hội nghị, hội thảo", "to chuc hoi nghi hanh tim", "conference_permit_local", "HÀNH TÍM",
    unicodedata.normalize("NFD", "Hành tím"), "094000000001", "{code}-S", "{code}"])
def test_work_and_dossiers_are_found_alike(office: Office, look: Look, journey: Journey, three: list[str],
                                          text: str) -> None:
    wanted = text.format(code=three[2])
    assert three[2] in codes(look(OFFICER, search=wanted))
    assert three[2] in [row.code for row in desk.search(office, journey.cast[OFFICER].id, wanted, journey.now)]


def test_a_procedure_is_no_way_to_see_what_is_not_mine(office: Office, journey: Journey, three: list[str]) -> None:
    stranger = journey.cast["H51.21/mot-cua:receptionist"].id
    assert desk.search(office, stranger, "tổ chức hội nghị", journey.now) == []

"""Every other procedure of the library is walked from the desk that takes it in to the citizen's hands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.casework.conftest import Start
from tests.casework.walking import FACTS

LAND: dict[str, Any] = {"certificate_number": "CS 012345", "parcel": "Thửa 214, tờ bản đồ 17, xã Tham Đôn"}
CHILD: dict[str, Any] = {"child_name": "Lâm Gia Bảo", "date_of_birth": "2026-11-01"}
DEAD: dict[str, Any] = {"deceased_name": "Kim Sa Rinh", "date_of_death": "2026-11-10"}
HOME: dict[str, Any] = {"residence_address": "Số 5 đường Hùng Vương, phường Sóc Trăng"}

# (procedure, answers, steps that must have been worked at, steps passed over)
WAYS: list[tuple[str, dict[str, Any], set[str], set[str]]] = [
    ("land_confirm_use", {**LAND, "land_area": "4.318,5", "term_ended_on": "2013-10-15", "direct_farming": True},
     {"writing"}, {"field_check"}),
    ("land_confirm_use", {**LAND, "land_area": "4.318,5", "term_ended_on": "2013-10-15", "direct_farming": True,
                          "boundary_changed": True}, {"field_check", "writing"}, set()),
    ("land_change_info", {**LAND, "change": "id_number", "new_information": "094000000001",
                          "has_financial_obligation": True}, {"assessing_tax"}, set()),
    ("land_change_info", {**LAND, "change": "name", "new_information": "Thạch Sóc Kha"}, set(), {"assessing_tax"}),
    ("land_correct", {**LAND, "error_source": "authority", "error_description": "Sai năm sinh: 1985, đúng: 1958",
                      "register_differs": True}, {"checking_archive"}, set()),
    ("birth_registration", {**CHILD, "child_sex": "male", "place_of_birth": "Bệnh viện tỉnh", "parents_married": True,
                            "late_registration": False}, {"drafting"}, {"verifying"}),
    ("birth_registration", {**CHILD, "child_sex": "male", "place_of_birth": "Tại nhà", "parents_married": False,
                            "late_registration": True, "needs_verification": True}, {"verifying"}, set()),
    ("death_registration", {**DEAD, "place_of_death": "hospital", "late_registration": False},
     {"drafting"}, {"ward_police", "health_station"}),
    ("marriage_registration", {"spouse_one": "Trần Thị Mỹ Duyên", "spouse_two": "Đặng Văn Út", "both_of_age": True},
     {"drafting"}, {"verifying"}),
    ("civil_status_extract", {"event": "death", "person_name": "Kim Sa Rinh", "registered_at": "Phường Sóc Trăng",
                              "copies": 3}, {"searching"}, set()),
    ("master_book_copy", {"paper_wanted": "Bằng tốt nghiệp", "person_name": "Quách Hữu Lợi", "copies": 1},
     {"copying"}, set()),
    ("certified_copies", {"copies": 2, "first_pages": 4, "further_pages": 0}, {"comparing"}, set()),
    ("residence_registration", {**CHILD, **HOME, "registrant": "newborn", "household_head": "Lâm Hoàng Phúc"},
     {"updating"}, {"visiting"}),
    ("residence_registration", {**HOME, "registrant": "other", "household_head": "Lâm Hoàng Phúc"},
     {"visiting"}, set()),
    ("residence_removal", {**DEAD, **HOME}, {"updating"}, set()),
    ("identity_card", {**CHILD, **HOME, "guardian_name": "Lâm Hoàng Phúc"}, {"awaiting_card"}, set()),
    ("health_insurance_card", {**CHILD, **HOME, "first_clinic": "Trạm Y tế phường Sóc Trăng"}, {"examining"}, set()),
    ("household_business", {"business_name": "Quán Sóc Kha", "business_address": "Số 5 đường Hùng Vương",
                            "business_line": "Ăn uống", "capital": 50_000_000, "family_members": 1},
     {"awaiting_tax_code"}, set()),
    ("construction_permit", {**LAND, "floors": 2, "floor_area": 180, "has_neighbour": True, "near_heritage": True,
                             "planned_area": True}, {"planning_opinion", "heritage_opinion", "visiting_site"},
     {"fire_opinion"}),
    ("criminal_record", {"certificate_kind": "number_one", "purpose": "Xin việc", "lived_in_several_places": True,
                         "before_2010": True, "copies": 1}, {"justice_archive", "national_centre"}, set()),
]


def desk(procedure: str) -> str:
    return "H51.02/tiep-nhan" if procedure == "criminal_record" else "H51.21/mot-cua"


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """`start` gives the answers itself; these tests give their own."""
    for procedure, *_ in WAYS:
        monkeypatch.setitem(FACTS, procedure, {})


@pytest.mark.parametrize(("procedure", "facts", "worked", "passed"), WAYS,
                         ids=[f"{way[0]}-{number}" for number, way in enumerate(WAYS)])
def test_a_dossier_is_worked_on_signed_and_returned(
    start: Start, procedure: str, facts: dict[str, Any], worked: set[str], passed: set[str]
) -> None:
    walk = start(procedure, facts=facts, desk=desk(procedure)).go_to("returning")

    walk.step("return_at_counter")

    assert (walk.states, walk.dossier["outcome"]) == ({"returned"}, "approved")
    been = {row["state"] for row in walk.of("work_item")}
    assert worked <= been
    assert not passed & been


def test_one_confirmation_of_a_death_is_enough(start: Start) -> None:
    walk = start("death_registration", desk=desk("death_registration"),
                 facts={**DEAD, "place_of_death": "home", "late_registration": False, "needs_verification": True})
    walk.go_to("ward_police")
    assert walk.states == {"ward_police", "health_station"}

    walk.step("give_opinion", "health_station")

    assert walk.states == {"drafting"}


def test_the_first_body_that_disagrees_leads_to_the_answer(start: Start) -> None:
    """Nobody visits a site on which nothing may be built."""
    facts = next(facts for procedure, facts, *_ in WAYS if procedure == "construction_permit")
    walk = start("construction_permit", facts=facts, desk=desk("construction_permit")).go_to("planning_opinion")

    walk.step("give_opinion", "heritage_opinion", verdict="disagree")

    assert walk.states == {"drafting"}
    walk.go_to("returning")
    assert "visiting_site" not in {row["state"] for row in walk.of("work_item")}


@pytest.mark.parametrize(("channel", "written"), [("direct", ["3 working days"]), ("online", ["2 working days"])])
def test_the_limit_is_that_of_the_case(start: Start, channel: str, written: list[str]) -> None:
    facts = next(facts for procedure, facts, *_ in WAYS if procedure == "household_business")
    walk = start("household_business", facts=facts, desk=desk("household_business"), channel=channel)

    (clock,) = walk.clocks("dossier")

    assert clock["time_limit"] == written


def test_what_must_be_verified_is_promised_later(start: Start) -> None:
    facts = next(facts for procedure, facts, *_ in WAYS if procedure == "birth_registration")
    at_once = start("birth_registration", facts=facts, desk=desk("birth_registration"))
    later = start("birth_registration", facts={**facts, "needs_verification": True}, desk=desk("birth_registration"))

    (first,), (second,) = at_once.clocks("dossier"), later.clocks("dossier")

    assert (first["time_limit"], first["count_mode"]) == (["8 working hours"], "HOUR")
    assert (second["time_limit"], second["count_mode"]) == (["5 working days"], "DAY")
    assert first["due_at"] < second["due_at"]

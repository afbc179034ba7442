"""The library says what the law says, marks what nobody verified, and finds its people in the province."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pydantic import BaseModel

from engine.states.procedure import Procedure
from procedures import answers
from procedures.declaration import AtLeast, CountMode, Declaration, Parallel, Role, Step, Text
from procedures.province import Province

CONFERENCES = [
    "conference_permit_pm",
    "conference_permit_local",
    "conference_hosting_pm",
    "conference_hosting_local",
]

LAND = ["land_confirm_use", "land_change_info", "land_correct"]
COMMUNE = [
    "birth_registration",
    "death_registration",
    "marriage_registration",
    "civil_status_extract",
    "master_book_copy",
    "certified_copies",
    "residence_registration",
    "residence_removal",
    "identity_card",
    "health_insurance_card",
    "household_business",
    "construction_permit",
]


def texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name))
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, tuple):
        for member in value:
            yield from texts(member)


def test_the_library_has_its_procedures(library: dict[str, Declaration]) -> None:
    assert {*CONFERENCES, *LAND, *COMMUNE, "funeral_allowance", "criminal_record"} == set(library)


def test_every_procedure_can_be_run(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        assert Procedure(declaration).start({}).configuration == ("checking",)


def test_every_label_is_vietnamese(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        labels = list(texts(declaration))
        assert len(labels) > 10
        for label in labels:
            assert not label.vi.isascii(), label
            assert label.vi != label.en


def test_what_is_not_verified_is_marked(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        assert declaration.unverified
        assert all(code.unverified for code in declaration.codes)


@pytest.mark.parametrize("key", CONFERENCES)
def test_conferences_are_led_by_the_office_and_taken_in_at_the_centre(
    library: dict[str, Declaration], key: str
) -> None:
    declaration = library[key]
    assert declaration.lead == "lead"
    assert [level.value for level in declaration.received_at] == ["province"]
    assert declaration.confidential_when == "state_secret"


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("conference_permit_pm", 40),
        ("conference_permit_local", 30),
        ("conference_hosting_pm", 40),
        ("conference_hosting_local", 30),
    ],
)
def test_conferences_are_applied_for_40_or_30_days_ahead(library: dict[str, Declaration], key: str, days: int) -> None:
    assert library[key].facts["event_date"].at_least_days_ahead == days


@pytest.mark.parametrize("key", CONFERENCES)
def test_every_consulted_body_has_15_calendar_days(library: dict[str, Declaration], key: str) -> None:
    group = library[key].machine.processing["consulting"]
    assert isinstance(group, Parallel)
    assert {branch.limit for branch in group.parallel.values()} == {"15 days"}


@pytest.mark.parametrize("key", ["conference_permit_pm", "conference_hosting_pm"])
def test_the_two_ministries_are_outside_and_the_prime_minister_has_no_limit(
    library: dict[str, Declaration], key: str
) -> None:
    machine = library[key].machine
    group, waiting = machine.processing["consulting"], machine.processing["awaiting_prime_minister"]
    assert isinstance(group, Parallel)
    outside = [name for name, branch in group.parallel.items() if branch.external is not None]
    assert outside == ["ministry_of_foreign_affairs", "ministry_of_public_security"]
    assert all(group.parallel[name].when is None for name in outside)
    assert not isinstance(waiting, Parallel)
    assert waiting.external is not None
    assert waiting.limit is None


def test_only_the_province_sets_a_total_limit_for_conferences(library: dict[str, Declaration]) -> None:
    assert {key: library[key].limit for key in CONFERENCES} == {
        "conference_permit_pm": None,
        "conference_permit_local": "20 working days",
        "conference_hosting_pm": None,
        "conference_hosting_local": None,
    }
    assert all(library[key].limit_note is not None for key in CONFERENCES)


@pytest.mark.parametrize("key", ["conference_permit_pm", "conference_permit_local"])
def test_a_report_is_due_15_days_after_the_event(library: dict[str, Declaration], key: str) -> None:
    (obligation,) = library[key].obligations
    assert (obligation.within, obligation.after) == ("15 days", "event_date")
    assert obligation.remind == ("5 days", "1 day")


def test_the_funeral_allowance_goes_from_the_commune_to_the_department(library: dict[str, Declaration]) -> None:
    declaration = library["funeral_allowance"]
    assert declaration.limit == ("5 working days", "12 days")
    assert [level.value for level in declaration.received_at] == ["commune"]
    assert [(key, step.party, step.role) for _, key, step in declaration.machine.steps()] == [
        ("checking", "centre", Role.RECEPTIONIST),
        ("confirming", "commune", Role.OFFICER),
        ("commune_signing", "commune_leaders", Role.SIGNER),
        ("examining", "interior", Role.OFFICER),
        ("reviewing", "interior", Role.HEAD),
        ("signing", "interior_leaders", Role.SIGNER),
        ("issuing", "interior_clerk", Role.CLERK),
        ("returning", "centre", Role.RETURNER),
    ]
    papers = [key for _, key, step in declaration.machine.steps() if step.paper == "needed"]
    assert papers == ["examining"]


def test_every_step_has_two_people_wherever_it_may_be_received(
    library: dict[str, Declaration], province: Province
) -> None:
    """Nobody examines and signs the same dossier: a unit of one could not go on."""
    for declaration in library.values():
        desks = province.receiving(declaration.received_at)
        assert desks
        for desk in desks:
            for _, key, step in declaration.machine.steps():
                unit = province.unit_of(step.party, desk)
                assert unit is not None, (declaration.procedure, key, desk)
                people = {who for role in (step.role, *step.also) for who in province.members(unit, role)}
                assert len(people) >= 2, (declaration.procedure, key, desk, unit, step.role)


def test_somebody_may_stop_any_dossier(library: dict[str, Declaration], province: Province) -> None:
    for declaration in library.values():
        for desk in province.receiving(declaration.received_at):
            centre = province.unit_of("centre", desk)
            assert centre is not None
            assert province.members(centre, Role.MANAGER)


@pytest.mark.parametrize(
    ("key", "limit"),
    [
        ("land_confirm_use", "7 working days"),
        ("land_change_info", "4 working days"),
        ("land_correct", "10 working days"),
    ],
)
def test_land_takes_ten_days_more_where_it_is_hard_to_reach(
    library: dict[str, Declaration], key: str, limit: str
) -> None:
    assert answers.limit(library[key], {}) == ((limit,), CountMode.DAY)
    assert answers.limit(library[key], {"difficult_area": True}) == ((limit, "10 days"), CountMode.DAY)


def test_the_three_land_procedures_share_their_papers_and_questions(library: dict[str, Declaration]) -> None:
    """So that together they ask the citizen once."""
    kinds = [{paper.kind for paper in library[key].documents.values()} for key in LAND]
    assert set.intersection(*kinds) >= {"land_application", "land_certificate", "identity_paper"}
    for key in LAND:
        assert library[key].facts["certificate_number"].required
        assert library[key].lead == "land_branch"
        assert [level.value for level in library[key].received_at] == ["commune"]


def test_whoever_corrects_his_own_error_pays(library: dict[str, Declaration]) -> None:
    (own,) = answers.fees(library["land_correct"], {"error_source": "authority"})
    assert own.amount == 0
    assert own.exempted_by is not None
    assert "Điều 21" in own.exempted_by.basis
    (holder,) = answers.fees(library["land_correct"], {"error_source": "holder"})
    assert holder.amount == 25_000


@pytest.mark.parametrize("key", ["birth_registration", "death_registration", "marriage_registration"])
def test_civil_status_is_registered_at_once_unless_something_must_be_verified(
    library: dict[str, Declaration], key: str
) -> None:
    assert answers.limit(library[key], {}) == (("8 working hours",), CountMode.HOUR)
    assert answers.limit(library[key], {"needs_verification": True}) == (("5 working days",), CountMode.DAY)


@pytest.mark.parametrize("group", ["poor", "disabled", "meritorious"])
def test_a_late_birth_costs_the_poor_disabled_and_meritorious_nothing(
    library: dict[str, Declaration], group: str
) -> None:
    birth = library["birth_registration"]
    assert answers.fees(birth, {"late_registration": False}) == ()
    assert [due.amount for due in answers.fees(birth, {"late_registration": True})] == [8000]
    assert [due.amount for due in answers.fees(birth, {"late_registration": True, "fee_group": group})] == [0]


def test_copies_are_paid_by_the_copy_and_by_the_page(library: dict[str, Declaration]) -> None:
    assert [due.amount for due in answers.fees(library["civil_status_extract"], {"copies": 3})] == [24_000]
    told = {"copies": 2, "first_pages": 4, "further_pages": 6}
    assert [due.amount for due in answers.fees(library["certified_copies"], told)] == [8000, 6000]
    assert library["master_book_copy"].fees == ()
    assert library["master_book_copy"].immediate


def test_residence_costs_less_online_and_a_newborn_nothing(library: dict[str, Declaration]) -> None:
    residence = library["residence_registration"]
    assert [due.amount for due in answers.fees(residence, {"registrant": "other", "channel": "direct"})] == [20_000]
    assert [due.amount for due in answers.fees(residence, {"registrant": "other", "channel": "online"})] == [10_000]
    assert [due.amount for due in answers.fees(residence, {"registrant": "newborn", "channel": "online"})] == [0]


def test_a_household_business_filed_online_is_registered_a_day_earlier(library: dict[str, Declaration]) -> None:
    business = library["household_business"]
    assert answers.limit(business, {"channel": "direct"})[0] == ("3 working days",)
    assert answers.limit(business, {"channel": "online"})[0] == ("2 working days",)
    assert answers.obligations(business, {}) == ()
    (owed,) = answers.obligations(business, {"opens_on": "2026-12-01"})
    assert owed.remind == ("3 days",)


def test_what_one_part_produces_another_takes_over(library: dict[str, Declaration]) -> None:
    """Every such paper names a result that exists."""
    found = set()
    for key, declaration in library.items():
        for paper in declaration.documents.values():
            if paper.result_of is not None:
                assert paper.result_of.result in library[paper.result_of.procedure].results
                found.add((key, paper.result_of.procedure))
    assert found == {
        ("residence_registration", "birth_registration"),
        ("health_insurance_card", "birth_registration"),
        ("identity_card", "birth_registration"),
        ("identity_card", "residence_registration"),
        ("residence_removal", "death_registration"),
        ("funeral_allowance", "death_registration"),
    }


def test_a_question_asked_by_several_procedures_has_one_kind_of_answer(library: dict[str, Declaration]) -> None:
    for shared in ("child_name", "date_of_birth", "deceased_name", "date_of_death", "certificate_number", "parcel",
                   "fee_group", "needs_verification", "residence_address"):
        kinds = {(fact.type, tuple(fact.choices or ())) for declaration in library.values()
                 for key, fact in declaration.facts.items() if key == shared}
        assert len(kinds) == 1, shared


def test_the_library_shows_what_the_vocabulary_can_say(library: dict[str, Declaration]) -> None:
    places = [place for declaration in library.values() for place in declaration.machine.processing.values()]
    joins = {"at_least" if isinstance(place.join, AtLeast) else place.join
             for place in places if isinstance(place, Parallel)}
    steps = [place for place in places if isinstance(place, Step)]
    assert {"all", "any", "first_negative"} <= joins
    assert any(step.when for step in steps)
    assert any(step.external for step in steps)
    assert any(step.also for step in steps)


def test_the_first_body_that_disagrees_spares_the_visit_to_the_site(library: dict[str, Declaration]) -> None:
    group = library["construction_permit"].machine.processing["consulting"]
    assert isinstance(group, Parallel)
    assert (group.join, group.negative_to) == ("first_negative", "drafting")


@pytest.mark.parametrize("key", LAND)
def test_only_one_dossier_at_a_time_writes_on_a_certificate(library: dict[str, Declaration], key: str) -> None:
    assert {step.asset for _, name, step in library[key].machine.steps() if name == "writing"} == {"certificate_number"}

"""The five procedures say what the law says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pydantic import BaseModel

from procedures.declaration import Declaration, Parallel, Role, Text
from procedures.province import Province

CONFERENCES = [
    "conference_permit_pm",
    "conference_permit_local",
    "conference_hosting_pm",
    "conference_hosting_local",
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


def test_the_library_has_the_five_procedures(library: dict[str, Declaration]) -> None:
    assert sorted(library) == sorted([*CONFERENCES, "funeral_allowance"])


def test_every_label_is_vietnamese(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        labels = list(texts(declaration))
        assert len(labels) > 20
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
                people = province.members(unit, step.role)
                assert len(people) >= 2, (declaration.procedure, key, desk, unit, step.role)


def test_somebody_may_stop_any_dossier(library: dict[str, Declaration], province: Province) -> None:
    for declaration in library.values():
        for desk in province.receiving(declaration.received_at):
            centre = province.unit_of("centre", desk)
            assert centre is not None
            assert province.members(centre, Role.MANAGER)

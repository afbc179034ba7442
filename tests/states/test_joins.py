"""A consultation is left when the set of answers suffices; in which order they came never matters."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.states.joins import join_words
from engine.states.procedure import Outcome, Procedure
from procedures.declaration import DeclarationError, Parallel
from tests.states import samples

VERDICTS = ["agree", "disagree", "conditional", "no_objection"]
BODIES = ["police", "culture", "science", "interior", "taxes"]
FACTS = dict(zip(BODIES, "abcde", strict=True))
JOINS = ["join: all", "join: any", "join: first_negative", *(f"join: {{at_least: {k}}}" for k in range(1, 6))]
NEGATIVE = "join: first_negative\n      negative_to: objecting"


def procedure_of(join: str) -> Procedure:
    return samples.made(samples.consultation(join, {body: FACTS[body] for body in BODIES}))


MADE = {join: procedure_of(join) for join in [*JOINS, NEGATIVE]}


def begun(procedure: Procedure, asked: set[str]) -> tuple[Outcome, dict[str, object]]:
    facts: dict[str, object] = {FACTS[body]: body in asked for body in BODIES}
    outcome = procedure.start(facts)
    for event in ("accept", "forward"):
        command = procedure.command(outcome.configuration, event)
        outcome = procedure.step(outcome.configuration, outcome.history, command, facts)
    return outcome, facts


def answer(procedure: Procedure, before: Outcome, facts: dict[str, object], body: str, verdict: str) -> Outcome:
    command = procedure.command(before.configuration, "give_opinion", body)
    return procedure.step(before.configuration, before.history, command, facts, verdict=verdict)


def arrive(join: str, answers: dict[str, str], order: list[str]) -> tuple[tuple[str, ...], set[str]]:
    """Where the dossier is after these answers came in this order, and who had answered by then."""
    procedure = MADE[join]
    outcome, facts = begun(procedure, set(answers))
    came: set[str] = set()
    for body in order:
        if "summing_up" in outcome.configuration or "objecting" in outcome.configuration:
            break
        outcome = answer(procedure, outcome, facts, body, answers[body])
        came.add(body)
    return outcome.configuration, came


def suffices(join: str, answers: dict[str, str], came: set[str]) -> str | None:
    """The law of joins, written once more without a machine: where a set of answers leads."""
    negative = any(answers[body] == "disagree" for body in came)
    if "first_negative" in join:
        if negative:
            return "objecting" if "negative_to" in join else "summing_up"
        return "summing_up" if came == set(answers) else None
    wanted = {"all": len(answers), "any": 1}.get(join.removeprefix("join: "))
    wanted = wanted if wanted is not None else int(join[-2])
    return "summing_up" if len(came) >= min(wanted, len(answers)) else None


@settings(max_examples=400, deadline=None)
@given(
    join=st.sampled_from([*JOINS, NEGATIVE]),
    answers=st.dictionaries(st.sampled_from(BODIES), st.sampled_from(VERDICTS), min_size=1),
    data=st.data(),
)
def test_the_order_of_arrival_never_changes_where_a_set_of_answers_leads(
    join: str, answers: dict[str, str], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(answers)))
    configuration, came = arrive(join, answers, order)
    assert (configuration[0] if len(configuration) == 1 else None) == suffices(join, answers, came)
    whole, _ = arrive(join, answers, sorted(answers))
    assert configuration == whole  # everybody has answered, or enough have


@settings(max_examples=200, deadline=None)
@given(
    join=st.sampled_from([*JOINS, NEGATIVE]),
    answers=st.dictionaries(st.sampled_from(BODIES), st.sampled_from(VERDICTS), min_size=2),
    data=st.data(),
)
def test_the_same_answers_in_another_order_leave_the_same_place(
    join: str, answers: dict[str, str], data: st.DataObject
) -> None:
    some = data.draw(st.lists(st.sampled_from(sorted(answers)), min_size=1, unique=True))
    first, came = arrive(join, answers, some)
    for order in list(permutations(sorted(came)))[:24]:
        assert arrive(join, answers, list(order))[0] == first


def test_the_first_that_disagrees_leads_elsewhere_and_closes_the_rest() -> None:
    procedure = MADE[NEGATIVE]
    outcome, facts = begun(procedure, {"police", "culture", "science"})
    outcome = answer(procedure, outcome, facts, "culture", "conditional")
    assert "culture_done" in outcome.configuration
    outcome = answer(procedure, outcome, facts, "science", "disagree")
    assert outcome.configuration == outcome.entered == ("objecting",)
    assert set(outcome.exited) == {"police", "culture_done", "science", "interior_done", "taxes_done"}


def test_the_last_answer_that_disagrees_is_negative_too() -> None:
    procedure = MADE[NEGATIVE]
    outcome, facts = begun(procedure, {"police"})
    assert answer(procedure, outcome, facts, "police", "disagree").configuration == ("objecting",)
    assert answer(procedure, outcome, facts, "police", "agree").configuration == ("summing_up",)


def test_whoever_was_not_asked_counts_neither_for_nor_against() -> None:
    procedure = MADE["join: {at_least: 2}"]
    outcome, facts = begun(procedure, {"police", "culture", "taxes"})
    outcome = answer(procedure, outcome, facts, "taxes", "agree")
    assert {"police", "culture"} <= set(outcome.configuration)
    assert answer(procedure, outcome, facts, "police", "disagree").configuration == ("summing_up",)


def test_of_fewer_bodies_than_the_quorum_all_are_awaited() -> None:
    procedure = MADE["join: {at_least: 4}"]
    outcome, facts = begun(procedure, {"police", "culture"})
    outcome = answer(procedure, outcome, facts, "police", "agree")
    assert "culture" in outcome.configuration
    assert answer(procedure, outcome, facts, "culture", "agree").configuration == ("summing_up",)


@pytest.mark.parametrize("join", JOINS)
def test_a_consultation_of_nobody_is_passed_through(join: str) -> None:
    outcome, _ = begun(MADE[join], set())
    assert outcome.configuration == ("summing_up",)


@pytest.mark.parametrize("join", JOINS)
def test_answers_given_survive_a_wait_for_the_citizen(join: str) -> None:
    procedure = MADE[join]
    outcome, facts = begun(procedure, set(BODIES))
    for event in ("request_supplement", "supplement"):
        if len(outcome.configuration) == 5:
            before = outcome.configuration
        command = procedure.command(outcome.configuration, event)
        outcome = procedure.step(outcome.configuration, outcome.history, command, facts)
    assert outcome.configuration == before
    came: set[str] = set()
    for body in reversed(BODIES):
        outcome = answer(procedure, outcome, facts, body, "agree")
        came.add(body)
        if suffices(join, dict.fromkeys(BODIES, "agree"), came):
            break
    assert outcome.configuration == ("summing_up",)


def test_a_verdict_is_asked_of_nothing_but_an_opinion() -> None:
    """Answers that differ in nothing that matters are remembered once."""
    procedure = MADE["join: any"]
    outcome, facts = begun(procedure, {"police"})
    command = procedure.command(outcome.configuration, "give_opinion", "police")
    known = [procedure._truth(command, facts, outcome.configuration, verdict) for verdict in VERDICTS]
    assert len(set(known)) == 1


@pytest.mark.parametrize(
    ("join", "vi"),
    [
        ("all", "chờ đủ mọi ý kiến"),
        ("any", "chỉ cần một ý kiến"),
        ("first_negative", "dừng ở ý kiến không đồng ý đầu tiên"),
        ({"at_least": 2}, "đủ 2 ý kiến"),
    ],
)
def test_joins_are_told_in_words(join: object, vi: str) -> None:
    name = {"vi": "Hỏi", "en": "Asking"}
    branch = {"party": "police", "role": "officer", "name": name}
    told = join_words(Parallel.model_validate({"name": name, "parallel": {"police": branch}, "join": join}))
    assert told.vi == vi
    assert told.en


@pytest.mark.parametrize(
    ("join", "wrong"),
    [
        ("join: any\n      negative_to: objecting", "negative_to goes with join: first_negative only"),
        ("join: first_negative\n      negative_to: consulting", "no step “consulting”"),
        ("join: first_negative\n      negative_to: returning", "no step “returning” in processing or signing"),
        ("join: first_negative\n      negative_to: nowhere", "no step “nowhere”"),
    ],
)
def test_a_negative_answer_leads_to_a_place_of_processing_or_signing(join: str, wrong: str) -> None:
    with pytest.raises(DeclarationError, match=wrong):
        procedure_of(join)

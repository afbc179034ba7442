"""What is explored is what can happen: no walk leads where exploration has not been."""

from __future__ import annotations

import random

import pytest

from engine.errors import NotPossibleHere
from engine.states.cases import CASES, cases
from engine.states.exploration import Budget, Situation, explore
from engine.states.findings import Severity
from engine.states.procedure import Outcome, Procedure
from engine.states.soundness import examine
from procedures.declaration import Declaration
from procedures.guards import compile_guard
from tests.states import samples

VERDICTS = ["agree", "disagree", "conditional", "no_objection"]
ENDS = {"stop", "withdraw", "refuse"}


def agencies(number: int, join: str = "join: all") -> Declaration:
    """A consultation of so many, each asked on a condition of its own."""
    facts = "".join(f"  f{at}: {{type: boolean, label: {{vi: Á, en: Ah}}}}\n" for at in range(number))
    bodies: dict[str, str | None] = {f"body{at}": f"f{at}" for at in range(number)}
    return samples.parsed(samples.text(samples.consultation(join, bodies)).replace("facts:\n", f"facts:\n{facts}"))


def situation(outcome: Outcome) -> Situation:
    return outcome.configuration, tuple((name, tuple(leaves)) for name, leaves in outcome.history.items())


def answers(declaration: Declaration, dice: random.Random) -> dict[str, object]:
    """Anything the form would take."""
    found: dict[str, object] = {"channel": dice.choice(declaration.channels).value}
    for name, fact in declaration.facts.items():
        numbers = [n for n in (0, 1, 3, 7, 8, 101, 100_000) if n >= (fact.min or 0) and n <= (fact.max or n)]
        value = {
            "boolean": dice.random() < 0.5,
            "integer": dice.choice(numbers or [fact.min or 0]),
            "choice": dice.choice(list(fact.choices or {"": None})),
            "date": "2027-03-02",
            "text": "chữ",
        }[fact.type]
        if fact.required or dice.random() < 0.7:
            found[name] = value
    return found


def walk(procedure: Procedure, dice: random.Random) -> list[Situation]:
    facts = answers(procedure.declaration, dice)
    outcome = procedure.start(facts)
    seen = [situation(outcome)]
    for _ in range(40):
        possible = procedure.possible(outcome.configuration, facts)
        calm = [command for command in possible if command.event not in ENDS or dice.random() < 0.03]
        if not calm:
            break
        command = dice.choice(calm)
        try:
            outcome = procedure.step(
                outcome.configuration, outcome.history, command, facts, verdict=dice.choice(VERDICTS)
            )
        except NotPossibleHere:
            continue
        seen.append(situation(outcome))
    return seen


def test_every_situation_of_five_hundred_random_walks_was_explored(
    procedures: dict[str, Procedure], explored: dict[str, dict[Situation, frozenset[Situation]]]
) -> None:
    dice = random.Random(20261122)
    names = sorted(procedures)
    for number in range(500):
        key = names[number % len(names)]
        for one in walk(procedures[key], dice):
            assert one in explored[key], (key, one)


NEGATIVE = "join: first_negative\n      negative_to: objecting"


@pytest.mark.parametrize("join", ["join: any", "join: {at_least: 3}", NEGATIVE])
def test_walks_through_every_join_stay_within_what_was_explored(join: str) -> None:
    procedure = Procedure(agencies(4, join))
    explored = explore(procedure, Budget(seconds=60))
    assert explored.all
    dice = random.Random(7)
    for _ in range(100):
        assert explored.situations.issuperset(walk(procedure, dice))


@pytest.mark.parametrize("join", ["join: all", "join: {at_least: 3}", "join: first_negative"])
def test_five_agencies_each_asked_on_a_condition_are_explored_to_the_last(join: str) -> None:
    report = examine(agencies(5, join), budget=Budget(seconds=60))
    assert report.explored_all
    assert report.configurations > 3 * 2**5
    assert report.publishable


def test_what_the_budget_leaves_out_is_said() -> None:
    report = examine(agencies(7), budget=Budget(configurations=40, seconds=60))
    assert not report.explored_all
    assert report.configurations == 40
    [left] = [finding for finding in report.findings if finding.code == "not_explored"]
    assert (left.severity, left.where) == ("amber", ("machine", "processing", "consulting"))
    assert "đã xét 40 tình huống" in left.vi
    assert "“Consulting”" in left.en
    assert not report.of(Severity.RED)


def test_a_look_ends_when_its_time_is_over_even_within_one_situation() -> None:
    report = examine(agencies(12), budget=Budget(seconds=1.5))
    assert not report.explored_all
    assert report.seconds < 60
    assert not report.of(Severity.RED)
    assert [finding for finding in report.findings if "chỉ xét một số tổ hợp" in finding.vi]


def test_exploring_leaves_the_memory_of_answers_alone() -> None:
    procedure = Procedure(agencies(3))
    procedure.start({})
    known = len(procedure.topology._known)
    assert len(explore(procedure, Budget()).ways) > known
    assert len(procedure.topology._known) == known


def told(*sources: str, declaration: Declaration | None = None) -> tuple[set[tuple[bool, ...]], bool]:
    declaration = declaration or samples.declared()
    found, whole = cases(declaration, [compile_guard(source, declaration.names) for source in sources])
    return set(found), whole


def test_conditions_hold_together_only_as_some_answer_lets_them() -> None:
    assert told("a") == ({(True,), (False,)}, True)
    assert told("a", "not a") == ({(True, False), (False, True)}, True)
    assert told("size > 5", "size > 9") == ({(False, False), (True, False), (True, True)}, True)
    assert told("size > 5 and size < 6") == ({(False,)}, True)
    assert told("number == 'x'", "number == 'y'") == ({(True, False), (False, True), (False, False)}, True)
    assert told("channel == 'direct'", "channel == 'online'") == ({(True, False), (False, True)}, True)
    assert told("a == b", "b == c", "a == c")[0] == {
        (True, True, True), (True, False, False), (False, True, False), (False, False, True),
    }


def test_a_question_that_need_not_be_answered_may_stay_unanswered() -> None:
    text = samples.text().replace("  size: {type: integer,", "  size: {type: integer, required: false, min: 0,")
    assert told("size >= 0", declaration=samples.parsed(text))[0] == {(True,), (False,)}
    assert told("size >= 0", declaration=samples.parsed(text.replace("required: false, ", "")))[0] == {(True,)}


def test_too_many_cases_are_sampled_and_say_so() -> None:
    declaration = agencies(12)
    whole, everything = told(*(f"f{at}" for at in range(12)), declaration=declaration)
    assert (len(whole), everything) == (CASES, True)
    sampled, everything = told(*(f"f{at}" for at in range(12)), "a", declaration=declaration)
    assert not everything
    assert {(True,) * 13, (False,) * 13} < sampled
    assert len(sampled) < 60

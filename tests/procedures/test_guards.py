"""The language of conditions says yes, no, or why it may not be written."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.guards import DEEPEST, LONGEST, Guard, GuardError, compile_guard

NAMES = ("guests", "topic", "secret", "day")


@pytest.mark.parametrize(
    ("source", "facts", "expected"),
    [
        ("guests > 0", {"guests": 1}, True),
        ("guests > 0", {"guests": 0}, False),
        ("0 < guests <= 10", {"guests": 10}, True),
        ("0 < guests <= 10", {"guests": 11}, False),
        ("secret", {"secret": True}, True),
        ("not secret", {"secret": True}, False),
        ("topic == 'v'", {"topic": "v"}, True),
        ("topic in ('a', 'b')", {"topic": "b"}, True),
        ("topic not in ['a', 'b']", {"topic": "b"}, False),
        ("secret or guests >= 2 and topic != 'a'", {"secret": False, "guests": 2, "topic": "b"}, True),
        ("day < '2026-12-01'", {"day": "2026-11-30"}, True),
        ("  guests == 3\n", {"guests": 3}, True),
    ],
)
def test_a_condition_is_told_from_the_facts(source: str, facts: dict[str, object], expected: bool) -> None:
    assert compile_guard(source, NAMES)(facts) is expected


@pytest.mark.parametrize(
    "source",
    [
        "guests > 0",
        "guests < 5",
        "guests != 5",
        "guests == 5",
        "topic in ('a', 'b')",
        "topic not in ('a', 'b')",
        "secret",
    ],
)
def test_an_unanswered_question_makes_no_comparison_true(source: str) -> None:
    guard = compile_guard(source, NAMES)
    assert guard({}) is False
    assert guard({"guests": None, "topic": None, "secret": None}) is False


def test_only_none_itself_can_be_asked_for() -> None:
    assert compile_guard("guests == None", NAMES)({}) is True
    assert compile_guard("guests != None", NAMES)({"guests": 0}) is True


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os')",
        "len(topic)",
        "topic.upper",
        "topic.upper()",
        "topic[0]",
        "guests + 1 > 2",
        "-guests",
        "guests ** 9",
        "lambda: 1",
        "[x for x in (1,)]",
        "f'{topic}'",
        "(guests := 1)",
        "1 if secret else 2",
        "guests is None",
        "{'a': 1}",
        "{1}",
        "b'x' == topic",
        "1.5 < guests",
        "1j",
        "...",
        "*topic",
        "topic in 'abc'",
        "guests in secret",
        "'\\x41' == topic",
        "guests > 0; secret",
        "",
        "and",
        "guests >",
    ],
)
def test_anything_but_facts_and_comparisons_is_refused_and_says_what_is_allowed(source: str) -> None:
    with pytest.raises(GuardError) as refused:
        compile_guard(source, NAMES)
    assert refused.value.vi
    assert refused.value.en


def test_a_refused_construct_is_answered_with_the_allowed_ones() -> None:
    with pytest.raises(GuardError, match=r"and, or, not are allowed"):
        compile_guard("len(topic)", NAMES)


def test_an_unknown_fact_is_answered_with_the_known_ones() -> None:
    with pytest.raises(GuardError, match=r"there is no fact “gusts”; there are: day, guests, secret, topic"):
        compile_guard("gusts > 0", NAMES)


def test_a_condition_may_not_be_too_long() -> None:
    with pytest.raises(GuardError, match=str(LONGEST)):
        compile_guard("secret or " * LONGEST + "secret", NAMES)


@pytest.mark.parametrize(
    "source", ["not " * 60 + "secret", "(" * 60 + "secret" + ")" * 60, "not(" * 90 + "secret" + ")" * 90]
)
def test_a_condition_may_not_be_too_deep_and_never_blows_the_stack(source: str) -> None:
    if source.startswith("((("):
        assert compile_guard(source, NAMES)({"secret": True})  # parentheses alone nest nothing
    else:
        with pytest.raises(GuardError, match=str(DEEPEST)):
            compile_guard(source, NAMES)


def test_what_facts_are_compared_with_is_known_for_checking_spelling() -> None:
    guard = compile_guard("topic in ('a', 'b') and 3 < guests and secret", NAMES)
    assert guard.compared == (("topic", "a"), ("topic", "b"), ("guests", 3))
    assert guard.names == {"topic", "guests", "secret"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="gueststopic 0123()<>=!'andornti,.[]_:+*\\\n\x00é", max_size=60))
def test_no_text_does_anything_but_compile_or_be_refused(source: str) -> None:
    with suppress(GuardError):
        assert isinstance(compile_guard(source, NAMES), Guard)

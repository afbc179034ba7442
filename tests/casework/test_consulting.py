"""Consultation beside the procedure: asked, waited for by its join rule, answered, withdrawn; on the record."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from engine import alarms
from engine.casework.consulting import place, unsatisfied
from engine.errors import Invalid, NotRegistered, Refused, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD = "H51.01/ngoai-vu:officer"
CULTURE = "H51.08/chuyen-mon:officer"
SCIENCE = "H51.07/chuyen-mon:officer"
QUESTION = {"words": "Cần ý kiến về chuyên môn", "limit": "3 ngày làm việc", "join": "all"}


def units(walk: Walk, *members: str) -> tuple[int, ...]:
    return tuple(walk.cast.unit(member.split(":")[0]) for member in members)


def ask(walk: Walk, *members: str, **changes: Any) -> None:
    walk.journey.register_all(walk.code)
    walk.do("consult_further", walk.cast[LEAD], **{**QUESTION, "units": units(walk, *members), **changes})


def answer(walk: Walk, member: str, no: int, verdict: str = "agree") -> None:
    sent = next(row["handoff_id"] for row in walk.of("work_item") if row["state"] == place(no))
    walk.do("register", walk.cast[member], handoff=sent)
    walk.do("answer_consultation", walk.cast[member], state=place(no), verdict=verdict, words="Ý kiến")


def test_the_step_waits_for_the_answer_and_the_record_calls_it_a_deviation(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)

    with pytest.raises(Refused, match="Department of Culture"):
        walk.do("consult", walk.cast[LEAD])
    answer(walk, CULTURE, 1)
    walk.do("consult", walk.cast[LEAD])

    asked = next(entry for entry in walk.entries if entry["action"] == "consult_further")
    told = json.loads(asked["details"])
    assert (told["deviation"], told["join"], told["from"]) == (True, "all", "examining")
    assert walk.of("consultation")[0]["verdict"] == "agree"
    assert "consulting" not in walk.states
    assert "Cần ý kiến về chuyên môn" in walk.of("remark")[0]["body"]


def test_an_answer_comes_after_the_formal_receipt(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)

    with pytest.raises(NotRegistered):
        walk.do("answer_consultation", walk.cast[CULTURE], state=place(1), verdict="agree", words="Ý kiến")


def test_only_who_works_on_the_step_asks_and_only_who_was_asked_answers(start: Start) -> None:
    walk = start()
    walk.journey.register_all(walk.code)

    with pytest.raises(WrongRole):
        walk.do("consult_further", walk.cast["H51.02/tiep-nhan:receptionist"], **QUESTION, units=units(walk, CULTURE))
    ask(walk, CULTURE)
    with pytest.raises(WrongRole):
        walk.do("answer_consultation", walk.cast[LEAD], state=place(1), verdict="agree", words="Ý kiến")


@pytest.mark.parametrize(("field", "value"), [
    ("units", ()), ("units", (999_999,)), ("words", " "), ("limit", "soon"), ("limit", "0 days"), ("join", "most"),
])
def test_a_question_is_complete(start: Start, field: str, value: object) -> None:
    walk = start()
    walk.journey.register_all(walk.code)

    with pytest.raises(Invalid) as caught:
        walk.do("consult_further", walk.cast[LEAD], **{**QUESTION, "units": units(walk, CULTURE), field: value})

    assert list(caught.value.fields) == [field]


def test_a_question_may_be_withdrawn_and_the_step_goes_on(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)

    walk.do("withdraw_consultation", walk.cast[LEAD], state=place(1), reason="Không còn cần")
    walk.do("consult", walk.cast[LEAD])

    assert walk.of("consultation")[0]["withdrawn_at"] is not None
    assert walk.handoffs[-1]["state"] != "delivered" or walk.handoffs[-1]["to_agency"] != "H51.08"


def test_a_unit_that_does_not_take_the_question_in_is_no_longer_waited_for(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)
    sent = next(row["handoff_id"] for row in walk.of("work_item") if row["state"] == place(1))

    walk.do("refuse_handoff", walk.cast[CULTURE], handoff=UUID(str(sent)), reason="Không thuộc lĩnh vực")
    walk.do("consult", walk.cast[LEAD])

    assert walk.of("consultation")[0]["withdrawn_at"] is not None


@pytest.mark.parametrize(("join", "first", "goes_on"), [
    ("all", "agree", False), ("any", "agree", True), ("first_negative", "agree", False),
    ("first_negative", "disagree", True), ("none", "agree", True),
])
def test_the_join_rule_says_what_is_waited_for(start: Start, join: str, first: str, goes_on: bool) -> None:
    walk = start()
    ask(walk, CULTURE, SCIENCE, join=join)
    answer(walk, SCIENCE, 2, first)

    if not goes_on:
        with pytest.raises(Refused):
            walk.do("consult", walk.cast[LEAD])
        return
    walk.do("consult", walk.cast[LEAD])

    left = walk.of("consultation")[0]
    assert left["withdrawn_at"] is not None
    assert left["verdict"] is None


def test_a_supplement_in_between_does_not_lose_the_question(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)
    walk.do("request_supplement", walk.cast[LEAD], reason="Thiếu", documents=("plan",))

    answer(walk, CULTURE, 1)

    assert walk.of("consultation")[0]["answered_at"] is not None
    assert walk.states == {"awaiting_supplement"}


def test_what_ends_closes_every_question(start: Start) -> None:
    walk = start()
    ask(walk, CULTURE)

    walk.do("withdraw", walk.cast["H51.02/tiep-nhan:receptionist"], reason="Người nộp rút")

    assert walk.of("consultation")[0]["withdrawn_at"] is not None


def test_an_answer_that_is_late_is_told_to_the_unit_and_the_desk(start: Start) -> None:
    """R13: a late reply is reported to the head of the one-stop desk."""
    walk = start()
    ask(walk, CULTURE)

    alarms.sweep(walk.office, walk.now + timedelta(days=6))

    told = {row["unit_id"] for row in walk.of("notice") if row["kind"] == "consultation_due"}
    assert told >= {walk.cast.unit("H51.08/chuyen-mon"), walk.cast.unit("H51.02/tiep-nhan")}


@pytest.mark.parametrize("join", ["all", "any", "first_negative", "none"])
@pytest.mark.parametrize("verdicts", [("agree", "disagree", None), ("agree", "agree", "agree"),
                                      (None, None, "disagree")])
def test_the_order_of_answers_never_matters(join: str, verdicts: tuple[str | None, ...]) -> None:
    def rows(order: tuple[int, ...]) -> list[dict[str, Any]]:
        return [{"no": no, "round": 1, "state": "examining", "join_rule": join, "withdrawn_at": None,
                 "verdict": verdicts[no], "answered_at": f"2026-11-2{at}" if verdicts[no] else None}
                for at, no in enumerate(order)]

    found = {frozenset(row["no"] for row in unsatisfied(rows(order), "examining")) for order in permutations(range(3))}

    assert len(found) == 1

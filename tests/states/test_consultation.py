"""Parallel consultation: branches are skipped, answered apart, interrupted and taken up again."""

from __future__ import annotations

from typing import Any

import pytest

FULL = {"a": True, "b": True, "c": 1}


def test_a_branch_whose_condition_does_not_hold_is_skipped(begin: Any) -> None:
    dossier = begin("conference_permit_local", topic_field="culture", foreign_guests=0)
    dossier.does("accept", "consult")
    assert dossier.working == ["foreign_affairs", "culture"]
    assert set(dossier.at) == {"foreign_affairs", "culture", "police_done", "agriculture_done", "science_done"}


def test_an_unanswered_question_consults_nobody_about_it(begin: Any) -> None:
    dossier = begin("conference_permit_local")
    dossier.does("accept", "consult")
    assert dossier.working == ["foreign_affairs"]


def test_a_consultation_of_nobody_is_passed_through(begin: Any) -> None:
    dossier = begin("whole", a=False, b=False, c=0)
    outcome = dossier.does("accept", "forward")
    assert outcome.configuration == outcome.entered == ("asking",)
    assert outcome.exited == ("examining",)


def test_the_second_round_follows_the_last_opinion_of_the_first(begin: Any) -> None:
    dossier = begin("whole", **FULL)
    dossier.does("accept", "forward", "give_opinion@left")
    outcome = dossier.does("give_opinion@right")
    assert outcome.configuration == ("up", "outside")
    assert outcome.exited == ("left_done", "right")
    dossier.does("record_reply@outside")
    assert dossier.does("give_opinion").configuration == ("asking",)


@pytest.mark.parametrize("branch", ["foreign_affairs", "police", "agriculture"])
def test_an_opinion_in_one_branch_never_touches_another(begin: Any, branch: str) -> None:
    dossier = begin("conference_permit_local", topic_field="agriculture", foreign_guests=1)
    before = dossier.does("accept", "consult").configuration
    outcome = dossier.does(f"give_opinion@{branch}")
    assert (outcome.exited, outcome.entered) == ((branch,), (f"{branch}_done",))
    assert [state for state in before if state != branch] == [
        state for state in outcome.configuration if state != f"{branch}_done"
    ]


@pytest.mark.parametrize(("ask", "answer"), [("request_supplement", "supplement"), ("request_payment", "pay")])
def test_waiting_for_the_citizen_returns_to_where_it_was(begin: Any, ask: str, answer: str) -> None:
    dossier = begin("whole", **FULL)
    dossier.does("accept")
    asked = dossier.does(ask)
    assert asked.history == {"in_processing": ["examining"]}
    back = dossier.does(answer)
    assert (back.configuration, back.entered, back.history) == (("examining",), ("examining",), {})


@pytest.mark.parametrize(("ask", "answer"), [("request_supplement", "supplement"), ("request_payment", "pay")])
def test_waiting_inside_a_consultation_keeps_the_opinions_given(begin: Any, ask: str, answer: str) -> None:
    dossier = begin(
        "conference_permit_pm" if ask == "request_supplement" else "whole",
        topic_field="science",
        foreign_guests=3,
        **FULL,
    )
    dossier.does("accept", "consult" if ask == "request_supplement" else "forward")
    half = dossier.working[::2]
    for state in half:
        event = next(c.event for c in dossier.procedure.commands(dossier.at) if c.state == state)
        dossier.does(f"{event}@{state}")
    before, open_before = dossier.at, dossier.working
    waiting = dossier.does(ask)
    assert waiting.exited == before
    assert waiting.history == {"in_processing": list(before)}
    back = dossier.does(answer)
    assert back.configuration == back.entered == before
    assert dossier.working == open_before
    for state in open_before:
        event = next(c.event for c in dossier.procedure.commands(dossier.at) if c.state == state)
        dossier.does(f"{event}@{state}")
    assert dossier.procedure.states[dossier.at[0]].branch_of != "consulting"


def test_a_history_that_came_back_from_storage_as_lists_is_understood(begin: Any) -> None:
    dossier = begin("whole", **FULL)
    dossier.does("accept", "forward", "give_opinion@left")
    waiting = dossier.does("request_supplement")
    command = dossier.procedure.command(["awaiting_supplement"], "supplement")
    back = dossier.procedure.step(["awaiting_supplement"], {"in_processing": ["left_done", "right"]}, command, FULL)
    assert waiting.history == {"in_processing": ["left_done", "right"]}
    assert back.configuration == ("left_done", "right")


def test_a_supplement_is_no_way_to_skip_the_consultation_when_sent_back(begin: Any) -> None:
    """Sent back to the first step, the dossier is consulted on again from the beginning."""
    dossier = begin("whole", **FULL)
    dossier.does("accept", "forward", "give_opinion@left", "close_round", "send_back")
    assert dossier.at == ("examining",)
    assert dossier.does("forward").configuration == ("left", "right")


def test_the_lead_may_close_a_consultation_that_nobody_answers(begin: Any) -> None:
    dossier = begin("conference_permit_local", topic_field="culture", foreign_guests=1)
    dossier.does("accept", "consult", "give_opinion@police")
    command = dossier.procedure.command(dossier.at, "close_consultation")
    assert command.actors == (("lead", "officer"),)
    assert command.needs == {"reason"}
    outcome = dossier.does("close_consultation")
    assert outcome.configuration == ("synthesis",)
    assert set(outcome.exited) >= {"foreign_affairs", "culture", "police_done"}


def test_a_withdrawal_ends_every_branch(begin: Any) -> None:
    dossier = begin("conference_permit_local", topic_field="culture", foreign_guests=1)
    before = dossier.does("accept", "consult").configuration
    outcome = dossier.does("withdraw")
    assert outcome.exited == before
    assert outcome.ended

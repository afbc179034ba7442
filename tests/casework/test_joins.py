"""A consultation that need not wait for everybody: what is not answered by then is closed, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import NotPossibleHere, Refused, StaleVersion, WrongRole
from procedures.declaration import LIBRARY
from tests.casework.conftest import Start
from tests.casework.publishing import publish
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.journey import Journey

KEY = "conference_joined"
LOCAL = (LIBRARY / "conferences" / "conference_permit_local.yaml").read_text(encoding="utf-8")
ASKED = {"police", "agriculture", "foreign_affairs"}

Joined = Callable[[str], Walk]


@pytest.fixture
def joined(journey: Journey, fresh: Fresh) -> Joined:
    """A conference on which police, agriculture and foreign affairs are asked, left as `join` says."""

    def begin(join: str) -> Walk:
        text = LOCAL.replace("procedure: conference_permit_local", f"procedure: {KEY}")
        publish(fresh.owner_url, text.replace("      parallel:\n", f"      {join}\n      parallel:\n"))
        reply = journey.receive(KEY, facts=FACTS["conference_permit_local"])
        walk = Walk(journey, reply.code).go_to("police")
        assert set(walk.items) == ASKED
        return walk

    return begin


def answer(walk: Walk, state: str, verdict: str = "agree") -> None:
    walk.step("give_opinion", state, verdict=verdict)


def test_one_answer_suffices_where_the_join_says_any(joined: Joined) -> None:
    walk = joined("join: any")
    answer(walk, "police", "no_objection")
    assert walk.states == {"synthesis"}
    assert set(walk.items) == {"synthesis"}


def test_a_quorum_waits_for_its_number_whoever_comes_first(joined: Joined) -> None:
    walk = joined("join: {at_least: 2}")
    answer(walk, "foreign_affairs")
    assert set(walk.items) == {"police", "agriculture"}
    answer(walk, "agriculture", "disagree")
    assert walk.states == {"synthesis"}


def test_the_first_that_disagrees_ends_the_consultation_and_the_others_can_no_longer_answer(joined: Joined) -> None:
    walk = joined("join: first_negative\n      negative_to: reviewing")
    answer(walk, "agriculture", "conditional")
    assert set(walk.items) == {"police", "foreign_affairs"}
    late = walk.order("give_opinion", walk.holder("police"), state="police", verdict="agree", words="Đồng ý")
    answer(walk, "foreign_affairs", "disagree")
    assert walk.states == {"reviewing"}
    closed = {row["state"]: row["closed_at"] for row in walk.of("work_item")}
    assert all(closed[state] is not None for state in ASKED)
    with pytest.raises(StaleVersion):
        walk.act(late)


def test_a_dossier_of_its_own_waits_for_no_other_part(start: Start) -> None:
    walk = start(accept=False)
    with pytest.raises(Refused):
        walk.step("hold", "checking")
    assert walk.states == {"checking"}


def test_what_the_system_alone_does_nobody_may_ask_for(start: Start) -> None:
    walk = start(accept=False)
    procedure: Any = walk.procedure
    assert [command.event for command in procedure.commands(["awaiting_parts"]) if command.machine_only] == ["release"]
    for member in walk.cast.members[:3]:
        with pytest.raises((NotPossibleHere, WrongRole)):
            walk.do("release", walk.cast[f"{member.unit}:{member.role}"])


def test_the_opinion_that_ends_a_consultation_stands_for_who_gave_it(joined: Joined) -> None:
    walk = joined("join: first_negative\n      negative_to: reviewing")
    answer(walk, "police", "disagree")
    assert [(row["state"], row["verdict"]) for row in walk.of("opinion")] == [("police", "disagree")]

"""What happens when a limit is used up: told, reported, given back, or taken as answered; each once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import alarms
from engine.casework.consulting import place
from engine.errors import Invalid, Refused, TakenAsGiven
from procedures.declaration import LIBRARY, DeclarationError, parse
from tests.casework.conftest import Start
from tests.casework.publishing import publish
from tests.casework.racing import together
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.journey import Journey

KEY = "conference_expiring"
LOCAL = (LIBRARY / "conferences" / "conference_permit_local.yaml").read_text(encoding="utf-8")
BASIS = "khoản 3 Điều 7 Nghị định minh họa"
POLICE = "          name: {vi: Ý kiến Công an tỉnh, en: Opinion of the provincial police}\n"
LEAD, CULTURE = "H51.01/ngoai-vu:officer", "H51.08/chuyen-mon:officer"
ALL = ("police", "agriculture", "foreign_affairs")

Expiring = Callable[..., Walk]


def declared(*, branches: str = "", join: str = "all", police: str = "", key: str = KEY) -> str:
    """The conference with `branches` said of every body asked, `police` of one of them."""
    text = LOCAL.replace("procedure: conference_permit_local", f"procedure: {key}")
    text = text.replace("          limit: 15 days\n", f"          limit: 15 days\n{branches}")
    text = text.replace(POLICE, f"{POLICE}{police}")
    return text.replace("      parallel:\n", f"      join: {join}\n      parallel:\n")


def says(expiry: str, indent: int = 10) -> str:
    basis = f"{' ' * indent}expiry_basis: {BASIS}\n" if expiry.startswith("tacit") else ""
    return f"{' ' * indent}expiry: {expiry}\n{basis}"


@pytest.fixture
def expiring(journey: Journey, fresh: Fresh) -> Expiring:
    """A dossier at the consultation of a procedure that was declared so."""

    def begin(at: str = "police", **changes: Any) -> Walk:
        publish(fresh.owner_url, declared(**changes))
        return Walk(journey, journey.receive(KEY, facts=FACTS["conference_permit_local"]).code).go_to(at)

    return begin


def due_of(walk: Walk, state: str) -> datetime:
    due = walk.items[state]["due_at"]
    assert isinstance(due, datetime)
    return due


def pass_due(walk: Walk, state: str) -> None:
    """The sweep runs a minute after the state's limit is used up."""
    walk.journey.now = due_of(walk, state) + timedelta(minutes=1)
    alarms.sweep(walk.office, walk.now)


def entries(walk: Walk, action: str) -> list[dict[str, Any]]:
    return [json.loads(row["details"]) for row in walk.entries if row["action"] == action]


def test_silence_that_the_law_takes_for_agreement_is_recorded_as_one_and_the_dossier_goes_on(
        expiring: Expiring) -> None:
    walk = expiring(branches=says("tacit_yes"))
    asked = {state: item["unit_id"] for state, item in walk.items.items()}
    due = due_of(walk, "police")

    pass_due(walk, "police")

    opinions = {row["state"]: row for row in walk.of("opinion")}
    assert set(opinions) == set(ALL)
    assert {(row["verdict"], row["person_id"]) for row in opinions.values()} == {("agree", None)}
    assert walk.states == {"synthesis"}
    told = entries(walk, "give_opinion")
    assert [(one["tacit"], one["basis"], datetime.fromisoformat(one["due"])) for one in told] == [
        (True, BASIS, due)] * 3
    acts = [row for row in walk.entries if row["action"] == "give_opinion"]
    assert {row["unit_id"] for row in acts} == set(asked.values())
    assert {row["actor_id"] for row in acts} == {None}
    words = [json.loads(row["body"])["words"] for row in walk.of("remark") if row["seq"] in
             {act["seq"] for act in acts}]
    assert all(BASIS in word and "đồng ý" in word for word in words)

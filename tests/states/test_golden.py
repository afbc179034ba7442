"""Each procedure's whole way from the counter back to the counter, state by state.

These traces also watch the library: its patch releases have changed behaviour before.
"""

from __future__ import annotations

from typing import Any

import pytest
import statemachine

CONFERENCE = {"topic_field": "agriculture", "foreign_guests": 12}
SUBMISSION = [
    ("approve_submission", ["signing_submission"]),
    ("sign_submission", ["sending_submission"]),
    ("send_submission", ["awaiting_prime_minister"]),
    ("record_reply", ["drafting"]),
    ("forward", ["reviewing"]),
]
LOCAL = [
    ("accept", ["examining"]),
    ("consult", ["foreign_affairs", "police", "agriculture"]),
    ("give_opinion@police", ["foreign_affairs", "agriculture"]),
    ("give_opinion@agriculture", ["foreign_affairs"]),
    ("give_opinion", ["synthesis"]),
    ("forward", ["reviewing"]),
]
MINISTRIES = ["ministry_of_foreign_affairs", "ministry_of_public_security"]
PRIME_MINISTER = [
    ("accept", ["examining"]),
    ("consult", [*MINISTRIES, "foreign_affairs", "police", "agriculture"]),
    ("give_opinion@police", [*MINISTRIES, "foreign_affairs", "agriculture"]),
    ("record_reply@ministry_of_public_security", [MINISTRIES[0], "foreign_affairs", "agriculture"]),
    ("give_opinion@foreign_affairs", [MINISTRIES[0], "agriculture"]),
    ("record_reply", ["agriculture"]),
    ("give_opinion", ["synthesis"]),
    ("forward", ["reviewing_submission"]),
    *SUBMISSION,
]
SIGNED = [("approve", ["signing"]), ("sign", ["issuing"]), ("issue", ["returning"])]
Trace = list[tuple[str, list[str]]]
COUNTER: Trace = [("return_at_counter", [])]
POST = [
    ("send_by_post", ["posting"]),
    ("record_failed_delivery", ["returning"]),
    ("send_by_post", ["posting"]),
    ("confirm_delivery", []),
]
FUNERAL = [
    ("accept", ["confirming"]),
    ("submit_confirmation", ["commune_signing"]),
    ("confirm", ["examining"]),
    ("forward", ["reviewing"]),
    *SIGNED,
]


@pytest.mark.parametrize(
    ("key", "facts", "trace"),
    [
        ("conference_permit_local", CONFERENCE, [*LOCAL, *SIGNED, *COUNTER]),
        ("conference_hosting_local", CONFERENCE, [*LOCAL, *SIGNED, *POST]),
        ("conference_permit_pm", CONFERENCE, [*PRIME_MINISTER, *SIGNED, *POST]),
        ("conference_hosting_pm", CONFERENCE, [*PRIME_MINISTER, *SIGNED, ("return_electronically", [])]),
        ("funeral_allowance", {}, [*FUNERAL, *COUNTER]),
    ],
)
def test_the_way_from_acceptance_to_return(begin: Any, key: str, facts: dict[str, object], trace: list[Any]) -> None:
    dossier = begin(key, **facts)
    assert dossier.at == ("checking",)
    for event, working in trace:
        outcome = dossier.does(event)
        assert dossier.working == working, event
        assert outcome.ended is (dossier.at == ("returned",))
        assert outcome.history == {}
    assert dossier.at == ("returned",)
    assert dossier.may() == set()


def test_what_was_left_and_entered_is_told(begin: Any) -> None:
    dossier = begin("conference_permit_local", **CONFERENCE)
    assert dossier.last.entered == ("checking",)
    assert dossier.last.exited == ()
    accepted = dossier.does("accept")
    assert (accepted.exited, accepted.entered) == (("checking",), ("examining",))
    consulted = dossier.does("consult")
    assert consulted.exited == ("examining",)
    assert consulted.entered == ("foreign_affairs", "police", "agriculture", "science_done", "culture_done")
    answered = dossier.does("give_opinion@police")
    assert (answered.exited, answered.entered) == (("police",), ("police_done",))


def test_the_library_is_the_one_these_traces_were_made_with() -> None:
    assert statemachine.__version__ == "3.2.2"

"""What is thought of the service, and who takes it down."""

from __future__ import annotations

import pytest

from engine.counter import returning
from engine.errors import NotFound, WrongRole
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey

RETURNER, OFFICER, STRANGER = "H51.02/tiep-nhan:returner", "H51.01/ngoai-vu:officer", "H51.07/chuyen-mon:officer"


@pytest.fixture
def waiting(journey: Journey) -> Walk:
    """A result that lies at the desk."""
    walk = Walk(journey, journey.receive(facts=FACTS["conference_permit_local"]).code).go_to("returning")
    walk.journey.register_all(walk.code)
    return walk


def test_a_vote_is_taken_down_at_the_desk_only(waiting: Walk) -> None:
    waiting.carry()
    waiting.step("return_at_counter", recipient="Nguyễn Thị Bích Ngọc")
    office, cast, now = waiting.office, waiting.cast, waiting.now

    with pytest.raises(WrongRole):
        returning.rate(office, waiting.code, cast[OFFICER], 5, "", now)
    with pytest.raises(NotFound):
        returning.rate(office, waiting.code, cast[STRANGER], 5, "", now)
    assert waiting.rows("select * from rating") == []

    returning.rate(office, waiting.code, cast[RETURNER], 4, "", now)
    assert [row["score"] for row in waiting.rows("select * from rating")] == [4]

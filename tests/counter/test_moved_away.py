"""A counter took dossiers in without its network, and its agency works elsewhere before they are sent."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from engine.counter import offline
from engine.errors import WorksElsewhere
from storage import blocks
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast, Journey

DESK, AGENCY = "H51.02/tiep-nhan:receptionist", "H51.02"
LATER = MONDAY + timedelta(hours=3)


def works(fresh: Fresh, way: str) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("select reach_agency(%s, %s, null, null)", (AGENCY, way))


def test_it_is_refused_with_a_word_of_its_own_and_taken_with_its_code_and_time_once_the_agency_is_back(
        journey: Journey, cast: Cast, fresh: Fresh) -> None:
    code = offline.take_block(journey.office, cast[DESK], cast.member(DESK).unit_id, MONDAY).codes[0]
    told = journey.submission()
    works(fresh, "paper")
    with pytest.raises(WorksElsewhere) as refused:
        offline.synchronise(journey.office, told, code, MONDAY + timedelta(minutes=5), LATER)
    assert refused.value.code == "works_elsewhere"

    works(fresh, "here")
    assert offline.synchronise(journey.office, told, code, MONDAY + timedelta(minutes=5), LATER).code == code


def test_what_was_recorded_before_the_move_is_answered_as_then_although_the_answer_was_lost(
        journey: Journey, cast: Cast, fresh: Fresh) -> None:
    """Else somebody would enter it a second time, at the new place."""
    code = offline.take_block(journey.office, cast[DESK], cast.member(DESK).unit_id, MONDAY).codes[0]
    told = journey.submission()
    first = offline.synchronise(journey.office, told, code, MONDAY + timedelta(minutes=5), LATER)
    works(fresh, "paper")

    again = offline.synchronise(journey.office, told, code, MONDAY + timedelta(minutes=5), LATER)

    assert again == first
    assert journey.office.db.value("select count(*) from dossier") == 1


def test_who_may_still_keep_something_at_a_counter_is_known_by_name(journey: Journey, cast: Cast) -> None:
    member = cast.member(DESK)
    offline.take_block(journey.office, cast[DESK], member.unit_id, MONDAY)

    named = blocks.holders(journey.office.db, AGENCY, MONDAY - timedelta(days=1))

    assert len(named) == 1
    assert named[0].startswith(f"{member.name}, ")
    assert blocks.holders(journey.office.db, AGENCY, MONDAY + timedelta(days=1)) == []
    assert blocks.holders(journey.office.db, "H51.01", MONDAY - timedelta(days=1)) == []

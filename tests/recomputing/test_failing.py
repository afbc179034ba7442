"""A dossier that cannot be moved is named and holds up no other; verification tells what is not as it should be."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from engine.recomputing import job, recompute
from engine.verification import verify
from tests.casework.conftest import Start
from tests.conftest import Fresh
from tests.recomputing.calendars import closed, publish
from tests.recomputing.test_interrupted import the_job
from tests.recomputing.test_recompute import STORM_DAY, entries, right

TAMPERS = True
# One that cannot be computed, one whose rows contradict each other, one that the database does not take.
DAMAGES = {
    "BadMark": "update clock set marks = '[{\"kind\": \"stop\", \"at\": \"2026-11-23T00:00:00+00:00\"}]' "
               "where dossier_id = %s and kind = 'dossier'",
    "ValueError": "update clock set marks = '[]' where dossier_id = %s and kind = 'dossier'",
    "UniqueViolation": "insert into audit select dossier_id, seq + 1, at, actor_id, actor_name, unit_id, unit_name, "
                       "action, from_states, to_states, details, hash, hash from audit where dossier_id = %s "
                       "order by seq desc limit 1",
}


def damage(fresh: Fresh, statement: str, *params: object) -> None:
    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute(statement.encode(), params)


@pytest.mark.parametrize("why", DAMAGES)
def test_a_dossier_that_fails_is_named_and_the_others_move(
        start: Start, fresh: Fresh, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "WINDOW", 3)
    walks = [start() for _ in range(6)]
    bad, office, now = walks[1], walks[0].office, walks[0].now
    damage(fresh, DAMAGES[why], bad.id)
    publish(office, closed(STORM_DAY))

    done = recompute(office, now)

    assert done.jobs == 1
    assert all(right(walk) for walk in walks if walk is not bad)
    told = the_job(bad)
    assert (told["considered"], told["moved"], told["failed"]) == (6, 5, 1)
    assert told["last_error"].startswith(f"{bad.code}: {why}")
    assert told["finished_at"] is not None


def test_what_failed_is_tried_again_at_the_end(start: Start, fresh: Fresh) -> None:
    walk, other = start(), start()
    marks = walk.clocks("dossier")[0]["marks"]
    damage(fresh, DAMAGES["ValueError"], walk.id)
    publish(walk.office, closed(STORM_DAY))
    assert recompute(walk.office, walk.now, enough=iter([False, False, True, True]).__next__).jobs == 0
    assert walk.rows("select dossier_id, why is not null as failed from calendar_left") == [
        {"dossier_id": walk.id, "failed": True}]
    damage(fresh, "update clock set marks = %s where dossier_id = %s and kind = 'dossier'",
           psycopg.types.json.Jsonb(marks), walk.id)

    recompute(walk.office, walk.now)

    assert (len(entries(walk)), len(entries(other)), the_job(walk)["failed"]) == (1, 1, 0)
    assert walk.rows("select * from calendar_left") == []


def test_verification_says_that_recomputing_is_not_finished_and_then_what_is_wrong(start: Start, fresh: Fresh) -> None:
    walk = start()
    assert verify(walk.office).faults == []
    publish(walk.office, closed(STORM_DAY))

    assert verify(walk.office).faults == ["calendar 2: recomputation not finished"]
    damage(fresh, "update calendar_recompute set finished_at = now()")
    (fault,) = verify(walk.office).faults
    assert "(dossier): due 2026-12-22" in fault
    assert fault.endswith("by calendar 1, by the newest 2026-12-23 17:00:00+07:00")


def test_verification_finds_nothing_after_it(start: Start) -> None:
    walk = start().go_to("examining")
    publish(walk.office, closed(STORM_DAY, date(2026, 11, 25)))

    recompute(walk.office, walk.now)

    assert verify(walk.office).faults == []

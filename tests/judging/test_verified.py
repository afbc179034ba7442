"""A verification that cannot fail proves nothing: what is changed behind the record's back is named."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from engine import alarms
from engine.recomputing import recompute
from engine.verification import verify
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.recomputing.calendars import closed, publish

TAMPERS = True
DAY = timedelta(days=1)


@pytest.fixture
def walk(start: Start) -> Walk:
    """Alarms have rung, a calendar has moved what runs, and the result is ready."""
    walk = start().go_to("examining")
    alarms.sweep(walk.office, walk.dossier["due_at"] - DAY)
    publish(walk.office, closed(walk.dossier["due_at"].date()))
    recompute(walk.office, walk.now)
    walk.go_to("returning")
    return walk


def wrong(walk: Walk) -> list[str]:
    """Scans are made up in these tests."""
    return [fault for fault in verify(walk.office).faults if not fault.startswith("document")]


@pytest.mark.parametrize(("change", "named"), [
    ("update judgement set local = 'late'", "is not that of the audit"),
    ("update judgement set supplements = 2", "is not that of the audit"),
    ("update judgement set late_original = 60", "late_original 60, 0 follows from the record"),
    ("update judgement set worked = worked - 1", "worked"),
    ("update judgement set due_original = due_original + interval '1 day'", "due_original"),
    ("update judgement set due_judged = due_judged - interval '1 day'", "due_judged"),
    ("update judgement set grounds = '{extended}'", "grounds"),
    ("update judgement set ended_at = ended_at - interval '1 day'", "its time ended"),
    ("delete from judgement", "its judgement is gone"),
    ("update clock set calendar_no = 1 where kind = 'dossier'", "is not that of the audit"),
    ("update clock set due_at = due_at + interval '1 day' where kind = 'obligation'", "follows from the record"),
    ("update clock set marks = jsonb_set(marks, '{0,at}', '\"2026-11-20T01:00:00+00:00\"') where kind = 'dossier'",
     "its marks are not those of the audit"),
    ("delete from timer", "no alarm is set"),
    ("insert into timer (dossier_id, clock_no, kind, fires_at, attempts) select dossier_id, no, 'due', due_at, 0 "
     "from clock where kind = 'dossier'", "an alarm is set"),
    ("delete from notice where kind = 'dossier_warn_50'", "nobody was told"),
    ("update notice set kind = 'dossier_due' where kind = 'dossier_warn_50'", "nobody was told"),
    ("update calendar_version set content = replace(content, '2026-11-24', '2026-11-25')", "not what was published"),
    ("update calendar_version set number = 7 where id = 2", "calendar 2: version 7"),
])
def test_what_is_changed_by_hand_is_named(walk: Walk, fresh: Fresh, change: str, named: str) -> None:
    assert wrong(walk) == []

    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        changed = connection.execute(change.encode()).rowcount

    assert changed > 0
    assert any(named in fault for fault in wrong(walk)), wrong(walk)

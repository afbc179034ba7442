"""Cut off anywhere, two at once, somebody at a dossier: nothing is lost and nothing happens twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine.casework import extension
from engine.casework.act import transact
from engine.office import Office
from engine.recomputing import job, recompute
from storage import recomputing as stored
from tests.casework.conftest import Start
from tests.casework.racing import together
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.recomputing.calendars import closed, publish
from tests.recomputing.test_recompute import STORM_DAY, entries, right

ROOT = Path(__file__).parents[2]
MANY = 9

# Kills itself where it is told: after so many windows.
KILLED = """
import os, signal, sys
from datetime import datetime
from engine.casework import extension
from engine.casework.act import transact
from engine.office import Office
from engine.recomputing import job, recompute
from storage.session import Database
url, windows, now = sys.argv[1:]
job.WINDOW, left = 2, iter(range(int(windows), -1, -1))
def enough():
    if next(left) == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return False
recompute(Office(Database(url, 2).open(), None, None), datetime.fromisoformat(now), enough=enough)
"""


@pytest.fixture
def many(start: Start, monkeypatch: pytest.MonkeyPatch) -> list[Walk]:
    """Dossiers in flight, two a transaction."""
    monkeypatch.setattr(job, "WINDOW", 2)
    return [start() for _ in range(MANY)]


def moved_once(walks: list[Walk]) -> None:
    assert [len(entries(walk)) for walk in walks] == [1] * len(walks)
    assert all(right(walk) for walk in walks)


def the_job(walk: Walk) -> dict[str, Any]:
    return walk.rows("select * from calendar_recompute order by calendar_no desc")[0]


@pytest.mark.parametrize("windows", [1, 3, 5])
def test_killed_between_two_windows_it_goes_on_where_it_was(fresh: Fresh, many: list[Walk], windows: int) -> None:
    office, now = many[0].office, many[0].now
    publish(office, closed(STORM_DAY))

    ended = subprocess.run([sys.executable, "-c", KILLED, fresh.app_url, str(windows), now.isoformat()], cwd=ROOT,
                           check=False, capture_output=True)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert the_job(many[0])["considered"] == min(2 * (windows - 1), MANY)
    recompute(office, now)
    moved_once(many)
    job_row = the_job(many[0])
    assert (job_row["considered"], job_row["moved"], job_row["failed"]) == (MANY, MANY, 0)


def test_cut_off_within_a_window_nothing_of_it_is_written(fresh: Fresh, many: list[Walk]) -> None:
    office, now, failed = many[0].office, many[0].now, list[Exception]()
    publish(office, closed(STORM_DAY))

    def run() -> None:
        try:
            recompute(office, now)
        except Exception as error:  # noqa: BLE001 - looked at below
            failed.append(error)

    with psycopg.connect(fresh.superuser_url) as holder, psycopg.connect(fresh.superuser_url, autocommit=True) as other:
        # the last thing a window writes waits for this
        holder.execute("lock table notice in share mode")
        running = threading.Thread(target=run)
        running.start()
        while running.is_alive():  # one that is not seen waiting gives up by itself
            time.sleep(0.02)
            other.execute("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' "
                          "and query like 'select move_dues%'")

    assert failed
    assert all(entries(walk) == [] for walk in many)
    recompute(office, now)
    moved_once(many)


def test_two_at_once_share_the_work_and_move_nothing_twice(many: list[Walk]) -> None:
    office, now = many[0].office, many[0].now
    publish(office, closed(STORM_DAY))

    together(*[lambda: recompute(office, now)] * 3)

    moved_once(many)
    job_row = the_job(many[0])
    assert (job_row["considered"], job_row["moved"]) == (MANY, MANY)
    assert job_row["finished_at"] is not None


def test_a_dossier_somebody_is_at_holds_up_no_other_and_is_not_forgotten(fresh: Fresh, many: list[Walk]) -> None:
    office, now, held = many[0].office, many[0].now, many[3]
    publish(office, closed(STORM_DAY))

    with psycopg.connect(fresh.superuser_url) as holder:
        holder.execute("select from dossier where id = %s for no key update", (held.id,))
        assert recompute(office, now).jobs == 0
        moved_once([walk for walk in many if walk is not held])
        assert entries(held) == []
        assert stored.unfinished(office.db)

    assert recompute(office, now).jobs == 1
    moved_once(many)
    assert the_job(held)["moved"] == MANY


def test_a_calendar_that_comes_in_between_is_the_one_that_counts(many: list[Walk]) -> None:
    office, now, windows = many[0].office, many[0].now, iter(range(100))
    publish(office, closed(STORM_DAY))

    def publish_another() -> bool:
        if next(windows) == 2:
            publish(office, closed(STORM_DAY, date(2026, 12, 3)))
        return False

    done = recompute(office, now, enough=publish_another)

    assert done.jobs == 2
    assert all(right(walk) for walk in many)
    assert sorted({len(entries(walk)) for walk in many}) == [1, 2]
    for walk in many:
        dates = [line for told in entries(walk) for line in told["clocks"] if line[1] == "dossier"]
        assert all(before[3] == after[2] for before, after in pairwise(dates))


def test_an_act_between_reading_and_writing_is_not_overwritten(
        many: list[Walk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The window was read; then the clock of a dossier in it is stopped."""
    office, now, read, acted = many[0].office, many[0].now, stored.open_clocks, list[str]()
    publish(office, closed(STORM_DAY))
    walk = many[4]

    def read_then_act(*args: Any) -> Any:
        rows = read(*args)
        if not acted and any(row.id == walk.id for row in rows):
            acted.append(walk.code)
            walk.step("request_supplement")
        return rows

    monkeypatch.setattr(stored, "open_clocks", read_then_act)
    assert recompute(office, now).jobs == 1

    assert acted
    assert walk.dossier["due_at"] is None
    moved_once([other for other in many if other is not walk])
    assert right(walk)


def test_an_act_decided_before_and_recorded_after_is_decided_again(start: Start) -> None:
    from_before = start().go_to("examining")
    office: Office = from_before.office
    order = from_before.order("extend", from_before.cast["H51.01/ngoai-vu:head"], reason="Nhiều việc",
                              new_due=from_before.dossier["due_at"].replace(day=29))
    tried = list[int]()

    def late(loaded: Any, told: Any, catalogue: Any, at: Any) -> Any:
        decision = extension.extend(loaded, told, catalogue, at)
        tried.append(catalogue.calendar_no)
        if len(tried) == 1:
            publish(office, closed(date(2026, 12, 28)))
            recompute(office, from_before.now)
        return decision

    transact(office, order, late, from_before.now)

    assert tried == [1, 2]
    assert right(from_before)
    assert json.loads(from_before.entries[-1]["details"])["marks"][0][4] == 2

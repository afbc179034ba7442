"""Due dates after a published calendar: every dossier in flight, window by window, whatever fails in between.

Only what is computed here is written, and only where the dossier is still as it was read: its audit head is compared
under its lock, as with every act. The place reached is written with the dates, so a job that is cut off goes on there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import psycopg
import structlog

from engine.bundles import advance
from engine.catalogue import Catalogue
from engine.errors import LienThongError, Unavailable
from engine.office import Office
from engine.recomputing import reach
from engine.recomputing.moving import Moving
from engine.recomputing.reach import Reach
from storage import bundles
from storage import recomputing as stored
from storage.recomputing import Job, Moved, OpenClock, Superseded, Window, Writer

log = structlog.get_logger()

# Dossiers a transaction: some tens of milliseconds, for which an act on one of them may have to wait.
WINDOW = 250
# How often what somebody else is at is tried again at once; the job's end tries again.
TRIES = 5
PAUSE = 0.02
LONGEST_REST = 0.05


@dataclass(slots=True)
class Recomputed:
    """Of one call. `considered`, `changed`: dossiers; `bundles`: looked at; `jobs`: finished."""

    considered: int = 0
    changed: int = 0
    bundles: int = 0
    jobs: int = 0


def recompute(office: Office, now: datetime, *, enough: Callable[[], bool] = lambda: False) -> Recomputed:
    """Every unfinished job in the order of publication, until `enough` says so. Several may run at once."""
    done = Recomputed()
    while not enough() and (job := stored.next_job(office.db)) is not None:
        if not _Run(office, job, now, done).through(enough):
            break
    return done


class _Run:
    """One job, from where it stands. Always with the newest calendars: acts write with no other."""

    def __init__(self, office: Office, job: Job, now: datetime, done: Recomputed) -> None:
        self.office, self.db, self.job, self.now, self.done = office, office.db, job, now, done
        self.cursor = job.cursor
        self._looked: tuple[Catalogue, Reach, Moving] | None = None

    def through(self, enough: Callable[[], bool]) -> bool:
        """False when it is not finished."""
        stored.start(self.db, self.job, self.now)
        while (upto := stored.window(self.db, self.cursor, WINDOW)) is not None:
            if enough():
                return False
            try:
                self._one_window(upto)
            except Superseded:
                if not self._goes_on():
                    return True
        if not self._what_was_left(enough) or not self._bundles(enough):
            return False
        finished = stored.finish(self.db, self.job, self.now)
        self.done.jobs += finished
        log.info("dues_recomputed", calendar=self.job.calendar_no, finished=finished)
        return finished

    def _goes_on(self) -> bool:
        """From where whoever was first has come; False when nothing is left to do."""
        fresh = stored.next_job(self.db)
        if fresh is None or fresh.calendar_no != self.job.calendar_no:
            return False
        self.cursor = fresh.cursor
        return True

    def _look(self) -> tuple[Reach, Moving]:
        catalogue = self.office.fresh_catalogue()
        if self._looked is None or self._looked[0] is not catalogue:
            found = reach.of_version(catalogue, self.job.scope, self.job.calendar_no)
            self._looked = catalogue, found, Moving(catalogue, found.calendars, self.now)
        return self._looked[1:]

    def _one_window(self, upto: int) -> None:
        found, moving = self._look()
        rows = stored.open_clocks(self.db, self.cursor, upto, list(found.calendars), found.since)
        wall, worked = time.perf_counter(), time.thread_time()
        considered, moved, bad = _computed(moving, rows)
        kept_waiting = (time.perf_counter() - wall) - (time.thread_time() - worked)
        window = Window(after=self.cursor, passed=upto, looked=considered)
        busy = self._write(moving.writer(self.job), window, moved, bad)
        self.cursor = upto
        self.done.considered += considered
        self.done.changed += sum(one.hash is not None for one in moved) - len(busy)
        self._again(busy)
        # whoever has the machine needs it: acts come first, this can wait
        time.sleep(min(max(0.0, kept_waiting), LONGEST_REST))

    def _write(self, writer: Writer, window: Window | None, moved: list[Moved],
               bad: list[tuple[int, str]]) -> list[int]:
        """All at once; if one of them cannot be written, each alone."""
        if window is None and not moved and not bad:
            return []
        try:
            return stored.move(self.db, writer, window, moved, bad)
        except psycopg.DatabaseError as error:
            log.warning("dues_not_written_at_once", calendar=self.job.calendar_no, why=type(error).__name__)
        busy: list[int] = []
        for one in moved:
            try:
                busy += stored.move(self.db, writer, None, [one])
            except psycopg.DatabaseError as error:
                bad.append((one.id, type(error).__name__))
        gone = {id_ for id_, _ in bad}
        stored.move(self.db, writer, window, [], bad)
        return [id_ for id_ in busy if id_ not in gone]

    def _again(self, dossiers: list[int]) -> None:
        """Those somebody was at: read, computed and written once more, at most TRIES times."""
        for _ in range(TRIES):
            if not dossiers:
                return
            time.sleep(PAUSE)
            dossiers = self._chosen(dossiers)

    def _chosen(self, dossiers: list[int]) -> list[int]:
        """Sees to dossiers that were left; returns those that somebody was at again."""
        while self._goes_on():
            found, moving = self._look()
            rows = stored.clocks_of(self.db, dossiers, list(found.calendars), found.since)
            _, moved, bad = _computed(moving, rows)
            try:
                busy = self._write(moving.writer(self.job), None, moved, bad)
            except Superseded:
                continue
            kept = {id_ for id_, _ in bad} | set(busy)
            stored.settled(self.db, self.job, [id_ for id_ in dossiers if id_ not in kept])
            self.done.changed += sum(one.hash is not None for one in moved if one.id not in kept)
            return busy
        return []

    def _what_was_left(self, enough: Callable[[], bool]) -> bool:
        after = 0
        while ids := stored.left(self.db, self.job, after, WINDOW):
            if enough():
                return False
            self._again(self._chosen(ids))
            after = ids[-1]
        return True

    def _bundles(self, enough: Callable[[], bool]) -> bool:
        """What the citizen may expect of a whole follows its parts; it is no entry of any of them."""
        found, _ = self._look()
        after = stored.bundles_seen(self.db, self.job)
        while following := bundles.in_flight(self.db, list(found.calendars), found.since, after):
            if enough():
                return False
            after, code = following
            try:
                advance.settle(self.office, code, self.now)
                self.done.bundles += 1
            except Unavailable:
                raise
            except LienThongError as error:
                log.warning("bundle_dates_failed", bundle=code, why=error.code)
            stored.see_bundle(self.db, self.job, after)
        return True


def _computed(moving: Moving, rows: Iterable[OpenClock]) -> tuple[int, list[Moved], list[tuple[int, str]]]:
    """How many dossiers were looked at, what moves, and what cannot be computed: one of those holds up no other."""
    considered, moved, bad = 0, list[Moved](), list[tuple[int, str]]()
    for id_, of_one in groupby(rows, key=lambda row: row.id):
        considered += 1
        try:
            one = moving.of(list(of_one))
        except (LienThongError, LookupError, TypeError, ValueError) as error:
            bad.append((id_, f"{type(error).__name__}: {error}"[:200]))
            continue
        if one is not None:
            moved.append(one)
    return considered, moved, bad

"""Counts with the rates that follow from them: of judged dossiers, and of finished work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.clocks.judgement import Verdict
from storage.views.timeliness import Counted


def rate(part: int, whole: int) -> float | None:
    """Per cent with two decimals, as the national index rounds; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def average(total: int, count: int) -> int | None:
    return round(total / count) if count else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Dossiers by local class and by the national one. `worked` and `allowed` are averages in working minutes.

    `on_time_rate` is the national index (on time of all judged), `kept_rate` ours (early and on time of all judged).
    `by_new_date`: late against the promise, ready by the new date. `asked_again`: more than one supplement request.
    """

    dossiers: int
    early: int
    on_time: int
    late: int
    not_judged: int
    kept_rate: float | None
    national_on_time: int
    national_late: int
    on_time_rate: float | None
    asked_again: int
    extended: int
    by_new_date: int
    worked: int | None
    allowed: int | None
    late_minutes: int

    @classmethod
    def of(cls, rows: Sequence[Counted]) -> Figures:
        early, on_time = sum(row.early for row in rows), sum(row.on_time for row in rows)
        late, kept = sum(row.late for row in rows), early + on_time
        good, bad = sum(row.national_on_time for row in rows), sum(row.national_late for row in rows)
        promised = sum(row.promised for row in rows)
        return cls(
            dossiers=sum(row.dossiers for row in rows), early=early, on_time=on_time, late=late,
            not_judged=sum(row.not_judged for row in rows), kept_rate=rate(kept, kept + late), national_on_time=good,
            national_late=bad, on_time_rate=rate(good, good + bad), asked_again=sum(row.asked_again for row in rows),
            extended=sum(row.extended for row in rows), by_new_date=sum(row.by_new_date for row in rows),
            worked=average(sum(row.worked for row in rows), promised),
            allowed=average(sum(row.allowed for row in rows), promised),
            late_minutes=sum(row.late_minutes for row in rows))


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkFigures:
    """Finished work of a unit, a step or a person. `office` and `transit` are averages in working minutes.

    Transit is nobody's. `unlimited`: work whose step has no limit of its own.
    """

    done: int
    early: int
    on_time: int
    late: int
    unlimited: int
    kept_rate: float | None
    late_minutes: int
    office: int | None
    transit: int | None


class Tally:
    """Work as it is counted."""

    __slots__ = ("counts", "late", "office", "transit")

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Verdict, 0)
        self.late = self.office = self.transit = 0

    def add(self, verdict: Verdict, late: int, office: int, transit: int) -> None:
        self.counts[verdict] += 1
        self.late += late
        self.office += office
        self.transit += transit

    def figures(self) -> WorkFigures:
        early, on_time = self.counts[Verdict.EARLY], self.counts[Verdict.ON_TIME]
        late, done = self.counts[Verdict.LATE], sum(self.counts.values())
        return WorkFigures(
            done=done, early=early, on_time=on_time, late=late, unlimited=self.counts[Verdict.NOT_JUDGED],
            kept_rate=rate(early + on_time, early + on_time + late), late_minutes=self.late,
            office=average(self.office, done), transit=average(self.transit, done))

"""Counts that add up: of judged dossiers, and of finished work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from engine.clocks.judgement import Verdict
from storage.views.timeliness import Counted


def rate(part: int, whole: int) -> float | None:
    """Per cent with two decimals, as the national index rounds; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Dossiers by local class, and by the national one. `worked` and `allowed` are averages in working minutes.

    `on_time_rate` is the national index (on time of all judged), `kept_rate` ours (early and on time of all judged).
    `by_new_date`: late against the promise, ready by the new date. `asked_again`: more than one supplement request.
    """

    dossiers: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    not_judged: int = 0
    national_on_time: int = 0
    national_late: int = 0
    asked_again: int = 0
    extended: int = 0
    by_new_date: int = 0
    promised: int = 0
    worked_in_all: int = 0
    allowed_in_all: int = 0
    late_minutes: int = 0

    @classmethod
    def of(cls, row: Counted) -> Figures:
        return cls(
            dossiers=row.dossiers, early=row.early, on_time=row.on_time, late=row.late, not_judged=row.not_judged,
            national_on_time=row.national_on_time, national_late=row.national_late, asked_again=row.asked_again,
            extended=row.extended, by_new_date=row.by_new_date, promised=row.promised, worked_in_all=row.worked,
            allowed_in_all=row.allowed, late_minutes=row.late_minutes)

    @property
    def on_time_rate(self) -> float | None:
        return rate(self.national_on_time, self.national_on_time + self.national_late)

    @property
    def kept_rate(self) -> float | None:
        return rate(self.early + self.on_time, self.early + self.on_time + self.late)

    @property
    def worked(self) -> int | None:
        return round(self.worked_in_all / self.promised) if self.promised else None

    @property
    def allowed(self) -> int | None:
        return round(self.allowed_in_all / self.promised) if self.promised else None


def added(several: Iterable[Figures]) -> Figures:
    rows = list(several)
    return Figures(**{field.name: sum(getattr(row, field.name) for row in rows) for field in fields(Figures)})


@dataclass(kw_only=True, slots=True)
class WorkFigures:
    """Finished work of a unit, a step or a person. Minutes of working time in all; `transit` is nobody's.

    `unlimited`: work whose step has no limit of its own.
    """

    done: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    unlimited: int = 0
    late_minutes: int = 0
    office: int = 0
    transit: int = 0

    def add(self, verdict: Verdict, late: int, office: int, transit: int) -> None:
        self.done += 1
        self.early += verdict is Verdict.EARLY
        self.on_time += verdict is Verdict.ON_TIME
        self.late += verdict is Verdict.LATE
        self.unlimited += verdict is Verdict.NOT_JUDGED
        self.late_minutes += late
        self.office += office
        self.transit += transit

    @property
    def kept_rate(self) -> float | None:
        return rate(self.early + self.on_time, self.early + self.on_time + self.late)

    @property
    def average(self) -> int | None:
        return round(self.office / self.done) if self.done else None

    @property
    def average_transit(self) -> int | None:
        return round(self.transit / self.done) if self.done else None

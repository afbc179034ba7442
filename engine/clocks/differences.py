"""What a new version of a calendar changes: which dates, from when to when, and which years are now announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.clocks.calendar import Calendar
from engine.clocks.zone import date_of, day_of, instant_of
from procedures.calendars.declaration import DayKind, DayRule, Reason

Sessions = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChange:
    """A date whose sessions or whose reason differ; no sessions: a day off."""

    day: date
    before: Sessions
    after: Sessions
    reason_before: Reason | None
    reason_after: Reason | None

    @property
    def moves_time(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """`first` and `last`: the minutes between which working time differs; None when only reasons or notices do.

    A clock may be due otherwise if it began no later than `last` and was due no earlier than `first`.
    `confirmed`: years whose notice is loaded now and was not; `withdrawn`: the other way round.
    """

    days: tuple[DayChange, ...]
    first: datetime | None
    last: datetime | None
    confirmed: frozenset[int]
    withdrawn: frozenset[int]

    @property
    def announcements(self) -> frozenset[int]:
        """Years in which due dates become, or cease to be, provisional."""
        return self.confirmed | self.withdrawn


def differences(old: Calendar, new: Calendar) -> Change | None:
    """What differs in the years both calendars cover; None when nothing does."""
    covered = range(max(old.first_day, new.first_day), min(old.past_day, new.past_day))
    spans = {span for span in set(old.all_spans()) ^ set(new.all_spans()) if day_of(span[0]) in covered}
    days = {day_of(opens) for opens, _ in spans} | {day for day in _reworded(old, new) if day in covered}
    if not days and old.announced_years == new.announced_years:
        return None
    return Change(
        days=tuple(_change(date_of(day), old, new) for day in sorted(days)),
        first=instant_of(min(opens for opens, _ in spans)) if spans else None,
        last=instant_of(max(closes for _, closes in spans)) if spans else None,
        confirmed=new.announced_years - old.announced_years,
        withdrawn=old.announced_years - new.announced_years,
    )


def _reworded(old: Calendar, new: Calendar) -> set[int]:
    before, after = old.rules(), new.rules()
    return {day for day in before.keys() | after.keys() if _said(before.get(day)) != _said(after.get(day))}


def _said(rule: DayRule | None) -> tuple[DayKind, str, str, str] | None:
    """Who entered a row, and as part of which range, is no difference."""
    return None if rule is None else (rule.kind, rule.vi, rule.en, rule.basis)


def _change(day: date, old: Calendar, new: Calendar) -> DayChange:
    return DayChange(
        day=day,
        before=old.sessions(day),
        after=new.sessions(day),
        reason_before=old.rule_of(day) or old.why_off(day),
        reason_after=new.rule_of(day) or new.why_off(day),
    )

"""Instants and clocks as the tests write them."""

from __future__ import annotations

from datetime import date, datetime

from engine.clocks import ZONE, Calendar, Clock, CountMode, Limit, Mark, MarkKind, national
from procedures.calendars.declaration import DayKind, DayRule, LocalRules, YearRules

DAY, HOUR = CountMode.DAY, CountMode.HOUR


def at(written: str) -> datetime:
    """Vietnamese time: at("2026-11-20 09:00")."""
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def clock(limit: str | list[str], mode: CountMode, *marks: tuple[str, str]) -> Clock:
    """clock("7 working days", DAY, ("start", "2026-11-02 08:00"), ("stop", "2026-11-04 10:00"))."""
    return Clock(
        limit=Limit.parse(limit),
        mode=mode,
        marks=tuple(Mark(kind=MarkKind(kind), at=at(when), reason="a reason") for kind, when in marks),
    )


def off(day: str, until: str | None = None, kind: DayKind = DayKind.HOLIDAY) -> DayRule:
    return DayRule.model_validate(
        {"date": day, "until": until, "kind": kind, "vi": "Nghỉ", "en": "Off", "basis": "Thông báo thử"}
    )


def with_assumed_tet() -> Calendar:
    """2027 with the Tết that is likely but not announced: 5, 8, 9, 10, 11 February off."""
    proposal = YearRules(
        year=2027, announced=False, days=(off("2027-02-05"), off("2027-02-08", "2027-02-11"), off("2027-04-16"))
    )
    return Calendar(national().declaration.with_year(proposal))


def local(*days: DayRule, **more: object) -> Calendar:
    """An agency that adds rows of its own to the shared calendar."""
    rules = LocalRules.model_validate({"code": "H51.21", "vi": "Phường", "en": "Ward", "days": days, **more})
    return Calendar(national().declaration.with_local(rules))


def day(written: str) -> date:
    return date.fromisoformat(written)

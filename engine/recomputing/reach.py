"""How far a change of calendars reaches: whose clocks, under which calendars, from which instant on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from engine.catalogue import Catalogue, upwards
from engine.clocks.calendar import KEPT, Calendar, effective
from engine.clocks.differences import differences
from engine.clocks.zone import ZONE
from engine.workcalendars import SHARED, read_contents
from procedures.calendars.declaration import CalendarDeclaration, LocalRules
from storage.session import Database

# Of a change of words alone.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reach:
    """`calendars`: of each agency in reach, as it is to be. No clock that is due before `since` can move.

    `first`: the first minute that counts otherwise, NEVER where only words and announcements differ.
    """

    calendars: Mapping[str, Calendar]
    since: datetime
    first: datetime

    def changes_before(self, now: datetime) -> bool:
        """Whether days that are over by `now` count otherwise; today is not over."""
        return self.first.astimezone(ZONE).date() < now.astimezone(ZONE).date()


def under(catalogue: Catalogue, scope: str) -> list[str]:
    """The agencies whose calendar rests on what `scope` declares: those below it and itself, or all."""
    return [agency for agency in catalogue.parents
            if scope == SHARED or scope in upwards(agency, catalogue.parents)]


def of_version(catalogue: Catalogue, scope: str, number: int) -> Reach:
    """Of a published version. The calendars are the newest ones, which may be newer still."""
    agencies = under(catalogue, scope)
    before = {agency: catalogue.calendar_at(agency, number - 1) for agency in agencies}
    after = {agency: catalogue.calendar_at(agency, number) for agency in agencies}
    return Reach({agency: catalogue.calendar(agency) for agency in agencies}, *_since(before, after))


def of_content(db: Database, catalogue: Catalogue, scope: str, declared: CalendarDeclaration | LocalRules) -> Reach:
    """Of what is not published yet."""
    agencies = under(catalogue, scope)
    before = {agency: catalogue.calendar(agency) for agency in agencies}
    after = {agency: _with(db, catalogue, agency, scope, declared) for agency in agencies}
    return Reach(after, *_since(before, after))


def _with(db: Database, catalogue: Catalogue, agency: str, scope: str,
          declared: CalendarDeclaration | LocalRules) -> Calendar:
    line = list(reversed(upwards(agency, catalogue.parents)))
    contents = dict(read_contents(db, catalogue.calendars.versions(agency, catalogue.calendar_no)))
    shared = declared if isinstance(declared, CalendarDeclaration) else \
        CalendarDeclaration.model_validate_json(contents[SHARED])
    locals_ = [declared if place == scope else LocalRules.model_validate_json(contents[place])
               for place in line if place == scope or place in contents]
    return effective(shared, [local for local in locals_ if isinstance(local, LocalRules)])


def _since(before: Mapping[str, Calendar], after: Mapping[str, Calendar]) -> tuple[datetime, datetime]:
    """The first minute that counts otherwise or the first day of a year announced or withdrawn; and the former."""
    found = [_differing(old, new) for old, new in {(before[agency], after[agency]) for agency in after}]
    return min((since for since, _ in found), default=NEVER), min((first for _, first in found), default=NEVER)


@lru_cache(maxsize=KEPT)
def _differing(old: Calendar, new: Calendar) -> tuple[datetime, datetime]:
    """A job is taken up every few seconds, and comparing takes a twentieth of one."""
    change = differences(old, new)
    if change is None:
        return NEVER, NEVER
    first = change.first or NEVER
    return min([first, *(datetime(year, 1, 1, tzinfo=ZONE) for year in change.announcements)]), first
